"""Whether a person can be singled out by columns that others know, such as age, sex and town.

Why: a table without names still names people if their combination of such values is rare; whoever knows these values
of somebody then reads all the rest of the row.
Blind to: what an attacker knows beyond the columns that are compared, values that are nearly equal (ages of 41 and 42
are different), people who are picked by several tables together, free text, and names or addresses in columns that are
called otherwise, which the check `pii` finds.
Source: k-anonymity (Sweeney, IJUFKS 10, 2002), distinct l-diversity (Machanavajjhala et al., TKDD 1, 2007), average
prosecutor risk (El Emam, 2013); counted over all rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from audit.checks._reidentification.exposure import Exposure, alone, exposure
from audit.checks._reidentification.planting import planted_rows
from audit.checks._reidentification.report import columns_csv, labels, sizes_csv
from audit.checks._reidentification.roles import Roles, Wish, roles
from audit.errors import NotMeasurable
from audit.plugins import unknown
from audit.records import CheckResult, Doubt, Measure
from audit.subject import Subject

TABLES = ("train", "test", "reference", "current", "trusted")
NEEDS = ("data.train|data.test|data.reference|data.current|data.trusted",)
MEASURES = {
    "k_anonymity": "people in the smallest group of rows that look alike, 1 upwards; 1: somebody stands alone",
    "l_diversity": "different values of a sensitive column in the group that has fewest, 1 upwards; 1: all who look "
    "alike in some group share a secret",
    "unique_share": "share of rows without anybody else who looks alike, 0 to 1",
    "below_k_share": "share of rows in groups of fewer than k people, 0 to 1",
    "mean_risk": "mean chance to pick the right one of those who look alike, over all people, 0 to 1",
}


@dataclass(frozen=True)
class _Finding:
    """One table: which columns were compared, and what that shows."""

    role: str
    roles: Roles
    exposure: Exposure


def run(
    subject: Subject,
    *,
    quasi_identifiers: tuple[str, ...] = (),
    sensitive: tuple[str, ...] = (),
    person: str | None = None,
    leave_out: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
    k: int = 5,
) -> CheckResult:
    """Group the rows of each table by what others may know of a person; the table that is worst counts.

    Args:
        quasi_identifiers: columns that others may know of a person; empty to guess them.
        sensitive: columns that must not be told from a group; empty to guess them.
        person: column that numbers people, where a person has several rows; left out, it is guessed by its name.
        leave_out: columns that nobody who gets the data will see.
        tables: tables to look at (train, test, reference, current, trusted); empty for all that the subject has.
        k: people that a group should have, for `below_k_share`; at least 2.

    Raises:
        UnknownName: a column or a table that does not exist.
        NotMeasurable: the data are arrays, no column can be compared, or `k` is below 2.
    """
    if k < 2:
        raise NotMeasurable(f"k is {k}; a group of one person hides nobody, so k has to be at least 2")
    wish = Wish(quasi_identifiers, sensitive, person, leave_out)
    findings = [_look(subject, role, wish) for role in _different_tables(subject, tables)]
    if not findings:
        raise NotMeasurable("the data are arrays of numbers without columns; people are told apart in tables")
    shown = {finding.role: labels([column.name for column in finding.roles.columns]) for finding in findings}
    return CheckResult(
        _measures([finding.exposure for finding in findings], k),
        evidence=(
            sizes_csv([(finding.role, finding.exposure) for finding in findings]),
            columns_csv([(finding.role, finding.roles, finding.exposure) for finding in findings], shown),
        ),
        notes=tuple(note for finding in findings for note in _notes(finding, shown[finding.role])),
        doubts=tuple(doubt for finding in findings for doubt in _doubts(finding, shown[finding.role])),
        sentence=_sentence(max(findings, key=lambda finding: finding.exposure.rows_below(2) / finding.exposure.rows)),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    quasi_identifiers: tuple[str, ...] = (),
    sensitive: tuple[str, ...] = (),
    person: str | None = None,
    leave_out: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
) -> Measure:
    """Add people to a copy of a table: some who stand alone, and groups who share a secret; count those that are seen.

    Raises:
        NotMeasurable: no compared column can take a value that no row has.
    """
    from audit.statistics import intervals

    wish = Wish(quasi_identifiers, sensitive, person, leave_out)
    for role in _different_tables(subject, tables):
        with subject.rows(role) as stream:
            first = next(iter(stream.chunks()))
            chosen = roles(subject, first, wish)
            planted = planted_rows(first, chosen, seed=seed)
            found = exposure(chain(stream.chunks(), [planted.frame]), chosen)
        seen = planted.seen(found)
        ends = intervals.share(seen, planted.faults, confidence=confidence)
        return Measure(seen / planted.faults, "share", planted.faults, ends.low, ends.high)
    raise NotMeasurable("the data are arrays of numbers without columns; people are told apart in tables")


def _different_tables(subject: Subject, wanted: Sequence[str]) -> Iterator[str]:
    """Roles of the tables to look at; a file under two roles is looked at once, and an array has no columns."""
    for role in wanted:
        if role.removeprefix("data.") not in TABLES:
            raise unknown("table", role, TABLES)
    seen: list[object] = []
    there = [role for role in TABLES if subject.has(f"data.{role}")]
    for role in [role.removeprefix("data.") for role in wanted] or there:
        entry = subject.declaration.data.get(role)
        if entry is not None and entry.format == "npz":
            continue
        table = subject.table(role) if entry is None else None
        if table is not None and table.frame is None:
            continue
        known = (entry.path, entry.layout) if entry is not None else id(table.frame) if table is not None else role
        if known not in seen:
            seen.append(known)
            yield role


def _look(subject: Subject, role: str, wish: Wish) -> _Finding:
    with subject.rows(role) as stream:
        chosen = roles(subject, next(iter(stream.chunks())), wish)
        others = chosen.repeating if chosen.guessed else ()
        return _Finding(role, chosen, exposure(stream.chunks(), chosen, others=others))


def _measures(exposures: Sequence[Exposure], k: int) -> dict[str, Measure]:
    """The worst table by each measure, exact counts all of them."""
    smallest = min(exposures, key=lambda found: found.k)
    most_alone = max(exposures, key=lambda found: found.rows_below(2) / found.rows)
    below = max(exposures, key=lambda found: found.rows_below(k) / found.rows)
    riskiest = max(exposures, key=lambda found: found.risk)
    measures = {
        "k_anonymity": Measure(smallest.k, "people", smallest.rows),
        "unique_share": Measure(most_alone.rows_below(2) / most_alone.rows, "share", most_alone.rows),
        "below_k_share": Measure(below.rows_below(k) / below.rows, "share", below.rows),
        "mean_risk": Measure(riskiest.risk, "share", riskiest.rows),
    }
    diverse = [(found.diversity, found.rows) for found in exposures if found.diversity is not None]
    if diverse:
        measures["l_diversity"] = Measure(min(diverse)[0], "values", min(diverse)[1])
    return measures


def _notes(finding: _Finding, shown: dict[str, str]) -> Iterator[str]:
    table, chosen = f"data.{finding.role}", finding.roles
    how = "guessed, by " if chosen.guessed else "as "
    compared = [column for column in chosen.columns if column.role == "quasi-identifier"]
    reasons = dict.fromkeys(column.why for column in compared)
    parts = [
        f"{', '.join(shown[column.name] for column in compared if column.why == why)} ({how}{why})" for why in reasons
    ]
    yield f"{table}: compared {finding.exposure.rows:,} rows by {'; '.join(parts)}"
    if chosen.person is None:
        yield f"{table}: each row is taken for a person of its own; if people have several rows, name a column: person"
    else:
        yield f"{table}: people are told apart by {shown[chosen.person]}"
    hidden = chosen.named("sensitive")
    told = ", ".join(shown[name] for name in hidden)
    yield (
        f"{table}: sensitive: {told}"
        if hidden
        else f"{table}: no l_diversity, since no sensitive column is known; name one: sensitive"
    )
    yield f"{table}: the numbers hold for somebody who knows that the person is in the data; for others they are lower"


def _doubts(finding: _Finding, shown: dict[str, str]) -> Iterator[Doubt]:
    table, chosen = f"data.{finding.role}", finding.roles
    direct = chosen.named("direct identifier")
    if direct:
        names = ", ".join(shown[name] for name in direct)
        yield Doubt(
            f"{table}: by their names {names} tell who a row is about, whatever else it holds; if nobody will see "
            "them, say so: leave_out"
        )
    if chosen.guessed and chosen.named("other"):
        more = alone(finding.exposure.cells, [*chosen.quasi_identifiers, *chosen.repeating], chosen.person)
        yield Doubt(
            f"{table}: the compared columns are a guess; somebody who knows all columns whose values repeat could "
            f"single out {more:.1%} of the rows; name those that others may know: quasi_identifiers"
        )
    lone = [column for column in chosen.named("other") if column not in chosen.repeating]
    if chosen.guessed and lone:
        names = ", ".join(shown[name] for name in lone)
        yield Doubt(
            f"{table}: {names} were not compared, since hardly a value repeats: whoever knows one of them of a person "
            "singles out nearly everybody; name it if others may know it: quasi_identifiers, else: leave_out"
        )


def _sentence(worst: _Finding) -> str:
    found, by = worst.exposure, len(worst.roles.quasi_identifiers)
    how = "guessed" if worst.roles.guessed else "named"
    single = found.rows_below(2)
    columns = f"{by} {how} column{'s' * (by > 1)}"
    if single:
        return f"{single:,} of {found.rows:,} rows of data.{worst.role} stand alone by {columns}."
    return (
        f"Nobody stands alone by {columns}: each person of data.{worst.role} looks like {found.k - 1:,} others or more."
    )
