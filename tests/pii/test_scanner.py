"""What the scanner finds, that it needs no network, and that it agrees with Presidio itself."""

import random
import socket
import subprocess
import sys

import pytest

from audit.errors import AuditError, UnknownName
from audit.pii import Span, planted, scan_texts, supported_entities
from audit.pii.entities import HARMLESS_ALONE
from audit.pii.presidio import LANGUAGES
from audit.pii.texts import windows
from audit.pii.texts.plain import decoded, plain

WORDS = ["the", "router", "3", "updates,", "invoice", "2041", "at", "10:45", "on", "line", "A34", "v1.2.3", "(why?)"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def texts_with_values(n, seed):
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(WORDS, k=rng.randrange(1, 25))) for _ in range(n)]
    return [
        planted.insert(text, rng.choice(planted.entities()), rng).text if rng.random() < 0.7 else text for text in texts
    ]


def reference_engine():
    """Presidio put together by its own means: blank pipeline, all predefined recognisers but the one for names."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = SpacyNlpEngine([{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


@pytest.mark.parametrize("context", [(), ("phone",), ("account number",)])
def test_presidio_recognisers_find_exactly_what_presidio_finds(monkeypatch, context):
    import tldextract

    monkeypatch.setattr(tldextract, "extract", tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None))
    engine = reference_engine()
    odd = [
        "",
        " ",
        "NA",
        "a@b",
        "x@y.notatld",
        "٠١٢٣٤٥٦٧٨٩",
        "::1",
        "aa:bb:cc:dd:ee:ff",
        "12\x0034",
        "www.shop.example",
    ]
    texts = texts_with_values(220, seed=5) + odd
    ours = scan_texts(texts, recognisers="presidio", context=context)
    for text, spans in zip(texts, ours, strict=True):
        theirs = engine.analyze(text, language="en", context=list(context))
        assert spans == sorted(Span(r.start, r.end, r.entity_type, r.score) for r in theirs), repr(text)
    assert sum(map(len, ours)) > 150


TOLD_BY_LISTS = (
    "ETHNIC_ORIGIN", "HEALTH", "LOCATION", "NRP", "PERSON", "POLITICS", "RELIGION", "SEXUAL_ORIENTATION", "TITLE",
    "TRADE_UNION",
)  # fmt: skip
"""Kinds of which some planted words are on no list of the recognisers, as of people's words some are."""


@pytest.mark.parametrize("entity", planted.entities())
def test_every_kind_of_value_is_found_where_it_stands(entity):
    rng = random.Random(11)
    made = [planted.insert("please look at the order soon", entity, rng) for _ in range(20)]
    found = scan_texts([one.text for one in made])
    hits = [
        any(
            span.entity == entity and span.score >= 0.4 and span.start < one.end and one.start < span.end
            for span in spans
        )
        for one, spans in zip(made, found, strict=True)
    ]
    assert sum(hits) >= (12 if entity in TOLD_BY_LISTS else 19)


def test_digits_without_a_right_checksum_are_no_card_and_no_iban():
    good = ["4539 5787 6362 1486", "DE89 3704 0044 0532 0130 00"]
    bad = ["4539 5787 6362 1487", "DE88 3704 0044 0532 0130 00"]
    kinds = {"CREDIT_CARD", "IBAN_CODE"}
    assert all(kinds & {span.entity for span in spans} for spans in scan_texts(good))
    assert not any(kinds & {span.entity for span in spans if span.score >= 0.4} for spans in scan_texts(bad))


def test_words_before_a_bare_number_count_only_with_all_recognisers():
    text = ["my passport 244272509 is lost"]
    best = {which: max(span.score for span in scan_texts(text, recognisers=which)[0]) for which in ("all", "presidio")}
    assert best["presidio"] < 0.4 <= best["all"]


def test_name_of_the_column_raises_the_score():
    plain, named = (scan_texts(["244272509"], context=context)[0] for context in ((), ("passport",)))
    assert max(span.score for span in plain) < 0.4 <= max(span.score for span in named)


def test_result_does_not_depend_on_order_or_repeats():
    texts = texts_with_values(40, seed=2)
    once = dict(zip(texts, scan_texts(texts), strict=True))
    assert scan_texts(texts[::-1] * 2) == [once[text] for text in texts[::-1] * 2]


def test_missing_value_words_are_text_without_findings():
    assert scan_texts(["NA", "null", "None", "n/a", ""]) == [[]] * 5


def test_long_text_is_read_in_windows_without_losing_or_doubling_a_value():
    card, mail = "4539 5787 6362 1486", "dora.ito@example.org"
    places = [0, 19_500, 19_995, 38_000, 57_005, 90_000]
    text = ["x "] * 50_000
    for place in places:
        text[place // 2] = f"{card} {mail} "
    whole = "".join(text)
    assert len(whole) > 4 * windows.WINDOW
    found = [span for span in scan_texts([whole])[0] if span.entity in ("CREDIT_CARD", "EMAIL_ADDRESS")]
    assert [whole[span.start : span.end] for span in found] == [card, mail] * len(places)


def test_unknown_words_are_refused_with_a_hint():
    with pytest.raises(UnknownName, match="EMAIL_ADDRESS"):
        scan_texts(["a"], entities=("EMAIL",))
    with pytest.raises(UnknownName):
        scan_texts(["a"], language="xx")
    with pytest.raises(UnknownName):
        scan_texts(["a"], names="guess")
    with pytest.raises(UnknownName):
        scan_texts(["a"], recognisers="some")


def test_a_model_that_is_not_there_is_an_error_and_no_download():
    with pytest.raises(AuditError, match="needs model"):
        scan_texts(["a"], names="model")
    with pytest.raises(AuditError, match="neither an installed"):
        scan_texts(["a"], names="model", model="no_such_pipeline_xyz")
    with pytest.raises(AuditError, match="wordlists"):
        scan_texts(["a"], model="no_such_pipeline_xyz")


def test_a_local_pipeline_finds_names(tmp_path):
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Amira Brandt"}])
    nlp.to_disk(tmp_path / "pipeline")
    spans = scan_texts(["ask Amira Brandt"], names="model", model=str(tmp_path / "pipeline"))[0]
    assert [(span.start, span.entity) for span in spans] == [(4, "PERSON")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_finds_an_address(language):
    assert "EMAIL_ADDRESS" in supported_entities(language=language)
    assert "EMAIL_ADDRESS" in {span.entity for span in scan_texts(["ivo@example.org"], language=language)[0]}


def test_an_iban_before_a_word_is_found_which_presidio_loses():
    text = ["please pay to ES91 2100 0418 4502 0005 1332 soon"]
    expected = Span(14, 43, "IBAN_CODE", 1.0)
    assert expected in scan_texts(text)[0]
    assert expected not in scan_texts(text, recognisers="presidio")[0]


@pytest.mark.parametrize(
    "text", ["DE88 3704 0044 0532 0130 00", "XX89370400440532013000", "DE89 3704 0044 0532 0130 001"]
)
def test_wrong_checksum_country_or_length_is_no_iban(text):
    assert "IBAN_CODE" not in {span.entity for span in scan_texts([text])[0] if span.score >= 0.4}


def test_domain_of_an_address_is_no_url_of_its_own_but_a_link_beside_it_is():
    text = ["write to dora@example.org or see www.example.com"]
    assert [span.entity for span in scan_texts(text)[0]] == ["EMAIL_ADDRESS", "URL"]
    assert [span.entity for span in scan_texts(text, recognisers="presidio")[0]].count("URL") == 2


CARD, MAIL = "4539578763621486", "dora.ito@example.org"


def spelt(text, first_digit, space=" "):
    """The text with the digits of another script and another space."""
    return "".join(
        chr(ord(first_digit) + int(letter)) if letter.isdigit() else space if letter == " " else letter
        for letter in text
    )


@pytest.mark.parametrize("zero", ["\u0660", "\u0966", "\uff10", "\U0001d7ce"])
@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u3000"])
def test_other_digits_and_spaces_are_read_as_the_plain_ones_at_their_places(zero, space):
    plain = "card 4539 5787 6362 1486 of ES91 2100 0418 4502 0005 1332"
    text = spelt(plain, zero, space)
    assert len(text) == len(plain)
    assert scan_texts([text]) == scan_texts([plain])
    assert {span.entity for span in scan_texts([text])[0] if span.score == 1} == {"CREDIT_CARD", "IBAN_CODE"}
    assert scan_texts([text], recognisers="presidio") != scan_texts([plain], recognisers="presidio")


def test_wide_letters_are_read_as_the_plain_ones():
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in MAIL)
    assert scan_texts([f"ask {wide} é"]) == scan_texts([f"ask {MAIL} é"]) != [[]]


def test_letters_that_are_no_look_alikes_stay():
    texts = ["½ ² ① é ß 二 \u200b \n", "naïve façade"]
    assert [plain(text) for text in texts] == texts


@pytest.mark.parametrize("odd", [None, 1, float("nan"), b"x"])
def test_what_is_no_text_is_refused_with_its_place(odd):
    with pytest.raises(AuditError, match="text 1 is"):
        scan_texts(["fine", odd])


ORDINARY = {
    "ten digits": lambda rng: str(rng.randrange(10**9, 10**10)),
    "order number": lambda rng: f"order number {rng.randrange(10**9, 10**10)} is sent",
    "twelve digits": lambda rng: str(rng.randrange(10**11, 10**12)),
    "milliseconds": lambda rng: str(1_600_000_000_000 + rng.randrange(10**11)),
    "microseconds": lambda rng: str(1_600_000_000_000_000 + rng.randrange(10**14)),
    "fraction": lambda rng: str(rng.random() * 1000),
    "version": lambda rng: ".".join(str(rng.randrange(30)) for _ in range(4)),
    "browser": lambda rng: f"{rng.randrange(80, 130)}.0.{rng.randrange(3000, 6999)}.{rng.randrange(200)}",
    "article": lambda rng: "".join(rng.choices("ABCDEFGH", k=2)) + f"{rng.randrange(10**7):07d}",
    "hash": lambda rng: f"{rng.getrandbits(128):032x}",
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_numbers_that_nothing_tells_from_others_are_no_findings(kind):
    rng = random.Random(23)
    spans = scan_texts([ORDINARY[kind](rng) for _ in range(300)])
    counted = [[span for span in found if span.score >= 0.4 and span.entity not in HARMLESS_ALONE] for found in spans]
    assert sum(map(bool, counted)) <= 1


@pytest.mark.parametrize("text", ["call 2125550123", "+12125550123", "(212) 555-0123", "2125550123"])
def test_what_is_written_or_told_as_a_telephone_number_is_one(text):
    context = () if len(text) > 10 else ("phone",)
    assert "PHONE_NUMBER" in {span.entity for span in scan_texts([text], context=context)[0] if span.score >= 0.4}


@pytest.mark.parametrize("entity", ["PHONE_NUMBER", "IBAN_CODE", "PERSON", "DATE_OF_BIRTH", "BR_RG"])
def test_a_scan_for_one_kind_finds_what_a_scan_for_all_finds_of_it(entity):
    rng = random.Random(31)
    texts = texts_with_values(60, seed=31) + [planted.insert("of the order", entity, rng).text for _ in range(20)]
    everything = scan_texts(texts)
    alone = scan_texts(texts, entities=(entity,))
    assert alone == [[span for span in spans if span.entity == entity] for spans in everything]
    assert any(alone)


def test_no_package_for_neural_networks_is_imported_for_patterns():
    program = (
        "import sys\n"
        "from audit.pii import scan_texts\n"
        "assert scan_texts(['write to dora@example.org'])[0]\n"
        "assert not {'torch', 'transformers'} & set(sys.modules), 'imported or still hidden'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("to ivo&#64;example.org now", "EMAIL_ADDRESS", "ivo&#64;example.org"),
        ("to ivo%40example.org", "EMAIL_ADDRESS", "ivo%40example.org"),
        (r'{"to": "ivo\u0040example.org"}', "EMAIL_ADDRESS", r"ivo\u0040example.org"),
        ("to ivo\u200b@example.org, please", "EMAIL_ADDRESS", "ivo\u200b@example.org"),
        ("4111\u00ad1111\u00ad1111\u00ad1111", "CREDIT_CARD", "4111\u00ad1111\u00ad1111\u00ad1111"),
        ("my ssn is 123\u201345\u20136789.", "US_SSN", "123\u201345\u20136789"),
    ],
)
def test_references_and_signs_that_nobody_sees_hide_nothing(text, entity, value):
    spans = [span for span in scan_texts([text])[0] if span.entity == entity and span.score >= 0.4]
    assert [text[span.start : span.end] for span in spans] == [value]


def test_references_to_no_character_stay():
    for text in (r"a \ud800 &#0; &#9999999; b", "a & b"):
        assert decoded(text).text == text
    assert scan_texts(["&#64;", "\u200b"]) == [[], []]


def test_nine_nines_are_no_taxpayer_number():
    found = scan_texts(["999-99-9999", "912-70-1234"], context=("itin",))
    assert [{span.entity for span in spans} & {"US_ITIN"} for spans in found] == [set(), {"US_ITIN"}]
