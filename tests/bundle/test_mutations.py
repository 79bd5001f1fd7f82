"""A real bundle, signed and countersigned, changed in every way that is listed here: each has to be found, and named.

Three people change it: one who only touches files; one who also writes again all that follows from a change (manifest,
JSON files, reports) and has no key; and one who signs the outcome with a key of his own.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from audit import judge
from audit.bundle import Verification, manifest, policy_file, sign, verify
from audit.bundle.canonical import Seal, encode, load
from audit.bundle.read import read_all, walk
from audit.bundle.statement import Basis
from audit.bundle.write import WRITTEN_BY, render_reports
from audit.cli import root
from audit.dsse import PrivateKey, new_private_key
from audit.records import Bundle, Entry, FileRecord, Limit, Measure, Verdict, WaiverUse

ATTESTATION, MANIFEST, RESOLVED = "attestation.dsse.json", "MANIFEST.sha256", "policy.resolved.yaml"
NOT_THIS = "does not state what this bundle holds"


@dataclass(frozen=True)
class Mutation:
    """One way to change a bundle.

    Attributes:
        file: that a finding has to name.
        reason: words of that finding.
        pinned: whether only who asks for the auditor's and the reviewer's keys can find it.
    """

    name: str
    change: Callable[[Path], object]
    file: str
    reason: str
    pinned: bool = False


# ---- who touches files


def touched(folder: Path) -> Iterator[Mutation]:
    """Every file of the bundle, changed by somebody who does nothing else."""
    for path in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()):
        content = (folder / path).read_bytes()
        named = path not in (MANIFEST, ATTESTATION)
        for name, changed in _contents(content).items():
            reason = "changed" if named else ""
            yield Mutation(f"{path}: {name}", _put(path, changed), path if named else "", reason or path)
        for name, change in _places(path).items():
            yield Mutation(f"{path}: {name}", change, path, "" if name != "dropped" else "missing")


def _contents(content: bytes) -> dict[str, bytes]:
    last = len(content) - 1
    flips = {f"byte {at} flipped": _flipped(content, at) for at in (0, last // 2, last)}
    more = {
        "cut in half": content[: len(content) // 2],
        "last byte cut": content[:-1],
        "line appended": content + b"\n",
        "byte order mark": b"\xef\xbb\xbf" + content,
        "emptied": b"",
    }
    if b"\n" in content:
        more["line ends of Windows"] = content.replace(b"\n", b"\r\n")
    return flips | more


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def _places(path: str) -> dict[str, Callable[[Path], object]]:
    def link(folder: Path) -> None:
        (folder / path).rename(folder.parent / "moved")
        (folder / path).symlink_to(folder.parent / "moved")

    def pipe(folder: Path) -> None:
        (folder / path).unlink()
        os.mkfifo(folder / path)

    def into_a_folder(folder: Path) -> None:
        (folder / path).unlink()
        (folder / path).mkdir()

    return {
        "dropped": lambda folder: (folder / path).unlink(),
        "a link": link,
        "a pipe": pipe,
        "a folder": into_a_folder,
    }


def _put(path: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / path).write_bytes(content)


def moved(folder: Path) -> Iterator[Mutation]:
    """Files added, renamed and swapped."""
    added = ("notes.txt", "evidence/no-leak/more.csv", "reports/extra.html", "policy/x.yaml", ".hidden", "BUNDLE.JSON")
    for path in added:
        yield Mutation(f"{path} added", _put(path, b"x"), path, "not in the manifest")
        yield Mutation(f"{path} added and listed", _then(_put(path, b"x"), rehash), path, "")
    for path in ("bundle.json", "policy/house.yaml", "reports/report.html", "evidence/no-leak/suspect_rows.csv"):
        upper = path.rpartition("/")[0] + "/" * ("/" in path) + path.rpartition("/")[2].upper()
        yield Mutation(f"{path} in capitals", _rename(path, upper), path, "missing")
        yield Mutation(f"{path} renamed", _rename(path, f"{path}.bak"), f"{path}.bak", "not in the manifest")
    pairs = (
        ("policy/house.yaml", "policy/applicants.yaml"),
        ("evidence/origin/records.csv", "evidence/origin/provenance.csv"),
        ("reports/report.md", "reports/report.txt"),
        ("run.json", "waivers.json"),
        ("policy.lock", "reports/report.json"),
    )
    for one, other in pairs:
        yield Mutation(f"{one} and {other} swapped", _swap(one, other), one, "")
    for one, other in pairs[:1] + pairs[2:3]:
        yield Mutation(f"{one} and {other} swapped and listed", _then(_swap(one, other), rehash), one, "not")


def _rename(path: str, new: str) -> Callable[[Path], object]:
    return lambda folder: (folder / path).rename(folder / new)


def _swap(one: str, other: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        content = (folder / one).read_bytes()
        (folder / one).write_bytes((folder / other).read_bytes())
        (folder / other).write_bytes(content)

    return change


def _then(*changes: Callable[[Path], object]) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


# ---- who writes again what follows


def rehash(folder: Path) -> None:
    """The manifest of the files as they are now."""
    (folder / MANIFEST).write_bytes(manifest.render(read_all(folder, walk(folder).files).listed()))


def decoded(folder: Path) -> tuple[Bundle, Seal]:
    found = load({name: (folder / name).read_bytes() for name in ("bundle.json", "run.json", "waivers.json")})
    return found.bundle, found.seal


def rewrite(folder: Path, bundle: Bundle, seal: Seal) -> None:
    """JSON files, reports and manifest of a changed bundle."""
    encoded = encode(bundle, seal)
    for path, content in {**encoded, **render_reports(load(encoded).bundle)}.items():
        (folder / path).write_bytes(content)
    rehash(folder)


def forged(change: Callable[[Bundle], Bundle], key: PrivateKey | None = None) -> Callable[[Path], None]:
    """Everything fits the changed bundle; with a key it is signed anew."""

    def apply(folder: Path) -> None:
        bundle, seal = decoded(folder)
        resign(folder, change(bundle), seal, key)

    return apply


def resign(folder: Path, bundle: Bundle, seal: Seal, key: PrivateKey | None) -> None:
    rewrite(folder, bundle, seal if key is None else replace(seal, public_key=sign.key_text(key.public)))
    if key is not None:
        digests = [sha256((folder / name).read_bytes()).hexdigest() for name in (MANIFEST, RESOLVED)]
        (folder / ATTESTATION).write_bytes(sign.attest(Basis(bundle, *digests), key))


def judged(entry: Entry, bundle: Bundle) -> Entry:
    """The entry with the verdict that its numbers give, as a careful forger would write it."""
    found = judge.decide(
        entry.limits, entry.measures, doubts=entry.doubts, power=entry.power, min_power=entry.min_power,
        error=entry.error, finding=entry.finding, confidence=bundle.policy.confidence, waived=entry.waiver is not None,
    )  # fmt: skip
    return replace(entry, verdict=found.verdict, sentence=found.sentence, reasons=found.reasons)


Change = Callable[[Bundle], Bundle]


def on_entry(position: int, *, again: bool = True, **changes: Any) -> Change:
    def change(bundle: Bundle) -> Bundle:
        entry = replace(bundle.entries[position], **changes)
        entries = list(bundle.entries)
        entries[position] = judged(entry, bundle) if again else entry
        return replace(bundle, entries=tuple(entries))

    return change


def on_policy(**changes: Any) -> Change:
    return lambda bundle: replace(bundle, policy=replace(bundle.policy, **changes))


def on_run(**changes: Any) -> Change:
    def change(bundle: Bundle) -> Bundle:
        assert bundle.run is not None
        return replace(bundle, run=replace(bundle.run, **changes))

    return change


def on_waiver(position: int, state: str | None = None, **changes: Any) -> Change:
    """A waiver changed in waivers.json, and in the entry that it was applied to."""

    def change(bundle: Bundle) -> Bundle:
        use = bundle.waivers[position]
        new = WaiverUse(replace(use.waiver, **changes), state or use.state)
        uses = [*bundle.waivers[:position], new, *bundle.waivers[position + 1 :]]
        entries = (replace(one, waiver=new.waiver) if one.waiver == use.waiver else one for one in bundle.entries)
        return replace(bundle, waivers=tuple(uses), entries=tuple(entries))

    return change


def inconsistent(bundle: Bundle) -> Iterator[Mutation]:
    """Forgeries that contradict something else in the bundle, so that no signature is needed to find them."""
    for position, entry in enumerate(bundle.entries):
        place = f"entries[{position}]"
        for verdict in Verdict:
            if verdict is not entry.verdict:
                change = on_entry(position, again=False, verdict=verdict)
                yield _forgery(f"{entry.id} reads {verdict}", change, "bundle.json", f"{place}.verdict")
        fields: dict[str, Any] = {
            "severity": "low" if entry.severity != "low" else "high",
            "blocking": not entry.blocking,
            "seed": entry.seed + 1,
            "min_power": 0.01,
            "check": "drift",
            "why": "No reason.",
            "controls": ("GDPR/Article 5",),
            "params": {"extra": 1},
        }
        for name, value in fields.items():
            yield _forgery(
                f"{name} of {entry.id}", on_entry(position, **{name: value}), "bundle.json", f"{place}.{name}"
            )
        looser = tuple(replace(limit, min=None, max=1e9) for limit in entry.limits)
        yield _forgery(f"looser {entry.id}", on_entry(position, limits=looser), "bundle.json", f"{place}.limits")
        for name in ("sentence", "reasons"):
            value = "All is well." if name == "sentence" else ("All is well.",)
            change = on_entry(position, again=False, **{name: value})
            yield _forgery(f"{name} of {entry.id}", change, "bundle.json", f"{place}.{name}")
        yield _forgery(
            f"no evidence of {entry.id}", on_entry(position, evidence=()), entry.evidence[0], "no rule names"
        )
        renamed = {f"{name}s": measure for name, measure in entry.measures.items()}
        yield _forgery(
            f"measures of {entry.id}", on_entry(position, measures=renamed), "bundle.json", "has no such measure"
        )
        scaled = {name: replace(one, scale=(*one.scale[::-1], "x")) for name, one in entry.measures.items()}
        yield _forgery(f"scale of {entry.id}", on_entry(position, measures=scaled), "bundle.json", "not the scale of")
        yield _forgery(f"blind {entry.id}", on_entry(position, blind_to="nothing"), "bundle.json", f"{place}.blind_to")
        moved_away = on_entry(position, location="policy.yaml:1:1")
        yield _forgery(f"{entry.id} elsewhere", moved_away, "bundle.json", f"{place}.location")
        yield _forgery(f"{entry.id} left out", _without(position), "bundle.json", "the rules are not what")
    yield _forgery("no waiver", on_entry(0, again=False, waiver=None), "bundle.json", "entries[0].verdict")
    settings: dict[str, Any] = {
        "seed": 3,
        "confidence": 0.5,
        "on_inconclusive": "warn",
        "max_waiver_days": 365,
        "isolation": "off",
        "name": "x",
        "version": "9",
        "owner": "x@example.org",
    }
    for name, value in settings.items():
        yield _forgery(f"policy's {name}", on_policy(**{name: value}), "bundle.json", f"policy.{name}")
    yield _forgery("params", on_policy(params=(("most", 0.5),)), "policy.lock", "param most is 0.5; locked is 0.02")
    yield _forgery("a source less", on_policy(sources=bundle.policy.sources[:1]), "policy/house.yaml", "not the policy")
    yield _forgery("only some rules", on_policy(only=("origin",)), "bundle.json", "the rules are not what")
    yield _forgery("no lock", on_policy(lock=None), "policy.lock", "nothing was locked")
    assert bundle.policy.lock is not None
    early = replace(bundle.policy.lock, locked_at="2020-01-01T00:00:00+00:00")
    yield _forgery("an earlier lock", on_policy(lock=early), "bundle.json", "not the time of the lock")
    other = replace(bundle.policy.lock, sha256="0" * 64)
    yield _forgery("another lock", on_policy(lock=other), "policy.lock", "not the lock that")
    yield from _of_the_run(bundle)
    yield from _of_the_day(bundle)


def _of_the_run(bundle: Bundle) -> Iterator[Mutation]:
    assert bundle.run is not None
    entries = {name: dict(facts) for name, facts in bundle.run.entries.items()}
    negative = {**entries, "no-leak": {**entries["no-leak"], "seconds": -1}}
    in_words = {**entries, "no-leak": {**entries["no-leak"], "seconds": "many"}}
    yield _forgery("seconds below 0", on_run(seconds=-7.0), "run.json", "no duration")
    yield _forgery("seconds of a rule below 0", on_run(entries=negative), "run.json", "entries.no-leak.seconds")
    yield _forgery("seconds in words", on_run(entries=in_words), "run.json", "entries.no-leak.seconds")
    yield _forgery("a rule that never was", on_run(entries={**entries, "ghost": {}}), "run.json", "does not have")
    yield _forgery("tomorrow's tomorrow", on_run(started="2199-01-01T00:00:00+00:00"), "run.json", "in the future")


def _of_the_day(bundle: Bundle) -> Iterator[Mutation]:
    yield _forgery("the clock back", on_run(started="2024-06-01T00:00:00+00:00"), "policy.lock", "locked after")
    yield _forgery("the clock ahead", on_run(started="2031-06-01T00:00:00+00:00"), "bundle.json", "by a waiver valid")
    yield _forgery("no clock", on_run(started="yesterday"), "run.json", "on which day")
    yield _forgery("no zone", on_run(started="2026-06-01T00:00:00"), "run.json", "on which day")
    for position, use in enumerate(bundle.waivers):
        rule = use.waiver.rule
        for state in ("applied", "unused", "expired", "not_yet", "other_model", "not_waivable", "unheard of"):
            if state != use.state:
                yield _forgery(f"waiver for {rule} {state}", on_waiver(position, state), "waivers.json", "")
        yield _forgery(
            f"{rule} extended", on_waiver(position, expires="2031-01-01"), "waivers.json", "policy allows 90"
        )
        yield _forgery(f"{rule} backwards", on_waiver(position, expires="2020-01-01"), "waivers.json", "before it was")
        yield _forgery(f"{rule} without days", on_waiver(position, expires="soon"), "waivers.json", "no two days")
        yield _forgery(f"{rule} of no rule", on_waiver(position, rule="other"), "waivers.json", "no such rule")
    yield _forgery("no waivers", lambda b: replace(b, waivers=()), "waivers.json", "not listed as applied")
    yield _forgery("another model", on_waiver(0, model_sha256="0" * 64), "bundle.json", "for another model")


def _without(position: int) -> Change:
    return lambda bundle: replace(bundle, entries=bundle.entries[:position] + bundle.entries[position + 1 :])


def _forgery(name: str, change: Change, file: str, reason: str) -> Mutation:
    return Mutation(name, forged(change), file, reason)


def consistent(bundle: Bundle, own: PrivateKey) -> Iterator[Mutation]:
    """Forgeries that nothing in the bundle contradicts: the auditor's signature does, or the key that is asked for."""
    better = Measure(0.01, "share", 140)
    changes: dict[str, Change] = {
        "a better number": on_entry(0, measures={"duplicate_share": better}, waiver=None, finding="Nothing."),
        "a larger sample": on_entry(1, measures={"duplicate_share": replace(better, n=10_000)}),
        "an interval": on_entry(1, measures={"duplicate_share": replace(better, low=0.005, high=0.02)}),
        "power": on_entry(1, power=Measure(1.0, "share", 1000, 0.99, 1.0)),
        "a doubt that was there": on_entry(2, doubts=("it may flatter",)),
        "a note": on_entry(1, notes=("all checked by hand",)),
        "the version of a check": on_entry(1, version="auditgate 9"),
        "what it cannot see": on_entry(1, blind_to="nothing"),
        "the place of a rule": on_entry(1, location="policy.yaml:1:1"),
        "a finding": on_entry(1, finding="All is well."),
        "an error": on_entry(3, error="it crashed"),
        "the subject's name": lambda b: replace(b, subject=replace(b.subject, name="other")),
        "the digest of a table": lambda b: replace(b, subject=replace(b.subject, files=_another_file(b))),
        "a file that was not there": lambda b: replace(
            b, subject=replace(b.subject, files=(*b.subject.files, FileRecord("m.onnx", "model", "1" * 64, 1)))
        ),
        "the environment": lambda b: replace(b, environment={**b.environment, "numpy": "9.9"}),
        "the duration": on_run(seconds=0.1),
        "the host": on_run(host="elsewhere"),
        "a second of the clock": on_run(started=bundle.run.started.replace("T", " ") if bundle.run else ""),
        "an unused waiver less": lambda b: replace(b, waivers=b.waivers[:-1]),
        "the reason of a waiver": on_waiver(0, reason="It is fine."),
        "who approved": on_waiver(0, approved_by="nobody"),
    }
    for name, change in changes.items():
        yield Mutation(f"{name}, no key", forged(change), ATTESTATION, NOT_THIS)
        yield Mutation(f"{name}, own key", forged(change, own), ATTESTATION, "not by the key given", pinned=True)
    loosened: dict[str, Callable[[Path], object]] = {"files": _loosened, "files and lock": _loosened_and_locked}
    for name, policy_change in loosened.items():
        for key, reason in ((None, NOT_THIS), (own, "not by the key given")):
            who = "no key" if key is None else "own key"
            change_all = _then(policy_change, forged(lambda bundle: bundle, key))
            file = ATTESTATION if name == "files and lock" else "policy.lock"
            told = reason if name == "files and lock" else "its sha256 is"
            yield Mutation(f"policy {name} loosened, {who}", change_all, file, told, pinned=key is not None)


def _another_file(bundle: Bundle) -> tuple[FileRecord, ...]:
    return (replace(bundle.subject.files[0], sha256="0" * 64), *bundle.subject.files[1:])


def _loosened(folder: Path) -> None:
    """The policy files, the resolved policy and what the bundle says of both, after the run."""
    house = folder / "policy" / "house.yaml"
    house.write_bytes(house.read_bytes().replace(b"most: 0.02", b"most: 0.9"))
    bundle, seal = decoded(folder)
    policy = policy_file.parse((folder / RESOLVED).read_bytes())
    rules = (replace(policy.rules[0], limits=(Limit("duplicate_share", max=0.9),)), *policy.rules[1:])
    (folder / RESOLVED).write_bytes(policy_file.dump(replace(policy, rules=rules)))
    digest = sha256(house.read_bytes()).hexdigest()
    sources = tuple((name, digest if name.endswith("house.yaml") else old) for name, old in bundle.policy.sources)
    bundle = on_policy(sources=sources, params=(("most", 0.9),))(bundle)
    bundle = on_entry(0, limits=rules[0].limits)(bundle)
    bundle = replace(bundle, waivers=tuple(replace(one, state=_unused(one.state)) for one in bundle.waivers))
    bundle = on_entry(0, waiver=None)(bundle)
    rewrite(folder, bundle, seal)


def _unused(state: str) -> str:
    return "unused" if state == "applied" else state


def _loosened_and_locked(folder: Path) -> None:
    _loosened(folder)
    bundle, seal = decoded(folder)
    lock = json.loads((folder / "policy.lock").read_text())
    lock["params"] = {"most": 0.9}
    for source, (_, digest) in zip(lock["sources"], bundle.policy.sources, strict=True):
        source["sha256"] = digest
    (folder / "policy.lock").write_text(json.dumps(lock))
    assert bundle.policy.lock is not None
    own = replace(bundle.policy.lock, sha256=sha256((folder / "policy.lock").read_bytes()).hexdigest())
    rewrite(folder, on_policy(lock=own)(bundle), seal)


def of_form(folder: Path) -> Iterator[Mutation]:
    """The same values in another form, and the policy loosened in one place only."""
    for name in ("bundle.json", "run.json", "waivers.json"):
        text = (folder / name).read_text()
        values = json.loads(text)
        backwards = json.dumps(dict(reversed(values.items())), indent=2)
        key = next(iter(values))
        twice = "{" + f"{json.dumps(key)}: {json.dumps(values[key])}," + text.lstrip()[1:]
        for what, content, reason in (
            ("keys reordered", backwards, "not in the exact form"),
            ("blanks", text.replace(":", ": ", 1), "not in the exact form"),
            ("a line end less", text.rstrip() + "\n\n", "not in the exact form"),
            ("a key twice", twice, "given twice"),
            ("a key more", "{" + '"more": 1,' + text.lstrip()[1:], "unknown key"),
            ("NaN", "{" + '"more": NaN,' + text.lstrip()[1:], "no JSON number"),
        ):
            yield Mutation(f"{name}: {what}", _then(_put(name, content.encode()), rehash), name, reason)
    house, resolved = ((folder / name).read_bytes() for name in ("policy/house.yaml", RESOLVED))
    loose = resolved.replace(b"max: 0.02", b"max: 0.2")
    for name, changed, reason in (
        ("policy/house.yaml", house.replace(b"0.02", b"0.2"), "not the policy file that bundle.json names"),
        ("policy/house.yaml", house + b"# note\n", "not the policy file that bundle.json names"),
        (RESOLVED, loose, '"require" is not what the policy files'),
        (RESOLVED, resolved + b"# note\n", "not in the exact form"),
        (RESOLVED, resolved.replace(b"waivable: false", b"waivable: true"), '"waivable" is not what the policy files'),
        (RESOLVED, b"policy: x\n", "not in the form"),
        ("policy.lock", (folder / "policy.lock").read_bytes() + b" ", "not the lock that bundle.json names"),
        ("policy.lock", b"{}", "not a lock"),
        ("reports/report.md", (folder / "reports/report.md").read_bytes().replace(b"FAIL", b"PASS"), "not what the"),
        ("reports/junit.xml", b"<testsuites/>", "not what the bundle says"),
    ):
        yield Mutation(f"{name}, {reason}, {len(changed)} bytes", _then(_put(name, changed), rehash), name, reason)


# ---- signatures


def of_signatures(folder: Path, own: PrivateKey, other: Path) -> Iterator[Mutation]:
    """The envelope taken apart."""
    content = (folder / ATTESTATION).read_bytes()
    envelope = json.loads(content)
    one, two = envelope["signatures"]
    stranger = base64.b64encode(own.sign(b"something")).decode()

    def with_(**changes: Any) -> bytes:
        return json.dumps({**envelope, **changes}, sort_keys=True, separators=(",", ":")).encode()

    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["predicate"]["result"] = "PASSED" if payload["predicate"]["result"] != "PASSED" else "FAILED"
    rewritten = base64.b64encode(json.dumps(payload).encode()).decode()
    for name, changed, reason in (
        ("no signatures", with_(signatures=[]), "signature"),
        ("without the auditor's", with_(signatures=[two]), "signatures[0]"),
        ("in another order", with_(signatures=[two, one]), "signatures[0]"),
        ("the auditor's twice", with_(signatures=[one, one, two]), "signatures[1]"),
        ("the reviewer's twice", with_(signatures=[one, two, two]), "signatures[2]"),
        ("the auditor's by another", with_(signatures=[{**one, "sig": stranger}, two]), "signatures[0].sig"),
        ("the reviewer's by another", with_(signatures=[one, {**two, "sig": stranger}]), "signatures[1].sig"),
        (
            "the two swapped",
            with_(signatures=[{**one, "sig": two["sig"]}, {**two, "sig": one["sig"]}]),
            "signatures[0]",
        ),
        ("another role", with_(signatures=[one, {**two, "role": "owner"}]), "signatures[1].role_sig"),
        ("another key", with_(signatures=[one, {**two, "public_key": sign.key_text(own.public)}]), "signatures[1]"),
        ("a role for the auditor", with_(signatures=[{**one, "role": "auditor"}, two]), "signatures[0]"),
        ("text for a signature", with_(signatures=[{**one, "sig": "%"}, two]), ""),
        ("a number for a signature", with_(signatures=[{**one, "sig": 5}, two]), ""),
        ("another payload type", with_(payloadType="application/json"), "payloadType"),
        ("another payload", with_(payload=rewritten), NOT_THIS),
        ("an empty payload", with_(payload=""), ""),
        ("a key more", with_(more=1), "unknown key"),
        ("blanks", json.dumps(envelope).encode(), "exact form"),
        ("a key twice", content.replace(b'{"payload"', b'{"payloadType":"x","payload"', 1), "given twice"),
        ("another bundle's", (other / ATTESTATION).read_bytes(), NOT_THIS),
    ):
        yield Mutation(f"attestation: {name}", _put(ATTESTATION, changed), ATTESTATION, reason)
    yield Mutation("the reviewer's taken away", _put(ATTESTATION, with_(signatures=[one])), ATTESTATION, "not by", True)
    yield Mutation("all signatures stripped", _stripped, "", "not signed, and a key was given", pinned=True)
    for name, key in {"no signer": None, "another signer": sign.key_text(own.public), "no key": "AAAA"}.items():
        file = "run.json" if name == "no key" else ATTESTATION
        yield Mutation(f"run.json names {name}", _seal(public_key=key), file, "")
    yield Mutation("written by another version", _seal(written_by="auditgate 9"), ATTESTATION, NOT_THIS)


def _stripped(folder: Path) -> None:
    (folder / ATTESTATION).unlink()
    bundle, _ = decoded(folder)
    rewrite(folder, bundle, Seal(WRITTEN_BY))


def _seal(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        bundle, seal = decoded(folder)
        rewrite(folder, bundle, replace(seal, **changes))

    return change


# ---- the tests


def all_mutations(small: SimpleNamespace, other: Path) -> list[Mutation]:
    bundle, own = decoded(small.folder)[0], new_private_key()
    return [
        *touched(small.folder),
        *moved(small.folder),
        *inconsistent(bundle),
        *consistent(bundle, own),
        *of_form(small.folder),
        *of_signatures(small.folder, own, other),
    ]


@pytest.fixture(scope="module")
def other(small: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same audit with another note, signed by the same auditor."""
    folder = Path(shutil.copytree(small.folder, tmp_path_factory.mktemp("other") / "bundle"))
    forged(on_entry(1, notes=("another run",)), small.auditor)(folder)
    assert verify(folder).ok
    return folder


def keys(small: SimpleNamespace) -> list[bytes]:
    return [small.auditor.public.pem, small.reviewer.public.pem]


def found_by(mutation: Mutation, found: Verification) -> bool:
    named = (finding for finding in found.findings if mutation.file in ("", finding.file))
    return any(mutation.reason in str(finding) for finding in named)


@pytest.mark.slow
def test_every_mutation_is_found_and_named(small: SimpleNamespace, other: Path, tmp_path: Path) -> None:
    mutations = all_mutations(small, other)
    assert len(mutations) >= 200
    assert len({mutation.name for mutation in mutations}) == len(mutations)
    wrong = []
    for mutation in mutations:
        folder = Path(shutil.copytree(small.folder, tmp_path / "bundle"))
        mutation.change(folder)
        found = verify(folder, public_key=keys(small) if mutation.pinned else None)
        if not found_by(mutation, found):
            wrong.append((mutation.name, mutation.file, mutation.reason, found.problems[:4]))
        shutil.rmtree(folder)
        (tmp_path / "moved").unlink(missing_ok=True)
    assert wrong == []


def test_the_bundle_itself_verifies(small: SimpleNamespace, other: Path) -> None:
    """Else nothing above would show anything; nor if writing again what follows were found by itself."""
    assert verify(small.folder).ok
    assert verify(small.folder, public_key=keys(small)).pinned
    again = Path(shutil.copytree(small.folder, other.parent / "again"))
    forged(lambda bundle: bundle)(again)
    assert verify(again, public_key=keys(small)).ok


@pytest.mark.parametrize("keyid", ["", "x", None, "deadbeef"])
def test_a_keyid_is_only_a_hint(keyid: str | None, small: SimpleNamespace, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small.folder, tmp_path / "bundle"))
    envelope = json.loads((folder / ATTESTATION).read_text())
    for signature in envelope["signatures"]:
        signature["keyid"] = keyid
        if keyid is None:
            del signature["keyid"]
    (folder / ATTESTATION).write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
    assert verify(folder, public_key=keys(small)).problems == ()


@pytest.mark.parametrize("every", [40])
def test_the_command_exits_4(every: int, small: SimpleNamespace, other: Path, tmp_path: Path) -> None:
    pems = {name: tmp_path / f"{name}.pem" for name in ("auditor", "reviewer")}
    for name, path in pems.items():
        path.write_bytes(getattr(small, name).public.pem)
    options = [word for path in pems.values() for word in ("--key", str(path))]
    assert CliRunner().invoke(root, ["verify", str(small.folder), *options]).exit_code == 0
    for number, mutation in enumerate(all_mutations(small, other)[::every]):
        folder = Path(shutil.copytree(small.folder, tmp_path / str(number) / "bundle"))
        mutation.change(folder)
        result = CliRunner().invoke(root, ["verify", str(folder), *options, "--json"])
        assert result.exit_code == 4, mutation.name
        told = json.loads(result.stdout)
        assert any(mutation.file in finding["file"] for finding in told["findings"]), mutation.name
        assert len(told["problems"]) == len(told["findings"])
