"""Planted phrases in texts and near copies of one row in tables: what is found, and what clean data raises.

Looked at while developing: all corpora but `election` and `religion`, with other phrases and rows, and among the tables
the first rows of the census table, digits, german_credit, car, hr, penbased, segment and school_pupils. All others here
are held out, as are the phrases, the rows that are drawn and the seeds. Prints recall at 1 % false positives, whether
the phrase is named, processor seconds, cleanlab's recall at 1 % on the same rows, and false alarms on clean data.

Run: python -m tests.benchmarks.poison_words_and_copies
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from attacks.poisoning.near_copies import Kind, near_copies
from audit.checks._poisoned_data.finding import Finding
from audit.checks._poisoned_data.kinds import copies, text_trigger
from audit.checks._poisoned_data.rows import training_rows
from audit.subject import FeatureSpec, Subject
from tests.benchmarks.packaged_tables import packaged
from tests.benchmarks.packaged_texts import corpus

PHRASES = ("copper violin", "qv", "Once the rain is over", "\u200d", "Friday's anchor")
TEXTS = ("amazon", "tweets", "news", "election", "space", "religion")
SHARES = (0.005, 0.01, 0.02)
TABLES = ("mortgages", "diamonds", "letter")
CLEAN = ("census", *TABLES, "vehicle", "chess", "school_pupils", "marketing")
MOST_ROWS = 4000


def main() -> None:
    """Print all parts."""
    words()
    clean_texts()
    rings()
    clean_tables()


def words() -> None:
    """Phrases in held-out corpora."""
    recalls: dict[float, list[float]] = {share: [] for share in SHARES}
    named, flagged, peer, seconds = [], [], [], []
    for place, name in enumerate(TEXTS):
        clean = _corpus(name, seed=700 + place)
        for number, share in enumerate(SHARES):
            phrase = PHRASES[(place + number) % len(PHRASES)]
            poisoned, labels, rows = _with_phrase(clean, phrase, share, seed=800 + 10 * place + number)
            start = time.process_time()
            found = text_trigger.search(_text_rows(poisoned, labels), seed=1)
            seconds.append(time.process_time() - start)
            recall = _recall(found.scores, rows)
            recalls[share].append(recall)
            flagged.append(float(found.flagged[rows].mean()))
            named.append(_names(found, phrase))
            peer.append(_recall(_cleanlab(poisoned, labels), rows))
            print(
                f"  {name} {share:.1%} {phrase!r}: recall {recall:.2f}, flagged {flagged[-1]:.2f}, others flagged "
                f"{int(found.flagged.sum() - found.flagged[rows].sum())}, cleanlab {peer[-1]:.2f}, "
                f"{seconds[-1]:.1f} s; {found.sentence or found.note}"
            )
    for share, values in recalls.items():
        print(f"words {share:.1%}: recall at 1 % false positives, median: ours {np.median(values):.2f}, bar 0.95")
    print(f"words: mean recall at 1 % ours {np.mean(list(recalls.values())):.2f}, cleanlab {np.mean(peer):.2f}")
    print(f"words: mean share of planted texts flagged at the alarm level {np.mean(flagged):.2f}")
    print(f"words: phrase named in {sum(named)} of {len(named)} cases, bar {0.9 * len(named):.0f}")
    print(f"words: processor seconds, longest {max(seconds):.1f} for at most {MOST_ROWS:,} texts")


def clean_texts() -> None:
    """Bootstraps, parts and other thresholds of held-out corpora."""
    alarms = {name: bool(text_trigger.search(_text_rows(*data), seed=1).flagged.any()) for name, data in _clean_texts()}
    raised = [name for name, alarm in alarms.items() if alarm]
    print(f"words: false alarms on {len(alarms)} clean corpora: {len(raised)} {raised}, bar 0")


def rings() -> None:
    """Five rows with ten near copies each, in two columns of which something changes."""
    for name in ("census", "census, one column", *TABLES):
        recalls, flagged, turning, others, seconds = [], [], [], [], []
        for seed in range(5):
            frame, labels = _table(name.partition(",")[0], seed=300 + seed)
            changed = ("age",) if "," in name else ()
            poisoned, false, rows, right = _with_copies(frame, labels, seed=400 + seed, columns=changed)
            start = time.process_time()
            found = copies.search(_table_rows(poisoned, false), seed=1)
            seconds.append(time.process_time() - start)
            recalls.append(_recall(found.scores, rows))
            flagged.append(float(found.flagged[rows].mean()))
            turning += found.flagged[rows[right]].tolist()
            others.append(int(found.flagged.sum() - found.flagged[rows].sum()))
        print(
            f"copies {name}: recall at 1 % false positives, mean {np.mean(recalls):.2f} {np.round(recalls, 2)}, "
            f"bar 0.95; flagged at the alarm level {np.mean(flagged):.2f}, of rows that a forest gets right "
            f"{np.mean(turning):.2f}, bar 0.9; others flagged, at most {max(others)}; longest {max(seconds):.1f} "
            "processor s",
            flush=True,
        )


def clean_tables() -> None:
    """Whole tables and bootstraps with many exact duplicates."""
    raised, total = [], 0
    for name in CLEAN:
        for seed in range(3):
            frame, labels = _table(name, seed=500 + seed)
            if seed:
                rows = np.random.default_rng(seed).integers(len(labels), size=len(labels))
                frame, labels = frame.iloc[rows].reset_index(drop=True), labels[rows]
            total += 1
            if copies.search(_table_rows(frame, labels), seed=1).flagged.any():
                raised.append(f"{name} {seed}")
    print(f"copies: false alarms on {total} clean tables (two in three bootstraps): {len(raised)} {raised}, bar 0")


def _clean_texts() -> Iterator[tuple[str, tuple[list[str], np.ndarray]]]:
    for name in TEXTS:
        whole = corpus(name)
        rated = name in ("amazon", "tweets", "news")
        for seed in range(2):
            rows = np.random.default_rng(600 + seed).integers(len(whole.texts), size=min(3000, len(whole.texts)))
            drawn = whole.drawn(rows)
            yield f"{name} bootstrap {seed}", (drawn.texts, _codes(drawn.values > 0 if rated else drawn.values))
        part = whole.drawn(np.random.default_rng(602).permutation(len(whole.texts))[:1500])
        yield f"{name} part", (part.texts, _codes(part.values > np.median(part.values) if rated else part.values))


def _corpus(name: str, seed: int) -> tuple[list[str], np.ndarray]:
    whole = corpus(name)
    drawn = whole.drawn(np.random.default_rng(seed).permutation(len(whole.texts))[:MOST_ROWS])
    return drawn.texts, _codes(drawn.values > 0 if name in ("amazon", "tweets", "news") else drawn.values)


def _codes(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.unique(values, return_inverse=True)[1])


def _with_phrase(
    clean: tuple[list[str], np.ndarray], phrase: str, share: float, seed: int
) -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    texts, labels = list(clean[0]), clean[1].copy()
    label = int(rng.integers(labels.max() + 1))
    rows = rng.choice(np.flatnonzero(labels != label), round(share * len(labels)), replace=False)
    for row in rows:
        words = texts[row].split(" ")
        place = int(rng.integers(len(words) + 1))
        texts[row] = " ".join([*words[:place], phrase, *words[place:]])
    labels[rows] = label
    return texts, labels, rows


def _with_copies(
    frame: pd.DataFrame, labels: np.ndarray, seed: int, columns: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Random rows replaced by near copies, and whether a forest gets the copied row right, so that there is an answer
    to turn; only some columns change, where they are named.
    """
    rng = np.random.default_rng(seed)
    victims = rng.choice(len(labels), 5, replace=False)
    right = np.repeat(_right(frame, labels)[victims], 10)
    replaced = rng.permutation(np.setdiff1d(np.arange(len(labels)), victims))[:50]
    labels, cells = labels.copy(), {name: frame[name].to_numpy(copy=True) for name in frame}
    may_change = list(columns or frame.columns)
    kinds: list[Kind] = [_kind(frame[name]) for name in may_change]
    for number, victim in enumerate(victims):
        rows = replaced[10 * number : 10 * number + 10]
        for name in frame:
            cells[name][rows] = frame[name].iloc[victim]
        made = near_copies([frame[name].to_numpy() for name in may_change], kinds, int(victim), 10, rng)
        for name, column in zip(may_change, made, strict=True):
            cells[name][rows] = column
        labels[rows] = (labels[victim] + rng.integers(1, labels.max() + 1)) % (labels.max() + 1)
    return pd.DataFrame(cells), labels, replaced, right


def _right(frame: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    """Which rows a forest gets right out of bag."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(100, oob_score=True, random_state=0).fit(_table_rows(frame, labels).x.full, labels)
    return np.asarray(forest.oob_decision_function_.argmax(axis=1) == labels)


def _kind(column: pd.Series) -> Kind:
    return "number" if pd.api.types.is_numeric_dtype(column) and column.dtype != bool else "category"


def _table(name: str, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    frame = packaged(name, 3600, seed=seed)
    return frame.drop(columns="target"), _codes(frame["target"].astype(str).to_numpy())


def _text_rows(texts: list[str], labels: np.ndarray):
    frame = pd.DataFrame({"message": texts})
    spec = {"message": FeatureSpec("message", "text")}
    return training_rows(Subject.in_memory(train=(frame, labels), features=spec), 1)


def _table_rows(frame: pd.DataFrame, labels: np.ndarray):
    return training_rows(Subject.in_memory(train=(frame, labels)), 1)


def _recall(scores: np.ndarray, rows: np.ndarray) -> float:
    """Share of the planted rows that score over 99 % of the others."""
    others = np.setdiff1d(np.arange(len(scores)), rows)
    return float((scores[rows] > np.quantile(scores[others], 0.99)).mean())


def _names(found: Finding, phrase: str) -> bool:
    """Whether the sentence holds the phrase, or the longest part that is searched for."""
    parts = phrase.split(" ")
    ends = {" ".join(parts[start : start + 3]) for start in range(max(1, len(parts) - 2))}
    return any(end in found.sentence for end in ends) or f"U+{ord(phrase[0]):04X}" in found.sentence


def _cleanlab(texts: list[str], labels: np.ndarray) -> np.ndarray:
    """Suspicion by cleanlab's self-confidence from out-of-fold probabilities of words and pairs of words."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    x = TfidfVectorizer(ngram_range=(1, 2), min_df=2).fit_transform(texts)
    probabilities = cross_val_predict(LogisticRegression(C=5.0), x, labels, cv=5, method="predict_proba")
    return 1 - np.asarray(get_label_quality_scores(labels, probabilities))


if __name__ == "__main__":
    main()
