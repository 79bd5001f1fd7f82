"""Does evidence show what happened, all of it, and nothing personal? Pictures are read back by another reader."""

from __future__ import annotations

import csv
import io
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from attacks.distance import between
from attacks.evasion import uniform_noise
from attacks.target import Target
from audit.checks import evasion
from audit.checks._evasion.changes import adversarial_changes
from audit.checks._evasion.counts import AttackCount, attacks_table
from audit.checks._evasion.curve import Point, points, robustness_curve, steps
from audit.checks._evasion.examples import examples
from audit.checks._evasion.images import adversarial_images
from audit.checks._evasion.rows import adversarial_rows
from audit.checks._evasion.unit_box import UnitBox, unit_box
from audit.checks._png import png
from audit.records import Evidence
from audit.subject import FeatureSpec, Subject

CHROMIUM = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), "")
MARKER, SECRET = "Zebediah", 77770000


# a table with a personal column that the model reads and an attack can change


def people(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "account": SECRET + rng.integers(0, 10_000, n),
            "amount": rng.integers(250, 12_000, n),
            "share": rng.random(n).astype(np.float32),
            "purpose": rng.choice(["car", "trip"], n),
            "surname": [f"{MARKER} {number % 7}" for number in range(n)],
            "remark": [f"spoke to {MARKER} on day {number}, agreed" for number in range(n)],
        }
    )
    risk = (frame["account"] - SECRET) / 5e3 + frame["amount"] / 6e3 + 2 * frame["share"] + (frame["purpose"] == "trip")
    return frame.assign(target=np.where(risk > risk.median(), "bad", "good"))


SPECS = {
    "account": FeatureSpec("account", "integer", personal=True),
    "amount": FeatureSpec("amount", "integer", range=(0, 20_000), step=10),
    "purpose": FeatureSpec("purpose", "category", transitions={"trip": ("car",)}),
    "surname": FeatureSpec("surname", "category", mutable=True, personal=True),
}


@cache
def table_subject() -> Subject:
    frame = people()
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["purpose", "surname"]),
        (StandardScaler(), ["account", "amount", "share"]),
    )
    model = make_pipeline(columns, LogisticRegression()).fit(frame.drop(columns="target"), frame["target"])
    return Subject.in_memory(model=model, test=frame[:120], train=frame[120:], features=SPECS)


@dataclass(frozen=True)
class Broken:
    """Rows that an attack broke."""

    box: UnitBox
    positions: np.ndarray
    x: np.ndarray
    adversarial: np.ndarray
    distances: np.ndarray


@cache
def broken(subject: Subject, epsilon: float = 0.15) -> Broken:
    box, codes = unit_box(subject), subject.codes(subject.test)
    x = box.encode(subject.test.features)
    right = np.flatnonzero(subject.predict(subject.test) == codes)
    target = Target(
        lambda rows: subject.predict(box.decode(rows)),
        len(subject.classes), box.low, box.high, constraints=box.constraints, max_rows=60 * len(right),
    )  # fmt: skip
    found = uniform_noise.run(target, x[right], codes[right], epsilon=epsilon, seed=0)
    rows = right[found.success]
    changed = box.encode(box.decode(found.adversarial[found.success]))
    counted = None if box.constraints is None else box.constraints.budgeted
    return Broken(box, rows, x[rows], changed, between(x[rows], changed, "linf", counted))


def lines(evidence: Evidence) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(evidence.content.decode())))


def changes(subject: Subject, one: Broken) -> list[dict[str, str]]:
    (file,) = adversarial_changes(subject, one.box, one.positions, one.x, one.adversarial, one.distances)
    assert file.name == "adversarial_changes.csv"
    return lines(file)


def test_changed_cells_are_those_of_the_data_and_turn_the_answer() -> None:
    open_specs = {name: FeatureSpec(name, spec.type, range=spec.range) for name, spec in SPECS.items()}
    base = table_subject()
    subject = Subject.in_memory(model=base.model, test=base.test, train=base.train, features=open_specs)
    one = broken(subject)
    found = changes(subject, one)
    assert {line["example"] for line in found} == {"hardest", "typical"}
    frame = subject.test.features
    for row in {int(line["row"]) for line in found}:
        after = frame.iloc[[row]].copy()
        for line in (line for line in found if int(line["row"]) == row):
            column = line["column"]
            assert str(frame[column].iloc[row]) == line["before"]
            after[column] = pd.Series([line["after"]], index=after.index).astype(frame[column].dtype)
            if line["change"]:
                assert float(line["change"]) == pytest.approx(float(line["after"]) - float(line["before"]), rel=1e-4)
        assert subject.predict(after)[0] != subject.codes(subject.test)[row], "all that was changed is listed"


def test_the_share_of_the_range_is_that_of_the_declared_range() -> None:
    found = [line for line in changes(table_subject(), broken(table_subject())) if line["column"] == "amount"]
    assert found
    for line in found:
        assert float(line["share_of_range"]) == pytest.approx(float(line["change"]) / 20_000, rel=1e-4)
        assert abs(float(line["share_of_range"])) <= 0.15 + 1e-6
        assert int(line["change"]) % 10 == 0


def test_a_change_of_category_has_words_and_no_length() -> None:
    subject = table_subject()
    box = unit_box(subject)
    rows = np.flatnonzero(subject.test.features["purpose"] == "trip")[:1]
    x = box.encode(subject.test.features.iloc[rows])
    after = x.copy()
    after[0, 3] = box.encode(subject.test.features[subject.test.features["purpose"] == "car"][:1])[0, 3]
    (line,) = changes(subject, Broken(box, rows, x, after, np.zeros(1)))
    assert (line["column"], line["before"], line["after"]) == ("purpose", "trip", "car")
    assert line["change"] == line["share_of_range"] == ""


def test_an_array_lists_its_changed_values() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((60, 5)).astype(np.float32)
    subject = Subject.in_memory(
        model=lambda rows: (rows[:, 0] > 0.5).astype(int), test=(x, (x[:, 0] > 0.5).astype(int))
    )
    one = broken(subject)
    found = changes(subject, one)
    assert all(abs(float(line["share_of_range"])) <= 0.15 + 1e-6 for line in found)
    first = [line for line in found if line["column"] == "x0"]
    assert all((float(line["before"]) > 0.5) != (float(line["after"]) > 0.5) for line in first)
    assert all(np.float32(line["before"]) == x[int(line["row"]), 0] for line in first)


def test_a_wide_row_is_cut_and_says_so() -> None:
    x = np.full((40, 200), 0.4)
    x[:20] = 0.6
    y = (x.mean(axis=1) > 0.5).astype(int)
    subject = Subject.in_memory(model=lambda rows: (rows.mean(axis=1) > 0.5).astype(int), test=(x, y))
    after = np.where(x > 0.5, 0.45, 0.55)
    found = changes(subject, Broken(unit_box(subject), np.arange(40), x, after, np.full(40, 0.15)))
    assert len(found) == 6 * 41
    assert sum(line["column"] == "160 more columns" for line in found) == 6


# nothing personal


def readable(evidence: Evidence) -> bytes:
    """All that somebody can get out of a file."""
    if evidence.name.endswith(".npz"):
        archive = np.load(io.BytesIO(evidence.content))
        return b" ".join(str(archive[name].ravel().tolist()).encode() for name in archive.files)
    if evidence.name.endswith(".png"):
        return evidence.content + read_png(evidence.content).tobytes()
    return evidence.content


def test_no_personal_value_is_in_any_evidence() -> None:
    subject = table_subject()
    one = broken(subject)
    moved = one.box.decode(one.adversarial)["account"] != one.box.decode(one.x)["account"]
    assert moved.any(), "an attack did change the personal column"
    own = (
        *adversarial_rows(subject, one.box, one.positions, one.x, one.adversarial),
        *adversarial_changes(subject, one.box, one.positions, one.x, one.adversarial, one.distances),
        *adversarial_images(subject, one.x, one.adversarial, one.distances),
    )
    run = list(evasion.run(subject, seed=1, confidence=0.95, epsilon=0.15, max_rows=48, queries=60))[-1]
    files = (*own, *run.evidence)
    assert len(files) > 2
    for file in files:
        assert MARKER.encode() not in readable(file)
        assert b"7777" not in readable(file)
    told = [line for line in changes(subject, one) if line["column"] == "account"]
    assert told, "that it changed is said"
    assert all((line["before"], line["after"], line["change"]) == ("", "changed", "") for line in told)


@pytest.mark.parametrize("shape", [(4,), (1, 4, 4)])
def test_an_array_with_a_personal_feature_shows_no_value(shape: tuple[int, ...]) -> None:
    x = np.full((30, *shape), 0.4)
    x[:15] = 0.6
    y = (x.reshape(30, -1).mean(axis=1) > 0.5).astype(int)
    after = np.where(x > 0.5, 0.45, 0.55)
    one = Broken(unit_box(Subject.in_memory(test=(x, y))), np.arange(30), x, after, np.full(30, 0.15))
    for personal in (True, False):
        specs = {"face": FeatureSpec("face", "number", personal=personal)}
        subject = Subject.in_memory(
            model=lambda rows: (rows.reshape(len(rows), -1).mean(1) > 0.5) * 1, test=(x, y), features=specs
        )
        files = (
            *adversarial_rows(subject, one.box, one.positions, one.x, one.adversarial),
            *adversarial_changes(subject, one.box, one.positions, one.x, one.adversarial, one.distances),
            *adversarial_images(subject, one.x, one.adversarial, one.distances),
        )
        names = {file.name for file in files}
        assert "adversarial_rows.csv" in names
        assert ("adversarial_images.png" in names) == (not personal and len(shape) == 3)
        shown = any(number in readable(file) for file in files for number in (b"0.45", b"0.55")) or any(
            name.endswith((".npz", ".png")) for name in names
        )
        assert shown != personal


def test_a_column_name_is_no_formula() -> None:
    frame = people()[["amount", "target"]].rename(columns={"amount": "=cmd|x"})
    subject = Subject.in_memory(model=lambda rows: np.where(rows["=cmd|x"] > 6000, "bad", "good"), test=frame)
    found = changes(subject, broken(subject))
    assert {line["column"] for line in found} == {"'=cmd|x"}


# which rows are shown


@given(st.lists(st.floats(0, 1), max_size=40))
def test_examples_are_the_largest_and_those_near_the_median(values: list[float]) -> None:
    distances = np.array(values)
    chosen = examples(distances)
    places = [one.place for one in chosen]
    assert len(set(places)) == len(places) == min(6, len(values))
    hardest = [distances[one.place] for one in chosen if one.kind == "hardest"]
    assert hardest == sorted(values, reverse=True)[: len(hardest)]
    others = np.delete(distances, [one.place for one in chosen if one.kind == "hardest"])
    gaps = np.sort(np.abs(others - np.median(distances))) if len(values) else others
    typical = [abs(distances[one.place] - np.median(distances)) for one in chosen if one.kind == "typical"]
    assert typical == pytest.approx(list(gaps[: len(typical)]))


# the curve

DISTANCES = np.array([0.01, 0.03, 0.03, 0.08, np.inf, np.inf, 0.02, np.inf])
RIGHT = np.array([True] * 6 + [False, True])


def curve(extra: tuple[Point, ...] = (), unit: str = "") -> tuple[Evidence, ...]:
    return robustness_curve(DISTANCES, RIGHT, steps(0.08), extra, confidence=0.9, unit=unit)


def test_the_curve_counts_what_stands_at_each_epsilon() -> None:
    assert [point.standing for point in points(DISTANCES, RIGHT, steps(0.08))] == [7, 6, 6, 4, 3]
    table = lines(curve()[0])
    assert [line["epsilon"] for line in table] == ["0", "0.01", "0.02", "0.04", "0.08"]
    for line, standing in zip(table, (7, 6, 6, 4, 3), strict=True):
        exact = binomtest(standing, 8).proportion_ci(0.9, method="exact")
        assert float(line["robust_accuracy"]) == standing / 8
        assert (float(line["low"]), float(line["high"])) == pytest.approx((exact.low, exact.high), rel=1e-4)
        assert line["rows"] == "8"


def test_a_free_change_of_category_counts_from_the_first_step_on() -> None:
    found = points(np.zeros(4), np.ones(4, dtype=bool), steps(0.1))
    assert [point.standing for point in found] == [4, 0, 0, 0, 0]


def test_the_curve_ends_at_the_measured_robust_accuracy() -> None:
    one = broken(table_subject())
    distances = np.full(120, np.inf)
    distances[one.positions] = one.distances
    right = table_subject().predict(table_subject().test) == table_subject().codes(table_subject().test)
    last = points(distances, right, steps(0.15))[-1]
    assert last.standing == right.sum() - len(one.positions)


def test_the_picture_shows_the_numbers_of_the_table() -> None:
    evidence = curve(extra=(Point(0.16, 2, 8), Point(0.32, 0, 8)), unit='a "<b>range</b>"')
    table, picture = lines(evidence[0]), evidence[1]
    assert picture.name == "robustness_curve.svg"
    root = ET.fromstring(picture.content)
    space = "{http://www.w3.org/2000/svg}"
    levels = {float(mark.attrib["y1"]): mark for mark in root.iter(f"{space}line") if mark.get("stroke") == "#dddddd"}
    top, bottom = min(levels), max(levels)
    dots = list(root.iter(f"{space}circle"))
    assert len(dots) == len(table) == 7
    for dot, line in zip(dots, table, strict=True):
        assert (bottom - float(dot.attrib["cy"])) / (bottom - top) == pytest.approx(
            float(line["robust_accuracy"]), abs=1e-3
        )
    assert [dot.get("fill") for dot in dots] == ["#1f5fa8"] * 5 + ["#ffffff"] * 2
    texts = [mark.text for mark in root.iter(f"{space}text")]
    assert all(line["epsilon"] in texts for line in table)


def test_the_picture_needs_and_runs_nothing() -> None:
    content = curve(unit="<script>alert(1)</script>")[1].content
    root = ET.fromstring(content)
    assert {mark.tag.split("}")[1] for mark in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "line",
        "polyline",
        "circle",
    }
    assert not re.search(rb"href|url\(|javascript|<style|on[a-z]+=|<!", content)
    assert len(content) < 8000


def test_no_rows_make_no_curve() -> None:
    assert robustness_curve(np.zeros(0), np.zeros(0, dtype=bool), steps(0.1), confidence=0.95) == ()


# images


def read_png(content: bytes) -> np.ndarray:
    """Pixels of a PNG of eight bits without interlacing, any filter, shape (h, w, channels); checks every checksum."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, []
    while place < len(content):
        (size,) = struct.unpack(">I", content[place : place + 4])
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        assert struct.unpack(">I", content[place + 8 + size : place + 12 + size])[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        place += 12 + size
    assert [chunks[0][0], chunks[-1]] == [b"IHDR", (b"IEND", b"")]
    width, height, depth, colour, packing, filters, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, packing, filters, interlaced) == (8, 0, 0, 0)
    channels = {0: 1, 2: 3, 6: 4}[colour]
    raw = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    stride = width * channels
    assert len(raw) == height * (stride + 1)
    found = [bytearray(stride)]
    for start in range(0, len(raw), stride + 1):
        found.append(unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), found[-1], channels))
    return np.frombuffer(b"".join(found[1:]), dtype=np.uint8).reshape(height, width, channels)


def unfiltered(kind: int, line: bytearray, above: bytearray, channels: int) -> bytearray:
    for place in range(len(line)):
        left = line[place - channels] if place >= channels else 0
        up, corner = above[place], above[place - channels] if place >= channels else 0
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value))
        line[place] = (line[place] + (0, left, up, (left + up) // 2, nearest)[kind]) % 256
    return line


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (3, 4, 3), (64, 33, 3)])
def test_pixels_come_back(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(read_png(png(pixels)).reshape(shape), pixels)


@pytest.mark.parametrize("pixels", [np.zeros((2, 2)), np.zeros((2, 2, 4), np.uint8), np.zeros((0, 3), np.uint8)])
def test_what_is_no_picture_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        png(pixels)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
def test_a_browser_sees_the_same_pixels(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    (tmp_path / "grid.png").write_bytes(png(pixels))
    page = tmp_path / "page.html"
    page.write_text('<body style="margin:0"><img style="display:block" src="grid.png">')
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--force-color-profile=srgb",
        f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={tmp_path / 'shot.png'}", "--window-size=600,400",
        page.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=90, check=True)
    seen = read_png((tmp_path / "shot.png").read_bytes())
    np.testing.assert_array_equal(seen[:40, :60, :3], pixels)


def images(channels: int, side: int, kind: type = np.float32) -> tuple[Subject, Broken]:
    rng = np.random.default_rng(0)
    x = rng.random((20, channels, side, side)) * 0.2 + 0.4
    x[:10] += 0.1
    y = (x.reshape(20, -1).mean(axis=1) > 0.55).astype(int)
    stored = np.rint(x * 255).astype(kind) if kind is np.uint8 else x.astype(kind)
    subject = Subject.in_memory(model=lambda rows: np.zeros(len(rows), dtype=int), test=(stored, y))
    box = unit_box(subject)
    before = box.encode(stored)
    after = before.copy()
    for row in range(20):
        after[row, :, 0, 0] += np.float32((row + 1) / 100)
    distances = np.arange(1, 21) / 100
    return subject, Broken(box, np.arange(20), before, after, distances)


@pytest.mark.parametrize(("channels", "kind"), [(1, np.float32), (3, np.float32), (3, np.uint8)])
def test_the_grid_shows_original_change_and_difference(channels: int, kind: type) -> None:
    subject, one = images(channels, 8, kind)
    (file,) = adversarial_images(subject, one.x, one.adversarial, one.distances)
    grid = read_png(file.content)
    tile, pixel = 96 + 6, 12
    assert grid.shape == (6 + 6 * tile, 6 + 3 * tile, channels)
    hardest = [19, 18, 17]
    for line, row in enumerate(hardest):
        top = 6 + line * tile
        for column, image in enumerate((one.x[row], one.adversarial[row])):
            part = grid[top : top + 96 : pixel, 6 + column * tile : 6 + column * tile + 96 : pixel]
            np.testing.assert_array_equal(part, np.rint(image.transpose(1, 2, 0) * 255).astype(np.uint8))
        difference = grid[top : top + 96 : pixel, 6 + 2 * tile : 6 + 2 * tile + 96 : pixel].astype(int)
        expected = round(255 * (0.5 + 0.5 * (row + 1) / 20))
        assert np.abs(difference[0, 0] - expected).max() <= 1, "the largest change is as strong as can be"
        assert (difference.reshape(64, -1)[1:] == 128).all(), "what did not change is grey"
    assert "5 times" in file.sentence


def test_a_large_image_stays_small() -> None:
    subject, one = images(3, 230)
    (file,) = adversarial_images(subject, one.x, one.adversarial, one.distances)
    assert max(read_png(file.content).shape) < 700
    assert "left out" in file.sentence


@pytest.mark.parametrize("shape", [(20, 64), (20, 8, 8), (20, 2, 8, 8)])
def test_what_is_no_image_makes_no_picture(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).random(shape)
    subject = Subject.in_memory(test=(x, np.arange(20) % 2))
    assert adversarial_images(subject, x, x + 0.01, np.ones(20)) == ()


# attacks


def test_the_table_of_attacks_adds_up() -> None:
    counts = (
        AttackCount("exact_trees", "structure", 40, 12, 20, 12, 0, 24),
        AttackCount("square", "scores", 8, 3, 0, 8, 1, 2400),
    )
    (file,) = attacks_table(counts)
    found = lines(file)
    assert [line["attack"] for line in found] == ["exact_trees", "square"]
    assert list(found[0].values()) == ["exact_trees", "structure", "40", "12", "20", "12", "0", "24"]
    assert "2424 rows" in file.sentence
    assert attacks_table(()) == ()
