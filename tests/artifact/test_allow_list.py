"""The list of names: exact, without anything that opens files, calls what it is given or runs text."""

from __future__ import annotations

import importlib
import json

import pytest

from audit.artifact import allow_list, introspect, introspect_names

DANGEROUS = [
    "builtins.eval", "builtins.exec", "builtins.compile", "builtins.open", "builtins.getattr", "builtins.setattr",
    "builtins.__import__", "builtins.map", "builtins.filter", "builtins.apply", "builtins.print", "builtins.input",
    "builtins.type", "builtins.globals", "builtins.vars", "os.system", "posix.system", "nt.system",
    "subprocess.Popen", "subprocess.run", "shutil.rmtree", "importlib.import_module", "runpy.run_path",
    "operator.attrgetter", "operator.methodcaller", "operator.itemgetter", "functools.partial", "functools.reduce",
    "itertools.starmap", "pickle.loads", "pickle.load", "marshal.loads", "types.CodeType", "types.FunctionType",
    "copyreg.__newobj__", "codecs.open", "io.open", "numpy.load", "numpy.save", "numpy.memmap", "numpy.fromfile",
    "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromregex", "numpy.vectorize", "numpy.frompyfunc",
    "numpy.apply_along_axis", "numpy.piecewise", "numpy.f2py.compile", "numpy.testing._private.utils.runstring",
    "torch.load", "torch.save", "torch.storage._load_from_bytes", "torch._tensor._rebuild_from_type_v2",
    "torch.jit.load", "torch.hub.load", "torch.utils.cpp_extension.load", "joblib.load",
    "joblib.numpy_pickle.NDArrayWrapper", "joblib.numpy_pickle.ZNDArrayWrapper", "sklearn.datasets.fetch_openml",
    "sklearn.datasets._openml.fetch_openml", "sklearn.datasets.load_files", "sklearn.externals",
    "sklearn.datasets._base.load_files", "scipy.io.loadmat", "scipy.stats._distn_infrastructure.rv_frozen",
    "scipy.stats._continuous_distns.norm_gen", "xgboost.core.Booster.load_model", "pandas.read_pickle",
    "pandas.io.pickle.read_pickle",
]  # fmt: skip


@pytest.mark.parametrize("name", DANGEROUS)
def test_dangerous_names_are_not_on_the_list(name: str) -> None:
    assert name not in allow_list.shipped().named


def test_estimators_may_not_be_constructed() -> None:
    shipped = allow_list.shipped()
    for name in ("sklearn.pipeline.Pipeline", "xgboost.core.Booster", "lightgbm.basic.Booster"):
        assert name in shipped.named
        assert name not in shipped.called


def test_every_list_is_part_of_the_first() -> None:
    shipped = allow_list.shipped()
    assert shipped.called | shipped.filled <= shipped.named
    assert len(shipped.named) > 1000
    assert not any("*" in name or name.endswith(".") for name in shipped.named)


def test_called_names_are_classes_or_plain_builders() -> None:
    """No ordinary function of a library may be called, only those that were chosen one by one."""
    chosen = {f"{module}.{name}" for module, names in introspect_names.CALLED.items() for name in names.split()}
    for name in allow_list.shipped().called - chosen:
        module, _, word = name.rpartition(".")
        if module.startswith(("sklearn.", "numpy.dtypes")):
            value = getattr(importlib.import_module(module), word, type)  # names of older versions are gone
            assert isinstance(value, type) or word.startswith(("__pyx_unpickle_", "newObj")), name


def test_trusting_adds_exactly_the_given_names() -> None:
    shipped = allow_list.shipped()
    wider = shipped.trusting(["mine.Gate"])
    assert wider.named - shipped.named == wider.called - shipped.called == {"mine.Gate"}


@pytest.mark.slow
def test_the_data_file_is_what_the_libraries_give() -> None:
    """The list may hold names of older versions; it lacks none of the installed ones."""
    for library in ("lightgbm", "torch", "xgboost"):
        pytest.importorskip(library)
    stored, found = json.loads(allow_list.DATA.read_text("utf-8")), introspect.collect()
    if stored["libraries"] != found["libraries"]:
        pytest.skip("other versions are installed than the list was made with")
    for table in ("named", "called", "filled"):
        missing = {module: set(names) - set(stored[table].get(module, ())) for module, names in found[table].items()}
        assert not any(missing.values()), missing
