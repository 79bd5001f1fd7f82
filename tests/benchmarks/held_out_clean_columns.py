"""Columns that hold no personal data, drawn for `pii_columns` by somebody who had not seen the scan.

Two of each of 47 kinds, by different seeds: codes of shops, laboratories, libraries, factories and airlines, numbers,
logs, JSON and sentences of fixed grammars in German, Spanish, Dutch, Italian and Polish, made by `random`; slogans and
user agents by Faker; and lists that come with Python (names of signs, media types, error messages, its own manual) and
with scikit-learn (measured columns of two tables).

The sample of each column is printed by `python -m tests.benchmarks.held_out_clean_columns`.
"""

from __future__ import annotations

import errno
import json
import mimetypes
import os
import pydoc_data.topics
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pandas as pd
from faker import Faker
from sklearn.datasets import load_breast_cancer, load_wine

ROWS = 1000
SEEDS = (904_551, 904_552)

Maker = Callable[[], object]

_DISH = (
    "Risotto|Ravioli|Tagliatelle|Gnocchi|Zuppa|Insalata|Frittata|Torta salata|Crostata|Vellutata",
    "ai funghi|con zucca e salvia|al limone|di ceci|con ricotta e spinaci|al pesto|di farro|ai carciofi|con noci",
    "(vegetariano)|(senza glutine)|, porzione piccola|, piatto del giorno|con pane di segale|",
)
_ANSWER = (
    "Die Bedienung ist|Das Menü war|Die Lieferzeit war|Der Fragebogen ist|Die App bleibt|Das Handbuch ist",
    "viel zu lang|recht übersichtlich|besser als im letzten Jahr|für Anfänger schwer verständlich|völlig in Ordnung",
    "und das stört mich kaum.|, weiter so!|, mehr Auswahl wäre gut.|, daher nur drei Punkte.|; sonst keine Wünsche.",
)
_REVIEW = (
    "El tamaño es correcto|Llegó bien embalado|La batería dura poco|Buen color|No cumple lo prometido|Muy cómodo",
    "pero hace ruido|y se limpia fácil|aunque el cable es corto|y la tela no encoge|pero huele a plástico",
    "lo volvería a comprar|le doy 3 de 5|no lo recomiendo|ideal para el verano|relación calidad-precio justa",
)
_PAYMENT = (
    "Kartenzahlung|Lastschrift|Dauerauftrag|Gutschrift|Umbuchung|Entgelt",
    "Supermarkt|Strom Abschlag|Miete Stellplatz|Retoure Schuhe|Sparplan|Kontoführung|Tankstelle|Rundfunkbeitrag",
)
_LAW = "UStG|EStG|BGB|SGB V|AO|HGB|StVO|BauGB"
_STATE = (
    "w realizacji|wysłano|oczekuje na płatność|zwrot przyjęty|do odbioru|anulowano|brak na stanie|częściowo wydano",
    "|, partia druga|, kontrola jakości|, palety 1-4|, faktura w przygotowaniu",
)
_COMMIT = (
    "fix|feat|chore|docs|refactor|test|perf",
    "cart|parser|cache|scheduler|export|search index|retry queue",
    "handle empty input|bump minor version|drop unused flag|round half to even|cover time-out|speed up by batching",
)
_TOOL = (
    "Klopboormachine|Schuurpapier|Inbusset|Waterpas|Kitspuit|Verlengsnoer|Muurverf|Ladder",
    "wit|grijs|verzinkt|extra sterk|inklapbaar|voor buiten|navulbaar",
)
_GROUP = "methyl|ethyl|chloro|bromo|hydroxy|nitro|amino|fluoro"
_PARENT = "pentane|hexan-2-one|benzoic acid|pyridine|cyclohexanol|butanal|octene|thiophene|naphthalene|propanamide"
_GENES = "TP53|EGFR|KRAS|PTEN|MYH7|CFTR|GAPDH|SCN5A|FBN1|NOTCH1|VHL|RB1"
_CARRIERS = "LH|AF|KL|IB|SK|AY|LO|TP|OS|U2|FR|W6"
_SHELVES = "QA|TK|PN|HD|SB"
_JOBS = "reindex|thumbnail|backup|import|vacuum|digest"


def clean_columns() -> Iterator[tuple[str, pd.Series]]:
    """Each column, with its name and seed."""
    for seed in SEEDS:
        draw = random.Random(seed)
        for part in (coded, traded, technical, written, generated, packaged):
            for name, make in part(draw).items():
                yield f"{name} {seed}", pd.Series([make() for _ in range(ROWS)], name=name)


def coded(draw: random.Random) -> dict[str, Maker]:
    """Codes of libraries, laboratories and airlines."""
    number = draw.randrange
    return {
        "isbn13": lambda: isbn(draw),
        "cas_no": lambda: cas(draw),
        "loinc": lambda: luhn(str(number(1000, 99_999)), "-"),
        "variant": lambda: (
            f"NM_{number(10**6):06}.{number(1, 9)}:c.{number(1, 4000)}{draw.choice(('A>G', 'C>T', 'del'))}"
        ),
        "marker": lambda: f"{pick(draw, _GENES)} exon {number(1, 30)}",
        "compound": lambda: (
            f"{number(2, 6)}-{pick(draw, _GROUP)}-{number(1, 5)}-{pick(draw, _GROUP)}{pick(draw, _PARENT)}"
        ),
        "cote": lambda: f"{pick(draw, _SHELVES)}{number(10, 9999)} .{letter(draw)}{number(10, 99)} 20{number(24):02}",
        "vol": lambda: f"{pick(draw, _CARRIERS)} {number(10, 9999)}",
        "seat": lambda: f"{number(1, 42)}{draw.choice('ABCDEF')}",
    }


def traded(draw: random.Random) -> dict[str, Maker]:
    """Prices, goods, parcels and papers of trade."""
    number = draw.randrange
    return {
        "valor": lambda: f"R$ {number(1, 9)}.{number(1000):03},{number(100):02}",
        "marge": lambda: f"{draw.gauss(12, 6):.1f} %".replace(".", ","),
        "hs_code": lambda: f"{number(1, 97):02}{number(1, 30):02}.{number(10, 99)}.{number(0, 100, 10):02}",
        "barcode": lambda: ean(f"{draw.choice((400, 500, 761, 871))}{number(10**9):09}"),
        "sendung": lambda: parcel(draw),
        "beleg": lambda: draw.choice(
            (f"RE-2023-{number(10**5):05}", f"GS {number(10**4)}/24", f"INV{number(10**6, 10**7)}")
        ),
        "bestelnr": lambda: 4_500_000_000 + number(800_000),
        "value": lambda: f"{letter(draw)}-{number(1, 40):02}-{number(1, 90):02}-{number(1, 6)}",
        "karton": lambda: f"{number(10, 130)} x {number(10, 90)} x {number(4, 60)} cm, {draw.uniform(0.2, 31):.1f} kg",
    }


def technical(draw: random.Random) -> dict[str, Maker]:
    """What machines write."""
    number = draw.randrange
    return {
        "etag": lambda: f'"{draw.getrandbits(128):032x}"',
        "ref": lambda: "01" + "".join(draw.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24)),
        "client_version": lambda: f"{number(90, 131)}.0.{number(4000, 7000)}.{number(10, 220)}",
        "release": lambda: f"{number(1, 12)}.{number(30)}.{number(20)}.{number(10)}",
        "usec": lambda: 1_690_000_000_000_000 + number(3 * 10**13),
        "logged": lambda: (
            f"2024-{number(1, 13):02}-{number(1, 29):02}T{number(24):02}:{number(60):02}:07.{number(1000):03}Z"
        ),
        "plan": lambda: f"*/{number(5, 31)} {number(24)} * * {number(1, 3)}-{number(4, 6)}",
        "satz": lambda: f"G1 X{draw.uniform(0, 300):.2f} Y{draw.uniform(-90, 90):.2f} F{number(300, 3000, 50)}",
        "part": lambda: (
            f"GRM{number(15, 33)}{number(9)}R7{number(9)}{letter(draw)}{number(101, 476)}KA{number(10, 99)}D"
        ),
        "couleur": lambda: f"#{number(2**24):06x}",
        "payload": lambda: json.dumps({"sku": number(10**5), "qty": number(1, 40), "ok": draw.random() < 0.9}),
        "line": lambda: (
            f"[worker-{number(8)}] INFO {pick(draw, _JOBS)} done in {number(4, 900)} ms, {number(5000)} items"
        ),
        "status": lambda: draw.choice(("0x0000", "0x00FF", "ERR_17", "ok", "degraded", "n/a")),
    }


def written(draw: random.Random) -> dict[str, Maker]:
    """Sentences and names of things, in several languages."""
    number = draw.randrange
    return {
        "piatto": lambda: sentence(draw, _DISH),
        "antwort": lambda: sentence(draw, _ANSWER),
        "opinion": lambda: ", ".join(pick(draw, slot) for slot in _REVIEW) + ".",
        "verwendungszweck": lambda: f"{sentence(draw, _PAYMENT)} {number(1, 13):02}/2024",
        "rechtsgrundlage": lambda: f"§ {number(1, 140)} Abs. {number(1, 6)} Nr. {number(1, 9)} {pick(draw, _LAW)}",
        "stan": lambda: sentence(draw, _STATE),
        "subject": lambda: "{}({}): {}".format(*(pick(draw, slot) for slot in _COMMIT)),
        "omschrijving": lambda: f"{sentence(draw, _TOOL)}, {number(1, 90)} {draw.choice(('mm', 'W', 'm', 'stuks'))}",
    }


def generated(draw: random.Random) -> dict[str, Maker]:
    """Slogans and user agents, by Faker."""
    fake = Faker("en_US")
    fake.seed_instance(draw.randrange(10**6))
    return {"tagline": fake.catch_phrase, "ua": fake.user_agent}


def packaged(draw: random.Random) -> dict[str, Maker]:
    """Lists that come with Python, and columns of scikit-learn's tables."""
    symbols = [unicodedata.name(chr(code), "") for code in range(0x2190, 0x2400)]
    lists: dict[str, Sequence[object]] = {
        "glyph": [symbol for symbol in symbols if symbol],
        "content_type": sorted(set(mimetypes.types_map.values())),
        "message": [f"[Errno {code}] {os.strerror(code)}" for code in sorted(errno.errorcode)],
        "doc": manual(),
        "col_7": load_wine(as_frame=True).frame["color_intensity"].tolist(),
        "x3": load_breast_cancer(as_frame=True).frame["mean area"].tolist(),
    }
    return {name: partial(draw.choice, values) for name, values in lists.items()}


def manual() -> list[str]:
    """Sentences of Python's manual on numbers and operators, which name nobody."""
    texts = (pydoc_data.topics.topics[name] for name in ("operator-summary", "comparisons", "assignment", "slicings"))
    sentences = re.split(r"(?<=\.)\s+", " ".join(re.sub(r"\s+", " ", text) for text in texts))
    return [entry for entry in sentences if 30 < len(entry) < 200]


def sentence(draw: random.Random, slots: Sequence[str]) -> str:
    """One choice of each slot, in a row."""
    return " ".join(pick(draw, slot) for slot in slots).strip().replace(" ,", ",").replace(" ;", ";")


def pick(draw: random.Random, choices: str) -> str:
    """One of several choices, parted by bars."""
    return draw.choice(choices.split("|"))


def letter(draw: random.Random) -> str:
    """A capital."""
    return draw.choice("ABCDEFGHKLMNPRSTVWXZ")


def ean(digits: str) -> str:
    """Twelve digits and their check digit (GS1: weights 1 and 3)."""
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


def isbn(draw: random.Random) -> str:
    """An ISBN with its hyphens."""
    group, publisher = draw.choice(("0", "1", "2", "3")), f"{draw.randrange(200, 700)}"
    digits = ean(f"978{group}{publisher}{draw.randrange(10**5):05}")
    return f"978-{group}-{publisher}-{digits[7:12]}-{digits[12]}"


def cas(draw: random.Random) -> str:
    """A CAS registry number: the digits weighed by their place from the right, modulo 10."""
    digits = str(draw.randrange(5000, 10**7))
    check = sum(place * int(digit) for place, digit in enumerate(reversed(digits), 1)) % 10
    return f"{digits[:-2]}-{digits[-2:]}-{check}"


def luhn(digits: str, sign: str) -> str:
    """Digits, a sign and the check digit by Luhn's rule (ISO/IEC 7812-1)."""
    doubled = "".join(str(int(digit) * (1 if place % 2 else 2)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{sign}{-sum(map(int, doubled)) % 10}"


def parcel(draw: random.Random) -> str:
    """A tracking number: UPS's form, or that of the Universal Postal Union (S10: weights 8 6 4 2 3 5 9 7)."""
    if draw.random() < 0.5:
        return f"1Z{draw.randrange(10**6):06X}{draw.randrange(10**10):010}"
    digits = f"{draw.randrange(10**8):08}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"R{letter(draw)}{digits}{ {10: 0, 11: 5}.get(check, check) }{draw.choice(('DE', 'SE', 'CH', 'NL'))}"


if __name__ == "__main__":
    for label, column in clean_columns():
        print(f"{label:28}", " ~ ".join(map(str, column[:3])))
