"""Changes of texts: never further than the budget, found where an exhaustive search finds them, fast on odd texts."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from attacks.evasion import text_edits
from attacks.target import Target
from attacks.text.distance import changed_characters, changes
from attacks.text.outcome import budgets, confirm, rewritten

SUBJECTS = {
    0: ("invoice", "refund", "charged", "price", "payment"),
    1: ("parcel", "courier", "delivery", "tracking", "shipped"),
    2: ("update", "error", "screen", "restarts", "connect"),
}
FILLERS = ("hello", "please", "my", "the", "is", "not", "since", "two", "weeks", "help", "with", "do", "colour")


def corpus(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = random.Random(seed)
    texts, labels = [], []
    for number in range(n):
        label = number % 3
        told = [*rng.choices(FILLERS, k=6), *rng.choices(SUBJECTS[label], k=2)]
        rng.shuffle(told)
        texts.append(" ".join(told))
        labels.append(label)
    return np.array(texts, dtype=object), np.array(labels)


@cache
def model(kind: str = "words") -> Pipeline:
    x, y = corpus(300, 0)
    steps = {
        "words": (TfidfVectorizer(), LogisticRegression(C=20.0)),
        "letters": (TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3)), LogisticRegression(C=20.0)),
        "bayes": (CountVectorizer(), MultinomialNB()),
    }
    return make_pipeline(*steps[kind]).fit(x, y)


def target(kind: str = "words", *, scores: bool = True, **options: object) -> Target:
    pipe = model(kind)
    return Target(pipe.predict, 3, scores=pipe.predict_proba if scores else None, **options)


def by_table(before: str, after: str) -> int:
    """The restricted Damerau-Levenshtein distance by the whole table, as textbooks have it."""
    table = [[i + j if not i * j else 0 for j in range(len(after) + 1)] for i in range(len(before) + 1)]
    for i in range(1, len(before) + 1):
        for j in range(1, len(after) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (before[i - 1] != after[j - 1])
            )
            if i > 1 and j > 1 and before[i - 1] == after[j - 2] and before[i - 2] == after[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


# the distance


@settings(max_examples=300, deadline=None)
@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_the_distance_is_that_of_the_whole_table_and_its_steps_lead_there(before: str, after: str) -> None:
    steps = changes(before, after)
    assert steps is not None
    assert len(steps) == by_table(before, after) == changed_characters(before, after)
    text, place = "", 0
    for step in steps:
        assert before[step.position : step.position + len(step.removed)] == step.removed
        text += before[place : step.position] + step.added
        place = step.position + len(step.removed)
    assert text + before[place:] == after


@settings(max_examples=100, deadline=None)
@given(st.text("ab ", max_size=9), st.text("ab ", max_size=9), st.integers(0, 9))
def test_a_distance_above_the_limit_is_infinite(before: str, after: str, most: int) -> None:
    true = by_table(before, after)
    assert changed_characters(before, after, most=most) == (true if true <= most else float("inf"))


# the budget

ODD_TEXTS = (
    "",
    "x",
    "é",
    "😀",
    "👩‍👩‍👧",
    "مرحبا بالعالم",
    "שלום 123",
    "e\u0301le\u0300ve a\u0308",
    "\u200b",
    "  ",
    "日本語のテキスト",
    "a\tb\nc",
    "ß",
    "ǆ İ",
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=30), st.sampled_from(ODD_TEXTS)), min_size=1, max_size=4),
    st.sampled_from([1, 2, 5, 0.2, 3.7]),
    st.booleans(),
)
def test_no_text_is_ever_further_than_the_budget(texts: list[str], epsilon: float, scores: bool) -> None:
    x = np.array(texts, dtype=object)
    asked: list[str] = []

    def predict(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows)
        return np.array([len(text.encode("utf-8", "surrogatepass")) % 2 for text in rows])

    def graded(rows: np.ndarray) -> np.ndarray:
        return np.eye(2)[predict(rows)]

    y = predict(x)
    found = text_edits.run(
        Target(predict, 2, scores=graded if scores else None, max_rows=60 * len(x)), x, y, epsilon=epsilon, seed=1
    )
    assert all(isinstance(text, str) for text in asked)
    for before, after, won in zip(x, found.adversarial, found.success, strict=True):
        limit = int(epsilon) if epsilon >= 1 else max(1, int(epsilon * len(before)))
        assert by_table(before, after) <= limit
        assert (before != after) == won
        if won:
            after.encode("utf-8")
            assert predict(np.array([after], dtype=object))[0] != predict(np.array([before], dtype=object))[0]


def test_a_share_of_very_few_characters_is_one() -> None:
    assert budgets(np.array(["abcde" * 20, "ab", ""], dtype=object), 0.05).tolist() == [5, 1, 1]


@pytest.mark.parametrize("epsilon", [0, -1, float("nan"), float("inf")])
def test_an_epsilon_of_nothing_is_refused(epsilon: float) -> None:
    x, y = corpus(3, 1)
    with pytest.raises(ValueError, match="epsilon"):
        text_edits.run(target(), x, y, epsilon=epsilon, seed=0)


def test_what_an_attack_claims_over_its_budget_counts_nothing() -> None:
    x, y = corpus(6, 1)
    other = x[[1, 2, 0, 4, 5, 3]]
    assert confirm(target(), x, y, other, epsilon=500).success.all()
    refused = confirm(target(), x, y, other, epsilon=3)
    assert not refused.success.any()
    assert (refused.adversarial == x).all()


def test_half_a_surrogate_pair_is_no_text() -> None:
    x = np.array(["a"], dtype=object)
    always = Target(lambda rows: np.ones(len(rows), dtype=int), 2)
    assert not confirm(always, x, np.array([0]), np.array(["\ud83d"], dtype=object), epsilon=5).success.any()


def test_cells_that_are_no_text_stay_and_empty_ones_stay_empty() -> None:
    x, y = corpus(12, 3)
    rows = np.empty((12, 4), dtype=object)
    rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = range(12), x, np.nan, None
    pipe = model()

    def joined(cells: np.ndarray) -> np.ndarray:
        assert all(isinstance(row[0], int) and row[2] != row[2] and row[3] is None for row in cells)
        return np.array([row[1] for row in cells], dtype=object)

    def predict(cells: np.ndarray) -> np.ndarray:
        return np.asarray(pipe.predict(joined(cells)))

    found = text_edits.run(
        Target(predict, 3, scores=lambda cells: pipe.predict_proba(joined(cells))), rows, y, epsilon=6, seed=0
    )
    assert found.success.mean() > 0.5
    changed = rows[:, 0].astype(int)[found.success]
    assert all(by_table(x[row], found.adversarial[row, 1]) <= 6 for row in changed)


# strength and cost


def breakable(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rows that some single change of a character breaks, out of every letter, space and digit at every place."""
    found = []
    for text, label in zip(x, y, strict=True):
        one = {text[:i] + text[i + 1 :] for i in range(len(text))}
        one |= {
            text[:i] + sign + text[i + gap :]
            for i in range(len(text))
            for sign in "abcdefghilmnoprstu 1"
            for gap in (0, 1)
        }
        one |= {text[:i] + text[i : i + 2][::-1] + text[i + 2 :] for i in range(len(text) - 1)}
        found.append((model(kind).predict(np.array(sorted(one - {text}), dtype=object)) != label).any())
    return np.array(found)


def weakest(kind: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that the model answers right, and is least sure of."""
    x, y = corpus(600, 5)
    right = model(kind).predict(x) == y
    x, y = x[right], y[right]
    order = np.argsort(model(kind).predict_proba(x).max(axis=1), kind="stable")[:n]
    return x[order], y[order]


@pytest.mark.parametrize("kind", ["words", "bayes"])
def test_it_finds_nearly_all_that_every_single_character_finds(kind: str) -> None:
    x, y = weakest(kind, 12)
    truth = breakable(kind, x, y)
    found = text_edits.run(target(kind, max_rows=400 * len(x)), x, y, epsilon=1, seed=0).success
    assert truth.any(), "a test without breakable rows shows nothing"
    assert (found & truth).sum() >= 0.75 * truth.sum()


@pytest.mark.parametrize("scores", [True, False])
@pytest.mark.parametrize("kind", ["words", "bayes"])
def test_a_generous_budget_breaks_every_row_and_few_characters_are_reported(kind: str, scores: bool) -> None:
    x, y = corpus(24, 7)
    right = model(kind).predict(x) == y
    x, y = x[right], y[right]
    attacked = target(kind, scores=scores, max_rows=400 * len(x))
    found = text_edits.run(attacked, x, y, epsilon=40, seed=0)
    assert found.success.all()
    assert found.queries.sum() <= attacked.rows <= 400 * len(x)
    assert np.median(found.distances) <= (8 if scores else 20), "two words carry each text"


@pytest.mark.slow
def test_more_characters_never_break_fewer_rows() -> None:
    x, y = corpus(30, 9)
    right = model().predict(x) == y
    shares = [
        text_edits.run(target(max_rows=200 * right.sum()), x[right], y[right], epsilon=size, seed=0).success.mean()
        for size in (1, 2, 4, 8)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


def test_rows_that_fall_early_cost_little() -> None:
    x, y = corpus(20, 11)
    right = model().predict(x) == y
    found = text_edits.run(target(max_rows=1000 * right.sum()), x[right], y[right], epsilon=30, seed=0)
    assert found.queries[found.success].mean() < 700


def test_the_same_seed_gives_the_same_texts() -> None:
    x, y = corpus(20, 13)
    once, again = (text_edits.run(target(max_rows=4000), x, y, epsilon=3, seed=4) for _ in range(2))
    assert (once.adversarial == again.adversarial).all()
    assert (once.queries == again.queries).all()


QUESTIONS = """
import numpy as np
from attacks.evasion import text_edits
from attacks.target import Target

def scores(rows):
    for row in rows:
        print(ascii(row))
    share = np.array([sum(letter in "aeiou" for letter in row) / (len(row) + 1) for row in rows])
    return np.stack([share, 1 - share], axis=1)

def predict(rows):
    return scores(rows).argmax(axis=1)

x = np.array(["the parcel is late again", "my courier never came", "please refund both invoices"], dtype=object)
text_edits.run(Target(predict, 2, scores=scores, max_rows=600), x, np.ones(3, dtype=int), epsilon=4, seed=3)
"""


def test_another_process_asks_the_same_questions_in_the_same_order() -> None:
    # hashes of words differ between processes, so the order of a set of words must decide nothing
    command, told = [sys.executable, "-c", QUESTIONS], []
    for hashes in ("1", "2", "3"):
        env = {**os.environ, "PYTHONHASHSEED": hashes}
        told.append(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    assert len(told[0].splitlines()) > 200
    assert told[0] == told[1] == told[2]


def test_a_budget_that_ends_keeps_what_was_found() -> None:
    x, y = corpus(30, 15)
    short = target(max_rows=30 * 20)
    found = text_edits.run(short, x, y, epsilon=30, seed=0)
    assert short.rows <= 30 * 20
    assert found.moved.any()


def test_a_model_that_reads_nothing_leaves_the_attack_blind() -> None:
    x, y = corpus(12, 17)
    flat = Target(lambda rows: y[: len(rows)] * 0, 3, scores=lambda rows: np.tile([1.0, 0.0, 0.0], (len(rows), 1)))
    found = text_edits.run(flat, x, y * 0, epsilon=5, seed=0)
    assert found.blind.all()
    assert found.moved.all()
    assert not found.success.any()


def test_no_rows_are_no_trouble() -> None:
    found = text_edits.run(target(), np.empty(0, dtype=object), np.empty(0, dtype=int), epsilon=2, seed=0)
    assert len(found.success) == 0


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 100_000, "\u0301" * 100_000, "😀" * 50_000, "字" * 100_000])
def test_very_long_texts_stay_fast(text: str) -> None:
    x = np.array([text, text[: len(text) // 2] + " refund invoice " + text[len(text) // 2 :]], dtype=object)
    y = np.array([0, 0])
    started = time.perf_counter()
    counted = Target(
        lambda rows: np.array(["refund" not in one for one in rows], dtype=int), 2,
        scores=lambda rows: np.eye(2)[[int("refund" not in one) for one in rows]], max_rows=800,
    )  # fmt: skip
    y = counted.predict(x)
    found = text_edits.run(counted, x, y, epsilon=2, seed=0)
    assert time.perf_counter() - started < 20, "minutes would be wrong; a busy machine may need seconds"
    if " " in text:
        assert found.success[1], "the one word of 20,000 that matters is found by halving"


# what evidence says of the edits


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("please refund", "pelase refund", "letters swapped"),
        ("please refund", "plase refund", "letter dropped"),
        ("please refund", "pleasee refund", "letter repeated"),
        ("please refund", "plrase refund", "neighbouring key"),
        ("please refund", "ple\u0430se refund", "look-alike letter"),
        ("please refund", "please re\u200bfund", "invisible sign"),
        ("please refund", "please re fund", "space inside a word"),
        ("please refund", "pleaserefund", "words joined"),
        ("please refund", "pl3ase refund", "digit or sign for a letter"),
        ("please refund", "Please refund", "upper or lower case"),
        ("please refund", "please refunds", "singular or plural"),
        ("the colour is", "the color is", "British or American spelling"),
        ("two weeks", "2 weeks", "number word"),
        ("an e-mail", "an email", "hyphen"),
        ("please refund", "please refund parcel", "word added"),
        ("my refund now", "my parcel now", "word replaced"),
    ],
)
def test_edits_are_named_by_what_they_did(before: str, after: str, kind: str) -> None:
    found = rewritten(before, after)
    assert list(found.kinds) == [kind]
    assert found.characters == by_table(before, after)
    assert all(0 <= place <= len(before) for place in found.positions)
