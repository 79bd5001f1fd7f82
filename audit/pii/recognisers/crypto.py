"""Finds addresses of cryptocurrencies by their checksums.

Presidio knows Bitcoin's; here are also Ethereum and what copies it, Litecoin, Dogecoin, Dash, Tron, Ripple, Bitcoin
Cash, Cardano, Cosmos and other bech32 spellings, Stellar and extended public keys. Addresses without a checksum
(Ethereum in one case, Solana) count by their form or beside a telling word.

Source: SLIP-0044 and SLIP-0173 for prefixes, the coins' own specifications for version bytes.
"""

from __future__ import annotations

import base64
import binascii

from audit.pii.patterns.encodings import BASE58, base58check, bech32, cashaddr, eip55
from audit.pii.patterns.identifiers import by_form, by_word, whole
from audit.pii.patterns.pattern import Pattern

ENTITIES = {"CRYPTO": "cryptocurrency addresses"}

_WORDS = "wallet, crypto, address, bitcoin, btc, ethereum, eth, coin"
_VERSIONS = (0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41)
"""First bytes of 21: Bitcoin and Ripple, Litecoin, Dogecoin, Dash, Tron."""
_EXTENDED = ("0488b21e", "049d7cb2", "04b24746", "019da462")
"""First bytes of extended public keys: xpub, ypub, zpub, Ltub."""


def _base58(address: str) -> bool:
    payload = base58check(address)
    if payload is None:
        return False
    return (len(payload) == 21 and payload[0] in _VERSIONS) or payload[:4].hex() in _EXTENDED


def _stellar(address: str) -> bool:
    try:
        raw = base64.b32decode(address)
    except binascii.Error:
        return False
    return binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")


_58 = f"[{BASE58}]"
_32 = "[ac-hj-np-z02-9]"

PATTERNS = (
    by_form("CRYPTO", rf"(?:[13LMD9AX]|T[{BASE58}]|r){_58}{{24,34}}", 0.5, _base58),
    by_form("CRYPTO", rf"(?:[xyz]|Lt)[pu]ub{_58}{{100,112}}", 0.5, _base58),
    by_form("CRYPTO", rf"(?:bc|tb|ltc|cosmos|osmo|addr|stake|inj|celestia|terra)1{_32}{{25,110}}", 0.5, bech32,
            ignore_case=True),
    Pattern("Bitcoin Cash", "CRYPTO", whole(rf"(?:bitcoincash:)?[qp]{_32}{{41}}"), 0.5, cashaddr),
    by_form("CRYPTO", r"0x[0-9a-fA-F]{40}", 0.6, eip55, _WORDS),
    by_form("CRYPTO", r"G[A-Z2-7]{55}", 0.5, _stellar),
    by_word("CRYPTO", rf"[48]{_58}{{94}}", None, "monero, xmr, wallet, crypto"),
    by_word("CRYPTO", rf"{_58}{{43,44}}", None, "solana, sol wallet, sol address, wallet, crypto"),
)  # fmt: skip
