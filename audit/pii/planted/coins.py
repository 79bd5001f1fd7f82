"""Makes addresses of cryptocurrencies: random payloads with the checksums that their networks ask for.

Source: Bitcoin's Base58Check (version 0 a key, 5 a script) and Bech32 (BIP 173, version 0 with 20 bytes); Ethereum's
addresses in small letters, where no checksum is written, and the specimens of EIP-55, whose capitals are the checksum.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_EIP55 = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)  # fmt: skip


def address(rng: random.Random, language: str) -> str:
    """An address in one of five forms."""
    return rng.choice((_of_key, _of_script, _segwit, _ethereum, _ethereum_with_checksum))(rng)


def _of_key(rng: random.Random) -> str:
    return "1" + _base58(b"\x00" + rng.randbytes(20))


def _of_script(rng: random.Random) -> str:
    return _base58(b"\x05" + rng.randbytes(20))


def _base58(payload: bytes) -> str:
    """Payload and checksum as a number to the base 58; a leading zero byte is left to the caller."""
    number = int.from_bytes(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4], "big")
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = _BASE58[rest] + letters
    return letters


def _segwit(rng: random.Random) -> str:
    words = [0, *(rng.randrange(32) for _ in range(32))]
    # The letters of "bc": their high bits, a zero, their low bits.
    check = _remainder([3, 3, 0, 2, 3, *words, 0, 0, 0, 0, 0, 0]) ^ 1
    return "bc1" + "".join(_BECH32[word] for word in (*words, *(check >> 5 * (5 - place) & 31 for place in range(6))))


def _remainder(words: Iterable[int]) -> int:
    """Remainder of the polynomial over the field of 32 elements whose coefficients are the words."""
    total = 1
    for word in words:
        top, total = total >> 25, (total & 0x1FFFFFF) << 5 ^ word
        for place, generator in enumerate(_GENERATORS):
            total ^= generator * (top >> place & 1)
    return total


def _ethereum(rng: random.Random) -> str:
    return f"0x{rng.getrandbits(160):040x}"


def _ethereum_with_checksum(rng: random.Random) -> str:
    return rng.choice(_EIP55)
