"""Finds secrets: keys and tokens of well-known services, private key blocks, passwords and what is called a secret.

Keys of known services tell themselves by their prefix. Other secrets are only told by the name before them, so what
follows `password =` or `api_key:` counts if it looks random: placeholders, words and variables do not.

Source: the services' own descriptions of their keys; RFC 7468 (key blocks), RFC 7519 (JWT), RFC 6750 (bearer tokens).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable

from audit.pii.patterns.pattern import Pattern

ENTITIES = {
    "ACCESS_TOKEN": "session and bearer tokens",
    "API_KEY": "keys of programming interfaces",
    "PASSWORD": "passwords",
    "PRIVATE_KEY": "private keys",
}

LEAST_BITS = 3.0
"""Entropy a character above which letters and digits look random: random hexadecimal of 20 has 3.3, English below 3."""

_OF_SERVICES = {
    "Amazon": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "Anthropic": r"sk-ant-[\w-]{30,120}",
    "Atlassian": r"ATATT3[\w=-]{60,250}",
    "Databricks": r"dapi[0-9a-f]{32}",
    "DigitalOcean": r"do[opr]_v1_[0-9a-f]{64}",
    "Discord": r"[MNO][A-Za-z\d]{23,27}\.[\w-]{6}\.[\w-]{27,38}",
    "Docker": r"dckr_pat_[\w-]{27}",
    "GitHub": r"gh[pousr]_[A-Za-z\d]{36}|github_pat_\w{36,90}",
    "GitLab": r"gl(?:pat|dt|rt|ptt|ft|soat)-[\w-]{20,50}",
    "Google": r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{20,200}",
    "Grafana": r"gl(?:sa|c)_[A-Za-z\d+/=_]{32,150}",
    "HashiCorp": r"hv[sb]\.[\w-]{24,120}",
    "Hugging Face": r"hf_[A-Za-z]{34}",
    "Linear": r"lin_api_[A-Za-z\d]{40}",
    "Mailgun": r"key-[0-9a-f]{32}",
    "New Relic": r"NRAK-[A-Z\d]{27}",
    "npm": r"npm_[A-Za-z\d]{36}",
    "OpenAI": r"sk-(?:proj|svcacct|admin)-[\w-]{40,180}|sk-[A-Za-z\d]{48}",
    "Postman": r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    "PyPI": r"pypi-AgEI[\w-]{50,200}",
    "SendGrid": r"SG\.[\w-]{22}\.[\w-]{43}",
    "Shopify": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "Slack": r"xox[abeoprs]-[A-Za-z\d-]{10,150}",
    "Square": r"sq0(?:atp|csp)-[\w-]{22,43}",
    "Stripe": r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z\d]{16,120}|whsec_[A-Za-z\d+/=]{32,64}",
    "Telegram": r"\d{8,10}:AA[\w-]{33}",
    "Twilio": r"(?:SK|AC)[0-9a-f]{32}",
}

_ASSIGNED = r"""["'\]]{0,2}\s{0,3}(?:=>|:=|[:=])\s{0,3}["']?"""
_PASSWORD_WORDS = (
    r"pass(?:word|wd|phrase|code|wort)?|pwd|pw|kennwort|passwort|mot de passe|mdp|contraseña|contrasena|clave|"
    r"parola d'ordine|wachtwoord|hasło|haslo|senha|palavra[- ]passe"
)
_PLACEHOLDER = re.compile(
    r"[*xX.•_-]+|[<\[{$%(].*|.*[>}\])]|(?i:none|null|nil|true|false|undefined|changeme|required|optional|string|str|"
    r"secret|password|passwort|example|your\w*|redacted|hidden)"
)


def _random(written: str) -> bool | None:
    """False unless letters and digits are mixed as at random."""
    if _PLACEHOLDER.fullmatch(written) or not (re.search(r"\d", written) and re.search("[A-Za-z]", written)):
        return False
    counts = Counter(written).values()
    bits = -sum(count / len(written) * math.log2(count / len(written)) for count in counts)
    return None if bits >= LEAST_BITS else False


def _password(written: str) -> bool | None:
    """False for placeholders, plain words and numbers."""
    if _PLACEHOLDER.fullmatch(written):
        return False
    kinds = sum(bool(re.search(kind, written)) for kind in (r"\d", r"[a-z]", r".[A-Z]", r"[^\w\s.,;:'\"()/-]"))
    return None if kinds >= 2 else False


def _service(name: str, shape: str) -> Pattern:
    return Pattern(f"key of {name}", "API_KEY", rf"(?<![\w-])(?:{shape})(?![\w-])", 0.95)


def _after(before: str, value: str, entity: str, score: float, check: Callable[[str], bool | None]) -> Pattern:
    regex = rf"(?<![a-z])(?:{before})(?P<value>{value})"
    return Pattern(f"{entity} after its name", entity, regex, score, check, ignore_case=True)


_TOKEN_NAMES = r"(?:access|auth|refresh|session|id|csrf|security)[ _-]?(?:token|id|key)"
_KEY_NAMES = (
    r"(?:api|app|access|account|client|consumer|encryption|secret|signing|shared)[ _-]?"
    r"(?:access[ _-]?)?(?:key|secret|token)"
)
_RANDOM = r"[\w.~+/-]{16,2000}={0,2}"
_IS = r"(?:is|was|ist|lautet|est|es|é|è|to|jest)"
_KEY_BLOCK = r"[A-Z\d ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_BODY = r"[\w+/=\s\\:,.()-]{0,8000}?"

PATTERNS = (
    *(_service(name, shape) for name, shape in _OF_SERVICES.items()),
    Pattern("web token", "ACCESS_TOKEN", r"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{4,8000}\.[\w-]{10,1000}", 0.95),
    _after(r"bearer\s{1,3}|authorization: ?(?:basic|token)\s{1,3}", _RANDOM, "ACCESS_TOKEN", 0.85, _random),
    _after(_TOKEN_NAMES + _ASSIGNED, _RANDOM, "ACCESS_TOKEN", 0.7, _random),
    _after(_KEY_NAMES + _ASSIGNED, _RANDOM, "API_KEY", 0.8, _random),
    Pattern("key block", "PRIVATE_KEY", rf"-----BEGIN {_KEY_BLOCK}(?:{_BODY}-----END {_KEY_BLOCK})?", 1.0),
    Pattern("age key", "PRIVATE_KEY", r"AGE-SECRET-KEY-1[A-Z\d]{58}", 1.0),
    _after(f"(?:{_PASSWORD_WORDS}){_ASSIGNED}", r"[^\s\"',;]{4,64}", "PASSWORD", 0.8, _password),
    _after(rf"(?:{_PASSWORD_WORDS}) {_IS}\s{{1,3}}[\"']?", r"[^\s\"',;]{5,63}[^\s\"',;.!?]", "PASSWORD", 0.6,
           _password),
    Pattern("password in an address", "PASSWORD",
            r"(?<![\w.+-])[a-z][a-z\d+.-]{1,15}://[^\s:/@]{1,64}:(?P<value>[^\s@/]{3,64})@", 0.9),
    Pattern("cell of a password column", "PASSWORD", r"\A\S{6,64}\Z", 0.4, _password,
            ("password", "passwd", "pwd", "passwort", "kennwort", "mot de passe", "contraseña", "wachtwoord", "hasło",
             "senha"), needs_context=True),
)  # fmt: skip
