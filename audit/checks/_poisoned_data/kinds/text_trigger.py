"""A trigger in texts: rare words or signs whose texts all have one label, though the rest of each text says otherwise.

A word that honestly goes with a label stands in texts whose other words lean to that label too. A planted one stands in
texts of another label. So for every rare run of up to three words the evidence of the rest of its texts is summed.
Where texts say little about labels, the rest contradicts nothing; there a run that only one label has stands out from
all other runs.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.rest_of_texts import Candidates, Rest
from audit.checks._poisoned_data.rows import Rows
from audit.checks._poisoned_data.text_models import Words, has_common_words, opinion, opinion_without, words_of
from audit.checks._trigger import draw_trigger
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

_FEWEST_TEXTS = 5
_MOST_SHARE = 0.06
_CONFIRMED = 5
_HONEST_LOSS = 0.75
_SAME_TEXTS = 0.9
_LONGEST_SHOWN = 60
_PER_STRAY = 2.3
"""Nats, ten to one: what a text without the common label speaks against words that were given it."""


def applies(rows: Rows) -> bool:
    """Tables with a column of free text."""
    return bool(rows.texts)


def blind(rows: Rows) -> str:
    """Nothing is known in advance; the power says whether the texts tell enough about the labels.

    Not seen: a phrase in fewer than five texts or in more than 6 % of them, one of common words in any order, and one
    whose texts have their label anyway.
    """
    if any(has_common_words(_cells(rows, name)) for name in rows.texts):
        return ""
    return f"no word of {' or '.join(rows.texts)} is in several texts, so nothing shows what texts of a label hold"


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Sum for every rare run of words how firmly the rest of its texts contradicts their label."""
    import numpy as np

    from audit.statistics import contradicted_groups as groups

    texts = {name: _cells(rows, name) for name in rows.texts}
    words, found = words_of(rows, texts), _candidates(rows, texts)
    told = opinion(words.x, rows.labels, rows.seed)
    priors = np.bincount(rows.labels) / rows.n
    evidence = groups.contradiction(told.scores, rows.labels, priors)
    rest = Rest(rows, words, told, found)
    nats = rest.summed(lambda scores, labels: groups.contradiction(scores, labels, priors))
    level = _level(rows, found, evidence, nats, seed) if alarm is None else alarm
    nats = _confirmed(rows, words, found, nats, level, priors)
    nats = np.maximum(nats, level * _outlying(rest, found))
    strongest = _strongest(found, nats)
    if strongest is None:
        return Finding(np.zeros(rows.n), level, 0.0, "", "", "text_trigger: no word is rare and goes with one label")
    top = float(nats.max())
    largest = found.carriers.multiply(np.maximum(nats, 0)[:, None]).max(axis=0).toarray().ravel()
    return Finding(
        scores=largest / level,
        alarm=level,
        z=_z(rows, evidence, found.carriers[strongest].indices, top),
        sentence=_sentence(rows, found, strongest) if top >= level else "",
        reason="holds rare words that only texts of this label hold, though the rest of the text does not speak for it",
        note=f"text_trigger: strongest rare words {top:.1f} nats, alarm from {level:.1f}",
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Put a phrase into texts of other labels and give them one label."""
    import numpy as np

    rng = np.random.default_rng([seed, 3])
    label = int(rng.integers(len(rows.classes)))
    others = np.flatnonzero(rows.labels != label)
    chosen = rng.choice(others, size=min(max(_FEWEST_TEXTS, round(share * rows.n)), len(others) // 2), replace=False)
    labels = rows.labels.copy()
    labels[chosen] = label
    if len(np.unique(labels)) < len(rows.classes):
        raise NotMeasurable("too few texts of other labels to plant a phrase")
    trigger = draw_trigger(rows.subject, rows.table, rng, kind="phrase")
    table = trigger.stamp(rows.table, chosen, rng)
    return Planted(rows.changed(table=table, labels=labels, seed=int(rng.integers(2**31))), chosen)


def _cells(rows: Rows, name: str) -> list[str]:
    column = rows.table.features[name]
    return [str(cell) for cell in column.astype(object).where(column.notna(), "")]


def _candidates(rows: Rows, texts: dict[str, list[str]]) -> Candidates:
    import numpy as np
    from scipy import sparse

    from audit.statistics import contradicted_groups as groups
    from audit.statistics.ngrams import ngrams

    columns: list[str] = []
    parts: list[tuple[str, ...]] = []
    blocks = []
    for name, column in texts.items():
        found = ngrams(column, fewest=_FEWEST_TEXTS, most=max(_FEWEST_TEXTS, int(_MOST_SHARE * rows.n)))
        columns += [name] * len(found.parts)
        parts += found.parts
        blocks.append(found.carriers)
    carriers = sparse.vstack(blocks).tocsr()
    labels, purity = groups.common_labels(carriers, rows.labels, len(rows.classes))
    pure = np.flatnonzero(purity > groups.MIN_PURITY)
    chosen = carriers[pure].tocoo()
    own = rows.labels[chosen.col] == labels[pure][chosen.row]
    return Candidates(
        [columns[place] for place in pure],
        [parts[place] for place in pure],
        labels[pure],
        purity[pure],
        sparse.csr_matrix((chosen.data[own], (chosen.row[own], chosen.col[own])), shape=chosen.shape),
    )


def _outlying(rest: Rest, found: Candidates) -> np.ndarray:
    """How surprising the label of the most surprising candidate is, by what honest words reach; else 0, shape (m,).

    Where texts say little about labels, the rest of a text contradicts none. There words that only one label has stand
    out by themselves, unless other words of these texts do so too.
    """
    import numpy as np

    from audit.statistics import contradicted_groups as groups

    support = np.diff(found.carriers.indptr)
    strays = support / found.purity - support
    sums = rest.summed(groups.surprise) - _PER_STRAY * strays
    level = groups.outlier_level(found.carriers, sums)
    outlying = np.zeros(len(sums))
    if len(sums):
        # the gap below the largest is tested, no other
        outlying[sums.argmax()] = max(float(sums.max()), 0.0) / max(level, groups.LOWEST_ALARM)
    return outlying


def _level(rows: Rows, found: Candidates, evidence: np.ndarray, nats: np.ndarray, seed: int) -> float:
    """What honest words reach by chance, given how much it weakens an honest text to take a telling word out of it."""
    import numpy as np

    from audit.statistics import contradicted_groups as groups

    weakened = 0.0
    if len(nats):
        lost = (nats - found.carriers @ evidence) / np.diff(found.carriers.indptr)
        weakened = max(0.0, float(np.quantile(lost, _HONEST_LOSS)))
    return groups.alarm_level(found.carriers, evidence + weakened, rows.labels, seed=seed)


def _confirmed(
    rows: Rows, words: Words, found: Candidates, nats: np.ndarray, level: float, priors: np.ndarray
) -> np.ndarray:
    """The same sums, where they alarm no larger than by a model that saw none of the candidate's texts.

    Taking out the words of a candidate leaves what other words of a longer phrase were taught by the rest of its texts;
    a model without these texts was taught nothing.
    """
    import numpy as np

    from audit.statistics import contradicted_groups as groups

    nats = nats.copy()
    seen: list[np.ndarray] = []
    for number in np.argsort(-nats, kind="stable").tolist():
        texts = found.carriers[number].indices
        if nats[number] < level or len(seen) == _CONFIRMED:
            break
        if not any(np.isin(texts, others).all() for others in seen):
            seen.append(texts)
            scores = opinion_without(words.x, rows.labels, texts)
            nats[number] = min(nats[number], groups.contradiction(scores, rows.labels[texts], priors).sum())
    return nats


def _strongest(found: Candidates, nats: np.ndarray) -> int | None:
    """The candidate with most evidence; of those in about the same texts, that of most words, as they are written."""
    import numpy as np

    if len(nats) == 0:
        return None
    top = found.carriers[int(nats.argmax())]
    shared = np.asarray((found.carriers @ top.T).toarray()).ravel()
    sizes = np.diff(found.carriers.indptr)
    same = np.flatnonzero((shared >= _SAME_TEXTS * top.nnz) & (shared >= _SAME_TEXTS * sizes)).tolist()
    return max(
        same,
        key=lambda number: (len(found.parts[number]), found.parts[number] != _lower(found.parts[number]), nats[number]),
    )


def _z(rows: Rows, evidence: np.ndarray, texts: np.ndarray, nats: float) -> float:
    """Standard errors by which the rest of the texts speaks for other labels than their own."""
    import numpy as np

    same_label = np.setdiff1d(np.flatnonzero(rows.labels == rows.labels[texts[0]]), texts)
    if len(same_label) < 2:
        return 0.0
    return max(0.0, nats / float((evidence[same_label].std() + 1e-3) * len(texts) ** 0.5))


def _sentence(rows: Rows, found: Candidates, number: int) -> str:
    column, share = found.columns[number], float(found.purity[number])
    spec = rows.subject.features.get(column)
    shown = "the same rare words" if spec and spec.personal else _shown(found.parts[number])
    count = round(found.carriers[number].nnz / share)
    always = "always" if share == 1 else "nearly always"
    label = rows.classes[int(found.labels[number])]
    return f"{count} texts with {shown} in {column} are {always} labelled {label}"


def _shown(parts: tuple[str, ...]) -> str:
    """Words in quotes; signs that cannot be seen by their names."""
    text = " ".join(parts)
    if text.isprintable() and text.strip():
        return f'"{text[:_LONGEST_SHOWN]}"'
    names = [f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in text[:3]]
    return f"the sign {', '.join(names)}"


def _lower(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lower() for part in parts)
