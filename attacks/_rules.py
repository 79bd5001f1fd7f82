"""Linear rules between columns, such as `amount <= 40 * duration`, read without evaluating any code."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LinearRule:
    """Sum of coefficient times column, at most `bound` (less than it where `strict`).

    Attributes:
        coefficients: by column name; none is zero.
        text: the rule as it was written.
    """

    coefficients: Mapping[str, float]
    bound: float
    strict: bool
    text: str


@dataclass(frozen=True)
class _Linear:
    """A linear expression: coefficients by column name, plus a constant."""

    coefficients: Mapping[str, float]
    constant: float

    def scaled(self, factor: float) -> _Linear:
        return _Linear({name: factor * value for name, value in self.coefficients.items()}, factor * self.constant)

    def plus(self, other: _Linear) -> _Linear:
        names = {**self.coefficients, **other.coefficients}
        total = {name: self.coefficients.get(name, 0.0) + other.coefficients.get(name, 0.0) for name in names}
        return _Linear(total, self.constant + other.constant)


def parse_rule(text: str) -> tuple[LinearRule, ...]:
    """Read one rule; a chain or an equality gives several.

    Args:
        text: two or more linear expressions joined by `<=`, `<`, `>=`, `>` or `==`. Columns whose names are no Python
            names are written in quotes: `'Credit amount' <= 40 * duration`.

    Raises:
        ValueError: it is not a linear relation; the message quotes the part that is not.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f'rule "{text}" cannot be read: {error.msg}') from error
    if not isinstance(tree, ast.Compare):
        raise ValueError(f'rule "{text}" compares nothing; write it such as "amount <= 40 * duration"')
    sides = [_linear(side, text) for side in (tree.left, *tree.comparators)]
    rules: list[LinearRule] = []
    for left, comparison, right in zip(sides, tree.ops, sides[1:], strict=False):
        gap = left.plus(right.scaled(-1.0))
        match comparison:
            case ast.LtE() | ast.Lt():
                gaps = [gap]
            case ast.GtE() | ast.Gt():
                gaps = [gap.scaled(-1.0)]
            case ast.Eq():
                gaps = [gap, gap.scaled(-1.0)]
            case _:
                raise ValueError(f'rule "{text}" uses a comparison other than <=, <, >=, > and ==')
        strict = isinstance(comparison, ast.Lt | ast.Gt)
        rules += [_rule(one, strict, text) for one in gaps]
    return tuple(rules)


def _rule(gap: _Linear, strict: bool, text: str) -> LinearRule:
    coefficients = {name: value for name, value in gap.coefficients.items() if value != 0}
    if not coefficients:
        raise ValueError(f'rule "{text}" names no column')
    if not all(math.isfinite(value) for value in (*coefficients.values(), gap.constant)):
        raise ValueError(f'rule "{text}" has a number that is not finite')
    return LinearRule(coefficients, -gap.constant, strict, text)


def _linear(node: ast.expr, text: str) -> _Linear:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            return _Linear({}, float(number))
        case ast.Constant(value=str() as name) | ast.Name(id=name):
            return _Linear({name: 1.0}, 0.0)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _linear(operand, text).scaled(-1.0)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _linear(operand, text)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _linear(left, text).plus(_linear(right, text))
        case ast.BinOp(op=ast.Sub(), left=left, right=right):
            return _linear(left, text).plus(_linear(right, text).scaled(-1.0))
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            return _product(_linear(left, text), _linear(right, text), node, text)
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            divisor = _linear(right, text)
            if not divisor.coefficients and divisor.constant != 0:
                return _linear(left, text).scaled(1.0 / divisor.constant)
    raise ValueError(f'rule "{text}" is not linear at "{ast.unparse(node)}"; use numbers, columns, + - * /')


def _product(left: _Linear, right: _Linear, node: ast.expr, text: str) -> _Linear:
    if not left.coefficients:
        return right.scaled(left.constant)
    if not right.coefficients:
        return left.scaled(right.constant)
    raise ValueError(f'rule "{text}" multiplies columns at "{ast.unparse(node)}"; only linear rules are supported')
