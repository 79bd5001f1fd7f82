"""Personal-data scanning of texts and table columns. Knows no policy and opens no socket.

`scan_texts` finds personal data in texts. Rooms: `recognisers` (one file each), `patterns` and `presidio` (searching
them quickly), `wordlists`, `postal` and `language_models` (names, places and addresses), `custom` (recognisers of the
user) and `texts` (what a text is made into first, and which findings in it count). `columns` decides which cells of a
column are worth reading and which findings stand, `tables` joins columns to tables, and `planted` makes valid values
with which a check shows what the scan can see.

The patterns and checksums are Presidio's. Its tokeniser here is a blank spaCy pipeline, which needs no model file, and
its list of public domain suffixes is the one inside the `tldextract` package, so nothing is ever downloaded.
"""

from audit.pii.scanner import scan_texts, supported_entities
from audit.pii.spans import Span

__all__ = ["Span", "scan_texts", "supported_entities"]
