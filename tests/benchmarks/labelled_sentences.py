"""English sentences with labelled personal data, for benchmarks of the scanner.

`development()`: the templates in `labelled_sentences.txt`, with values of Faker for people of several countries and of
the seen part of `presidio-evaluator`'s lists. What recognisers are improved with.

`generated()`: the generator of `presidio-evaluator` (MIT). Its templates, its 3,000 people of FakeNameGenerator.com and
its companies are split: a quarter of the templates and a third of the lists were looked at in development, with all
their errors. Its forms of addresses and phone numbers are those of its published code, and common to both parts.

Held out are the other templates and rows. What was known of them in development: their scores by entity, and at least
three of their errors (a street and a nationality that were missed, a given name behind "I'm"). So that the values are
new, half of the held-out people are replaced by people of `FRESH_LOCALES`, which the development sentences do not use.

Labels are Presidio's words; streets, places and postal addresses are LOCATION, links and domains URL.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from faker import Faker

TEMPLATES = Path(__file__).with_suffix(".txt")
LOCALES = ("en_US",) * 6 + (
    "en_GB", "en_GB", "en_IN", "en_CA", "en_AU", "de_DE", "es_MX", "fr_FR", "it_IT", "pl_PL", "nl_NL", "pt_BR", "cs_CZ",
    "da_DK", "fi_FI", "hr_HR", "hu_HU", "no_NO", "sv_SE", "tr_TR", "id_ID", "zu_ZA", "ro_RO", "yo_NG",
)  # fmt: skip
FRESH_LOCALES = (
    "en_IE", "en_NZ", "en_IE", "en_NZ", "de_AT", "de_CH", "es_ES", "es_CO", "fr_CH", "fr_CA", "nl_BE", "pt_PT", "sk_SK",
    "sl_SI", "et_EE", "lt_LT", "lv_LV", "az_AZ", "sq_AL", "tw_GH", "it_CH",
)  # fmt: skip
"""For the held-out part alone."""

AS_PRESIDIO = {"STREET_ADDRESS": "LOCATION", "GPE": "LOCATION", "DOMAIN_NAME": "URL"}
TEMPLATE_PARTS, LIST_PARTS = 4, 3
"""One of so many of their templates and of their lists' rows was looked at in development."""

LOWER_CASE = 0.05
"""Share of development sentences without capital letters; the held-out ones have the same."""


Maker = tuple[str, Callable[[], str]]
"""An entity, and what makes one value of it."""


@dataclass(frozen=True)
class Label:
    """A value in a sentence: its characters from `start` up to `end`, and what it is."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True)
class Sentence:
    """A text and the values in it, in the order of their start."""

    text: str
    labels: tuple[Label, ...]


def development(count: int, *, seed: int = 1) -> list[Sentence]:
    """Sentences from the project's own templates."""
    written = TEMPLATES.read_text(encoding="utf-8").splitlines()
    lines = [line for line in written if line[0] not in "#="]
    lists = {line.split()[1]: line.split(" ", 2)[2].split("; ") for line in written if line[0] == "="}
    rng = random.Random(seed)
    values = _Values(rng, lists)
    return [filled(rng.choice(lines), values.makers, rng) for _ in range(count)]


def generated(count: int, *, seed: int = 2, seen: bool = False) -> list[Sentence]:
    """Sentences from the generator of `presidio-evaluator`: of the held-out part, or of the one that was seen."""
    from presidio_evaluator.data_generator import PresidioSentenceFaker
    from presidio_evaluator.data_generator import presidio_sentence_faker as theirs
    from presidio_evaluator.data_generator.faker_extensions import HospitalProvider, OrganizationProvider

    class Companies(OrganizationProvider):
        """Their companies of one part."""

        def load_organizations(self) -> pd.DataFrame:
            """Their list's part."""
            return _their_companies(seen=seen)

    # Its hospitals are fetched from a web site; no template asks for one.
    providers = [
        one
        for one in theirs.presidio_additional_entity_providers
        if one not in (HospitalProvider, OrganizationProvider)
    ]
    # The file writes line breaks as \\n, which its own reader no longer turns into one.
    lines = theirs.presidio_templates_file_path.read_text(encoding="utf-8").splitlines()
    templates = [
        line.strip().replace("\\n", "\n") for place, line in enumerate(lines) if (place % TEMPLATE_PARTS == 0) == seen
    ]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        generator = PresidioSentenceFaker(
            "en_US",
            LOWER_CASE,
            sentence_templates=templates,
            entity_providers=[*providers, Companies],
            base_records=_their_people(seen=True) if seen else _half_fresh(_their_people(seen=False), seed),
            random_seed=seed,
        )
        samples = generator.generate_new_fake_sentences(count)
    return [
        Sentence(
            sample.full_text,
            tuple(
                Label(span.start_position, span.end_position, AS_PRESIDIO.get(span.entity_type, span.entity_type))
                for span in sorted(sample.spans, key=lambda span: span.start_position)
            ),
        )
        for sample in samples
    ]


def _their_people(*, seen: bool) -> pd.DataFrame:
    from presidio_evaluator.data_generator.faker_extensions.datasets import load_fake_person_df

    random.seed(1)  # whether a name has a middle initial is drawn while they are loaded
    people = load_fake_person_df()
    return people[(people.index % LIST_PARTS == 0) == seen]


def _half_fresh(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every second of the people with the name, the street, the town and the phone number of somebody else."""
    rng = random.Random(seed)
    fakers = [Faker(locale) for locale in FRESH_LOCALES]
    for place, fake in enumerate(fakers):
        fake.seed_instance(seed + place)
    people = people.copy()
    for row in people.index[::2]:
        fake = rng.choice(fakers)
        for column, make in (
            ("first_name", fake.first_name), ("last_name", fake.last_name), ("street_name", fake.street_address),
            ("city", fake.city), ("zipcode", fake.postcode), ("phone_number", fake.phone_number),
        ):  # fmt: skip
            people.loc[row, column] = make().replace("\n", " ")
        people.loc[row, ["person", "name"]] = f"{people.loc[row, 'first_name']} {people.loc[row, 'last_name']}"
    return people


def _their_companies(*, seen: bool) -> pd.DataFrame:
    from presidio_evaluator.data_generator import raw_data_dir

    companies = pd.read_csv(raw_data_dir / "companies_and_organizations.csv", delimiter="\t")
    return companies[(companies.index % LIST_PARTS == 0) == seen]


class _Values:
    """Values of Faker and of the lists beside the templates, by the words that the templates use."""

    def __init__(self, rng: random.Random, lists: dict[str, list[str]]) -> None:
        self._rng = rng
        self._people = _their_people(seen=True).to_dict(orient="records")
        self._companies = _their_companies(seen=True)["organization"].tolist()
        self._fakers = [Faker(locale) for locale in LOCALES]
        self._english = Faker("en_US")
        for place, fake in enumerate([self._english, *self._fakers]):
            fake.seed_instance(rng.random() + place)
        self.makers: dict[str, Maker] = {
            "person": ("PERSON", lambda: rng.choice((self._person, self._of_list("person")))()),
            "town": ("LOCATION", lambda: rng.choice((lambda: rng.choice(lists["town"]), self._of_list("city")))()),
            "company": (
                "ORGANIZATION",
                lambda: rng.choice(rng.choice((lists["company"], self._companies))),
            ),
            "first_name": ("PERSON", lambda: self._any().first_name()),
            "last_name": ("PERSON", lambda: self._any().last_name()),
            "title": ("TITLE", lambda: rng.choice(("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Mr", "Miss"))),
            "job": ("TITLE", lambda: self._english.job().split(",")[0].lower()),
            "organization": ("ORGANIZATION", lambda: self._any().company()),
            "city": ("LOCATION", lambda: rng.choice((self._known_city, lambda: self._any().city()))()),
            "state": ("LOCATION", self._english.state),
            "country": ("LOCATION", self._english.country),
            "street": ("LOCATION", lambda: rng.choice((self._street, self._of_list("street_name")))()),
            "address": ("LOCATION", self._address),
            "zip_code": ("ZIP_CODE", self._english.postcode),
            "phone": (
                "PHONE_NUMBER",
                lambda: rng.choice((lambda: self._any().phone_number(), self._of_list("phone_number")))(),
            ),
            "email": ("EMAIL_ADDRESS", lambda: self._english.email()),
            "url": ("URL", lambda: rng.choice((self._english.url, self._english.domain_name))()),
            "ip": ("IP_ADDRESS", lambda: rng.choice((self._english.ipv4, self._english.ipv6))()),
            "ssn": ("US_SSN", self._english.ssn),
            "iban": ("IBAN_CODE", self._english.iban),
            "credit_card": ("CREDIT_CARD", self._english.credit_card_number),
            "license": ("US_DRIVER_LICENSE", lambda: self._english.bothify(rng.choice(("?#######", "?########")))),
            "date": ("DATE_TIME", self._date),
            "dob": ("DATE_TIME", self._date),
            "year": ("DATE_TIME", self._english.year),
            "weekday": ("DATE_TIME", self._english.day_of_week),
            "age": ("AGE", lambda: str(rng.randint(1, 99))),
            "nationality": ("NRP", lambda: rng.choice(("French", "Kenyan", "Irish", "Chilean", "Thai", "Danish"))),
        }

    def _any(self) -> Faker:
        return self._rng.choice(self._fakers)

    def _of_list(self, column: str) -> Callable[[], str]:
        return lambda: str(self._rng.choice(self._people)[column])

    def _person(self) -> str:
        fake = self._any()
        middle = self._rng.choice(("", "", "", f" {self._rng.choice('ABCDEFGHJKLMNPRSTW')}", f" {fake.first_name()}"))
        dot = "." if len(middle) == 2 and self._rng.random() < 0.5 else ""
        return f"{fake.first_name()}{middle}{dot} {fake.last_name()}"

    def _street(self) -> str:
        fake = self._rng.choice((self._english, self._any()))
        # Some lands' providers give a street as two lines.
        return str(self._rng.choice((fake.street_name, fake.street_address))()).replace("\n", " ")

    def _known_city(self) -> str:
        return self._rng.choice(
            ("Leeds", "Chicago", "Nairobi", "Porto", "Hamburg", "Osaka", "Boston", "Lyon", "Cape Town", "San Diego")
        )

    def _address(self) -> str:
        fake = self._fakers[self._rng.randrange(8)]
        lines = fake.address()
        return self._rng.choice((lines, lines.replace("\n", ", "), lines.replace("\n", " ")))

    def _date(self) -> str:
        form = self._rng.choice(("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %B %Y", "%d %b", "%d.%m.%Y"))
        return str(self._english.date_of_birth().strftime(form))


def filled(template: str, makers: Mapping[str, Maker], rng: random.Random) -> Sentence:
    """A sentence with fresh values, now and then without capital letters.

    Args:
        template: text in which {kind} stands for a value and \\n for a new line.
        makers: entity of each kind, and what makes its values.
        rng: source of the case.
    """
    template = template.replace("\\n", "\n")
    text, labels, end = "", [], 0
    for match in re.finditer(r"\{(\w+)\}", template):
        entity, make = makers[match[1]]
        text += template[end : match.start()]
        value = make()
        labels.append(Label(len(text), len(text) + len(value), entity))
        text += value
        end = match.end()
    text += template[end:]
    lowered = text.lower()
    return Sentence(lowered if rng.random() < LOWER_CASE and len(lowered) == len(text) else text, tuple(labels))
