"""When would a pass of this check be a lie? Masked gradients, dead models, idle attacks, broken constraints."""

from __future__ import annotations

import csv
import io
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from attacks.outcome import Outcome, confirm
from attacks.target import Target
from audit import models
from audit.checks import evasion
from audit.checks._evasion.ensemble import Tally
from audit.checks._evasion.report import Progress
from audit.checks._evasion.unit_box import unit_box
from audit.errors import NotMeasurable, UnknownName
from audit.models import Model
from audit.records import CheckResult
from audit.subject import FeatureSpec, Subject

torch = pytest.importorskip("torch")

COMMON = {"seed": 1, "confidence": 0.95}
SLOW = pytest.mark.slow


def last(results: Iterator[CheckResult]) -> CheckResult:
    every = list(results)
    assert every
    return every[-1]


def loans(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": np.exp(rng.normal(8, 0.5, n)).round(0),
            "duration": rng.integers(1, 11, n) * 6,
            "purpose": rng.choice(["car", "home", "trip"], n),
            "town": rng.choice(["north", "south"], n),
            "name": [f"Person {number:04d}" for number in range(n)],
        }
    )
    frame["amount"] = np.minimum(rng.integers(250, 12000, n), 200 * frame["duration"]).astype("int64")
    risk = frame["amount"] / frame["income"] + 1.2 * (frame["purpose"] == "trip") + rng.normal(0, 0.7, n)
    frame["target"] = np.where(risk > risk.median(), "bad", "good")
    return frame


FEATURES = {
    "age": FeatureSpec("age", "integer", mutable=False, personal=True),
    "amount": FeatureSpec("amount", "integer", range=(250, 20000), direction="down"),
    "duration": FeatureSpec("duration", "integer", range=(6, 72), step=6),
    "income": FeatureSpec("income", "number"),
    "purpose": FeatureSpec("purpose", "category", transitions={"trip": ("car",)}),
}
RULES = ("amount <= 200 * duration",)


@cache
def loan_subject(kind: str = "linear", features: bool = True) -> Subject:
    frame = loans()
    train, test = frame[:344], frame[344:].reset_index(drop=True)
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["purpose", "town"]),
        (StandardScaler(), ["age", "income", "duration", "amount"]),
    )
    last_step = (
        LogisticRegression() if kind == "linear" else HistGradientBoostingClassifier(max_iter=10, random_state=0)
    )
    model = make_pipeline(columns, last_step).fit(train.drop(columns="target"), train["target"])
    return Subject.in_memory(model=model, train=train, test=test, features=FEATURES if features else {}, rules=RULES)


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    return (x / 16).astype(np.float32).reshape(-1, 1, 8, 8), y


@cache
def network() -> torch.nn.Module:
    x, y = digits()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    layers = [torch.nn.Flatten(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)]
    net = torch.nn.Sequential(*layers)
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    inputs, labels = torch.tensor(x[:1400]), torch.tensor(y[:1400])
    for _ in range(15):
        for batch in torch.randperm(1400).split(100):
            optimiser.zero_grad()
            with torch.enable_grad():
                torch.nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
            optimiser.step()
    return net


MASKS = {
    "plain": lambda x: network()(x),
    "steep": lambda x: network()(x) * 1e4,
    "rounded": lambda x: network()(torch.round(x * 16) / 16),
    "noisy": lambda x: network()(x + 0.3 * torch.randn_like(x)),
}


def image_subject(mask: str, *, gradient: bool = True, of_probabilities: bool = False) -> Subject:
    logits = MASKS[mask]
    x, y = digits()

    def scores(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return torch.softmax(logits(torch.as_tensor(images)), 1).numpy().astype(float)

    def slope(images: np.ndarray, codes: np.ndarray) -> np.ndarray:
        inputs = torch.tensor(np.asarray(images, dtype=np.float32), requires_grad=True)
        classes = torch.as_tensor(codes)
        if of_probabilities:  # as a model that ends in a softmax has it
            chances = torch.softmax(logits(inputs), 1).clamp_min(1e-30)
            (-torch.log(chances[torch.arange(len(codes)), classes])).sum().backward()
        else:
            torch.nn.functional.cross_entropy(logits(inputs), classes, reduction="sum").backward()
        return np.zeros_like(images) if inputs.grad is None else inputs.grad.numpy()

    model = Model(
        predict=lambda images: scores(images).argmax(axis=1), classes=tuple(range(10)), scores=scores,
        gradient=slope if gradient else None,
    )  # fmt: skip
    return Subject.in_memory(model=model, test=(x[1400:], y[1400:]))


@cache
def robust_accuracy_of_the_plain_network(norm: str, epsilon: float) -> float:
    result = last(evasion.run(image_subject("plain"), epsilon=epsilon, norm=norm, max_rows=48, **COMMON))
    assert not result.doubts
    return float(result.measures["robust_accuracy"].value)


# masked networks: each close to the plain one, or doubted


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.1), pytest.param("l2", 0.8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mask", ["steep", "rounded"])
@pytest.mark.parametrize(
    "access", [pytest.param(name, marks=SLOW) for name in ("scores", "gradient", "gradient_of_probabilities")]
)
def test_a_masked_network_is_never_flattered(mask: str, access: str, norm: str, epsilon: float) -> None:
    truth = robust_accuracy_of_the_plain_network(norm, epsilon)
    subject = image_subject(mask, gradient=access != "scores", of_probabilities=access == "gradient_of_probabilities")
    result = last(evasion.run(subject, epsilon=epsilon, norm=norm, max_rows=48, **COMMON))
    assert result.measures["clean_accuracy"].value > 0.75
    assert result.doubts or result.measures["robust_accuracy"].value <= truth + 0.05


def test_a_random_layer_is_doubted() -> None:
    result = last(evasion.run(image_subject("noisy"), epsilon=0.1, max_rows=16, **COMMON))
    assert any("asked twice" in doubt.text for doubt in result.doubts)


# the number itself


@pytest.mark.parametrize("epsilon", [pytest.param(0.02, marks=SLOW), 0.06])
def test_a_linear_model_gets_its_exact_robust_accuracy(epsilon: float) -> None:
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    train, test = x[:300].assign(target=y[:300]), x[300:420].assign(target=y[300:420]).reset_index(drop=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(x[:300], y[:300])
    result = last(evasion.run(Subject.in_memory(model=model, train=train, test=test), epsilon=epsilon, **COMMON))
    low = np.minimum(x[:300].min(), x[300:420].min()).to_numpy()
    high = np.maximum(x[:300].max(), x[300:420].max()).to_numpy()
    weights = model[-1].coef_[0] / model[0].scale_
    rows, sign = x[300:420].to_numpy(), np.where(y[300:420] == 1, 1, -1)
    worst = np.where(
        sign[:, None] * weights > 0,
        np.maximum(rows - epsilon * (high - low), low),
        np.minimum(rows + epsilon * (high - low), high),
    )
    margin = sign * ((worst - model[0].mean_) @ weights + model[-1].intercept_[0])
    found = result.measures["robust_accuracy"]
    assert found.n == 120
    assert abs(found.value - (margin > 0).mean()) <= 1 / 120
    assert found.low <= found.value <= found.high


@SLOW
def test_intervals_narrow_and_cover_the_last_value() -> None:
    shares = [result.measures["robust_accuracy"] for result in evasion.run(loan_subject(), epsilon=0.05, **COMMON)]
    assert [share.n for share in shares] == [16, 24, 30, 45, 56]
    widths = [share.high - share.low for share in shares]
    assert widths == sorted(widths, reverse=True)
    assert all(share.low <= shares[-1].value <= share.high for share in shares)


@SLOW
def test_more_epsilon_never_looks_more_robust() -> None:
    values = [
        last(evasion.run(loan_subject("trees"), epsilon=epsilon, max_rows=32, **COMMON))
        .measures["robust_accuracy"]
        .value
        for epsilon in (0.003, 0.3)
    ]
    assert values[0] > values[1]


@SLOW
def test_rows_answered_wrongly_count_as_broken_and_are_not_attacked() -> None:
    result = last(evasion.run(loan_subject(features=False), epsilon=1e-6, max_rows=24, **COMMON))
    clean, robust, queries = (result.measures[name] for name in ("clean_accuracy", "robust_accuracy", "queries"))
    assert clean.value < 1
    assert robust.value == clean.value
    assert queries.n == round(clean.value * clean.n)


@SLOW
def test_the_same_seed_gives_the_same_result() -> None:
    runs = [last(evasion.run(loan_subject(), epsilon=0.05, max_rows=16, **COMMON)) for _ in range(2)]
    assert runs[0] == runs[1]


# what an attacker cannot do


@pytest.mark.parametrize("kind", ["linear", pytest.param("trees", marks=SLOW)])
@pytest.mark.parametrize("norm", ["linf", pytest.param("l2", marks=pytest.mark.slow)])
def test_no_evidence_row_breaks_a_declared_constraint(kind: str, norm: str) -> None:
    subject = loan_subject(kind)
    result = last(evasion.run(subject, epsilon=0.15, norm=norm, **COMMON))
    content = next(evidence.content for evidence in result.evidence if evidence.name == "adversarial_rows.csv")
    after = pd.read_csv(io.BytesIO(content)).set_index("row")
    before = subject.test.features.loc[after.index]
    assert len(after) > 10
    assert "age" not in after.columns, "a personal column stays out"
    assert "name" not in after.columns, "free text stays out"
    assert after["amount"].dtype == after["duration"].dtype == np.int64
    assert (after["amount"] <= before["amount"]).all()
    assert (after["amount"] <= 200 * after["duration"]).all()
    assert ((after["duration"] - before["duration"]) % 6 == 0).all()
    assert after["duration"].between(6, 72).all()
    assert (after["town"] == before["town"]).all(), "an undeclared category stays"
    changed = after["purpose"] != before["purpose"]
    assert (before["purpose"][changed] == "trip").all()
    assert (after["purpose"][changed] == "car").all()
    span = subject.train.frame["income"].max() - subject.train.frame["income"].min()
    assert (abs(after["income"] - before["income"]) <= 0.16 * span).all()
    full = before.assign(**{name: after[name] for name in after.columns})
    truth = subject.codes(subject.test)[after.index]
    assert (subject.predict(full) != truth).all(), "every row in the evidence fools the model as it is written"
    assert (subject.predict(before) == truth).all()


def test_one_hot_columns_stay_one_hot() -> None:
    frame = loans()
    frame = frame.assign(**{f"is_{word}": (frame["purpose"] == word).astype(int) for word in ("car", "home", "trip")})
    inputs = ["amount", "income", "is_car", "is_home", "is_trip"]
    frame = frame[[*inputs, "target"]]
    model = LogisticRegression(max_iter=3000).fit(frame[inputs][:250] / [1e4, 1e4, 1, 1, 1], frame["target"][:250])
    model.coef_ = model.coef_ / [1e4, 1e4, 1, 1, 1]
    group = {name: FeatureSpec(name, "integer", range=(0, 1), group="purpose") for name in inputs[2:]}
    test = frame[250:].reset_index(drop=True)
    subject = Subject.in_memory(model=model, train=frame[:250], test=test, features=group)
    result = last(evasion.run(subject, epsilon=0.02, max_rows=48, **COMMON))
    after = pd.read_csv(io.BytesIO(result.evidence[0].content))
    assert (after[inputs[2:]].sum(axis=1) == 1).all()
    assert (after[inputs[2:]].to_numpy() != test.loc[after["row"], inputs[2:]].to_numpy()).any()


def test_empty_cells_stay_empty_and_nothing_breaks() -> None:
    frame = loans()
    frame.loc[::5, "income"] = np.nan
    frame["count"] = pd.array([None, *range(len(frame) - 1)], dtype="Int64")
    inputs = ["income", "amount", "count"]
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(frame[inputs][:250], frame["target"][:250])
    test = frame[[*inputs, "target"]][250:].reset_index(drop=True)
    result = last(evasion.run(Subject.in_memory(model=model, test=test), epsilon=0.1, max_rows=48, **COMMON))
    after = pd.read_csv(io.BytesIO(result.evidence[0].content)).set_index("row")
    assert (after["income"].isna() == test.loc[after.index, "income"].isna()).all()


# doubts and refusals


def test_a_constant_model_has_no_power_and_a_doubt() -> None:
    frame = loans()
    model = DummyClassifier(strategy="constant", constant="good").fit(frame[["amount"]], frame["target"])
    subject = Subject.in_memory(model=model, train=frame[:250], test=frame[380:])
    result = last(evasion.run(subject, epsilon=0.1, **COMMON))
    assert any("the same for every row" in doubt.text for doubt in result.doubts)
    assert evasion.plant(subject, **COMMON).value == 0


def test_a_living_model_has_power() -> None:
    power = evasion.plant(loan_subject(), **COMMON)
    assert power.value >= 0.9
    assert power.n >= 20


def test_test_data_of_one_class_is_doubted() -> None:
    subject = loan_subject(features=False)
    bad = subject.test.take(subject.test.labels == "bad")
    result = last(evasion.run(subject.replaced(test=bad), epsilon=0.01, max_rows=16, **COMMON))
    assert any("same label" in doubt.text for doubt in result.doubts)


def test_five_rows_leave_the_interval_wide() -> None:
    subject = loan_subject(features=False)
    right = np.flatnonzero(subject.predict(subject.test) == subject.codes(subject.test))[:5]
    result = last(evasion.run(subject.replaced(test=subject.test.take(right)), epsilon=1e-4, **COMMON))
    share = result.measures["robust_accuracy"]
    assert share.value == 1
    assert share.low < 0.6


@pytest.fixture
def foreign_attack(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """An attack of another package, found by its entry point."""
    from audit import plugins

    module = types.ModuleType("foreign_attack")
    module.ACCESS = "labels"
    monkeypatch.setitem(sys.modules, "foreign_attack", module)
    real_names, real_load = plugins.names, plugins.load

    def load(package: str, name: str) -> types.ModuleType:
        return module if name == "foreign" else real_load(package, name)

    monkeypatch.setattr(plugins, "names", lambda package: (*real_names(package), "foreign"))
    monkeypatch.setattr(plugins, "load", load)
    return module


def run_foreign() -> CheckResult:
    return last(evasion.run(loan_subject(), epsilon=0.05, attacks=("foreign",), max_rows=32, **COMMON))


def test_an_attack_that_does_nothing_is_doubted(foreign_attack: types.ModuleType) -> None:
    def run(target: Target, x: np.ndarray, y: np.ndarray, *, epsilon: float, norm: str, seed: int) -> Outcome:
        return confirm(target, x, y, x, epsilon=epsilon)

    foreign_attack.run = run
    result = run_foreign()
    assert result.measures["robust_accuracy"].value == result.measures["clean_accuracy"].value
    assert any("no changed row" in doubt.text for doubt in result.doubts)


def test_an_attack_that_lies_convinces_nobody(foreign_attack: types.ModuleType) -> None:
    def run(target: Target, x: np.ndarray, y: np.ndarray, *, epsilon: float, norm: str, seed: int) -> Outcome:
        everything = np.ones(len(x), dtype=bool)
        return Outcome(1 - x, everything, np.ones(len(x), dtype=int), np.zeros(len(x)), ~everything, everything)

    foreign_attack.run = run
    result = run_foreign()
    assert result.measures["robust_accuracy"].value == result.measures["clean_accuracy"].value


def test_an_attack_that_crashes_is_not_a_result(foreign_attack: types.ModuleType) -> None:
    def run(*_: object, **__: object) -> Outcome:
        raise ZeroDivisionError("inside the attack")

    foreign_attack.run = run
    with pytest.raises(ZeroDivisionError, match="inside the attack"):
        run_foreign()


def test_a_mistyped_attack_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match='did you mean "square"'):
        next(evasion.run(loan_subject(), epsilon=0.1, attacks=("sqaure",), **COMMON))


def test_an_attack_without_its_access_says_so() -> None:
    with pytest.raises(NotMeasurable, match='"apgd" needs gradients'):
        next(evasion.run(loan_subject(), epsilon=0.1, attacks=("apgd",), **COMMON))


@pytest.mark.parametrize("epsilon", [0.0, -0.1, float("nan"), float("inf"), None])
def test_an_epsilon_of_nothing_is_refused(epsilon: float) -> None:
    with pytest.raises(NotMeasurable, match="epsilon"):
        next(evasion.run(loan_subject(), epsilon=epsilon, **COMMON))


@pytest.mark.parametrize("name", ["max_rows", "queries"])
@pytest.mark.parametrize("value", [0, -5, 10**9, None, float("nan"), 2.5])
def test_limits_without_sense_are_refused(name: str, value: int) -> None:
    with pytest.raises(NotMeasurable, match=name):
        next(evasion.run(loan_subject(), epsilon=0.1, **{name: value}, **COMMON))


# what the audited team can declare


def declared_subject(features: dict[str, FeatureSpec] | None = None, rules: tuple[str, ...] = ()) -> Subject:
    loan = loan_subject()
    return Subject.in_memory(model=loan.model, test=loan.test, features=features or {}, rules=rules)


def audited(subject: Subject, epsilon: float = 0.05, attacks: tuple[str, ...] = ("uniform_noise",)) -> CheckResult:
    return last(evasion.run(subject, epsilon=epsilon, max_rows=16, queries=60, attacks=attacks, **COMMON))


def test_the_sentence_says_how_little_could_be_changed() -> None:
    fixed = {name: FeatureSpec(name, "integer", mutable=False) for name in ("age", "duration", "amount")}
    result = audited(declared_subject(fixed))
    assert "1 of 7 inputs could be changed" in result.sentence
    assert any("6 of 7 inputs (age, duration, purpose, town, name, amount)" in note for note in result.notes)
    assert not result.doubts, "that a price cannot be changed may be true"
    assert "4 of 7 inputs could be changed" in audited(declared_subject()).sentence


def test_a_category_counts_where_some_row_can_change_it() -> None:
    free = {"purpose": FeatureSpec("purpose", "category", transitions={"trip": ("car",)})}
    assert "5 of 7 inputs could be changed" in audited(declared_subject(free)).sentence
    void = {"purpose": FeatureSpec("purpose", "category", transitions={"trip": ("trip",), "car": ()})}
    assert "4 of 7 inputs could be changed" in audited(declared_subject(void)).sentence


def test_many_unchangeable_inputs_are_named_in_part() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 14)), columns=[f"c{n}" for n in range(14)])
    frame = frame.assign(target=(frame["c0"] > 0).astype(int))
    fixed = {f"c{number}": FeatureSpec(f"c{number}", "number", mutable=False) for number in range(1, 14)}
    model = LogisticRegression().fit(frame.drop(columns="target"), frame["target"])
    result = audited(Subject.in_memory(model=model, test=frame, features=fixed))
    assert "1 of 14 inputs could be changed" in result.sentence
    assert any("c9, c10 and 3 more" in note and "c11" not in note for note in result.notes)


@pytest.mark.parametrize("epsilon", [1e-12, 1e-9])
def test_an_epsilon_that_rounding_swallows_is_doubted(epsilon: float) -> None:
    result = audited(declared_subject(), epsilon)
    assert any("0 of" in doubt.text and "reach the model changed" in doubt.text for doubt in result.doubts)
    assert not any("reach the model changed" in doubt.text for doubt in audited(declared_subject()).doubts)


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_an_epsilon_below_the_step_of_an_array_is_doubted(kind: type) -> None:
    x, y = digits()
    images = (x.reshape(len(x), -1) * (255 if kind is np.uint8 else 1)).astype(kind)
    model = LogisticRegression(max_iter=500).fit(images[:300], y[:300])
    subject = Subject.in_memory(model=model, test=(images[1400:], y[1400:]))
    assert any("reach the model changed" in doubt.text for doubt in audited(subject, 1e-10).doubts)
    assert not any("reach the model changed" in doubt.text for doubt in audited(subject, 0.05).doubts)


def test_a_step_wider_than_epsilon_is_doubted() -> None:
    steps = {name: FeatureSpec(name, "number", step=1e6) for name in ("age", "income", "duration", "amount")}
    assert any("reach the model changed" in doubt.text for doubt in audited(declared_subject(steps)).doubts)


@pytest.mark.parametrize(
    ("rule", "share"),
    [("amount <= 200 * duration", ""), ("amount >= 1000000", "100.0%"), ("duration < 30", "%"), ("age == 30", "%")],
)
def test_a_rule_that_real_rows_break_is_doubted(rule: str, share: str) -> None:
    texts = [doubt.text for doubt in audited(declared_subject(rules=(rule,))).doubts if "the rule" in doubt.text]
    assert bool(texts) == bool(share)
    assert all(f'"{rule}"' in text and share in text for text in texts)


def test_a_rule_on_an_empty_cell_is_not_broken() -> None:
    subject = declared_subject(rules=("income >= 1",))
    frame = subject.test.frame.copy()
    frame.loc[::3, "income"] = np.nan
    inputs = ["amount", "income"]
    model = HistGradientBoostingClassifier(max_iter=3).fit(frame[inputs], frame["target"])
    frame = frame[[*inputs, "target"]]
    subject = Subject.in_memory(model=model, test=frame, rules=("income >= 1",))
    assert not any("the rule" in doubt.text for doubt in audited(subject).doubts)


def test_a_range_that_real_rows_leave_is_doubted() -> None:
    low, high = declared_subject().test.features["age"].agg(["min", "max"])
    honest = {"age": FeatureSpec("age", "integer", range=(low, high))}
    narrow = {"age": FeatureSpec("age", "integer", range=(30.0, 30.5))}
    assert not any("declared range" in doubt.text for doubt in audited(declared_subject(honest)).doubts)
    texts = [doubt.text for doubt in audited(declared_subject(narrow)).doubts]
    assert any("declared range of age, 30 to 30.5" in text and "test rows" in text for text in texts)


def test_nothing_to_change_is_refused_in_words() -> None:
    features = {name: FeatureSpec(name, "integer", mutable=False) for name in ("age", "amount", "duration", "income")}
    subject = loan_subject()
    fixed = Subject.in_memory(model=subject.model, test=subject.test, features=features)
    with pytest.raises(NotMeasurable, match="no input of the model can be changed"):
        next(evasion.run(fixed, epsilon=0.1, **COMMON))


@pytest.mark.slow
def test_labels_alone_are_enough() -> None:
    subject = loan_subject("trees")
    model = Model(predict=subject.model.predict, classes=("bad", "good"), columns=subject.model_columns)
    blind = Subject.in_memory(model=model, train=subject.train, test=subject.test, features=FEATURES, rules=RULES)
    seen = last(evasion.run(subject, epsilon=0.05, max_rows=32, **COMMON)).measures["robust_accuracy"].value
    unseen = last(evasion.run(blind, epsilon=0.05, max_rows=32, **COMMON)).measures["robust_accuracy"].value
    assert unseen <= seen + 0.1


@SLOW
def test_a_tree_with_flat_scores_is_attacked_by_labels() -> None:
    frame = loans()
    inputs = ["amount", "income", "duration"]
    model = DecisionTreeClassifier(random_state=0).fit(frame[inputs][:250], frame["target"][:250])
    subject = Subject.in_memory(model=model, train=frame[:250], test=frame[250:])
    result = last(evasion.run(subject, epsilon=0.05, max_rows=32, **COMMON))
    assert "rays" in result.notes[0]
    assert result.measures["robust_accuracy"].value < result.measures["clean_accuracy"].value


# arrays


@SLOW
def test_bytes_are_changed_by_whole_steps_only() -> None:
    x, y = digits()
    images = np.rint(x.reshape(len(x), -1) * 255).astype(np.uint8)
    model = LogisticRegression(max_iter=200).fit(images[:1000] / 255.0, y[:1000])
    subject = Subject.in_memory(
        model=Model(predict=lambda z: model.predict(z / 255.0), classes=tuple(range(10)),
                    scores=lambda z: model.predict_proba(z / 255.0)),
        test=(images[1000:1080], y[1000:1080]),
    )  # fmt: skip
    result = last(evasion.run(subject, epsilon=8 / 255, **COMMON))
    table = list(csv.DictReader(io.StringIO(result.evidence[0].content.decode())))
    assert table
    for line in table:
        after = np.array([int(line[f"x{place}"]) for place in range(64)])
        before = images[1000 + int(line["row"])].astype(int)
        assert abs(after - before).max() <= 8
        assert after.min() >= 0
        assert after.max() <= 255


@SLOW
def test_images_come_back_as_an_archive() -> None:
    result = last(evasion.run(image_subject("plain"), epsilon=0.1, max_rows=32, **COMMON))
    files = {evidence.name: evidence.content for evidence in result.evidence}
    archive = np.load(io.BytesIO(files["adversarial_rows.npz"]))
    lines = files["adversarial_rows.csv"].decode().splitlines()
    assert lines[0] == "row,linf_distance,l2_distance"
    assert len(lines) - 1 == len(archive["x"]) == len(archive["row"])
    assert np.abs(archive["x"] - digits()[0][1400:][archive["row"]]).max() <= 0.1 + 1e-5


def tree_subject(model: Model) -> Subject:
    subject = loan_subject("trees")
    return Subject.in_memory(model=model, train=subject.train, test=subject.test, features=FEATURES, rules=RULES)


@pytest.mark.parametrize("kind", ["linear", "trees"])
def test_what_is_proven_lies_below_what_no_attack_broke(kind: str) -> None:
    measures = audited(loan_subject(kind), attacks=()).measures
    certified, robust = measures["certified_accuracy"], measures["robust_accuracy"]
    assert 0 < certified.value <= robust.value
    assert certified.high == robust.high


def test_a_model_whose_inside_is_unknown_is_open_upwards() -> None:
    subject = loan_subject("trees")
    model = replace(subject.model, inside=None)
    measures = audited(tree_subject(model), attacks=()).measures
    assert measures["certified_accuracy"].value == 0
    assert measures["certified_accuracy"].high == measures["robust_accuracy"].high


def test_an_inside_that_answers_otherwise_proves_nothing() -> None:
    """A model that shows the trees of a stronger one is not believed."""
    subject = loan_subject("trees")
    inside = subject.model.inside
    assert inside is not None
    arrays = dict(inside.arrays())
    arrays["base"] = arrays["base"] + np.array([5.0, 0.0])
    lying = replace(subject.model, inside=models.Inside(lambda: arrays, inside.inputs))
    result = audited(tree_subject(lying), attacks=())
    assert result.measures["certified_accuracy"].value == 0
    assert any("otherwise than the model" in note for note in result.notes)


def test_proofs_can_be_asked_for_by_name() -> None:
    result = audited(loan_subject("trees"), attacks=("exact_trees",))
    assert result.measures["certified_accuracy"].value > 0
    with pytest.raises(NotMeasurable, match="needs structure"):
        audited(tree_subject(replace(loan_subject("trees").model, inside=None)), attacks=("exact_trees",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", np.array([[0], [1]])), ("source", np.array([-1, 0])), ("source", np.array([0, 99])),
        ("source", np.array(["a", "b"])), ("coded", np.array([0.5])), ("threshold", np.array([np.nan])),
    ],
)  # fmt: skip
def test_an_inside_that_makes_no_sense_is_told_and_proves_nothing(name: str, value: np.ndarray) -> None:
    subject = loan_subject("trees")
    inside = subject.model.inside
    assert inside is not None
    arrays = {**inside.arrays(), name: value}
    result = audited(tree_subject(replace(subject.model, inside=models.Inside(lambda: arrays, inside.inputs))))
    assert result.measures["certified_accuracy"].value == 0
    assert any("could not be read" in note for note in result.notes)


def test_one_broken_proof_takes_all_others_with_it() -> None:
    subject = loan_subject("trees")
    progress = Progress(subject, unit_box(subject), np.arange(8), norm="linf", confidence=0.95)
    right = np.flatnonzero(progress.right)
    tally = Tally(np.zeros(len(right), dtype=bool), np.ones(len(right), dtype=bool), progress.x[right], right * 0)
    progress.add(np.arange(8), right, tally)
    assert progress._proven().value > 0
    tally.contradicted = 1
    progress.add(np.arange(8), right, tally)
    assert progress._proven().value == progress._proven().low == 0
