"""The lineage in the HTML report: every step is drawn, nothing foreign is markup, no graph breaks it."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from audit.records import FileRecord, Step
from audit.reports._html_lineage import lineage_figure

FILES = (FileRecord("model.skops", "model", "0" * 64, 1), FileRecord("train.csv", "data.train", "1" * 64, 1))


def step(source: str, target: str, *, verified: bool = True, how: str = "https://example.org/fit") -> Step:
    return Step(source, target, how, "R", verified)


def drawn(*steps: Step) -> etree._Element:
    return etree.fromstring(lineage_figure(steps, FILES))


def boxes(figure: etree._Element) -> list[str]:
    return [title.text for title in figure.iter("title")]


def test_without_steps_there_is_no_figure() -> None:
    assert lineage_figure((), FILES) == ""


def test_every_thing_is_a_box_and_every_step_a_line() -> None:
    figure = drawn(step("raw.csv", "train.csv"), step("train.csv", "model.skops", verified=False))
    assert sorted(boxes(figure)) == [
        "model.skops, made by https://example.org/fit", "raw.csv", "train.csv, made by https://example.org/fit",
    ]  # fmt: skip
    assert [path.get("class") for path in figure.iter("path")] == ["flow", "tip", "flow told", "tip"]
    places = {text.text: float(text.get("x")) for text in figure.iter("text")}
    assert places["raw.csv"] < places["train.csv"] < places["model.skops"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&b", "]]>"])
def test_foreign_names_are_text(name: str) -> None:
    figure = drawn(step(name, "model.skops", how=name))
    assert {element.tag for element in figure.iter()} <= {
        "div", "p", "span", "svg", "path", "g", "title", "rect", "text",
    }  # fmt: skip
    assert name in boxes(figure)


def test_circles_of_a_forged_bundle_are_drawn_all_the_same() -> None:
    assert len(boxes(drawn(step("a", "b"), step("b", "a"), step("a", "a")))) == 2


def test_a_large_graph_is_folded() -> None:
    steps = [step(f"raw-{number}.csv", "train.csv") for number in range(450)] + [step("train.csv", "model.skops")]
    figure = drawn(*steps)
    names = boxes(figure)
    assert len(names) <= 40
    assert any(re.fullmatch(r"4[0-9]{2} more", name) for name in names)
    assert any(name.startswith("model.skops") for name in names)
    assert len(lineage_figure(steps * 50, FILES)) < 60_000
