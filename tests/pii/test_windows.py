"""Windows of long texts: each finding once, at its place."""

from audit.pii.spans import Span
from audit.pii.texts.windows import OVERLAP, WINDOW, windowed


def stars(texts):
    """Each run of stars in each text; long texts never reach it."""
    assert all(len(text) <= WINDOW for text in texts)
    found = []
    for text in texts:
        spans, start = [], text.find("*")
        while start >= 0:
            end = start + len(text[start:]) - len(text[start:].lstrip("*"))
            spans.append(Span(start, end, "STAR", 1.0))
            start = text.find("*", end)
        found.append(tuple(spans))
    return found


def test_findings_are_those_of_the_whole_text_in_one_call():
    places = [0, WINDOW - OVERLAP - 5, WINDOW - 500, WINDOW - 5, 2 * WINDOW, 3 * WINDOW - 10]
    text = list("." * (3 * WINDOW))
    for place in places:
        text[place : place + 10] = "*" * 10
    calls = []

    def scan(texts):
        calls.append(len(texts))
        return stars(texts)

    found = windowed(["**", "".join(text), "", "*" * WINDOW], scan)
    assert [(span.start, span.end) for span in found[1]] == [(place, place + 10) for place in places]
    assert [len(spans) for spans in found] == [1, len(places), 0, 1]
    assert len(calls) == 1


def test_a_text_of_any_length_is_covered():
    for length in (WINDOW + 1, 2 * WINDOW - OVERLAP, 2 * WINDOW - OVERLAP + 1, 2 * WINDOW):
        found = windowed(["." * (length - 1) + "*"], stars)
        assert found == [(Span(length - 1, length, "STAR", 1.0),)]
