"""Near copies of one row with a wrong label, which turn the model's answer for exactly that row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.nearness import distances, identical
from audit.checks._poisoned_data.rows import Rows
from audit.errors import NotMeasurable

if TYPE_CHECKING:
    import numpy as np

    from attacks.poisoning.near_copies import Kind
    from audit.data import Table

_COPIES = 10
_COMPARED = 21
"""The strongest ring and twenty to compare it with."""
_USUAL = (
    "{}, more firmly than by chance; but this data holds many such groups, and whether that is its nature or whether "
    "rows were copied cannot be told"
)


def applies(rows: Rows) -> bool:
    """Rows of any data can be copied."""
    return rows.n > 0


def blind(rows: Rows) -> str:
    """Nothing is known in advance.

    The power says what honest copies hide. Not seen: copies of a row whose wrong label the rows around it share, fewer
    than about five of them, and, in tables, copies in which nearly every column was changed.
    """
    del rows
    return ""


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Look for rings of near-identical rows with a label that neither a plain model nor the rows around them expect."""
    import numpy as np

    from audit.statistics import contradicted_rings, dense_rings

    near, group = dense_rings.neighbours(distances(rows), rows.n), identical(rows)
    no_surprise = rows.expected[np.arange(rows.n), rows.labels] >= 0.5
    data = contradicted_rings.Data(near, rows.expected, group, dense_rings.copied_share(near, group, no_surprise))
    found = contradicted_rings.rings(data, rows.labels)
    rarity = dense_rings.tightness(near, contradicted_rings.ordinary(found.nats))
    strengths = contradicted_rings.strength(found.nats, rarity)
    chance = level = alarm or 0.0
    if alarm is None:
        chance = contradicted_rings.alarm_level(data, rarity, rows.labels, seed=seed)
        others = contradicted_rings.apart(data, strengths, most=_COMPARED)[1:]
        level = max(chance, contradicted_rings.usual_level(others))
    suspicion = contradicted_rings.of_rows(data, found, strengths, rows.labels)
    middle, place = np.unravel_index(int(strengths.argmax()), strengths.shape)
    label = found.labels[middle, place]
    ring = int((rows.labels[near.index[middle, : near.sizes[place]]] == label).sum())
    what = f"{ring} rows are nearly the same and all labelled {rows.classes[int(label)]}"
    return Finding(
        scores=suspicion / level,
        alarm=level,
        z=0.0,
        sentence=f"{what}, unlike the rows around them" if strengths.max() >= level else "",
        reason="is one of many near-identical rows whose label the rows around them do not have",
        note=f"copies: most suspicious ring {strengths.max():.1f} nats, alarm from {level:.1f}",
        doubt=_USUAL.format(what) if chance <= strengths.max() < level else "",
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Replace rows by ten near copies each of some rows that are not in doubt, with another label."""
    import numpy as np

    rng = np.random.default_rng([seed, 4])
    victims = max(1, round(share * rows.n / _COPIES))
    order = rng.permutation(rows.n)
    own = rows.expected[order, rows.labels[order]]
    sure = order[own >= np.median(own)][:victims]
    replaced = np.setdiff1d(order, sure)[rng.permutation(rows.n - len(sure))[: _COPIES * len(sure)]]
    labels, table = rows.labels.copy(), rows.table
    for number, victim in enumerate(sure):
        copies = replaced[_COPIES * number : _COPIES * (number + 1)]
        table = _copied(rows, table, int(victim), copies, rng)
        labels[copies] = (rows.labels[victim] + rng.integers(1, len(rows.classes))) % len(rows.classes)
    if len(np.unique(labels)) < len(rows.classes):
        raise NotMeasurable("too few rows to plant near copies of one of them")
    return Planted(rows.changed(table=table, labels=labels, seed=int(rng.integers(2**31))), replaced)


def _copied(rows: Rows, table: Table, victim: int, replaced: np.ndarray, rng: np.random.Generator) -> Table:
    """The table with some rows replaced by near copies of one."""
    import numpy as np

    from attacks.poisoning.near_copies import near_copies, near_copies_of_array

    if table.frame is None:
        x = np.array(table.features, copy=True)
        x[replaced] = near_copies_of_array(x, victim, len(replaced), rng)
        return table.with_features(x)
    frame, specs = table.features.copy(), rows.subject.feature_specs(rows.table)
    kinds: list[Kind] = [_kind(specs[name].type) for name in frame.columns]
    columns = [frame[name].to_numpy() for name in frame.columns]
    copies = near_copies(columns, kinds, victim, len(replaced), rng)
    for name, cells in zip(frame.columns, copies, strict=True):
        column = frame[name].copy()
        column.iloc[replaced] = cells
        frame[name] = column
    return table.with_features(frame)


def _kind(declared: str) -> Kind:
    if declared == "text":
        return "text"
    return "number" if declared in ("integer", "number") else "category"
