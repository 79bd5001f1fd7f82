"""A child policy can tighten what it extends; whatever makes it looser, by any road, is an error with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit import policy
from audit.errors import PolicyError
from audit.policy.compare import policy_changes
from audit.records import Limit

BASE = """policy: base
version: 1.0.0
seed: 7
max_waiver_days: 60
params:
  floor: 0.6
rules:
  - id: robust
    check: evasion
    with: {epsilon: 0.05}
    require: {robust_accuracy: {min: "${floor}", max: 1}, queries: {max: 1000}}
    severity: high
    waivable: false
    min_power: 0.8
    why: Because.
  - id: skill
    check: performance
    require: {accuracy: {min: 0.7}}
"""
CHILD = "policy: child\nversion: 1.0.0\nextends: [base.yaml]\n"


def test_a_child_repeats_only_what_it_changes(write: Callable[..., Path]) -> None:
    write(BASE, name="base.yaml")
    child = CHILD + (
        "confidence: 0.99\nrules:\n"
        "  - {id: robust, require: {robust_accuracy: {min: 0.7}, queries: {max: 500}}, severity: critical}\n"
        "  - {id: extra, check: leakage, require: {duplicate_share: {max: 0}}}\n"
    )
    loaded = policy.load(write(child))
    assert [rule.id for rule in loaded.rules] == ["robust", "skill", "extra"]
    robust = loaded.rules[0]
    assert robust.limits == (Limit("robust_accuracy", min=0.7, max=1.0), Limit("queries", max=500.0))
    assert (robust.check, robust.params["epsilon"], robust.severity) == ("evasion", 0.05, "critical")
    assert robust.why == "Because."
    assert (loaded.name, loaded.confidence, loaded.max_waiver_days, loaded.seed) == ("child", 0.99, 60, 7)
    assert robust.location == "p.yaml:6:5"
    assert loaded.rules[1].location == "base.yaml:16:5"
    assert [source.name for source in loaded.sources] == ["p.yaml", "base.yaml"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("require: {robust_accuracy: {min: 0.5}}", "min of robust_accuracy goes from 0.6 to 0.5, which is looser"),
        ("require: {robust_accuracy: {min: null}}", "min of robust_accuracy goes from 0.6 to no limit"),
        ("require: {robust_accuracy: {max: 2}}", "max of robust_accuracy goes from 1 to 2"),
        ("require: {queries: null}", "max of queries goes from 1000 to no limit"),
        ("severity: medium", "severity goes from high to medium"),
        ("blocking: false", "blocking goes from true to false"),
        ("waivable: true", "waivable goes from false to true"),
        ("min_power: 0.5", "min_power goes from 0.8 to 0.5"),
        ("allow_loosen: true", "allow_loosen goes from false to true"),
        ("with: {epsilon: 0.01}", "with epsilon goes from 0.05 to 0.01, which cannot be proven as strict"),
        ("with: {max_rows: 20}", "with max_rows goes from 500 to 20"),
        ("check: performance, require: {accuracy: {min: 0.9}}", "check goes from evasion to performance"),
    ],
)
def test_loosening_a_rule_is_an_error(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], rule: str, says: str
) -> None:
    write(BASE, name="base.yaml")
    path = write(CHILD + f"rules:\n  - {{id: robust, {rule}}}\n")
    (found,) = mistakes(path)
    assert found.startswith("p.yaml:5:")
    assert f'rule "robust": {says}' in found
    assert 'the rule at base.yaml:8:5 does not say "allow_loosen: true"' in found
    write(BASE.replace("  - id: robust\n", "  - id: robust\n    allow_loosen: true\n"), name="base.yaml")
    assert policy.load(path).rules[0].id == "robust"


@pytest.mark.parametrize(
    "rule",
    [
        "require: {robust_accuracy: {min: 0.6}}",
        "require: {robust_accuracy: {max: 0.99}}",
        "require: {clean_accuracy: {min: 0.5}}",
        "severity: critical",
        "min_power: 0.95",
        "timeout_seconds: 5",
        "why: Another reason.",
        "controls: [GDPR/Article 5]",
        "with: {epsilon: 5e-2}",
    ],
)
def test_tightening_and_what_has_no_bearing_are_free(write: Callable[..., Path], rule: str) -> None:
    write(BASE, name="base.yaml")
    assert policy.load(write(CHILD + f"rules:\n  - {{id: robust, {rule}}}\n")).rules


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("confidence: 0.8", "4:13: confidence goes from 0.95 to 0.8"),
        ("on_inconclusive: warn", "4:18: on_inconclusive goes from fail to warn"),
        ("max_waiver_days: 61", "4:18: max_waiver_days goes from 60 to 61"),
    ],
)
def test_loosening_the_whole_policy_is_an_error(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], setting: str, says: str
) -> None:
    write(BASE, name="base.yaml")
    (found,) = mistakes(write(CHILD + setting + "\n"))
    assert found.startswith(f"p.yaml:{says}, which is looser than base.yaml")


def test_params_are_no_way_round(write: Callable[..., Path], mistakes: Callable[..., list[str]]) -> None:
    write(BASE, name="base.yaml")
    (found,) = mistakes(write(CHILD + "params: {floor: 0.1}\n"))
    assert found.startswith('p.yaml:4:17: rule "robust": min of robust_accuracy goes from 0.6 to 0.1')
    (found,) = mistakes(write(CHILD), floor="0.1")
    assert found.startswith('--set floor: rule "robust": min of robust_accuracy goes from 0.6 to 0.1')
    assert policy.load(write(CHILD), overrides={"floor": "0.9"}).rules[0].limits[0].min == 0.9


def test_a_grandchild_is_held_to_all_above_it(write: Callable[..., Path], mistakes: Callable[..., list[str]]) -> None:
    write(BASE, name="a/base.yaml")
    write(
        "policy: middle\nextends: [base.yaml]\nrules:\n  - {id: skill, require: {accuracy: {min: 0.8}}}\n",
        name="a/m.yaml",
    )
    path = write("policy: child\nextends: [a/m.yaml]\nrules:\n  - {id: skill, require: {accuracy: {min: 0.75}}}\n")
    (found,) = mistakes(path)
    assert "min of accuracy goes from 0.8 to 0.75" in found
    assert "the rule at a/m.yaml:4:5" in found


def test_one_of_several_parents_cannot_loosen_another(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    rule = "rules:\n  - {id: r, check: performance, require: {accuracy: {min: %s}}, why: w}\n"
    write("policy: low\nmax_waiver_days: 5\n" + rule % 0.5, name="low.yaml")
    write("policy: high\nconfidence: 0.99\n" + rule % 0.9, name="high.yaml")
    for order in ("[low.yaml, high.yaml]", "[high.yaml, low.yaml]"):
        loaded = policy.load(write(f"policy: child\nextends: {order}\n"))
        assert loaded.rules[0].limits == (Limit("accuracy", min=0.9),)
        assert (loaded.confidence, loaded.max_waiver_days) == (0.99, 5)
    write("policy: other\n" + (rule % 0.2).replace("accuracy", "f1"), name="other.yaml")
    found = mistakes(write("policy: child\nextends: [high.yaml, other.yaml]\n"))
    assert all(line.startswith("p.yaml:2:") and 'rule "r"' in line for line in found)


def test_a_diamond_is_read_once(write: Callable[..., Path]) -> None:
    write(BASE, name="base.yaml")
    write(
        "policy: left\nextends: [base.yaml]\nrules:\n  - {id: skill, require: {accuracy: {min: 0.9}}}\n", name="l.yaml"
    )
    write("policy: right\nextends: [base.yaml]\n", name="r.yaml")
    loaded = policy.load(write("policy: child\nextends: [l.yaml, r.yaml]\n"))
    assert [source.name for source in loaded.sources] == ["p.yaml", "l.yaml", "base.yaml", "r.yaml"]
    assert loaded.rules[1].limits == (Limit("accuracy", min=0.9),)


def test_a_circle_is_an_error(write: Callable[..., Path], mistakes: Callable[..., list[str]]) -> None:
    write("policy: b\nextends: [p.yaml]\n", name="b.yaml")
    found = mistakes(write("policy: a\nextends: [b.yaml]\n"))
    assert "b.yaml:2:11: a policy cannot extend itself: p.yaml -> b.yaml -> p.yaml" in found
    assert "p.yaml:2:11: a policy cannot extend itself: p.yaml -> p.yaml" in mistakes(
        write("policy: a\nextends: [p.yaml]\n")
    )


def test_a_long_chain_is_an_error(write: Callable[..., Path], mistakes: Callable[..., list[str]]) -> None:
    for number in range(20):
        write(f"policy: p\nextends: [{number + 1}.yaml]\n", name=f"{number}.yaml")
    write(BASE, name="20.yaml")
    assert "more than 8 policies extend one another" in mistakes(Path("0.yaml"))[0]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("https://example.org/p.yaml", "nothing is fetched"),
        ("/etc/p.yaml", "an absolute path works on one machine only"),
        ("bse.yaml", 'no such file; did you mean "base.yaml"?'),
        ("builtin:basline", 'did you mean "baseline"?'),
        ("builtin:../base", "no built-in policy"),
    ],
)
def test_what_cannot_be_extended_is_named(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], word: str, says: str
) -> None:
    write(BASE, name="base.yaml")
    found = mistakes(write(f'policy: child\nextends: [base.yaml, "{word}"]\n'))
    assert found[0].startswith("p.yaml:2:22: extends ")
    assert says in found[0]


def test_mistakes_of_a_parent_stand_in_the_parent(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    write(BASE.replace("accuracy: {min: 0.7}", "acuracy: {min: 0.7}"), name="base.yaml")
    found = mistakes(write(CHILD + "rules:\n  - {id: robst, severity: low}\n  - {id: skill, sevrity: low}\n"))
    assert [line.partition(": ")[0] for line in found] == ["p.yaml:5:5", "p.yaml:6:17", "base.yaml:18:15"]
    assert 'key "check" is missing; did you mean to change "robust"?' in found[0]


def test_changes_have_a_direction(write: Callable[..., Path]) -> None:
    old = policy.load(write(BASE, name="base.yaml"))
    new = policy.load(
        write(
            BASE.replace("0.6", "0.5").replace("severity: high", "severity: critical").replace("seed: 7", "seed: 8")
            + "  - {id: more, check: leakage, require: {duplicate_share: {max: 0}}}\n",
            name="new.yaml",
        )
    )
    changes = {(change.rule, *change.key): change.direction for change in policy_changes(old, new)}
    assert changes == {
        ("", "seed"): "changed",
        ("robust", "severity"): "stricter",
        ("robust", "require", "robust_accuracy", "min"): "looser",
        ("more",): "stricter",
    }
    assert [change.direction for change in policy_changes(new, old) if change.rule == "more"] == ["looser"]
    assert policy_changes(old, old) == ()


@pytest.mark.parametrize(
    ("changed", "sentence", "may_loosen"),
    [
        ("timeout_seconds: 5", "timeout_seconds goes from 600 to 5", True),
        ("controls: [GDPR/Article 5]", "controls goes from [] to [GDPR/Article 5]", False),
        ("why: No reason.", 'why goes from "Because." to "No reason."', False),
    ],
)
def test_changes_that_are_free_to_a_child_are_told(
    write: Callable[..., Path], changed: str, sentence: str, may_loosen: bool
) -> None:
    old = policy.load(write(BASE, name="base.yaml"))
    new = policy.load(write(BASE.replace("    why: Because.", "    " + changed), name="new.yaml"))
    if not changed.startswith("why"):
        new = replace(new, rules=(replace(new.rules[0], why=old.rules[0].why), *new.rules[1:]))
    (change,) = policy_changes(old, new)
    assert (change.direction, change.rule, change.sentence) == ("changed", "robust", sentence)
    assert change.may_loosen == may_loosen


def test_one_file_has_one_name(tmp_path: Path) -> None:
    """A bundle keeps it once, under the name by which it was read first."""
    base = tmp_path / "base.yaml"
    base.write_text(BASE)
    (tmp_path / "again.yaml").symlink_to(base)
    child = tmp_path / "child.yaml"
    child.write_text("policy: child\nversion: '1'\nextends: [base.yaml, again.yaml]\n")
    with pytest.raises(PolicyError, match=r"child\.yaml:3:22: .*again\.yaml is the same file as .*base\.yaml"):
        policy.load(child)
    child.write_text("policy: child\nversion: '1'\nextends: [base.yaml, ./base.yaml]\n")
    assert policy.load(child).rules
