"""How often an audit of evasion decides wrongly, and how many rows a clear case takes, with the truth known exactly.

Each audit is a whole one: policy, runner with its early stop, attacks on a model of one number whose answer turns at
0.5. Rows within epsilon of 0.5 can be broken and the others cannot, so the true robust accuracy is the share at which
rows of the second kind are drawn. Prints the share of wrong passes and wrong fails where the truth equals the limit
(bar: at most 5 % wrong passes), and the median of rows until decided where it is far from it (bar: at most 30), beside
one fixed number of rows. Run it with `python -m tests.benchmarks.evasion_statistics [AUDITS]`; 400 audits a line take
about two minutes on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from audit import api
from audit.models import Model
from audit.records import Limit, Parameter, Policy, Rule
from audit.statistics.intervals import share
from audit.subject import Subject

LIMIT, EPSILON, ROWS, AUDITS = 0.70, 0.05, 500, 400
CLEAR = (0.95, 0.40)


@dataclass(frozen=True)
class Ended:
    """How one audit ended.

    Attributes:
        verdict: by the interval alone, so that a doubt cannot hide a wrong pass: "pass", "fail" or "open".
        rows: rows that were attacked until then.
        doubts: how many doubts the check had.
        exact: whether the attacks found the truth about every row that they looked at.
    """

    verdict: str
    rows: int
    doubts: int
    exact: bool


def main() -> None:
    """Print one line a case."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else AUDITS
    border = [audit(LIMIT, seed) for seed in range(count)]
    for verdict in ("pass", "fail"):
        wrong = sum(one.verdict == verdict for one in border)
        most = share(wrong, count, confidence=0.9).high
        bar = ", bar at most 5%" if verdict == "pass" else ""
        print(
            f"truth {LIMIT:g}, limit {LIMIT:g}: wrong {verdict} in {wrong} of {count} audits = {wrong / count:.2%} "
            f"(at most {most:.2%} with 95% confidence){bar}"
        )
    print(_rest("at the limit", border))
    for truth in CLEAR:
        ended = [audit(truth, seed) for seed in range(count)]
        right = sum(one.verdict == ("pass" if truth > LIMIT else "fail") for one in ended)
        rows = [one.rows for one in ended]
        print(
            f"truth {truth:g}, limit {LIMIT:g}: ours {np.median(rows):g} rows in the median ({np.mean(rows):.1f} in "
            f"the mean), bar 30; peer, one fixed number chosen for 90% power by somebody who knows the truth: "
            f"{fixed_rows(truth)}; decided rightly {right} of {count}"
        )
        print(_rest(f"at {truth:g}", ended))


def audit(truth: float, seed: int) -> Ended:
    """One whole audit of a subject drawn with this true robust accuracy."""
    rng = np.random.default_rng([seed, round(truth * 1000)])
    robust = rng.random(ROWS) < truth
    # a third of the others is answered wrongly from the start; the rest turns within a fifth of epsilon
    wrong = ~robust & (rng.random(ROWS) < 1 / 3)
    side = rng.choice([-1.0, 1.0], ROWS)
    reach = np.where(robust, rng.uniform(3, 9, ROWS), rng.uniform(0.05, 0.2, ROWS)) * EPSILON
    x = (0.5 + side * reach)[:, None]
    y = (side > 0).astype(int) ^ wrong
    subject = Subject.in_memory(model=Model(predict=_answer, classes=(0, 1)), test=(x, y))
    params: dict[str, Parameter] = {
        "epsilon": EPSILON,
        "attacks": ("uniform_noise",),
        "max_rows": ROWS,
        "queries": 40,
        "norm": "linf",
    }
    rule = Rule("robust", "evasion", params, (Limit("robust_accuracy", min=LIMIT),), min_power=None)
    bundle = api.run(subject, Policy("border", "1", "tester", (rule,), seed=seed), api.Options(engine="inline"))
    entry = bundle.entries[0]
    if entry.error:
        raise RuntimeError(entry.error)
    found = entry.measures["robust_accuracy"]
    return Ended(
        _verdict(found.low, found.high),
        found.n,
        len(entry.doubts),
        _found_all(subject, found.n, entry.seed, robust, found.value),
    )


def _answer(rows: np.ndarray) -> np.ndarray:
    return np.asarray((rows[:, 0] > 0.5).astype(int))


def _verdict(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        raise TypeError("robust_accuracy has an interval")
    return "pass" if low >= LIMIT else "fail" if high < LIMIT else "open"


def _found_all(subject: Subject, rows: int, seed: int, robust: np.ndarray, value: float | str) -> bool:
    seen = subject.test.shuffled(seed)[:rows]
    return float(value) == float(robust[seen].mean())


def _rest(where: str, ended: Sequence[Ended]) -> str:
    undecided = sum(one.verdict == "open" for one in ended)
    exact, doubted = sum(one.exact for one in ended), sum(one.doubts > 0 for one in ended)
    return (
        f"  {where}: {undecided} of {len(ended)} undecided after all rows; attacks found the truth about every row in "
        f"{exact} audits; doubts in {doubted}"
    )


def fixed_rows(truth: float) -> int:
    """Smallest fixed number of rows, by fives, at which Clopper-Pearson decides 9 times in 10."""
    for rows in range(5, 2000, 5):
        hits = np.arange(rows + 1)
        ends = [share(int(hit), rows) for hit in hits]
        decided = [end.low >= LIMIT if truth > LIMIT else end.high < LIMIT for end in ends]
        if binom.pmf(hits, rows, truth)[decided].sum() >= 0.9:
            return rows
    raise ValueError(f"{truth} is too close to {LIMIT}")


if __name__ == "__main__":
    main()
