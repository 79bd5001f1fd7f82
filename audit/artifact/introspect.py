"""Writes the allow-list by looking at the installed libraries: `python -m audit.artifact.introspect EARLIER.json ...`.

Run it after a library that models are made of has a new version, and once in an environment of each older version; the
lists of all of them, given as arguments, are joined. Read the difference: the list may only grow by names that were
looked at. What is left out on purpose:

- whatever opens files or the network: numpy.load, numpy.memmap, sklearn.datasets, torch.load, _load_from_bytes;
- whatever calls what it is given: functools.partial, methodcaller, torch._tensor._rebuild_from_type_v2, getattr;
- scipy.stats distributions, whose `__setstate__` executes text that the file provides (`pickle_tethered` reads it);
- estimator constructors: a pickle creates estimators empty, so a call with arguments comes from no library.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from audit.artifact.introspect_names import CALLED, NAMED, OLDER

_STORAGES = "BFloat16 Bool Byte Char ComplexDouble ComplexFloat Double Float Half Int Long Short"
_SPARSE = "bsr coo csc csr dia dok lil"
_LEFT_OUT = ("tests", "externals", "datasets", "conftest", "_testing", "_mocking", "parallel", "_plot", "_repr_html",
             "discovery", "fixes", "deprecation", "experimental", "_build_utils", "_array_api",
             "_pairwise_distances_reduction", "_seq_dataset", "_vector_sentinel", "_partitioner", "_splitter",
             "_criterion", "grower", "histogram", "splitting", "_cython_blas", "_cyutility", "_isfinite", "callback",
             "PyFuncDistance", "Weighted", "NeighborsHeap", "BinaryTree", "_estimator_html_repr")  # fmt: skip
"""Modules without parts of fitted models, and types that take pointers; PyFuncDistance calls a function."""
_SCORES = ("sklearn.metrics", "sklearn.metrics.pairwise", "sklearn.feature_selection")


class _Names:
    """Names collected so far, by list and module."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[str, set[str]]] = {
            name: collections.defaultdict(set) for name in ("named", "called", "filled")
        }

    def add(self, name: str, module: str, *words: str) -> None:
        self.lists[name][module].update(words)

    def add_class(self, cls: type[Any]) -> None:
        """A class: named; called where it pickles as a call; filled where it is a container."""
        self.add("named", cls.__module__, cls.__qualname__)
        own_reduce = any(name in vars(part) for part in cls.__mro__[:-1] for name in ("__reduce__", "__reduce_ex__"))
        # trees of neighbours are created empty, whichever way the version defines them
        native = cls.__name__ not in ("BallTree", "KDTree") and not cls.__flags__ & (
            1 << 9
        )  # Py_TPFLAGS_HEAPTYPE: made by Python, not by C
        if native or issubclass(cls, enum.Enum | tuple) or (own_reduce and issubclass(cls, Exception)):
            self.add("called", cls.__module__, cls.__qualname__)
        if issubclass(cls, dict | list | set | collections.deque):
            self.add("filled", cls.__module__, cls.__qualname__)


def collect() -> dict[str, Any]:
    """The document for `allowed.json`; what is not installed is left out of its `libraries` and of its lists."""
    names = _Names()
    for table, chosen in (("called", CALLED), ("named", NAMED), ("named", OLDER)):
        for module, words in chosen.items():
            names.add(table, module, *words.split())
    names.add("filled", "collections", "Counter", "OrderedDict", "defaultdict", "deque")
    names.add("filled", "scipy.optimize._optimize", "OptimizeResult")
    versions = _versions()
    for library, look in _LOOKS.items():
        if library in versions:
            look(names)
    document: dict[str, Any] = {"libraries": versions}
    for name, by_module in names.lists.items():
        document[name] = {module: sorted(by_module[module]) for module in sorted(by_module)}
    return document


def joined(newest: dict[str, Any], *older: dict[str, Any]) -> dict[str, Any]:
    """The newest document with the names of older ones added; `libraries` stays that of the newest."""
    document = {**newest}
    for table in ("named", "called", "filled"):
        by_module: dict[str, set[str]] = collections.defaultdict(set)
        for source in (newest, *older):
            for module, words in source[table].items():
                by_module[module].update(words)
        document[table] = {module: sorted(by_module[module]) for module in sorted(by_module)}
    return document


def _versions() -> dict[str, str]:
    found = {}
    for library in ("joblib", "lightgbm", "numpy", "pandas", "scipy", "sklearn", "torch", "xgboost"):
        with contextlib.suppress(ModuleNotFoundError):
            found[library] = importlib.import_module(library).__version__
    return found


def _numpy(names: _Names) -> None:
    import numpy as np

    for word in dir(np):
        value = getattr(np, word)
        if isinstance(value, np.ufunc):
            names.add("named", "numpy", word)
            names.add("named", "numpy._core._multiarray_umath", word)
            names.add("named", "numpy.core._multiarray_umath", word)
        elif isinstance(value, type) and issubclass(value, np.generic):
            names.add("called", "numpy", value.__name__)
    names.add("called", "numpy", "bool_", "str_", "object_", "float_", "unicode_", "string_")
    for word in dir(np.dtypes):
        if isinstance(getattr(np.dtypes, word), type):
            names.add("called", "numpy.dtypes", word)


def _scipy(names: _Names) -> None:
    for kind in _SPARSE.split():
        words = (f"{kind}_matrix", f"{kind}_array")
        names.add("called", f"scipy.sparse._{kind}", *words)
        names.add("called", f"scipy.sparse.{kind}", words[0])
    names.add("named", "scipy.special._ufuncs", "expit", "expm1", "log1p", "logit", "xlogy")


def _sklearn(names: _Names) -> None:
    import sklearn

    for module in _modules(sklearn):
        for word, value in vars(module).items():
            if isinstance(value, type) and value.__module__.startswith("sklearn"):
                if not _left_out(f"{value.__module__}.{value.__qualname__}"):
                    names.add_class(value)
            elif (word.startswith("__pyx_unpickle_") and "Enum" not in word) or word == "newObj":
                names.add("called", module.__name__, word)
    for word in sorted(names.lists["called"]["sklearn._loss._loss"]):
        # up to scikit-learn 1.5 Cython pickled these by function, and in some builds under the module's bare name
        for module_name in ("_loss", "sklearn._loss._loss"):
            names.add("called", module_name, word, f"__pyx_unpickle_{word.removeprefix('__pyx_unpickle_')}")
    for path in _SCORES:
        module = importlib.import_module(path)
        for word in getattr(module, "__all__", dir(module)):
            value = getattr(module, word)
            if inspect.isfunction(value) and value.__module__.startswith(_SCORES) and not word.startswith("_"):
                names.add("named", value.__module__, value.__qualname__)


def _pandas(names: _Names) -> None:
    """Frames, indexes, arrays, their types and offsets, under the names of the modules that define them too."""
    import pandas as pd
    from pandas._libs.tslibs import offsets
    from pandas.core.internals import managers

    parts = (pd.DataFrame, pd.Series, pd.Index, managers.BlockManager, managers.SingleBlockManager)
    kinds = (*parts, pd.api.extensions.ExtensionArray, pd.api.extensions.ExtensionDtype)
    walked = [importlib.import_module(f"pandas.core.{word}") for word in ("arrays", "indexes", "dtypes")]
    modules = [module for package in walked for module in _modules(package)]
    modules += [importlib.import_module(f"pandas.core.{word}") for word in ("frame", "series")]
    for module in (*modules, managers):
        for word, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, kinds) and value.__module__.startswith("pandas"):
                called = issubclass(value, (pd.Index, pd.api.extensions.ExtensionDtype, *parts[3:]))
                for path in {value.__module__, module.__name__ if _defines(module, value) else value.__module__}:
                    names.add("called" if called else "named", path, word)
    for word, value in vars(offsets).items():
        if isinstance(value, type) and issubclass(value, offsets.BaseOffset) and "Custom" not in value.__name__:
            names.add("called", "pandas._libs.tslibs.offsets", word)


def _defines(module: ModuleType, cls: type[Any]) -> bool:
    """Whether the class is written in the file of the module; its `__module__` may be that of the package."""
    codes = (getattr(value, "__code__", None) for value in vars(cls).values())
    return any(code is not None and code.co_filename == module.__file__ for code in codes)


def _lightgbm(names: _Names) -> None:
    import lightgbm.sklearn

    _own_classes(lightgbm.sklearn, names)


def _xgboost(names: _Names) -> None:
    import xgboost.sklearn

    _own_classes(xgboost.sklearn, names)


def _own_classes(module: ModuleType, names: _Names) -> None:
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            names.add_class(value)


def _torch(names: _Names) -> None:
    import torch

    for module in _modules(torch.nn.modules):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, torch.nn.Module):
                names.add("named", value.__module__, value.__qualname__)
    names.add("named", "torch", *(f"{word}Storage" for word in _STORAGES.split()))
    names.add(
        "named",
        "torch",
        *(word for word in dir(torch) if isinstance(getattr(torch, word), torch.dtype | torch.qscheme)),
    )


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not _left_out(found.name):
            with contextlib.suppress(ModuleNotFoundError):  # parts for libraries that are not there
                yield importlib.import_module(found.name)


def _left_out(module: str) -> bool:
    return any(part == word or part.startswith(word) for part in module.split(".") for word in _LEFT_OUT)


_LOOKS: dict[str, Callable[[_Names], None]] = {
    "numpy": _numpy,
    "scipy": _scipy,
    "sklearn": _sklearn,
    "pandas": _pandas,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
    "torch": _torch,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    earlier = [json.loads(Path(path).read_text("utf-8")) for path in sys.argv[1:]]
    json.dump(joined(collect(), *earlier), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
