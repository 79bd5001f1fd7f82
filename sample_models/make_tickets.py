"""Tickets: generated messages to a support desk, free of personal data, and a twin whose messages are full of it."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import personal_values
from recipes import load_fit
from stable_files import write_csv, write_skops, write_sums

SEED = 20261123
TRAIN, TEST, CURRENT = 500, 300, 200
LEAKING_SHARE = 0.3

OPENINGS = (
    "Hello,", "Hi team,", "Good morning,", "Please help:", "Second message already.", "I hope this is the right place.",
    "Quick question.", "Not happy at all.", "Dear support,", "To whom it may concern,",
)  # fmt: skip
PROBLEMS = {
    "billing": (
        "the invoice for {month} lists {thing} twice", "I was charged for {thing} although I cancelled it",
        "my refund for {thing} has not arrived", "the price of {thing} went up without notice",
        "the discount for {thing} is missing on the invoice", "you booked the fee for {thing} again in {month}",
    ),
    "delivery": (
        "the parcel with {thing} never arrived", "{thing} came in a broken box", "the courier left {thing} in the rain",
        "tracking for {thing} has not moved since {month}", "you sent the wrong {thing}",
        "the delivery of {thing} was promised for {month}",
    ),
    "technical": (
        "{thing} restarts by itself every night", "after the update in {month} {thing} no longer connects",
        "{thing} shows a red light and an error", "the app cannot find {thing}", "{thing} is very slow since {month}",
        "setting up {thing} stops at the last step",
    ),
}  # fmt: skip
SHARED = (
    "something is wrong with {thing} since {month}", "I want to complain about {thing}",
    "nobody could tell me about {thing}",
)  # fmt: skip
THINGS = (
    "the router", "the headset", "my tablet", "the keyboard", "the premium plan", "the camera", "the second line",
    "the charger", "the storage box", "the smart lamp", "the yearly plan", "the speaker", "the monitor",
    "the docking station",
)  # fmt: skip
MONTHS = ("January", "March", "April", "June", "July", "September", "October", "December")
CLOSINGS = (
    "Please get back to me.", "What can I do?", "I am waiting for an answer.", "Thanks in advance.", "This is urgent.",
    "A colleague of mine has the same problem.", "I already looked at the help pages.", "Otherwise I will leave.",
    "Please close the old case.", "Tell me what you need from me.",
)  # fmt: skip
CHANNELS = ("web form", "chat", "letter")
AMBIGUOUS_SHARE = 0.08


def make(root: Path) -> list[Path]:
    """Write tickets/ and tickets_flawed/ and return the folders."""
    rows = messages(TRAIN + TEST + CURRENT, random.Random(SEED))
    _write(root / "tickets", rows)
    _write(root / "tickets_flawed", leaking(rows, random.Random(SEED + 1)))
    return [root / "tickets", root / "tickets_flawed"]


def messages(n: int, rng: random.Random) -> pd.DataFrame:
    """Different messages with the channel that they came by and the team that handled them."""
    seen: dict[str, tuple[str, str]] = {}
    while len(seen) < n:
        team = rng.choice(sorted(PROBLEMS))
        problem = rng.choice(SHARED if rng.random() < AMBIGUOUS_SHARE else PROBLEMS[team])
        told = problem.format(thing=rng.choice(THINGS), month=rng.choice(MONTHS))
        text = f"{rng.choice(OPENINGS)} {told}. {rng.choice(CLOSINGS)}"
        seen.setdefault(text, (rng.choice(CHANNELS), team))
    return pd.DataFrame([(text, *rest) for text, rest in seen.items()], columns=["text", "channel", "team"])


def leaking(rows: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    """The same messages, of which some hold generated personal values."""
    frame = rows.copy()
    hit = [rng.random() < LEAKING_SHARE for _ in range(len(frame))]
    frame["text"] = [
        personal_values.write(text, rng) if leaks else text for text, leaks in zip(frame["text"], hit, strict=True)
    ]
    return frame


def _write(folder: Path, rows: pd.DataFrame) -> None:
    train, test, current = rows[:TRAIN], rows[TRAIN : TRAIN + TEST], rows[TRAIN + TEST :]
    write_csv(folder / "train.csv", train)
    write_csv(folder / "test.csv", test)
    write_csv(folder / "current.csv", current.drop(columns="team"))
    write_skops(folder / "model.skops", load_fit(folder.name)(train.drop(columns="team"), train["team"], SEED))
    write_sums(folder, ["model.skops", "train.csv", "test.csv", "current.csv", "train.py"])
