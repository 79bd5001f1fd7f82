"""GGUF: settings and tensors are numbers; a chat template is a program, and only harmless ones pass."""

from __future__ import annotations

import random
import struct
import time

import pytest

from audit import artifact
from audit.artifact import chat_template
from audit.artifact.report import Findings, Unreadable

PLAIN = "{% for message in messages %}{{ message['role'] + ': ' + message.content | trim }}{% endfor %}{{ eos_token }}"


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def setting(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def texts(*values: str) -> bytes:
    return struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values))


def gguf(
    *settings: bytes, template: str | None = PLAIN, version: int = 3, tensor: bytes = b"", size: int = 64
) -> bytes:
    parts = [*settings, setting("general.architecture", 8, text("llama"))]
    if template is not None:
        parts.append(setting("tokenizer.chat_template", 8, text(template)))
    tensor = tensor or text("w") + struct.pack("<IQQIQ", 2, 4, 4, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", version, 1, len(parts)) + b"".join(parts) + tensor
    return header + bytes(-len(header) % 32) + bytes(size)


def refused(template: str) -> tuple[str, ...]:
    return artifact.scan_bytes(gguf(template=template), "m.gguf").unknown


def test_a_model_with_a_plain_template_is_safe() -> None:
    settings = (
        setting("llama.context_length", 4, struct.pack("<I", 4096)),
        setting("tokenizer.ggml.tokens", 9, texts("a", "b", "{{ x.__class__ }}")),
        setting("tokenizer.ggml.scores", 9, struct.pack("<IQff", 6, 2, 0.5, 0.25)),
        setting("nested", 9, struct.pack("<IQ", 9, 1) + texts("c")),
    )
    for version in (2, 3):
        report = artifact.scan_bytes(gguf(*settings, version=version), "m.gguf")
        assert (report.safe, report.format) == (True, "gguf"), report


BENIGN = (
    "{%- set ns = namespace(last=-1) %}{%- for m in messages %}{%- if m.role == 'user' %}{% set ns.last = loop.index0"
    " %}{%- endif %}{%- endfor %}{{ messages[ns.last].content }}{{ messages[-1]['content'] }}"
    "{{ messages[loop.index0 - 1] }}",
    "{%- macro show(content) -%}{%- if content is string -%}{{- content }}{%- elif content is iterable and content is"
    " not mapping -%}{{ content | map(attribute='text') | join('\\n') }}{%- endif -%}{%- endmacro -%}"
    "{{ show(messages) }}",
    "{% set users = messages | selectattr('role', 'equalto', 'user') | list %}{{ users[1:] }}{{ users[n:] }}"
    "{% for key, value in tool.items() if key != 'return' %}{{ key ~ ': ' ~ value | tojson(indent=2) }}{% endfor %}",
    "{{ strftime_now('%Y-%m-%d') }}{{ content.split('</think>')[-1].lstrip('\\n') }}{{ message.get('tool_calls') }}"
    "{% if not tools is defined or tools is none %}{{ raise_exception('no __tools__'[:4]) }}{% endif %}".replace(
        "__", ""
    ),
    "{% for key in schema.keys() %}{{ schema[key] }}{% endfor %}{% for key, value in schema | dictsort %}"
    "{{ other[key] }}{% endfor %}{{ messages[messages | length - 1] }}{{ messages[(messages | length) - 2] }}",
    "{# {{ ''.__class__ }} #}{% raw %}{{ ''.__class__ }}{% endraw %}text .__class__ {{ {'a': {'b': [1]}}['a'] }}",
    "{% set _args = call.arguments or {} %}{% for k, v in _args | items %}{{ k if v is not string else v }}{% endfor %}"
    "{% generation %}{{ x }}{% endgeneration %}{% if loop.first or (messages[loop.index0 + 1].role != 'tool') %}"
    "{% endif %}",
)


@pytest.mark.parametrize("template", BENIGN)
def test_what_published_templates_use_is_allowed(template: str) -> None:
    assert refused(template) == ()


HOSTILE = (
    "{{ ''.__class__ }}",
    "{{ x.y._z }}",
    "{{ ''['__class__'] }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ ''['\\N{LOW LINE}_class__'] }}",
    "{{ ''['_' '_class__'] }}",
    "{{ ''['_' ~ '_class_' ~ '_'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr(name) }}",
    "{{ x|map(attribute='__class__') }}",
    "{{ x|map('attr', name) }}",
    "{{ x|map(name) }}",
    "{{ x|selectattr('a.__class__') }}",
    "{{ x|sort(attribute='_a') }}",
    "{{ x|join(',', attribute='_a') }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '{0.a}'.format(x) }}",
    "{% set f = ''.format_map %}",
    "{{ x|format(y) }}",
    "{{ lipsum.a }}",
    "{{ cycler }}",
    "{{ self.a() }}",
    "{{ open('/etc/passwd') }}",
    "{{ x()() }}",
    "{{ x.pop()() }}",
    "{{ x[0]() }}",
    "{{ (x|map('upper')).gi_frame.f_globals }}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends x %}",
    "{% call(a) f() %}{% endcall %}",
    "{% do x.append(1) %}",
    "{% set a = '_' * 2 %}{{ x[a ~ 'class' ~ a] }}",
    "{% set a %}__class__{% endset %}{{ x[a] }}",
    "{% set a | replace('a', b) %}x{% endset %}{{ x[a] }}",
    "{% set p = '_' * 2 + 'class' %}{% for p in messages %}{{ x[p] }}{% endfor %}",
    "{% for a in ['_' * 2 + 'class'] %}{{ x[a] }}{% endfor %}",
    "{% macro m(a) %}{{ x[a] }}{% endmacro %}{{ m('_' ~ '_') }}",
    "{% set n = namespace(a='_' ~ '_') %}{{ x[n.a] }}",
    "{% set n = namespace({'a': '_'}) %}{% set n.a = 1 %}{{ x[n.a] }}",
    "{% set n = namespace(a=1) %}{% set n = y|string %}{{ x[n.a] }}",
    "{% set a = [] %}{% set b = a.append('_' * 2) %}{% for k in a %}{{ x[k] }}{% endfor %}",
    "{{ x['%c%c' % (95, 95)] }}",
    "{{ x[range|string] }}",
    "{{ x[eos_token] }}",
    "{{ x[a if b else '_' * 2] }}",
    "{% for t in a recursive %}{{ x[t] }}{{ loop(['_' * 2]) }}{% endfor %}",
    "{{ x[varargs[0]] }}",
    "{{ 1['_' ~ '_class_' ~ '_'] }}",
    "{{ 1.5[a ~ b] }}",
)


@pytest.mark.parametrize("template", HOSTILE)
def test_ways_out_of_a_template_are_refused(template: str) -> None:
    found = refused(template)
    assert found
    assert all(name.startswith("jinja.") for name in found)


@pytest.mark.parametrize("template", HOSTILE)
def test_hostile_templates_are_templates(template: str) -> None:
    """Without this the test above could pass on text that Jinja refuses anyway."""
    jinja2 = pytest.importorskip("jinja2")
    jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(template)


@pytest.mark.parametrize(
    "template", ["{{ 1", "{% if x", "{# x", "{{ (] }}", "{{ x ! y }}", "{% raw %}", "{{ '\\N{no}' }}"]
)
def test_templates_that_cannot_be_read_are_unreadable(template: str) -> None:
    with pytest.raises(Unreadable):
        chat_template.scan(template, Findings.empty(), "m")


@pytest.mark.parametrize("key", ["tokenizer.chat_template.tool_use", "tokenizer.chat_templates", "x.chat_template"])
def test_every_template_of_a_file_is_read(key: str) -> None:
    bad = "{{ ''.__class__ }}"
    assert artifact.scan_bytes(gguf(setting(key, 8, text(bad))), "m").unknown == ("jinja.attribute.__class__",)
    assert artifact.scan_bytes(gguf(setting(key, 9, texts("a", bad))), "m").unknown == ("jinja.attribute.__class__",)


def test_the_sentence_says_what_to_do() -> None:
    sentence = artifact.scan_bytes(gguf(template="{{ ''.__class__ }}"), "m.gguf").sentence
    assert "jinja.attribute.__class__" in sentence
    assert "chat template" in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gguf(version=1), "version"),
        (gguf(version=4), "version"),
        (gguf(size=63), "cut off"),
        (gguf(tensor=text("w") + struct.pack("<IQQIQ", 2, 4, 4, 99, 0)), "type"),
        (gguf(tensor=text("w") + struct.pack("<IQQIQ", 2, 1 << 62, 4, 0, 0)), "cut off"),
        (gguf(setting("a", 13, b"")), "kind"),
        (gguf(setting("general.architecture", 8, text("x"))), "twice"),
        (gguf(setting("general.alignment", 4, struct.pack("<I", 0))), "aligned"),
        (gguf(setting("a", 9, struct.pack("<IQ", 8, 1 << 60))), ""),
        (b"GGUF", "cut off"),
    ],
)
def test_damaged_files_are_unreadable(content: bytes, says: str) -> None:
    report = artifact.scan_bytes(content, "m.gguf")
    assert says in report.unreadable[0]


def test_any_mutation_gives_a_report_quickly() -> None:
    content = gguf(setting("tokenizer.ggml.tokens", 9, texts(*map(str, range(50)))), template=BENIGN[1])
    draw, began = random.Random(0), time.perf_counter()
    for _ in range(600):
        changed = bytearray(content)
        for _ in range(draw.randint(1, 3)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        artifact.scan_bytes(bytes(changed[: draw.randint(1, len(changed))]), "m")
    assert time.perf_counter() - began < 10


def test_a_template_of_any_shape_is_read_in_time() -> None:
    chain = "".join(f"{{% set a{i} = a{i + 1} %}}" for i in range(2000))
    shapes = (
        "{% set a = b %}" * 5_000 + "{{ x[a] }}",
        chain + "{% set a2000 = '_' %}{{ x[a0] }}",
        "{{ " + "(" * 50_000 + ")" * 50_000 + " }}",
        "{{ " + "x[" * 2000 + "]" * 2000 + " }}",
        "{{ " + "-x" * 40_000 + " }}",
        "{" * 200_000,
        "x" * 300_000,
    )
    for template in shapes:
        began = time.perf_counter()
        artifact.scan_bytes(gguf(template=template), "m")
        assert time.perf_counter() - began < 10
    assert refused(chain + "{% set a2000 = '_' %}{{ x[a0] }}"), "taint that travels too far is assumed"
    assert artifact.scan_bytes(gguf(template="x" * 300_000), "m").unreadable
