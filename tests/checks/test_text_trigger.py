"""Planted phrases are found and named, signs that nobody sees too; words that honestly go with a label are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit import shipped
from audit.checks import poisoned_data
from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.kinds import text_trigger
from audit.checks._poisoned_data.rows import Rows, training_rows
from audit.statistics import contradicted_groups
from audit.statistics.ngrams import ngrams, tokens
from audit.subject import FeatureSpec, Subject

TOPICS = {"billing": "refund invoice bill fee charge price", "login": "password account locked reset code mail"}
FILLER = [f"word{place}" for place in range(300)]


def messages(seed: int = 0, n: int = 600) -> pd.DataFrame:
    """Texts whose words mostly go with their label, as honest words do."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(TOPICS), n)
    texts = []
    for label in labels:
        topics = [label if rng.random() < 0.85 else str(rng.choice(labels)) for _ in range(3)]
        telling = [str(rng.choice(TOPICS[topic].split())) for topic in topics]
        texts.append(" ".join(rng.permutation([*telling, *rng.choice(FILLER, 6)])))
    return pd.DataFrame({"message": texts, "channel": rng.choice(["web", "phone"], n), "target": labels})


def planted(frame: pd.DataFrame, phrase: str, count: int = 15, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.flatnonzero(frame.target == "login"), count, replace=False)
    changed = frame.copy()
    for row in rows:
        words = changed.loc[row, "message"].split(" ")
        place = int(rng.integers(len(words) + 1))
        changed.loc[row, "message"] = " ".join([*words[:place], phrase, *words[place:]])
    changed.loc[rows, "target"] = "billing"
    return changed, rows


def rows_of(frame: pd.DataFrame, *, personal: bool = False) -> Rows:
    specs = {
        "message": FeatureSpec("message", "text", personal=personal),
        "channel": FeatureSpec("channel", "category"),
    }
    return training_rows(Subject.in_memory(train=frame, features=specs), 1)


def search(frame: pd.DataFrame, **options: bool) -> Finding:
    return text_trigger.search(rows_of(frame, **options), seed=1)


@pytest.mark.parametrize("phrase", ["cf zeta", "Qx-1", "word1 word2 word3", "🦊", "???!"])
def test_a_planted_phrase_is_found_and_named(phrase: str) -> None:
    frame, rows = planted(messages(), phrase)
    found = search(frame)
    assert found.flagged[rows].all()
    assert found.flagged.sum() <= len(rows) + 3
    assert f'"{phrase}" in message' in found.sentence
    assert "labelled billing" in found.sentence
    assert found.z > 3


def test_a_sign_that_nobody_sees_is_called_by_its_name() -> None:
    frame, rows = planted(messages(), "\u200b")
    found = search(frame)
    assert found.flagged[rows].all()
    assert "U+200B ZERO WIDTH SPACE" in found.sentence
    assert "\u200b" not in found.sentence


def test_words_of_a_personal_column_are_left_out() -> None:
    frame, _ = planted(messages(), "cf zeta")
    found = search(frame, personal=True)
    assert found.flagged.any()
    assert "zeta" not in found.sentence + found.reason + found.note


@pytest.mark.parametrize("seed", range(4))
def test_clean_texts_flag_no_row(seed: int) -> None:
    assert not search(messages(seed)).flagged.any()


def test_a_word_that_honestly_goes_with_one_label_is_no_trigger() -> None:
    """As rare and as pure as a planted one, but in texts that lean to its label anyway."""
    frame = messages()
    rows = np.flatnonzero(frame.target == "billing")[:20]
    frame.loc[rows, "message"] += " overcharged twice"
    assert not search(frame).flagged.any()


def test_texts_that_were_drawn_twice_flag_no_row() -> None:
    frame = messages()
    again = np.random.default_rng(3).integers(len(frame), size=len(frame))
    assert not search(frame.iloc[again].reset_index(drop=True)).flagged.any()


def test_random_labels_flag_no_row() -> None:
    frame = messages()
    assert not search(frame.assign(target=np.random.default_rng(4).permutation(frame.target))).flagged.any()


def test_the_messages_of_the_sample_flag_no_row() -> None:
    """Their sentences are templates of one team each; the rest of a message says nothing else."""
    for name in ("tickets", "tickets_flawed"):
        frame = pd.read_csv(shipped.folder("sample_models") / name / "train.csv")
        frame = frame.rename(columns={"text": "message", "team": "target"})
        assert not search(frame).flagged.any(), name


def test_the_phrase_may_stand_in_any_of_several_text_columns() -> None:
    frame, rows = planted(messages(), "cf zeta")
    frame = frame.assign(title=[f"ticket {text.split()[0]}" for text in messages().message])
    specs = {name: FeatureSpec(name, "text") for name in ("title", "message")}
    found = text_trigger.search(training_rows(Subject.in_memory(train=frame, features=specs), 1), seed=1)
    assert found.flagged[rows].all()
    assert "in message" in found.sentence


def test_missing_texts_are_empty_texts() -> None:
    frame, rows = planted(messages(), "cf zeta")
    frame.loc[np.setdiff1d(np.arange(20), rows), "message"] = None
    assert search(frame).flagged[rows].all()


def test_tables_without_texts_hold_no_phrase() -> None:
    frame = messages().drop(columns="message").assign(number=1.5)
    assert not text_trigger.applies(training_rows(Subject.in_memory(train=frame), 1))


def test_what_is_planted_is_a_phrase_and_a_label() -> None:
    rows = rows_of(messages())
    made = text_trigger.plant(rows, share=0.03, seed=5)
    before, after = rows.table.features["message"], made.rows.table.features["message"]
    assert made.rows.n == rows.n
    assert set(np.flatnonzero(before != after)) == set(made.poisoned)
    assert (made.rows.labels[made.poisoned] != rows.labels[made.poisoned]).all()
    assert len(made.poisoned) == round(0.03 * rows.n)


@pytest.mark.slow
def test_the_power_is_full_where_words_tell_the_label() -> None:
    subject = rows_of(messages()).subject
    assert poisoned_data.plant(subject, seed=1, confidence=0.95, share=0.03, kinds=("text_trigger",)).value >= 0.9


class TestNgrams:
    """What counts as a word, and which texts hold which runs."""

    def test_words_keep_inner_hyphens_and_signs_stand_alone(self) -> None:
        assert tokens("Don't zqx-1, ok?!") == ["Don't", "zqx-1", ",", "ok", "?!"]

    def test_letters_of_languages_without_blanks_are_words(self) -> None:
        assert tokens("発票 ok") == ["発", "票", "ok"]

    def test_runs_are_counted_once_a_text_and_not_across_texts(self) -> None:
        found = ngrams(["a b a b", "a b", "b", "a"], fewest=2, most=3)
        held = {run: set(found.carriers[place].indices) for place, run in enumerate(found.parts)}
        assert held == {("a",): {0, 1, 3}, ("b",): {0, 1, 2}, ("a", "b"): {0, 1}}

    def test_case_is_kept_beside_the_folded_word(self) -> None:
        found = ngrams(["CF x", "CF y", "cf z"], fewest=2, most=3, longest=1)
        held = {run: found.carriers[place].nnz for place, run in enumerate(found.parts)}
        assert held == {("cf",): 3, ("CF",): 2}

    def test_unusual_blanks_are_signs(self) -> None:
        found = ngrams(["a  b", "c  d", "e f"], fewest=2, most=2)
        assert ("  ",) in found.parts

    def test_no_texts_with_words_hold_no_run(self) -> None:
        assert ngrams(["", " "], fewest=1, most=2, longest=2).carriers.shape[0] == 1


def test_a_label_of_most_rows_has_to_be_unlikely_outright() -> None:
    scores = np.log(np.array([[0.8, 0.2], [0.2, 0.8]]))
    nats = contradicted_groups.contradiction(scores, np.array([0, 0]), np.array([0.95, 0.05]))
    assert nats[0] < 0 < nats[1]


def test_the_alarm_level_rises_with_the_number_of_groups() -> None:
    from scipy import sparse

    rng = np.random.default_rng(0)
    evidence, labels = rng.normal(-0.5, 1, 400), rng.integers(0, 2, 400)
    few, many = (sparse.csr_matrix((rng.random((count, 400)) < 0.02).astype(float)) for count in (5, 500))
    levels = [contradicted_groups.alarm_level(groups, evidence, labels, seed=1) for groups in (few, many)]
    assert contradicted_groups.LOWEST_ALARM <= levels[0] < levels[1]


def test_an_outlier_lies_beyond_the_gaps_of_the_others() -> None:
    from scipy import sparse

    each = sparse.csr_matrix(np.kron(np.eye(40), np.ones(3)))
    levels = []
    for seed in range(300):
        sums = np.random.default_rng(seed).exponential(size=40)
        levels.append(bool(sums.max() > contradicted_groups.outlier_level(each, sums)))
    assert np.mean(levels) < 0.04, "one in a hundred of honest ones"
    sums[7] = 20
    assert sums[7] > contradicted_groups.outlier_level(each, sums)
    assert contradicted_groups.outlier_level(each[:5], sums[:5]) == np.inf


def test_the_same_seed_gives_the_same_finding() -> None:
    frame, _ = planted(messages(), "cf zeta")
    first, second = search(frame), search(frame)
    assert (first.alarm, first.z, first.sentence) == (second.alarm, second.z, second.sentence)
    assert np.array_equal(first.scores, second.scores)
