"""A Simple Verification Result about a bundle: which rules passed, for gates that ask for nothing more.

Source: in-toto attestation framework, predicate svr v0.2 (verifier with policies, timeCreated, properties).
"""

from __future__ import annotations

from audit import __version__
from audit.bundle.canonical import canonical_json
from audit.bundle.statement import Basis, instant, statement
from audit.records import JsonValue, Verdict

_PREDICATE = "https://in-toto.io/attestation/svr/v0.2"
_VERIFIER = f"pkg:pypi/auditgate@{__version__}"
_SCOPE = "AUDITGATE"


def render(basis: Basis) -> bytes:
    """The statement; rules that did not pass, or pass only by a waiver, are not in it.

    `AUDITGATE_RULE_PASSED:<id>` stands for one rule, and `AUDITGATE_ALL_RULES_PASSED` for every rule of the policy,
    blocking or not. The time is that of the audit, which is when the properties were found.

    Raises:
        BundleError: the bundle does not say when it was made.
    """
    bundle = basis.bundle
    passed = [entry for entry in bundle.entries if entry.verdict is Verdict.PASS]
    properties: list[JsonValue] = [f"{_SCOPE}_RULE_PASSED:{entry.id}" for entry in passed]
    if passed and len(passed) == len(bundle.entries) and not bundle.partial:
        properties.insert(0, f"{_SCOPE}_ALL_RULES_PASSED")
    predicate: dict[str, JsonValue] = {
        "verifier": {"id": _VERIFIER, "policies": basis.policies},
        "timeCreated": instant(bundle),
        "properties": properties,
    }
    return canonical_json(statement(basis, _PREDICATE, predicate))
