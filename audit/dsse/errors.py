"""The one error of this room."""

from __future__ import annotations


class DsseError(ValueError):
    """A key or an envelope is not what it should be; the message says what was found and what to do."""
