"""A model is opened from this disk alone, its labels become our kinds, and its digest tells whether a byte changed."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from audit.errors import AuditError
from audit.pii import language_models, scan_texts, supported_entities
from audit.pii.language_models import labels

NAMES = ("amira", "brandt", "dora", "ito")
PLACES = ("leeds", "porto")
TEXTS = ["ask Amira Brandt in Leeds", "Porto said dora", "nobody is here", "", "  "]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> str:
    import spacy

    nlp = spacy.blank("en")
    rules = [{"label": "PERSON", "pattern": "Amira Brandt"}, {"label": "GPE", "pattern": "Leeds"}]
    rules += [{"label": "DATE", "pattern": words} for words in ("two days", "3 May 2021", "Monday")]
    nlp.add_pipe("entity_ruler").add_patterns(rules)
    folder = tmp_path_factory.mktemp("models") / "pipeline"
    nlp.to_disk(folder)
    return str(folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory) -> str:
    """A token classifier of one hidden layer that knows four names and two places, made here."""
    return make_classifier(tmp_path_factory.mktemp("models") / "classifier", {0: "O", 1: "I-PER", 2: "I-LOC"})


def make_classifier(folder: Path, meanings: dict[int, str]) -> str:
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ask", "in", "said", "nobody", "is", "here", ",", "x"]
    vocabulary = [*words, *NAMES, *PLACES]
    codes = {word: code for code, word in enumerate(vocabulary)}
    rules = Tokenizer(models.WordLevel(codes, unk_token="[UNK]"))
    rules.normalizer = normalizers.Lowercase()
    rules.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    rules.post_processor = processors.BertProcessing(("[SEP]", codes["[SEP]"]), ("[CLS]", codes["[CLS]"]))
    tokeniser = PreTrainedTokenizerFast(
        tokenizer_object=rules, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, num_labels=len(meanings), id2label=meanings,
        label2id={label: code for code, label in meanings.items()},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    tokens = torch.tensor([range(len(vocabulary))])
    right = torch.tensor([[1 if word in NAMES else 2 if word in PLACES else 0 for word in vocabulary]])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        order = torch.randperm(len(vocabulary))
        optimiser.zero_grad()
        model(input_ids=tokens[:, order], labels=right[:, order]).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    tokeniser.save_pretrained(folder)
    return str(folder)


def found(texts: list[str], model: str) -> list[list[tuple[str, str]]]:
    spans = language_models.opened(model).find_many(texts)
    return [[(text[one.start : one.end], one.entity) for one in of] for text, of in zip(texts, spans, strict=True)]


def test_a_pipelines_names_are_found_and_vague_times_are_not(pipeline):
    assert found(TEXTS[:1], pipeline) == [[("Amira Brandt", "PERSON"), ("Leeds", "LOCATION")]]
    assert found(["two days after 3 May 2021, a Monday"], pipeline) == [
        [("3 May 2021", "DATE_TIME"), ("Monday", "DATE_TIME")]
    ]


def test_a_token_classifier_finds_names_at_their_places(classifier):
    expected = [[("Amira Brandt", "PERSON"), ("Leeds", "LOCATION")], [("Porto", "LOCATION"), ("dora", "PERSON")]]
    assert found(TEXTS, classifier) == [*expected, [], [], []]
    spans = scan_texts(TEXTS[:1], names="model", model=classifier)[0]
    assert (4, 16, "PERSON", "language model") in [(one.start, one.end, one.entity, one.basis) for one in spans]


def test_a_text_longer_than_the_model_reads_loses_no_name(classifier):
    text = " ".join(["x", "is", "here"] * 70 + ["dora"] + ["x"] * 100 + ["Leeds"])
    assert found([text], classifier) == [[("dora", "PERSON"), ("Leeds", "LOCATION")]]


def test_opening_and_reading_need_no_network(classifier, pipeline, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    language_models.opened.cache_clear()
    for model in (classifier, pipeline):
        assert found(TEXTS[:1], model)[0]
    with pytest.raises(AuditError, match="neither an installed"):
        language_models.opened("bert-base-cased")


def test_labels_that_mean_nothing_are_refused(tmp_path):
    folder = make_classifier(tmp_path / "plain", {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"})
    with pytest.raises(AuditError, match="none of its labels"):
        language_models.opened(folder)


def test_weights_that_can_run_code_are_refused(classifier, tmp_path):
    import shutil

    import torch

    folder = tmp_path / "pickled"
    shutil.copytree(classifier, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(AuditError, match="safetensors"):
        language_models.opened(str(folder))


def test_a_folder_without_a_model_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(AuditError, match="no spaCy pipeline"):
        language_models.opened(str(tmp_path))


def test_presidio_alone_cannot_ask_a_token_classifier(classifier):
    with pytest.raises(AuditError, match="token classifier"):
        scan_texts(["a"], names="model", model=classifier, recognisers="presidio")


def test_a_models_kinds_are_supported(classifier, pipeline):
    assert set(language_models.opened(classifier).entities) == {"PERSON", "LOCATION"}
    assert {"PERSON", "LOCATION", "DATE_TIME"} <= set(supported_entities(names="model", model=pipeline))


def test_the_digest_tells_whether_a_byte_or_a_name_changed(classifier, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(classifier, copy)
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "a.pyc").write_bytes(b"1")
    before = language_models.digest(classifier)
    assert language_models.digest(str(copy)) == before
    assert len(before) == 64
    config = copy / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"note": 1}))
    changed = language_models.digest(str(copy))
    (copy / "tokenizer.json").rename(copy / "words.json")
    assert len({before, changed, language_models.digest(str(copy))}) == 3


@pytest.mark.parametrize(
    ("label", "entity"),
    [("B-PER", "PERSON"), ("I-ORG", "ORGANIZATION"), ("persName", "PERSON"), ("GPE", "LOCATION"), ("MISC", None),
     ("EMAIL", "EMAIL_ADDRESS"), ("E-DATE", "DATE_TIME"), ("LABEL_1", None), ("O", None), ("LOCATION", "LOCATION")],
)  # fmt: skip
def test_labels_are_read_with_and_without_marks_of_place(label, entity):
    assert labels.entity(label) == entity
