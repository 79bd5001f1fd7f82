"""Croissant cards: a card in order gives the digests of its files, a card that breaks the specification is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.provenance import Claim, Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed
from tests.provenance.formats.cards import CARD, CONTEXT, DIGEST, OLD, OTHER, WORDS, field, of


def read(card: dict[str, Any], path: str = "card.json") -> Record:
    return provenance.read(path, json.dumps(card).encode())[0]


def test_a_card_gives_its_digests_its_lineage_and_its_facts() -> None:
    record = read(CARD, "cards/card.json")
    assert set(record.claims) == {
        Claim("all.zip", "sha256", DIGEST, "input"), Claim("all.zip/csv/rows.csv", "sha256", OTHER, "input"),
        Claim("data/ports.csv", "sha256", OTHER, "input"), Claim("data/ports.csv", "md5", "a" * 32, "input"),
    }  # fmt: skip
    assert record.names_are_paths
    assert record.place("data/ports.csv") == "cards/data/ports.csv"
    assert record.links == (Link("all.zip", "all.zip/csv/rows.csv", "contained in it"),)
    assert record.made == "2026-10-01T08:00:00+02:00"
    assert record.facts["license"] == "https://example.org/license, Terms of the port"
    assert record.facts["cite_as"] == "A. Author, 2026"
    assert record.facts["url"] == "https://example.org/ships"
    assert record.notes == record.caps == ()


def test_a_fetched_file_is_tied_by_its_digest_wherever_it_was_put() -> None:
    content = b"a,b\n"
    card = changed(CARD, "distribution/0/sha256", hashlib.sha256(content).hexdigest())
    records = provenance.read("card.json", json.dumps(card).encode())

    def state(path: str, content: bytes, *, is_model: bool = False) -> str:
        file = provenance.fingerprint(path, content, is_model=is_model)
        return provenance.assess(records, [file]).files[0].state

    assert state("data/raw.zip", content) == state("all.zip", content) == "bound"
    assert state("all.zip", b"other") == "contradicted"
    assert state("data/all.zip", b"other") == "unmentioned", "a file of that name elsewhere may be another"
    assert state("model.onnx", content, is_model=True) == "unmentioned", "a card of data speaks of no model"
    assert len(provenance.read("card.json", json.dumps(changed(card, "distribution/0/sha256", "?")).encode())) == 1


def test_a_card_of_0_8_goes_by_names() -> None:
    record = read(OLD)
    assert record.claims == (Claim("rows.csv", "sha256", DIGEST, "input"),)
    assert record.facts["conforms_to"] == "0.8"
    assert "creator, datePublished" in record.notes[0]
    for place, value in [("recordSet/1/field/0/source/field", "people/aged"), ("distribution/0/name", "two words"),
                         ("distribution/0/name", "r" * 256), ("recordSet/0/field/0/name", ABSENT)]:  # fmt: skip
        with pytest.raises(Malformed, match=r"card\.json"):
            read(changed(OLD, place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("creator", ABSENT), ("license", ABSENT), ("datePublished", "2026"), ("datePublished", "2026-10"),
        ("datePublished", "20261001"), ("@type", ["sc:Dataset", "https://example.org/Thing"]),
        ("conformsTo", ["http://mlcommons.org/croissant/RAI/1.0", "http://mlcommons.org/croissant/1.1"]),
        ("recordSet", ABSENT), ("distribution/0/sha256", "sha256"), ("distribution/1/sha256", ABSENT),
        ("distribution/1/containedIn", "zip"), ("recordSet/2/field/0/source/fileObject", "rows"),
        ("recordSet/1/field/3/arrayShape", "(-1,)"), ("recordSet/0/data", {"kinds/name": "a", "kinds/url": "b"}),
        ("recordSet/0/key", [{"@id": "elsewhere"}]), ("recordSet/2/field/0/dataType", ABSENT),
        ("recordSet/1/description", [{"@value": "text", "@language": "en"}]), ("distribution/3/name", "a  b"),
        ("@context/sc", "http://schema.org/"), ("prov:wasDerivedFrom", {"@id": "urn:x"}),
        ("distribution/0/name", "../x"),
    ],
)  # fmt: skip
def test_what_cards_may_say_otherwise_is_read(place: str, value: Any) -> None:
    read(changed(CARD, place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *((place, ABSENT) for place in
          ("@context", "@type", "name", "conformsTo", "distribution/0/@type", "distribution/0/contentUrl",
           "distribution/0/encodingFormat", "distribution/0/sha256", "distribution/0/@id", "distribution/3/includes",
           "distribution/3/encodingFormat", "distribution/4/@id", "recordSet/0/@type", "recordSet/0/data",
           "recordSet/0/field/0/@id", "recordSet/1/@id", "recordSet/1/field/0/@type",
           "recordSet/1/field/0/@id", "recordSet/1/field/0/dataType", "recordSet/1/field/3/isArray",
           "recordSet/1/field/1/subField/0/@type", "recordSet/1/field/0/source/fileObject",
           "recordSet/1/field/0/source/extract/column", "recordSet/3/field/0/source",
           "recordSet/2/field/0/references", "@context/cr", "@context/dataType", "@context/source", "@context/sc")),
        ("@context", "https://example.org/context"), ("@context", [CONTEXT]), ("@context/@vocab", 5),
        ("@context/cr", {"@id": 5}), ("@context/cr", None), ("@context/@import", "x"),
        ("@context/dataType", "cr:dataType"), ("@context/field", "field:"), ("distribution/0/@context", CONTEXT),
        ("@type", "sc:Datasets"), ("@type", "https://example.org/Dataset"), ("name", 5), ("name", {"en": 5}),
        ("name", {"@id": "x"}), ("sc:name", "again"), ("description", ["a", 42]),
        ("conformsTo", "http://mlcommons.org/croissant/2.0"), ("conformsTo", "http://mlcommons.org/croissant/0.8"),
        ("conformsTo", 5), ("creator", "A. Author"), ("creator", {"name": "A. Author"}), ("datePublished", "soon"),
        ("datePublished", 2026), ("license", 5), ("isLiveDataset", "yes"), ("distribution", "zip"),
        ("distribution/0", "zip"), ("distribution/0/@type", "sc:FileObject"),
        ("distribution/0/@type", "sc:DataDownload"),
        ("distribution/0/@id", "two words"), ("distribution/0/@id", {"@id": "zip"}), ("distribution/0/@id", "ports"),
        ("distribution/0/description", ["text", 42]), ("distribution/0/name", True), ("distribution/0/sha256", 5),
        ("distribution/0/encodingFormat", {"en": "x"}), ("distribution/1/containedIn", {"@id": "nowhere"}),
        ("distribution/1/containedIn", {"@id": "rows"}), ("distribution/0/containedIn", {"@id": "rows"}),
        ("distribution/1/containedIn", {"fileObject": {"@id": "zip"}, "fileSet": {"@id": "images"}}),
        ("distribution/4/containedIn/transform/readLines", "yes"), ("distribution/4/containedIn/transform", {}),
        ("distribution/2/contentUrl", "../ports.csv"), ("distribution/2/contentUrl", "/etc/passwd"),
        ("distribution/2/contentUrl", "a\\b"), ("distribution/2/contentUrl", "C:ports.csv\u0000"),
        ("recordSet/0/@type", "cr:Records"), ("recordSet/0/@id", "zip"), ("recordSet/0/field", "name"),
        ("recordSet/0/data", []), ("recordSet/0/data", "[]"), ("recordSet/0/data", [5]),
        ("recordSet/0/data/0", {"kinds/name": "a"}), ("recordSet/0/data/0", {"label": "a", "url": "b"}),
        ("recordSet/0/key", {}), ("recordSet/1/field/0/@type", "sc:Field"), ("recordSet/1/field/0/name", True),
        ("recordSet/1/field/0/description", {"de": -1.5}), ("recordSet/1/field/0/@id", "ports"),
        ("recordSet/1/field/0/source", [of("ports", "a"), of("ports", "b")]),
        ("recordSet/1/field/0/source", {"@id": "nowhere"}), ("recordSet/1/field/0/source/fileObject/@id", "nowhere"),
        ("recordSet/1/field/0/source/field", {"@id": "kinds/name"}), ("recordSet/1/field/0/value", 5),
        ("recordSet/1/field/0/source/extract/jsonPath", "$.a"), ("recordSet/1/field/0/source/extract", {}),
        ("recordSet/3/field/0/source/extract/fileProperty", "size"), ("recordSet/1/field/0/repeated", "yes"),
        ("recordSet/2/field/3/subField/0/source/transform", {"format": "%Y", "separator": ","}),
        ("recordSet/1/field/3/arrayShape", "a,b"), ("recordSet/1/field/3/isArray", False),
        ("recordSet/2/field/0/references/field/@id", "nowhere"), ("recordSet/2/annotation/@type", "sc:Field"),
        ("recordSet/2/field/3/parentField/source/fileObject/@id", "nowhere"),
        ("recordSet/1/field/0/source/fileObject/@id", "rows"),
    ],
)  # fmt: skip
def test_what_the_specification_forbids_is_refused(place: str, value: Any) -> None:
    with pytest.raises(Malformed, match=r"card\.json"):
        read(changed(CARD, place, value))


def test_the_same_words_in_full_are_the_same_card() -> None:
    text = json.dumps({key: value for key, value in CARD.items() if key != "@context"})
    for word in WORDS:
        text = text.replace(f'"{word}": ', f'"http://mlcommons.org/croissant/{word}": ')
    for word in ("distribution", "name", "contentUrl", "encodingFormat", "sha256"):
        text = text.replace(f'"{word}": ', f'"schema:{word}": ')
    text = text.replace('"sc:', '"schema:').replace('"cr:', '"c:')
    spelled = {"schema": "http://schema.org/", "c": {"@id": "http://mlcommons.org/croissant/"}}
    keep = {key: CONTEXT[key] for key in ("@vocab", "dct", "rai", "conformsTo", "dataType", "data")}
    same = {"@context": {**keep, **spelled, "cr": "c:"}, **json.loads(text)}
    assert read(same) == read(CARD)


def test_a_digest_that_is_none_costs_the_level_beside_the_card_alone() -> None:
    far = read(changed(CARD, "distribution/0/sha256", "https://example.org/placeholder"))
    assert far.caps == ()
    assert "not compared" in far.notes[0]
    near = read(changed(CARD, "distribution/2/sha256", "0b033707ea49365a5ffdd14615825511"))
    assert "not compared" in near.caps[0]
    assert Claim("data/ports.csv", "md5", "a" * 32, "input") in near.claims


def test_a_file_at_no_stated_place_inside_another_is_no_file_beside_the_card() -> None:
    unplaced = changed(CARD, "distribution/1", {**CARD["distribution"][1], "contentUrl": "", "name": "rows.csv"})
    assert "rows.csv" not in {claim.name for claim in read(unplaced).claims}


def test_two_entries_of_one_path_have_to_agree() -> None:
    twin = {**CARD["distribution"][2], "@id": "twin"}
    assert len(read(changed(CARD, "distribution", [*CARD["distribution"], twin])).claims) == 4
    with pytest.raises(Malformed, match="two sha256"):
        read(changed(CARD, "distribution", [*CARD["distribution"], {**twin, "sha256": DIGEST}]))


def test_a_live_dataset_may_leave_digests_out() -> None:
    live = changed(changed(CARD, "distribution/2/sha256", ABSENT), "distribution/2/md5", ABSENT)
    with pytest.raises(Malformed, match="neither sha256 nor md5"):
        read(live)
    record = read({**live, "isLiveDataset": True})
    assert any("no digest" in note for note in record.notes)


def test_only_a_time_with_a_zone_says_when_it_was_made() -> None:
    assert read(changed(CARD, "datePublished", "2026-10-01")).made == ""
    assert read(changed(CARD, "datePublished", "2026-10-01T08:00:00")).made == ""
    assert read({**CARD, "dateModified": "2026-11-01T00:00:00Z"}).made == "2026-11-01T00:00:00+00:00"


def test_unknown_words_of_responsible_ai_are_noted() -> None:
    assert "rai:dataBiase" in read({**CARD, "rai:dataBiase": "x"}).notes[0]


def test_sources_need_a_join_between_each_two() -> None:
    more = field("harbours/other", source=of("rows", "x"))
    columns = CARD["recordSet"][1]["field"]
    with pytest.raises(Malformed, match="no reference joins"):
        read(changed(CARD, "recordSet/1/field", [*columns, more]))
    joined = {**more, "references": {"fileObject": {"@id": "ports"}, "extract": {"column": "x"}}}
    read(changed(CARD, "recordSet/1/field", [*columns, joined]))


def test_fields_that_only_come_from_each_other_have_no_type() -> None:
    circle = [{"@type": "cr:Field", "@id": f"loop/{n}", "source": {"field": {"@id": f"loop/{1 - n}"}}} for n in (0, 1)]
    with pytest.raises(Malformed, match="dataType"):
        read({**CARD, "recordSet": [{"@type": "cr:RecordSet", "@id": "loop", "field": circle}]})


def test_long_chains_and_deep_nesting_end() -> None:
    inside: dict[str, Any] = field("f")
    for number in range(40):
        inside = field(f"f{number}", subField=[inside])
    chain = [
        {**CARD["distribution"][1], "@id": f"c{n}", "containedIn": {"@id": f"c{n - 1}" if n else "zip"}}
        for n in range(2000)
    ]
    long = [{"@type": "cr:Field", "@id": f"r/{n}", "source": {"@id": f"r/{n + 1}"}} for n in range(5000)]
    read({**CARD, "recordSet": [{"@type": "cr:RecordSet", "@id": "r", "field": [*long, field("r/5000", value=1)]}]})
    for key, value in (
        ("recordSet", [{"@type": "cr:RecordSet", "@id": "r", "field": [inside]}]),
        ("distribution", [CARD["distribution"][0], *chain]),
    ):
        with pytest.raises(Malformed):
            read({**CARD, key: value})


def outcome(card: dict[str, Any]) -> str:
    """What became of a card: it was read, or refused with the place first."""
    try:
        read(card)
    except Malformed as problem:
        return str(problem).partition(":")[0]
    return "read"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["zip", "cr:Field", "@id"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CARD, *WORDS, "@id"]), inner),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["distribution", "recordSet", "@context"]), st.integers(0, 3), st.data())
def test_any_change_is_read_or_refused(key: str, number: int, data: st.DataObject) -> None:
    inner = CARD[key][number] if isinstance(CARD[key], list) else CARD[key]
    place = f"{key}/{number}" if isinstance(CARD[key], list) else key
    word = data.draw(st.sampled_from(sorted(inner)))
    assert outcome(changed(CARD, f"{place}/{word}", data.draw(VALUES))) in ("read", "card.json")


def test_a_card_speaks_of_data_and_never_of_a_model() -> None:
    card = {
        "@context": CARD["@context"], "@type": "sc:Dataset", "name": "rows", "conformsTo": CARD["conformsTo"],
        "distribution": [{"@type": "cr:FileObject", "@id": "a", "name": "a", "contentUrl": "a.csv",
                          "encodingFormat": "text/csv", "sha256": hashlib.sha256(b"rows").hexdigest()}],
    }  # fmt: skip
    records = provenance.read("card.json", json.dumps(card).encode())

    def level(content: bytes, *, is_model: bool) -> str:
        file = replace(provenance.fingerprint("a.csv", content), is_model=is_model)
        return provenance.assess(records, [file]).level

    assert [level(b"rows", is_model=False), level(b"rows", is_model=True)] == ["bound", "well_formed"]
    assert level(b"changed", is_model=False) == "present"
