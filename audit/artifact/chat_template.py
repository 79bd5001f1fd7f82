"""Chat templates inside model files: programs in the language of Jinja that some loaders run without a sandbox.

From any object of Python a template reaches any other one through attributes such as `__class__`. So only what prompts
need is allowed: a few statements, filters, tests, methods and functions, attributes without a leading underscore, and
subscripts that cannot become such an attribute. Whatever else a template holds is unsafe.

Source: Jinja 3.1; constructs of templates that are published with language models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from audit.artifact import jinja_names
from audit.artifact.jinja_tokens import NUMBER, SIGN, TEXT, Tag, Token, tags
from audit.artifact.report import Findings, Unreadable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STATEMENTS = _words("if elif else endif for endfor set endset macro endmacro break continue generation endgeneration")
_FILTERS = _words(
    "abs capitalize count d default dictsort e escape first float groupby indent int items join last length list lower"
    " map max min reject rejectattr replace reverse round safe select selectattr slice sort string sum title tojson"
    " trim truncate unique upper urlencode wordcount"
)
_TESTS = _words(
    "boolean defined divisibleby eq equalto even false float ge gt in integer iterable le lower lt mapping ne none"
    " None number odd sameas sequence string true undefined upper"
) | {"==", "!=", "<", ">", "<=", ">="}
_METHODS = jinja_names.MUTATORS | _words(
    "capitalize count cycle endswith find get index isalnum isalpha isdecimal isdigit islower isnumeric isspace isupper"
    " items join keys lower lstrip partition pop removeprefix removesuffix replace rfind rindex rpartition rsplit"
    " rstrip split splitlines startswith strip title upper values zfill"
)
_FUNCTIONS = frozenset({"range", "namespace", "raise_exception", "strftime_now", "dict"})
_NAMES_REFUSED = _words(
    "self super caller lipsum cycler joiner request config session g url_for get_flashed_messages varargs kwargs"
)
_ATTRIBUTES_REFUSED = frozenset({
    "format", "format_map", "mro", "gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "ag_frame", "ag_code",
    "f_back", "f_builtins", "f_code", "f_globals", "f_locals", "tb_frame", "tb_next", "func_globals", "func_code",
    "func_closure", "im_func", "im_self", "im_class", "co_code", "co_consts", "environment", "exported",
})  # fmt: skip
"""Attributes without an underscore in front that lead from an object to the interpreter."""
_ATTRIBUTE_FILTERS = frozenset({"map", "groupby", "sum", "sort", "min", "max", "unique", "select", "reject",
                                "selectattr", "rejectattr", "join"})  # fmt: skip
"""Filters of which an argument names an attribute, a filter or a test."""
MAX_TEMPLATE = 256 << 10
_TESTING = frozenset({"select", "reject", "selectattr", "rejectattr"})
_DUNDER = re.compile(r"__\w+__")
_LITERALS = ("true", "false", "none", "True", "False", "None")


def scan(template: str, findings: Findings, place: str) -> None:
    """Note every construct that is not known to be harmless, as `jinja.KIND.NAME`.

    Raises:
        Unreadable: Jinja would refuse the template, or it is far longer than a template is.
    """
    if len(template) > MAX_TEMPLATE:
        raise Unreadable(f"{place} is longer than {MAX_TEMPLATE:,} characters")
    parts = list(tags(template, findings, place))
    names = jinja_names.collect(parts, findings)
    for part in parts:
        for construct in _refused(part, names):
            findings.named(f"jinja.{construct}", place)


def _refused(tag: Tag, names: jinja_names.Names) -> list[str]:
    tokens = tag.tokens
    found: list[str] = []
    start = 0
    if tag.statement:
        word = tokens[0].value if tokens and tokens[0].word() else ""
        if word not in _STATEMENTS:
            return [f"statement.{word or 'unknown'}"]
        # the name of a macro stands where a call would stand
        start = 2 if word == "macro" else 1
    for index in range(start, len(tokens)):
        found += _token(tokens, index, start, names)
    return found


def _token(tokens: Sequence[Token], index: int, start: int, names: jinja_names.Names) -> list[str]:
    """What is refused of the token at this place, seen with its neighbours."""
    token = tokens[index]
    before = tokens[index - 1] if index > start else Token(SIGN, "")
    after = tokens[index + 1] if index + 1 < len(tokens) else Token(SIGN, "")
    if token.kind == TEXT:
        return [f"text.{found}" for found in _DUNDER.findall(token.value)]
    if token.sign("("):
        return _call(tokens, index)
    if token.sign("["):
        return _subscript(tokens, index, names) if _is_operand(before) else []
    if token.kind == NUMBER or token.kind == SIGN:
        return ["sign.;"] if token.sign(";") else []
    if before.sign("."):
        return _attribute(token.value, after)
    if before.sign("|"):
        return _filter(tokens, index)
    if _is_test(tokens, index):
        return [] if token.value in _TESTS else [f"test.{token.value}"]
    if "__" in token.value or token.value in _NAMES_REFUSED:
        return [f"name.{token.value}"]
    if after.sign("(") and token.value not in _FUNCTIONS and token.value not in names.macros:
        return [] if token.value in jinja_names.OPERATORS else [f"function.{token.value}"]
    return []


def _is_operand(token: Token) -> bool:
    """Whether a bracket behind this token opens a subscript or a call."""
    if token.word():
        return token.value not in jinja_names.OPERATORS
    return token.kind in (TEXT, NUMBER) or token.sign(")", "]", "}")


def _is_test(tokens: Sequence[Token], index: int) -> bool:
    back = index - 1
    if back > 0 and tokens[back].word("not"):
        back -= 1
    return back >= 0 and tokens[back].word("is") and not (back == index - 1 and tokens[index].word("not"))


def _attribute(name: str, after: Token) -> list[str]:
    if after.sign("(") and name in _METHODS:
        return []
    if after.sign("("):
        return [f"method.{name}"]
    return [] if plain_attribute(name) else [f"attribute.{name}"]


def plain_attribute(name: str) -> bool:
    """Whether an attribute, or a path of attributes with points, leads to data only."""
    return all(
        part and not part.startswith("_") and "__" not in part and part not in _ATTRIBUTES_REFUSED
        for part in name.split(".")
    )


def _call(tokens: Sequence[Token], index: int) -> list[str]:
    """A call of something that is no name: of the result of another call, of an element or of a text."""
    before = tokens[index - 1] if index else Token(SIGN, "")
    return ["call.computed"] if before.sign(")", "]", "}") or before.kind in (TEXT, NUMBER) else []


def _filter(tokens: Sequence[Token], index: int) -> list[str]:
    name = tokens[index].value
    if name not in _FILTERS:
        return [f"filter.{name}"]
    if name not in _ATTRIBUTE_FILTERS or index + 1 >= len(tokens) or not tokens[index + 1].sign("("):
        return []
    arguments = jinja_names.arguments(tokens, index + 1)
    return [f"filter.{name}" for place, part in enumerate(arguments) if not _known_argument(name, place, part)]


def _known_argument(name: str, place: int, part: Sequence[Token]) -> bool:
    """Whether an argument is a literal that names plain data, a known filter or a known test."""
    if jinja_names.keyword(part):
        return _literal(part[2:], None)
    if (
        (name == "join" and place == 0)
        or (name.endswith("attr") and place > 1)
        or (name in ("select", "reject") and place > 0)
    ):
        return True  # a text between the parts, or a value to compare with
    if place == (0 if name in ("select", "reject") else 1) and name in _TESTING:
        return _literal(part, _TESTS)
    return _literal(part, _FILTERS if name == "map" and place == 0 else None)


def _literal(part: Sequence[Token], known: frozenset[str] | None) -> bool:
    if len(part) != 1:
        return False
    if part[0].kind == TEXT:
        return part[0].value in known if known is not None else plain_attribute(part[0].value)
    return part[0].kind == NUMBER or part[0].word(*_LITERALS)


def _subscript(tokens: Sequence[Token], index: int, names: jinja_names.Names) -> list[str]:
    """What is in the brackets must not be able to become the name of an attribute, which Jinja would look up."""
    inner = jinja_names.within(tokens, index)
    if len(inner) == 1 and inner[0].kind == TEXT:
        return [] if plain_attribute(inner[0].value.replace(".", "-")) else [f"subscript.{inner[0].value}"]
    if jinja_names.is_slice(inner) or jinja_names.is_number(inner) or names.plain(inner):
        return []
    return ["subscript.computed"]
