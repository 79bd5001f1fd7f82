"""Re-identification: people who stand alone are counted, by the columns that others know and by no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit import api
from audit.checks import reidentification
from audit.checks._reidentification.coding import coded
from audit.errors import NotMeasurable, UnknownName
from audit.statistics import anonymity
from audit.subject import FeatureSpec, Subject


def people(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """People of few kinds: every combination of sex and town is frequent."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], n),
            "town": rng.choice(["Aachen", "Bonn", "Celle"], n),
            "diagnosis": rng.choice(["J45", "E11", "I10", None], n),
        }
    )


def measured(frame: pd.DataFrame, **params: object) -> dict[str, float | str]:
    result = reidentification.run(Subject.in_memory(test=frame), **params)  # type: ignore[arg-type]
    return {name: measure.value for name, measure in result.measures.items()}


def by_hand(frame: pd.DataFrame, names: list[str], secret: str) -> dict[str, float]:
    """The same numbers in pandas, the slow way."""
    grouped = frame.groupby(names, dropna=False)
    sizes, values = grouped.size(), grouped[secret].nunique()
    return {
        "k_anonymity": int(sizes.min()),
        "l_diversity": int(values[values > 0].min()),
        "unique_share": float((sizes == 1).sum() / len(frame)),
        "below_k_share": float(sizes[sizes < 5].sum() / len(frame)),
        "mean_risk": len(sizes) / len(frame),
    }


@pytest.mark.parametrize("seed", range(5))
def test_all_numbers_are_those_of_a_plain_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.choice(["x", "y", "z", None], 700),
            "b": rng.choice([1.5, -0.0, 0.0, np.nan], 700),
            "c": pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 40, 700), unit="D"),
            "d": rng.choice([True, False], 700),
            "secret": rng.choice(["p", "q", "r", None], 700),
        }
    )
    names = ["a", "b", "c", "d"]
    found = measured(frame, quasi_identifiers=tuple(names), sensitive=("secret",))
    assert found == pytest.approx(by_hand(frame, names, "secret"))


def test_many_wide_columns_do_not_overflow_the_packed_number() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{place}": rng.integers(0, 300, 900) for place in range(12)})
    frame = pd.concat([frame, frame.iloc[:100]], ignore_index=True)
    found = measured(frame, quasi_identifiers=tuple(frame.columns))
    assert (found["unique_share"], found["k_anonymity"]) == (0.8, 1)


def test_one_rare_person_breaks_k_and_nothing_else_does() -> None:
    frame = people()
    before = measured(frame, quasi_identifiers=("sex", "town"))
    assert before["k_anonymity"] == by_hand(frame, ["sex", "town"], "diagnosis")["k_anonymity"] > 1
    frame.loc[len(frame)] = ["f", "Zwiesel", "J45"]
    after = measured(frame, quasi_identifiers=("sex", "town"))
    assert (after["k_anonymity"], after["unique_share"]) == (1, 1 / 401)


def test_a_shared_secret_is_told_by_the_group_that_shares_it() -> None:
    frame = people()
    assert measured(frame, quasi_identifiers=("town",), sensitive=("diagnosis",))["l_diversity"] == 3
    frame.loc[frame.town == "Bonn", "diagnosis"] = "J45"
    found = measured(frame, quasi_identifiers=("town",), sensitive=("diagnosis",))
    assert (found["l_diversity"], found["k_anonymity"] > 50) == (1, True)


def test_rows_of_one_person_are_one_person() -> None:
    """Ten visits of the only patient in a village are no crowd."""
    frame = pd.DataFrame({"patient_id": [7] * 10 + list(range(100, 130)), "town": ["Zwiesel"] * 10 + ["Bonn"] * 30})
    assert measured(frame, quasi_identifiers=("town",))["k_anonymity"] == 1
    assert measured(frame, quasi_identifiers=("town",), leave_out=("patient_id",))["k_anonymity"] == 10
    renamed = frame.rename(columns={"patient_id": "reference"})
    assert measured(renamed, quasi_identifiers=("town",))["k_anonymity"] == 10
    found = measured(renamed, quasi_identifiers=("town",), person="reference")
    assert (found["unique_share"], found["mean_risk"]) == (0.25, 2 / 31)


def test_columns_are_guessed_by_name_and_that_is_said() -> None:
    frame = people().assign(age=np.arange(400) % 40, amount=np.random.default_rng(1).random(400))
    result = reidentification.run(Subject.in_memory(test=frame))
    parts = {line.split(",")[1]: line.split(",")[2] for line in result.evidence[1].content.decode().splitlines()[1:]}
    assert parts == {
        "sex": "quasi-identifier", "town": "quasi-identifier", "age": "quasi-identifier",
        "diagnosis": "sensitive", "amount": "other",
    }  # fmt: skip
    assert any("are a guess" in doubt.text for doubt in result.doubts)
    assert any("guessed, by its name" in note for note in result.notes)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("patientSex", "quasi-identifier"), ("GENDER", "quasi-identifier"), ("geschlecht", "quasi-identifier"),
        ("marital-status", "quasi-identifier"), ("birthYear", "quasi-identifier"), ("plz", "quasi-identifier"),
        ("sexagesimal", "other"), ("packages", "other"), ("student", "other"), ("telephone", "quasi-identifier"),
        ("religion", "sensitive"), ("clientId", "person"), ("patient_no", "person"),
    ],
)  # fmt: skip
def test_a_name_tells_the_part_of_its_column(name: str, part: str) -> None:
    frame = pd.DataFrame({"sex": ["f", "m"] * 100, name: ["a", "b"] * 100})
    result = reidentification.run(Subject.in_memory(test=frame))
    parts = {line.split(",")[1]: line.split(",")[2] for line in result.evidence[1].content.decode().splitlines()[1:]}
    assert parts[name] == part


def test_a_guess_that_left_nothing_out_is_not_doubted() -> None:
    result = reidentification.run(Subject.in_memory(test=people()))
    assert not result.doubts
    assert result.measures["k_anonymity"].value == by_hand(people(), ["sex", "town"], "diagnosis")["k_anonymity"]


def test_declared_columns_are_compared_and_the_target_is_the_secret() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"q1": rng.integers(0, 4, 300), "q2": rng.integers(0, 4, 300), "target": rng.integers(0, 2, 300)}
    )
    features = {"q1": FeatureSpec("q1", "integer", personal=True)}
    result = reidentification.run(Subject.in_memory(test=frame, features=features))
    assert any("compared 300 rows by q1 (guessed, by declared as personal)" in note for note in result.notes)
    assert result.measures["l_diversity"].value == 2


def test_without_a_word_columns_are_taken_whose_values_repeat() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"q1": rng.integers(0, 4, 300), "q2": rng.random(300), "row": range(300)})
    result = reidentification.run(Subject.in_memory(test=frame))
    assert any("by q1 (guessed, by its values repeat)" in note for note in result.notes)
    assert any("q2 were not compared" in doubt.text for doubt in result.doubts)
    with pytest.raises(NotMeasurable, match="quasi_identifiers"):
        reidentification.run(Subject.in_memory(test=frame[["q2", "row"]]))


def test_names_in_the_table_are_a_doubt_until_they_are_left_out() -> None:
    frame = people().assign(email=[f"p{place}@example.org" for place in range(400)])
    shown = Subject.in_memory(test=frame)
    doubts = reidentification.run(shown, quasi_identifiers=("sex", "town")).doubts
    assert len(doubts) == 1
    assert "leave_out" in doubts[0].text
    assert not reidentification.run(shown, quasi_identifiers=("sex", "town"), leave_out=("email",)).doubts


def test_planted_people_and_groups_are_seen() -> None:
    power = reidentification.plant(Subject.in_memory(test=people()), seed=1, confidence=0.95)
    assert (power.value, power.n) == (1.0, 40)
    numbers = pd.DataFrame(
        {"age": [30, 31] * 50, "born": pd.Timestamp("1990-01-01"), "patient_id": list(range(50)) * 2}
    )
    power = reidentification.plant(
        Subject.in_memory(test=numbers), seed=1, confidence=0.95, quasi_identifiers=("age", "born")
    )
    assert (power.value, power.n) == (1.0, 20)
    flags = pd.DataFrame({"smoker": [True, False] * 20})
    with pytest.raises(NotMeasurable, match="further value"):
        reidentification.plant(Subject.in_memory(test=flags), seed=1, confidence=0.95, quasi_identifiers=("smoker",))


def test_planted_people_are_missed_where_the_column_is_not_compared() -> None:
    """The power is that of the grouping: rows that differ in no compared column are not seen."""
    from audit.checks._reidentification.exposure import exposure
    from audit.checks._reidentification.planting import planted_rows
    from audit.checks._reidentification.roles import Column, Roles

    both = Roles((Column("sex", "quasi-identifier", ""), Column("town", "quasi-identifier", "")), guessed=False)
    one = Roles((Column("sex", "quasi-identifier", ""),), guessed=False)
    planted = planted_rows(people(), both, seed=0)
    assert planted.seen(exposure([people(), planted.frame], both)) == 20
    assert planted.seen(exposure([people(), planted.frame], one)) == 10


def test_a_file_is_read_once_and_in_chunks(tmp_path: Path) -> None:
    frame = pd.concat([people(40_000, seed) for seed in range(2)], ignore_index=True)
    frame.to_parquet(tmp_path / "people.parquet")
    found = api.measure("reidentification", tmp_path / "people.parquet", {}, power=True).measured
    assert not found.error
    assert found.result.measures["k_anonymity"].value == by_hand(frame, ["sex", "town"], "diagnosis")["k_anonymity"]
    assert found.result.measures["k_anonymity"].n == 80_000
    assert {line.split(",")[0] for line in found.result.evidence[0].content.decode().splitlines()[1:]} == {"data.train"}


def test_a_blank_cell_of_a_csv_file_is_no_secret_value(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("age,city,disease\n" + "30,Ulm,flu\n30,Ulm,\n40,Bonn,flu\n40,Bonn, \n" * 5)
    result = reidentification.run(
        Subject.load(tmp_path / "people.csv"), quasi_identifiers=("age", "city"), sensitive=("disease",)
    )
    assert result.measures["l_diversity"].value == 1


def test_the_table_that_is_worst_counts() -> None:
    rare = people(50)
    rare.loc[0, "town"] = "Zwiesel"
    subject = Subject.in_memory(train=people(), test=rare)
    result = reidentification.run(subject)
    assert (result.measures["k_anonymity"].value, result.measures["k_anonymity"].n) == (1, 50)
    assert "data.test" in result.sentence
    assert reidentification.run(subject, tables=("train",)).measures["k_anonymity"].value > 1


def test_wrong_words_are_refused() -> None:
    subject = Subject.in_memory(test=people())
    for params in ({"quasi_identifiers": ("twon",)}, {"sensitive": ("x",)}, {"tables": ("tset",)}, {"person": "who"}):
        with pytest.raises(UnknownName):
            reidentification.run(subject, **params)  # type: ignore[arg-type]
    with pytest.raises(NotMeasurable, match="two parts"):
        reidentification.run(subject, quasi_identifiers=("sex",), sensitive=("sex",))
    with pytest.raises(NotMeasurable, match="at least 2"):
        reidentification.run(subject, k=1)
    with pytest.raises(NotMeasurable, match="arrays"):
        reidentification.run(Subject.in_memory(test=(np.zeros((4, 2)), np.zeros(4))))


def test_evidence_holds_sizes_and_no_values() -> None:
    frame = people().assign(**{"anna.example@example.org": ["u", "v"] * 200})
    frame.loc[0, "town"] = "Zwiesel"
    result = reidentification.run(Subject.in_memory(test=frame))
    said = b"".join(file.content for file in result.evidence).decode() + result.sentence
    said += " ".join(result.notes) + " ".join(doubt.text for doubt in result.doubts)
    assert not [value for value in ("Zwiesel", "Aachen", "J45", "anna.example") if value in said]
    assert "column 4" in said


def test_cells_that_cannot_be_looked_up_are_compared_too() -> None:
    cells = pd.Series([["a"], ["a"], {"b": 1}, None], dtype=object)
    found = coded([pd.DataFrame({"x": cells})], ["x"])["x"]
    assert found.codes.tolist() == [1, 1, 2, 0]


def test_rows_without_columns_cannot_be_grouped() -> None:
    with pytest.raises(ValueError, match="without a column"):
        anonymity.groups([])
