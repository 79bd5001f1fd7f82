"""Evaluation results v0.2: numbers that somebody measured of the subjects, each with whether it clears its threshold.

Source: predicate b7n0de.com/attestation/eval-result v0.2, as `audit.bundle.eval_result` writes it.
"""

from __future__ import annotations

from audit.provenance.json_text import an_object, moment, objects, shown
from audit.provenance.record import Malformed
from audit.provenance.statement import Statement, Told, type_uri

KIND = "eval-result"
TYPES = ("https://b7n0de.com/attestation/eval-result/v0.2",)


def read(statement: Statement) -> Told:
    """What was measured; a claim that did not pass caps the record.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    at, given = f"{statement.where}: predicate", statement.predicate
    claims = objects(given.get("claims"), f"{at}.claims")
    if not claims or not all(isinstance(one.get("passed"), bool) for one in claims):
        raise Malformed(f"{at}.claims: claims are expected, each with passed as true or false")
    failed = [one.get("metric") for one in claims if not one["passed"]]
    evaluator = an_object(given.get("evaluator"), f"{at}.evaluator")
    return Told(
        made=moment(given.get("evaluatedAt"), f"{at}.evaluatedAt"),
        caps=tuple(f"{statement.where}: a claim that it reports did not pass: {shown(name)}" for name in failed[:1]),
        facts={"evaluator": type_uri(evaluator.get("id"), f"{at}.evaluator.id")},
    )
