"""Audits a machine-learning model and its data against a policy.

The path of one audit, module by module:

    policy      YAML files to a Policy: every mistake is found here, before anything slow starts
    subject     audit.yaml to the model and its data; every file that is opened is hashed
    engine      runs checks in worker processes that can be stopped
    checks      measure: numbers with sample size, interval, doubts and power
    judge       compares numbers with limits: PASS, FAIL, INCONCLUSIVE or ERROR
    runner      walks over the rules, stops a check once it is decided, catches what crashes
    bundle      writes the folder that a stranger can verify
    reports     render a bundle, without the model

`run`, `measure` and `verify` are what the command line does; they are the public Python interface, beside
`audit.pii.scan_texts`, `audit.artifact.scan` and the attacks in `attacks.evasion`.
"""

__version__ = "0.1.0"

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.bundle import Verification
    from audit.records import Bundle, CheckResult, Policy
    from audit.subject import Subject

__all__ = ["__version__", "measure", "run", "verify"]


def __getattr__(name: str) -> ModuleType:
    """`audit.pii` and `audit.artifact` are public too, and are imported when somebody asks for them."""
    if name in ("artifact", "pii"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def run(subject: "Subject | Path | str", policy: "Policy | Path | str", *, out: Path | str | None = None) -> "Bundle":
    """Audit a subject against a policy.

    Args:
        subject: path of an `audit.yaml`, of a bare model or data file, or a subject in memory.
        policy: path of a policy, `builtin:NAME`, or a loaded policy.
        out: folder to write the bundle to; None keeps it in memory.

    Returns:
        The bundle; `passed` and `exit_code` say how it ended.

    Raises:
        PolicyError: the policy is wrong; all its mistakes at once.
        SubjectError: the subject is wrong.
        BundleError: the bundle could not be written.
    """
    from audit import api

    return api.run(subject, policy, api.Options(out=None if out is None else Path(out)))


def measure(check: str, subject: "Subject | Path | str", **params: Any) -> "CheckResult":
    """Run one check without a policy.

    Args:
        check: name of a check, see `audit checks`.
        subject: as in `run`.
        params: parameters of the check; `seed` and `confidence` as well.

    Raises:
        UnknownName: there is no such check or parameter.
        AuditError: the check could not measure this subject.
    """
    from audit import api
    from audit.errors import AuditError

    own: dict[str, Any] = {name: params.pop(name) for name in ("seed", "confidence") if name in params}
    measured = api.measure(check, subject, params, **own).measured
    if measured.error:
        raise AuditError(f"{check}: {measured.error}")
    return measured.result


def verify(folder: Path | str, *, public_key: bytes | None = None) -> "Verification":
    """Look whether a bundle is whole, unchanged and judged as its policy says.

    Args:
        folder: the bundle.
        public_key: PEM of the key that must have signed it; None accepts unsigned bundles.
    """
    from audit import bundle

    return bundle.verify(Path(folder), public_key=public_key)
