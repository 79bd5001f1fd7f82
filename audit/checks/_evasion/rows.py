"""Writes rows as they are after the attack."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.checks._evasion.examples import shows_values
from audit.checks._evasion.unit_box import UnitBox
from audit.records import Evidence
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST_ROWS = 100
_MOST_COLUMNS = 256


def adversarial_rows(
    subject: Subject, box: UnitBox, positions: np.ndarray, x: np.ndarray, adversarial: np.ndarray
) -> tuple[Evidence, ...]:
    """The evidence files; none where no row was broken.

    Args:
        positions: of the rows in data.test, shape (n,).
        x: the rows before, as stored values.
        adversarial: the rows after.

    Returns:
        `adversarial_rows.csv` with the features after the attack; for rows with many or nested values, that file holds
        distances and `adversarial_rows.npz` the rows. Of an array with a feature that is declared personal, distances
        are all there is.
    """
    if not len(positions):
        return ()
    positions, x, adversarial = positions[:_MOST_ROWS], x[:_MOST_ROWS], adversarial[:_MOST_ROWS]
    features = box.decode(adversarial)
    sentence = f"{len(positions)} rows changed within the limits so that the model answers wrongly."
    if subject.test.frame is not None:
        return (Evidence("adversarial_rows.csv", _frame_csv(subject, positions, features), sentence),)
    if not shows_values(subject):
        return (_distances(positions, x, adversarial, sentence),)
    if features.ndim == 2 and features.shape[1] <= _MOST_COLUMNS:
        header = ["row", *(f"x{column}" for column in range(features.shape[1]))]
        cells = [[int(row), *values] for row, values in zip(positions, features.tolist(), strict=True)]
        return (Evidence("adversarial_rows.csv", spreadsheet.table(header, cells), sentence),)
    return _archive(positions, x, adversarial, features, sentence)


def _frame_csv(subject: Subject, positions: np.ndarray, frame: pd.DataFrame) -> bytes:
    specs = subject.feature_specs(subject.test)
    # free text may name people and is never changed by an attack
    shown = [name for name in frame.columns if not specs[name].personal and specs[name].type != "text"]
    columns = [frame[name].astype(object).where(frame[name].notna(), "").tolist() for name in shown]
    cells = [[int(row), *values] for row, *values in zip(positions, *columns, strict=True)]
    return spreadsheet.table(["row", *map(str, shown)], cells)


def _archive(
    positions: np.ndarray, x: np.ndarray, adversarial: np.ndarray, features: np.ndarray, sentence: str
) -> tuple[Evidence, ...]:
    import numpy as np

    content = io.BytesIO()
    np.savez_compressed(content, row=positions, x=features)
    return (
        _distances(positions, x, adversarial, sentence),
        Evidence("adversarial_rows.npz", content.getvalue(), "The same rows as arrays, after the attack."),
    )


def _distances(positions: np.ndarray, x: np.ndarray, adversarial: np.ndarray, sentence: str) -> Evidence:
    from attacks.distance import l2, linf

    cells = [
        [int(row), f"{largest:.6g}", f"{length:.6g}"]
        for row, largest, length in zip(positions, linf(x, adversarial), l2(x, adversarial), strict=True)
    ]
    return Evidence("adversarial_rows.csv", spreadsheet.table(["row", "linf_distance", "l2_distance"], cells), sentence)
