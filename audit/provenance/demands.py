"""What a policy says of records."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.provenance.keys import KeyRing
from audit.provenance.window import Window


@dataclass(frozen=True)
class Demands:
    """What the policy says of records; nothing that comes with the subject adds to it.

    Attributes:
        ring: keys that signatures are verified with.
        window: when something must have been made to be fresh; None where the policy does not say, so nothing is.
        weak_digests: whether md5 and sha1 may tie a file to its bytes.
        kinds: kinds of records that must be there and be believable.
        builders: builders of SLSA whose records count; empty where a file may be tied by any record.
    """

    ring: KeyRing = field(default_factory=KeyRing)
    window: Window | None = None
    weak_digests: bool = False
    kinds: tuple[str, ...] = ()
    builders: tuple[str, ...] = ()
