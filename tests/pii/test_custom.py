"""Recognisers and allow lists of the user's own: what they find, what they drop, and what is wrong with a file."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from audit.pii import custom as files
from audit.pii import scan_texts
from audit.pii.custom import Custom, checksums, read
from audit.pii.patterns.pattern import Text
from audit.yaml_file import YamlError

STAFF = r"""recognisers:
  - entity: STAFF_NUMBER
    pattern: '\bS-[0-9]{6}\b'
    checksum: luhn
    context: [badge]
    score: 0.3
    examples: ['S-104232']
"""


def custom(text: str) -> Custom:
    return read("personal.yaml", text.encode())


def found(own: Custom, text: str, language: str = "en", column: str = "") -> list[tuple[str, str, float]]:
    context = (column,) if column else ()
    spans = own.kept(text, own.find(Text(text, language, context)))
    return [(span.entity, text[span.start : span.end], round(span.score, 2)) for span in sorted(spans)]


def problems(text: str) -> list[str]:
    with pytest.raises(YamlError) as caught:
        custom(text)
    return list(caught.value.problems)


def test_a_pattern_is_checked_by_its_check_digit() -> None:
    own = custom(STAFF)
    assert found(own, "S-104232 and S-104233") == [("STAFF_NUMBER", "S-104232", 1.0)]
    assert own.entities == {"STAFF_NUMBER": "STAFF_NUMBER as the policy's own recognisers find it"}
    assert own.examples == {"STAFF_NUMBER": ("S-104232",)}


def test_words_near_a_match_or_in_the_name_of_the_column_raise_its_score() -> None:
    own = custom(STAFF.replace("    checksum: luhn\n", ""))
    assert found(own, "seen: S-104233") == [("STAFF_NUMBER", "S-104233", 0.3)]
    assert found(own, "badge: S-104233") == [("STAFF_NUMBER", "S-104233", 0.65)]
    assert found(own, "S-104233", column="badge_no") == [("STAFF_NUMBER", "S-104233", 0.65)]
    needed = custom(STAFF.replace("checksum: luhn", "needs_context: true"))
    assert found(needed, "seen: S-104233") == []


def test_a_group_named_value_is_the_finding_and_languages_are_kept_apart() -> None:
    own = custom(
        "recognisers:\n  - {entity: LOCKER, pattern: 'box (?P<value>[0-9]{3})', ignore_case: true, languages: [de]}\n"
    )
    assert found(own, "BOX 123", "de") == [("LOCKER", "123", 0.5)]
    assert found(own, "BOX 123", "en") == []


def test_listed_words_are_found_whole_whatever_their_case_and_spaces() -> None:
    own = custom("recognisers:\n  - {entity: PROJECT, words: [blue heron, heron, C++, 007]}\n")
    assert [what for _, what, _ in found(own, "Blue   HERON, herons, a heron; c++ and 007")] == [
        "Blue   HERON",
        "HERON",
        "heron",
        "c++",
        "007",
    ]


def test_what_is_allowed_is_no_finding_where_it_lies_wholly_inside() -> None:
    own = custom(STAFF + "allow:\n  - words: [badge s-104232]\n  - {pattern: 'T-[0-9]{6}', entities: [OTHER]}\n")
    assert found(own, "badge S-104232") == []
    assert found(own, "my S-104232") == [("STAFF_NUMBER", "S-104232", 1.0)]
    other = custom(STAFF.replace("S-", "T-") + "allow:\n  - {pattern: 'T-[0-9]{6}', entities: [OTHER]}\n")
    assert len(found(other, "T-104232")) == 1


def test_an_allowed_word_hides_what_the_whole_scan_finds() -> None:
    outcome = files.test(
        "personal.yaml",
        (
            STAFF
            + """allow:
  - words: [hotline@example.com]
tests:
  - {text: 'badge S-104232', finds: [STAFF_NUMBER]}
  - {text: 'write to hotline@example.com', finds: []}
  - {text: 'write to ann@example.com', finds: [EMAIL_ADDRESS]}
  - {text: 'write to ann@example.com', finds: []}
  - {text: 'S-104232', finds: [STAFF_NUMBER, EMAIL_ADDRESS]}
"""
        ).encode(),
    )
    assert outcome[:3] == ("", "", "")
    assert outcome[3] == "personal.yaml:14:5: expected nothing, found EMAIL_ADDRESS"
    assert outcome[4] == "personal.yaml:15:5: expected EMAIL_ADDRESS, STAFF_NUMBER, found STAFF_NUMBER"


def test_all_mistakes_are_said_at_once_each_with_its_place() -> None:
    assert problems(
        """recognisers:
  - entity: staff
    pattern: '(a+)+b'
    checksum: lun
    score: 2
    needs_context: true
    languages: [xx]
  - {pattern: 'x[', words: [], colour: red}
  - {entity: EMPTY, checksum: luhn}
  - {entity: AGREED, pattern: 'T-[0-9]{3}', checksum: luhn, examples: [T-12, T-123, T-182]}
allow:
  - entities: [PERSON]
tests:
  - {finds: PERSON}
extra: 1
"""
    ) == [
        'personal.yaml:2:13: "staff" is no entity; use capital letters, digits and _',
        "personal.yaml:3:14: the pattern cannot be used: a repeat without an end (*, + or {1,}) can begin anywhere in "
        "a long run; give it an end, such as {1,64}, or put \\b or another character before it",
        'personal.yaml:4:15: no checksum "lun"; did you mean "luhn"?',
        "personal.yaml:5:12: expected a number above 0 and up to 1",
        "personal.yaml:6:5: needs_context without context finds nothing; list the words",
        'personal.yaml:7:17: no language "xx"; known: en, de, es, fr, it, nl, pl, pt',
        'personal.yaml:8:5: key "entity" is missing; it names what is found',
        "personal.yaml:8:15: the pattern cannot be used: it is no regular expression: "
        "unterminated character set at position 1",
        "personal.yaml:8:21: a recogniser has a pattern or words, not both; make two of it",
        "personal.yaml:8:28: the list is empty; leave the key out",
        'personal.yaml:8:32: no key "colour"; known: entity, name, describes, pattern, words, score, '
        "checksum, context, needs_context, ignore_case, languages, examples",
        'personal.yaml:9:5: key "pattern" is missing, or "words"; one of them says what is found',
        'personal.yaml:9:21: "checksum" goes with a pattern; words are always a finding',
        "personal.yaml:10:72: the pattern does not match this example",
        "personal.yaml:10:78: the check digits of this example are wrong",
        'personal.yaml:12:5: key "words" is missing, or "pattern"; one of them says what is allowed',
        'personal.yaml:14:5: key "text" is missing; a test has a text and the kinds that it finds',
        "personal.yaml:14:13: expected a list of words, such as [one, two]",
        'personal.yaml:15:1: no key "extra"; known: recognisers, allow, tests',
    ]


@pytest.mark.parametrize("text", ["recognisers: []", "tests: []", "recognisers: 3", "[]", "", "allow:\n  - 1"])
def test_a_file_that_says_nothing_is_refused(text: str) -> None:
    assert problems(text)


def test_a_mistake_never_repeats_an_example_or_a_text() -> None:
    lines = problems(STAFF.replace("S-104232", "S-999999") + "tests:\n  - {text: secret words, finds: 1}\n")
    assert lines
    assert not any("999999" in line or "secret words" in line for line in lines)


VALID: Mapping[str, str] = {
    "luhn": "A 7992739871-3",
    "verhoeff": "236-3",
    "damm": "5724",
    "mod_11_10": "794623",
    "mod_11_2": "079X",
    "mod_97_10": "12345676",
    "de.idnr": "36 574 261 809",
    "isbn": "978-9024538270",
}


@pytest.mark.parametrize("name", sorted(VALID))
def test_checksums_by_name_tell_a_changed_digit(name: str) -> None:
    assert name in checksums.names()
    value = VALID[name]
    assert checksums.check(name)(value)
    place = max(position for position, letter in enumerate(value) if letter.isdigit())
    changed = value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
    assert not checksums.check(name)(changed)


def test_a_weak_finding_of_ones_own_hides_none_that_counts() -> None:
    weak = custom(r"""recognisers:
  - entity: HANDLE
    pattern: '\b[a-z]{1,40}@[a-z.]{1,40}'
    score: 0.1
    examples: ['ivo@example.org']
""")
    spans = scan_texts(["write to ivo@example.org today"], custom=weak)[0]
    assert [span.entity for span in spans if span.score >= 0.4] == ["EMAIL_ADDRESS"]


def test_a_sure_finding_of_ones_own_hides_no_other_kind() -> None:
    titles = custom(r"""recognisers:
  - {entity: TITLE, words: [example.org], score: 1.0}
""")
    spans = scan_texts(["write to ivo@example.org today"], custom=titles)[0]
    assert {"EMAIL_ADDRESS", "TITLE"} <= {span.entity for span in spans if span.score >= 0.4}
