"""Test results v0.1: somebody tested the subjects, and says whether they passed; `auditgate` signs its verdicts so.

Source: in-toto attestation framework, predicate test-result v0.1.
"""

from __future__ import annotations

from audit.provenance.json_text import optional_uri, shown
from audit.provenance.record import Malformed
from audit.provenance.resources import resources
from audit.provenance.statement import Statement, Told, texts

KIND = "test-result"
TYPES = ("https://in-toto.io/attestation/test-result/v0.1",)
_RESULTS = ("PASSED", "WARNED", "FAILED")


def read(statement: Statement) -> Told:
    """What the result tells; tests that failed cap the record.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    at, given = f"{statement.where}: predicate", statement.predicate
    result = given.get("result")
    if result not in _RESULTS:
        raise Malformed(f"{at}.result: one of {', '.join(_RESULTS)} is expected, found {shown(result)}")
    if given.get("configuration") is None:
        raise Malformed(f"{at}.configuration: a list of objects is expected")
    resources(given["configuration"], f"{at}.configuration")
    optional_uri(given.get("url"), f"{at}.url")
    texts(given.get("passedTests"), f"{at}.passedTests")
    warned = texts(given.get("warnedTests"), f"{at}.warnedTests")
    failed = texts(given.get("failedTests"), f"{at}.failedTests")
    caps, notes = [], []
    if result == "FAILED" or failed:
        which = f": {shown(failed[0])}" if failed else ""
        caps.append(f"{statement.where}: the tests that it reports have failed{which}")
    elif result == "WARNED" or warned:
        which = f": {shown(warned[0])}" if warned else ""
        notes.append(f"{statement.where}: the tests that it reports passed with warnings{which}")
    return Told(caps=tuple(caps), notes=tuple(notes), facts={"result": str(result)})
