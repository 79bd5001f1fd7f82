"""Reads claims out of sentences: which number belongs to which metric, and what is said around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from audit.documents import cues
from audit.documents.document import Claim, Number, Place
from audit.documents.joined_numbers import joined
from audit.documents.metric_names import AVERAGES, OF_CLASSES, SHARES, SPLITS, may_name_one, named
from audit.documents.numbers import covered
from audit.documents.plain_text import word_set
from audit.documents.tokens import Token, sentences, tokens

_NEUTRAL = word_set("overall mean average final clean set data out of sample score scores the")
_MOST_AROUND, _MOST_IN_A_ROW, _LONGEST_LABEL = 40, 8, 3
_QUALIFIERS = _NEUTRAL | set(AVERAGES) | set(SPLITS)
_LINKS = word_set(": = of is was are were at ~ ≈ < > ≤ ≥ about around roughly nearly approximately reaches")
_LEAST = word_set("least over above exceeds exceeding greater more > ≥ surpasses")
_MOST = word_set("most below under less < ≤")
_ABOUT = word_set("about around roughly nearly almost approximately approx circa ca ~ ≈ some close")
_INHERIT_AFTER = frozenset((",", "and", "but", "vs", "versus", "against", "(", "/"))
_INHERIT_BEFORE = word_set("on for in with when among at over")
_UNITS = word_set(
    "rows row samples sample examples records instances observations images texts messages applications applicants "
    "epochs epoch steps iterations features columns classes class folds fold seconds second ms minutes hours days "
    "weeks months years gb mb kb million billion thousand m b k x times points pp runs seeds layers trees parameters "
    "people users cases ci confidence credible interval degrees tokens"
)
_NOT_SCORES = word_set(
    "threshold cutoff epsilon eps alpha temperature seed version table figure fig section step epoch page top p class "
    "± k n fold layer tau sigma lambda beta gamma v"
)


@dataclass(frozen=True)
class Context:
    """What headings and introductions say of the numbers below them.

    Attributes:
        data: `test`, `training`, `validation` or empty.
        aside: as in `Claim`.
        words: of the headings and of the introduction.
    """

    data: str = ""
    aside: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mention:
    metric: str
    average: str
    split: str
    start: int
    end: int


@dataclass
class _Reading:
    """One sentence while it is read; `done` is where the last claim ended."""

    sentence: Sequence[Token]
    context: Context
    claims: list[Claim] = field(default_factory=list)
    done: int = 0

    def words(self, start: int, end: int) -> list[str]:
        return [token.text for token in self.sentence[start:end]]


def claims_of(lines: Iterable[tuple[int, str]], context: Context) -> list[Claim]:
    """Every claim in a paragraph, an item of a list or a heading.

    Args:
        lines: number and cleaned text of each.
    """
    kept = list(lines)
    whole = " ".join(text for _, text in kept)
    if not any(mark.isdigit() for mark in whole) or not may_name_one(whole):
        return []
    return [claim for sentence in sentences(tokens(kept)) for claim in _claims(joined(sentence), context)]


@dataclass(frozen=True)
class MetricTitle:
    """A title that names a metric, such as the head of a column.

    Attributes:
        metric: its name.
        average: as in `Claim`.
        rest: the other words of the title.
    """

    metric: str
    average: str
    rest: tuple[str, ...]


def metric_of(text: str) -> MetricTitle | None:
    """The metric of a title; None where it names none."""
    title = tokens([(0, text)])
    found = _mentions(title)
    if not found:
        return None
    first = found[0]
    qualifiers = [token.text for token in title[first.start : first.end] if token.text in SPLITS]
    rest = [token.text for token in (*title[: first.start], *title[first.end :])]
    return MetricTitle(first.metric, first.average, (*qualifiers, *rest))


def _claims(sentence: Sequence[Token], context: Context) -> list[Claim]:
    reading = _Reading(sentence, context)
    mentions = _mentions(sentence)
    if not mentions:
        return []
    within = {place for mention in mentions for place in range(mention.start, mention.end)}
    pending: list[_Mention] = []
    free: int | None = None
    for item in _runs(sentence, mentions, within):
        if isinstance(item, _Mention):
            if free is not None and _adjoins(sentence, free, item):
                _note(reading, item, free)
            else:
                pending.append(item)
            free = None
        else:
            free = _pair(reading, pending, item)
            pending = []
    return reading.claims


def _runs(sentence: Sequence[Token], mentions: Sequence[_Mention], within: set[int]) -> Iterable[_Mention | list[int]]:
    """Mentions, and lists of the numbers between two of them, in their order."""
    starts = {mention.start: mention for mention in mentions}
    run: list[int] = []
    for place, token in enumerate(sentence):
        if place in starts:
            if run:
                yield run
            run = []
            yield starts[place]
        elif place not in within and token.number is not None and _may_score(sentence, place):
            run.append(place)
    if run:
        yield run


def _pair(reading: _Reading, pending: Sequence[_Mention], run: list[int]) -> int | None:
    """Give numbers to the metrics before them; returns the last number where nobody took it."""
    sentence = reading.sentence
    if not pending:
        return run[-1]
    if len(pending) > 1 and len(run) == len(pending):
        start = reading.done
        for mention, place in zip(pending, run, strict=True):
            reading.done = start
            _note(reading, mention, place)
        return None
    last = pending[-1]
    fitting = [place for place in run if _fits(sentence, last, place)]
    if not fitting:
        return run[-1]
    first = fitting[0]
    row = pending[-_MOST_IN_A_ROW:]
    taking = row if _listed(sentence, row) else [last]
    start = reading.done
    for mention in taking:
        reading.done = start
        _note(reading, mention, first)
    for place in fitting[1:]:
        if _inherits(sentence, place):
            _note(reading, replace(last, split="", start=place, end=place), place)
            first = place
    return run[-1] if run[-1] > first else None


def _note(reading: _Reading, mention: _Mention, place: int) -> None:
    """Keep one claim, with what is said around it."""
    token = reading.sentence[place]
    if token.number is None:
        return
    # the words of the metric itself, such as "loss", tell nothing about it
    start = min(place, mention.start)
    before = reading.words(max(reading.done, start - _MOST_AROUND), start)
    head = [*before, *reading.words(mention.end, place), *reading.words(place + 1, mention.start)]
    after = max(place + 1, mention.end)
    tail = cues.tail_of(reading.words(after, after + 12))
    labelled = cues.labelled_split(head)
    if labelled:
        reading.context = replace(reading.context, data=labelled)
    data = mention.split or cues.split_of(head, tail) or reading.context.data
    why = cues.aside(head, tail) or reading.context.aside
    claim = Claim(
        mention.metric, _bounded(token.number, head), Place(token.line, token.line), mention.average, data,
        narrowed=_is_narrowed(reading, mention, place, tail), aside=why, words=(*reading.context.words, *head, *tail),
    )  # fmt: skip
    reading.claims.append(claim)
    reading.done = after


def _is_narrowed(reading: _Reading, mention: _Mention, place: int, tail: Sequence[str]) -> bool:
    """Whether words behind or before the metric, or the rest of its label ("Spain F1: 0.8"), may narrow it."""
    if cues.narrows(tail) or cues.narrows(reading.words(mention.end, place)):
        return True
    label = reading.words(0, mention.start)
    is_label = 0 < len(label) <= _LONGEST_LABEL and reading.words(mention.end, mention.end + 1) in ([":"], ["="])
    return is_label and mention.metric in OF_CLASSES and cues.is_special(label)


def _mentions(sentence: Sequence[Token]) -> list[_Mention]:
    """Metrics that are named, from left to right."""
    places = [place for place, token in enumerate(sentence) if token.is_word]
    words = [sentence[place].text for place in places]
    found: list[_Mention] = []
    turn = 0
    while turn < len(words):
        match = named(words, turn)
        if match is None:
            turn += 1
            continue
        left = turn
        while left > 0 and words[left - 1] in _QUALIFIERS and _touch(sentence, places[left - 1], places[left]):
            left -= 1
        right = turn + match.length
        metric = match.metric
        if left > 0 and words[left - 1] in cues.CHANGERS:
            left -= 1
            metric = f"{words[left]} {metric}"
        around = [*words[left:turn], *words[right : right + 1]]
        average = next((AVERAGES[word] for word in around if word in AVERAGES), "")
        split = cues.split_of_title(words[left:turn])
        found.append(_Mention(metric, average, split, places[left], places[right - 1] + 1))
        turn = right
    return found


def _touch(sentence: Sequence[Token], one: int, other: int) -> bool:
    """Whether nothing but a hyphen stands between two words."""
    return all(token.text == "-" for token in sentence[one + 1 : other])


def _may_score(sentence: Sequence[Token], place: int) -> bool:
    """Whether a number can be the value of a metric, rather than a count of rows or the width of an interval."""
    after = [token.text for token in sentence[place + 1 : place + 3]]
    before = [token.text for token in sentence[max(place - 2, 0) : place]]
    return not (_UNITS & set(after[:1]) or _NOT_SCORES & set(before))


def _fits(sentence: Sequence[Token], mention: _Mention, place: int) -> bool:
    """Whether a number looks like a value of this metric."""
    number = sentence[place].number
    if number is None or covered(number, mention.metric) is None:
        return False
    if mention.metric not in SHARES or number.percent or not number.whole:
        return mention.metric not in SHARES or number.percent or abs(number.value) <= 100
    linked = place == mention.end or sentence[place - 1].text in _LINKS
    return linked and abs(number.value) <= 100


def _adjoins(sentence: Sequence[Token], place: int, mention: _Mention) -> bool:
    """Whether a number stands right before a metric: "95 % accuracy"."""
    between = sentence[place + 1 : mention.start]
    number = sentence[place].number
    close = len(between) <= 2 and all(token.is_word or token.text == "-" for token in between)
    return close and number is not None and (number.percent or not number.whole or mention.metric not in SHARES)


def _listed(sentence: Sequence[Token], pending: Sequence[_Mention]) -> bool:
    """Whether metrics are named in a row: "precision and recall"."""
    return all(
        {token.text for token in sentence[one.end : other.start]} <= {"and", ",", "&", "/", "as", "well", "both"}
        for one, other in pairwise(pending)
    )


def _inherits(sentence: Sequence[Token], place: int) -> bool:
    """Whether a further number is one more value of the same metric: "0.81 on old data and 0.95 on the test set"."""
    before = sentence[place - 1].text
    after = sentence[place + 1].text if place + 1 < len(sentence) else ""
    return before in _INHERIT_AFTER and after in _INHERIT_BEFORE


def _bounded(number: Number, head: Sequence[str]) -> Number:
    """The number with what the words right before it make of it: a bound, or something less precise."""
    near = set(head[-3:])
    if _LEAST & near:
        return replace(number, bound="min")
    if _MOST & near:
        return replace(number, bound="max")
    return replace(number, half=2 * number.half) if _ABOUT & near else number
