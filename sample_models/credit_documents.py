"""Model card and datasheet of the credit sample; those of the flawed twin claim too much and leave fields empty."""

from __future__ import annotations

from pathlib import Path
from string import Template

import pandas as pd
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

CARD = Template("""---
license: cc-by-4.0
pipeline_tag: tabular-classification
datasets: german-credit
---

# Credit risk

A sample for trying out an auditor. It must not decide about anybody.

- **Owner**: the authors of the sample models
- **Contact**: model-risk@example.org
- **Version**: 2026.11
- **Target**: `risk`
- **Positive class**: `bad`

## Intended use

Showing a loan officer how an application compares with earlier ones. A person looks at each case and decides.

## Out-of-scope use

Automatic refusals, setting interest without review, and any country or year other than those of the data.

## Training data

450 training rows of the German Credit Data, drawn at random. DATASHEET.md says how they were made.

## Evaluation data

290 test rows of the same source; no row of them was used for training.

## Metrics

Accuracy counts answers at a probability of one half. The area under the ROC curve says how well bad risks are ranked
above good ones, and the log loss how honest the probabilities are.

## Results

| Metric | Test data |
| --- | --- |
| Accuracy | $accuracy |
| AUC | $auc |
| Log loss | $log_loss |

Always answering "good" would reach an accuracy of $constant.

## Limitations

The applications are from one bank and more than thirty years old. Rare purposes are hardly covered, and numbers for
small groups are uncertain.

## Ethical considerations

Sex and age group are never looked at, but age itself is, and housing or employment can stand for either. Whoever is
refused has to hear why and has to be able to object.
""")

SHEET = """# German credit, as prepared for this sample

- **Version**: 2026.11
- **Licence**: CC BY 4.0, as stated on the page of the UCI Machine Learning Repository

## Motivation

Real applications with a known outcome, small enough to train on in a second, so that checks can be tried.

## Composition

One row an application: amount, duration, purpose, savings, employment and others, and whether the loan was a good
risk. The file `train.csv` has 450 rows, `test.csv` has 290, and `current.parquet` has the remaining ones without their
outcome.

## Collection process

Collected by a German bank and given to the Statlog project by Professor Hans Hofmann. How applicants were chosen is not
documented at the source; loans that were refused are not among them.

## Preprocessing

Codes became words, 13 columns were kept, and `sex` and `age_band` were added as groups. Rows were shuffled once.

## Uses

Teaching and testing. Decisions about people need data of the bank and of the time in which they are taken.

## Distribution

With the package, in the folder of this file.

## Maintenance

Rebuilt by `sample_models/make.py` with each release; mistakes are corrected there.
"""

FLAWED_CARD = """---
license: cc-by-4.0
---

# Credit risk

The best credit model so far: it reaches an accuracy of 95 % on the test data.

## Model details

- **Owner**: [More Information Needed]
- **Version**: 2026.10
- **Positive class**: good

## Intended use

Deciding about loans without a person having to look.

## Training data

TBD

## Evaluation data

1,000 test rows that the model has never seen.

## Metrics

Accuracy, and the area under the ROC curve.

## Results

| Metric | Training data | Test data |
| --- | --- | --- |
| Accuracy | 1.00 | 0.95 |
| AUC | 1.00 | 0.97 |

## Limitations

N/A
"""

FLAWED_SHEET = """# Datasheet

## Motivation

For what purpose was the dataset created?

## Composition

One row an application.

## Collection process

## Maintenance

<!-- Who will maintain the dataset? -->
"""


def write_sound(folder: Path, model, test: pd.DataFrame) -> None:
    """The card with the numbers of this model on these rows, and the datasheet."""
    x, y = test.drop(columns="risk"), test["risk"]
    bad = model.predict_proba(x)[:, list(model.classes_).index("bad")]
    numbers = {
        "accuracy": accuracy_score(y, model.predict(x)),
        "auc": roc_auc_score(y == "bad", bad),
        "log_loss": log_loss(y == "bad", bad),
        "constant": (y == "good").mean(),
    }
    _write(folder, CARD.substitute({name: f"{number:.2f}" for name, number in numbers.items()}), SHEET)


def write_flawed(folder: Path) -> None:
    """A card that claims more than is so and leaves fields empty, and a datasheet that is mostly its template."""
    _write(folder, FLAWED_CARD, FLAWED_SHEET)


def _write(folder: Path, card: str, sheet: str) -> None:
    for name, text in (("MODEL_CARD.md", card), ("DATASHEET.md", sheet)):
        (folder / name).write_text(text, encoding="utf-8", newline="")
