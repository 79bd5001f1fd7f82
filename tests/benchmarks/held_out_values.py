"""Personal values of one kind each, as people write them, for `held_out_personal_columns`.

Where numbers are set aside for examples, those are drawn: domains (RFC 2606), addresses of networks (RFC 5737, 3849)
and devices (RFC 7042), British, American, French and German telephone numbers for films (Ofcom, NANPA, ARCEP,
Bundesnetzagentur), card numbers for tests of payments, the 999 range of the NHS. Others are drawn at random with valid
check digits, by Faker or python-stdnum.
"""

from __future__ import annotations

import datetime
import hashlib
import random
import string
import unicodedata
import zlib
from itertools import pairwise

from faker import Faker
from stdnum import luhn, verhoeff
from stdnum.cl import rut

CARDS = (
    "4111111111111111|4012888888881881|4242424242424242|4000056655665556|5555555555554444|5105105105105100|"
    "5200828282828210|2223003122003222|378282246310005|371449635398431|6011111111111117|3566002020360505"
)
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
STREETS_EN = "Mill Lane|Station Road|Victoria Terrace|Church Street|Orchard Close|High Street|Park Avenue|Elm Grove"
TOWNS_EN = "Leeds LS6 2AB|York YO24 1QW|Bristol BS7 8RT|Exeter EX4 6NH|Norwich NR3 2PL|Derby DE22 3XE|Bath BA2 5DS"
STREETS_US = "Maple Street|Oak Drive|Lincoln Avenue|Cedar Court|Sunset Boulevard|2nd Street|Willow Road|Highland Ave"
TOWNS_US = "Dayton, OH 45402|Tucson, AZ 85719|Eugene, OR 97401|Boise, ID 83702|Akron, OH 44308|Tulsa, OK 74103"
STREETS_FR = "rue des Lilas|avenue Jean Jaurès|boulevard Voltaire|place de la Mairie|impasse du Moulin|rue Pasteur"
TOWNS_FR = "69003 Lyon|44000 Nantes|31500 Toulouse|35200 Rennes|67000 Strasbourg|13006 Marseille|21000 Dijon"
STREETS_ES = "Calle Mayor|Avenida de la Constitución|Calle del Carmen|Plaza de España|C/ San Juan|Paseo de la Estación"
TOWNS_ES = "28013 Madrid|46002 Valencia|41004 Sevilla|50003 Zaragoza|29015 Málaga|37001 Salamanca"


def one(draw: random.Random, choices: str) -> str:
    """One of several choices, parted by bars."""
    return draw.choice(choices.split("|"))


def digits(draw: random.Random, count: int) -> str:
    """Digits that do not start with 0."""
    return str(draw.randrange(10 ** (count - 1), 10**count))


def full_name(draw: random.Random, fake: Faker) -> str:
    """First and last name."""
    return f"{fake.first_name()} {fake.last_name()}"


def email(draw: random.Random, fake: Faker) -> str:
    """An address at a domain for examples."""
    domain = one(draw, "example.com|example.org|example.net|mail.example.com|post.example.org")
    sign, suffix = one(draw, ".|_||-"), one(draw, "|||7|84|1990")
    user = fake.user_name() if draw.random() < 0.3 else f"{fake.first_name()}{sign}{fake.last_name()}".lower()
    plain = (
        unicodedata.normalize("NFKD", user)
        .encode("ascii", "ignore")
        .decode()
        .translate({ord(" "): None, ord("'"): None})
    )
    return f"{plain}{suffix}@{domain}"


def british_phone(draw: random.Random, fake: Faker) -> str:
    """A number that Ofcom keeps for drama."""
    three = f"{draw.randrange(1000):03}"
    return one(draw, f"020 7946 0{three}|07700 900{three}|+44 7700 900{three}|(0161) 496 0{three}|0117 496 0{three}")


def american_phone(draw: random.Random, fake: Faker) -> str:
    """A number of the exchange 555-01XX."""
    area, two = one(draw, "212|415|312|617|206|303|704"), f"{draw.randrange(100):02}"
    return one(draw, f"({area}) 555-01{two}|{area}-555-01{two}|+1 {area} 555 01{two}|{area}.555.01{two}")


def french_phone(draw: random.Random, fake: Faker) -> str:
    """A number that ARCEP keeps for films."""
    a, b = (f"{draw.randrange(100):02}" for _ in range(2))
    return one(draw, f"01 99 00 {a} {b}|06 39 98 {a} {b}|06.39.98.{a}.{b}|+33 6 39 98 {a} {b}|+33 (0)1 99 00 {a} {b}")


def german_phone(draw: random.Random, fake: Faker) -> str:
    """A number that the Bundesnetzagentur keeps for media."""
    three, two = f"{draw.randrange(1000):03}", f"{draw.randrange(100):02}"
    return one(draw, f"030 23125-{three}|(089) 99998 {three}|+49 30 23125 {three}|0171 39200{two}|0176 040690{two}")


def spanish_phone(draw: random.Random, fake: Faker) -> str:
    """A mobile telephone's number."""
    rest = digits(draw, 8)
    return one(draw, f"6{rest[:2]} {rest[2:5]} {rest[5:]}|6{rest[:2]} {rest[2:4]} {rest[4:6]} {rest[6:]}|+34 6{rest}")


def polish_phone(draw: random.Random, fake: Faker) -> str:
    """A mobile telephone's number."""
    a, b, c = (digits(draw, 3) for _ in range(3))
    return one(draw, f"+48 5{a[1:]} {b} {c}|6{a[1:]} {b} {c}|6{a[1:]}-{b}-{c}")


def card(draw: random.Random, fake: Faker) -> str:
    """A card number for tests of payments."""
    number = one(draw, CARDS)
    cuts = (0, 4, 10, 15) if len(number) == 15 else (0, 4, 8, 12, 16)
    return one(draw, "| |-").join(number[low:high] for low, high in pairwise(cuts))


def iban(draw: random.Random, fake: Faker) -> str:
    """A number of an account, in groups of four or without spaces."""
    number = str(fake.iban())
    return number if draw.random() < 0.4 else " ".join(number[low : low + 4] for low in range(0, len(number), 4))


def aadhaar(draw: random.Random, fake: Faker) -> str:
    """India's number, with Verhoeff's check digit."""
    body = f"{draw.randrange(2, 10)}{draw.randrange(10**10):010}"
    number = f"{body}{verhoeff.calc_check_digit(body)}"
    return f"{number[:4]} {number[4:8]} {number[8:]}" if draw.random() < 0.6 else number


def nhs(draw: random.Random, fake: Faker) -> str:
    """England's number of a patient: weights 10 to 2, modulo 11; 999 is kept for tests."""
    while True:
        body = f"999{draw.randrange(10**6):06}"
        check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        if check < 10:
            return f"999 {body[3:6]} {body[6:]}{check}"


def south_african(draw: random.Random, fake: Faker) -> str:
    """A South African number: day of birth, four digits, citizenship, 8, Luhn's digit."""
    body = f"{birthday(draw):%y%m%d}{draw.randrange(10**4):04}{draw.randrange(2)}8"
    return f"{body}{luhn.calc_check_digit(body)}"


def chilean(draw: random.Random, fake: Faker) -> str:
    """A Chilean number, with its points or without."""
    body = draw.randrange(4_000_000, 25_000_000)
    grouped = f"{body:,}".replace(",", ".") if draw.random() < 0.6 else str(body)
    return f"{grouped}-{rut.calc_check_digit(str(body))}"


def belgian(draw: random.Random, fake: Faker) -> str:
    """A Belgian number: day of birth before 2000, three digits, 97 less the remainder."""
    body = f"{birthday(draw):%y%m%d}{draw.randrange(1, 998):03}"
    check = f"{97 - int(body) % 97:02}"
    return one(draw, f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check}|{body}{check}")


def french_security(draw: random.Random, fake: Faker) -> str:
    """A French number of social security, in its groups or without spaces."""
    place, entry = draw.choice((6, 13, 21, 33, 44, 69, 75)), draw.randrange(1, 900)
    body = f"{draw.choice('12')}{birthday(draw):%y%m}{place:02}{draw.randrange(1, 500):03}{entry:03}"
    groups = [body[low:high] for low, high in pairwise((0, 1, 3, 5, 7, 10, 13))]
    return one(draw, "| ").join([*groups, f"{97 - int(body) % 97:02}"])


def birthday(draw: random.Random) -> datetime.date:
    """A day from 1945 to 1999."""
    return datetime.date(1945, 1, 1) + datetime.timedelta(days=draw.randrange(20_000))


def birth_words(draw: random.Random, fake: Faker) -> str:
    """A day, with the month's English name or its number."""
    return birthday(draw).strftime(one(draw, "%d %B %Y|%d/%m/%Y|%B %d, %Y|%Y-%m-%d"))


def birth_figures(draw: random.Random, fake: Faker) -> str:
    """A day in figures, as on the continent."""
    return birthday(draw).strftime(one(draw, "%d/%m/%Y|%d.%m.%Y|%d-%m-%Y"))


def british_address(draw: random.Random, fake: Faker) -> str:
    """Street, town and postcode."""
    return f"{draw.randrange(1, 140)} {one(draw, STREETS_EN)}, {one(draw, TOWNS_EN)}"


def american_address(draw: random.Random, fake: Faker) -> str:
    """Street, town, state and ZIP code."""
    return f"{draw.randrange(100, 9900)} {one(draw, STREETS_US)}{one(draw, '||, Apt 4')}, {one(draw, TOWNS_US)}"


def french_address(draw: random.Random, fake: Faker) -> str:
    """Street, postcode and town."""
    return f"{draw.randrange(1, 140)}{one(draw, '| bis|,')} {one(draw, STREETS_FR)}, {one(draw, TOWNS_FR)}"


def spanish_address(draw: random.Random, fake: Faker) -> str:
    """Street, floor, postcode and town."""
    return f"{one(draw, STREETS_ES)} {draw.randrange(1, 140)}, {one(draw, '3º B, |2º izq., |')}{one(draw, TOWNS_ES)}"


def faker_address(draw: random.Random, fake: Faker) -> str:
    """Faker's, in one line."""
    return str(fake.address()).replace("\n", ", ")


def network_address(draw: random.Random, fake: Faker) -> str:
    """An address kept for documentation."""
    if draw.random() < 0.3:
        return f"2001:db8:{draw.getrandbits(16):x}:{draw.getrandbits(16):x}::{draw.getrandbits(16):x}"
    return f"{one(draw, '192.0.2|198.51.100|203.0.113')}.{draw.randrange(1, 255)}"


def device_address(draw: random.Random, fake: Faker) -> str:
    """An address kept for documentation, or one that is set by hand."""
    first = one(draw, "00 00 5e 00 53|02 42 ac 1b 9d|06 3f 71 c8 20")
    return one(draw, ":|-").join([*first.split(), f"{draw.randrange(256):02x}"])


def bitcoin(draw: random.Random, fake: Faker) -> str:
    """An address of the first form (Base58Check), or one of Ethereum in small letters."""
    if draw.random() < 0.4:
        return f"0x{draw.getrandbits(160):040x}"
    body = b"\x00" + draw.randbytes(20)
    left = int.from_bytes(body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4])
    text = ""
    while left:
        left, place = divmod(left, 58)
        text = BASE58[place] + text
    return "1" + text


def github_token(draw: random.Random, fake: Faker) -> str:
    """A token with its six signs of CRC-32."""
    body = "".join(draw.choices(BASE62, k=30))
    left, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        left, place = divmod(left, 62)
        check = BASE62[place] + check
    return f"ghp_{body}{check}"


def cloud_key(draw: random.Random, fake: Faker) -> str:
    """A key of AWS or Google, or a token of Slack."""
    letters = "".join(draw.choices(string.ascii_uppercase + "234567", k=16))
    slack = f"xoxb-{digits(draw, 12)}-{digits(draw, 12)}-{''.join(draw.choices(BASE62, k=24))}"
    return one(draw, f"AKIA{letters}|AIza{''.join(draw.choices(BASE62 + '_-', k=35))}|{slack}")


def password(draw: random.Random, fake: Faker) -> str:
    """A word, signs and digits."""
    return f"{one(draw, 'Tulip|gr8Wolf|Sunset|kiwi|Marble|zephyr')}{one(draw, '!|#|_|$')}{draw.randrange(10, 9999)}"


def record_number(draw: random.Random, fake: Faker) -> str:
    """Seven or eight digits."""
    return digits(draw, draw.choice((7, 8)))


def passport(draw: random.Random, fake: Faker) -> str:
    """Nine digits, as on British and American passports."""
    return digits(draw, 9)


def british_plate(draw: random.Random, fake: Faker) -> str:
    """A plate since 2001, without the letters I, O and Q."""
    letters = draw.choices("ABCDEFGHKLMNPRSTVWXY", k=5)
    year = draw.choice((0, 50)) + draw.randrange(2, 25)
    return f"{letters[0]}{letters[1]}{year:02}{one(draw, '| ')}{''.join(letters[2:])}"


def italian_plate(draw: random.Random, fake: Faker) -> str:
    """A plate since 1994, without the letters I, O, Q and U."""
    letters = "".join(draw.choices("ABCDEFGHJKLMNPRSTVWXYZ", k=4))
    return f"{letters[:2]}{one(draw, '| ')}{draw.randrange(1000):03}{one(draw, '| ')}{letters[2:]}"
