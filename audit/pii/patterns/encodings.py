"""Decodes the spellings of keys and addresses that carry a checksum: base58check, bech32, cashaddr and EIP-55.

Source: Bitcoin wiki "Base58Check encoding"; BIP-173 and BIP-350; CashAddr specification; EIP-55; Keccak reference,
version 3.0 (Ethereum's hash pads with 01, not with the 06 of SHA-3, so `hashlib` does not have it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BASE32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASHADDR_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_BECH32_ENDS = (1, 0x2BC830A3)
"""What the checksum leaves: of bech32 and of bech32m."""


def base58check(written: str) -> bytes | None:
    """Payload with its version bytes, or None if a letter or the checksum is wrong."""
    alphabet = _RIPPLE58 if written.startswith("r") else BASE58
    number = 0
    for letter in written:
        place = alphabet.find(letter)
        if place < 0:
            return None
        number = number * 58 + place
    zeros = len(written) - len(written.lstrip(alphabet[0]))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    right = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4]
    return raw[:-4] if raw[-4:] == right else None


def bech32(written: str) -> bool:
    """Whether the checksum of a bech32 or bech32m string is right; case may not be mixed."""
    prefix, _, data = written.lower().rpartition("1")
    if not prefix or len(data) < 6 or any(letter not in _BASE32 for letter in data):
        return False
    if written not in (written.lower(), written.upper()):
        return False
    spread = [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]
    return _polymod([*spread, *map(_BASE32.index, data)], _BECH32_GENERATOR, 25) in _BECH32_ENDS


def cashaddr(written: str) -> bool:
    """Whether the checksum of a Bitcoin Cash address is right; the prefix may be left out."""
    prefix, _, data = written.lower().rpartition(":")
    if any(letter not in _BASE32 for letter in data):
        return False
    spread = [*(ord(letter) & 31 for letter in prefix or "bitcoincash"), 0]
    return _polymod([*spread, *map(_BASE32.index, data)], _CASHADDR_GENERATOR, 35) == 1


def _polymod(values: Sequence[int], generator: Sequence[int], width: int) -> int:
    checksum = 1
    for value in values:
        top = checksum >> width
        checksum = (checksum & ((1 << width) - 1)) << 5 | value
        for bit, term in enumerate(generator):
            if top >> bit & 1:
                checksum ^= term
    return checksum


def eip55(address: str) -> bool | None:
    """Whether the capitals of an Ethereum address are right; None where all letters have one case."""
    digits = address.removeprefix("0x")
    if digits in (digits.lower(), digits.upper()):
        return None
    hashed = keccak_256(digits.lower().encode()).hex()
    pairs = zip(digits, hashed, strict=False)
    return all(letter.isdecimal() or letter.isupper() == (int(nibble, 16) > 7) for letter, nibble in pairs)


def keccak_256(message: bytes) -> bytes:
    """Keccak with a rate of 136 bytes and an output of 32 bytes."""
    rate = 136
    padded = bytearray(message + b"\x01" + bytes(-(len(message) + 1) % rate))
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), rate):
        for lane in range(rate // 8):
            lanes[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permute(lanes: list[int]) -> None:
    """The 24 rounds of Keccak-f[1600] on lanes in the order x + 5 y, in place."""
    register = 1
    for _ in range(24):
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        for place in range(25):
            lanes[place] ^= columns[(place - 1) % 5] ^ _rotated(columns[(place + 1) % 5], 1)
        x, y, moved = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lanes[x + 5 * y], moved = _rotated(moved, (step + 1) * (step + 2) // 2), lanes[x + 5 * y]
        for row in range(0, 25, 5):
            old = lanes[row : row + 5]
            for x in range(5):
                lanes[row + x] = old[x] ^ (~old[(x + 1) % 5] & old[(x + 2) % 5])
        for bit in range(7):
            # The round constants are bits of a shift register with the polynomial x^8 + x^6 + x^5 + x^4 + 1.
            register = (register << 1 ^ (register >> 7) * 0x71) & 0xFF
            if register & 2:
                lanes[0] ^= 1 << ((1 << bit) - 1)


def _rotated(lane: int, places: int) -> int:
    places %= 64
    return (lane << places | lane >> (64 - places)) & 0xFFFFFFFFFFFFFFFF
