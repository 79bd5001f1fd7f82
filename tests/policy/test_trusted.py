"""Names that a policy trusts have an owner and a last day, and isolation only ever gets stricter on the way down."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from audit import policy
from audit.bundle import policy_file
from audit.errors import PolicyError
from audit.policy.compare import policy_changes
from audit.policy.editor import json_schema
from audit.policy.explain import explain
from audit.policy.trusted import mistake
from audit.records import ISOLATION

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
        (trusted("numpy.f2py.crackfortran.myeval"), "numpy.f2py runs whatever code"),
        (trusted("numpy.testing._private.utils.runstring"), "numpy.testing runs whatever code"),
        (trusted("torch.utils.cpp_extension.load_inline"), "torch.utils.cpp_extension runs whatever code"),
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


PARENT = head(trusted("a.B", 30), more="max_waiver_days: 60\n")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (trusted("a.B", 31), "trusted_types a.B expires goes from"),
        (trusted("a.B", 30, "bob@example.org"), "trusted_types a.B owner goes from"),
        (trusted("a.C", 1), "trusted_types a.C goes from not trusted to trusted until"),
    ],
)
def test_more_trust_needs_leave_whatever_its_form(write: Write, mistakes: Mistakes, entry: str, says: str) -> None:
    write(rules=RULE, name="base.yaml", head=PARENT)
    child = "policy: child\nextends: [base.yaml]\n" + head(entry)
    (found,) = mistakes(write(child))
    assert found.startswith(f"p.yaml:4:5: {says}")
    assert found.endswith('; base.yaml does not say "allow_trusted_types: true"')
    write(rules=RULE, name="base.yaml", head="allow_trusted_types: true\n" + PARENT)
    assert "a.B" in policy.trusted_names(policy.load(write(child)), TODAY)


def test_a_child_keeps_what_its_parents_trust_and_may_end_it_sooner(write: Write) -> None:
    write(rules=RULE, name="base.yaml", head=PARENT)
    child = policy.load(write("policy: child\nextends: [base.yaml]\n" + head(trusted("a.B", 3))))
    assert [(one.name, one.expires, one.location) for one in child.trusted_types] == [("a.B", day(3), "p.yaml:4:5")]
    kept = policy.load(write("policy: child\nextends: [base.yaml]\ntrusted_types: []\n"))
    assert [(one.name, one.expires, one.location) for one in kept.trusted_types] == [("a.B", day(30), "base.yaml:5:5")]


def test_what_one_parent_trusts_does_not_slip_past_another(write: Write, mistakes: Mistakes) -> None:
    write(rules=RULE, name="trusts.yaml", head=head(trusted("a.B", 20)))
    write(rules=RULE, name="same.yaml", head=head(trusted("a.B", 10)))
    write(rules=RULE, name="strict.yaml")
    for order in ("[trusts.yaml, strict.yaml]", "[strict.yaml, trusts.yaml]"):
        (found,) = mistakes(write(f"policy: child\nextends: {order}\n"))
        assert found.startswith("p.yaml:2:")
        assert 'strict.yaml does not say "allow_trusted_types: true"' in found
    for order in ("[trusts.yaml, same.yaml]", "[same.yaml, trusts.yaml]"):
        (one,) = policy.load(write(f"policy: child\nextends: {order}\n")).trusted_types
        assert one.expires == day(10), "of two days the sooner one"


def test_leave_to_trust_more_is_given_by_all_parents_or_none(write: Write, mistakes: Mistakes) -> None:
    write(rules=RULE, name="open.yaml", head="allow_trusted_types: true\n")
    write(rules=RULE, name="closed.yaml")
    assert policy.load(write("policy: child\nextends: [open.yaml]\n")).allow_trusted_types
    assert not policy.load(write("policy: child\nextends: [open.yaml, closed.yaml]\n")).allow_trusted_types
    shut = policy.load(write("policy: child\nextends: [open.yaml]\nallow_trusted_types: false\n"))
    assert not shut.allow_trusted_types
    (found,) = mistakes(write("policy: child\nextends: [closed.yaml]\nallow_trusted_types: true\n"))
    assert found.startswith("p.yaml:3:22: allow_trusted_types goes from false to true, which is looser")


def test_a_shorter_longest_time_binds_the_names_of_the_parents_too(write: Write, mistakes: Mistakes) -> None:
    write(rules=RULE, name="base.yaml", head=PARENT)
    (found,) = mistakes(write("policy: child\nextends: [base.yaml]\nmax_waiver_days: 29\n"))
    assert found.startswith("base.yaml:5:")
    assert "30 more days; the policy allows 29" in found


def test_days_are_counted_from_the_day_that_is_asked_for(write: Write) -> None:
    path = write(rules=RULE, head=head("{name: a.B, owner: o, expires: 2020-03-01}"))
    for today, ok in (("2019-12-01", False), ("2019-12-02", True), ("2020-03-01", True), ("2030-01-01", True)):
        try:
            policy.load(path, today=datetime.date.fromisoformat(today))
        except PolicyError:
            assert not ok, today
        else:
            assert ok, today


def test_the_shipped_policies(write: Write, mistakes: Mistakes) -> None:
    assert [policy.load(f"builtin:{name}").isolation for name in ("baseline", "ci", "release")] == [
        "best_effort", "best_effort", "required",
    ]  # fmt: skip
    for name in ("baseline", "ci"):
        child = policy.load(write(f"policy: child\nextends: [builtin:{name}]\n" + head(trusted("a.B"))))
        assert policy.trusted_names(child, TODAY) == ("a.B",)
    (found,) = mistakes(write("policy: child\nextends: [builtin:release]\n" + head(trusted("a.B"))))
    assert 'builtin:release does not say "allow_trusted_types: true"' in found


def test_changes_of_trust_and_isolation_have_a_direction(write: Write) -> None:
    before = policy.load(write(rules=RULE, name="old.yaml", head=head(trusted("a.B", 5), trusted("a.C", 5))))
    after = head(trusted("a.B", 6, "bob"), trusted("a.D", 5), more="isolation: required\nallow_trusted_types: true\n")
    new = policy.load(write(rules=RULE, name="new.yaml", head=after))
    assert {change.key: change.direction for change in policy_changes(before, new)} == {
        ("isolation",): "stricter",
        ("allow_trusted_types",): "looser",
        ("trusted_types", "a.B", "expires"): "looser",
        ("trusted_types", "a.B", "owner"): "changed",
        ("trusted_types", "a.C"): "stricter",
        ("trusted_types", "a.D"): "looser",
    }
    assert {change.direction for change in policy_changes(new, before) if change.key == ("isolation",)} == {"looser"}
    assert policy_changes(new, new) == ()


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("mypackage.code.Block", False),
        ("scipy.signal.lti", False),
        ("pathlib.PosixPath", False),
        ("builtins.ValueError", False),
        ("builtins.frozenset", False),
        ("pandas._libs.internals.__pyx_unpickle_Block", False),
        ("builtins.str.format", True),
        ("builtins.type", True),
        ("builtins.__import__", True),
        ("__builtin__.eval", True),
        ("__main__.Gate", True),
        ("mypackage.Gate.__class__.mro", True),
        ("mypackage.layers.subprocess.run", True),
        ("mypackage.layers.sys", True),
        ("joblib.externals.cloudpickle.cloudpickle._make_function", True),
        ("nt.system", True),
        ("runpy.run_path", True),
        ("pty.spawn", True),
        ("socket.create_connection", True),
        ("shutil.rmtree", True),
        ("ctypes.CDLL", True),
        ("pickle.loads", True),
        ("_pickle.loads", True),
        ("marshal.loads", True),
        ("code.InteractiveInterpreter", True),
        ("sys.settrace", True),
        ("operator.attrgetter", True),
        ("types.FunctionType", True),
        ("numpy.testing._private.utils.runstring", True),
        ("\u0455ubprocess.Popen", True),
        ("mypackage..Gate", True),
        (".mypackage.Gate", True),
        ("mypackage.layers.Gate ", True),
    ],
)
def test_names_that_no_reviewer_can_mean(name: str, refused: bool) -> None:
    assert bool(mistake(name)) is refused


def test_explain_says_what_is_kept_apart_and_who_answers(write: Write) -> None:
    entry = f"{{name: a.b.Gate, owner: ann@example.org, expires: {day(3)}, why: It weighs the branches.}}"
    told = " ".join(explain(policy.load(write(rules=RULE, head=head(entry, more="isolation: required\n")))).split())
    assert "kept from" not in told
    assert "keeps from network, other files and programs" in told
    assert f"may use a.b.Gate up to {day(3)}; ann@example.org answers for it: It weighs the branches." in told
    words = [explain(policy.load(write(rules=RULE, head=f"isolation: {word}\n"))) for word in ISOLATION]
    assert len(set(words)) == 3


def test_the_schema_for_editors_knows_what_the_loader_knows(write: Write) -> None:
    schema = json_schema()
    good = {"policy": "p", "isolation": "off", "allow_trusted_types": True, "rules": []}
    one = {"name": "a.b.Gate", "owner": "o", "expires": "2026-12-31", "why": "w"}
    jsonschema.validate({**good, "trusted_types": [one]}, schema)
    for wrong in ({"name": "sklearn.*"}, {"name": "Gate"}, {"expires": "soon"}, {"until": "x"}, {"owner": None}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, "trusted_types": [{**one, **wrong}]}, schema)
    for name in ("name", "owner", "expires"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, "trusted_types": [{key: one[key] for key in one if key != name}]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "isolation": "maybe"}, schema)


def test_the_parameter_of_old_policies_points_to_the_key(write: Write, mistakes: Mistakes) -> None:
    rule = "  - {id: r, check: unsafe_file, with: {trusted_types: [a.B]}, require: {unsafe_globals: {max: 0}}}\n"
    (found,) = mistakes(write(rules=rule))
    assert found.startswith('p.yaml:4:40: rule "r": "trusted_types" is no parameter; list the names under the key')


def test_the_resolved_policy_says_the_same(write: Write) -> None:
    more = "isolation: off\nallow_trusted_types: true\n"
    entry = f'{{name: a.b.Gate, owner: 007, expires: "{day(-3)}", why: "yes"}}'
    loaded = policy.load(write(rules=RULE, head=head(entry, trusted("a.B"), more=more)))
    Path("resolved.yaml").write_bytes(policy_file.dump(loaded))
    again = policy.load("resolved.yaml")
    assert policy_changes(loaded, again) == ()
    assert policy_file.dump(again) == policy_file.dump(loaded)
    assert [(one.name, one.owner, one.why) for one in again.trusted_types] == [
        ("a.B", "ann@example.org", ""), ("a.b.Gate", "007", "yes"),
    ]  # fmt: skip
