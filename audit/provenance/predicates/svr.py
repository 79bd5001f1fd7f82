"""Simple verification results v0.1 and v0.2: the properties that somebody verified of the subjects, and when.

Only what passed is told, so a list without anything says that nothing did. `auditgate` says in one property that every
rule of its policy passed; its results without that are of audits that did not pass in full.

Source: in-toto attestation framework, predicate svr v0.1 and v0.2; `audit.bundle.svr` for the properties of this gate.
"""

from __future__ import annotations

from audit.provenance.json_text import an_object, moment
from audit.provenance.record import Malformed
from audit.provenance.resources import resources
from audit.provenance.statement import Statement, Told, texts, type_uri

KIND = "svr"
TYPES = ("https://in-toto.io/attestation/svr/v0.1", "https://in-toto.io/attestation/svr/v0.2")
_ONE_RULE, _ALL_RULES = "AUDITGATE_RULE_PASSED:", "AUDITGATE_ALL_RULES_PASSED"
_LONGEST_FACT = 500


def read(statement: Statement) -> Told:
    """What was verified; nothing, and an audit that did not pass in full, cap the record.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    at, given = f"{statement.where}: predicate", statement.predicate
    verifier = an_object(given.get("verifier"), f"{at}.verifier")
    resources(verifier.get("policies"), f"{at}.verifier.policies")
    if given.get("properties") is None:
        raise Malformed(f"{at}.properties: a list of texts is expected")
    properties = texts(given["properties"], f"{at}.properties")
    caps = []
    if not properties:
        caps.append(f"{statement.where}: it reports no property that was verified")
    elif _ALL_RULES not in properties and any(told.startswith(_ONE_RULE) for told in properties):
        caps.append(f"{statement.where}: the audit that it reports did not pass in full")
    facts = {
        "verifier": type_uri(verifier.get("id"), f"{at}.verifier.id"),
        "properties": " ".join(properties)[:_LONGEST_FACT],
    }
    return Told(made=moment(given.get("timeCreated"), f"{at}.timeCreated"), caps=tuple(caps), facts=facts)
