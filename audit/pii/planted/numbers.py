"""Makes identifiers: random digits in a given form, with check digits by rules that are written here once more.

The recognisers take most of their rules from a package; a rule that is wrong in either place shows as a value that the
scan does not find.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Maker = Callable[[random.Random, str], str]
"""Makes a value for texts of a language, a two-letter code; the same state of the dice gives the same value."""

CheckDigit = Callable[[str], str | None]
"""Check digits of a body, or None where it can have none, and another body is drawn."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def number(
    bodies: str | tuple[str, ...], *checks: CheckDigit, forms: Sequence[str] = (), at: int | None = None
) -> Maker:
    """A maker of numbers.

    Args:
        bodies: what stands before the check digits, one of several: `#` is a digit, `@` a capital letter, `{dmy}`,
            `{ymd}`, `{Ymd}` and `{dm9y}` (the year without its first digit) are a date of birth, `[...]` is one of its
            letters, and all else is itself.
        checks: rules of the check digits, which follow the body in their order.
        forms: how the number is written, with a `#` for each letter or digit; empty for in one piece.
        at: where the check digits stand instead.
    """
    choices = (bodies,) if isinstance(bodies, str) else bodies

    def make(rng: random.Random, language: str) -> str:
        while True:
            whole = filled(rng.choice(choices), rng)
            for check in checks:
                digits = check(whole)
                if digits is None:
                    break
                whole = whole + digits if at is None else whole[:at] + digits + whole[at:]
            else:
                return written(whole, rng.choice(forms)) if forms else whole

    return make


def either(*makers: Maker) -> Maker:
    """A maker that makes as one of several does."""
    return lambda rng, language: rng.choice(makers)(rng, language)


def filled(form: str, rng: random.Random) -> str:
    """A form with random letters and digits in its places."""
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(55, 100)
    dates = {
        "{dmy}": f"{day:02d}{month:02d}{year}",
        "{ymd}": f"{year}{month:02d}{day:02d}",
        "{Ymd}": f"19{year}{month:02d}{day:02d}",
        "{dm9y}": f"{day:02d}{month:02d}9{year}",
    }

    def one(match: re.Match[str]) -> str:
        place = match[0]
        if place in dates:
            return dates[place]
        return rng.choice({"#": "0123456789", "@": LETTERS}.get(place, place[1:-1]))

    return re.sub(r"\{\w+\}|\[[^\]]+\]|[#@]", one, form)


def written(number: str, form: str) -> str:
    """The characters of a number in the places of a form."""
    letters = iter(number)
    return "".join(next(letters) if place == "#" else place for place in form)


def weighted(
    weights: Sequence[int], modulus: int, *, sign: int = 1, ten: str | None = None, plus: int = 0
) -> CheckDigit:
    """The rule: digits times weights, summed, remainder.

    Args:
        weights: one a digit, letters counting from A as 10.
        modulus: of the sum.
        sign: -1 where the check digit completes the sum instead of repeating its remainder.
        ten: what is written for a remainder of ten; None where such numbers are not given out.
        plus: what is added to the sum.
    """

    def check(body: str) -> str | None:
        total = sum(int(digit, 36) * weight for digit, weight in zip(body, weights, strict=True))
        rest = (sign * total + plus) % modulus
        return str(rest) if rest < 10 else ten

    return check


def luhn(body: str) -> str:
    """Luhn's check digit."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def mod_11_10(body: str) -> str:
    """ISO 7064, MOD 11,10."""
    product = 10
    for digit in body:
        product = (((int(digit) + product) % 10 or 10) * 2) % 11
    return str((11 - product) % 10)


def mod_97_10(body: str) -> str:
    """ISO 7064, MOD 97-10; letters count from A as 10."""
    return f"{98 - int(''.join(str(int(sign, 36)) for sign in body + '00')) % 97:02d}"


def verhoeff(body: str) -> str:
    """The digit that makes the product in the group of the pentagon's symmetries its unit."""
    permuted = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)

    def product(a: int, b: int) -> int:
        turn = (a + b) % 5 if a < 5 else (a - b) % 5
        return turn + 5 * ((a < 5) != (b < 5))

    total = 0
    for place, letter in enumerate(reversed(body), start=1):
        digit = int(letter)
        for _ in range(place % 8):
            digit = permuted[digit]
        total = product(total, digit)
    return str(next(digit for digit in range(10) if product(digit, total) == 0))


def remainder(modulus: int, *, width: int, complement: bool = False) -> CheckDigit:
    """The rule: the whole number's remainder, or what it lacks to the modulus, in so many digits."""

    def check(body: str) -> str:
        rest = int(body) % modulus
        return f"{modulus - rest if complement else rest:0{width}d}"

    return check


_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What the letters A to Z, and the digits 0 to 9 as the first ten, count at the odd places of an Italian number."""


def italian_letter(body: str) -> str:
    """The letter of Italian tax codes and accounts."""
    places = [int(sign) if sign.isdigit() else ord(sign) - 65 for sign in body]
    total = sum(place if index % 2 else _ODD[place] for index, place in enumerate(places))
    return chr(65 + total % 26)


def letter(alphabet: str) -> CheckDigit:
    """The rule: the letter at the place of the number's remainder."""
    return lambda body: alphabet[int(body) % len(alphabet)]
