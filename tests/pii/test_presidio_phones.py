"""Regions that are passed over have no valid number in the text."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from audit.pii.presidio import phones
from audit.pii.presidio.numbering import _KINDS, LEAST_DIGITS, plan

REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
FORMATS = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]


def by_every_region(text):
    """Start and end of each number as Presidio's recogniser asks for them."""
    return {
        (match.start, match.end)
        for region in REGIONS
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=1)
    }


def widest(places):
    return {
        one for one in places if not any(other != one and other[0] <= one[0] and one[1] <= other[1] for other in places)
    }


def examples():
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.PAGER):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield number


def test_no_valid_number_is_shorter_than_what_is_looked_for():
    shortest = min(
        length
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        for region in regions
        for kind in _KINDS
        if (shape := getattr(PhoneMetadata.metadata_for_region_or_calling_code(code, region), kind))
        and shape.national_number_pattern
        for length in [min(shape.possible_length) + (len(str(code)) if region not in REGIONS else 0)]
        if length > 0
    )
    assert shortest >= LEAST_DIGITS


def test_a_plan_never_refuses_a_valid_number():
    for number in examples():
        own = phonenumbers.national_significant_number(number)
        assert plan(str(number.country_code)).may_follow(own)
        for region in REGIONS:
            abroad = phonenumbers.format_out_of_country_calling_number(number, region)
            digits = "".join(filter(str.isdecimal, abroad))
            if "+" not in abroad and phonenumbers.is_valid_number(phonenumbers.parse(abroad, region)):
                assert plan(region).may_hold(digits), (region, abroad)


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_those_of_every_region(seed):
    rng = random.Random(seed)
    all_examples = list(examples())
    for number in rng.sample(all_examples, 25):
        shown = phonenumbers.format_number(number, rng.choice(FORMATS))
        after = rng.choice(
            ["", "x12", " ext. 7", "#", " 555", " / 0171 2345678", "%", "€", "a", " 12#", ";ext=3", "xx1"]
        )
        before = rng.choice(["", "tel ", "00", "1", "(", "on 2020-01-02 ", "a", "7 ", "12:30 "])
        text = before + shown + after
        assert widest(phones.numbers(text, REGIONS, 1)) == widest(by_every_region(text)), text


def test_digits_at_random_are_read_as_in_every_region():
    rng = random.Random(4)
    for _ in range(120):
        text = "".join(rng.choices("0011223344556789 -./()+x#a\u0661\uff0b", k=rng.randrange(5, 40)))
        assert widest(phones.numbers(text, REGIONS, 1)) == widest(by_every_region(text)), repr(text)
