"""The check on personal data: right counts, honest samples, no value in what it leaves, and real power."""

import csv
import io
import random
import re

import numpy as np
import pandas as pd
import pytest

from audit.checks import pii
from audit.errors import NotMeasurable, UnknownName
from audit.pii import planted, supported_entities
from audit.pii.custom import read
from audit.pii.entities import catalogue
from audit.records import CheckResult
from audit.statistics import intervals
from audit.subject import Subject

KINDS = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "US_SSN")
WORDS = ["the", "router", "fails", "after", "every", "update", "please", "help", "soon", "invoice", "was", "charged"]


def sentences(n, seed=0):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=12)) for _ in range(n)]


def subject(frame, **tables):
    return Subject.in_memory(train=frame, target=None, **tables)


def clean(n=300):
    return pd.DataFrame({"text": sentences(n), "kind": ["a", "b", "c"] * (n // 3), "price": np.linspace(0.1, 9.9, n)})


def leaking(n=300, every=10, seed=0):
    """A clean table with one value in each `every`-th row, and the values that were written."""
    rng, frame, values = random.Random(seed), clean(n), []
    for row in range(0, n, every):
        made = planted.insert(frame.loc[row, "text"], KINDS[row // every % len(KINDS)], rng)
        frame.loc[row, "text"] = made.text
        values.append(made.text[made.start : made.end])
    return frame, values


def measure(frame, seed=1, **params):
    return last(pii.run(subject(frame), seed=seed, confidence=0.95, **params))


def last(outcome):
    """A result, or the last of those of a sample."""
    return outcome if isinstance(outcome, CheckResult) else list(outcome)[-1]


def test_entities_declared_are_those_of_presidio():
    assert set(supported_entities()) <= set(catalogue())


def test_clean_table_has_none_and_the_count_is_exact():
    result = measure(clean())
    share = result.measures["cell_share"]
    assert (share.value, share.n, share.low, share.high) == (0.0, 600, None, None)
    assert result.measures["columns"].value == 0
    assert not result.doubts
    assert set(result.measures) <= set(pii.MEASURES)


def test_planted_rows_are_counted_and_listed_by_position():
    frame, _ = leaking()
    result = measure(frame)
    assert result.measures["cell_share"].value == pytest.approx(30 / 600, abs=2 / 600)
    assert result.measures["prevalence_upper"].value == pytest.approx(0.1, abs=0.01)
    assert result.measures["columns"].value == 1
    rows = [int(line["row"]) for line in csv.DictReader(io.StringIO(evidence(result, "suspect_rows.csv")))]
    assert set(rows) <= set(range(0, 300, 10))
    assert len(rows) >= 28


def test_entities_limit_what_counts():
    frame, _ = leaking()
    result = measure(frame, entities=("EMAIL_ADDRESS",))
    assert 0 < result.measures["cell_share"].value == result.measures["cell_share.EMAIL_ADDRESS"].value < 0.01
    assert "cell_share.IBAN_CODE" not in result.measures


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_no_planted_value_and_no_fragment_of_it_is_left_anywhere(seed):
    frame, values = leaking(seed=seed)
    for result in (measure(frame), measure(frame, mode="sample", rows=150)):
        left = "\n".join(
            [result.sentence, *result.notes, *(doubt.text for doubt in result.doubts), *result.measures]
            + [item.content.decode() + item.sentence for item in result.evidence]
        )
        for value in values:
            fragments = [value, *(part for part in value.replace("@", " ").split() if len(part) > 6)]
            assert not any(fragment in left for fragment in fragments)


def test_personal_name_of_a_column_counts_and_is_not_repeated():
    frame = clean().rename(columns={"kind": "ivo.gallo@example.org"})
    frame.loc[5, "ivo.gallo@example.org"] = "dora.ito@example.net"
    result = measure(frame)
    assert result.measures["columns"].value == 1
    left = "".join(item.content.decode() for item in result.evidence) + "".join(result.notes)
    assert "ivo" not in left
    assert "column 2" in left


def test_name_of_a_column_that_is_a_formula_is_disarmed():
    frame = clean().rename(columns={"text": "=1+1|cmd"})
    frame.loc[0, "=1+1|cmd"] = "dora.ito@example.net"
    lines = evidence(measure(frame), "findings.csv").splitlines()
    assert any(line.startswith("data.train,'=1+1|cmd,") for line in lines)


def test_sample_states_what_may_be_left_and_never_reads_as_none():
    result = measure(clean(), mode="sample", rows=60)
    share, upper = result.measures["cell_share"], result.measures["prevalence_upper"]
    assert share.value == share.low == 0 < share.high
    assert 0.03 < upper.value < 0.08
    assert "may hold some" in result.sentence


def test_sample_of_all_rows_is_exact():
    assert measure(clean(), mode="sample", rows=5000).measures == measure(clean()).measures


def test_sample_interval_covers_the_truth():
    frame, _ = leaking(every=6)
    truth = measure(frame, entities=("EMAIL_ADDRESS",)).measures["cell_share"].value
    covered = 0
    for seed in range(20):
        share = measure(frame, seed=seed, mode="sample", rows=80, entities=("EMAIL_ADDRESS",)).measures["cell_share"]
        covered += share.low <= truth <= share.high
    assert covered >= 19


@pytest.mark.slow
def test_same_seed_same_result_other_seed_other_sample():
    frame, _ = leaking()
    first, again = (measure(frame, mode="sample", rows=100) for _ in range(2))
    assert first == again
    other = measure(frame, seed=2, mode="sample", rows=100)
    assert other.evidence != first.evidence


def test_table_under_two_roles_counts_once():
    frame, _ = leaking()
    twice = pii.run(subject(frame, test=frame.copy()), seed=1, confidence=0.95)
    assert twice.measures == measure(frame).measures


@pytest.mark.slow
def test_power_is_high_on_text_and_falls_with_the_scanners_sight():
    power = pii.plant(subject(clean()), seed=3).share
    assert power.value >= 0.9
    assert power.n >= 40
    assert pii.plant(subject(clean()), seed=3).share == power
    assert pii.plant(subject(clean()), seed=3, min_score=0.99).share.value < power.value - 0.2


def test_power_of_demanded_entities_alone():
    power = pii.plant(subject(clean()), seed=3, entities=("EMAIL_ADDRESS", "IBAN_CODE")).share
    assert power.n >= 40
    assert power.value >= 0.9


def test_the_recall_of_each_kind_is_told_the_least_first():
    power = pii.plant(subject(clean()), seed=3, entities=("EMAIL_ADDRESS", "PHONE_NUMBER"), min_score=0.95)
    assert re.search(r"PHONE_NUMBER \d+% of \d+, EMAIL_ADDRESS 100% of \d+$", power.notes[0])
    (table,) = power.evidence
    rows = pd.read_csv(io.BytesIO(table.content)).set_index("entity")
    assert rows.loc["PHONE_NUMBER", "recall"] < rows.loc["EMAIL_ADDRESS", "recall"] == 1
    assert (rows["recall"] == (rows["found"] / rows["planted"]).round(4)).all()


def test_a_kind_that_no_column_can_hold_is_told():
    power = pii.plant(subject(pd.DataFrame({"count": range(30)})), seed=3, entities=("CREDIT_CARD", "PERSON"))
    assert "PERSON" in power.notes[-1]
    assert "none was planted" in power.notes[-1]


def test_power_on_whole_numbers_is_shown_with_cards():
    power = pii.plant(subject(pd.DataFrame({"count": range(30)})), seed=3).share
    assert (power.n, power.value) == (48, 1.0)


def test_nothing_to_read_is_no_pass():
    with pytest.raises(NotMeasurable):
        measure(pd.DataFrame({"price": [0.5, 1.5]}))
    with pytest.raises(NotMeasurable):
        measure(pd.DataFrame({"note": ["", " ", None]}))
    images = (np.zeros((4, 1, 2, 2)), np.array([0, 1, 0, 1]))
    with pytest.raises(NotMeasurable):
        pii.run(Subject.in_memory(train=images), seed=1, confidence=0.95)


def test_unknown_words_are_errors():
    with pytest.raises(UnknownName, match="EMAIL_ADDRESS"):
        measure(clean(), entities=("EMAIL_ADRESS",))
    with pytest.raises(UnknownName, match="text"):
        measure(clean(), columns=("texd",))
    with pytest.raises(UnknownName, match="train"):
        measure(clean(), tables=("trian",))


def test_a_demanded_model_that_is_not_given_is_a_doubt_and_no_pass():
    from audit import judge
    from audit.records import Limit, Verdict

    result = measure(clean(), names="model")
    doubts = [doubt.text for doubt in result.doubts]
    assert any("no model is given" in text for text in doubts)
    limits = (Limit("columns", max=0),)
    assert judge.decide(limits, result.measures, doubts=doubts).verdict is Verdict.INCONCLUSIVE
    assert judge.decide(limits, measure(clean()).measures).verdict is Verdict.PASS


def test_a_model_stands_in_the_notes_with_its_digest(tmp_path):
    from audit.checks._pii import wording
    from audit.pii import language_models
    from audit.pii.columns.options import Options

    (tmp_path / "weights").write_bytes(b"1")
    notes = list(wording.notes((), Options(names="model", model=str(tmp_path)), None))
    assert any(language_models.digest(str(tmp_path)) in note for note in notes)


def test_kinds_that_single_out_nobody_count_where_they_are_named():
    frame = clean().assign(link=[f"https://example.org/{row}" for row in range(300)])
    assert measure(frame).measures["columns"].value == 0
    assert measure(frame, entities=("URL",)).measures["cell_share.URL"].value > 0


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_in_chunks_gives_what_the_frame_gives(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("audit.data.csv_stream.CHUNK_ROWS", 70)
    monkeypatch.setattr("audit.data.parquet_stream.CHUNK_ROWS", 70)
    frame, _ = leaking()
    path = tmp_path / f"rows.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, row_group_size=100)
    found = pii.run(Subject.load(path), seed=1, confidence=0.95)
    assert found.measures == measure(frame).measures
    assert evidence(found, "suspect_rows.csv") == evidence(measure(frame), "suspect_rows.csv")
    sampled = last(pii.run(Subject.load(path), seed=1, confidence=0.95, mode="sample", rows=120))
    rows = [int(line["row"]) for line in csv.DictReader(io.StringIO(evidence(sampled, "suspect_rows.csv")))]
    assert rows
    assert set(rows) <= set(range(0, 300, 10))


@pytest.mark.slow
def test_a_sample_grows_and_each_interval_holds_with_the_others():
    frame = pd.concat([clean()] * 8, ignore_index=True)
    looks = list(pii.run(subject(frame), seed=1, confidence=0.95, mode="sample", rows=2000))
    bounds = [look.measures["prevalence_upper"] for look in looks]
    assert [bound.n for bound in bounds] == [500, 1000, 2000]
    assert bounds[0].value > bounds[1].value > bounds[2].value > 0
    assert all(bound.low == 0 and bound.high == bound.value for bound in bounds)


def test_the_bound_of_a_kind_is_divided_by_its_recall():
    found = measure(clean(), mode="sample", rows=150, entities=("EMAIL_ADDRESS",))
    detected = intervals.share(0, 150, confidence=0.975).high
    assert detected < found.measures["prevalence_upper.EMAIL_ADDRESS"].value < 1.2 * detected
    assert "measured recall" in found.sentence


def evidence(result, name):
    return next(item.content.decode() for item in result.evidence if item.name == name)


def test_giant_cell_raises_a_doubt():
    frame = clean(3)
    frame.loc[1, "text"] = "x" * 300_000
    assert measure(frame).doubts


@pytest.mark.parametrize("params", [{"mode": "sample", "rows": 0}, {"mode": "sample", "rows": -3}])
def test_a_sample_of_no_rows_measures_nothing(params):
    with pytest.raises(NotMeasurable, match="at least 1"):
        measure(clean(), **params)


@pytest.mark.parametrize("score", [-0.1, 1.5])
def test_a_least_score_that_no_finding_can_have_measures_nothing(score):
    with pytest.raises(NotMeasurable, match="min_score"):
        measure(leaking()[0], min_score=score)


def test_addresses_in_the_index_of_a_parquet_file_are_found(tmp_path):
    frame = clean(60).set_index(pd.Index([f"ivo{row}@example.org" for row in range(60)]))
    frame.to_parquet(tmp_path / "people.parquet")
    result = pii.run(Subject.load(tmp_path / "people.parquet"), seed=1, confidence=0.95)
    assert result.measures["cell_share.EMAIL_ADDRESS"].value == pytest.approx(1 / 3)


@pytest.mark.slow
def test_the_policy_for_each_change_sees_personal_names_of_columns_and_can_be_met():
    from audit import judge, policy

    rule = next(rule for rule in policy.load("builtin:ci").rules if rule.check == "pii")
    frame = pd.concat([clean(), *[clean()] * 9], ignore_index=True)
    for name, verdict in (("note", "PASS"), ("ivo@example.org", "FAIL")):
        found = measure(frame.rename(columns={"text": name}), **rule.params)
        assert judge.decide(rule.limits, found.measures).verdict == verdict


def test_a_kind_that_the_limits_name_has_to_be_seen_by_itself():
    frame = pd.DataFrame({"kind": ["desk", "lamp", "rug"] * 20})  # names written small are hard to tell there
    named = pii.plant(subject(frame), seed=3, limited=("cell_share.PERSON", "cell_share.EMAIL_ADDRESS")).share
    alone = pii.plant(subject(frame), seed=3, limited=("cell_share.EMAIL_ADDRESS",)).share
    assert named.value < 0.9 <= alone.value


def test_what_a_column_or_an_allow_rule_drops_is_told():
    rng = random.Random(3)
    orders = [f"DE{rng.randrange(10**19, 10**20)}" for _ in range(500)]
    frame = pd.DataFrame({"order": orders, "to": ["write to ivo@example.org now"] * 500})
    own = read("own.yaml", b"allow:\n  - {words: [ivo@example.org]}\n")
    notes = measure(frame, recognisers=own).notes
    assert any(re.search(r"not counted.*order \(.*IBAN_CODE in \d+", note) for note in notes)
    assert any("allow rule dropped a finding: to (500)" in note for note in notes)


def test_power_is_measured_among_cells_from_all_over_the_table():
    rng = random.Random(5)

    def quads(row):
        if row < 600:
            return f"203.0.113.{row % 250}"
        return "999.999.999.999" if rng.random() < 0.3 else ".".join(str(rng.randrange(1, 256)) for _ in range(4))

    frame = pd.DataFrame({"client": [quads(row) for row in range(3_000)]})
    power = pii.plant(subject(frame), seed=3, entities=("IP_ADDRESS",)).share
    found = measure(frame, entities=("IP_ADDRESS",)).measures["cell_share"].value
    assert power.value < 0.9 or found > 0.7  # what hides the real ones hides the planted ones


def test_a_column_that_a_sample_has_not_seen_filled_may_be_personal():
    frame = pd.DataFrame({"text": sentences(5_000), "note": None})
    frame["note"] = frame["note"].astype(object)
    frame.loc[4_321, "note"] = "ivo@example.org"
    columns = measure(frame, mode="sample", rows=3_000, entities=("EMAIL_ADDRESS",)).measures["columns"]
    assert (columns.value, columns.high) == (0, 1)


def test_the_runner_tells_the_check_what_the_rule_limits():
    from audit.engine import _work
    from audit.records import Task

    task = Task("r", "pii", {"entities": ()}, 3, 0.95, 60.0, limited=("cell_share.EMAIL_ADDRESS",))
    assert _work.power(subject(clean(60)), task).share.n < 200


def test_the_ends_of_a_sample_are_divided_by_the_recall():
    found = measure(clean(), mode="sample", rows=150, entities=("EMAIL_ADDRESS",), columns=("text",))
    detected = intervals.share(0, 150, confidence=0.975).high
    assert found.measures["cell_share.EMAIL_ADDRESS"].high > detected
    assert found.measures["cell_share"].high > detected


def test_an_array_beside_a_table_is_a_doubt_and_its_text_labels_are_read():
    arrays = (np.zeros((3, 2)), np.array(["ivo@example.org", "dora@example.org", "x"]))
    result = last(pii.run(subject(clean(30), test=arrays), seed=1, confidence=0.95, entities=("EMAIL_ADDRESS",)))
    assert [doubt.text.split(":")[0] for doubt in result.doubts] == ["data.test"]
    assert result.measures["cell_share.EMAIL_ADDRESS"].value == pytest.approx(2 / 63)


def test_allow_rules_stand_in_the_notes():
    from audit.pii.custom import read

    own = read("own.yaml", b"allow:\n  - {words: [hotline]}\n  - {words: [desk]}\n")
    assert any("allow rules that apply: 2" in note for note in measure(clean(30), recognisers=own).notes)


def test_objects_of_any_type_are_read_or_doubted():
    from decimal import Decimal

    numbers = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]
    cells = [np.int64(numbers[0]), Decimal(numbers[1]), bytearray(numbers[2].encode()), np.array([int(numbers[3])])]
    found = measure(pd.DataFrame({"card": pd.Series(cells, dtype=object)}), entities=("CREDIT_CARD",))
    assert (found.measures["cell_share.CREDIT_CARD"].n, found.measures["cell_share.CREDIT_CARD"].value) == (4, 1.0)
    born = pd.Series(pd.to_datetime(["1980-02-03", "1999-12-31"]))
    for column in (born.astype("category"), born.dt.to_period("D").astype(object)):
        seen = measure(pd.DataFrame({"dob": column}), entities=("DATE_OF_BIRTH",))
        assert seen.measures["cell_share.DATE_OF_BIRTH"].value == 1.0
    mixed = measure(pd.DataFrame({"note": pd.Series(["a", object()], dtype=object)}))
    assert any("cannot be read" in doubt.text for doubt in mixed.doubts)


def test_a_blank_cell_among_digits_is_no_crash(tmp_path):
    (tmp_path / "n.csv").write_text('n\n1\n" "\n3\n' * 1)
    assert pii.plant(Subject.load(tmp_path / "n.csv"), seed=1, entities=("CREDIT_CARD",)).share.n == 48


def test_demanded_tax_numbers_and_cards_are_counted_whatever_their_columns_look_like():
    # dotted numbers look like versions, and one fraction made measurements of card numbers
    rng = random.Random(5)
    cards = ["".join(filter(str.isdigit, planted.value("CREDIT_CARD", rng))) for _ in range(199)]
    frame = pd.DataFrame({"cpf": ["529.982.247-25", "111.444.777-35"] * 100, "payment": [*cards, "0.5"]})
    result = measure(frame, entities=("BR_CPF", "CREDIT_CARD"))
    assert result.measures["cell_share"].value == pytest.approx(399 / 400)
