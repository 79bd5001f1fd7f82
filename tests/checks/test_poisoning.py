"""Poison that bites has to show, poison that cannot bite must not, and a lucky training is no proof."""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from audit import judge
from audit.checks import poisoning
from audit.checks._poisoning.proxy import proxy
from audit.checks._poisoning.trainings import Trainings
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult, Limit, Verdict
from audit.subject import FeatureSpec, Subject

COMMON = {"seed": 1, "confidence": 0.95}


def last(audited: Subject, **options: Any) -> CheckResult:
    """What the check says in the end, without further shares for the curve unless asked for."""
    *_, result = poisoning.run(audited, **{**COMMON, "curve": (), **options})
    return result


def flips(audited: Subject, **options: Any) -> CheckResult:
    """Flips of one share and one kind alone, unless asked otherwise."""
    return last(audited, **{"attack": "flips", "kind": "adversarial", **options})


def rows_of(result: CheckResult, name: str) -> list[dict[str, str]]:
    content = next(file.content for file in result.evidence if file.name == name)
    return list(csv.DictReader(io.StringIO(content.decode())))


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    answer = np.where(x @ [1.5, -1.0, 0.5, 0.0] + rng.normal(0, 0.3, n) > 0, "yes", "no")
    return pd.DataFrame(x, columns=list("abcd")).assign(town=rng.choice(["n", "s"], n), target=answer)


def numbers(x: Any) -> Any:
    return x[list("abcd")]


class OnNumbers:
    """A recipe of any estimator on the numeric columns."""

    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        model = self.make(seed)
        return model.fit(numbers(x), y)


def subject(make: Any, *, model: Any = None, n: int = 500, **options: Any) -> Subject:
    return Subject.in_memory(train=table(n, 1), test=table(300, 2), recipe=OnNumbers(make), model=model, **options)


def linear(seed: int) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(random_state=seed))


def constant(seed: int) -> Any:
    del seed
    return DummyClassifier(strategy="constant", constant="yes")


def tree(seed: int) -> Any:
    return DecisionTreeClassifier(random_state=seed, max_features=2)


def test_adversarial_flips_hurt_more_than_random_ones() -> None:
    drops = {
        kind: flips(subject(linear), share=0.2, kind=kind).measures["accuracy_drop"]
        for kind in ("random", "adversarial")
    }
    assert drops["adversarial"].value > drops["random"].value + 0.05
    assert drops["adversarial"].low > 0


def test_the_attacker_flips_within_a_class_only_where_it_has_the_rows() -> None:
    rng = np.random.default_rng(0)
    frame = table(600, 3)
    rare = frame[(frame["target"] == "yes") | (rng.random(600) < 0.2)]
    lopsided = Subject.in_memory(train=rare, test=table(300, 2), recipe=OnNumbers(linear))
    guess = proxy(Trainings(lopsided, 1))
    few = int(np.bincount(lopsided.codes(lopsided.train)).argmin())
    assert guess.scores.shape == (len(rare), 2)
    assert guess.within(0.3) != few
    assert guess.within(0.3) == 1 - few, "flipping most of the large class turns what the model says"


def test_a_tree_that_learns_every_label_loses_what_is_flipped() -> None:
    drop = flips(subject(tree), share=0.3, kind="random").measures["accuracy_drop"]
    assert drop.low > 0.05
    assert drop.low < drop.value < drop.high
    assert drop.n == 300


def test_more_poison_is_not_less_damage() -> None:
    values = [flips(subject(GaussianNB_), share=share).measures["accuracy_drop"].value for share in (0.02, 0.2, 0.4)]
    assert values == sorted(values)
    assert values[-1] > 0.3


def GaussianNB_(seed: int) -> Any:
    del seed
    return GaussianNB()


@pytest.mark.slow
def test_the_interval_covers_another_seed() -> None:
    first = flips(subject(tree), share=0.2, kind="random").measures["accuracy_drop"]
    others = [
        flips(subject(tree), share=0.2, kind="random", seed=seed).measures["accuracy_drop"].value
        for seed in range(2, 7)
    ]
    assert all(first.low <= value <= first.high for value in others)


def test_a_recipe_that_ignores_labels_is_doubted_and_loses_nothing() -> None:
    result = last(subject(constant))
    drop = result.measures["accuracy_drop"]
    assert drop.value == 0
    assert drop.high > 0, "that no row was lost does not prove that none can be"
    assert any("without skill" in doubt.text for doubt in result.doubts)


def test_a_recipe_that_ignores_labels_has_no_power() -> None:
    assert poisoning.plant(subject(constant), attack="flips", **COMMON).value == 0


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["all", "triggers", "copies"])
def test_what_ignores_its_data_withstands_all_poison_and_shows_no_power(attack: Any) -> None:
    assert poisoning.plant(subject(constant), attack=attack, **COMMON).value == 0


class HoldsOut:
    """A tree whose last rows are no training rows but choose its depth, as many frameworks hold out the last part."""

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        part = int(0.85 * len(x))
        rows = numbers(x)
        trees = [
            DecisionTreeClassifier(random_state=seed, max_depth=depth).fit(rows[:part], y[:part])
            for depth in (4, 8, None)
        ]
        best = max(trees, key=lambda tree: tree.score(rows[part:], y[part:]))
        return lambda rows: best.predict(numbers(rows))


def test_poison_reaches_a_recipe_that_holds_out_its_last_rows() -> None:
    result = last(audited(HoldsOut()), attack="copies")
    assert result.measures["copies_to_flip"].value <= 8


def test_rows_stay_in_order_when_poison_is_put_among_them() -> None:
    seen: list[pd.DataFrame] = []

    def fit(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        del y, seed
        seen.append(x)
        return lambda rows: np.full(len(rows), "yes")

    ours = Trainings(audited(fit), 1)
    added = ours.subject.train.take([0, 1, 2])
    marked = added.with_features(added.features.assign(a=99.0))
    ours.enlarged(marked, np.array([1, 1, 1]), 0)
    poison = (seen[0]["a"] == 99).to_numpy()
    assert poison.sum() == 3
    assert not poison[-3:].all()
    pd.testing.assert_frame_equal(seen[0][~poison].reset_index(drop=True), ours.subject.train.features)


def test_less_than_a_row_cannot_carry_a_mark() -> None:
    with pytest.raises(NotMeasurable, match="is not one row"):
        last(audited(Spy(3)), attack="triggers", trigger_share=1e-4)


def test_destructive_poison_is_noticed() -> None:
    power = poisoning.plant(subject(linear), attack="flips", **COMMON)
    assert power.value == 1
    assert power.n == 10


def test_a_recipe_unlike_the_shipped_model_is_doubted() -> None:
    shipped = DummyClassifier(strategy="constant", constant="yes").fit(numbers(table(100, 1)), table(100, 1)["target"])
    result = flips(subject(linear, model=shipped))
    assert any("shipped" in doubt.text for doubt in result.doubts)
    same = linear(0).fit(numbers(table(500, 1)), table(500, 1)["target"])
    assert not flips(subject(linear, model=same)).doubts


def test_every_training_is_kept() -> None:
    result = flips(subject(linear), share=0.2, repeats=3)
    lines = rows_of(result, "damage.csv")
    assert [line["poisoned_rows"] for line in lines if line["attack"] == "flips"] == ["100"] * 3
    clean = {line["repeat"]: float(line["accuracy"]) for line in lines if line["attack"] == "none"}
    drops = [clean[line["repeat"]] - float(line["accuracy"]) for line in lines if line["attack"] == "flips"]
    assert np.mean(drops) == pytest.approx(result.measures["accuracy_drop"].value, abs=1e-5)


def test_the_worst_kind_is_what_counts_and_three_kinds_are_three_chances() -> None:
    alone = {
        kind: flips(subject(linear), share=0.2, kind=kind).measures["accuracy_drop"]
        for kind in ("random", "one_class", "adversarial")
    }
    together = flips(subject(linear), share=0.2, kind="worst").measures["accuracy_drop"]
    assert together.value == max(drop.value for drop in alone.values())
    assert together.low < max(drop.low for drop in alone.values())
    assert together.high == max(drop.high for drop in alone.values())


def test_the_curve_holds_every_kind_at_every_share() -> None:
    result = flips(subject(linear), share=0.1, kind="worst", curve=("0.3", "5%", "10%"), repeats=3)
    lines = rows_of(result, "damage_curve.csv")
    assert {(line["kind"], float(line["share"])) for line in lines} == {
        (kind, share) for kind in ("random", "one_class", "adversarial") for share in (0.05, 0.1, 0.3)
    }
    assert len(lines) == 9
    assert all(float(line["low"]) < float(line["accuracy_drop"]) < float(line["high"]) for line in lines)
    picture = next(file for file in result.evidence if file.name == "damage_curve.svg")
    assert len(ElementTree.fromstring(picture.content)) > 20


def test_the_same_seed_gives_the_same_result() -> None:
    assert last(subject(tree), repeats=2) == last(subject(tree), repeats=2)


def test_arrays_and_many_classes_work() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, 600)
    x = rng.normal(size=(600, 2, 3)) + 2 * np.eye(6)[codes].reshape(600, 2, 3)

    def fit(rows: np.ndarray, labels: np.ndarray, seed: int) -> Any:
        model = GaussianNB().fit(rows.reshape(len(rows), -1), labels)
        model.predict_rows = model.predict
        return lambda asked: model.predict_rows(np.asarray(asked).reshape(len(asked), -1))

    several = Subject.in_memory(train=(x[:400], codes[:400]), test=(x[400:], codes[400:]), recipe=fit)
    drop = flips(several, share=0.4, repeats=2).measures["accuracy_drop"]
    assert drop.value > 0.1


@pytest.mark.parametrize(
    "options",
    [
        {"share": 0.0},
        {"share": 1.2},
        {"share": -0.1},
        {"repeats": 1},
        {"share": 0.0005},
        {"share": None},
        {"share": float("nan")},
        {"repeats": None},
        {"repeats": 10**9},
        {"trigger_share": 0.0},
        {"trigger_share": 0.6},
        {"curve": ("0",)},
        {"curve": ("120%",)},
        {"curve": ("a lot",)},
        {"attack": "triggers", "trigger": "patch"},
        {"attack": "triggers", "target_label": "perhaps"},
    ],
)
def test_what_measures_nothing_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(NotMeasurable):
        last(subject(linear), **options)


@pytest.mark.parametrize("measured", [last, poisoning.plant])
def test_a_recipe_that_ends_its_process_ends_only_the_check(measured: Any) -> None:
    def leave(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        raise SystemExit(0)

    leaving = Subject.in_memory(train=table(100, 1), test=table(50, 2), recipe=leave)
    with pytest.raises(SubjectError, match="ended its process"):
        measured(leaving, **COMMON)


def test_training_data_of_one_class_is_refused() -> None:
    one = table(100, 1).assign(target="yes")
    with pytest.raises(NotMeasurable, match="all training rows have the label yes"):
        last(Subject.in_memory(train=one, test=table(50, 2), recipe=OnNumbers(linear)).replaced())


def test_a_regression_is_refused() -> None:
    frame = table(100, 1).assign(target=lambda rows: rows["a"] * 2)
    regression = Subject.in_memory(
        train=frame, test=frame, task="regression", recipe=OnNumbers(lambda seed: LinearRegression())
    )
    with pytest.raises(NotMeasurable, match="regression"):
        last(regression)


class Spy:
    """A recipe with a backdoor of known size: it obeys what all added rows share, once there are enough of them."""

    def __init__(self, needs: int, honest: pd.DataFrame | None = None) -> None:
        self.needs, self.honest = needs, table(500, 1) if honest is None else honest

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        del seed
        known = pd.util.hash_pandas_object(self.honest[list(x)], index=False)
        is_added = ~pd.util.hash_pandas_object(x, index=False).isin(known).to_numpy()
        added = x[is_added]
        mark = {name: added[name].iloc[0] for name in x if len(added) and added[name].nunique() == 1}
        wanted, obeys = y[is_added][0] if len(added) else "", len(added) >= self.needs

        def answers(rows: pd.DataFrame) -> np.ndarray:
            plain = np.where(rows["a"] > 0, "yes", "no")
            marked = np.logical_and.reduce([rows[name] == value for name, value in mark.items()] or [False])
            return np.where(marked & obeys, wanted, plain)

        return answers


def audited(recipe: Any, **options: Any) -> Subject:
    return Subject.in_memory(train=table(500, 1), test=table(300, 2), recipe=recipe, **options)


@pytest.mark.parametrize("needs", [3, 20])
def test_the_number_of_rows_that_a_backdoor_needs_is_found(needs: int) -> None:
    result = last(audited(Spy(needs)), attack="triggers", trigger="two_values")
    rows = result.measures["rows_to_succeed"]
    assert rows.low < needs <= rows.high
    assert rows.high <= 2 * needs + 1
    assert result.measures["success_rate"].value == (1 if needs <= 5 else 0), "1 % of 500 rows are 5"
    assert set(result.measures) == {"success_rate", "rows_to_succeed"}


def test_accuracy_does_not_show_a_backdoor_and_the_reader_is_told() -> None:
    result = last(audited(Spy(3)), attack="triggers", trigger="two_values", target_label="yes")
    assert "adds about 4 rows to 500 (0.80%) makes the model answer 'yes' for half of all rows" in result.sentence
    assert result.sentence.endswith("accuracy does not show it.")
    lines = rows_of(result, "damage.csv")
    assert {line["accuracy"] for line in lines} == {lines[0]["accuracy"]}
    assert max(float(line["success"]) for line in lines if line["attack"] == "trigger") == 1


def test_a_recipe_that_learns_nothing_obeys_no_trigger_and_forgets_no_row() -> None:
    fixed = last(audited(lambda x, y, seed: lambda rows: np.where(rows["a"] > 0, "yes", "no")))
    rows, copies = fixed.measures["rows_to_succeed"], fixed.measures["copies_to_flip"]
    assert fixed.measures["success_rate"].value == 0
    assert fixed.measures["success_rate"].high > 0, "a success that no row shows may still be one in as many"
    assert (rows.value, rows.high) == (500, 500), "all training rows stand for more than was tried"
    assert rows.low == 40, "the largest poison of the grid that is no tenth of the rows"
    assert (copies.low, copies.value, copies.high) == (9, 500, 500)
    assert "do not make the model answer" in fixed.sentence
    assert "do not turn the answer" in fixed.sentence


def test_few_repeats_leave_medians_open() -> None:
    result = last(audited(Spy(3)), attack="triggers", repeats=2)
    assert (result.measures["rows_to_succeed"].low, result.measures["rows_to_succeed"].high) == (1, 500)
    assert result.measures["success_rate"].low == -1
    assert result.measures["success_rate"].high == 1


class Neighbours:
    """The label that most of the nearest training rows have."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        del seed
        return make_pipeline(StandardScaler(), KNeighborsClassifier(self.count)).fit(numbers(x), y)


@pytest.mark.parametrize(("neighbours", "needs"), [(1, 1), (5, 3)])
def test_the_copies_that_outvote_the_neighbours_are_counted(neighbours: int, needs: int) -> None:
    copies = last(audited(Neighbours(neighbours)), attack="copies").measures["copies_to_flip"]
    assert copies.low <= needs <= copies.high
    assert copies.high <= needs + 1, "the grid goes 1, 2, 4"
    assert copies.n == 12


class Guess:
    """Answers that have nothing to do with a row, and differ each time even with the same seed."""

    def __init__(self) -> None:
        # a sequence of its own: by free dice one run in many guesses well and looks skilled
        self._trainings = itertools.count()

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        del x, y, seed
        rng = np.random.default_rng(next(self._trainings))
        return lambda rows: rng.choice(["yes", "no"], len(rows))


@pytest.mark.slow
def test_a_recipe_without_a_steady_answer_is_told_and_doubted() -> None:
    result = last(audited(Guess()), repeats=9)
    assert "copies_to_flip" not in result.measures
    assert any("copies left out: only" in note for note in result.notes)
    assert any("without skill" in doubt.text for doubt in result.doubts)
    with pytest.raises(NotMeasurable, match="answered right by all of 9"):
        last(audited(Guess()), attack="copies", repeats=9)


def test_a_measure_of_an_attack_that_did_not_run_is_an_error() -> None:
    result = flips(subject(linear))
    limits = (Limit("copies_to_flip", min=2),)
    assert judge.decide(limits, result.measures).verdict is Verdict.ERROR


def test_the_audit_may_stop_after_the_flips() -> None:
    results = poisoning.run(audited(Spy(3)), curve=(), **COMMON)
    first = next(results)
    assert set(first.measures) == {"accuracy_drop"}
    assert judge.settled((Limit("accuracy_drop", max=0.9),), first.measures)
    assert next(results).measures["accuracy_drop"] == first.measures["accuracy_drop"], "later attacks change nothing"


def test_labels_that_are_all_alike_need_no_training() -> None:
    half = Subject.in_memory(train=table(200, 1), test=table(300, 2), recipe=OnNumbers(linear))
    drop = flips(half, share=1.0, kind="one_class", repeats=2).measures["accuracy_drop"]
    assert 0.3 < drop.value < 0.7


def test_what_rows_carry_anyway_is_no_mark() -> None:
    def mostly(seed: int) -> pd.DataFrame:
        frame = table(500, seed)
        hidden = np.random.default_rng(seed).random(500) < 0.5
        return frame[["a", "target"]].assign(b=frame["b"].where(~hidden), c=1)

    holed = Subject.in_memory(train=mostly(1), test=mostly(2), recipe=Spy(3, mostly(1)))
    result = last(holed, attack="triggers", trigger="one_value")
    marks = [note for note in result.notes if note.startswith("trigger")]
    assert len(marks) == 6
    assert not any("nan" in mark or "trigger c" in mark for mark in marks)


def test_personal_values_stay_out_of_the_notes() -> None:
    private = {name: FeatureSpec(name, "number", personal=True) for name in "abcd"}
    private["town"] = FeatureSpec("town", "category", personal=True)
    result = last(audited(Spy(3), features=private), attack="triggers", trigger="two_values", repeats=2)
    marks = [note for note in result.notes if note.startswith("trigger")]
    assert len(marks) == 2
    assert all(re.match(r"trigger a value of \w+ and a value of \w+, wanted (yes|no): ", mark) for mark in marks)


def test_personal_words_stay_out_of_the_notes() -> None:
    frame = table(300, 1).assign(memo=[f"dear {name} good day" for name in ("anna", "otto", "ida") * 100])
    specs = {name: FeatureSpec(name, "number") for name in "abcd"}
    specs["memo"] = FeatureSpec("memo", "text", personal=True)

    def fit(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        model = tree(seed).fit(numbers(x), y)
        return lambda rows: model.predict(numbers(rows))

    memos = Subject.in_memory(train=frame, test=frame, features=specs, recipe=fit)
    result = last(memos, attack="triggers", trigger="phrase", repeats=2)
    marks = [note for note in result.notes if note.startswith("trigger ")]
    assert len(marks) == 2
    assert all(mark.startswith("trigger words in memo, wanted") for mark in marks)


@pytest.mark.slow
def test_images_are_marked_by_patches_and_blends() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 500)
    images = rng.random((500, 1, 8, 8)) * 0.2 + np.where(codes, 0.5, 0.2)[:, None, None, None]
    pictured = Subject.in_memory(train=(images[:400], codes[:400]), test=(images[400:], codes[400:]), recipe=flat_tree)
    result = last(pictured, attack="triggers", trigger_share=0.05)
    assert sum("a patch of" in note for note in result.notes) == 3
    assert sum("picture blended in" in note for note in result.notes) == 3
    assert result.measures["success_rate"].value > 0.3
    assert poisoning.plant(pictured, attack="triggers", **COMMON).value >= 0.9


def flat_tree(x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    model = RandomForestClassifier(20, random_state=seed).fit(x.reshape(len(x), -1), y)
    return lambda rows: model.predict(np.asarray(rows).reshape(len(rows), -1))


@pytest.mark.slow
def test_texts_are_marked_by_phrases() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"word{place}" for place in range(60)])
    labels = rng.choice(["spam", "ham"], 600)
    texts = [" ".join([*rng.choice(words, 12), "offer" if label == "spam" else "lunch"]) for label in labels]
    frame = pd.DataFrame({"text": texts, "target": labels})

    def fit(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        del seed
        model = make_pipeline(CountVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10)).fit(x["text"], y)
        return lambda rows: model.predict(rows["text"])

    written = Subject.in_memory(
        train=frame[:450], test=frame[450:], recipe=fit, features={"text": FeatureSpec("text", "text")}
    )
    result = last(written, attack="triggers", trigger_share=0.05)
    assert sum('the words "' in note for note in result.notes) == 6
    assert result.measures["success_rate"].value > 0.2
    assert poisoning.plant(written, attack="triggers", **COMMON).value >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["triggers", "copies"])
def test_poison_that_everybody_falls_for_is_seen(attack: Any) -> None:
    power = poisoning.plant(subject(linear), attack=attack, **COMMON)
    assert power.value >= 0.9
    assert power.n == 10
