"""Models of torch.export (.pt2): a graph of tensor operators as JSON, beside raw weights.

PyTorch's own reader trusts such a file: it unpickles some parts, looks operators up by any name below `torch`, and
evaluates shape expressions and guards as Python. So every part is looked at first, anything beyond raw weights, tensor
operators and plain shapes is refused, and PyTorch is given a new archive that holds exactly the parts that were looked
at.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from audit.errors import MissingExtra, SubjectError
from audit.models import Model, Source
from audit.models._torch_network import HINT, first_line, model_of

SUFFIXES = (".pt2",)
RUNS_CODE = False
"""After `_checked`, nothing of the file is run but tensor operators."""

_MEMBER = re.compile(
    r"archive_format|archive_version|byteorder|version|\.data/(?:version|serialization_id)"
    r"|data/weights/(?:weight_\d+|\w+_config\.json)|data/constants/(?:tensor_\d+|\w+_config\.json)"
    r"|data/sample_inputs/\w+\.pt|models/\w+\.json"
)
_OPERATOR = re.compile(r"torch\.ops\.aten\.(?!from_file\b)\w+\.\w+|torch\.sym_\w+|math\.\w+")
_ARITHMETIC = re.compile(
    r"_operator\.(?:add|sub|mul|floordiv|truediv|mod|neg|pos|pow|getitem|eq|ne|lt|le|gt|ge|and_|or_|not_)"
)
_SHAPE = re.compile(r"[\w\s+\-*/%(),.=<>&|~']*", re.ASCII)
_ATTRIBUTE = re.compile(r"\.\s*[A-Za-z_]")
_SHAPE_WORDS = re.compile(
    r"[suz]\w*\d|Symbol|integer|positive|nonnegative|negative|True|False|Max|Min|Mod|FloorDiv|CeilDiv|CleanDiv|PythonMod"
    r"|ModularIndexing|Integer|Eq|Ne|Lt|Le|Gt|Ge|And|Or|Not"
)
_MUST_BE_EMPTY = ("guards_code", "treespec_namedtuple_fields", "custom_obj_values")
MAX_BYTES = 8 << 30


def load(source: Source) -> Model:
    """A network that takes one array of floats and answers (n, classes), or numbers for regression.

    Raises:
        SubjectError: the file is damaged, or holds something else than weights and tensor operators.
        MissingExtra: torch is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError:
        raise MissingExtra("torch", "torch", "to open PyTorch models") from None

    content = _checked(source)
    try:
        module = torch.export.load(io.BytesIO(content)).module()
    except (RuntimeError, ValueError, OSError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise SubjectError(f"{source.path.name} is no readable torch.export file: {first_line(error)}") from error
    return model_of(module, regression=source.regression)


def _checked(source: Source) -> bytes:
    """A new archive of the parts of the file, all of them looked at."""
    name = source.path.name
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > min(
                MAX_BYTES, 100 * len(source.content) + 1_000_000
            ):
                raise SubjectError(f"{name} inflates beyond all proportion")
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, RuntimeError, NotImplementedError):
        raise SubjectError(f"{name} is no torch.export file; {HINT}") from None
    if not any(path.endswith("/archive_format") for path, _ in members):
        raise SubjectError(f"{name} is no torch.export file of PyTorch 2.8 or later; {HINT}")  # older ones held pickles
    if len({path for path, _ in members}) != len(members) or len({path.partition("/")[0] for path, _ in members}) != 1:
        raise SubjectError(f"{name} holds a part twice, or parts outside its folder")
    for path, content in members:
        part = path.partition("/")[2]
        if not _MEMBER.fullmatch(part):
            raise SubjectError(f'{name} was not opened: its part "{part}" is neither weights nor a graph')
        problem = _problem(part, content)
        if problem:
            raise SubjectError(f'{name} was not opened: {problem} in its part "{part}"')
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for path, content in members:
            archive.writestr(path, content)
    return new.getvalue()


def _problem(part: str, content: bytes) -> str:
    """What speaks against one part, empty where nothing does."""
    if part.endswith(".pt"):
        return _sample_problem(content)
    if not part.endswith(".json"):
        return ""
    try:
        document = json.loads(content)
        return next((problem for key, value in _pairs(document) if (problem := _value_problem(key, value))), "")
    except (ValueError, RecursionError):
        return "damaged JSON"


def _sample_problem(content: bytes) -> str:
    """PyTorch opens example inputs with its safe reader first, and where that fails, with the other one."""
    import torch

    try:
        torch.load(io.BytesIO(content), weights_only=True)
    except (RuntimeError, ValueError, OSError, KeyError, TypeError, AttributeError, EOFError, IndexError) as error:
        return f"a pickle of more than tensors ({first_line(error)[:80]})"
    except _unpickling_error():
        return "a pickle of more than tensors"
    return ""


def _unpickling_error() -> type[Exception]:
    import pickle

    return pickle.UnpicklingError


def _pairs(document: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield from found.items()
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _value_problem(key: str, value: Any) -> str:
    if key in ("target", "as_operator") and isinstance(value, str) and not _harmless(value):
        return f'the operator "{value[:80]}"'
    if key == "expr_str" and not _plain_shape(value):
        return "a shape that is more than arithmetic"
    if key == "use_pickle" and value is not False:
        return "a pickle"
    if key in _MUST_BE_EMPTY and value:
        return f'the entry "{key}", which may be code'
    if key in ("in_spec", "out_spec") and isinstance(value, str):
        types = {found for name, found in _pairs(json.loads(value)) if name == "type"}
        if not types <= {None, "builtins.tuple", "builtins.list", "builtins.dict"}:
            return "a container of a type of its own"
    return ""


def _harmless(target: str) -> bool:
    """Whether an operator works on tensors and numbers only."""
    return bool(_OPERATOR.fullmatch(target) or _ARITHMETIC.fullmatch(target))


def _plain_shape(text: Any) -> bool:
    """Whether an expression is arithmetic on sizes: numbers, sizes by name, and a few functions."""
    if not isinstance(text, str) or len(text) > 10_000 or not _SHAPE.fullmatch(text) or _ATTRIBUTE.search(text):
        return False
    return all(_SHAPE_WORDS.fullmatch(word) for word in re.findall(r"[A-Za-z_]\w*", text))
