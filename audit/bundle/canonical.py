"""Records to bytes and back: `bundle.json` is RFC 8785 canonical, so the same audit gives the same bytes anywhere."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import rfc8785

from audit import strict_json
from audit.bundle.decode import decode
from audit.errors import BundleError
from audit.records import Bundle, JsonValue, RunFacts, WaiverUse
from audit.reports.json import pretty, record_values

SCHEMA_VERSION = "1.0"
"""Version of the layout of `bundle.json`; a reader refuses another one."""

BUNDLE, RUN, WAIVERS = "bundle.json", "run.json", "waivers.json"
_ELSEWHERE = ("waivers", "run")
"""Fields of a bundle that have a file of their own."""


@dataclasses.dataclass(frozen=True)
class Seal:
    """Who wrote the folder.

    Attributes:
        written_by: package and version that rendered the reports.
        public_key: of the signer, base64 of the DER form; None where the bundle is not signed.
    """

    written_by: str
    public_key: str | None = None


@dataclasses.dataclass(frozen=True)
class Decoded:
    """A bundle and who wrote it, as read from its three JSON files."""

    bundle: Bundle
    seal: Seal


def encode(bundle: Bundle, seal: Seal) -> dict[str, bytes]:
    """The three JSON files of a bundle by name.

    Raises:
        BundleError: the schema version is not the one that this version reads.
    """
    if bundle.schema_version != SCHEMA_VERSION:
        raise BundleError(f'schema version "{bundle.schema_version}" of the bundle; expected "{SCHEMA_VERSION}"')
    values = record_values(bundle)
    core = {name: value for name, value in values.items() if name not in _ELSEWHERE}
    run = {**record_values(seal), **(record_values(bundle.run) if bundle.run else {})}
    return {
        BUNDLE: canonical_json(core),
        RUN: pretty(run).encode(),
        WAIVERS: pretty(_waiver_lists(bundle)).encode(),
    }


def load(files: dict[str, bytes]) -> Decoded:
    """The bundle that `encode` wrote.

    Args:
        files: content of `bundle.json`, `run.json` and `waivers.json` by name.

    Raises:
        BundleError: a file is no JSON, or does not hold what it should.
    """
    core, run, waivers = (parse(name, files[name]) for name in (BUNDLE, RUN, WAIVERS))
    if core.get("schema_version") != SCHEMA_VERSION:
        raise BundleError(f"{BUNDLE}: schema version {core.get('schema_version')!r:.40}; expected {SCHEMA_VERSION!r}")
    seal = {name: run.pop(name) for name in ("written_by", "public_key") if name in run}
    if misplaced := [name for name in _ELSEWHERE if name in core]:
        raise BundleError(f'{BUNDLE}: unknown key "{misplaced[0]}"')
    bundle = decode(Bundle, core, BUNDLE)
    return Decoded(
        dataclasses.replace(
            bundle,
            run=decode(RunFacts, run, RUN) if run else None,
            waivers=decode(_WaiverFile, waivers, WAIVERS).uses,
        ),
        decode(Seal, seal, RUN),
    )


@dataclasses.dataclass(frozen=True)
class _WaiverFile:
    """What became of each waiver: `unused` holds also those that counted for nothing for another reason."""

    applied: tuple[WaiverUse, ...]
    expired: tuple[WaiverUse, ...]
    unused: tuple[WaiverUse, ...]

    @property
    def uses(self) -> tuple[WaiverUse, ...]:
        return (*self.applied, *self.expired, *self.unused)


def _waiver_lists(bundle: Bundle) -> dict[str, JsonValue]:
    lists: dict[str, list[WaiverUse]] = {"applied": [], "expired": [], "unused": []}
    for use in bundle.waivers:
        lists[use.state if use.state in lists else "unused"].append(use)
    return record_values(_WaiverFile(**{name: tuple(uses) for name, uses in lists.items()}))


def canonical_json(values: dict[str, Any]) -> bytes:
    """RFC 8785 bytes of plain JSON values."""
    return rfc8785.dumps(values)


def parse(name: str, content: bytes) -> dict[str, JsonValue]:
    """One JSON object; duplicate keys and numbers that JSON does not know are refused.

    Raises:
        BundleError: it is no such object; the message begins with `name`.
    """
    try:
        value = strict_json.loads(content)
    except ValueError as error:
        raise BundleError(f"{name}: not readable as JSON: {error}") from None
    if not isinstance(value, dict):
        raise BundleError(f"{name}: expected an object, found {type(value).__name__}")
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of escapes; an audit writes none
        raise BundleError(f"{name}: holds text that is not Unicode") from None
    return value
