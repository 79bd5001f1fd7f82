"""What a bundle keeps of its subject, its policy and the machine: names, versions and digests, no content."""

from __future__ import annotations

import datetime
import hashlib
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from audit import __version__, policy
from audit.policy import lock
from audit.records import FileRecord, Policy, PolicyLock, PolicySummary, SubjectSummary
from audit.subject import Subject

_LIBRARIES = (
    "adversarial-robustness-toolbox",
    "lightgbm",
    "numpy",
    "onnxruntime",
    "pandas",
    "presidio-analyzer",
    "scikit-learn",
    "scipy",
    "skops",
    "torch",
    "xgboost",
)


@cache
def environment() -> Mapping[str, str]:
    """What computed the numbers: versions of Python, auditgate and libraries, and the kind of machine."""
    found = {
        "auditgate": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = "not installed"
    return found


def subject_summary(subject: Subject, opened: Iterable[FileRecord]) -> SubjectSummary:
    """The subject with every file that was opened for it.

    Args:
        opened: by the checks, beside those that the subject itself opened.
    """
    unique = {(file.role, file.path): file for file in [*subject.files, *opened]}
    return SubjectSummary(subject.name, subject.version, subject.task, tuple(unique[key] for key in sorted(unique)))


def policy_summary(
    judge: Policy, only: Iterable[str], today: datetime.date, locked: bytes | None = None
) -> PolicySummary:
    """The policy that judges.

    Args:
        only: ids of the rules that were asked for; none for all.
        today: the UTC day of the audit.
        locked: content of the lock file that the policy was held against.
    """
    return PolicySummary(
        name=judge.name,
        version=judge.version,
        owner=judge.owner,
        seed=judge.seed,
        confidence=judge.confidence,
        on_inconclusive=judge.on_inconclusive,
        max_waiver_days=judge.max_waiver_days,
        isolation=judge.isolation,
        trusted_types=policy.trusted_uses(judge, today),
        sources=tuple((source.name, source.sha256) for source in judge.sources),
        only=tuple(sorted(only)),
        params=tuple(sorted(judge.params.items())),
        lock=None if locked is None else PolicyLock(lock.parse(locked).locked_at, hashlib.sha256(locked).hexdigest()),
    )
