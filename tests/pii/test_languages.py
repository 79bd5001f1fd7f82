"""Names, places and numbers in the words of the other languages, and names that are a whole cell."""

from __future__ import annotations

import pytest

from audit.pii import scan_texts


def found(text: str, language: str, *context: str) -> set[tuple[str, str]]:
    """Kind and text of the findings that count."""
    spans = scan_texts([text], language=language, context=context)[0]
    return {(span.entity, text[span.start : span.end]) for span in spans if span.score >= 0.4}


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("de", "Konto gesperrt, Kontoinhaber Heike Brinkmann.", "Heike Brinkmann"),
        ("de", "Mein Mann Torsten nimmt Tabletten.", "Torsten"),
        ("de", "Unterschrieben von Karl-Heinz Vogel", "Karl-Heinz Vogel"),
        ("de", "Vorname: Xaveria\nOrt: Jena", "Xaveria"),
        ("de", "Laut Anja Krause von Maschinenbau Lohr", "Anja Krause"),
        ("nl", "Onze collega Sanne Kuipers van Drukwerk BV belt.", "Sanne Kuipers"),
        ("fr", "Selon Julie Garnier, il pleut.", "Julie Garnier"),
        ("pl", "Nazwisko: Wrzosowska", "Wrzosowska"),
    ],
)
def test_what_people_are_called_by_is_no_part_of_their_name(language: str, text: str, name: str) -> None:
    assert ("PERSON", name) in found(text, language)


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("de", "Tangerhütte, den 14. Juni 1992", "Tangerhütte"),
        ("fr", "Fait à Roussillac, le 3 mai 2011", "Roussillac"),
        ("it", "Residente a Pieve Alta di Sotto", "Pieve Alta di Sotto"),
        ("nl", "Woonplaats: Nieuwer Ter Aa", "Nieuwer Ter Aa"),
    ],
)
def test_a_place_before_a_date_or_behind_its_word_needs_no_list(language: str, text: str, place: str) -> None:
    assert ("LOCATION", place) in found(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Der Umsatz stieg, am 3. Mai 2011 fiel er wieder."),
        ("de", "Anja Krause, 3. Mai 1990"),
        ("en", "Released on Monday, 3 May 2011"),
    ],
)
def test_other_words_before_a_date_are_no_place(language: str, text: str) -> None:
    assert not any(kind == "LOCATION" for kind, _ in found(text, language))


@pytest.mark.parametrize(
    ("language", "text", "kind", "value"),
    [
        ("fr", "Julie a 45 ans et chante.", "AGE", "45"),
        ("es", "C.P.: 28013", "ZIP_CODE", "28013"),
        ("it", "CAP: 20121", "ZIP_CODE", "20121"),
        ("es", "Matrícula SE 5303 BX", "LICENSE_PLATE", "SE 5303 BX"),
        ("pl", "kom. 601 555 010", "PHONE_NUMBER", "601 555 010"),
        ("pt", "telemóvel (351) 912 000 111", "PHONE_NUMBER", "(351) 912 000 111"),
        ("pl", "inż. Wrona dzwonił", "TITLE", "inż."),
        ("nl", "drs. van der Meer belde", "TITLE", "drs."),
        ("pt", "Rua Moreira, S/N\n7978-415 Sabugal", "LOCATION", "Rua Moreira, S/N\n7978-415 Sabugal"),
        ("fr", "0255 vitale 255081416802538", "FR_INSEE", "255081416802538"),
        ("de", "itin 922-73-1432", "US_ITIN", "922-73-1432"),
        ("it", "AMKA 18026427585", "GR_AMKA", "18026427585"),
        ("it", "partita iva 00743110157", "IT_VAT_CODE", "00743110157"),
        ("es", "DNI 12.345.678-Z", "ES_NIF", "12.345.678-Z"),
        ("de", "USt DE 136 695 976", "DE_VAT_ID", "DE 136 695 976"),
        ("de", "Nationalität: Vietnamesisch", "NRP", "Vietnamesisch"),
        ("de", "Rechnung von Gierschner GmbH liegt bei", "ORGANIZATION", "Gierschner GmbH"),
        ("nl", "ik werk bij van den Berg B.V. in Utrecht", "ORGANIZATION", "van den Berg B.V."),
        ("es", "la cooperativa Olivares S.Coop. vende", "ORGANIZATION", "Olivares S.Coop."),
        ("pl", "firma Nowak Sp.k. z Gdyni", "ORGANIZATION", "Nowak Sp.k."),
        ("de", "kennzeichen b-mw 1234", "DE_KFZ", "b-mw 1234"),
        ("en", "vin 1hgcm82633a004352", "VIN", "1hgcm82633a004352"),
        ("en", "mail anna.roe@printer.local now", "EMAIL_ADDRESS", "anna.roe@printer.local"),
        ("en", "see http://wiki.corp/page1 for it", "URL", "http://wiki.corp/page1"),
        ("fr", "avenue Foch\n75116 Paris", "LOCATION", "avenue Foch\n75116 Paris"),
    ],
)
def test_forms_of_each_language(language: str, text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text, language)


@pytest.mark.parametrize("cell", ["Neha Mukherjee", "neha mukherjee", "Orla Dahlquist", "emily sinclair"])
def test_two_names_that_are_a_cell_stand_for_themselves(cell: str) -> None:
    spans = scan_texts([cell], context=("status",))[0]
    assert any(span.entity == "PERSON" and span.score >= 0.7 for span in spans)


@pytest.mark.parametrize("cell", ["olive oil", "Alice Blue", "San Marino", "Morgan Stanley", "Rose Garden"])
def test_two_words_that_name_a_thing_do_not(cell: str) -> None:
    spans = scan_texts([cell], context=("status",))[0]
    assert not any(span.basis == "word list" and span.entity == "PERSON" and span.score == 0.75 for span in spans)
