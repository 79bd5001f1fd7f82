"""An evaluation result about a bundle: each numeric limit of the policy as a claim that holds or does not.

The predicate is a proposal whose type belongs to a vendor until the in-toto project takes it up, so this statement is
made only where somebody asks for it.

Source: eval-result v0.2 as proposed in in-toto/attestation#575; RFC 6920 (`ni` URIs name the key of the evaluator).
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from audit import __version__, judge
from audit.bundle.canonical import canonical_json
from audit.bundle.layout import MANIFEST
from audit.bundle.statement import Basis, descriptor, instant, statement
from audit.errors import BundleError
from audit.records import Bundle, Entry, FileRecord, JsonValue, Limit, Verdict

_PREDICATE = "https://b7n0de.com/attestation/eval-result/v0.2"
_CANONICAL = "jcs-sha256-v1"
"""How the payload says that it is RFC 8785 JSON."""


def render(basis: Basis, *, evaluator: str) -> bytes:
    """The statement.

    Args:
        evaluator: fingerprint of the key of whoever made the audit.

    Raises:
        BundleError: the bundle cannot be told this way without hiding something: it is partial, names no model or no
            data, or a rule did not pass for another reason than a numeric limit.
    """
    bundle = basis.bundle
    if bundle.partial:
        raise BundleError(f"only {', '.join(bundle.policy.only)} ran; claims of some rules would pass for the policy")
    claims = [claim for entry in bundle.entries for claim in _claims(entry, bundle)]
    if not claims:
        raise BundleError("no rule of the policy has a numeric limit, so there is nothing to claim")
    files = bundle.subject.files
    predicate: dict[str, JsonValue] = {
        "evaluator": {"id": _key_uri(evaluator)},
        "evaluatedAt": instant(bundle),
        "suite": {"name": bundle.policy.name, "version": bundle.policy.version or f"sha256:{basis.policy_sha256}"},
        "model": _described([file for file in files if file.role == "model"], "model"),
        "dataset": _described([file for file in files if file.role.startswith("data.")], "data"),
        "claims": list(claims),
        "sampleSize": _smallest_sample(bundle),
        "assuranceLevel": "self_attested",
        "subjectProfile": "public-model",
        "harness": {"name": "auditgate", "version": __version__},
        "evidence": [{**descriptor(MANIFEST, basis.manifest_sha256), "mediaType": "text/plain"}],
    }
    return canonical_json({**statement(basis, _PREDICATE, predicate), "contentRootAlg": _CANONICAL})


def _claims(entry: Entry, bundle: Bundle) -> list[dict[str, JsonValue]]:
    """The numeric limits of one rule.

    Raises:
        BundleError: the rule did not pass, and none of its claims would say so.
    """
    claims = []
    for limit in _one_sided(entry.limits):
        end = limit.max if limit.min is None else limit.min
        claim: dict[str, JsonValue] = {
            "metric": f"{entry.id}.{limit.measure}",
            "comparator": "<=" if limit.min is None else ">=",
            "threshold": format(Decimal(str(end)), "f"),
            "passed": _holds(limit, entry, bundle),
        }
        claims.append(claim)
    if entry.verdict is not Verdict.PASS and all(claim["passed"] for claim in claims):
        raise BundleError(f'rule "{entry.id}" is {entry.verdict}, and no claim about a number would say so')
    return claims


def _one_sided(limits: Sequence[Limit]) -> Iterator[Limit]:
    """Each end of each limit that is a number; words of a scale are left out."""
    for limit in limits:
        if isinstance(limit.min, int | float) and math.isfinite(limit.min):
            yield Limit(limit.measure, min=limit.min)
        if isinstance(limit.max, int | float) and math.isfinite(limit.max):
            yield Limit(limit.measure, max=limit.max)


def _holds(limit: Limit, entry: Entry, bundle: Bundle) -> bool:
    """Whether the rule would pass with this limit alone: the whole interval clears it, and no doubt is left."""
    judgement = judge.decide(
        (limit,),
        entry.measures,
        doubts=entry.doubts,
        power=entry.power,
        min_power=entry.min_power,
        error=entry.error,
        confidence=bundle.policy.confidence,
    )
    return judgement.verdict is Verdict.PASS


def _smallest_sample(bundle: Bundle) -> int:
    """Size of the smallest sample that a claim rests on; 0 where one has none."""
    limits = [(entry, limit) for entry in bundle.entries for limit in _one_sided(entry.limits)]
    found = [entry.measures.get(limit.measure) for entry, limit in limits]
    return max(0, min(0 if measure is None else measure.n for measure in found))


def _described(files: Sequence[FileRecord], what: str) -> dict[str, JsonValue]:
    """One descriptor of some files: of the file itself, or of a list of them in the form of `sha256sum`."""
    distinct = sorted({(file.path, file.sha256) for file in files})
    if not distinct:
        raise BundleError(f"the bundle names no file of the {what}, so no result of an evaluation can be about it")
    if len(distinct) == 1:
        return descriptor(*distinct[0])
    content = "".join(f"{digest}  {path}\n" for path, digest in distinct).encode()
    return {
        **descriptor(f"files of the {what}", hashlib.sha256(content).hexdigest()),
        "content": base64.b64encode(content).decode(),
        "mediaType": "text/plain",
    }


def _key_uri(fingerprint: str) -> str:
    digest = base64.urlsafe_b64encode(bytes.fromhex(fingerprint)).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"
