"""JSON of records: what two readers would read differently, and what would fill the memory, is refused."""

from __future__ import annotations

import pytest

from audit.provenance import Malformed, json_text
from tests.provenance.changes import WRONG


def test_an_object_is_read() -> None:
    assert json_text.parse(b'{"a": [1, {"b": null}]}', "x.json") == {"a": [1, {"b": None}]}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"5", b'{"a": 1, "a": 1}', b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b'{"a": 1} {}', b'{"a":' * 50_000],
)
def test_doubtful_json_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed, match=r"x\.json"):
        json_text.parse(content, "x.json")


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def test_depth_is_bounded_before_anything_walks_the_document() -> None:
    assert json_text.parse(nested(json_text.MAX_DEPTH), "x")
    with pytest.raises(Malformed, match="nested"):
        json_text.parse(nested(json_text.MAX_DEPTH + 1), "x")


@pytest.mark.parametrize("content", [b'{"a": [' + b"[]," * 200_001 + b"0]}", b'{"a": [' + b"0," * 500_001 + b"0]}"])
def test_small_values_in_great_number_are_refused(content: bytes) -> None:
    with pytest.raises(Malformed, match="more than"):
        json_text.parse(content, "x")


@pytest.mark.parametrize(
    "text", ["https://example.com/x?y#z", "pkg:pypi/x@1?a=b", "urn:a:b", "git+https://h/%20", "s3://B"]
)
def test_uris_are_taken(text: str) -> None:
    assert json_text.uri(text, "x") == text


@pytest.mark.parametrize("value", [*WRONG["uri"], None, ""])
def test_other_values_are_no_uri(value: object) -> None:
    with pytest.raises(Malformed, match="x: a URI"):
        json_text.uri(value, "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05+00:00"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456+00:00"),
    ],
)
def test_moments_are_told_in_utc(text: str, expected: str) -> None:
    assert json_text.moment(text, "x") == expected


def test_a_moment_without_a_zone_is_taken_only_where_it_may() -> None:
    assert json_text.moment("2026-01-02T03:04:05", "x", zone_needed=False) == "2026-01-02T03:04:05"
    with pytest.raises(Malformed):
        json_text.moment("2026-01-02T03:04:05", "x")


@pytest.mark.parametrize("value", [*WRONG["moment"], None, ""])
def test_other_values_are_no_moment(value: object) -> None:
    with pytest.raises(Malformed, match="x: "):
        json_text.moment(value, "x", zone_needed=False)


def test_foreign_text_is_shown_without_its_controls_and_cut() -> None:
    told = json_text.shown("\x1b[31m\u202e" + "a" * 500)
    assert told.isascii()
    assert told.isprintable()
    assert len(told) < 100
