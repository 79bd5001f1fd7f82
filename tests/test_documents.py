"""Text, JSON and images as tables: every value reaches a cell, and damaged files are refused without being quoted."""

from __future__ import annotations

import io
import json
import random
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from audit import api
from audit.data import image_metadata, nested_json, text
from audit.data.layout import Layout
from audit.errors import MissingExtra, SubjectError
from audit.subject import Subject

OPEN = Layout(strict=False)


def of_json(document: Any) -> list[dict[str, Any]]:
    """The rows, without missing values."""
    frame = nested_json.read(json.dumps(document).encode(), name="d.json", layout=OPEN)
    return [row.dropna().to_dict() for _, row in frame.astype(object).iterrows()]


def picture(format: str, **saved: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "green").save(file, format=format, **saved)
    return file.getvalue()


def exif() -> Image.Exif:
    records = Image.Exif()
    records[0x013B] = "Ivo Example"
    records[0x9C9D] = "ivo@example.org".encode("utf-16-le")
    records.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "Grüße".encode("utf-16-be")
    position = records.get_ifd(0x8825)
    position[1], position[2], position[3], position[4] = "S", (33.0, 51.0, 24.84), "E", (151.0, 12.0, 54.0)
    return records


def cells(content: bytes) -> dict[str, str]:
    return {str(name): column[0] for name, column in image_metadata.read(content, name="i").items()}


def test_a_paragraph_is_a_row_and_a_log_is_cut_at_line_ends() -> None:
    read = text.read(b"\xef\xbb\xbfIvo Example\r\nAm Wehr 3\r\n\r\n\r\nBye\r\n", name="a.txt", layout=OPEN)
    assert read["text"].tolist() == ["Ivo Example\nAm Wehr 3", "Bye"]
    lines = [f"2026-01-01 request {place} from 192.0.2.7" for place in range(1000)]
    rows = text.read("\n".join(lines).encode(), name="a.log", layout=OPEN)["text"]
    assert "\n".join(rows).split("\n") == lines
    assert len(rows) > 5
    assert rows.str.len().max() <= text.LONGEST


@pytest.mark.parametrize("content", [b"", b" \n\n", b"caf\xe9", b"a\0b"])
def test_text_that_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(SubjectError, match=r"a\.txt"):
        text.read(content, name="a.txt", layout=OPEN)


def test_every_value_of_nested_json_has_a_row_and_a_column() -> None:
    document = {
        "exported": "2026-01-01",
        "people": [
            {"name": "Ivo", "contact": {"mail": "ivo@example.org", "phones": ["030 1", "030 2"]}, "age": 40},
            {"name": "Ada", "contact": None, "orders": [{"id": 1}, {"id": 2}]},
        ],
    }
    assert of_json(document) == [
        {"exported": "2026-01-01"},
        {"people[].name": "Ivo", "people[].contact.mail": "ivo@example.org", "people[].age": 40.0},
        {"people[].contact.phones[]": "030 1"},
        {"people[].contact.phones[]": "030 2"},
        {"people[].name": "Ada"},
        {"people[].orders[].id": 1.0},
        {"people[].orders[].id": 2.0},
    ]
    assert of_json([{"name": "Ivo"}, {"name": "Ada", "vip": True}])[1] == {"name": "Ada", "vip": True}
    assert of_json("Ivo") == [{"value": "Ivo"}]
    assert of_json([["a"], [["b"]]]) == [{"value": "a"}, {"value": "b"}]
    assert of_json([{"x": 1}, {"x": "one"}]) == [{"x": "1"}, {"x": "one"}]


def test_keys_of_large_objects_are_values() -> None:
    rows = of_json({"by_mail": {f"p{place}@example.org": {"age": place} for place in range(300)}})
    assert rows[7] == {"by_mail.{key}": "p7@example.org", "by_mail{}.age": 7.0}
    assert len(rows) == 300


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"{}", b"[[], {}]", b"{'a': 1}", b'{"ivo@example.org": 1, "ivo@example.org": 2}',
        b'{"ivo@example.org": NaN}', b'{"ivo@example.org": 1e999}', b"[" * 50_000 + b"]" * 50_000,
        b'{"a":' * 150 + b"1" + b"}" * 150, b'["\\u0000"]', b'["\\ud800"]', b'["ivo@example.org"',
    ],
)  # fmt: skip
def test_json_that_is_no_data_is_refused_without_a_quote(content: bytes) -> None:
    with pytest.raises(SubjectError, match=r"d\.json") as refused:
        nested_json.read(content, name="d.json", layout=OPEN)
    assert "ivo" not in str(refused.value)


def test_keys_that_are_no_names_of_columns_are_values_once() -> None:
    people = [{"ivo@example.org": {"vip": True}, "Ada Example": 1, "plain_key": 2, "@id": "x"}] * 2
    told = [row["{key}"] for row in of_json(people[0]) if "{key}" in row]
    assert told == ["ivo@example.org", "Ada Example"]
    assert [row["people[].{key}"] for row in of_json({"people": people}) if "people[].{key}" in row] == told


def test_of_two_values_at_the_end_of_one_way_both_are_read() -> None:
    rows = of_json({"a.b": "ivo@example.org", "a": {"b": "other"}})
    assert [row["a.b"] for row in rows if "a.b" in row] == ["ivo@example.org", "other"]


@pytest.mark.parametrize(
    ("limit", "content"),
    [
        ("LONGEST", b'["' + b"a" * 1000 + b'"]'),
        ("MOST_PARTS", b"[" + b"1," * 1000 + b"1]"),
        ("MOST_PARTS", b"[" + b"[1]," * 500 + b"{}]"),
        ("MOST_CELLS", json.dumps([{f"a{row}": row} for row in range(40)]).encode()),
    ],
)
def test_json_that_takes_too_much_memory_is_refused_with_what_to_do(
    limit: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested_json.read(content, name="d.json", layout=OPEN)
    monkeypatch.setattr(nested_json, limit, 1000)
    with pytest.raises(SubjectError, match=r"at most 1000 are read, .*Parquet or CSV"):
        nested_json.read(content, name="d.json", layout=OPEN)


def test_json_lines_under_the_name_of_a_document_are_told_how_to_be_named() -> None:
    with pytest.raises(SubjectError, match=r"d\.json:2:1: .*name the file \.jsonl"):
        nested_json.read(b'{"a": 1}\n{"a": 2}\n', name="d.json", layout=OPEN)


@pytest.mark.parametrize("content", [b"%PDF-1.7\nivo@example.org\n%%EOF", b"{\\rtf1 ivo@example.org}"])
def test_a_document_with_a_form_of_its_own_is_no_text(content: bytes) -> None:
    with pytest.raises(SubjectError, match=r"a\.txt is an? (PDF|RTF) document") as refused:
        text.read(content, name="a.txt", layout=OPEN)
    assert "ivo" not in str(refused.value)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "PNG"])
def test_exif_is_read_with_the_position(format: str) -> None:
    found = cells(picture(format, exif=exif()))
    assert found["Artist"] == "Ivo Example"
    assert found["XPAuthor"] == "ivo@example.org"
    assert found["UserComment"] == "Grüße"
    assert found["GPS position"] == "33.856900 S 151.215000 E"


def test_records_of_a_tiff_are_read() -> None:
    found = cells(picture("TIFF", exif=exif()))
    assert (found["Artist"], found["XPAuthor"]) == ("Ivo Example", "ivo@example.org")


def test_comments_texts_and_xmp_are_read() -> None:
    assert cells(picture("JPEG", comment=b"ask ivo@example.org"))["comment"] == "ask ivo@example.org"
    assert cells(picture("GIF", comment=b"ask Ada"))["comment"] == "ask Ada"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ivo Example")
    texts.add_text("Comment", "ivo@example.org", zip=True)
    texts.add_itxt("Description", "Grüße", zip=True)
    found = cells(picture("PNG", pnginfo=texts))
    assert (found["PNG Author"], found["PNG Comment"], found["PNG Description"]) == (
        "Ivo Example", "ivo@example.org", "Grüße",
    )  # fmt: skip
    whole = picture("PNG")
    late = b"Author\0Ada"
    late = len(late).to_bytes(4, "big") + b"tEXt" + late + b"\0\0\0\0"
    assert cells(whole[:-12] + late + whole[-12:])["PNG Author"] == "Ada"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>Ivo Example</dc:creator></x:xmpmeta>'
    found = cells(picture("WEBP", xmp=xmp))
    assert "Ivo Example" in found["xmp"]
    assert "adobe:ns" not in found["xmp"]


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def test_several_records_of_one_name_are_all_read() -> None:
    whole = picture("PNG")
    texts = chunk(b"tEXt", b"Comment\0ivo@example.org") + chunk(b"tEXt", b"Comment\0nothing")
    assert cells(whole[:33] + texts + whole[33:])["PNG Comment"] == "ivo@example.org\nnothing"
    whole = picture("JPEG", comment=b"ivo@example.org")
    later = b"\xff\xfe\x00\x09nothing"
    assert cells(whole[:-2].replace(b"\xff\xdb", later + b"\xff\xdb", 1) + whole[-2:])["comment"] == (
        "ivo@example.org\nnothing"
    )


def test_records_of_later_pages_are_read() -> None:
    file = io.BytesIO()
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    second = Image.Exif()
    second[0x013B] = "Ivo Example"
    pages[1].encoderinfo = {"exif": second}
    pages[0].save(file, format="TIFF", save_all=True, append_images=pages[1:])
    assert cells(file.getvalue())["Artist"] == "Ivo Example"


@pytest.mark.parametrize("parts", [(0.0, 0.0, 0.0), (IFDRational(0, 0),) * 3])
def test_a_device_without_a_position_tells_none(parts: tuple[Any, ...]) -> None:
    from audit.pii import scan_texts

    nowhere = exif()
    nowhere.get_ifd(0x8825).update({2: parts, 4: parts})
    told = cells(picture("JPEG", exif=nowhere)).get("GPS position", "")
    assert not [span for span in scan_texts([told])[0] if span.score >= 0.4]


def test_the_picture_of_a_png_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_prepare", lambda self: pytest.fail("the picture is read"))
    whole = picture("PNG")
    late = picture("PNG", exif=exif())
    start = late.index(b"eXIf") - 4
    records = late[start : start + 12 + int.from_bytes(late[start : start + 4], "big")]
    assert cells(whole)["format"] == "PNG"
    assert cells(whole[:-12] + records + whole[-12:])["Artist"] == "Ivo Example"


def test_texts_that_unpack_to_very_much_are_cut_where_the_scan_says_so_or_refused() -> None:
    from audit.pii.columns.cells import MAX_CELL

    packed = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"ivo@example.org " * 4_000_000, 9))
    whole = picture("PNG")
    told = cells(whole[:-12] + packed + whole[-12:])["PNG Comment"]
    assert len(told) == image_metadata.LONGEST > MAX_CELL
    many = b"".join(packed.replace(b"Comment", b"Numb%03d" % place) for place in range(100))
    with pytest.raises(SubjectError, match=r"i has more than 2000 records or 20000000 characters"):
        cells(whole[:-12] + many + whole[-12:])


def test_iptc_is_read() -> None:
    record = b"\x1c\x02\x50\x00\x0bIvo Example" + b"\x1c\x02\x5a\x00\x05Celle"
    resource = b"8BIM\x04\x04\0\0" + len(record).to_bytes(4, "big") + record + b"\0" * (len(record) % 2)
    segment = b"Photoshop 3.0\0" + resource
    whole = picture("JPEG")
    found = cells(whole[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + whole[2:])
    assert (found["IPTC Author"], found["IPTC City"]) == ("Ivo Example", "Celle")


def test_damaged_images_are_refused_or_read_and_nothing_else() -> None:
    rng = random.Random(0)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "ivo@example.org" * 9, zip=True)
    wholes = [picture("JPEG", exif=exif()), picture("TIFF", exif=exif()), picture("PNG", exif=exif(), pnginfo=texts)]
    for trial in range(300):
        content = bytearray(wholes[trial % 3])
        for _ in range(rng.randint(1, 6)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        del content[rng.choice([len(content), rng.randrange(len(content))]) :]
        refusal = ""
        try:
            image_metadata.read(bytes(content), name="i.jpg")
        except SubjectError as refused:
            refusal = str(refused)
        assert refusal.startswith("i.jpg") or not refusal
        assert "ivo" not in refusal


def test_a_picture_of_a_trillion_pixels_is_not_unpacked() -> None:
    whole = bytearray(picture("PNG"))
    whole[16:24] = (1_000_000).to_bytes(4, "big") * 2
    with pytest.raises(SubjectError, match=r"i\.png"):
        image_metadata.read(bytes(whole), name="i.png")


def test_without_pillow_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"auditgate\[images\]"):
        image_metadata.read(b"", name="i.png")


@pytest.mark.parametrize("name", ["photo.heic", "letter.pdf", "people.xlsx", "people"])
def test_a_file_that_is_not_read_is_told_which_are(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"ivo@example.org")
    error = api.measure("pii", tmp_path / name, {}).measured.error
    assert error.startswith("the subject has no data.train|")
    assert f'"{name}" was taken for a model' in error
    assert all(ending in error for ending in (".csv", ".json", ".txt", ".jpg"))
    assert "ivo" not in error


@pytest.mark.slow
def test_files_are_subjects_of_the_check(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture("JPEG", exif=exif()))
    (tmp_path / "a.json").write_text(json.dumps({"list": [{"iban": "DE89370400440532013000"}]}))
    (tmp_path / "a.txt").write_text("Please write to ivo@example.org.\n\nThank you\n")
    for name, entity in (("a.jpg", "LOCATION"), ("a.json", "IBAN_CODE"), ("a.txt", "EMAIL_ADDRESS")):
        found = api.measure("pii", tmp_path / name, {}).measured
        assert not found.error
        assert float(found.result.measures[f"cell_share.{entity}"].value) > 0, name


def test_a_text_or_json_file_can_still_be_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    subject = Subject.load(tmp_path / "model.json")
    assert subject.has("model")
    assert subject.has("data.test")
    assert subject.model_path == tmp_path / "model.json"


def test_a_subject_may_name_such_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes("Grüße von Ivo".encode("latin-1"))
    (tmp_path / "audit.yaml").write_text("subject: notes\ndata:\n  test: {path: notes.txt, encoding: latin-1}\n")
    frame = Subject.load(tmp_path / "audit.yaml").test.frame
    assert frame is not None
    assert frame["text"].tolist() == ["Grüße von Ivo"]
