"""Two audits are compared; on bundles made by hand, since no small audit has a number of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audit import judge
from audit.bundle.replayed import Replay, Run, compare
from audit.records import Bundle, Entry, Limit, Measure, Step, Verdict, Waiver

HALF = Measure(0.8, "share", 100, 0.7, 0.9)


def on_entry(bundle: Bundle, **changes: Any) -> Bundle:
    """Another bundle, with another rule "robust" that is judged again by what it now says."""

    def changed(entry: Entry) -> Entry:
        entry = replace(entry, **changes)
        found = judge.decide(
            entry.limits, entry.measures, doubts=entry.doubts, power=entry.power, min_power=entry.min_power,
            error=entry.error, finding=entry.finding, waived=entry.waiver is not None,
        )  # fmt: skip
        return replace(entry, verdict=found.verdict, sentence=found.sentence, reasons=found.reasons)

    return replace(bundle, entries=tuple(changed(one) if one.id == "robust" else one for one in bundle.entries))


def compared(bundle: Bundle, then: Measure | None, now: Measure | None, *, same: bool = True) -> Replay:
    """What comes of one more measure of rule "robust", then and now."""
    (robust,) = [entry for entry in bundle.entries if entry.id == "robust"]
    measures = ({**robust.measures, **({"extra": one} if one else {})} for one in (then, now))
    old, new = (on_entry(bundle, measures=found) for found in measures)
    if not same:
        new = replace(new, environment={**new.environment, "numpy": "9"})
    return compare(Run(old), Run(new))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (HALF, HALF),
        (HALF, replace(HALF, value=0.8 + 1e-11, low=0.7 - 1e-11, high=0.9 + 1e-11)),
        (Measure(3.0, "rows", 100), Measure(3.0 + 1e-10, "rows", 100)),
        (Measure(float("nan")), Measure(float("nan"))),
        (Measure("a", scale=("a", "b")), Measure("a", scale=("a", "b"))),
    ],
)
@pytest.mark.parametrize("same", [True, False])
def test_numbers_that_are_the_same(then: Measure, now: Measure, same: bool, bundle: Bundle) -> None:
    assert compared(bundle, then, now, same=same).findings == ()


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (Measure(3.0, "rows", 100), Measure(3.00001, "rows", 100)),
        (Measure(3.0, "rows", 100), Measure(3.0, "rows", 101)),
        (Measure(3.0, "rows", 100), Measure(3.0, "bytes", 100)),
        (Measure(3.0, "bytes", 100), Measure(3.0, "rows", 100)),
        (Measure(3.0, "bytes", 100), None),
        (None, Measure(3.0, "bytes", 100)),
        (Measure(0.0, "rows", 100), Measure(1e-12, "rows", 100)),
        (Measure(float("nan")), Measure(0.5, n=3)),
        (Measure(0.5, n=3), Measure(float("inf"))),
        (Measure("a", scale=("a", "b")), Measure("b", scale=("a", "b"))),
        (Measure("a", scale=("b", "a")), Measure("a", scale=("a", "b"))),
        (Measure("a", scale=("a", "b")), Measure(1.0)),
        (None, Measure(0.5, n=3)),
        (Measure(0.5, n=3), None),
        (HALF, Measure(0.91, "share", 100, 0.85, 0.95)),
        (HALF, Measure(0.69, "share", 100, 0.6, 0.8)),
        (Measure(0.8, "share", 100, 0.7, None), Measure(0.85, "share", 100, 0.7, None)),
        # an interval is wide in the words of who states it: its ends give no slack, nor does it hold for both
        (Measure(50.0, "rows", 100, high=1e308), Measure(1.0, "rows", 100)),
        (Measure(50.0, "rows", 100, 0.0, 1e15), Measure(1.0, "rows", 100, 1.0, 2.0)),
        (Measure(0.5, "share", 100, 0.0, 1.0), Measure(0.9, "share", 100, 0.85, 0.95)),
    ],
)
@pytest.mark.parametrize("same", [True, False])
def test_numbers_that_are_not(then: Measure | None, now: Measure | None, same: bool, bundle: Bundle) -> None:
    places = [finding.place for finding in compared(bundle, then, now, same=same).findings]
    assert places == ["entries[1].measures.extra"]


@pytest.mark.parametrize(
    "now",
    [
        Measure(0.89, "share", 100, 0.8, 0.95),
        Measure(0.7, "share", 100, 0.6, 0.8),
        replace(HALF, n=90),
        replace(HALF, low=0.71),
        replace(HALF, high=0.91),
    ],
)
def test_other_libraries_may_move_a_number_inside_both_intervals(now: Measure, bundle: Bundle) -> None:
    assert compared(bundle, HALF, now).findings
    assert not compared(bundle, HALF, now, same=False).findings


@pytest.mark.parametrize("unit", ["seconds", "rows per second", "bytes", "ms", "MiB", "bytes per row"])
def test_what_the_machine_was_busy_with_is_told_and_not_compared(unit: str, bundle: Bundle) -> None:
    limit = Limit("speed", min=2.0)
    slow, quick = (
        on_entry(bundle, measures={"speed": Measure(value, unit, 9)}, limits=(limit,), power=None, min_power=None)
        for value in (1.0, 3.0)
    )
    found = compare(Run(slow), Run(quick))
    assert found.findings == ()
    assert any("speed: 1.0" in note for note in found.notes)
    (finding,) = compare(Run(quick), Run(slow)).findings
    assert "fails on this machine" in finding.message, "a limit that is certainly missed here was perhaps never met"
    waiver = Waiver("robust", "It is slow.", "ann", "board", "2026-11-01", "2026-12-01")
    waived = on_entry(slow, waiver=waiver)
    assert compare(Run(waived), Run(quick)).findings == ()
    assert compare(Run(waived), Run(waived)).findings == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("finding", "All is well."),
        ("doubts", ("it may flatter",)),
        ("notes", ("all of it was looked at",)),
        ("lineage", (Step("a", "b", "trained", "SHA256SUMS", False),)),
        ("blind_to", ""),
        ("version", "auditgate 9.9"),
    ],
)
def test_words(name: str, value: object, bundle: Bundle) -> None:
    other = on_entry(bundle, **{name: value})
    assert f"entries[1].{name}" in [finding.place for finding in compare(Run(other), Run(bundle)).findings]
    elsewhere = replace(bundle, environment={**bundle.environment, "numpy": "9"})
    found = compare(Run(other), Run(elsewhere))
    assert found.findings == ()
    assert f'rule "robust": another run gives another {name}; the libraries are not the same' in " ".join(found.notes)


def test_evidence(bundle: Bundle) -> None:
    digests = {path: "0" * 64 for entry in bundle.entries for path in entry.evidence}
    path = next(path for entry in bundle.entries if not entry.error for path in entry.evidence)
    assert not compare(Run(bundle, digests), Run(bundle, digests)).findings
    (finding,) = compare(Run(bundle, digests), Run(bundle, {**digests, path: "1" * 64})).findings
    assert (finding.file, finding.expected, finding.found) == (path, "0" * 64, "1" * 64)


def test_power_that_is_not_shown_again(bundle: Bundle) -> None:
    shown, hidden = (
        on_entry(bundle, power=power, min_power=None) for power in (Measure(0.9, "ms", 20, 0.8, 0.95), None)
    )
    for then, now in ((shown, hidden), (hidden, shown)):
        (finding,) = compare(Run(then), Run(now)).findings
        assert finding.place == "entries[1].power"


def test_a_rule_that_could_not_be_measured_twice(bundle: Bundle) -> None:
    failed = on_entry(bundle, error="one reason")
    assert not compare(Run(failed), Run(on_entry(bundle, error="another", measures={}))).findings
    (finding,) = compare(Run(failed), Run(bundle)).findings
    assert (finding.expected, finding.found) == (Verdict.ERROR, Verdict.FAIL)
    waiver = Waiver("robust", "Later.", "ann", "board", "2026-11-01", "2026-12-01")
    waived = on_entry(bundle, waiver=waiver)
    (finding,) = compare(Run(waived), Run(on_entry(waived, error="it crashed"))).findings
    assert finding.place == "entries[1].error", "a waiver does not hide that nothing was measured"


def test_nothing_compared_shows_nothing(bundle: Bundle) -> None:
    entries = tuple(replace(entry, error="it crashed", verdict=Verdict.ERROR) for entry in bundle.entries)
    failed = replace(bundle, entries=entries)
    found = compare(Run(failed), Run(failed))
    assert found.compared == 0
    assert ["no measure could be compared" in finding.message for finding in found.findings] == [True]


def test_rules_and_libraries(bundle: Bundle) -> None:
    less = replace(bundle, entries=bundle.entries[:-1], environment={**bundle.environment, "numpy": "9"})
    found = compare(Run(bundle), Run(less))
    assert [finding.place for finding in found.findings] == [f"entries[{len(less.entries)}]"]
    assert "numpy was 2.3.0 then, and is 9 now" in found.notes
    (finding,) = compare(Run(less), Run(bundle)).findings
    assert finding.message == f'rule "{bundle.entries[-1].id}" ran again and is not in the bundle'


@pytest.mark.parametrize("name", ["name", "version", "task"])
def test_another_subject(name: str, bundle: Bundle) -> None:
    changes: dict[str, Any] = {name: "another"}
    other = replace(bundle, subject=replace(bundle.subject, **changes))
    (finding,) = compare(Run(other), Run(bundle)).findings
    assert finding.place == f"subject.{name}"
