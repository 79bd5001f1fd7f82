"""SLSA verification summaries v1: somebody verified the subjects against a policy, and says with what result.

Source: SLSA verification summary attestation v1.
"""

from __future__ import annotations

import re
from typing import Any

from audit.provenance.json_text import an_object, moment, optional_object, optional_text, shown, text, uri
from audit.provenance.record import Malformed
from audit.provenance.resources import resource, resources
from audit.provenance.statement import Statement, Told, type_uri

KIND = "slsa-summary"
TYPES = ("https://slsa.dev/verification_summary/v1",)
_RESULTS = ("PASSED", "FAILED")
_VERSION = re.compile(r"[0-9]+\.[0-9]+")
_COUNT = re.compile(r"[0-9]{1,20}")


def read(statement: Statement) -> Told:
    """What the summary tells; a failed verification caps the record.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    at, given = f"{statement.where}: predicate", statement.predicate
    verifier = an_object(given.get("verifier"), f"{at}.verifier")
    policy = resource(given.get("policy"), f"{at}.policy")
    uri(policy.uri, f"{at}.policy.uri")
    result, levels = given.get("verificationResult"), _levels(given.get("verifiedLevels"), f"{at}.verifiedLevels")
    if result not in _RESULTS:
        raise Malformed(f"{at}.verificationResult: PASSED or FAILED is expected, found {shown(result)}")
    _check_dependency_levels(optional_object(given.get("dependencyLevels"), f"{at}.dependencyLevels"), at)
    version = optional_text(given.get("slsaVersion"), f"{at}.slsaVersion")
    if version and not _VERSION.fullmatch(version):
        raise Malformed(f"{at}.slsaVersion: MAJOR.MINOR is expected, found {shown(version)}")
    for one in resources(given.get("inputAttestations"), f"{at}.inputAttestations"):
        if not one.digests and not one.others:
            raise Malformed(f"{at}.inputAttestations: a digest is expected of each")
    verified = moment(given.get("timeVerified"), f"{at}.timeVerified")
    facts = {
        "verifier": type_uri(verifier.get("id"), f"{at}.verifier.id"),
        "resource": uri(given.get("resourceUri"), f"{at}.resourceUri"),
        "policy": policy.uri,
        "result": str(result),
        "verified_levels": " ".join(levels),
    }
    return Told(made=verified, caps=_caps(statement.where, str(result), levels), facts=facts)


def _levels(value: Any, at: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Malformed(f"{at}: a list of levels is expected")
    levels = [text(level, at) for level in value]
    tracks = [level.rpartition("_")[0] for level in levels if level.startswith("SLSA_")]
    if len(set(tracks)) < len(tracks):
        raise Malformed(f"{at}: more than one level of a track")
    return tuple(levels)


def _check_dependency_levels(counts: dict[str, Any], at: str) -> None:
    for level, count in counts.items():
        # the JSON form of protocol buffers writes 64-bit numbers as text
        whole = isinstance(count, int) and not isinstance(count, bool) and count >= 0
        if not whole and not (isinstance(count, str) and _COUNT.fullmatch(count)):
            raise Malformed(f"{at}.dependencyLevels.{shown(level)}: a number of dependencies is expected")


def _caps(where: str, result: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    if result == "FAILED":
        return (f"{where}: the verification that it reports has failed",)
    if "FAILED" in levels:
        return (f"{where}: it reports both a verification that passed and one that failed",)
    return ()
