"""Hugging Face cards as records: lineage and facts, and what is refused."""

from __future__ import annotations

import pytest

from audit import provenance
from audit.provenance import Malformed, Record

CARD = """---
license: apache-2.0
language: [en, no]
base_model: someone/small-model
base_model_relation: finetune
datasets: [someone/reviews, someone/more-reviews]
model-index:
  - name: tiny-reviews
    results:
      - task: {type: text-classification}
        dataset: {name: Reviews, type: someone/reviews, split: test}
        metrics: [{type: accuracy, value: 0.91}]
---
# tiny-reviews
"""


def read(text: str, path: str = "README.md") -> Record:
    return provenance.read(path, text.encode())[0]


def test_a_card_tells_a_lineage_and_facts_and_no_digest() -> None:
    record = read(CARD)
    assert record.kind == "hugging_face"
    assert record.claims == ()
    told = {(link.source, link.target, link.how) for link in record.links}
    assert told == {
        ("someone/small-model", "tiny-reviews", "finetune"),
        ("someone/reviews", "tiny-reviews", "trained on"),
        ("someone/more-reviews", "tiny-reviews", "trained on"),
    }
    # "no" is Norwegian here, as YAML 1.2 has it, and not a truth value
    assert record.facts == {"license": "apache-2.0", "language": "en, no"}


def test_a_dataset_card_is_named_by_itself() -> None:
    record = read("---\npretty_name: Reviews\nsource_datasets: original\n---\n", "data/README.md")
    assert [(link.source, link.target) for link in record.links] == [("original", "Reviews")]
    assert read("---\ndatasets: a/b\n---\n", "data/README.md").links[0].target == "data/README.md"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\nlicense: mit\n", "closing"),
        ("---\ntitle: A page\nlayout: post\n---\n", "none of the keys"),
        ("---\nlicense: &a mit\nlanguage: *a\n---\n", "anchor"),
        ("---\nlicense: mit\nlicense: gpl\n---\n", "twice"),
        ("---\nlicense: {a: b}\n---\n", "license"),
        ("---\nbase_model: 5\n---\n", "base_model"),
        ("---\nbase_model: x\nbase_model_relation: stolen\n---\n", "base_model_relation"),
        ("---\nmodel_name: x\nbase_model: x\n---\n", "itself"),
        ("---\nmodel-index: 3\n---\n", "model-index"),
        ("---\nmodel-index: []\n---\n", "model-index"),
        (
            "---\nmodel-index: [{name: a, results: [{task: {type: t}, dataset: {name: d}, metrics: []}]}]\n---\n",
            "dataset",
        ),
        (
            "---\nmodel-index: [{name: a, results: [{task: {type: t}, dataset: {name: d, type: d}, "
            "metrics: [{type: f1}]}]}]\n---\n",
            "value",
        ),
        ("---\n- a\n---\n", "mapping"),
        ("---\n---\n", "empty"),
    ],
)
def test_what_is_no_card_is_refused(text: str, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(text)


def test_markdown_without_yaml_is_no_record() -> None:
    with pytest.raises(Malformed, match="no kind of record"):
        read("# A model\n")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        provenance.read("README.md", b"---\nlicense: \xff\n---\n")
