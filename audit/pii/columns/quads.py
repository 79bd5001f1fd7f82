"""Four numbers with dots between them: addresses on a network, or versions.

Versions count up from small numbers, and a number above 255 gives them away. The numbers of addresses are spread over
0 to 255, but for those that stay the same in one network.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LEAST_ADDRESSES = 0.25
"""Share of the different values that cannot be versions of small numbers alone where they are addresses."""

OF_VALID, OF_VALID_HOSTS = 0.9, 0.5
"""Share of the others that have to be addresses, and where the name of the column says that it holds machines."""

SMALL, FEW_FIRSTS = 30, 3
"""First numbers of addresses reach 223 and those of versions hardly 30; three different ones below are no accident."""

PRIVATE = 10
"""First number of the addresses inside most companies (RFC 1918)."""

UPPER, SPREAD = 128, 0.25
"""Half of the numbers that mean nothing reach 128; the second of a version, which counts releases, hardly does."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OF_HOSTS = frozenset(
    {
        "addr", "address", "client", "clients", "dst", "host", "hosts", "ip", "login", "node", "origin", "peer",
        "remote", "router", "server", "session", "source", "src", "user", "visitor",
    }
)  # fmt: skip
_OF_VERSIONS = frozenset({"build", "driver", "firmware", "release", "revision", "sdk", "software", "ver", "version"})


def addresses(found: Sequence[bool], texts: Sequence[str], small: int, name: str) -> bool:
    """Whether four numbers with dots between them are addresses.

    Args:
        found: of each different value with a number from 30 on, whether it is a valid address.
        texts: those values.
        small: how many other values have small numbers alone.
        name: of the column.
    """
    words = {word.lower() for word in _WORD.findall(name)}
    hosts = bool(words & _OF_HOSTS) and not words & _OF_VERSIONS
    least = OF_VALID_HOSTS if hosts else OF_VALID
    enough = len(texts) >= LEAST_ADDRESSES * (len(texts) + small) and sum(found) >= least * len(texts)
    return enough and (hosts or not _counted_up([text for text, valid in zip(texts, found, strict=True) if valid]))


def _counted_up(texts: Sequence[str]) -> bool:
    """Whether the first numbers are several small ones, and those after them are not spread as in addresses."""
    numbers = [[int(number) for number in text.split(".")] for text in texts]
    public = {first for first, *_ in numbers} - {PRIVATE}
    if len(public) < FEW_FIRSTS or max(public) >= SMALL:
        return False
    spread = [sum(one[place] >= UPPER for one in numbers) >= SPREAD * len(numbers) for place in (1, 2, 3)]
    return not all(spread)
