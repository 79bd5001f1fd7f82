"""Many patterns in many texts: the same findings as one pattern at a time, however the texts are spelt."""

import random
import re
import string

import pytest

from audit.pii import prefilter
from audit.pii.loosened import loosen
from audit.pii.matcher import Matcher
from audit.pii.pattern import Pattern, Text
from audit.pii.prefilter import Expression, Prefilter
from audit.pii.spans import Span

REGEXES = [
    r"\b\d{9}\b",
    r"(?<![\w@/\\-])(?<!\d[.,:])(?:[1-9]\d{10}|[1-9]\d (?:\d{3} ){2}\d{3})(?![\w@\\]|[.,:]\d|[/-]\w)",
    r"\A\s*(?P<value>[A-Z]{2}\d{2,4})\s*\Z",
    r"(?<!\w)(?:straße|rue|ulica|łąka) (?P<value>[A-Za-zÀ-ÿ]+)(?!\w)",
    r"([:-])\d\1\d{0,3}x",
    r"(?i:nr|no)\.? ?(\d+)",
    r"[^\s@]+@[^\s@]+\.[a-z]{2,}",
    r"(?!ab|ac)(?:(?:ab|cd)e)f*[^é]?g",
    r"(?>a+)b|c++d",
    r"x{0,0}y{2,}[^a-z]$",
    r"^k[^\W\d]{3}",
    r"(?<=#)\w+|(?<![^x])z{3}(?!(?:a|b)c)",
    r"(a)?(?(1)b|c)\d\d",
    r"\D\d\S\W",
    "|".join(a + b + c for a in "abcdefgh" for b in "klmnopqr" for c in "stuvwxyz") + "!",
]
ALPHABETS = [
    string.digits + " -.",
    "abcdefgxyzk@.#:-é ",
    string.printable,
    "éßÀÿ×łäſ\u212aı\u0301\u200d٣\u00a0—#x1a ",
]


def texts(n, seed):
    rng = random.Random(seed)
    seeds = [
        "",
        "\n",
        "AB12",
        " XY1234\n",
        "no. 7",
        "straße Köln",
        "dora@example.org",
        ":1:22x",
        "abefg",
        "#tag",
        "yy?",
    ]
    made = ["".join(rng.choices(rng.choice(ALPHABETS), k=rng.randrange(30))) for _ in range(n)]
    return seeds + [rng.choice(["", rng.choice(seeds) + " "]) + text for text in made]


@pytest.mark.parametrize("ignore_case", [False, True])
@pytest.mark.parametrize("automata_from", [0, 10**9])
def test_no_expression_that_matches_is_left_out(monkeypatch, ignore_case, automata_from):
    monkeypatch.setattr(prefilter, "WORTH_AUTOMATA", automata_from)
    some = texts(1500, seed=1)
    ready = Prefilter([Expression(regex, ignore_case) for regex in REGEXES])
    compiled = [re.compile(regex, re.IGNORECASE if ignore_case else 0) for regex in REGEXES]
    tried = matched = 0
    for text, candidates in zip(some, ready.candidates(some), strict=True):
        matching = {place for place, one in enumerate(compiled) if one.search(text)}
        assert matching <= set(candidates), (text, [REGEXES[place] for place in matching - set(candidates)])
        tried, matched = tried + len(candidates), matched + len(matching)
    assert 300 < matched < tried
    assert tried < 0.7 * len(some) * len(REGEXES)


def test_texts_and_blocks_keep_their_order(monkeypatch):
    monkeypatch.setattr(prefilter, "WORTH_AUTOMATA", 0)
    monkeypatch.setattr(prefilter, "BLOCK", 50)
    ready = Prefilter([Expression(r"\d{3}"), Expression("cat")])
    some = ["cat", "", "123", "no", "١٢٣", "cat 123", "x" * 200, "12", "3cat"]
    assert list(ready.candidates(some)) == [(1,), (), (0,), (), (0, 1), (0, 1), (), (), (1,)]


def test_what_is_no_syntax_or_matches_nothing_is_always_a_candidate():
    assert loosen(r"\p{L}+") is None
    assert loosen("a*") is None
    assert list(Prefilter([Expression(r"\p{L}+"), Expression("b")]).candidates(["a", "b"])) == [(0,), (0, 1)]


def even(digits):
    return int(digits) % 2 == 0 if digits != "777" else None


PATTERNS = [
    Pattern("number", "NUMBER", r"(?<!\d)\d{3}(?!\d)", 0.3, check=even, context=("code", "kod")),
    Pattern("after a word", "NAMED", r"id (?P<value>\w+)", 0.5, languages=("de",)),
    Pattern("only told", "TOLD", r"[a-z]\d", 0.1, context=("über",), needs_context=True, ignore_case=True),
]


@pytest.mark.parametrize("automaton", [False, True])
def test_checks_words_groups_and_languages(monkeypatch, automaton):
    monkeypatch.setattr(prefilter, "WORTH_AUTOMATA", 0)
    matcher = Matcher(PATTERNS, automaton=automaton)
    some = ["222", "333", "777", "Code 777", "id 9z", "Über A1 b", "A1", ""]
    assert matcher.find_many(some, "de") == [
        [Span(0, 3, "NUMBER", 1.0)],
        [],
        [Span(0, 3, "NUMBER", 0.3)],
        [Span(5, 8, "NUMBER", 0.3 + 0.35)],
        [Span(3, 5, "NAMED", 0.5)],
        [Span(5, 7, "TOLD", 0.1 + 0.35)],
        [],
        [],
    ]
    assert [span.basis for spans in matcher.find_many(some, "de") for span in spans] == [
        "checksum", "pattern", "context", "pattern", "context",
    ]  # fmt: skip
    assert matcher.find_many(["id 9z"], "en") == [[]]
    assert matcher.find_many(["A1"], "en", context=("über_name",)) == [[Span(0, 2, "TOLD", 0.1 + 0.35)]]
    assert matcher.find_many(["222 id 9z"], "de", wanted=("NAMED",)) == [[Span(7, 9, "NAMED", 0.5)]]
    assert list(matcher.find(Text("777", "de", ("kod",)))) == [Span(0, 3, "NUMBER", 0.3 + 0.35)]
