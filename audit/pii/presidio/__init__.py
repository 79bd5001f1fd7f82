"""Presidio's findings, in many texts at once and without a network.

`engines` builds Presidio's own analysers; `scanning` gives exactly what they find in a small part of the time: one pass
says which patterns may match which text (`audit.pii.patterns.prefilter`), `forms` runs those alone, and `phones` asks
for a number only in regions where its digits may be one. Patterns, checksums and scores are read from Presidio's
recognisers at run time; none is written here a second time.
"""

from audit.pii.presidio.engines import LANGUAGES, analyser
from audit.pii.presidio.scanning import scan

__all__ = ["LANGUAGES", "analyser", "scan"]
