"""Fields of documents: found under the titles that people give them, and only where something is said."""

from __future__ import annotations

import contextlib
import time

import pytest

from audit import documents
from audit.documents import Malformed

HUB = """# Model Card for tiny-reviews

<!-- Provide a quick summary of what the model is/does. -->

## Model Details

- **Developed by:** the reviews team
- **License:** MIT

## Uses

### Direct Use

Sorting reviews of books.

### Out-of-Scope Use

[More Information Needed]

## Bias, Risks, and Limitations

Short reviews are often wrong.

### Recommendations

Users (both direct and downstream) should be made aware of the risks, biases and limitations of the model.

## Training Details

### Training Data

<!-- This should link to a Dataset Card. -->

```
not a description
```

## Evaluation

### Testing Data, Factors & Metrics

#### Testing Data

400 reviews kept apart.

#### Metrics

F1, since classes are unequal.
"""
LONG = """1. Intended uses & limitations
------------------------------

Grading essays. Not tested on other languages.

2) **Ethical Considerations**:

3. Caveats -- none

| Field | Value |
|-------|-------|
| Licence | Apache-2.0 |
| Point of contact | desk 4 |
| Model version | v2 |
"""


def states(text: str, *fields: str, path: str = "CARD.md") -> list[str]:
    found = documents.find(documents.read(path, text.encode()), fields)
    return [found[field].state for field in fields]


def test_a_card_of_the_hub_template() -> None:
    assert states(HUB, "owner", "licence", "intended use", "limitations", "evaluation data", "metrics") == ["said"] * 6
    assert states(HUB, "out-of-scope use", "training data") == ["empty", "empty"]
    assert states(HUB, "ethical considerations", "version") == ["said", "absent"]  # "Bias" is in the title


def test_numbers_rules_and_tables() -> None:
    assert states(LONG, "intended use", "limitations", "licence", "owner", "version") == ["said"] * 5
    assert states(LONG, "ethical considerations") == ["empty"]


@pytest.mark.parametrize(
    "body",
    [
        "", "TBD", "TODO", "N/A", "n.a.", "-", "...", "None", "None.", "[More Information Needed]", "*TBD*", "`TODO`",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.", "To be determined.", "xxx", "Coming soon!", "???",
        "Limitations", "Limitations: TBD",
        "<!-- the model is weak on short texts -->", "```\nweak on short texts\n```",
        "What are the limitations of the model?", "Describe the limitations of the model.", "Unknown",
        "[TODO: fill in]",
        "{{ limitations | default }}", "<insert limitations>", "Not applicable.", "- TBD\n- TBD",
        "Limitations are TBD.",
        "This section is meant to convey both technical and sociotechnical limitations.",
        "\u200b\u200b", "TBD\n\n<!-- but soon -->",
        "**Please describe the limitations here**",
        "More information needed",
    ],
)  # fmt: skip
def test_what_says_nothing(body: str) -> None:
    assert states(f"# Card\n\n## Limitations\n\n{body}\n\n## Next\n\nA sentence of substance.", "limitations") == [
        "empty"
    ]
    if "\n" not in body:
        assert states(f"Limitations: {body}\n", "limitations") == ["empty"]


@pytest.mark.parametrize(
    "body",
    [
        "Weak on short texts.", "TBD for children; for adults it is weak on short texts.", "Short texts",
        "See section 4.",
        "What is it bad at? Short texts.", "It is bad at [short texts](texts.md).", "- short texts\n- irony",
        "### Of the data\n\nFew short texts.", "| text | error |\n|---|---|\n| short | often |", "None of it is safe.",
        "<p>Weak on short texts.</p>", "A test of 3 shows little.", "State of the art it is not.",
    ],
)  # fmt: skip
def test_what_says_something(body: str) -> None:
    assert states(f"## Limitations\n\n{body}\n\n## Next\n", "limitations") == ["said"]


def test_the_text_of_another_field_does_not_count() -> None:
    text = "## Uses\n\n### Out-of-scope use\n\nWar.\n\n### Direct use\n\nTBD\n"
    assert states(text, "intended use", "out-of-scope use") == ["empty", "said"]
    assert states("## Not intended use\n\nWar.\n", "intended use", "out-of-scope use") == ["absent", "said"]
    assert states("## Python version\n\n3.12\n", "version") == ["absent"]


def test_a_field_of_ones_own() -> None:
    assert states("## Energy use\n\n5 kWh\n", "energy use", "water") == ["said", "absent"]
    assert states("## Energy use\n\nTBD\n", "Energy Use") == ["empty"]


def test_front_matter_holds_fields() -> None:
    text = "---\nlicense: mit\ndatasets: [a/b]\nlanguage:\n---\n# M\n"
    assert states(text, "licence", "training data", "language") == ["said", "said", "empty"]


CYCLONEDX = """{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
  {"type": "library", "name": "numpy", "licenses": [{"license": {"id": "BSD-3-Clause"}}]},
  {"type": "machine-learning-model", "name": "m", "version": "1.2", "supplier": {"name": "ACME"},
   "modelCard": {"modelParameters": {"datasets": [{"type": "dataset", "name": "reviews of 2024"}]},
     "quantitativeAnalysis": {"performanceMetrics": [{"type": "accuracy", "value": "0.9"}]},
     "considerations": {"useCases": ["sorting reviews"], "technicalLimitations": ["TBD"],
       "ethicalConsiderations": [{"name": "tone", "mitigationStrategy": "people read all bad reviews"}]}}}]}"""


def test_the_model_card_of_a_bill_of_materials() -> None:
    fields = ("owner", "version", "intended use", "ethical considerations", "training data")
    assert states(CYCLONEDX, *fields, path="bom.json") == ["said"] * 5
    # the licence of another component is not that of the model
    assert states(CYCLONEDX, "limitations", "licence", path="bom.json") == ["empty", "absent"]


def test_a_card_of_the_toolkit_and_a_croissant() -> None:
    card = """{"model_details": {"owners": [{"name": "us", "contact": "desk 4"}], "version": {"name": "1"},
      "licenses": [{"identifier": "MIT"}]}, "considerations": {"limitations": [{"description": "short texts"}],
      "use_cases": [{"description": "sorting"}], "ethical_considerations": []}}"""
    assert states(card, "owner", "version", "licence", "limitations", "intended use", path="c.json") == ["said"] * 5
    assert states(card, "ethical considerations", path="c.json") == ["empty"]
    croissant = """{"@context": {}, "@type": "sc:Dataset", "license": "MIT", "rai:dataCollection": "by hand",
      "rai:dataUseCases": "teaching", "rai:dataPreprocessingProtocol": "none", "distribution": [{"name": "a.csv"}]}"""
    fields = ("licence", "collection process", "uses", "distribution", "preprocessing")
    assert states(croissant, *fields, path="d.json") == ["said", "said", "said", "said", "empty"]


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("a.md", b"\xff\xfe\x00", "UTF-8"),
        ("a.md", b"PK\x03\x04\x00", "zero byte"),
        ("a.md", b"---\na: &x [1]\nb: [*x, *x]\n---\n", "anchor"),
        ("a.md", b"---\nlicense: mit\nlicense: gpl\n---\n", "twice"),
        ("a.md", b"---\nlicense: !!python/object:os.system x\n---\n", "tag"),
        ("a.md", b"x" * 300_000, "longer"),
        ("a.md", b"x\n" * 5_000_000, "larger"),
        ("a.json", b'{"a": 1, "a": 2}', "twice"),
        ("a.json", b'{"a": NaN}', "NaN"),
        ("a.json", b'{"a":' * 60 + b"1" + b"}" * 60, "nested"),
        ("a.json", b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested"),
        ("a.json", b'{"bomFormat": "CycloneDX", "components": []}', "modelCard"),
    ],
)
def test_what_cannot_be_read_is_an_error(path: str, content: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        documents.read(path, content)


HOSTILE = {
    "prose": lambda n: "The model of this kind fails on 3 of them.\n\n" * n,
    "headings": lambda n: "# Accuracy 0.9\n" * n,
    "nested headings": lambda n: "".join(f"{'#' * (1 + i % 6)} Limitations\n" for i in range(n)),
    "labels": lambda n: "Owner: TBD\n" * n,
    "items": lambda n: "- accuracy: 0.9\n" * n,
    "one paragraph": lambda n: "the accuracy is 0.9 and\n" * n,
    "table": lambda n: "| Metric | Value |\n|-|-|\n" + "| Accuracy | 0.9 |\n" * n,
    "brackets": lambda n: "[" * n + "\n" + "<a" * n,
    "links": lambda n: "[a](" * (n // 4),
    "comments": lambda n: "<!---->" * (n // 8) + "<!--" * (n // 8),
    "backticks": lambda n: "`" * n + "<!--`" * (n // 8),
    "rules": lambda n: "- " * n + "\n" + "---|" * (n // 5),
    "digits": lambda n: "accuracy " + "9" * n + "\n" + "accuracy 0." + "1.," * (n // 4),
    "metrics": lambda n: "accuracy " * (n // 10) + "0.9",
    "numbers": lambda n: "accuracy " + "0.9 " * (n // 5),
    "colons": lambda n: ":" * n,
    "fence": lambda n: "```\n" + "accuracy 0.9\n" * n,
    "wide": lambda n: "\u0660" * (n // 2),
    "sentences": lambda n: "Limitations: " + "TBD. " * (n // 6),
    "quotes": lambda n: "> " * (n // 3) + "accuracy 0.9",
    "cells": lambda n: "|" * (n // 2) + "\n" + "|-" * (n // 2) + "\n" + "|0.9" * (n // 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_length(kind: str) -> None:
    """Four times the length must not take sixteen times as long; 100,000 lines are read in seconds."""

    def seconds(n: int) -> float:
        content = HOSTILE[kind](n).encode()
        start = time.process_time()
        with contextlib.suppress(Malformed):  # too many numbers are refused once they are read
            documents.find(documents.read("CARD.md", content), ["limitations", "owner", "something else"])
        return time.process_time() - start

    longest = 100_000 if kind == "prose" else 20_000
    seconds(100)
    whole = seconds(longest)
    assert whole < 20
    if whole > 5:
        assert whole < 8 * seconds(longest // 4)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts_are_read_or_refused(kind: str) -> None:
    documents.read("CARD.md", HOSTILE[kind](2_000).encode())
