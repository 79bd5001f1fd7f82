"""Reading records: what the writers of each kind produce is read, what could be read in two ways is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.provenance import Malformed


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b"\xff\xfe{}", b'{"a": NaN}', b'{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}',
        b"hello", b'{"a":' * 50_000,
    ],
)  # fmt: skip
def test_doubtful_json_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed, match=r"record\.json"):
        provenance.read("record.json", content)


def test_huge_records_are_refused() -> None:
    with pytest.raises(Malformed, match="larger"):
        provenance.read("SHA256SUMS", bytes(17_000_000))


def outcome(path: str, content: bytes) -> str:
    """The path of a record that holds claims, or the reason why there is none; any other end is an error."""
    try:
        record = provenance.read(path, content)[0]
    except Malformed as problem:
        return str(problem)
    return record.path if record.claims else ""


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["SHA256SUMS", "a.json", "a.jsonl", "dvc.lock", "x"]), st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(path: str, content: bytes) -> None:
    assert path in outcome(path, content)
