"""Finds the folders that ship with the product: `policies` and `sample_models`.

In a wheel they lie inside the package, in a checkout beside it. The inside is looked at first, since the folder around
an installed package belongs to everybody.
"""

from __future__ import annotations

from pathlib import Path

from audit.errors import AuditError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The shipped folder of that name.

    Raises:
        AuditError: it is in neither place, so the installation is damaged.
    """
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise AuditError(f"{places[0]}: the shipped folder is missing; install auditgate again")
