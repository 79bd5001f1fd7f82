"""When would a pass on texts be a lie? Attacks that change nothing, models that read nothing, text in the evidence."""

from __future__ import annotations

import csv
import io
import random
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from attacks.text.distance import changed_characters
from audit.checks import evasion
from audit.checks._evasion import texts
from audit.checks._evasion.text_rows import TextRows
from audit.errors import NotMeasurable, UnknownName
from audit.models import Model
from audit.records import CheckResult
from audit.subject import FeatureSpec, Subject

SLOW = pytest.mark.slow
COMMON = {"seed": 1, "confidence": 0.95}
WORDS = {"bill": ("invoice", "refund", "charged", "price"), "send": ("parcel", "courier", "shipped", "tracking")}
FILLERS = ("hello", "please", "my", "the", "is", "not", "since", "two", "weeks", "help", "with", "Xenia Quill")


def tickets(n: int, seed: int) -> pd.DataFrame:
    rng = random.Random(seed)
    rows = []
    for number in range(n):
        team = ("bill", "send")[number % 2]
        told = [*rng.choices(FILLERS, k=7), *rng.choices(WORDS[team], k=2)]
        rng.shuffle(told)
        rows.append((" ".join(told), team))
    return pd.DataFrame(rows, columns=["text", "target"])


MODELS = {
    "linear": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(C=20.0)),
    "bayes": lambda: make_pipeline(CountVectorizer(), MultinomialNB()),
    "margins": lambda: make_pipeline(TfidfVectorizer(), LinearSVC()),
    "constant": lambda: make_pipeline(CountVectorizer(), DummyClassifier(strategy="constant", constant="bill")),
}


@cache
def subject(kind: str = "linear", n: int = 60) -> Subject:
    train, test = tickets(200, 0), tickets(n, 1)
    model = MODELS[kind]().fit(train["text"], train["target"])
    return Subject.in_memory(model=model, train=train, test=test)


def answering(predict: Any, *, n: int = 40, scores: Any = None) -> Subject:
    """A subject whose model is a function of the column of texts."""
    model = Model(
        predict=lambda frame: predict(frame["text"]),
        scores=None if scores is None else lambda frame: scores(frame["text"]),
        classes=("bill", "send"),
        columns=("text",),
    )
    return Subject.in_memory(model=model, test=tickets(n, 1))


def last(of: Subject, epsilon: float = 2, **options: Any) -> CheckResult:
    return list(texts.run(of, epsilon=epsilon, **{**COMMON, "queries": 200, **options}))[-1]


def rows_of(result: CheckResult, name: str) -> list[dict[str, str]]:
    content = next(file.content for file in result.evidence if file.name == name)
    return list(csv.DictReader(io.StringIO(content.decode())))


# measures


@pytest.mark.parametrize("kind", ["linear", pytest.param("bayes", marks=SLOW), pytest.param("margins", marks=SLOW)])
def test_two_words_break_within_their_letters_and_not_within_one(kind: str) -> None:
    """Each text holds two telling words, so that one slip leaves one, and two characters in two words leave none."""
    one, many = last(subject(kind), 1, max_rows=32), last(subject(kind), 12, max_rows=32)
    assert one.measures["clean_accuracy"].value == 1
    assert one.measures["robust_accuracy"].value > many.measures["robust_accuracy"].value
    assert many.measures["robust_accuracy"].value < 0.2
    assert one.measures["median_distance"].unit == "changed characters"
    assert 1 < many.measures["median_distance"].value <= 12


def test_the_check_itself_attacks_texts() -> None:
    result = list(evasion.run(subject(), epsilon=12, max_rows=16, queries=200, **COMMON))[-1]
    assert result.measures["robust_accuracy"].value < 0.3
    assert "changed characters" in result.sentence


def test_rows_that_an_independent_count_and_the_model_confirm() -> None:
    of = subject()
    order = np.arange(20)
    rows = TextRows(of, order, np.zeros(0, dtype=np.int64))
    asked: list[pd.DataFrame] = []

    class Watched:
        def run(self, target: Any, x: np.ndarray, y: np.ndarray, **options: Any) -> Any:
            from attacks.evasion import text_edits

            found = text_edits.run(target, x, y, **options)
            asked.append(pd.DataFrame({"before": x[:, 1], "after": found.adversarial[:, 1], "won": found.success}))
            return found

    from audit.checks._evasion.text_report import TextProgress

    progress = TextProgress(of, rows, order, epsilon=4, confidence=0.95)
    setting = texts.Setting(of, {"watched": Watched()}, 4, 200)  # type: ignore[dict-item]
    texts._attack(setting, progress, np.flatnonzero(progress.right), seed=0)
    seen = asked[0]
    assert seen["won"].any()
    for before, after, won in seen.itertuples(index=False):
        assert changed_characters(before, after) <= 4
        if won:
            answers = of.predict(pd.DataFrame({"text": [before, after]}))
            assert answers[0] != answers[1]


def test_intervals_narrow_as_rows_come_in() -> None:
    results = list(texts.run(subject(), epsilon=12, queries=100, **COMMON))
    assert len(results) == 5, "after 16, 24, 30, 45 and 60 rows"
    widths = [result.measures["robust_accuracy"].high - result.measures["robust_accuracy"].low for result in results]
    assert widths == sorted(widths, reverse=True)


def test_rows_answered_wrongly_count_as_broken_and_are_not_attacked() -> None:
    wrong = answering(lambda column: np.where(column.str.contains("invoice|refund|charged|price"), "send", "bill"))
    result = last(wrong)
    assert result.measures["robust_accuracy"].value == 0 == result.measures["clean_accuracy"].value
    assert result.measures["queries"].n == 0
    assert result.measures["median_distance"].value == 0


def test_a_share_of_the_characters_can_be_the_limit() -> None:
    result = last(subject(), 0.2, max_rows=16)
    assert "0.2 of a row's characters" in result.sentence
    assert result.measures["robust_accuracy"].value < 0.3


def test_several_columns_of_text_share_the_budget_and_other_columns_stay() -> None:
    frame = tickets(80, 3)
    halves = frame["text"].str.split(n=4)
    frame.insert(0, "subject", halves.str[:4].str.join(" "))
    frame["text"] = halves.str[4]
    frame["number"] = 7
    frame.loc[::7, "subject"] = None
    columns = make_column_transformer(
        (TfidfVectorizer(), "subject"), (TfidfVectorizer(), "text"), remainder="passthrough"
    )
    clean = frame.fillna({"subject": ""})
    fitted = make_pipeline(columns, LogisticRegression(C=20.0)).fit(
        clean[["subject", "text", "number"]], clean["target"]
    )

    def predict(given: pd.DataFrame) -> np.ndarray:
        assert (given["number"] == 7).all()
        return np.asarray(fitted.predict(given.fillna({"subject": ""})))

    model = Model(predict=predict, classes=("bill", "send"), columns=("subject", "text", "number"))
    of = Subject.in_memory(model=model, test=frame)
    assert texts.applies(of)
    result = last(of, 14, max_rows=32)
    assert result.measures["robust_accuracy"].value < 0.7
    for row in rows_of(result, "changed_texts.csv"):
        assert int(row["changed_characters"]) <= 14


def test_a_bare_array_of_texts_is_attacked() -> None:
    train, test = tickets(200, 0), tickets(32, 1)
    model = MODELS["linear"]().fit(train["text"], train["target"])
    of = Subject.in_memory(model=model, test=(test["text"].to_numpy(dtype=object), test["target"].to_numpy()))
    assert texts.applies(of)
    assert last(of, 12).measures["robust_accuracy"].value < 0.3


# who is meant


def test_text_that_cannot_be_changed_is_left_alone() -> None:
    train, test = tickets(80, 0), tickets(40, 1)
    model = MODELS["linear"]().fit(train["text"], train["target"])
    fixed = Subject.in_memory(model=model, test=test, features={"text": FeatureSpec("text", "text", mutable=False)})
    assert not texts.applies(fixed)
    with pytest.raises(NotMeasurable, match="no text that can be changed"):
        next(texts.run(fixed, epsilon=2, **COMMON))


def test_numbers_beside_the_text_are_attacked_as_numbers() -> None:
    frame = tickets(60, 0).assign(amount=np.arange(60.0))
    columns = make_column_transformer((TfidfVectorizer(), "text"), (("passthrough"), ["amount"]))
    model = make_pipeline(columns, LogisticRegression()).fit(frame[["text", "amount"]], frame["target"])
    assert not texts.applies(Subject.in_memory(model=model, test=frame))


@pytest.mark.parametrize(("name", "error"), [("square", NotMeasurable), ("text_edit", UnknownName)])
def test_attacks_on_numbers_and_unknown_ones_are_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="text_edits"):
        next(texts.run(subject(), epsilon=2, attacks=(name,), **COMMON))


# doubts and power


def test_a_living_model_shows_power() -> None:
    power = texts.plant(subject(), queries=200, **COMMON)
    assert power.value == 1
    assert power.n == 24


def test_a_model_without_scores_shows_power() -> None:
    pipe = subject().model
    of = answering(lambda column: pipe.predict(column.to_numpy(dtype=object)), n=60)
    power = texts.plant(of, queries=200, **COMMON)
    assert power.value >= 0.9
    assert any("labels alone" in note for note in last(of, max_rows=16).notes)


def test_a_constant_model_has_no_power_and_a_doubt() -> None:
    assert texts.plant(subject("constant"), queries=60, **COMMON).value == 0
    doubts = [doubt.text for doubt in last(subject("constant"), max_rows=16, queries=60).doubts]
    assert any("same for every row" in text for text in doubts)
    assert any("stand still" in text for text in doubts)


def test_an_answer_that_changes_when_asked_twice_is_doubted() -> None:
    rng = np.random.default_rng(0)
    noisy = answering(lambda column: rng.choice(["bill", "send"], len(column)))
    assert any("asked twice" in doubt.text for doubt in last(noisy, queries=20).doubts)


def test_scores_that_hide_are_doubted() -> None:
    """Rounded to 0 and 1 and needing both words gone: no single word moves them."""

    def telling(column: pd.Series) -> np.ndarray:
        bill = sum(column.str.count(word) for word in WORDS["bill"])
        return np.where(bill >= 1, "bill", "send")

    def scores(column: pd.Series) -> np.ndarray:
        return np.stack([telling(column) == "bill", telling(column) == "send"], axis=1).astype(float)

    result = last(answering(telling, scores=scores), 1)
    assert any("stand still" in doubt.text for doubt in result.doubts)


def test_empty_cells_are_no_text_and_a_column_full_of_them_is_doubted() -> None:
    pipe = subject().model
    test = tickets(60, 1)
    test.loc[3:, "text"] = None
    test["target"] = "send"
    model = Model(
        predict=lambda frame: np.where(frame["text"].isna(), "send", pipe.predict(frame["text"].fillna("").to_numpy())),
        classes=("bill", "send"),
        columns=("text",),
    )
    spec = {"text": FeatureSpec("text", "text")}
    result = last(Subject.in_memory(model=model, test=test, features=spec), 5, queries=60)
    assert any("hold a text that could be changed" in doubt.text for doubt in result.doubts)


def test_test_data_of_one_class_is_doubted() -> None:
    one = tickets(60, 1).query("target == 'bill'")
    of = Subject.in_memory(model=subject().model, test=one)
    assert any("same label" in doubt.text for doubt in last(of, queries=40).doubts)


def test_the_same_seed_gives_the_same_result() -> None:
    assert last(subject(), max_rows=16) == last(subject(), max_rows=16)


# evidence


def test_no_word_of_any_text_reaches_the_evidence() -> None:
    result = last(subject(), 12)
    assert {file.name for file in result.evidence} == {"changed_texts.csv", "kinds_of_edits.csv"}
    told = b"".join(file.content for file in result.evidence).decode() + result.sentence + " ".join(result.notes)
    assert not any(word in told for word in (*WORDS["bill"], *WORDS["send"], "Xenia", "Quill"))
    listed = rows_of(result, "changed_texts.csv")
    test = subject().test.frame
    for row in listed:
        places = [int(place) for place in row["positions"].split()]
        assert max(places) <= len(test["text"][int(row["row"])])
        assert 1 <= int(row["changed_characters"]) <= 12
    kinds = rows_of(result, "kinds_of_edits.csv")
    broken = round((1 - result.measures["robust_accuracy"].value) * result.measures["robust_accuracy"].n)
    assert len(listed) == broken
    assert max(int(kind["rows"]) for kind in kinds) <= broken
    assert all(int(kind["rows_by_it_alone"]) <= int(kind["rows"]) <= int(kind["edits"]) for kind in kinds)
