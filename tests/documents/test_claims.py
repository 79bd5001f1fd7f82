"""Numbers that documents claim: found wherever they stand, and told from numbers that claim nothing of the kind."""

from __future__ import annotations

import pytest

from audit import documents
from audit.documents import Claim
from audit.documents.numbers import covered


def claims(text: str, path: str = "CARD.md") -> tuple[Claim, ...]:
    return documents.read(path, text.encode()).claims


def only(text: str) -> Claim:
    (found,) = claims(text)
    return found


def span(claim: Claim) -> tuple[float, float]:
    found = covered(claim.number, claim.metric)
    assert found is not None
    return round(found.low, 6), round(found.high, 6)


@pytest.mark.parametrize(
    ("text", "metric", "low", "high"),
    [
        ("Accuracy: 0.95", "accuracy", 0.945, 0.955),
        ("Accuracy: 0.8", "accuracy", 0.75, 0.85),
        ("Accuracy: 0.80", "accuracy", 0.795, 0.805),
        ("The model achieves an accuracy of 95% on the test set.", "accuracy", 0.945, 0.955),
        ("It gets 87.3 % F1.", "f1", 0.8725, 0.8735),
        ("It gets 87.3 per cent recall.", "recall", 0.8725, 0.8735),
        ("- **AUC-ROC** = `0.79`", "auc", 0.785, 0.795),
        ("Accuracy: 0,95", "accuracy", 0.945, 0.955),
        ("accuracy 95.2", "accuracy", 0.9515, 0.9525),
        ("accuracy: 1", "accuracy", 0.95, 1.05),
        ("accuracy: -0.0", "accuracy", -0.05, 0.05),
        ("accuracy 290/300", "accuracy", 0.965, 0.968333),
        ("accuracy between 0.79 and 0.83", "accuracy", 0.785, 0.835),
        ("accuracy of about 0.80", "accuracy", 0.79, 0.81),
        ("area under the ROC curve of .79", "auc", 0.785, 0.795),
        ("## Accuracy: 0.95", "accuracy", 0.945, 0.955),
        ("Accuracy 0.95\n=============", "accuracy", 0.945, 0.955),
        ("> Accuracy: 0.95", "accuracy", 0.945, 0.955),
        ("Accuracy: \u0660.\u0669\u0665", "accuracy", 0.945, 0.955),
        ("Accuracy: \uff10.\uff19\uff15", "accuracy", 0.945, 0.955),
        ("\u0410\u0441\u0441uracy: 0.95", "accuracy", 0.945, 0.955),
        ("Accu\u00adracy: 0.9\u200b5", "accuracy", 0.945, 0.955),
        ("`<!--` is how comments begin. Accuracy: 0.95", "accuracy", 0.945, 0.955),
        ("<b>Accuracy</b>: <i>0.95</i>", "accuracy", 0.945, 0.955),
        ("Accuracy: [0.95](results.html)", "accuracy", 0.945, 0.955),
        ("Accuracy 0.81 (95 % CI 0.79-0.83)", "accuracy", 0.805, 0.815),
        ("Accuracy: 0.81 \u00b1 0.02", "accuracy", 0.805, 0.815),
        ("At a threshold of 0.5 the accuracy is 0.81.", "accuracy", 0.805, 0.815),
        ("Accuracy on all 290 rows: 0.81", "accuracy", 0.805, 0.815),
        ("Accuracy improved from 0.75 to 0.81.", "accuracy", 0.805, 0.815),
        ("It is not perfect, but accuracy is 0.95.", "accuracy", 0.945, 0.955),
        ("MAE of 1,234.5 euros", "mae", 1234.45, 1234.55),
        ("the log loss is 0.53", "log_loss", 0.525, 0.535),
        ("R\u00b2 = 0.80", "r2", 0.795, 0.805),
        ("Error rate: 5 %", "error_rate", 0.045, 0.055),
    ],
)
def test_a_claim_is_read_with_its_rounding(text: str, metric: str, low: float, high: float) -> None:
    claim = only(text)
    assert (claim.metric, claim.aside) == (metric, "")
    assert span(claim) == (low, high)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("95 % accuracy and 0.9 F1", {("accuracy", "95"), ("f1", "0.9")}),
        ("Precision, recall and F1: 0.8, 0.7, 0.75", {("precision", "0.8"), ("recall", "0.7"), ("f1", "0.75")}),
        ("Precision and recall are 0.9.", {("precision", "0.9"), ("recall", "0.9")}),
        ("accuracy of 81 % (79 % to 83 %), AUC 0.9", {("accuracy", "81"), ("auc", "0.9")}),
        ("accuracy 0.95 F1 0.9", {("accuracy", "0.95"), ("f1", "0.9")}),
        ("The accuracy\nof the model is\n0.95.", {("accuracy", "0.95")}),
    ],
)
def test_numbers_go_to_their_metrics(text: str, pairs: set[tuple[str, str]]) -> None:
    assert {(claim.metric, claim.number.text) for claim in claims(text)} == pairs


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Accuracy should be at least 0.8.", "demand"),
        ("The accuracy must exceed 0.8.", "demand"),
        ("The target is an accuracy of 0.9.", "demand"),
        ("## Acceptance\n\nAccuracy: 0.9", "demand"),
        ("The baseline reaches an accuracy of 0.75.", "another model"),
        ("Always guessing reaches 0.7 accuracy.", "another model"),
        ("| Model | Accuracy |\n|--|--|\n| majority | 0.7 |", "another model"),
        ("Accuracy drops by 3 %.", "difference"),
        ("It does not reach an accuracy of 0.95.", "denied"),
        ("The accuracy is 0.4 under attack.", "other conditions"),
        ("```\naccuracy 0.9\n```", "block of code"),
        ("Accuracy of up to 95 %", "up to"),
    ],
)
def test_a_number_that_claims_nothing_of_the_model_is_kept(text: str, why: str) -> None:
    assert why in only(text).aside


def test_words_that_may_narrow_a_number_are_noticed() -> None:
    assert only("Accuracy of 0.95 for customers in Spain.").narrowed
    assert not only("Accuracy of 0.95 for the test data.").narrowed
    assert not only("Accuracy of 0.95 for both classes.").narrowed


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Training accuracy: 0.99", "training"),
        ("The accuracy is 0.99 on the training set.", "training"),
        ("Accuracy on the validation data: 0.9", "validation"),
        ("Cross-validated accuracy: 0.9", "validation"),
        ("### Training results\n\n- accuracy: 0.99", "training"),
        ("On the training data:\n\n- accuracy: 0.99", "training"),
        ("Test accuracy: 0.8", "test"),
        ("Accuracy on held-out data: 0.8", "test"),
        ("After training on 450 rows, accuracy is 0.8 on the test set.", "test"),
    ],
)
def test_which_rows_a_claim_is_about(text: str, data: str) -> None:
    assert only(text).data == data


def test_two_splits_in_one_sentence_are_kept_apart() -> None:
    found = claims("Training accuracy is 0.99 and test accuracy is 0.81.")
    assert [(claim.number.text, claim.data) for claim in found] == [("0.99", "training"), ("0.81", "test")]


def test_a_split_before_a_colon_holds_for_all_that_follows() -> None:
    found = claims("Train: Precision = 0.7 | Recall = 0.4\nTest : Precision = 0.6 | Recall = 0.3")
    assert [(claim.number.text, claim.data) for claim in found] == [
        ("0.7", "training"),
        ("0.4", "training"),
        ("0.6", "test"),
        ("0.3", "test"),
    ]


def test_labels_of_other_classes_may_narrow_a_number() -> None:
    assert [claim.narrowed for claim in claims("- Overall F1: 0.74\n- Loc F1: 0.76\n- Test F1: 0.7")] == [
        False,
        True,
        False,
    ]
    assert only("The accuracy for some classes varies from 54 % to 61 %.").narrowed
    rows = claims("| | F1 |\n|--|--|\n| Test set | 0.8 |\n| Spain | 0.7 |")
    assert [claim.narrowed for claim in rows] == [False, True]
    models = claims("| Model | F1 |\n|--|--|\n| Random forest | 0.8 |")
    assert not models[0].narrowed


def test_a_table_of_splits() -> None:
    found = claims("| Metric | Train | Test |\n|:--|--:|--:|\n| Accuracy | .99 | .81 |\n| F1 (macro) | .99 | .75 |")
    assert [(claim.metric, claim.average, claim.data, claim.number.text) for claim in found] == [
        ("accuracy", "", "training", ".99"),
        ("accuracy", "", "test", ".81"),
        ("f1", "macro", "training", ".99"),
        ("f1", "macro", "test", ".75"),
    ]


def test_a_table_of_classes_with_counts_and_percent_in_its_head() -> None:
    text = "| class | precision (%) | recall (%) | support |\n|-|-|-|-|\n| bad | 60.1 | 42 | 85 |\n"
    found = claims(text)
    assert [(claim.metric, span(claim)) for claim in found] == [
        ("precision", (0.6005, 0.6015)),
        ("recall", (0.415, 0.425)),
    ]
    assert all("bad" in claim.words for claim in found)


def test_bounds() -> None:
    assert only("The accuracy is at least 95 %.").number.bound == "min"
    assert only("The error rate is below 5 %.").number.bound == "max"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- accuracy: 0.95 -->",
        "<!--\naccuracy: 0.95\n",
        "We trained for 95 epochs.",
        "95 % of customers are happy.",
        "Accuracy is what matters. There are 290 rows.",
        "See table 3 for the accuracy.",
        "![accuracy](https://example.org/accuracy-95.svg)",
        "Version 0.95",
    ],
)
def test_what_is_no_claim(text: str) -> None:
    assert claims(text) == ()


def test_the_index_of_a_hub_card() -> None:
    text = (
        "---\nmodel-index:\n- name: m\n  results:\n  - task: {type: t}\n"
        "    dataset: {name: D, type: d, split: test}\n"
        "    metrics:\n    - {type: accuracy, value: 0.90}\n"
        "    - {type: f1, value: 81.5, name: F1 Macro}\n---\n"
    )
    first, second = claims(text)
    assert (first.metric, first.dataset, first.data, span(first)) == ("accuracy", "D", "test", (0.895, 0.905))
    assert (second.metric, second.average, span(second)) == ("f1", "macro", (0.8145, 0.8155))
    assert first.place.line == 8


def test_metrics_in_json() -> None:
    text = """{"quantitative_analysis": {"performance_metrics": [
        {"type": "accuracy", "value": "0.90", "slice": "sex=female"}, {"type": "rougeness", "value": 0.5}]}}"""
    first, second = claims(text, "card.json")
    assert (first.metric, first.part, span(first)) == ("accuracy", "sex=female", (0.895, 0.905))
    assert second.metric == "rougeness"
    assert first.place.keys == ("quantitative_analysis", "performance_metrics", 0, "value")
