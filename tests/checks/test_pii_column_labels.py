"""Names of columns that are personal themselves stand in no message and no result, and a model has to know people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.checks import pii, reidentification
from audit.errors import SubjectError, UnknownName
from audit.pii.tables.header import shown
from audit.records import CheckResult
from audit.subject import Subject

PERSONAL = ("zoe.quist@example.com", "Ivo Petrov")
TABLE = pd.DataFrame({"n": range(60), PERSONAL[0]: range(60), PERSONAL[1]: ["a", "b"] * 30, "email": ["x"] * 60})


def subject() -> Subject:
    return Subject.in_memory(train=TABLE, target=None)


def test_a_mistyped_column_names_no_personal_one() -> None:
    with pytest.raises(UnknownName) as caught:
        pii.run(subject(), seed=1, confidence=0.95, columns=("zoe_quist",))
    assert "column 2" in str(caught.value)
    assert not any(name in str(caught.value) for name in PERSONAL)


def test_a_mistyped_quasi_identifier_names_no_personal_column() -> None:
    with pytest.raises(UnknownName) as caught:
        reidentification.run(subject(), quasi_identifiers=("zoe.quist",))
    assert not any(name in str(caught.value) for name in PERSONAL)


def test_a_persons_whole_name_as_header_is_hidden_whatever_is_looked_for() -> None:
    result = pii.run(subject(), seed=1, confidence=0.95, entities=("IBAN_CODE",))
    assert isinstance(result, CheckResult)
    left = "\n".join([*result.notes, result.sentence, *(item.content.decode() for item in result.evidence)])
    assert not any(name in left for name in PERSONAL)


def test_usual_headers_are_shown() -> None:
    usual = ("First Name", "Hair Color", "Order Date", "Rose Garden", "New York", "Jordan", "Grant Price", "email")
    assert shown(usual) == usual
    assert shown(("John Smith", "Maria da Silva", "price")) == ("column 1", "column 2", "price")


def test_a_table_refuses_a_personal_name_by_its_position() -> None:
    twice = pd.DataFrame([[1, 2, 3]], columns=["a", PERSONAL[0], PERSONAL[0]])
    with pytest.raises(SubjectError, match=r"columns 2 and 3") as caught:
        Subject.in_memory(train=twice, target=None)
    assert PERSONAL[0] not in str(caught.value)


@pytest.mark.parametrize(("entities", "doubted"), [(("PERSON",), True), ((), True), (("ORGANIZATION",), False)])
def test_a_model_without_people_is_a_doubt_where_people_are_looked_for(
    tmp_path: Path, entities: tuple[str, ...], doubted: bool
) -> None:
    import spacy

    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "ORG", "pattern": "Acme"}])
    pipeline.to_disk(tmp_path / "model")
    frame = pd.DataFrame({"text": ["nobody is here", "the router fails"] * 10})
    result = pii.run(
        Subject.in_memory(train=frame, target=None),
        seed=1,
        confidence=0.95,
        names="model",
        model=str(tmp_path / "model"),
        entities=entities,
    )
    assert isinstance(result, CheckResult)
    assert any("PERSON" in doubt.text for doubt in result.doubts) == doubted
