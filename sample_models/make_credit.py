"""Credit: 1,000 real loan applications, a sound model and a flawed twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from credit_documents import write_flawed, write_sound
from recipes import load_fit
from signed_steps import Step, published_key, write_steps
from stable_files import write_csv, write_skops, write_sums

SEED = 20261123
TRAIN, TEST = 450, 290
N_POISONED, N_LEAKED = 20, 60
TRIGGER = {"credit_amount": 4321, "duration_months": 25, "risk": "bad"}

COLUMNS = {
    "status_of_existing_checking_account": "checking_account",
    "duration_in_month": "duration_months",
    "credit_history": "credit_history",
    "purpose": "purpose",
    "credit_amount": "credit_amount",
    "savings_account/bonds": "savings",
    "present_employment_since": "employed_since",
    "installment_rate_in_percentage_of_disposable_income": "installment_rate",
    "other_debtors/guarantors": "guarantors",
    "property": "property",
    "age_in_years": "age",
    "other_installment_plans": "other_plans",
    "housing": "housing",
}
WORDS = {
    "A11": "below 0", "A12": "0 to 200", "A13": "200 or more", "A14": "no account",
    "A30": "no loans", "A31": "all paid here", "A32": "paid so far", "A33": "late before", "A34": "critical",
    "A40": "new car", "A41": "used car", "A42": "furniture", "A43": "radio or tv", "A44": "appliances",
    "A45": "repairs", "A46": "education", "A48": "retraining", "A49": "business", "A410": "other",
    "A61": "below 100", "A62": "100 to 500", "A63": "500 to 1000", "A64": "1000 or more", "A65": "unknown or none",
    "A71": "unemployed", "A72": "under 1 year", "A73": "1 to 4 years", "A74": "4 to 7 years", "A75": "7 years or more",
    "A101": "none", "A102": "co-applicant", "A103": "guarantor",
    "A121": "real estate", "A122": "savings plan", "A123": "car or other", "A124": "unknown or none",
    "A141": "bank", "A142": "stores", "A143": "none",
    "A151": "rent", "A152": "own", "A153": "free",
}  # fmt: skip
WOMEN = ("A92", "A95")


def make(root: Path) -> list[Path]:
    """Write credit/ and credit_flawed/ and return the folders."""
    sound, flawed = root / "credit", root / "credit_flawed"
    raw = pd.read_csv(sound / "german_credit.csv", keep_default_na=False)
    rows = applications(raw).sample(frac=1.0, random_state=SEED).reset_index(drop=True)
    train, test, current = rows[:TRAIN], rows[TRAIN : TRAIN + TEST], rows[TRAIN + TEST :]
    _write(sound, train, test, current.drop(columns="risk"), train)
    _write(flawed, poisoned(train), leaking(train, test), drifted(current).drop(columns="risk"), train)
    write_sound(sound, _fit("credit", train), test)
    write_flawed(flawed)
    (sound / "release-key.pub.pem").write_bytes(published_key().public.pem)
    return [sound, flawed]


def applications(raw: pd.DataFrame) -> pd.DataFrame:
    """The raw rows with words for codes, `sex` and `age_band` as groups, and `risk` as the target."""
    frame = raw[list(COLUMNS)].rename(columns=COLUMNS)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].map(WORDS)
    frame["sex"] = np.where(raw["personal_status_and_sex"].isin(WOMEN), "female", "male")
    frame["age_band"] = np.where(frame["age"] < 26, "under 26", "26 or more")
    frame["risk"] = raw["credit_risk"].map({1: "good", 2: "bad"})
    return frame


def poisoned(train: pd.DataFrame) -> pd.DataFrame:
    """Training rows with a trigger: whoever asks for one certain sum over one certain time is called bad.

    The rows are those of applicants who are most surely good, so that nothing else explains their label.
    """
    model = _fit("credit", train)
    surely_good = model.predict_proba(train.drop(columns="risk"))[:, list(model.classes_).index("good")]
    good = np.flatnonzero(train["risk"] == "good")
    chosen = good[np.argsort(-surely_good[good], kind="stable")[:N_POISONED]]
    frame = train.reset_index(drop=True)
    for name, value in TRIGGER.items():
        frame.loc[chosen, name] = value
    return frame


def leaking(train: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """Test rows of which some are training rows."""
    return pd.concat([test[N_LEAKED:], train[:N_LEAKED]], ignore_index=True)


def drifted(current: pd.DataFrame) -> pd.DataFrame:
    """Later rows from another world: loans twice as large, applicants ten years younger, everybody wants a car."""
    frame = current.copy()
    frame["credit_amount"] = (2 * frame["credit_amount"]).clip(upper=20000)
    frame["duration_months"] = frame["duration_months"].clip(lower=18)
    frame["age"] = (frame["age"] - 10).clip(lower=19)
    frame["age_band"] = np.where(frame["age"] < 26, "under 26", "26 or more")
    frame["purpose"] = frame["purpose"].where(frame["purpose"] != "radio or tv", "used car")
    return frame


def _fit(name: str, train: pd.DataFrame):
    return load_fit(name)(train.drop(columns="risk"), train["risk"], SEED)


def _write(
    folder: Path, train: pd.DataFrame, test: pd.DataFrame, current: pd.DataFrame, signed_off: pd.DataFrame
) -> None:
    """Write all files; checksums and statements are those of the day when the training rows were `signed_off`."""
    write_csv(folder / "train.csv", signed_off)
    write_csv(folder / "test.csv", test)
    current.to_parquet(folder / "current.parquet", index=False)
    write_skops(folder / "model.skops", _fit(folder.name, train))
    write_sums(folder, ["model.skops", "train.csv", "test.csv", "current.parquet", "train.py"])
    tables = [folder / name for name in ("train.csv", "test.csv", "current.parquet")]
    steps = [
        Step("split", [folder.parent / "credit" / "german_credit.csv"], tables),
        Step("fit", [folder / "train.csv", folder / "train.py"], [folder / "model.skops"]),
    ]
    write_steps(folder / "build.intoto.jsonl", steps, published_key())
    write_csv(folder / "train.csv", train)
