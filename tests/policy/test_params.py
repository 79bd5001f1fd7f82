"""`${name}` takes a value with its type, and a name that nobody declared is never let through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit import policy

RULE = "  - {id: r, check: trust, with: {%s}, require: {files: {max: 1}}, why: w}\n"


def params(write: Callable[..., Path], declared: str, given: str, **overrides: str) -> dict[str, object]:
    path = write(rules=RULE % given, head=f"params: {{{declared}}}\n")
    return dict(policy.load(path, overrides=overrides).rules[0].params)


@pytest.mark.parametrize(
    ("declared", "given", "name", "expected"),
    [
        ("n: 5", 'count: "${n}"', "count", 5),
        ("n: true", 'strict: "${n}"', "strict", True),
        ("n: 8/255", 'share: "${n}"', "share", 8 / 255),
        ("n: 1e-3", 'share: "${n}"', "share", 0.001),
        ("n: [a, b]", 'words: "${n}"', "words", ("a", "b")),
        ("n: a, m: b", 'words: ["${n}", "x-${m}"]', "words", ("a", "x-b")),
        ("n: 5, m: true", 'label: "v${n}-${m}"', "label", "v5-true"),
        ("n: x", 'label: "${n}"', "label", "x"),
    ],
)
def test_a_reference_takes_the_value(
    write: Callable[..., Path], trust: str, declared: str, given: str, name: str, expected: object
) -> None:
    assert params(write, declared, given)[name] == expected


@pytest.mark.parametrize(
    ("declared", "given", "text", "expected"),
    [
        ("n: 5", 'count: "${n}"', "7", 7),
        ("n: 0.5", 'share: "${n}"', "8/255", 8 / 255),
        ("n: false", 'strict: "${n}"', "true", True),
        ("n: [a]", 'words: "${n}"', "x, y", ("x", "y")),
        ("n: text", 'label: "${n}"', "1.10", "1.10"),
    ],
)
def test_the_command_line_replaces_a_value_by_one_of_its_type(
    write: Callable[..., Path], trust: str, declared: str, given: str, text: str, expected: object
) -> None:
    assert expected in params(write, declared, given, n=text).values()


@pytest.mark.parametrize(
    ("declared", "overrides", "says"),
    [
        ("n: 5", {"m": "5"}, '--set m: no param "m"; known: n'),
        ("epsilon: 5", {"epsilno": "5"}, 'did you mean "epsilon"?'),
        ("n: 5", {"n": "many"}, '--set n: "many" does not fit; expected a number'),
        ("n: 5", {"n": "nan"}, "expected a number"),
        ("n: true", {"n": "no"}, "expected true or false"),
        ("n: x", {"n": "${n}"}, "expected a value, not a reference"),
    ],
)
def test_the_command_line_cannot_set_what_does_not_fit(
    write: Callable[..., Path],
    mistakes: Callable[..., list[str]],
    trust: str,
    declared: str,
    overrides: dict[str, str],
    says: str,
) -> None:
    name = declared.partition(":")[0]
    path = write(rules=RULE % f'label: "${{{name}}}"', head=f"params: {{{declared}}}\n")
    assert says in mistakes(path, **overrides)[0]


@pytest.mark.parametrize(
    ("declared", "given", "says"),
    [
        ("eps: 1", 'count: "${esp}"', 'no param "esp"; did you mean "eps"?'),
        ("eps: 1", 'label: "${eps"', "is no reference; write ${name}"),
        ("eps: 1", 'label: "${}"', "is no reference"),
        ("eps: 1", 'label: "${e-s}"', "is no reference"),
        ("eps: [a]", 'count: "${eps}"', "expected a whole number"),
        ("eps: {a: 1}", 'label: "${eps}"', "is a mapping; expected text, a number"),
        ("eps: [1, 2]", 'label: "${eps}"', "expected a list of words"),
        ("eps: null", 'label: "${eps}"', "is empty; expected text"),
        ("eps: '${b}', b: 1", 'label: "${eps}"', "refers to another param"),
        ("a-b: 1", "label: x", "is no name"),
    ],
)
def test_references_and_values_that_mean_nothing_are_errors(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], trust: str, declared: str, given: str, says: str
) -> None:
    found = mistakes(write(rules=RULE % given, head=f"params: {{{declared}}}\n"))
    assert any(says in line for line in found)
    assert all(line.startswith("p.yaml:") for line in found)


def test_limits_take_params_too(write: Callable[..., Path]) -> None:
    rules = "  - {id: r, check: performance, require: {accuracy: {min: '${floor}'}}}\n"
    path = write(rules=rules, head="params: {floor: 3/4}\n")
    assert policy.load(path).rules[0].limits[0].min == 0.75
    assert policy.load(path, overrides={"floor": "0.8"}).rules[0].limits[0].min == 0.8
