"""Which names of a template hold plain data: numbers, and texts that come from the conversation and not the template.

A subscript by such a name cannot be turned into an attribute by whoever wrote the file: no text that could become one
is ever put together on the way to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from audit.artifact.jinja_tokens import NUMBER, TEXT, Tag, Token
from audit.artifact.report import Findings

OPERATORS = frozenset({"and", "or", "not", "in", "is", "if", "else", "recursive"})
_LITERALS = frozenset({"true", "false", "none", "True", "False", "None"})
_FILTERS = frozenset({"length", "count", "int", "items", "list", "sort", "dictsort", "first", "last", "unique"})
_METHODS = frozenset({"keys", "items", "values", "get", "index", "find"})
MUTATORS = frozenset({"append", "extend", "insert", "update"})
"""Methods that put a value into another one, where the spreading of taint does not follow it."""
_LOOSE = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_MAX_ROUNDS = 50


@dataclass
class Names:
    """What a template defines.

    Attributes:
        macros: names of its macros.
        values: what is assigned to each name, by name or `namespace.attribute`.
        namespaces: names of its namespace objects, whose attributes are names of their own.
        tainted: names whose value the template may have put together.
        mutable: whether values are put into others in place; nothing is plain then.
    """

    macros: set[str] = field(default_factory=set)
    values: dict[str, list[tuple[Token, ...]]] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=set)
    tainted: set[str] = field(default_factory=set)
    mutable: bool = False

    def assign(self, name: str, value: Sequence[Token]) -> None:
        """Note a value of a name."""
        self.values.setdefault(name, []).append(tuple(value))

    def settle(self, findings: Findings) -> None:
        """Spread the taint until nothing changes."""
        for _ in range(_MAX_ROUNDS):
            findings.spend(operations=sum(map(len, self.values.values())))
            new = {
                name
                for name, values in self.values.items()
                if name not in self.tainted and not all(self.plain(value) for value in values)
            }
            if not new:
                return
            self.tainted |= new
        self.tainted |= set(self.values)

    def plain(self, tokens: Sequence[Token]) -> bool:
        """Whether an expression yields plain data."""
        return not self.mutable and all(self._plain(tokens, index) for index in range(len(tokens)))

    def _plain(self, tokens: Sequence[Token], index: int) -> bool:
        token = tokens[index]
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        called = after is not None and after.sign("(")
        if token.kind == NUMBER:
            return True
        if token.kind == TEXT:
            key = before is not None and before.sign("[") and after is not None and after.sign("]")
            return key or not set("_%") & set(token.value)
        if not token.word():
            return not token.sign("~", ";")
        if before is not None and before.sign("."):
            return not called or token.value in _METHODS
        if before is not None and before.sign("|"):
            return token.value in _FILTERS
        if token.value in _LITERALS or token.value in OPERATORS:
            return True
        if called:
            return token.value == "range" or (before is not None and before.word("is", "not"))
        return self._root(tokens, index)

    def _root(self, tokens: Sequence[Token], index: int) -> bool:
        """A name at the beginning of a path; the special tokens of a model are texts that the file sets."""
        name = tokens[index].value
        if name in self.namespaces:
            path = tokens[index + 1 : index + 3]
            return (
                name not in self.values
                and name not in self.tainted
                and len(path) == 2
                and path[0].sign(".")
                and path[1].word()
                and f"{name}.{path[1].value}" not in self.tainted
                and f"{name}.{path[1].value}" in self.values
            )
        return name not in self.tainted and name not in self.macros and not name.endswith("_token")


def collect(parts: Sequence[Tag], findings: Findings) -> Names:
    """The names that the statements of a template define."""
    names = Names()
    for tag in parts:
        tokens = tag.tokens
        names.mutable |= any(token.word(*MUTATORS) and tokens[at - 1].sign(".") for at, token in enumerate(tokens))
        if not tag.statement or len(tokens) < 2:
            continue
        if tokens[0].word("macro"):
            names.macros.add(tokens[1].value)
            for token in tokens[2:]:
                if token.word():
                    names.tainted.add(token.value)
        elif tokens[0].word("for"):
            _loop(tokens[1:], names)
        elif tokens[0].word("set"):
            _set(tokens[1:], names)
    names.settle(findings)
    return names


def _loop(tokens: Sequence[Token], names: Names) -> None:
    split = next((index for index, token in enumerate(tokens) if token.word("in")), len(tokens))
    for token in tokens[:split]:
        if token.word():
            names.assign(token.value, tokens[split + 1 :])


def _set(tokens: Sequence[Token], names: Names) -> None:
    split = next((index for index, token in _outer(tokens) if token.sign("=")), None)
    if split is None:  # the text between this tag and its end
        names.tainted.update(token.value for token in tokens if token.word())
        return
    targets, value = tokens[:split], tokens[split + 1 :]
    if len(targets) == 3 and targets[1].sign("."):
        names.assign(f"{targets[0].value}.{targets[2].value}", value)
        names.namespaces.add(targets[0].value)
        return
    words = [token.value for token in targets if token.word()]
    if len(words) == 1 and len(value) > 1 and value[0].word("namespace") and value[1].sign("("):
        names.namespaces.add(words[0])
        for part in arguments(value, 1):
            if keyword(part):
                names.assign(f"{words[0]}.{part[0].value}", part[2:])
            else:
                names.tainted.add(words[0])
        return
    for word in words:
        names.assign(word, value)


def within(tokens: Sequence[Token], index: int) -> Sequence[Token]:
    """The tokens between the bracket at `index` and its counterpart."""
    depth = 0
    for end in range(index, len(tokens)):
        depth += tokens[end].sign("(", "[", "{") - tokens[end].sign(")", "]", "}")
        if depth == 0:
            return tokens[index + 1 : end]
    return tokens[index + 1 :]


def arguments(tokens: Sequence[Token], index: int) -> list[Sequence[Token]]:
    """The arguments in the brackets at `index`, one by one."""
    inner = within(tokens, index)
    cuts = [-1, *(place for place, token in _outer(inner) if token.sign(",")), len(inner)]
    return [inner[start + 1 : end] for start, end in pairwise(cuts) if end > start + 1]


def keyword(part: Sequence[Token]) -> bool:
    """Whether an argument is given by name."""
    return len(part) > 2 and part[0].word() and part[1].sign("=")


def is_slice(inner: Sequence[Token]) -> bool:
    """Whether the brackets hold a slice, which never becomes an attribute."""
    return any(token.sign(":") for _, token in _outer(inner)) and not any(token.sign(",") for _, token in _outer(inner))


def is_number(inner: Sequence[Token]) -> bool:
    """Whether the value is a number or an error: a number, or a sum or difference with one."""
    if len(inner) == 1:
        return inner[0].kind == NUMBER
    if len(inner) == 2 and inner[0].sign("-"):
        return inner[1].kind == NUMBER
    outer = [token for _, token in _outer(inner)]
    if len(inner) < 2 or any(token.sign("~", ",") or token.word(*_LOOSE) for token in outer):
        return False
    return inner[-1].kind == NUMBER and inner[-2].sign("+", "-") and not inner[0].sign("-", "+")


def _outer(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens that stand in no bracket, with their places."""
    depth = 0
    for place, token in enumerate(tokens):
        depth -= token.sign(")", "]", "}")
        if depth == 0:
            yield place, token
        depth += token.sign("(", "[", "{")
