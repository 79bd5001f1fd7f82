"""What is said of a bundle and signed: in-toto statements whose subjects are the audited files and the manifest.

The manifest lists every other file of the bundle, so a signature over a statement covers all of them. A statement
follows from the bundle alone and can be written again to compare.

Source: in-toto attestation framework v1 (Statement, ResourceDescriptor) and its predicate test-result v0.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.bundle.canonical import canonical_json
from audit.bundle.layout import LOCK, MANIFEST, RESOLVED_POLICY
from audit.bundle.waivers import began
from audit.errors import BundleError
from audit.records import Bundle, JsonValue, Verdict
from audit.reports._wording import stops

_STATEMENT = "https://in-toto.io/Statement/v1"
_TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


@dataclass(frozen=True)
class Basis:
    """All that a statement about a bundle is made from.

    Attributes:
        manifest_sha256: of `MANIFEST.sha256`, hexadecimal.
        policy_sha256: of `policy.resolved.yaml`, hexadecimal.
    """

    bundle: Bundle
    manifest_sha256: str
    policy_sha256: str

    @property
    def policies(self) -> list[JsonValue]:
        """What judged: the resolved policy, its source files, and the lock that it was held against, if any."""
        named = [(RESOLVED_POLICY, self.policy_sha256), *self.bundle.policy.sources]
        if self.bundle.policy.lock is not None:
            named.append((LOCK, self.bundle.policy.lock.sha256))
        return [descriptor(name, digest) for name, digest in named]


def descriptor(name: str, sha256: str) -> dict[str, JsonValue]:
    """A ResourceDescriptor: a name alone would be none."""
    return {"name": name, "digest": {"sha256": sha256}}


def statement(basis: Basis, predicate_type: str, predicate: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A statement with this predicate about the bundle and what it audited."""
    # one file can play two roles; two files cannot have one path
    files = sorted({(file.path, file.sha256) for file in basis.bundle.subject.files})
    return {
        "_type": _STATEMENT,
        "subject": [descriptor(name, digest) for name, digest in [*files, (MANIFEST, basis.manifest_sha256)]],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def result_statement(basis: Basis) -> bytes:
    """The statement of `attestation.dsse.json`: which rules passed, and what judged."""
    bundle = basis.bundle
    passed = [entry.id for entry in bundle.entries if entry.verdict is Verdict.PASS]
    failed = [entry.id for entry in bundle.entries if stops(entry, bundle)]
    warned = [entry.id for entry in bundle.entries if entry.id not in {*passed, *failed}]
    result = "FAILED" if not bundle.passed else "WARNED" if warned or bundle.partial else "PASSED"
    predicate: dict[str, JsonValue] = {
        "result": result,
        "configuration": basis.policies,
        "passedTests": list(passed),
        "warnedTests": list(warned),
        "failedTests": list(failed),
    }
    return canonical_json(statement(basis, _TEST_RESULT, predicate))


def instant(bundle: Bundle) -> str:
    """When the audit began, RFC 3339, UTC.

    Raises:
        BundleError: the bundle does not tell it.
    """
    started = began(bundle)
    if started is None:
        raise BundleError("run.json does not say when the audit began")
    return started.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
