"""Names of categories are told from people by how often each value recurs, in any order of the rows."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.recurring import MOST, Recurring
from audit.pii.columns.row_sets import count
from audit.pii.spans import Span

FILMS = (
    "Forrest Gump", "The Matrix", "Inception", "Jaws", "Alien", "Heat", "Gladiator", "Fight Club", "Toy Story",
    "Psycho", "Vertigo", "Memento",
)  # fmt: skip
PEOPLE = ("Jennifer Thompson", "Michael Johnson", "Sarah Williams", "Robert Anderson", "Emily Davis", "Karen Wilson")


TEAMS = tuple(
    f"{what} {who}" for what in ("Billing", "Network", "Cloud") for who in ("Support", "Team", "Desk", "Queue")
)


def people(values: list[str], *, chunk: int = 10**6, name: str = "item") -> int:
    reader, column = ColumnReader(name, Options()), pd.Series(values)
    for start in range(0, len(column), chunk):
        reader.add(column.iloc[start : start + chunk], start)
    return count([rows for kind, rows in reader.findings().items() if kind.entity == "PERSON"])


def test_one_film_of_twelve_that_is_a_name_is_a_film() -> None:
    assert people([*FILMS] * 25) == 0


@pytest.mark.parametrize("chunk", [60, 10**6])
@pytest.mark.parametrize("seed", [1, 2])
def test_people_that_are_written_among_films_are_found_in_any_order(seed: int, chunk: int) -> None:
    values = [*[*FILMS[1:]] * 25, *PEOPLE]
    random.Random(seed).shuffle(values)
    assert people(values, chunk=chunk) == len(PEOPLE)


def test_a_column_of_a_few_recurring_people_is_one_of_people() -> None:
    assert people([*PEOPLE, "Jaws"] * 25) == 25 * len(PEOPLE)


def test_agents_among_three_times_as_many_teams_are_people() -> None:
    teams = [f"{team} {site}" for team in TEAMS for site in ("One", "Two")]
    assert people([*PEOPLE, *teams] * 25) == 25 * len(PEOPLE)
    assert people([*PEOPLE[:2], *teams] * 25) == 0
    assert people([*PEOPLE[:2], *teams] * 25, name="assigned_to") == 50


@pytest.mark.parametrize("dishes", [("Caesar salad", "Eggs Benedict", "Margherita pizza", "Beef Wellington")])
def test_dishes_that_are_named_after_somebody_are_no_people(dishes: tuple[str, ...]) -> None:
    assert people([*dishes, "Pad Thai", "Tomato soup"] * 50) == 0


def test_first_names_between_the_states_of_an_order_are_people() -> None:
    states = ["pending", "shipped", "returned", "on hold", "draft", "archived", "failed", "refunded", "active"]
    assert people([*states * 25, "Kelly", "Stephanie", "Thomas", "Melissa", "Katherine", "Jessica"]) == 6


def test_the_same_values_are_kept_in_any_order_with_all_their_cells() -> None:
    values = [
        f"{letter}{other}{last}"
        for letter in "abcdefghijklmnop"
        for other in "abcdefghijklmnop"
        for last in "qrstuvwxyz"
    ]
    kept = []
    for order in (values, values[::-1]):
        recurring = Recurring()
        for _ in range(2):
            for value in order:
                recurring.add(value, 1, [], words=True)
        kept.append(sorted(recurring.words))
    assert kept[0] == kept[1]
    assert len(kept[0]) == MOST < len(values)


def test_values_that_differ_in_numbers_are_one_unless_the_number_is_the_finding() -> None:
    recurring = Recurring()
    for number in range(10):
        recurring.add(f"Grant approved {number}", 1, [Span(0, 5, "PERSON", 0.5)], words=False)
        recurring.add(f"at {number}1.25 N", 1, [Span(3, 10, "LOCATION", 0.85)], words=False)
        recurring.add(f"state {'abcdefghij'[number]}", 9, [], words=True)
    assert recurring.category("PERSON", 0.5)
    assert not recurring.category("LOCATION", 0.85)
