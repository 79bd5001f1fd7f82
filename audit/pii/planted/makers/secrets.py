"""Keys, tokens and passwords of random letters, in the forms that services and programs give them."""

from __future__ import annotations

import base64
import json
import random
import string

_LETTERS = string.ascii_letters + string.digits


def _letters(rng: random.Random, n: int) -> str:
    return "".join(rng.choices(_LETTERS, k=n))


def _key(rng: random.Random, language: str) -> str:
    return rng.choice(
        (
            f"AKIA{''.join(rng.choices(string.ascii_uppercase + '234567', k=16))}",
            f"ghp_{_letters(rng, 36)}",
            f"sk_test_{_letters(rng, 24)}",
            f"AIza{_letters(rng, 35)}",
            f"glpat-{_letters(rng, 20)}",
            f"npm_{_letters(rng, 36)}",
        )
    )


def _token(rng: random.Random, language: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": _letters(rng, 10), "iat": rng.randrange(10**9, 2 * 10**9)})
    written = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join((*written, _letters(rng, 43)))


def _private_key(rng: random.Random, language: str) -> str:
    kind = rng.choice(("RSA ", "EC ", "", "OPENSSH "))
    lines = "\n".join(_letters(rng, 64) for _ in range(6))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


def _password(rng: random.Random, language: str) -> str:
    return f"{_letters(rng, 6)}{rng.choice('!#%&+?')}{rng.randrange(10, 99)}"


MAKERS = {"ACCESS_TOKEN": _token, "API_KEY": _key, "PASSWORD": _password, "PRIVATE_KEY": _private_key}

LABELS = {
    "ACCESS_TOKEN": {"en": "Authorization: Bearer"},
    "API_KEY": {"en": "api key:"},
    "PASSWORD": {
        "en": "password:", "de": "Passwort:", "fr": "mot de passe :", "es": "contraseña:", "it": "password:",
        "nl": "wachtwoord:",
        "pl": "hasło:", "pt": "senha:",
    },
    "PRIVATE_KEY": {"en": "deploy key"},
}  # fmt: skip

BY_LABEL_ALONE = ("PASSWORD",)
