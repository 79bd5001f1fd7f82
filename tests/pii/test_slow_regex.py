"""Which patterns of users are refused, and that none of those taken is slow on the worst of texts."""

from __future__ import annotations

import itertools
import random
import re
import time

import pytest

from audit.pii.custom.slow_regex import reason

TAKEN = [
    r"\bS-[0-9]{6}\b",
    r"EMP-\d+",
    r"[A-Z]{2}\d+",
    r"\b[a-z]+@",
    r"[A-Z]{1,40}-[0-9]{1,40}",
    r"(?<![0-9])[0-9]{3}-?[0-9]{2}-?[0-9]{4}(?![0-9])",
    r"(?:foo|bar)-\d{2,4}",
    r"\b\w+@\w+\.com\b",
    r"\b[A-Z][a-z]+ [A-Z][a-z]+\b",
    r"\b\d{1,3}(?:,\d{3}){0,5}\b",
    r"ref[:#]?\s*\d{5}",
    r"\b\d{2}(?:[ .-]\d{2}){4}\b",
    r"K\d{3}|L\d{4}",
    r"[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100}\.[a-z]{2,10}",
    r"\bcustomer (?:no|number)\.? ?\d+",
    r".{0,50}foo",
    r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}\b",
    r"\b(?:\d[ -]*){13,16}\b",
    r"(?=[A-Z]{3})[A-Z0-9]{3,9}",
]
REFUSED = [
    r"(a+)+b",
    r"(a|a)*b",
    r"(a|aa){1,30}b",
    r"(\w+\s?)*$",
    r".*x",
    r"[a-z]+@",
    r"(.*a){12}",
    r"(x+x+)+y",
    r"-(?:[0-9]+-)+x",
    r"a*",
    r"(",
    r"(\d+)\1",
    r"(a?){30}a{30}",
    "a?" * 30 + "a" * 30,
    r"(?:[a-z]{1,20}){1,20}!",
    r"\d{1,2000}\d{1,2000}x",
    r"(?:\w{1,30}\s?){1,30}#",
    r"(?:a|b|ab){1,40}c",
    r"(?=(a{1,30}){1,30}b)a",
    r"\bx(?:\d{1,9}\d{1,9}){1,5}y",
    r"(?i)ab",
    r"(?i:ab)c",
    r"(?m)^a",
]


@pytest.mark.parametrize("pattern", TAKEN)
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert reason(pattern) == ""


@pytest.mark.parametrize("pattern", REFUSED)
def test_patterns_that_can_hang_a_scan_are_refused(pattern: str) -> None:
    assert reason(pattern)


def test_case_decides_where_a_run_can_begin() -> None:
    assert reason("[A-Z][a-z]+-") == ""
    assert "without an end" in reason("[A-Z][a-z]+-", ignore_case=True)


def slowest(pattern: str, texts: list[str]) -> float:
    """Processor seconds of the slowest search."""
    compiled = re.compile(pattern)
    taken = []
    for text in texts:
        started = time.process_time()
        sum(1 for _ in compiled.finditer(text))
        taken.append(time.process_time() - started)
    return max(taken)


def random_pattern(rng: random.Random, depth: int = 0) -> str:
    letters = ["a", "b", "1", "-", "[ab]", "[a-z]", r"\d", r"\w", ".", "[^-]", r"\b", "^", "$"]
    parts = []
    for _ in range(rng.randrange(1, 4)):
        if depth < 2 and rng.random() < 0.4:
            inner = "|".join(random_pattern(rng, depth + 1) for _ in range(rng.randrange(1, 3)))
            part = f"(?:{inner})"
        else:
            part = rng.choice(letters)
        if part not in (r"\b", "^", "$") and rng.random() < 0.6:
            part += rng.choice(["?", "*", "+", "{1,9}", "{0,3}", "{2,20}", "{5}", "{1,60}", "{1,}?"])
        parts.append(part)
    return "".join(parts)


def test_no_random_pattern_that_is_taken_is_slow() -> None:
    units = ["a", "b", "1", "-", "ab", "a-", "1-", "a1", "-a", "aaaa-", "ba1-"]
    texts = [(unit * 4000)[:4000] for unit in units]
    taken = 0
    for seed in itertools.count():
        pattern = random_pattern(random.Random(seed)) + random.Random(seed).choice(["x", "", "$", r"\b", "-x"])
        if reason(pattern):
            continue
        # 2,000 steps from each of 4,000 places, at some 50 million steps a second, and a machine that has other work
        assert slowest(pattern, texts) < 1.5, pattern
        taken += 1
        if taken == 150:
            break
    assert seed < 5_000
