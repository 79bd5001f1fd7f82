"""Names that a policy trusts have an owner and a last day, and isolation only ever gets stricter on the way down."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import policy

Write = Callable[..., Path]
Mistakes = Callable[..., list[str]]
RULE = "  - id: r\n    check: performance\n    require: {accuracy: {min: 0.6}}\n"
TODAY = datetime.datetime.now(datetime.UTC).date()


def day(days: int) -> str:
    return (TODAY + datetime.timedelta(days)).isoformat()


def head(*types: str, more: str = "") -> str:
    listed = "".join(f"  - {one}\n" for one in types)
    return f"{more}trusted_types:\n{listed}"


def trusted(name: str = "mypackage.layers.Gate", days: int = 30, owner: str = "ann@example.org") -> str:
    return f"{{name: {name}, owner: {owner}, expires: {day(days)}}}"


def test_names_count_up_to_and_on_their_last_day(write: Write) -> None:
    loaded = policy.load(write(rules=RULE, head=head(trusted("a.B", 0), trusted("a.C", 10), trusted("a.D", -1))))
    assert policy.trusted_names(loaded, TODAY) == ("a.B", "a.C")
    assert policy.trusted_names(loaded, TODAY + datetime.timedelta(1)) == ("a.C",)
    assert [found.name for found in policy.expired_types(loaded, TODAY)] == ["a.D"]
    assert [(use.trusted.name, use.state) for use in policy.trusted_uses(loaded, TODAY)] == [
        ("a.B", "valid"), ("a.C", "valid"), ("a.D", "expired"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (trusted("sklearn.*"), "pattern"),
        (trusted("sklearn."), "pattern"),
        (trusted("Gate"), "exact dotted name"),
        (trusted("'a.b c'"), "exact dotted name"),
        (trusted("os.system"), "starts other programs"),
        (trusted("posix.system"), "starts other programs"),
        (trusted("subprocess.Popen"), "starts other programs"),
        (trusted("builtins.eval"), "cannot be trusted"),
        (trusted("builtins.getattr"), "cannot be trusted"),
        (trusted("mypackage.os.system"), "cannot be trusted"),
        (trusted("importlib.import_module"), "runs whatever code"),
        (trusted("functools.reduce"), "calls or makes"),
        (trusted("joblib.load"), "loads code"),
        (trusted(days=91), "the policy allows 90"),
        ("{name: a.B, owner: ann}", '"expires" is missing'),
        (f"{{name: a.B, expires: {day(1)}}}", '"owner" is missing'),
        ("{name: a.B, owner: ann, expires: 2026-02-30}", "a day that exists"),
        ("{name: a.B, owner: ann, expires: soon}", "a day that exists"),
        (f"{{name: a.B, owner: ann, expires: {day(1)}, until: x}}", "until"),
        ("a.B", "mapping"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_its_place(
    write: Write, mistakes: Mistakes, entry: str, words: str
) -> None:
    found = mistakes(write(rules=RULE, head=head(entry)))
    assert len(found) == 1
    assert found[0].startswith("p.yaml:4:")
    assert words in found[0]


def test_a_name_twice_is_refused(write: Write, mistakes: Mistakes) -> None:
    (found,) = mistakes(write(rules=RULE, head=head(trusted(days=1), trusted(days=2))))
    assert "p.yaml:5:" in found
    assert "already" in found


def test_a_child_may_trust_more_only_where_each_parent_says_so(write: Write, mistakes: Mistakes) -> None:
    write(rules=RULE, name="closed.yaml", head=head(trusted("a.B")))
    write(rules=RULE, name="open.yaml", head=head(trusted("a.C"), more="allow_trusted_types: true\n"))
    keeps = policy.load(write("policy: child\nextends: [closed.yaml]\n"))
    assert policy.trusted_names(keeps, TODAY) == ("a.B",)
    (found,) = mistakes(write("policy: child\nextends: [closed.yaml]\n" + head(trusted("a.D"))))
    assert "allow_trusted_types" in found
    adds = policy.load(write("policy: child\nextends: [open.yaml]\n" + head(trusted("a.D"))))
    assert policy.trusted_names(adds, TODAY) == ("a.C", "a.D")
    text = "policy: child\nextends: [open.yaml, closed.yaml]\n" + head(trusted("a.D"))
    assert any("allow_trusted_types" in found for found in mistakes(write(text)))


@pytest.mark.parametrize("parent", ["off", "best_effort", "required"])
@pytest.mark.parametrize("child", ["off", "best_effort", "required"])
def test_isolation_is_never_loosened(write: Write, mistakes: Mistakes, parent: str, child: str) -> None:
    order = ["off", "best_effort", "required"]
    write(rules=RULE, name="parent.yaml", head=f"isolation: {parent}\n")
    assert policy.load(write("policy: child\nextends: [parent.yaml]\n")).isolation == parent
    path = write(f"policy: child\nextends: [parent.yaml]\nisolation: {child}\n")
    if order.index(child) >= order.index(parent):
        assert policy.load(path).isolation == child
    else:
        assert "isolation" in mistakes(path)[0]


def test_isolation_defaults_to_what_the_system_gives_and_is_one_of_three_words(
    write: Write, mistakes: Mistakes
) -> None:
    assert policy.load(write(rules=RULE)).isolation == "best_effort"
    (found,) = mistakes(write(rules=RULE, head="isolation: requird\n"))
    assert 'did you mean "required"' in found
    assert policy.load("builtin:release").isolation == "required"


def test_lint_warns_of_what_weakens_a_policy(write: Write) -> None:
    reading = policy.inspect(write(rules=RULE, head=head(trusted("a.D", -1), more="isolation: off\n")))
    assert any("isolation" in warning for warning in reading.warnings)
    assert any("a.D" in warning and "counts for nothing" in warning for warning in reading.warnings)
