"""Flipped labels and relabelled subgroups on tables and images that were not looked at while the searches were written.

Prints, each on a line of its own: how well single flipped labels are ranked, with cleanlab on the out-of-fold
probabilities of LightGBM in the same run; on how many clean data sets either search flags a row; whether a subgroup
relabelled at 70 % is found with trusted rows, and what is said without them. Times are processor seconds.

Looked at while developing: the second census file, letter and penbased, vehicle, vowel, led7digit, satimage, segment,
titanic, car, German credit, doctor visits, health insurance, pupils, breast cancer, scikit-learn's digits with flips of
seed 3 and 7, Fashion-MNIST with seeds 1 and 2, MNIST with seed 1; of the first census file, race and occupation as
target with seed 102. What is printed uses the first census file, other tables, and other rows and seeds.

Run: `python -m tests.benchmarks.poison_labels [flips|chosen|clean|subgroups]`; it needs `cleanlab` and `lightgbm`
beside the tests' packages, and leaves the peer out where they are missing.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from audit.checks._poisoned_data.kinds import flips, subgroup
from audit.checks._poisoned_data.rows import Rows, training_rows
from audit.subject import Subject
from tests.benchmarks.packaged_images import fashion, mnist
from tests.benchmarks.packaged_tables import packaged

SEEDS = (201, 202, 203)
HELD_OUT: tuple[str, ...] = (
    "chess",
    "mushroom",
    "splice",
    "optdigits",
    "texture",
    "contraceptive",
    "crx",
    "spambase",
    "magic",
)
HELD_OUT += ("hr", "fifa", "diamonds", "mortgages", "fair", "marketing", "dragons", "apartments")
WAYS = ("a fifth", "50 rows", "100 rows", "200 rows", "old or high values", "another balance")
OTHER_TARGETS = ("sex", "race", "marital", "worker", "education", "occupation")


def main(parts: list[str]) -> None:
    """Print the parts that are named, or all."""
    chosen = parts or ["flips", "chosen", "clean", "subgroups"]
    if "flips" in chosen:
        print_flips()
    if "chosen" in chosen:
        print_chosen_flips()
    if "clean" in chosen:
        print_false_alarms()
    if "subgroups" in chosen:
        print_subgroups()


def print_flips() -> None:
    """Area under the ROC curve of 5 % random flips."""
    bars = {"census": 0.93, "digits": 0.99, "letter": 0.99, "optdigits": 0.99, "fashion": 0.0, "mnist": 0.0}
    for name, bar in bars.items():
        ours, peer, seconds = [], [], []
        for seed in SEEDS:
            rows = flipped(data(name, seed), 0.05, seed)
            start = time.process_time()
            found = flips.search(rows.rows, seed=seed)
            seconds.append(time.process_time() - start)
            ours.append(roc_auc_score(rows.changed, found.scores))
            peer.append(cleanlab_area(rows.rows, rows.changed) if name in ("census", "digits", "optdigits") else np.nan)
        print(
            f"flips 5 %, {name}: AUC ours {np.median(ours):.3f} (lowest {min(ours):.4f}), cleanlab "
            f"{np.median(peer):.3f}, bar {bar}; {np.median(seconds):.1f} s",
            flush=True,
        )


def print_chosen_flips() -> None:
    """What is flagged of few and many flips, of flips of one class only, and of those of the surest rows."""
    for name in ("census", "optdigits"):
        for how in ("2 %", "10 %", "one class 5 %", "one class 10 %", "surest 5 %", "surest 10 %"):
            rows = flipped(data(name, SEEDS[0]), float(how.split()[-2]) / 100, SEEDS[0], how=how.split()[0])
            found = flips.search(rows.rows, seed=SEEDS[0])
            hit = found.flagged[rows.changed].mean()
            right = rows.changed[found.flagged].mean() if found.flagged.any() else np.nan
            area = roc_auc_score(rows.changed, found.scores)
            print(
                f"flips {how}, {name}: AUC {area:.3f}, flagged {hit:.2f} of them, {right:.2f} of the flagged",
                flush=True,
            )


def print_false_alarms() -> None:
    """Clean data sets on which a row is flagged, by either search."""
    alarms: dict[str, list[str]] = {"flips": [], "subgroup": []}
    rng = np.random.default_rng(SEEDS[0])
    count = told = 0
    for place, (name, frame) in enumerate(clean()):
        count += 1
        trusted = drawn_trusted(frame.iloc[: len(frame) // 4], WAYS[place % len(WAYS)], rng)
        rows = training_rows(Subject.in_memory(train=frame.iloc[len(frame) // 4 :], trusted=trusted), SEEDS[0])
        if flips.search(rows, seed=SEEDS[0]).flagged.any():
            alarms["flips"].append(name)
        if subgroup.blind(rows):
            continue
        told += 1
        found = subgroup.search(rows, seed=SEEDS[0])
        if found.flagged.any():
            alarms["subgroup"].append(f"{name}, trusted: {WAYS[place % len(WAYS)]}")
            print(f"  {name}, z {found.z:.1f}, alarm {found.alarm:.1f}: {found.sentence}", flush=True)
    print(f"subgroup could be searched for in {told} of {count}; trusted rows were drawn in {len(WAYS)} ways in turn")
    for kind, names in alarms.items():
        print(f"false alarms of {kind}: {len(names)} of {count} clean data sets {names}, bar 1 of 20", flush=True)


def drawn_trusted(frame: pd.DataFrame, way: str, rng: np.random.Generator) -> pd.DataFrame:
    """Trusted rows of the same world: all, a few, mostly those high in two columns, or fewer of the largest class."""
    if way.endswith(" rows"):
        return frame.iloc[: int(way.split()[0])].reset_index(drop=True)
    kept = np.ones(len(frame), dtype=bool)
    if way == "another balance":
        largest = (frame.target == frame.target.value_counts().index[0]).to_numpy()
        kept = ~largest | (rng.random(len(frame)) < 0.4)
    if way == "old or high values":
        columns = rng.choice(frame.columns.drop("target"), 2, replace=False)
        high = sum(frame[column].rank(pct=True).fillna(0.5).to_numpy() for column in columns)
        kept = rng.random(len(frame)) < np.clip(high - 0.4, 0, 1)
    return frame[kept].reset_index(drop=True)


def print_subgroups() -> None:
    """A value whose rows of one label were changed at 70 %, with trusted rows and without."""
    frame = packaged("census", 6800, seed=SEEDS[0])
    print("subgroup without trusted rows:", subgroup.blind(training_rows(Subject.in_memory(train=frame), 1)))
    for trusted_rows in (200, 500, 2000):
        for column in ("education", "marital", "occupation", "worker"):
            trusted, train = frame.iloc[:trusted_rows], frame.iloc[2000:].reset_index(drop=True)
            value, label = largest_change(train, column)
            chosen = np.flatnonzero((train[column] == value) & (train.target == label))
            chosen = np.random.default_rng(SEEDS[0]).permutation(chosen)[: round(0.7 * len(chosen))]
            changed = train.target.to_numpy().copy()
            changed[chosen] = "low" if label == "high" else "high"
            rows = training_rows(Subject.in_memory(train=train.assign(target=changed), trusted=trusted), 1)
            found = subgroup.search(rows, seed=1)
            print(
                f"subgroup {column} {value!r}, {len(chosen)} rows, {trusted_rows} trusted: z {found.z:.1f} alarm "
                f"{found.alarm:.1f}, found {found.flagged[chosen].mean():.2f}; {found.sentence}",
                flush=True,
            )


def largest_change(train: pd.DataFrame, column: str) -> tuple[str, str]:
    """The value of 100 to 600 rows in which one label prevails most, and that label."""
    shares = train.groupby(column).target.agg(["size", lambda labels: (labels == "high").mean()])
    shares = shares[(shares["size"] >= 100) & (shares["size"] <= 600)]
    high = shares.iloc[:, 1]
    value = str((high - 0.5).abs().idxmax())
    return value, "high" if high[value] > 0.5 else "low"


def clean() -> Iterator[tuple[str, pd.DataFrame]]:
    """Held-out tables, bootstraps of some, other columns as target, noisy labels."""
    for name in HELD_OUT:
        yield name, packaged(name, 3200, seed=SEEDS[0])
    for name in ("census", "optdigits", "contraceptive", "hr"):
        for seed in SEEDS[:2]:
            frame = packaged(name, 3200, seed=seed)
            drawn = np.random.default_rng(seed).integers(0, len(frame), size=len(frame))
            yield f"bootstrap {seed} of {name}", frame.iloc[drawn].reset_index(drop=True)
    people = packaged("census", 3200, seed=SEEDS[1])
    for column in OTHER_TARGETS:
        kept = people[people[column].isin(people[column].value_counts().index[:5])].reset_index(drop=True)
        yield f"census, target {column}", kept.drop(columns="target").assign(target=kept[column]).drop(columns=column)
    rng = np.random.default_rng(SEEDS[2])
    for noise in (0.1, 0.3):
        labels = people.target.to_numpy()
        uneven = (people.age > people.age.median()).to_numpy() * noise
        other = np.where(labels == "high", "low", "high")
        yield (
            f"census, {noise:.0%} noise on one half",
            people.assign(target=np.where(rng.random(len(people)) < uneven, other, labels)),
        )


class Flipped:
    """Rows with flipped labels, and which ones."""

    def __init__(self, rows: Rows, changed: np.ndarray) -> None:
        self.rows, self.changed = rows, changed


def data(name: str, seed: int) -> Rows:
    """Rows of a data set, drawn with a seed."""
    if name == "digits":
        x, y = load_digits(return_X_y=True)
        return training_rows(Subject.in_memory(train=(pd.DataFrame(x).rename(columns=str), y)), seed)
    if name in ("fashion", "mnist"):
        drawn = (fashion if name == "fashion" else mnist)(3000, seed)
        return training_rows(Subject.in_memory(train=(drawn.x, drawn.y)), seed)
    return training_rows(Subject.in_memory(train=packaged(name, 4800, seed=seed)), seed)


def flipped(rows: Rows, share: float, seed: int, *, how: str = "random") -> Flipped:
    """Flip labels at random, of one class only (`one`), or of the rows whose labels are surest (`surest`)."""
    rng = np.random.default_rng(seed)
    count = round(share * rows.n)
    order = rng.permutation(rows.n)
    if how == "one":
        order = order[rows.labels[order] == np.bincount(rows.labels).argmax()]
    if how == "surest":
        order = np.argsort(1 - rows.expected[np.arange(rows.n), rows.labels], kind="stable")
    labels, changed = rows.labels.copy(), np.zeros(rows.n, dtype=bool)
    changed[order[:count]] = True
    labels[changed] = (labels[changed] + rng.integers(1, len(rows.classes), size=changed.sum())) % len(rows.classes)
    return Flipped(rows.changed(labels=labels), changed)


def cleanlab_area(rows: Rows, changed: np.ndarray) -> float:
    """Of cleanlab's self-confidence on out-of-fold probabilities of LightGBM."""
    if importlib.util.find_spec("cleanlab") is None or importlib.util.find_spec("lightgbm") is None:
        return float("nan")
    from cleanlab.rank import get_label_quality_scores
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=60, num_leaves=15, verbose=-1, n_jobs=1)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    stated = cross_val_predict(model, rows.x.full, rows.labels, cv=folds, method="predict_proba")
    return float(roc_auc_score(changed, -get_label_quality_scores(rows.labels, stated)))


if __name__ == "__main__":
    main(sys.argv[1:])
