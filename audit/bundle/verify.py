"""Looks whether a bundle may be believed: whole, unchanged, signed, and judged as its own numbers say.

Everything that can be computed again is computed again and compared: digests, each verdict and its sentence, the
reports, the resolved policy, the signed statement. What remains to be believed is that the numbers were measured, which
is what the signature and, with `--subject`, the digests of the model and its data are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit import judge
from audit.bundle import attestation, manifest, policy_file, resolve, trusted_types, waivers
from audit.bundle.canonical import BUNDLE, RUN, WAIVERS, Decoded, encode, load
from audit.bundle.layout import (
    EVIDENCE_FOLDER,
    MANIFEST,
    POLICY_FOLDER,
    REPORT_FOLDER,
    RESOLVED_POLICY,
    TOP_NAMES,
    policy_paths,
)
from audit.bundle.read import Disk, read_all, walk
from audit.bundle.sign import public_der
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.errors import BundleError
from audit.records import Bundle, Entry, FileRecord, Policy
from audit.reports.text import headline


@dataclass(frozen=True)
class Verification:
    """What was found in a bundle.

    Attributes:
        problems: why it may not be believed, one sentence each; empty if it may.
        verdict: the headline of the bundle: PASSED, FAILED ...; empty where it cannot be read.
        exit_code: how the audit ended; None where the bundle cannot be read.
        signed_by: fingerprint (SHA-256) of the key whose signature was found valid; empty where there is none.
        pinned: whether that is the key that the caller trusts.
        notes: what a reader should know beside it.
    """

    problems: tuple[str, ...]
    verdict: str = ""
    exit_code: int | None = None
    signed_by: str = ""
    pinned: bool = False
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found against the bundle."""
        return not self.problems


def verify(
    folder: Path | str,
    *,
    public_key: bytes | None = None,
    policy: Policy | None = None,
    files: Mapping[str, str] | None = None,
    declared: Sequence[FileRecord] = (),
) -> Verification:
    """Look whether a bundle may be believed.

    Args:
        folder: the bundle.
        public_key: PEM of the key that must have signed it; None accepts an unsigned bundle, and says so.
        policy: the policy that must have judged it.
        files: SHA-256, hexadecimal, of the model and data files as they are now, by the path that the bundle gives.
        declared: files that the subject declares now; each must be in the bundle, and be the same.

    Raises:
        BundleError: `public_key` is not an Ed25519 public key in PEM form.
    """
    pinned = public_der(public_key) if public_key is not None else None
    try:
        return _examine(Path(folder), pinned, policy, _Files(files, tuple(declared)))
    except BundleError as error:
        return Verification((str(error),))


@dataclass(frozen=True)
class _Files:
    """What a reader has of the subject: digests by path, and what its `audit.yaml` declares."""

    now: Mapping[str, str] | None
    declared: tuple[FileRecord, ...]


def _examine(folder: Path, pinned: bytes | None, policy: Policy | None, files: _Files) -> Verification:
    tree = walk(folder)
    disk = read_all(folder, tree.files)
    decoded = load({name: disk.content(name) for name in (BUNDLE, RUN, WAIVERS)})
    bundle, writer = decoded.bundle, decoded.seal.written_by
    signature = attestation.check(disk, decoded, pinned)
    resolution = _resolved_again(disk, bundle)
    problems = [
        *tree.problems,
        *_layout(tree.files, bundle),
        *manifest.differences(disk.listed(), disk.content(MANIFEST)),
        *signature.problems,
        *_own_form(disk, decoded),
        *_judged_again(bundle),
        *waivers.problems(bundle),
        *trusted_types.problems(bundle),
        *_policy(disk, bundle, policy),
        *_subject(bundle, files),
    ]
    notes = [*signature.notes, *resolution.notes]
    by_another_version = writer != WRITTEN_BY and signature.pinned
    wording = [*_worded_again(bundle), *_rendered_again(disk, decoded)]
    if wording and by_another_version:
        # other words for the same verdicts; the signer vouches for these bytes, and every verdict was judged again
        notes.append(f"written by {writer}; {WRITTEN_BY} words the same verdicts differently")
    else:
        problems += wording
    if resolution.problems and by_another_version:
        # checks may have got other defaults since
        notes.append(f"written by {writer}; {WRITTEN_BY} resolves its policy differently: {resolution.problems[0]}")
    else:
        problems += resolution.problems
    return Verification(
        problems=tuple(dict.fromkeys(problems)),
        verdict=headline(bundle),
        exit_code=bundle.exit_code,
        signed_by=signature.signed_by,
        pinned=signature.pinned,
        notes=tuple(notes),
    )


def _layout(paths: tuple[str, ...], bundle: Bundle) -> Iterator[str]:
    """Files that no audit writes there; the manifest alone would accept any file that it lists."""
    yield from (f"{path}: no part of a bundle" for path in paths if path.split("/")[0] not in TOP_NAMES)
    claimed = {path for entry in bundle.entries for path in entry.evidence}
    found = {path for path in paths if path.startswith(f"{EVIDENCE_FOLDER}/")}
    yield from (f"{path}: evidence that no rule names" for path in sorted(found - claimed))
    yield from (f"{path}: missing, though a rule names it as evidence" for path in sorted(claimed - found))


def _own_form(disk: Disk, decoded: Decoded) -> Iterator[str]:
    """The JSON files must be, byte for byte, what their content gives."""
    for name, content in encode(decoded.bundle, decoded.seal).items():
        if disk.content(name) != content:
            yield f"{name}: not in the exact form that an audit writes"


def _judged_again(bundle: Bundle) -> Iterator[str]:
    if not bundle.entries:
        yield "no rule was judged"
    ids = [entry.id for entry in bundle.entries]
    yield from (f'rule "{name}" stands there twice' for name in sorted({name for name in ids if ids.count(name) > 1}))
    for entry in bundle.entries:
        if entry.seed != judge.seed_of(bundle.policy.seed, entry.id):
            yield f'rule "{entry.id}": its seed is not the one that the policy gives it'
        verdict = _judge(entry, bundle).verdict
        if verdict is not entry.verdict:
            yield f'rule "{entry.id}": reads {entry.verdict}, but its numbers say {verdict}'


def _worded_again(bundle: Bundle) -> Iterator[str]:
    for entry in bundle.entries:
        judgement = _judge(entry, bundle)
        if (judgement.sentence, judgement.reasons) != (entry.sentence, entry.reasons):
            yield f'rule "{entry.id}": its sentence is not what its numbers say'


def _judge(entry: Entry, bundle: Bundle) -> judge.Judgement:
    return judge.decide(
        entry.limits,
        entry.measures,
        doubts=entry.doubts,
        power=entry.power,
        min_power=entry.min_power,
        error=entry.error,
        finding=entry.finding,
        confidence=bundle.policy.confidence,
        waived=entry.waiver is not None,
    )


def _policy(disk: Disk, bundle: Bundle, policy: Policy | None) -> Iterator[str]:
    content = disk.content(RESOLVED_POLICY)
    resolved = policy_file.parse(content)
    if policy_file.dump(resolved) != content:
        yield f"{RESOLVED_POLICY}: not in the exact form that an audit writes"
    yield from (f"{RESOLVED_POLICY}: {problem}" for problem in policy_file.disagreements(resolved, bundle))
    wanted = dict(zip(policy_paths(name for name, _ in bundle.policy.sources), bundle.policy.sources, strict=True))
    found = {path: disk.digests[path] for path in disk.under(POLICY_FOLDER)}
    for path in sorted(wanted.keys() | found.keys()):
        if found.get(path) != (wanted[path][1] if path in wanted else None):
            yield f"{path}: not the policy file that bundle.json names"
    if policy is not None:
        if bundle.partial:
            yield f"only {', '.join(bundle.policy.only)} ran; a partial bundle does not stand for the whole policy"
        if sorted(source.sha256 for source in policy.sources) != sorted(digest for _, digest in bundle.policy.sources):
            yield "the bundle was judged by other policy files than those given"
        yield from policy_file.disagreements(policy, bundle)
        yield from _same_rules(policy, resolved)


def _resolved_again(disk: Disk, bundle: Bundle) -> resolve.Resolution:
    paths = policy_paths(name for name, _ in bundle.policy.sources)
    if absent := [path for path in paths if path not in disk.contents]:
        return resolve.Resolution((f"{absent[0]}: missing",))
    contents, today = [disk.content(path) for path in paths], waivers.day_of(bundle)
    return resolve.compare(bundle.policy, contents, disk.content(RESOLVED_POLICY), today=today)


def _same_rules(policy: Policy, resolved: Policy) -> Iterator[str]:
    kept = {rule.id: rule for rule in resolved.rules}
    if policy.allow_trusted_types != resolved.allow_trusted_types:
        yield "whether other policies may trust more types is not what the policy says"
    for rule in policy.rules:
        if rule.id not in kept:
            yield f'rule "{rule.id}" of the policy is not in {RESOLVED_POLICY}'
            continue
        if (rule.waivable, rule.allow_loosen) != (kept[rule.id].waivable, kept[rule.id].allow_loosen):
            yield f'rule "{rule.id}": what may be waived or loosened is not what the policy says'
        if rule.timeout_seconds != kept[rule.id].timeout_seconds:
            yield f'rule "{rule.id}": timeout_seconds is not what the policy says'


def _rendered_again(disk: Disk, decoded: Decoded) -> list[str]:
    """Reports that differ from a new rendering; an unknown or missing one too."""
    rendered = render_reports(decoded.bundle)
    problems = []
    for path in sorted(rendered.keys() | set(disk.under(REPORT_FOLDER))):
        if path not in rendered:
            problems.append(f"{path}: no report that is installed here writes this file")
        elif path not in disk.digests:
            problems.append(f"{path}: missing")
        elif disk.content(path) != rendered[path]:
            problems.append(
                f"{path}: not what the bundle says; written by {decoded.seal.written_by}, read by {WRITTEN_BY}"
            )
    return problems


def _subject(bundle: Bundle, files: _Files) -> Iterator[str]:
    if files.now is None and not files.declared:
        return
    if not bundle.subject.files:
        yield "the bundle names no file, so it does not say what was audited"
    for file in bundle.subject.files if files.now is not None else ():
        now = (files.now or {}).get(file.path)
        if now is None:
            yield f"{file.path} ({file.role}): not there any more"
        elif now != file.sha256:
            yield f"{file.path} ({file.role}): not the file that was audited"
    audited = {(file.role, file.path): file.sha256 for file in bundle.subject.files}
    for file in files.declared:
        if file.role == "subject":  # the declaration itself: in the bundle it is compared above
            continue
        if (file.role, file.path) not in audited:
            yield f"{file.path} ({file.role}): declared by the subject, and not in the bundle"
        elif audited[(file.role, file.path)] != file.sha256:
            yield f"{file.path} ({file.role}): not the file that was audited"
