"""A check's signature is its schema."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Literal

import pytest

from audit import signature
from audit.errors import UnknownName
from audit.signature import CheckSpec, ParameterSpec, wording


def run(
    subject: object,
    *,
    seed: int,
    confidence: float,
    epsilon: float,
    rows: int = 500,
    norm: Literal["linf", "l2"] = "linf",
    exact: bool = False,
    columns: tuple[str, ...] = (),
    label: str | None = None,
) -> None:
    """Measure something.

    Args:
        epsilon: largest change,
            as a share.
        rows: how many.
    """


def spec() -> CheckSpec:
    module = ModuleType("missing")
    module.run = run
    parameters: dict[str, ParameterSpec] = signature._parameters(module)
    return CheckSpec("missing", module, (), {}, {}, parameters, False, "", {})


def test_parameters_come_from_the_signature() -> None:
    found = spec().parameters
    assert list(found) == ["epsilon", "rows", "norm", "exact", "columns", "label"]
    assert found["epsilon"].required
    assert found["epsilon"].text == "largest change, as a share."
    assert found["norm"].choices == ("linf", "l2")
    assert found["label"].optional


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"epsilon": "8/255"}, 8 / 255),
        ({"epsilon": "1e-3"}, 0.001),
        ({"epsilon": 1}, 1.0),
    ],
)
def test_numbers_may_be_fractions(given: dict[str, Any], expected: float) -> None:
    fit = signature.fit(spec(), given)
    assert fit.problems == ()
    assert fit.values["epsilon"] == expected
    assert fit.values["rows"] == 500


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ['parameter "epsilon" of check "missing" is missing']),
        ({"epsilon": 0.1, "row": 5}, ['no parameter of check "missing" "row"; did you mean "rows"?']),
        ({"epsilon": "five"}, ["\"epsilon\" is 'five'; expected a number"]),
        ({"epsilon": float("nan")}, ["expected a number"]),
        ({"epsilon": True}, ["expected a number"]),
        ({"epsilon": "1/0"}, ["expected a number"]),
        ({"epsilon": 0.1, "rows": 2.5}, ["expected a whole number"]),
        ({"epsilon": 0.1, "norm": "l3"}, ["expected one of linf, l2"]),
        ({"epsilon": 0.1, "exact": "yes"}, ["expected true or false"]),
        ({"epsilon": 0.1, "columns": [1]}, ["expected a list of words"]),
        ({"epsilon": "x", "rows": "y", "bad": 1}, ["bad", "epsilon", "rows"]),
    ],
)
def test_all_mistakes_at_once(given: dict[str, Any], words: list[str]) -> None:
    problems = signature.fit(spec(), given).problems
    assert len(problems) == len(words)
    for problem, word in zip(problems, words, strict=True):
        assert word in problem.message


def test_words_of_a_command_line() -> None:
    given = {"epsilon": "0.1", "rows": "20", "exact": "true", "columns": "a,b", "label": "none"}
    values = signature.fit(spec(), given, from_text=True).values
    assert values == {"epsilon": 0.1, "rows": 20, "norm": "linf", "exact": True, "columns": ("a", "b"), "label": None}


def test_unknown_check_suggests() -> None:
    with pytest.raises(UnknownName, match='no check "evasoin"; did you mean "evasion"'):
        signature.describe("evasoin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("share of rows, 0 to 1", (0.0, 1.0)),
        ("share, 0.5 is chance, 0 to 1; exact", (0.0, 1.0)),
        ("difference, -1 to 1", (-1.0, 1.0)),
        ("distance, 0 (same) to 1 (nothing shared)", (0.0, 1.0)),
        ("distance, 0 to epsilon: 0 where wrong", (0.0, None)),
        ("count, 0 upwards, lower is better", (0.0, None)),
        ("variance explained, up to 1", (None, 1.0)),
        ("error, 0 to 1 for two classes, 0 to 2 for more", (0.0, 2.0)),
        ("skill, -1 to 1; for numbers the rest, up to 1", (None, 1.0)),
        ("a word; bound: all fits", None),
        ("columns in which 3 to 5 cells are empty", None),
    ],
)
def test_ranges_are_read_off_the_texts_of_measures(text: str, expected: object) -> None:
    assert wording.range_of(text) == expected


def test_every_measure_that_is_a_number_states_its_range() -> None:
    for name in signature.check_names():
        found = signature.describe(name)
        assert set(found.measures) - set(found.scales) == set(found.ranges), name
