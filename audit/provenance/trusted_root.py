"""Which Sigstore a policy trusts: its `trusted_root.json`, beside the policy."""

from __future__ import annotations

from audit.errors import AuditError
from audit.provenance.json_text import parse
from audit.provenance.record import Malformed

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot"


def read(name: str, content: bytes) -> bytes:
    """The file as it is, once it is known to be one.

    Raises:
        AuditError: it is no trusted root.
    """
    try:
        found = parse(content, name)
    except Malformed as problem:
        raise AuditError(str(problem)) from problem
    if not str(found.get("mediaType", "")).startswith(MEDIA_TYPE):
        raise AuditError(f"{name}: its mediaType is not {MEDIA_TYPE}; give the trusted_root.json of a Sigstore")
    return content
