"""Names that are harmless in one use only: each time one stands on the stack, it has to be used in that way.

`getattr` may be called at once with a class and a word; what comes back is a name like any other. torch rebuilds
tensors in plain pickles by two functions: the file in the bytes given to the first is read, the function given to the
second is checked. A distribution of scipy.stats may be created empty and get a state whose template, which scipy
executes, is the one that scipy writes.

Source: the template as in scipy/stats/_distn_infrastructure.py, the same from 1.9 to 1.17.
"""

from __future__ import annotations

import re

from audit.artifact.pickle_values import Pairs, Value

GETATTR = "builtins.getattr"
NESTED = "torch.storage._load_from_bytes"
REBUILD = "torch._tensor._rebuild_from_type_v2"
_DISTRIBUTION = re.compile(r"scipy\.stats\._(?:continuous|discrete)_distns\.[a-z_]\w*_gen", re.ASCII)
_SHAPES = re.compile(r"\ndef _parse_args\(self, ((?:[A-Za-z_]\w{0,30}, ){0,10}) loc=0(, scale=1)?\):\n", re.ASCII)
_TEMPLATE = """
def _parse_args(self, {shapes} {given}):
    return ({shapes}), {used}

def _parse_args_rvs(self, {shapes} {given}, size=None):
    return self._argcheck_rvs({shapes} {used}, size=size)

def _parse_args_stats(self, {shapes} {given}, moments='mv'):
    return ({shapes}), {used}, moments
"""


def is_tethered(name: str) -> bool:
    """Whether the name may be used in one way only."""
    return name in (GETATTR, NESTED, REBUILD) or is_distribution(name)


def is_distribution(name: str) -> bool:
    """Whether the name is that of the class of a scipy distribution."""
    return name.startswith("scipy.stats._") and bool(_DISTRIBUTION.fullmatch(name))


def harmless(state: Value) -> bool:
    """Whether a state sets the template of a distribution once, and to the text that scipy itself would execute."""
    if not isinstance(state, Pairs) or state.cut or not all(isinstance(key, str) for key, _ in state.items):
        return False
    templates = [value for key, value in state.items if key == "_parse_arg_template"]
    if len(templates) != 1 or not isinstance(templates[0], str):
        return False
    shapes = _SHAPES.match(templates[0])
    if shapes is None:
        return False
    given, used = ("loc=0, scale=1", "loc, scale") if shapes[2] else ("loc=0", "loc, 1")
    return templates[0] == _TEMPLATE.format(shapes=shapes[1], given=given, used=used)
