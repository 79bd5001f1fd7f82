"""Tables keep what was written, or say where it went wrong; nothing is shifted, filled up or guessed."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import math
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.data import Layout, Table, files, parse, parse_folder, read_table
from audit.errors import SubjectError, UnknownName


def table(content: bytes | str, format: str = "csv", target: str | None = None, **layout: Any) -> Table:
    raw = content.encode() if isinstance(content, str) else content
    return parse(raw, name=f"t.{format}", format=format, role="data.test", target=target, layout=Layout(**layout))


def column(content: bytes | str, name: str = "a", format: str = "csv", **layout: Any) -> list[object]:
    frame = table(content, format, **layout).frame
    assert frame is not None
    return [None if pd.isna(value) else value for value in frame[name].tolist()]


def refused(content: bytes | str, *words: str, format: str = "csv", **layout: Any) -> str:
    with pytest.raises(SubjectError) as caught:
        table(content, format, **layout)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    return message


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


# rows of the list of bad inputs


def test_row_15_json_repeats_a_key() -> None:
    refused('{"a": 1}\n{"a": 1, "a": 2}\n', "t.jsonl:2", '"a"', "twice", format="jsonl")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_row_15_json_number_is_not_finite(word: str) -> None:
    refused(f'{{"a": 1}}\n\n{{"a": {word}}}\n', "t.jsonl:3", format="jsonl")


def test_row_21_a_number_beyond_float32_stays_finite() -> None:
    assert column("a\n1e39\n-1e39\n") == [1e39, -1e39]


def test_row_21_a_number_beyond_float64_is_an_error() -> None:
    refused("a,b\n1,2\n1,1e400\n", "t.csv:3", '"b"')


def test_row_23_duplicate_columns() -> None:
    refused("a,b,a\n1,2,3\n", '"a"', "1 and 3")
    with pytest.raises(SubjectError, match="two columns"):
        table(_duplicate_parquet(), "parquet")


def _duplicate_parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), buffer)
    return buffer.getvalue()


def test_row_24_one_field_too_many_in_every_row_shifts_nothing() -> None:
    refused("a,b\n1,2,3\n4,5,6\n", "t.csv:2", "3 fields", "2")


def test_row_25_short_row_is_not_filled_up() -> None:
    refused("a,b,c\n1,2,3\n4,5\n", "t.csv:3", "2 fields")


def test_row_26_long_row() -> None:
    refused("a,b\n1,2\n3,4\n5,6,7\n", "t.csv:4")


def test_row_26_unterminated_quote_names_the_line_where_its_row_starts() -> None:
    refused('a,b\n"x\ny",2\n1,"open\n3,4\n', "t.csv:4", "never closed")


def test_row_27_bytes_of_another_encoding() -> None:
    content = "name\nJosé\n".encode("latin-1")
    refused(content, "byte 8", "0xe9", "encoding", "t.csv:2")
    assert column(content, "name", encoding="latin-1") == ["José"]
    refused("a\n1\n".encode("utf-16"), "UTF-16")
    assert column("a\nä\n".encode("utf-16"), encoding="utf-16") == ["ä"]


def test_row_28_cell_beyond_the_cap() -> None:
    content = "a,b\n" + "x" * 2_000_000 + ",1\n"
    assert len(str(column(content)[0])) == 2_000_000
    refused(content, "t.csv:2", "1000000", max_cell=1_000_000)
    refused(json.dumps({"a": "x" * 100}), "t.jsonl:1", max_cell=10, format="jsonl")


def test_row_28_the_cap_of_the_process_is_put_back() -> None:
    import csv

    before = csv.field_size_limit()
    table("a\n1\n")
    refused('a\n"', max_cell=77)
    assert csv.field_size_limit() == before


def test_row_29_nul_in_a_cell() -> None:
    refused("a,b\n1,2\n3,x\0y\n", "t.csv:3", "NUL")
    refused('{"a": "x\\u0000y"}', "t.jsonl:1", "NUL", format="jsonl")


def test_row_30_words_for_nothing_stay_words() -> None:
    words = ["NA", "null", "None", "nan", "inf", "NaN", "N/A", "-"]
    assert column("a\n" + "\n".join(words) + "\n") == words
    assert column("a,b\nNamibia,NA\n,\n") == ["Namibia", None]


def test_row_31_leading_zeros_are_no_number() -> None:
    assert column("a\n00123\n456\n") == ["00123", "456"]
    assert column("a\n+5\n6\n") == ["+5", "6"]
    assert column("a\n1_000\n") == ["1_000"]
    assert column("a\n 1\n") == [" 1"]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_row_32_whole_number_beyond_64_bits(format: str) -> None:
    big = 2**63
    content: bytes | str = f"a\n1\n{big}\n"
    if format == "jsonl":
        content = f'{{"a": 1}}\n{{"a": {big}}}\n'
    if format == "parquet":
        content = parquet(pd.DataFrame({"a": np.array([1, big], dtype="uint64")}))
    refused(content, '"a"', "type: text", format=format)
    assert column(content, format=format, types={"a": "text"}) == ["1", str(big)]
    assert column(content, format=format, strict=False) == ["1", str(big)]


def test_row_32_64_bits_are_kept_exactly() -> None:
    assert column(f"a\n{2**63 - 1}\n{-(2**63)}\n") == [2**63 - 1, -(2**63)]
    refused(f"a,b\n{2**53 + 1},1\n,2\n", "t.csv:2", "too many digits")


def test_row_33_npy_header_claims_more_than_the_file_holds() -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 1), }"
    refused(_npz_member(header, b"\0" * 64), "claims", "1000000000000", format="npz")
    refused(_npz_member(header.replace(b"1000000000000", b"-1"), b"\0" * 64), format="npz")
    refused(_npz_member(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }", b"\0" * 8), format="npz")


def _npz_member(header: bytes, data: bytes, name: str = "x.npy") -> bytes:
    padded = header.ljust(118 - 1) + b"\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + data)
    return buffer.getvalue()


def test_row_33_npz_bomb() -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.zeros((100, 1_000_000), dtype=np.uint8))
    refused(buffer.getvalue(), "inflates", format="npz")


@pytest.mark.parametrize("kind", ["link", "link on the way", "fifo", "folder", "absolute", "outside"])
def test_row_37_only_regular_files_below_the_folder(tmp_path: Path, kind: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "t.csv").write_text("a\n1\n")
    path = {"link": "link.csv", "link on the way": "way/t.csv", "fifo": "pipe.csv", "folder": "real"}.get(kind, "")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real" / "t.csv")
    (tmp_path / "way").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe.csv")
    words = {"link": "symbolic link", "link on the way": "symbolic link", "fifo": "named pipe", "folder": "folder"}
    if kind == "absolute":
        path, words[kind] = str(tmp_path / "real" / "t.csv"), "not relative"
    if kind == "outside":
        path, words[kind] = "real/../../t.csv", "leaves the folder"
    with pytest.raises(SubjectError, match=words[kind]):
        files.read(tmp_path, files.checked_path(path))


def test_row_37_what_is_parsed_is_what_was_hashed(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "t.csv").write_text("a\n1\n")
    opened = files.read(tmp_path, "t.csv")
    (tmp_path / "t.csv").write_text("a\n2\n")
    assert hashlib.sha256(opened.content).hexdigest() == opened.sha256
    assert column(opened.content) == [1]


def test_a_path_inside_may_go_up_and_down(tmp_path: Path) -> None:
    assert files.checked_path("a/../b/./c.csv") == "b/c.csv"
    assert files.checked_path("../c.csv", allow_outside=True) == "../c.csv"


def test_a_missing_file_names_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("a\n1\n")
    with pytest.raises(SubjectError, match=r'did you mean "customers\.csv"'):
        files.read(tmp_path, "custmers.csv")


# what a cell means


def test_types_are_decided_by_every_cell() -> None:
    content = "i,f,b,t,e,gap\n1,1.5,true,x,,1\n-2,2,False,true,,\n"
    frame = table(content).frame
    assert frame is not None
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "i": "int64", "f": "float64", "b": "bool", "t": "str", "e": "float64", "gap": "float64",
    }  # fmt: skip
    assert column(content, "gap") == [1.0, None]
    assert column("b\ntrue\n\n".replace("\n\n", "\n"), "b") == [True]
    assert column("b,c\ntrue,1\n,2\n", "b") == [True, None]


def test_a_text_far_down_turns_the_whole_column_to_text() -> None:
    cells = ["1"] * 60_000 + ["x"]
    assert column("a\n" + "\n".join(cells) + "\n") == cells


def test_declared_types_win() -> None:
    content = "a,b\n1,0\n2,1\n"
    assert column(content, types={"a": "category"}) == ["1", "2"]
    assert column("a\n250.0\n3\n", types={"a": "integer"}) == [250.0, 3.0]
    refused("a\n1\n2.5\n", "t.csv:3", "integer", types={"a": "integer"})
    refused("a\n1\nsecret\n", "t.csv:3", "number", types={"a": "number"})
    assert "secret" not in refused("a\n1\nsecret\n", types={"a": "number"})
    refused("a\ntrue\nyes\n", "t.csv:3", types={"a": "boolean"})


def test_quoted_cells_keep_line_ends_and_commas() -> None:
    assert column('a,b\n"x, ""y""\nz",1\n') == ['x, "y"\nz']
    assert column('a,b\n"1\n",2\n') == ["1\n"], "a line end makes it text"


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert table(b"\xef\xbb\xbfa,b\n1,2\n").columns == ("a", "b")


@pytest.mark.parametrize("content", ["", "\n\n", "a,b\n", "a,b\n\n\n"])
def test_a_table_without_rows_is_an_error(content: str) -> None:
    refused(content)


def test_an_empty_line_between_rows_is_an_error_and_at_the_end_is_not() -> None:
    refused("a,b\n1,2\n\n3,4\n", "t.csv:3", "empty line")
    assert column("a,b\n1,2\n\n\n") == [1]


def test_another_separator_has_to_be_declared() -> None:
    refused("a;b\n1;2\n", "delimiter", '";"')
    assert column("a;b\n1;2\n", "b", delimiter=";") == [2]
    assert column("a\tb\n1\t2\n", "b", format="tsv") == [2]


def test_a_column_without_a_name_is_an_error() -> None:
    refused(",a\n0,1\n", "column 1")


def test_near_target_is_named() -> None:
    with pytest.raises(SubjectError, match='did you mean "default"'):
        table("default,b\n1,2\n", target="defualt")


# other formats


def test_jsonl_missing_keys_are_gaps_and_nested_values_are_text() -> None:
    content = '{"a": 1, "b": "x"}\n{"b": null, "c": {"k": ["ä"]}}\n'
    assert column(content, format="jsonl") == [1.0, None]
    assert column(content, "b", format="jsonl") == ["x", None]
    assert column(content, "c", format="jsonl") == [None, '{"k": ["ä"]}']


def test_jsonl_does_not_mix_text_and_numbers() -> None:
    content = '{"a": "1"}\n{"a": 1}\n'
    refused(content, "t.jsonl:2", "text", format="jsonl")
    assert column(content, format="jsonl", types={"a": "text"}) == ["1", "1"]
    assert column(content, format="jsonl", strict=False) == ["1", "1"]


@pytest.mark.parametrize("line", ["[1]", "1", "{", '{"a": "\\ud800"}', '{"": 1}', "{}", "[" * 100_000, "\x85"])
def test_jsonl_lines_that_are_no_object(line: str) -> None:
    refused(line, format="jsonl")


def test_parquet_types() -> None:
    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "gap": pd.array([1, None], dtype="Int64"),
            "t": ["NA", None],
            "c": pd.Categorical(["x", "y"]),
            "b": [True, False],
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"]),
            "list": [[1, 2], []],
        },
        index=pd.Index([5, 7]),
    )
    read = table(parquet(frame), "parquet").frame
    assert read is not None
    assert list(read.columns) == list(frame.columns)
    assert read["i"].tolist() == [1, 2]
    assert read["gap"].tolist()[0] == 1.0
    assert math.isnan(read["gap"].tolist()[1])
    assert read["t"].tolist()[0] == "NA"
    assert pd.isna(read["t"].tolist()[1])
    assert read["c"].tolist() == ["x", "y"]
    assert str(read["c"].dtype) == "str"
    assert read["b"].dtype == bool
    assert read["when"].dt.day.tolist() == [1, 2]
    assert read["list"].tolist() == ["[1, 2]", "[]"]


ADDRESSES = ["ivo@example.org", "dora@example.org"]


@pytest.mark.parametrize(
    ("index", "kept"),
    [
        (pd.Index(ADDRESSES), {"__index_level_0__": ADDRESSES}),
        (pd.Index(ADDRESSES, name="mail"), {"mail": ADDRESSES}),
        (pd.MultiIndex.from_arrays([[0, 1], ADDRESSES]), {"__index_level_1__": ADDRESSES}),
        (pd.MultiIndex.from_arrays([[7, 8], ADDRESSES], names=["id", "mail"]), {"id": [7, 8], "mail": ADDRESSES}),
        (pd.Index([491701234567, 491701234568]), {"__index_level_0__": [491701234567, 491701234568]}),
        (pd.Index([4, 4]), {"__index_level_0__": [4, 4]}),
        (pd.Index([-1, 1]), {"__index_level_0__": [-1, 1]}),
        (pd.Index([0.5, 1.5]), {"__index_level_0__": [0.5, 1.5]}),
        (pd.Index([0, 1]), {}),
        (pd.Index([812, 3]), {}),
        (pd.RangeIndex(2), {}),
    ],
)
def test_what_an_index_of_parquet_holds_is_a_column_unless_it_counts_rows(
    index: pd.Index, kept: dict[str, list[object]]
) -> None:
    read = table(parquet(pd.DataFrame({"a": [1, 2]}, index=index)), "parquet").frame
    assert read is not None
    assert {name: read[name].tolist() for name in read.columns} == {"a": [1, 2], **kept}


def test_a_parquet_column_that_is_only_named_like_an_index_is_kept() -> None:
    frame = pd.DataFrame({"a": [1, 2], "__index_level_0__mail": [1, 2]})
    assert table(parquet(frame), "parquet").columns == tuple(frame.columns)


def test_parquet_infinity_and_garbage() -> None:
    refused(parquet(pd.DataFrame({"a": [1.0, np.inf]})), "row 1", '"a"', format="parquet")
    refused(b"PAR1 nothing PAR1", "no readable Parquet", format="parquet")


def test_a_folder_of_parquet_is_one_table_matched_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    pd.DataFrame({"a": [1], "b": ["x"]}).to_parquet(folder / "1.parquet", index=False)
    pd.DataFrame({"b": ["y"], "a": [2]}).to_parquet(folder / "2.parquet", index=False)
    (folder / "_SUCCESS").write_text("")
    read = read_table(folder, role="data.test", target=None)
    assert read.frame is not None
    assert read.frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    pd.DataFrame({"c": [2]}).to_parquet(folder / "3.parquet", index=False)
    with pytest.raises(SubjectError, match="other columns"):
        read_table(folder, role="data.test", target=None)


def test_parquet_parts_do_not_mix_text_and_numbers() -> None:
    parts = [("1.parquet", parquet(pd.DataFrame({"a": [1]}))), ("2.parquet", parquet(pd.DataFrame({"a": ["1"]})))]
    with pytest.raises(SubjectError, match="text in one file"):
        parse_folder(parts, role="data.test", target=None, layout=Layout())


def test_npz_images_are_scaled_and_tables_are_not() -> None:
    image = np.full((2, 1, 3, 3), 255, dtype=np.uint8)
    read = table(npz(x=image, y=np.array([0, 1])), "npz")
    assert read.array is not None
    assert read.array.max() == 1.0
    assert read.array.dtype == np.float32
    flat = table(npz(x=np.full((2, 9), 255, dtype=np.uint8)), "npz")
    assert flat.array is not None
    assert flat.array.max() == 255.0
    assert flat.labels is None


@pytest.mark.parametrize(
    ("arrays", "word"),
    [
        ({"z": np.zeros((2, 2))}, "no array x"),
        ({"x": np.zeros(3)}, "shape"),
        ({"x": np.zeros((0, 3))}, "shape"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(2)}, "y has shape"),
        ({"x": np.array([[1.0, np.nan]])}, "NaN"),
        ({"x": np.array([[1.0, -np.inf]])}, "infinity"),
        ({"x": np.zeros((2, 8, 8, 3))}, "channels"),
        ({"x": np.full((2, 1, 8, 8), 7.0)}, "0..1"),
        ({"x": np.array([["a", "b"]])}, "text"),
        ({"x": np.array([[1, None]], dtype=object)}, "Python objects"),
        ({"x": np.zeros((2, 2)), "y": np.array([1, None], dtype=object)}, "Python objects"),
    ],
)
def test_npz_that_does_not_fit(arrays: dict[str, np.ndarray], word: str) -> None:
    refused(npz(**arrays), word, format="npz")


def test_npz_layouts_come_back_equal() -> None:
    x = np.asfortranarray(np.arange(12.0).reshape(4, 3)).astype(">f8")
    read = table(npz(x=x, y=np.array(["a", "b", "a", "b"])), "npz")
    assert read.array is not None
    np.testing.assert_array_equal(read.array, x)
    assert read.labels is not None
    assert read.labels.tolist() == ["a", "b", "a", "b"]


def test_unknown_suffix_and_format_name_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "t.cvs").write_text("a\n1\n")
    with pytest.raises(UnknownName, match=r"\.csv"):
        read_table(tmp_path / "t.cvs", role="data.test", target=None)
    assert read_table(tmp_path / "t.cvs", role="data.test", target=None, format="csv").rows == 1
    with pytest.raises(UnknownName, match="parquet"):
        read_table(tmp_path / "t.cvs", role="data.test", target=None, format="parqet")


# tables


def sample() -> Table:
    return Table.of_frame(
        pd.DataFrame({"a": [1, 2, 3], "y": [0, 1, 0], "b": list("xyz")}), role="data.test", target="y"
    )


def test_take_keeps_the_order_and_the_labels_of_its_rows() -> None:
    taken = sample().take([2, 0])
    assert taken.frame is not None
    assert taken.labels is not None
    assert taken.frame["b"].tolist() == ["z", "x"]
    assert taken.frame.index.tolist() == [0, 1]
    assert taken.labels.tolist() == [0, 0]
    assert sample().take(np.array([False, True, False])).rows == 1


def test_labels_change_in_the_frame_too_and_the_original_stays() -> None:
    before = sample()
    after = before.with_labels([1, 1, 1])
    assert after.frame is not None
    assert before.frame is not None
    assert after.frame["y"].tolist() == [1, 1, 1]
    assert before.frame["y"].tolist() == [0, 1, 0]
    assert after.columns == before.columns


def test_features_go_without_the_target() -> None:
    assert list(sample().features.columns) == ["a", "b"]
    changed = sample().with_features(np.array([[9, "q"]] * 3, dtype=object))
    assert changed.columns == ("a", "y", "b")
    assert changed.labels is not None
    assert changed.labels.tolist() == [0, 1, 0]
    with pytest.raises(SubjectError):
        sample().with_features(np.zeros((3, 5)))


def test_concat_matches_columns_by_name() -> None:
    other = Table.of_frame(pd.DataFrame({"b": ["w"], "y": [1], "a": [4]}), role="data.train", target="y")
    both = sample().concat(other)
    assert both.frame is not None
    assert both.labels is not None
    assert both.frame["a"].tolist() == [1, 2, 3, 4]
    assert both.labels.tolist() == [0, 1, 0, 1]
    with pytest.raises(SubjectError, match="different columns"):
        sample().concat(other.without(("b",)))


def test_a_target_column_without_any_value_is_no_target() -> None:
    assert table("a,y\n1,\n2,\n", target="y").labels is None


def test_shuffled_is_a_permutation_that_the_seed_decides() -> None:
    first = sample().shuffled(3)
    assert sorted(first.tolist()) == [0, 1, 2]
    assert first.tolist() == sample().shuffled(3).tolist()


# any bytes: a table or a SubjectError, nothing else

QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(content: bytes, format: str, **layout: Any) -> None:
    try:
        read = table(content, format, **layout)
    except SubjectError:
        return
    assert read.rows > 0


@QUIET
@given(st.one_of(st.binary(max_size=200), st.text(alphabet='ab,;"\n\r\0 019.eE+-é\ud800', max_size=80)))
def test_any_bytes_as_csv(content: bytes | str) -> None:
    survives(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"), "csv")


@QUIET
@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), min_size=1, max_size=5))
def test_csv_text_comes_back_exactly(rows: list[list[str]]) -> None:
    import csv

    rows = [[cell.replace("\0", "").replace("\r", "") for cell in row] for row in rows]
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b"], *rows])
    try:
        content = buffer.getvalue().encode()
    except UnicodeEncodeError:
        return
    frame = table(content, types={"a": "text", "b": "text"}).frame
    assert frame is not None
    found = [["" if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object).tolist()]
    assert found == rows


@QUIET
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=3),
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
            max_size=3,
        ),
        max_size=4,
    ),
    st.binary(max_size=10),
    st.booleans(),
)
def test_any_json_lines(rows: list[dict[str, object]], tail: bytes, strict: bool) -> None:
    survives("\n".join(map(json.dumps, rows)).encode() + tail, "jsonl", strict=strict)


@QUIET
@given(st.integers(0, 2000), st.integers(0, 255), st.integers(0, 600), st.sampled_from(["npz", "parquet"]))
def test_damaged_archives(position: int, value: int, cut: int, format: str) -> None:
    whole = DAMAGED[format]
    content = bytearray(whole[: len(whole) - cut % len(whole)])
    content[position % len(content)] = value
    survives(bytes(content), format)


@QUIET
@given(st.text(alphabet="{}'()[],:0123456789descrfotanhpFTu<>|bifSUOV \n\\x", max_size=110))
def test_damaged_npy_headers(header: str) -> None:
    survives(_npz_member(header.encode("latin-1"), b"\0" * 16), "npz")


DAMAGED = {
    "npz": npz(x=np.arange(6.0).reshape(3, 2), y=np.array([0, 1, 0])),
    "parquet": parquet(pd.DataFrame({"a": [1, 2], "b": ["x", None]})),
}


@pytest.mark.parametrize("content", ["", "a,b\n", "\n"])
def test_row_18_a_table_without_rows_is_an_error(content: str) -> None:
    refused(content)


# variants of those rows that a person would not see, or that a reader would get wrong in silence


@pytest.mark.parametrize("other", ["a ", " a", "\u00a0a", "a\u200b", "\ufeffa", "a\u00ad"])
def test_row_23_names_that_look_alike_are_duplicates(other: str) -> None:
    refused(f'a,"{other}",b\n1,2,3\n', "t.csv:1", "look alike", "columns 1 and 2")
    refused(json.dumps({"a": 1, other: 2}), "look alike", format="jsonl")
    content = parquet(pd.DataFrame([[1, 2]], columns=["a", other]))
    assert ascii(other) in refused(content, "look alike", format="parquet")


def test_row_23_composed_letters_are_the_same_letters() -> None:
    refused("é,e\u0301\n1,2\n", "look alike")
    assert table("a,A\n1,2\n").columns == ("a", "A")
    assert table("می\u200cخواهم,میخواهم\n1,2\n").rows == 1, "in Persian these are two words"


@pytest.mark.parametrize("name", ["", " ", "\u00a0", "\u200b"])
def test_row_23_a_blank_is_no_name(name: str) -> None:
    refused(f"a,{name},b\n1,2,3\n", "column 2 has no name")


@pytest.mark.parametrize(("name", "says"), [("\ud800", "U+D800"), ("a\0", "U+0000")])
def test_row_29_names_are_of_characters(name: str, says: str) -> None:
    refused(json.dumps({name: 1, "b": 2}), says, format="jsonl")


def test_row_23_columns_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.data.table.MAX_COLUMNS", 100)
    names = [f"c{n}" for n in range(101)]
    refused(",".join(names) + "\n1\n", "at most 100 ")
    refused(parquet(pd.DataFrame([range(101)], columns=names)), "at most 100 ", format="parquet")


def test_rows_25_and_26_every_row_that_does_not_fit_is_counted() -> None:
    message = refused("a,b\n1,2\n1\n1,2\n1,2,3\n,\n4\n", "t.csv:3: 1 fields where the header has 2", "lines 5, 7")
    assert "2 more rows do not fit" in message
    many = refused("a,b\n" + '"x\ny"\n' * 1000, "t.csv:2: 1 fields", "999 more rows", "lines 4, 6, 8")
    assert many.endswith("correct them")
    assert "..." in many
    assert len(many) < 300


def test_rows_25_and_26_what_breaks_further_down_is_told_too() -> None:
    first, second = refused('a,b\n1\n2,"x\n').splitlines()
    assert first.startswith("t.csv:2: 1 fields")
    assert second.startswith("t.csv:3: ")
    assert "never closed" in second
    assert refused("a,b\n1\n\n2,3\n").splitlines()[1].startswith("t.csv:3: an empty line")


def test_row_24_a_header_of_another_delimiter_is_named_first() -> None:
    refused("a;b\n1,5;2\n", "t.csv:1", 'delimiter: ";"')


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "gzip"),
        (b"PK\x03\x04\x14\0\0", "spreadsheet"),
        (b"\x93NUMPY\x01\0", "numpy.savez"),
    ],
)
def test_row_27_files_that_are_no_text(content: bytes, says: str) -> None:
    refused(content, says)
    refused(content, says, format="jsonl")


def test_row_27_utf_32_is_not_called_utf_16() -> None:
    refused("a,b\n1,2\n".encode("utf-32"), "UTF-32", "encoding: utf-32")
    assert column("a,b\n1,2\n".encode("utf-32"), encoding="utf-32") == [1]


def test_rows_28_and_29_hold_for_parquet() -> None:
    refused(parquet(pd.DataFrame({"a": ["x", "y\0"]})), "row 1", '"a"', "NUL", format="parquet")
    refused(parquet(pd.DataFrame({"a": ["x", "y" * 11]})), "row 1", '"a"', "10", format="parquet", max_cell=10)
    refused(parquet(pd.DataFrame({"a": ["1", "2\0"]})), "NUL", format="parquet", types={"a": "number"})


def test_row_15_a_json_file_is_no_json_lines() -> None:
    refused('[{"a": 1},\n{"a": 2}]\n', "t.jsonl:1", "one object a line", format="jsonl")


def test_row_32_numbers_of_thousands_of_digits() -> None:
    message = refused('{"a": 1}\n{"a": ' + "1" * 5000 + "}\n", "t.jsonl:2", "5000 digits", format="jsonl")
    assert "sys." not in message
    assert column('{"a": ' + "1" * 3000 + "}\n", format="jsonl", strict=False) == ["1" * 3000]


def test_row_32_decimals_without_fraction_are_whole_numbers() -> None:
    big = 12345678901234567890
    content = arrow({"a": pa.array([1, big], pa.decimal128(38, 0))})
    refused(content, "row 1", "too many digits", format="parquet")
    assert column(content, format="parquet", strict=False) == ["1", str(big)]
    assert column(arrow({"a": pa.array([1, 2], pa.decimal128(38, 0))}), format="parquet") == [1, 2]


def arrow(columns: dict[str, Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "values",
    [pa.array([0, 2**31 - 1], pa.date32()), pa.array([0, 2**60], pa.timestamp("ms"))],
)
def test_row_21_a_date_that_cannot_be_kept_is_no_other_date(values: Any) -> None:
    message = refused(arrow({"a": values}), '"a"', "date beyond", format="parquet")
    assert str(values[1].value) not in message, "cells are not repeated"


def test_row_34_a_few_texts_that_fill_any_memory() -> None:
    """47 KB that a plain reader turns into 20 GB."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * 1_000_000]))
    for store_schema in (True, False):
        content = arrow({"a": texts}, store_schema=store_schema)
        assert len(content) < 100_000
        refused(content, '"a"', "20000000000 bytes", format="parquet")
    few = texts.take(pa.array([0] * 20))
    assert [len(cell) for cell in column(arrow({"a": few}, store_schema=False), format="parquet")] == [1_000_000] * 20


@pytest.mark.parametrize("small", [0, 1 << 20], ids=["read at once", "read as a list of texts"])
def test_row_26_parquet_with_any_byte_changed(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: some damage of the metadata ends a process that looks at it too closely."""
    monkeypatch.setattr("audit.data.parquet._SMALL", small)
    content = arrow({"a": ["x", "y", "x", "y"], "b": [[1], [2], [], None]}, compression="none")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for place in range(4, len(content)):
                changed = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
                with contextlib.suppress(SubjectError):
                    table(changed, "parquet")
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("small", [0, 1 << 20], ids=["read at once", "read as a list of texts"])
def test_row_26_positions_that_a_parquet_dictionary_does_not_have(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header of its page counts one text fewer than the rows ask for."""
    monkeypatch.setattr("audit.data.parquet._SMALL", small)
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["x", "y", "z"]))
    content = arrow({"a": texts}, compression="none", write_statistics=False)
    counted = b"\x4c\x15\x06\x15\x00"
    assert content.count(counted) == 1
    refused(content.replace(counted, b"\x4c\x15\x04\x15\x00"), format="parquet")


def test_row_33_arrays_of_every_layout_are_read_or_named() -> None:
    rows = np.arange(6.0).reshape(3, 2)
    for same in (np.asfortranarray(rows), rows.astype(">f8"), rows.astype(">i2"), rows.astype(np.uint8)):
        np.testing.assert_array_equal(table(npz(x=same, y=np.arange(3).astype(">i4")), "npz").array, rows)
    for bad, says in (
        (np.array([[1, "a"]], dtype=object), "Python objects"),
        (np.zeros(3, [("a", "i4")]), "record"),
        (np.array(1.0), "shape ()"),
        (np.ones(3), "shape (3,)"),
        (np.ones((0, 3)), "shape (0, 3)"),
        (np.ones((3, 2), complex), "c16"),
        (np.ones((3, 2), "M8[s]"), "M8"),
        (np.full((3, 2), np.inf), "infinity"),
        (np.full((3, 1, 2, 2), 255.0), "0..1"),
        (np.full((3, 1, 2, 2), -0.5), "0..1"),
        (np.ones((3, 1, 2, 2), np.uint8), "largest value is 1"),
    ):
        refused(npz(x=bad), says, format="npz")
    for labels, says in (
        (np.arange(2), "(2,)"),
        (np.eye(3), "(3, 3)"),
        (np.array([0, 1, np.nan]), "NaN"),
        (np.array([None, 1, 2], dtype=object), "Python objects"),
        (np.array([b"\xff", b"a", b"b"]), "not UTF-8"),
        (np.array(["\ud800", "a", "b"]), "no characters"),
    ):
        refused(npz(x=rows, y=labels), says, format="npz")


def test_row_33_a_label_with_a_code_point_beyond_the_last() -> None:
    data = b"\xff\xff\xff\x7f" + "a".encode("utf-32-le")
    buffer = io.BytesIO(npz(x=np.ones((2, 2))))
    header = b"{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }\n"
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("y.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data)
    refused(buffer.getvalue(), "no characters", format="npz")


def test_row_35_an_archive_whose_directory_points_before_its_start() -> None:
    content = bytearray(npz(x=np.ones((2, 2))))
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 42 : entry + 46] = (2**31).to_bytes(4, "little")
    refused(bytes(content), "no readable NPZ", format="npz")


def test_a_gap_in_a_declared_number_of_json_lines() -> None:
    assert column('{"a": 1, "b": 1}\n{"b": 2}\n', format="jsonl", types={"a": "number"}) == [1.0, None]
    assert column('{"a": 1, "b": 1}\n{"b": 2}\n', format="jsonl", types={"a": "integer"}) == [1.0, None]
    assert column('{"a": true, "b": 1}\n{"b": 2}\n', format="jsonl", types={"a": "boolean"}) == [True, None]


def test_booleans_as_spreadsheets_write_them() -> None:
    assert column("a\nTRUE\nFALSE\n") == [True, False]
    assert column("a\nTRUE\ntRUE\n") == ["TRUE", "tRUE"], "no other spelling"
    assert column("a\nt\nf\n") == ["t", "f"]
    assert column("a\nyes\nno\n") == ["yes", "no"]
    assert column("a\ntrue\n0\n") == ["true", "0"]


def test_row_34_keys_that_are_data_make_no_vast_table() -> None:
    content = "".join(f'{{"k{n}": {n}}}\n' for n in range(20_000))
    refused(content, "20000 different keys in 20000 rows", format="jsonl")
    assert len(table("".join(f'{{"k{n}": {n}}}\n' for n in range(300)), "jsonl").columns) == 300


@pytest.mark.parametrize("name", ["secret.person@example.com", "Ivo Petrov", "Petrov, Ivo", "212-555-0123"])
def test_a_message_about_names_quotes_none_that_may_be_personal(name: str) -> None:
    header = f'a,"{name}","{name}"'
    assert name not in refused(header + "\n1,2,3\n", "t.csv:1", "columns 2 and 3")
    twice = f'{{"{name}": 1, "{name}": 2}}'
    assert name not in refused(twice, "t.jsonl:1", "given twice", format="jsonl")
    mixed = json.dumps({name: "x"}) + "\n" + json.dumps({name: 1})
    assert name not in refused(mixed, "t.jsonl:2", "its name", format="jsonl")
