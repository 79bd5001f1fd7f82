"""Templates that are called harmless are run by Jinja itself, without a sandbox, which tells what they reach for."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from audit.artifact import chat_template
from audit.artifact.report import Findings, Unreadable

jinja2 = pytest.importorskip("jinja2")

ATOMS = (
    "a", "b", "k", "ns.a", "messages", "messages[0]", "'_'", "'class'", "'cls'", "2", "range", "eos_token",
    "loop.index0", "[a, '_']", "{'k': b}", "{'_': 1}", "namespace(a='_')", "m(a)", "x.a", "''", "none", "a|first",
    "b|join", "k|string", "1.5",
)  # fmt: skip
JOINS = ("{} ~ {}", "{} + {}", "{} * {}", "{}|join({})", "{}[{}]", "{} if a else {}", "{}.get({})", "{}|default({})",
         "({})", "{}|list", "{}|last", "{}.replace('c', {})", "{} % {}", "{}[{}:2]", "{}|map(attribute={})|list",
         "{}|upper", "{}.append({})", "{}|replace('l', {})", "{}.items()", "{}.keys()", "{} - 1", "{} + 1")  # fmt: skip
STATEMENTS = (
    "{{% set a = {} %}}", "{{% set b = {} %}}", "{{% set ns.a = {} %}}",
    "{{% for k in {} %}}{{{{ x[{}] }}}}{{% endfor %}}",
    "{{% set a %}}{{{{ {} }}}}{{% endset %}}", "{{{{ x[{}] }}}}", "{{{{ ''[{}] }}}}", "{{{{ messages[0][{}] }}}}",
    "{{% macro m(k) %}}{{{{ x[{}] }}}}{{% endmacro %}}", "{{% for k, b in {} %}}{{{{ x[k] }}}}{{% endfor %}}",
    "{{% if {} %}}{{{{ x[{}] }}}}{{% endif %}}", "{{% set k, b = {}, {} %}}",
)  # fmt: skip


class Watching(jinja2.Environment):  # type: ignore[name-defined, misc]
    """Notes every private attribute that a template asks for."""

    asked: set[str]

    def getattr(self, obj: Any, attribute: str) -> Any:
        self._note(attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not (isinstance(obj, dict) and argument in obj):
            self._note(argument)
        return super().getitem(obj, argument)

    def _note(self, name: Any) -> None:
        if isinstance(name, str) and name.startswith("_"):
            self.asked.add(name)


def expression(draw: random.Random, depth: int = 0) -> str:
    if depth > 2 or draw.random() < 0.35:
        return draw.choice(ATOMS)
    join = draw.choice(JOINS)
    return join.format(*(expression(draw, depth + 1) for _ in range(join.count("{}"))))


def template(draw: random.Random) -> str:
    parts = []
    for _ in range(draw.randint(1, 4)):
        statement = draw.choice(STATEMENTS)
        parts.append(statement.format(*(expression(draw) for _ in range(statement.count("{}")))))
    return "{% set ns = namespace(a=1) %}" * (draw.random() < 0.5) + "".join(parts)


def run(text: str) -> set[str]:
    environment = Watching()
    environment.asked = set()
    data = {"messages": [{"role": "user", "content": "hi", "k": 1}], "x": {"k": 1, "a": 2}, "eos_token": "__class__"}
    with contextlib.suppress(Exception):
        environment.from_string(text).render(**data)
    return environment.asked


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_what_is_called_harmless_never_asks_for_a_private_attribute() -> None:
    draw, harmless, caught = random.Random(1), 0, 0
    for _ in range(1800):
        text = template(draw)
        findings = Findings.empty()
        try:
            chat_template.scan(text, findings, "m")
        except Unreadable:
            continue
        if not findings.unknown:
            harmless += 1
            assert not run(text), text
        elif harmless % 4 == 0:
            caught += bool(run(text))
    assert harmless > 100, "enough templates are called harmless for this to mean something"
    assert caught > 5, "and enough of the others would reach out"
