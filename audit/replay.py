"""Runs an audit again as it ran then, and compares what it measures with what a bundle says.

The policy, the seed, the confidence, the rules and the day are those of the bundle; nothing is reused of earlier runs.
Whoever made the bundle also chose its policy: unless somebody vouches for that, the model is kept apart whatever the
policy says, and nothing that it trusts is trusted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from audit import api
from audit.bundle.judged_by import policy_of
from audit.bundle.layout import EVIDENCE_FOLDER
from audit.bundle.read import read, read_all, walk
from audit.bundle.replayed import Replay, Run, compare
from audit.bundle.waivers import day_of
from audit.records import Policy
from audit.runner import Outcome


def replay(
    folder: Path,
    subject: Path,
    *,
    vouched: bool = False,
    allow_outside: bool = False,
    engine: str = "local",
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Replay:
    """Audit a subject again as a bundle says that it was audited.

    Args:
        folder: a bundle that verifies, and whose files are those of the subject.
        subject: path of its `audit.yaml`, or of a bare file.
        vouched: whether somebody whom the reader trusts answers for the policy: its signer, or the reader.
        allow_outside: whether the subject may name files outside its folder.
        engine: as in `api.Options`.
        progress: called after each rule.

    Raises:
        BundleError: the folder is no bundle, or the checks that are installed here cannot run its policy.
        SubjectError: the subject cannot be opened.
    """
    then, rules = read(folder), policy_of(folder)
    known = {rule.id for rule in rules.rules}
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / "again"
        options = api.Options(
            out=again,
            waivers=tuple(use.waiver for use in then.waivers if use.waiver.rule in known),
            only=then.policy.only,
            engine=engine,
            allow_outside=allow_outside,
            today=day_of(then),
        )
        api.run(subject, rules if vouched else _kept_apart(rules), options, progress)
        return compare(Run(then, _evidence(folder)), Run(read(again), _evidence(again)))


def _kept_apart(rules: Policy) -> Policy:
    """The same rules for a stranger: a model that cannot be kept apart, or needs his trust, does not run."""
    return replace(rules, isolation="required", trusted_types=(), allow_trusted_types=False)


def _evidence(folder: Path) -> Mapping[str, str]:
    """Digests of the evidence in a bundle, by path."""
    disk = read_all(folder, walk(folder).files)
    return {path: disk.digests[path] for path in disk.under(EVIDENCE_FOLDER)}
