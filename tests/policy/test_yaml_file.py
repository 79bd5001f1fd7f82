"""The YAML reader refuses what hides, repeats or explodes, and keeps every other value as its author wrote it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.yaml_file import MAX_BYTES, MAX_DEPTH, Document, YamlError, read, resolve


def problems(content: str | bytes) -> tuple[str, ...]:
    with pytest.raises(YamlError) as caught:
        read("p.yaml", content.encode() if isinstance(content, str) else content)
    return caught.value.problems


def value(text: str) -> object:
    return read("p.yaml", f"v: {text}\n".encode()).value["v"]


def test_row_1_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30))
    started = time.monotonic()
    found = problems(bomb)
    assert found[0] == 'p.yaml:1:5: anchor "&a0"; write the value out where it is used'
    assert any('alias "*a0"' in line for line in found)
    assert time.monotonic() - started < 1


def test_row_2_recursive_alias_is_refused() -> None:
    assert problems("a: &a {b: *a}") == (
        'p.yaml:1:4: anchor "&a"; write the value out where it is used',
        'p.yaml:1:11: alias "*a"; write the value out',
    )


def test_row_3_duplicate_key_names_both_lines() -> None:
    assert problems("fail_under: 0.9\nx: 1\nfail_under: 0.0\n") == (
        'p.yaml:3:1: key "fail_under" is given twice, on line 1 and on line 3; keep one',
    )


def test_row_3_duplicate_key_is_the_same_text_quoted_or_not() -> None:
    assert "given twice" in problems("{1: a, '1': b}")[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("12:30:00", "12:30:00"),
        ("2026-12-31", "2026-12-31"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("8/255", "8/255"),
        ("-7", -7),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"true"', "true"),
        (".5", 0.5),
    ],
)
def test_row_4_scalars_are_those_of_yaml_1_2_core(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_row_4_version_keeps_its_text() -> None:
    document = read("p.yaml", b"version: 1.10\n")
    assert document.value == {"version": 1.1}
    assert document.source_text(("version",)) == "1.10"


@pytest.mark.parametrize(("text", "expected"), [("1e-3", 1e-3), ("1E3", 1000.0), ("2.5e+2", 250.0), ("-1.", -1.0)])
def test_row_5_exponents_are_numbers(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["{a: 1, b: 2, a: 3}", '{a: 1, b: 2, "\\x61": 3}', "{a: 1, b: 2, 'a': 3}"])
def test_row_3_duplicate_key_on_one_line_names_both_columns(text: str) -> None:
    assert problems(f"v: {text}") == ('p.yaml:1:17: key "a" is given twice, in columns 5 and 17; keep one',)


@pytest.mark.parametrize("text", ["010", "0o10", "0x10"])
def test_row_4_numbers_of_another_base_are_those_of_yaml_1_2(text: str) -> None:
    assert value(text) == {"010": 10, "0o10": 8, "0x10": 16}[text]


@pytest.mark.parametrize("text", ["0b11", "1:30", "1_0", "y", "off", "１", "<<"])
def test_row_4_what_only_yaml_1_1_knows_is_text(text: str) -> None:
    assert value(text) == text


def test_row_4_a_merge_key_is_a_key_like_any_other() -> None:
    assert read("p.yaml", b"a: {<<: {b: 1}}").value == {"a": {"<<": {"b": 1}}}


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF", "+.inf", "1e999", "9" * 30, "9" * 5000])
def test_row_6_numbers_that_cannot_be_kept_are_refused(text: str) -> None:
    assert problems(f"limit: {text}")[0].startswith("p.yaml:1:8: ")


def test_row_7_tag_is_refused_without_a_traceback() -> None:
    found = problems("a: !!python/object/apply:os.system [echo x]\nb: !!str 1")
    assert [line[:12] for line in found] == ["p.yaml:1:4: ", "p.yaml:2:4: "]
    assert "Traceback" not in "".join(found)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_row_8_deep_nesting_is_refused_at_once(opening: str) -> None:
    started = time.monotonic()
    found = problems("v:\n  " + opening * 3000)
    assert f"nested more than {MAX_DEPTH} deep" in found[0]
    assert time.monotonic() - started < 0.5


def test_row_9_second_document_is_refused() -> None:
    assert problems("a: 1\n---\nb: 2\n")[0].startswith("p.yaml:2:1: a second document starts here")


@pytest.mark.parametrize("content", ["", "# only a comment\n", "---\n", "\n\n", "~"])
def test_row_10_empty_file_is_refused(content: str) -> None:
    assert "the file is empty" in problems(content)[0]


def test_row_13_large_files_are_capped_and_many_keys_read_quickly() -> None:
    assert problems(b"#" * (MAX_BYTES + 1)) == (
        f"p.yaml:1:1: the file has {MAX_BYTES + 1} bytes; at most {MAX_BYTES} are read",
    )
    started = time.monotonic()
    document = read("p.yaml", "".join(f"key{i}: {i}\n" for i in range(40_000)).encode())
    assert len(document.value) == 40_000
    assert time.monotonic() - started < 5
    assert "more than 100000 values" in problems("v: [" + "1," * 120_000 + "]")[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: x\x00y", "p.yaml:1:5: invisible character U+0000"),
        (b"a: 1\nb: \x1b[31m", "p.yaml:2:4: invisible character U+001B"),
        (b'a: "\\0"', "p.yaml:1:4: invisible character U+0000"),
        ("a: user\u202enimda".encode(), "p.yaml:1:8: invisible character U+202E"),
        ("a: 1\nse\u200bed: 2".encode(), "p.yaml:2:3: invisible character U+200B"),
        ("a: x\u00ady".encode(), "p.yaml:1:5: invisible character U+00AD"),
        ("a: x\U000e0041y".encode(), "p.yaml:1:5: invisible character U+E0041"),
        ("a: x\u200ey".encode(), "p.yaml:1:5: invisible character U+200E"),
        (b'a: "x\\u2060y"', "p.yaml:1:4: invisible character U+2060"),
        ("a: 1".encode("utf-16"), "byte order mark"),
        ("a: 1".encode("utf-16-be"), "invisible character U+0000"),
        (b"\xef\xbb\xbfa: 1", "byte order mark"),
        (b"a: 1\nb: caf\xe9", "p.yaml:2:7: byte 11 is not UTF-8"),
    ],
)
def test_row_14_only_plain_utf_8_is_read(content: bytes, says: str) -> None:
    assert says in problems(content)[0]


def test_row_14_joiners_of_scripts_that_need_them_stay() -> None:
    assert value("می\u200cخواهم") == "می\u200cخواهم"
    assert value("👩\u200d🔬") == "👩\u200d🔬"


def test_row_15_json_is_held_to_the_same_rules() -> None:
    assert "given twice" in problems('{"limit": 1, "limit": 2}')[0]
    document = read("p.json", b'{"limit": NaN, "other": -Infinity}')
    assert document.value == {"limit": "NaN", "other": "-Infinity"}  # text, which no limit accepts


def test_all_mistakes_come_at_once() -> None:
    found = problems("a: &x 1\na: 2\nb: *x\nc: .nan\nd: !t 1\n")
    assert [line.split(": ")[0] for line in found] == [f"p.yaml:{n}" for n in ("1:4", "2:1", "3:4", "4:4", "5:4")]


def test_places_are_those_an_editor_shows() -> None:
    document = read("é.yaml", "a: ü\nrules:\n  - id: x\n    with: {β: [1, 22]}\n".encode())
    path = ("rules", 0, "with", "β")
    assert document.mark((*path, 1)) == "é.yaml:4:19"
    assert document.key_mark(path) == "é.yaml:4:12"
    assert document.mark((*path, 7, "gone")) == "é.yaml:4:15"
    assert document.mark(("rules", 0)) == "é.yaml:3:5"


@pytest.mark.parametrize("content", ["- a", "text", "? [a]\n: b", "{? {a: b} : c}", "*x : 1", "%YAML 1.1\n---\na: 1"])
def test_what_is_no_mapping_of_text_keys_is_refused(content: str) -> None:
    assert problems(content)


def test_many_mistakes_do_not_flood() -> None:
    assert len(problems("".join(f"k{i}: .nan\n" for i in range(5000)))) < 60


def read_or_refuse(content: bytes) -> None:
    found: tuple[str, ...] = ()
    try:
        document = read("p.yaml", content)
    except YamlError as error:
        found = error.problems
    else:
        assert isinstance(document, Document)
        assert isinstance(document.value, dict)
        return
    assert found
    assert all(line.startswith("p.yaml:") for line in found)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_our_error(content: bytes) -> None:
    read_or_refuse(content)


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet="ab01:-?,[]{}&*!|>'\"%@`#~ \n\t\\.u/$<e", max_size=60))
def test_any_yaml_like_text_gives_a_document_or_our_error(text: str) -> None:
    read_or_refuse(text.encode())


@given(st.text(max_size=30))
def test_any_scalar_resolves_or_is_refused(text: str) -> None:
    try:
        found = resolve(text)
    except ValueError:
        return
    assert found is None or isinstance(found, bool | int | float | str)
