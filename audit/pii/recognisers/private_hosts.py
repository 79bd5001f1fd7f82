"""Finds e-mail and web addresses under names that no public registry gives out: logs and intranets are full of them.

Presidio knows the endings of public names alone. A web address counts only behind its scheme, as file names end so too.

Source: RFC 6762 (local), RFC 8375 (home.arpa), RFC 2606 (test, example, invalid), the names that ICANN keeps free for
private use (internal, corp, home), and those that routers give (lan, localdomain, intranet).
"""

from __future__ import annotations

from audit.pii.patterns.pattern import Pattern

ENTITIES = {"EMAIL_ADDRESS": "e-mail addresses", "URL": "web addresses"}

_HOST = (
    r"(?:[a-z\d-]{1,63}\.){1,5}(?:local|localdomain|lan|internal|corp|home|home\.arpa|intranet|test|example|invalid)"
    r"(?![\w-]|\.\w)"
)

PATTERNS = (
    Pattern(
        "e-mail at a private host", "EMAIL_ADDRESS", rf"(?<![\w.+%-])[\w.+%-]{{1,64}}@{_HOST}", 0.8, ignore_case=True
    ),
    Pattern(
        "page of a private host", "URL", rf"(?<!\w)https?://{_HOST}(?::\d{{1,5}})?(?:[/?#][^\s<>\"]{{0,400}})?", 0.65,
        ignore_case=True,
    ),
)  # fmt: skip
