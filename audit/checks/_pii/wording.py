"""What was found, for a reader who knows no statistics: one sentence, notes and doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from audit.checks._pii.prevalence import Sight
from audit.pii import language_models
from audit.pii.columns.cells import MAX_CELL
from audit.pii.columns.options import Options
from audit.pii.custom import Custom
from audit.pii.tables.sheets import Sheet
from audit.records import Doubt, Measure

FEW_KINDS = 12
"""Kinds up to which the recall of each is told in a note."""

WELL_SEEN = 0.9
"""Recall from which on a kind of many is not named; policies ask for as much where they say nothing else."""

NO_MODEL = (
    "names: model is asked for and no model is given (model: its name or folder), so names and places were looked for "
    "with word lists alone"
)


def sentence(sheets: Sequence[Sheet], bound: Measure, sight: Sight | None, confidence: float) -> str:
    """The finding; of a sample with the share of rows that may hold personal data, and the recall that it rests on."""
    parts = [part for sheet in sheets for part in sheet.parts]
    cells, hits = sum(part.cells for part in parts), sum(part.hits for part in parts)
    sampled = bound.high is not None
    where = f"{cells:,} cells" + (f" of a sample of {bound.n:,} rows" if sampled else "")
    rest = _rest(bound, sight, confidence) if sampled else ""
    if hits == 0:
        names = sum(len(sheet.header) for sheet in sheets)
        told = f", but {names} column names hold some" if names else ""
        return f"No personal data of the kinds looked for was found in {where}{told}{rest}."
    kinds: Counter[str] = Counter()
    for part in parts:
        kinds.update(part.entities)
    most = " and ".join(entity for entity, _ in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:2])
    columns = len({part.label for part in parts if part.hits})
    inside = f"{columns} column{'s' * (columns > 1)}"
    return f"{hits:,} of {where} in {inside} hold personal data, most often {most}{rest}."


def _rest(bound: Measure, sight: Sight | None, confidence: float) -> str:
    """What a sample leaves open: it never reads as none."""
    given = ""
    if sight is not None and sight.pooled is not None:
        given = f", given a measured recall of {float(sight.pooled.value):.0%} on planted values"
    return f"; with {confidence:.0%} confidence up to {float(bound.value):.2%} of all rows may hold some{given}"


def notes(sheets: Sequence[Sheet], options: Options, sight: Sight | None) -> Iterator[str]:
    """What a reviewer should know of how the tables were read."""
    for sheet in sheets:
        read = "all" if sheet.read == sheet.rows else f"{sheet.read:,} of"
        yield f"data.{sheet.role}: {len(sheet.parts)} columns, {read} {sheet.rows:,} rows read"
        if sheet.left_out:
            yield f"data.{sheet.role}: not read, as they hold no text or whole numbers: {', '.join(sheet.left_out)}"
        for label, spans in zip(sheet.personal_names, sheet.header.values(), strict=True):
            kinds = ", ".join(sorted({span.entity for span in spans}))
            yield f"data.{sheet.role}: the name of {label} itself holds {kinds}"
        if doubtful := [f"{part.label} ({_counted(part.dropped)})" for part in sheet.parts if part.dropped]:
            yield (
                f"data.{sheet.role}: cells that look like personal data and were not counted, since others of their "
                f"column look the same and are none: {', '.join(doubtful)}"
            )
        if allowed := [f"{part.label} ({part.allowed:,})" for part in sheet.parts if part.allowed]:
            yield f"data.{sheet.role}: cells in which an allow rule dropped a finding: {', '.join(allowed)}"
    if options.custom is not None:
        yield from _of_own_file(options.custom)
    if options.model is None:
        yield (
            "names of people and places were looked for with word lists and the words around them; a language model "
            "(names=model) sees more"
        )
    else:
        yield f"names were also looked for by the model {options.model}, sha256 {language_models.digest(options.model)}"
    if sight is not None and sight.by_entity:
        yield f"the bound of the sample rests on the {recalls(sight.by_entity)}"


def _counted(cells: Mapping[str, int]) -> str:
    return ", ".join(f"{entity} in {count:,}" for entity, count in sorted(cells.items()))


def _of_own_file(custom: Custom) -> Iterator[str]:
    """What the policy's own recognisers file adds and leaves out."""
    if custom.entities:
        yield f"recognisers of the policy's own file also look for {', '.join(sorted(custom.entities))}"
    if custom.allow:
        yield (
            f"allow rules that apply: {len(custom.allow)}, from the policy's own recognisers file; they drop findings "
            "before anything is counted, so without them there may be more"
        )


def recalls(by_entity: Mapping[str, Measure]) -> str:
    """How much of each kind was seen, the least first; of many kinds those that are well seen are counted alone."""
    least = sorted(by_entity, key=lambda entity: (float(by_entity[entity].value), entity))
    named = [entity for entity in least if len(least) <= FEW_KINDS or float(by_entity[entity].value) < WELL_SEEN]
    told = [f"{entity} {float(by_entity[entity].value):.0%} of {by_entity[entity].n}" for entity in named]
    rest = [f"at least {WELL_SEEN:.0%} of each of the other {len(least) - len(named)}"] if named != least else []
    return f"recall on planted values by kind: {', '.join([*told, *rest])}"


def doubts(
    sheets: Sequence[Sheet], *, lacks_model: bool, model: str | None, looked_for: Sequence[str], unseen: Sequence[str]
) -> Iterator[Doubt]:
    """Why the numbers may flatter.

    Args:
        lacks_model: whether a model was demanded and none was given.
        model: the model that was asked.
        looked_for: kinds that count.
        unseen: kinds that a sample looked for although its recall of them is not known.
    """
    if lacks_model:
        yield Doubt(NO_MODEL)
    if lacking := sorted(set(looked_for).intersection(() if model is None else language_models.lacking(model))):
        yield Doubt(
            f"names: model is asked for and no label of the model {model} names {' or '.join(lacking)}, which was "
            "looked for with word lists alone"
        )
    if unseen:
        yield Doubt(f"no values of {', '.join(unseen)} could be planted, so the bound counts only what is detected")
    for sheet in sheets:
        for part in sheet.parts:
            if part.unread:
                yield Doubt(
                    f"data.{part.role}, {part.label}: {part.unread:,} numbers were left unread before cells of another "
                    "form came, since hardly any number of their length had a valid check digit"
                )
            if part.unreadable:
                yield Doubt(
                    f"data.{part.role}, {part.label}: {part.unreadable} cells hold objects that cannot be read as text"
                )
            if part.shortened:
                yield Doubt(
                    f"data.{part.role}, {part.label}: {part.shortened} cells are longer than {MAX_CELL:,} characters "
                    "and were read only up to there"
                )


def unread_arrays(roles: Sequence[str]) -> Iterator[Doubt]:
    """Tables whose features were not looked through."""
    for role in roles:
        yield Doubt(f"data.{role}: the features are an array without columns and were not read")
