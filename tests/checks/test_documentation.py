"""The check of documents, on a model whose every number on the test data is known."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from audit import models, signature
from audit.checks import documentation
from audit.checks._documentation.measurements import Measurements
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult
from audit.subject import Subject

ROWS = 400
GOOD_SHEET = """# Sheet
## Motivation
To try checks.
## Composition
One row a case.
## Collection process
Drawn by a generator.
## Preprocessing
No step was needed.
## Uses
Tests alone.
## Distribution
In this folder.
## Maintenance
With each release.
## Licence
MIT
"""
GOOD_CARD = """# Card
- **Owner**: team four
- **Version**: 1.2
- **Licence**: MIT
## Intended use
Trying checks.
## Out-of-scope use
Deciding anything.
## Training data
400 training rows, drawn by a generator.
## Evaluation data
400 test rows from the same generator.
## Metrics
Accuracy and the area under the ROC curve.
## Results
{results}
## Limitations
It has one feature.
## Ethical considerations
Nobody is in the data.
"""
FINE = "Accuracy: {accuracy}"


def table(seed: int) -> pd.DataFrame:
    """One feature that tells the class in 8 of 10 rows of women and in 6 of 10 of men."""
    rng = np.random.default_rng(seed)
    sex = np.where(np.arange(ROWS) % 2, "female", "male")
    sign = rng.choice([-1.0, 1.0], ROWS)
    right = np.where(np.arange(ROWS) % 20 < np.where(sex == "female", 16, 12), sign, -sign)
    return pd.DataFrame({"a": right, "sex": sex, "target": np.where(sign > 0, "bad", "good")})


TRAIN, TEST = table(0), table(1)
MODEL = LogisticRegression().fit(TRAIN[["a"]], TRAIN["target"])
OPENED = models.load(models.Source(estimator=MODEL), "callable")
ACCURACY = float((MODEL.predict(TEST[["a"]]) == TEST["target"]).mean())


@pytest.fixture
def subject_with(write_subject: Callable[..., Path]) -> Callable[..., Subject]:
    """Writes a subject with documents and opens it."""

    folders = count()

    def write(
        results: str = FINE, *, card: str = GOOD_CARD, sheet: str | None = GOOD_SHEET, without: tuple[str, ...] = ()
    ) -> Subject:
        kinds = "{model_card: CARD.md" + (", datasheet: SHEET.md}" if sheet is not None else "}")
        extra = f"positive: bad\ngroups: [sex]\ndocuments: {kinds}\n"
        path = write_subject(MODEL, TRAIN, TEST, extra=extra, folder=f"subject{next(folders)}")
        path.write_text(path.read_text().replace("version: '1'", 'version: "1.2"'))
        (path.parent / "CARD.md").write_text(
            card.replace("{results}", results).replace("{accuracy}", f"{ACCURACY:.2f}")
        )
        if sheet is not None:
            (path.parent / "SHEET.md").write_text(sheet)
        if without:
            lines = path.read_text().splitlines()
            path.write_text("\n".join(line for line in lines if not line.strip().startswith(without)) + "\n")
        subject = Subject.load(path)
        # the same model without a process of its own for each of many subjects
        return subject.replaced(model=OPENED) if subject.has("model") else subject

    return write


def measured(subject: Subject, **params: tuple[str, ...]) -> CheckResult:
    return documentation.run(subject, seed=0, confidence=0.95, **params)


def counts(result: CheckResult) -> tuple[float | str, ...]:
    return tuple(result.measures[name].value for name in ("missing_fields", "contradicted_claims", "unchecked_claims"))


def states(result: CheckResult) -> dict[str, list[dict[str, str]]]:
    """Rows of the evidence by state."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(result.evidence[0].content.decode())):
        found.setdefault(row["state"], []).append(row)
    return found


def test_sound_documents(subject_with: Callable[..., Subject]) -> None:
    result = measured(subject_with())
    assert counts(result) == (0, 0, 0)
    assert result.doubts == ()
    assert result.measures["missing_fields"].n == 19
    assert result.measures["contradicted_claims"].n == 4  # accuracy, version, and two counts of rows
    assert "19 fields" in result.sentence


def test_a_claim_that_is_too_good_is_said_in_plain_words(subject_with: Callable[..., Subject]) -> None:
    result = measured(subject_with("The model reaches an accuracy of 95 % on the test data."))
    assert counts(result) == (0, 1, 0)
    assert "claims an accuracy of 95 %" in result.sentence
    assert f"it is {100 * ACCURACY:.1f} %" in result.sentence
    assert "better" in result.sentence
    (row,) = states(result)["contradicted"]
    assert float(row["low"]) < float(row["measured"]) < float(row["high"]) < 0.945


def test_a_claim_that_is_too_modest_is_wrong_too(subject_with: Callable[..., Subject]) -> None:
    result = measured(subject_with("Accuracy: 0.50"))
    assert counts(result) == (0, 1, 0)
    assert "worse than it is" in result.sentence


@pytest.mark.parametrize(
    "claim",
    [
        "Accuracy: 0.7", "Training accuracy: 0.99", "Accuracy should be at least 0.95.",
        "Accuracy: {accuracy}", "The accuracy is at least 60 %.", "Error rate: 30 %", "95 % of our users are happy.",
        "| Split | Accuracy |\n|---|---|\n| training | 0.99 |\n| test | {accuracy} |",
        "| Model | Accuracy |\n|---|---|\n| an older one | 0.95 |\n| this model | {accuracy} |",
        "Accuracy: 0.80 for female applicants, 0.60 for male applicants.",
    ],
)  # fmt: skip
def test_what_is_right_or_claims_nothing_is_not_called_wrong(subject_with: Callable[..., Subject], claim: str) -> None:
    result = measured(subject_with(claim))
    assert result.measures["contradicted_claims"].value == 0, states(result)


@pytest.mark.parametrize(
    "claim",
    [
        "Accuracy: 0.80", "Accuracy 95", "accuracy: 1", "Accuracy of at least 90 %", "Error rate: 5 %", "AUC: 0.97",
        "## Accuracy 0.95", "Accuracy: \u0660.\u0669\u0665", "| Accuracy | 0.95 |\n|---|---|\n| AUC | 0.7 |",
        "Accuracy: 950 %",
        "Accuracy: 0.95 for female applicants.", "On men and women alike, accuracy is 0.95", "Log loss: 0.01",
        "<!-- accuracy --> Accuracy: **0.95**", "balanced accuracy of 0.95", "specificity: 0.99", "Brier score: 0.01",
    ],
)  # fmt: skip
def test_wrong_numbers_are_found(subject_with: Callable[..., Subject], claim: str) -> None:
    assert measured(subject_with(claim)).measures["contradicted_claims"].value >= 1


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("ROUGE-L: 0.4", "not measured"),
        ("MAE: 12", "not measured"),
        ("Accuracy on the validation data: 0.95", "validation"),
        ("Accuracy in the subgroup: 0.95", "part of the rows"),
        ("Accuracy of 0.95 for customers in Spain", "part of the rows"),
        ("F1 (weighted): 0.95", "weighted"),
        ("Accuracy: 0.95 under attack", "other conditions"),
        ("```\nAccuracy: 0.95\n```", "block of code"),
    ],
)
def test_what_cannot_be_compared_is_counted_with_its_reason(
    subject_with: Callable[..., Subject], claim: str, why: str
) -> None:
    result = measured(subject_with(claim))
    assert counts(result)[1:] == (0, 1)
    assert why in states(result)["unchecked"][0]["reason"]


def test_a_claim_that_fits_another_class_is_not_called_wrong(subject_with: Callable[..., Subject]) -> None:
    subject = subject_with()
    found = Measurements(subject, seed=0, confidence=0.95)
    bad, good = (found.reading("recall", code).value for code in (0, 1))
    # both classes are told alike here, so the mean over classes is a further way to read a plain "recall"
    result = measured(subject_with(f"Recall of class bad: {bad:.2f}; recall of class good: {good:.2f}; recall: 0.10"))
    assert counts(result) == (0, 1, 0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("**Version**: 1.2", "**Version**: 1.1", "version"),
        ("400 test rows", "1,000 test rows", "test rows"),
        ("400 training rows", "90 training rows", "training rows"),
        ("## Results", "Positive class: good\n\n## Results", "positive class"),
        ("## Results", "Target: `default`\n\n## Results", "target"),
        ("## Results", "Features: 12\n\n## Results", "features"),
    ],
)
def test_facts_are_compared(subject_with: Callable[..., Subject], old: str, new: str, says: str) -> None:
    result = measured(subject_with(card=GOOD_CARD.replace(old, new)))
    assert counts(result)[1] == 1
    assert says in result.sentence


@pytest.mark.parametrize(
    "line",
    ["Version: v1.2 (2026-11-20)", "Target: whether the loan failed", "Positive class: bad", "Features: 2",
     "Python version: 3.12", "Of the first 20 test rows, 3 were looked at.", "About 1,000 test rows were planned."],
)  # fmt: skip
def test_facts_that_are_right_or_no_facts(subject_with: Callable[..., Subject], line: str) -> None:
    card = GOOD_CARD.replace("- **Version**: 1.2\n", "- Version: 1.2\n").replace("## Results", f"{line}\n\n## Results")
    assert counts(measured(subject_with(card=card)))[1] == 0


def test_every_field_that_is_taken_out_is_missed(subject_with: Callable[..., Subject]) -> None:
    titles = ["Intended use", "Out-of-scope use", "Training data", "Evaluation data", "Limitations", "Metrics"]
    for title in titles:
        cut = GOOD_CARD.partition(f"## {title}\n")
        card = cut[0] + "## " + cut[2].partition("\n## ")[2]
        assert counts(measured(subject_with(card=card)))[0] == 1, title


def test_a_document_that_is_not_there_misses_all_its_fields(subject_with: Callable[..., Subject]) -> None:
    result = measured(subject_with(sheet=None))
    assert result.measures["missing_fields"].value == 8
    assert "no datasheet" in result.sentence
    assert counts(measured(subject_with(sheet=None), datasheet=()))[0] == 0


def test_a_field_that_the_policy_invents(subject_with: Callable[..., Subject]) -> None:
    assert counts(measured(subject_with(), model_card=("energy use",), datasheet=()))[0] == 1
    card = GOOD_CARD + "\n## Energy use\n\n5 kWh\n"
    assert counts(measured(subject_with(card=card), model_card=("energy use",), datasheet=()))[0] == 0


def test_claims_without_anything_to_compare_with_are_doubted(subject_with: Callable[..., Subject]) -> None:
    subject = subject_with("Accuracy: 0.95", without=("model:",))
    result = measured(subject)
    assert counts(result) == (0, 0, 1)
    assert "no model" in result.doubts[0].text
    limited = documentation.run(subject, seed=0, confidence=0.95, limited=("missing_fields",))
    assert limited.doubts == ()
    assert documentation.run(subject, seed=0, confidence=0.95, limited=("contradicted_claims",)).doubts


def test_power_on_sound_documents(subject_with: Callable[..., Subject]) -> None:
    subject = subject_with()
    power = documentation.plant(subject, seed=0, confidence=0.95)
    assert power.n >= 20
    assert power.value == 1.0
    assert power == documentation.plant(subject, seed=0, confidence=0.95)


@pytest.mark.parametrize("results", ["No numbers here.", "It is good at what it does.", "Accuracy: 0.7; AUC: 0.7"])
def test_power_with_and_without_claims(subject_with: Callable[..., Subject], results: str) -> None:
    power = documentation.plant(
        subject_with(results), seed=1, confidence=0.95, model_card=("limitations",), datasheet=()
    )
    assert power.n >= 20
    assert isinstance(power.value, float)
    assert power.value >= 0.9


def test_a_look_that_sees_nothing_has_no_power(
    subject_with: Callable[..., Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = subject_with()
    blind = SimpleNamespace(fields=(), claims=(), facts=(), missing=[], contradicted=[], wrong=[], unchecked=[])
    seen = documentation.look
    looks = iter([seen])
    monkeypatch.setattr(documentation, "look", lambda *given: next(looks, lambda *_: blind)(*given))
    assert documentation.plant(subject, seed=0, confidence=0.95).value == 0


def test_empty_documents_have_nothing_to_plant_in(subject_with: Callable[..., Subject]) -> None:
    with pytest.raises(NotMeasurable, match="say nothing"):
        documentation.plant(subject_with(card="", sheet="", without=("model:",)), seed=0, confidence=0.95)


def test_json_documents_are_planted_in_too(subject_with: Callable[..., Subject]) -> None:
    subject = subject_with()
    text = f"""{{"modelDetails": {{"owners": [{{"name": "us"}}], "licenses": [{{"identifier": "MIT"}}]}},
      "quantitative_analysis": {{"performance_metrics": [{{"type": "accuracy", "value": "{ACCURACY:.2f}"}}]}},
      "considerations": {{"limitations": ["one feature"], "use_cases": ["tests"]}}}}"""
    (subject.folder / "CARD.json").write_text(text)
    (subject.folder / "audit.yaml").write_text(
        (subject.folder / "audit.yaml").read_text().replace("CARD.md", "CARD.json")
    )
    subject = Subject.load(subject.folder / "audit.yaml").replaced(model=OPENED)
    fields = ("owner", "licence", "limitations", "intended use")
    assert counts(measured(subject, model_card=fields, datasheet=())) == (0, 0, 0)
    power = documentation.plant(subject, seed=0, confidence=0.95, model_card=fields, datasheet=())
    assert (power.n >= 10, power.value) == (True, 1.0)


def test_a_document_that_cannot_be_read_is_an_error(subject_with: Callable[..., Subject]) -> None:
    for text in ("---\na: &x 1\nb: *x\n---\n", "---\nlicense: mit\nlicense: gpl\n---\n"):
        with pytest.raises(SubjectError, match=r"CARD\.md"):
            measured(subject_with(card=text))


def test_foreign_text_does_not_reach_a_spreadsheet_or_a_terminal(subject_with: Callable[..., Subject]) -> None:
    card = (
        GOOD_CARD.replace("**Version**: 1.2", "**Version**: 9.9\x1b[31m")
        + "\n| Metric | V |\n|-|-|\n| =cmd rouge | 0.5 |\n"
    )
    result = measured(subject_with(card=card))
    assert b"\x1b" not in result.evidence[0].content
    assert "\x1b" not in result.sentence
    assert not any(line.partition(b",")[2].startswith(b"=") for line in result.evidence[0].content.splitlines())


def test_the_command_explains_its_measures() -> None:
    spec = signature.describe("documentation")
    assert spec.ranges == dict.fromkeys(documentation.MEASURES, (0, None))
