"""Writes the allow-list by looking at the installed libraries: `python -m audit.artifact.introspect > allowed.json`.

Run it after a library that models are made of has a new version, read the difference, and keep the names of older
versions: the list may only grow by names that were looked at. What is left out on purpose:

- whatever opens files or the network: numpy.load, numpy.memmap, sklearn.datasets, torch.load, _load_from_bytes;
- whatever calls what it is given: functools.partial, methodcaller, torch._tensor._rebuild_from_type_v2, getattr;
- scipy.stats distributions, whose `__setstate__` executes text that the file provides;
- estimator constructors: a pickle creates estimators empty, so a call with arguments comes from no library.
"""

from __future__ import annotations

import collections
import enum
import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

CALLED: dict[str, str] = {
    "builtins": "bytearray bytes complex dict float frozenset int list set slice str tuple range bool",
    "collections": "Counter OrderedDict defaultdict deque",
    "_codecs": "encode",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "uuid": "UUID",
    "numpy": "ndarray dtype matrix",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "_mareconstruct MaskedArray",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
    "numpy.core.numeric": "_frombuffer",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "numpy.random.mtrand": "RandomState",
    "numpy.random._generator": "Generator",
    "numpy.random": "Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64",
    "torch": "Size device",
    "torch._utils": "_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor "
    "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3",
    "torch.jit._pickle": "build_boollist build_doublelist build_intlist build_tensorlist restore_type_tag",
    "torch.serialization": "_get_layout",
}
"""Functions and types that only build values from their arguments; older module names of the same things included."""

NAMED: dict[str, str] = {
    "builtins": "NoneType object len min max abs sum sorted",
    "copyreg": "_reconstructor",
    "joblib.numpy_pickle": "NumpyArrayWrapper",
    "numpy": "mean median std var sum prod nanmean nanmedian nanstd nansum unique clip where ravel argmax argmin",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "scipy.interpolate._bsplines": "BSpline",
    "scipy.interpolate._interpolate": "interp1d",
    "scipy.interpolate.interpolate": "interp1d",
    "sklearn.cluster._kmeans": "_kmeans_single_elkan _kmeans_single_lloyd",
    "lightgbm.basic": "Booster",
    "xgboost.core": "Booster",
    "torch": "Tensor UntypedStorage",
    "torch.nn.parameter": "Buffer Parameter",
    "torch.storage": "TypedStorage UntypedStorage",
}
OLDER: dict[str, str] = {
    "sklearn.ensemble._gb_losses": "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError "
    "LeastSquaresError MultinomialDeviance QuantileLossFunction",
    "sklearn.model_selection._classification_threshold": "_CurveScorer",
}
"""Names that older versions of the libraries wrote and that moved since."""

_STORAGES = "BFloat16 Bool Byte Char ComplexDouble ComplexFloat Double Float Half Int Long Short"
_SPARSE = "bsr coo csc csr dia dok lil"
_LEFT_OUT = ("tests", "externals", "datasets", "conftest", "_testing", "_mocking", "parallel", "_plot", "_repr_html",
             "discovery", "fixes", "deprecation", "experimental", "_build_utils", "_array_api",
             "_pairwise_distances_reduction", "_seq_dataset", "_vector_sentinel", "_partitioner", "_splitter",
             "_criterion", "grower", "histogram", "splitting", "_cython_blas", "_cyutility", "_isfinite", "callback",
             "PyFuncDistance")  # fmt: skip
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
        native = not cls.__flags__ & (1 << 9)  # Py_TPFLAGS_HEAPTYPE: made by Python, not by C
        if native or issubclass(cls, enum.Enum) or (own_reduce and issubclass(cls, tuple | Exception)):
            self.add("called", cls.__module__, cls.__qualname__)
        if issubclass(cls, dict | list | set | collections.deque):
            self.add("filled", cls.__module__, cls.__qualname__)


def collect() -> dict[str, Any]:
    """The document for `allowed.json`.

    Raises:
        ImportError: one of the libraries is not installed; a list made without it would lack its names.
    """
    names = _Names()
    for table, chosen in (("called", CALLED), ("named", NAMED), ("named", OLDER)):
        for module, words in chosen.items():
            names.add(table, module, *words.split())
    names.add("filled", "collections", "Counter", "OrderedDict", "defaultdict", "deque")
    _numpy(names)
    _scipy(names)
    _sklearn(names)
    _boosters(names)
    _torch(names)
    document: dict[str, Any] = {"libraries": _versions()}
    for name, by_module in names.lists.items():
        document[name] = {module: sorted(by_module[module]) for module in sorted(by_module)}
    return document


def _versions() -> dict[str, str]:
    libraries = ("joblib", "lightgbm", "numpy", "scipy", "sklearn", "torch", "xgboost")
    return {library: importlib.import_module(library).__version__ for library in libraries}


def _numpy(names: _Names) -> None:
    import numpy as np

    for word in dir(np):
        value = getattr(np, word)
        if isinstance(value, np.ufunc):
            names.add("named", "numpy", word)
            names.add("named", "numpy._core._multiarray_umath", word)
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
            elif word.startswith("__pyx_unpickle_") or word == "newObj":
                names.add("called", module.__name__, word)
    for word in sorted(names.lists["called"]["sklearn._loss._loss"]):
        # up to scikit-learn 1.5 Cython pickled these by function, and in some builds under the module's bare name
        for module_name in ("_loss", "sklearn._loss._loss"):
            names.add("called", module_name, word, f"__pyx_unpickle_{word.removeprefix('__pyx_unpickle_')}")
    for path in _SCORES:
        module = importlib.import_module(path)
        for word in getattr(module, "__all__", dir(module)):
            value = getattr(module, word)
            if inspect.isfunction(value) and value.__module__.startswith("sklearn"):
                names.add("named", value.__module__, value.__qualname__)


def _boosters(names: _Names) -> None:
    import lightgbm.sklearn
    import xgboost.sklearn

    for module in (lightgbm.sklearn, xgboost.sklearn):
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
    names.add("named", "torch", *(word for word in dir(torch) if isinstance(getattr(torch, word), torch.dtype)))


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not _left_out(found.name):
            yield importlib.import_module(found.name)


def _left_out(module: str) -> bool:
    return any(part == word or part.startswith(word) for part in module.split(".") for word in _LEFT_OUT)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump(collect(), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
