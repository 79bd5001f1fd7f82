"""Many patterns in many texts: the same findings as one pattern at a time, however the texts are spelt."""

import random
import re
import string

import pytest

from audit.pii import planted, recognisers
from audit.pii.patterns import prefilter
from audit.pii.patterns.loosened import loosen
from audit.pii.patterns.matcher import CONTEXT_GAIN, LEAST_WITH_CONTEXT, NEAR, NEAR_BEHIND, Matcher
from audit.pii.patterns.pattern import Pattern, Text
from audit.pii.patterns.prefilter import Expression, Prefilter
from audit.pii.spans import Span

NEVER, ALWAYS = 0, 10**9
"""Values of `LENGTH_A_TEXT` with which RE2 searches no weak form, and every one."""
WORTH = pytest.mark.parametrize("length_a_text", [NEVER, ALWAYS])

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
@WORTH
def test_no_expression_that_matches_is_left_out(monkeypatch, ignore_case, length_a_text):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", length_a_text)
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


@pytest.mark.parametrize(("name", "most"), [("BLOCK_CHARACTERS", 50), ("BLOCK_TEXTS", 2)])
def test_texts_and_blocks_keep_their_order(monkeypatch, name, most):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", ALWAYS)
    monkeypatch.setattr(prefilter, name, most)
    ready = Prefilter([Expression(r"\d{3}"), Expression("cat")])
    some = ["cat", "", "123", "no", "١٢٣", "cat 123", "x" * 200, "12", "3cat"]
    assert list(ready.candidates(some)) == [(1,), (), (0,), (), (0, 1), (0, 1), (), (), (1,)]
    assert list(ready.candidates(some, among=[1])) == [(1,), (), (), (), (1,), (1,), (), (), (1,)]


def test_what_is_no_syntax_or_matches_nothing_is_always_a_candidate():
    assert loosen(r"\p{L}+") is None
    assert loosen("a*") is None
    assert list(Prefilter([Expression(r"\p{L}+"), Expression("b")]).candidates(["a", "b"])) == [(0,), (0, 1)]


def test_an_expression_that_re2_does_not_take_is_a_candidate_where_its_characters_are(monkeypatch):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", ALWAYS)
    regex = r"x(?:[ab](?:[cd](?:[ef]{40}){40}){40}){40}y"
    assert list(Prefilter([Expression(regex)]).candidates(["xy", "x"])) == [(0,), ()]


def even(digits):
    return int(digits) % 2 == 0 if digits != "777" else None


PATTERNS = [
    Pattern("number", "NUMBER", r"(?<!\d)\d{3}(?!\d)", 0.3, check=even, context=("code", "kod")),
    Pattern("after a word", "NAMED", r"id (?P<value>\w+)", 0.5, languages=("de",)),
    Pattern("only told", "TOLD", r"[a-z]\d", 0.1, context=("über",), needs_context=True, ignore_case=True),
]


@WORTH
def test_checks_words_groups_and_languages(monkeypatch, length_a_text):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", length_a_text)
    matcher = Matcher(PATTERNS)
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


EVERY = [pattern for module in recognisers.every() for pattern in getattr(module, "PATTERNS", ())]


def telling(text, word):
    """Places of a telling word, letter by letter: none before it; behind a short one at most a usual ending."""
    small = "".join(letter.lower()[0] for letter in text)
    alone = len(word) <= 4 and word[-1].isalpha() and word.upper() != word
    for start in range(len(small)):
        behind = start == 0 or not small[start - 1].isalnum()
        if not (behind and small.startswith(word, start)):
            continue
        end = start + len(word)
        rest = re.match(r"[^\W\d_]*", small[end:])[0] if alone else ""
        if rest in ("", "s", "id", "no", "nr", "num", "number", "nummer", "code"):
            yield start, end


def one_at_a_time(patterns, text):
    """What the patterns find, every pattern tried and every telling word looked for at each match."""
    for pattern in patterns:
        search = re.compile(pattern.regex, re.IGNORECASE if pattern.ignore_case else 0)
        for match in search.finditer(text):
            start, end = match.span("value" if "value" in search.groupindex else 0)
            valid = pattern.check(text[start:end]) if pattern.check and start < end else None
            if start == end or valid is False:
                continue
            told = any(
                (start - NEAR <= first and last <= start) or (end <= first and last <= end + NEAR_BEHIND)
                for word in pattern.context
                for first, last in telling(text, word)
            )
            if told or not pattern.needs_context:
                raised = min(1.0, max(LEAST_WITH_CONTEXT, pattern.score + CONTEXT_GAIN))
                yield Span(start, end, pattern.entity, 1.0 if valid else raised if told else pattern.score)


@WORTH
def test_patterns_that_are_passed_over_would_have_found_nothing(monkeypatch, length_a_text):
    monkeypatch.setattr(prefilter, "LENGTH_A_TEXT", length_a_text)
    rng = random.Random(5)
    words = sorted({word for pattern in EVERY for word in pattern.context})
    # Patterns without these words are tried too, but few of them: trying all in turn takes long.
    patterns = [one for one in EVERY if any(not word[:3].isalpha() for word in one.context)] + rng.sample(EVERY, 40)
    odd = [word for word in words if not word[:3].isalpha()]
    assert {"p.iva", "s/n", "ss#"} <= set(odd)
    made = [one for one in patterns if one.context and one.entity in planted.entities()]
    joints = [" ", " ", " ", ": ", "_", "", "x", "\n", "İ ", " 7"]
    some = [
        rng.choice(joints)
        + rng.choice(rng.choice([one.context, one.context, odd, words]))
        + rng.choice(joints)
        + planted.value(one.entity, rng)
        + rng.choice(joints)
        + rng.choice(words).title()
        + " x" * rng.randrange(40)
        for one in rng.choices(made, k=400)
    ]
    found = Matcher(patterns).find_many(some, "en")
    searched = [one for one in patterns if not one.languages or "en" in one.languages]
    for text, spans in zip(some, found, strict=True):
        assert sorted(spans) == sorted(one_at_a_time(searched, text)), repr(text)
    assert sum(map(len, found)) > 100


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p.iva 00743110157", True),
        ("P.IVA: 00743110157", True),
        ("pive 00743110157", False),
        ("customer_vat=00743110157", True),
        ("vatid 00743110157", True),
        ("vatican 00743110157", False),
    ],
)
def test_short_telling_words_stand_alone_and_odd_ones_are_seen(text, told):
    patterns = [one for one in EVERY if one.entity == "IT_VAT_CODE"]
    assert bool(Matcher(patterns).find_many([text], "it")[0]) == told
