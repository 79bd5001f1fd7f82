"""What a reader is told of an assessment: one sentence, doubts, next steps and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audit import spreadsheet
from audit.checks._provenance.reading import Reading
from audit.provenance import FIRM, LEVELS, Assessment, Demands, FileState
from audit.records import Doubt, Evidence, Step

_MOST_NOTES = 40
_MOST_OF_A_KIND = 5
_LONGEST = 500
_WHAT_TO_DO = {
    "absent": "write SHA256SUMS over the model and data files with sha256sum, and name it under provenance",
    "bound": "have the records signed, as a DSSE envelope or a model signature, and name the public key under "
    "provenance",
}


def sentence(found: Assessment, reading: Reading, demands: Demands) -> str:
    """What was found, for a reader who knows no ML."""
    total = len(found.files)
    wrong = [state for state in found.files if state.state == "contradicted"]
    if found.level == "absent":
        return (
            f"No record says where the {total} model and data files come from or whether they changed; write one with "
            "sha256sum and name it under provenance."
        )
    if wrong:
        rest = f" The same holds for {len(wrong) - 1} more." if len(wrong) > 1 else ""
        return told(wrong[0].sentence + rest)
    if problems := (*reading.problems, *reading.key_problems, *found.problems):
        return told(f"A provenance record may not be believed: {problems[0]}.")
    if found.missing_kinds:
        return f"The policy asks for a record of the kind {found.missing_kinds[0]}, and none can be believed."
    if found.unverified:
        loose = next(state for state in found.files if state.state not in FIRM)
        return told(f"{found.unverified} of {total} model and data files are not tied to their bytes: {loose.sentence}")
    said = {
        "bound": "no signature on the records was verified that counts for them",
        "signed": "the records are signed, but not by anybody whom the policy names",
        "trusted": "whoever signed the records is trusted by the policy",
        "fresh": "whoever signed the records is trusted by the policy, and did so "
        f"at most {demands.window.days if demands.window else 0} days ago",
    }[found.level]
    return f"All {total} model and data files are byte for byte those that were recorded; {said}."


def doubts(found: Assessment, reading: Reading, *, remote: bool) -> tuple[Doubt, ...]:
    """Why no level may count as a pass, whatever a policy asks for."""
    texts = [state.sentence for state in found.files if state.state == "contradicted"]
    texts += found.disagreements
    texts += [problem for problem in reading.key_problems if "private key" in problem]
    if found.level == "well_formed" and all(state.state == "unmentioned" for state in found.files):
        texts.append("the records are in order, and not one of them speaks of a file of this subject")
    if remote:
        texts.append("the model answers through a program or from elsewhere, and no digest covers all of what answers")
    return tuple(Doubt(text) for text in _few(texts))


def notes(found: Assessment, reading: Reading, demands: Demands, further: Iterable[str]) -> tuple[str, ...]:
    """Facts for the engineer; first what to do to reach the next level."""
    kinds = [f"{state.record.path}: {state.record.kind}, {state.level}" for state in found.records]
    texts = [
        *_few(_next_steps(found, reading, demands)),
        *kinds,
        *found.unused,
        *(note for state in found.records for note in state.notes),
        *further,
    ]
    return tuple(_few(dict.fromkeys(texts), _MOST_NOTES))


def _next_steps(found: Assessment, reading: Reading, demands: Demands) -> Iterator[str]:
    """What keeps the level from the next one, one sentence each."""
    if found.level == LEVELS[-1]:
        return
    begin = f"to reach {LEVELS[LEVELS.index(found.level) + 1]}: "
    weakest = [state for state in found.files if state.state == found.level]
    for kind in demands.kinds if found.level in FIRM else ():
        levels = [state.level for state in found.records if state.record.kind == kind and state.level in FIRM]
        if levels and max(levels, key=LEVELS.index) == found.level:
            yield f"{begin}the policy demands records of the kind {kind}, and the best is {found.level}"
    if found.level in _WHAT_TO_DO:
        yield f"{begin}{_WHAT_TO_DO[found.level]}{_of_files(weakest)}"
    if found.level == "present":
        for problem in (*reading.problems, *reading.key_problems, *found.problems):
            yield f"{begin}settle this: {problem}"
        for kind in found.missing_kinds:
            yield f"{begin}add a record of the kind {kind} that can be believed and ties a file"
    if found.level == "well_formed":
        yield from (f"{begin}{state.sentence}" for state in found.files if state.state not in FIRM)
    if found.level == "signed":
        yield from (f"{begin}{text}" for text in _signers(found))
    if found.level == "trusted":
        yield from (f"{begin}{text}" for text in _times(found, weakest, demands))


def _signers(found: Assessment) -> Iterator[str]:
    for record in found.records:
        for signer in record.signers if record.level == "signed" else ():
            yield (
                f"name the signer of {record.record.path} in the policy, under signers, once its owner has confirmed "
                f"it: {signer.identity or signer.fingerprint}"
            )


def _times(found: Assessment, weakest: Iterable[FileState], demands: Demands) -> Iterator[str]:
    if demands.window is None:
        yield "say in the policy how old a record may be: max_age_days"
        return
    late = {path for state in weakest for path in state.records}
    for record in found.records:
        if record.record.path in late and record.level == "trusted":
            yield record.late


def _of_files(states: Sequence[FileState]) -> str:
    if not states:
        return ""
    more = " ..." if len(states) > _MOST_OF_A_KIND else ""
    return f" (now {', '.join(state.path for state in states[:_MOST_OF_A_KIND])}{more})"


def tables(found: Assessment, reading: Reading, steps: Sequence[Step]) -> tuple[Evidence, ...]:
    """What the records say of each file, what became of each record, and the lineage."""
    files: list[tuple[str, ...]] = [(state.path, state.state, " ".join(state.records)) for state in found.files]
    records: list[tuple[str, ...]] = [
        (
            state.record.path,
            state.record.kind,
            state.level,
            "; ".join(signer.name for signer in state.signers),
            "; ".join(state.problems),
        )
        for state in found.records
    ]
    records += [("", "not read", "present", "", problem) for problem in (*reading.problems, *reading.key_problems)]
    lineage: list[tuple[str, ...]] = [
        (step.source, step.target, step.how, step.record, "yes" if step.verified else "no") for step in steps
    ]
    wanted: list[tuple[str, str, list[tuple[str, ...]], str]] = [
        ("provenance.csv", "path state records", files, "What the records say of each file."),
        ("records.csv", "record kind level signers problems", records, "How far each record may be believed."),
        ("lineage.csv", "source target how record verified", lineage, "What was made from what."),
    ]
    return tuple(_table(name, header, rows, what) for name, header, rows, what in wanted if rows)


def _table(name: str, header: str, rows: Iterable[tuple[str, ...]], what: str) -> Evidence:
    return Evidence(name, spreadsheet.table(header.split(), [[told(cell) for cell in row] for row in rows]), what)


def told(text: str) -> str:
    """Text from foreign files as it may stand in a file: of sane length, and without halves of characters."""
    sound = text[: _LONGEST + 1].encode("utf-8", "backslashreplace").decode()
    return sound if len(sound) <= _LONGEST else f"{sound[: _LONGEST - 4]} ..."


def told_step(step: Step) -> Step:
    """A step of a lineage as it may stand in the bundle."""
    source, target, how, record = map(told, (step.source, step.target, step.how, step.record))
    return Step(source, target, how, record, step.verified)


def _few(texts: Iterable[str], most: int = _MOST_OF_A_KIND) -> Iterator[str]:
    """The first texts, and how many more there are."""
    every = list(texts)
    yield from map(told, every[:most])
    if len(every) > most:
        yield f"and {len(every) - most} more, in records.csv and provenance.csv"
