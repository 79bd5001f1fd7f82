"""Names that no policy may trust: whoever lets a model file call them lets it do anything.

A short list, not a complete one: what stands between a model file and these names is the list of the static scan, to
which a policy adds single names. This one keeps a tired reviewer from adding the name that an attacker needs.
"""

from __future__ import annotations

import builtins

_RUN_PROGRAMS = "commands multiprocessing nt os popen2 posix _posixsubprocess pty subprocess webbrowser"
_RUN_CODE = (
    "bdb code codeop cProfile doctest imp importlib pdb pkgutil profile pydoc runpy sys timeit trace "
    "asyncio concurrent gc signal threading _thread distutils ensurepip pip setuptools venv"
)
_LOAD_CODE = "_ctypes _pickle cffi cloudpickle cPickle ctypes dill marshal pickle shelve"
_FILES_AND_NETWORK = (
    "shutil tempfile _socket ftplib http httpx poplib requests smtplib socket socketserver ssl telnetlib urllib xmlrpc"
)
_MODULES = {
    module: reason
    for modules, reason in (
        (_RUN_PROGRAMS, "starts other programs"),
        (_RUN_CODE, "runs whatever code it is given"),
        (_LOAD_CODE, "loads code or hidden objects"),
        (_FILES_AND_NETWORK, "reaches files or the network"),
    )
    for module in modules.split()
}
_INSIDE = (
    "builtins", "cloudpickle", "ctypes", "dill", "importlib", "marshal", "nt", "os", "pickle", "posix", "pty", "runpy",
    "shutil", "subprocess", "sys",
)  # fmt: skip
"""Modules that no name may lead through: `mypackage.os.system` is os.system by another road."""

_NAMES = {
    name: reason
    for names, reason in (
        (
            "functools.reduce operator.attrgetter operator.methodcaller _operator.attrgetter _operator.methodcaller "
            "types.CodeType types.FunctionType types.LambdaType types.MethodType types.ModuleType "
            "pandas.eval pandas.core.computation.eval.eval torch.hub.load",
            "calls or makes whatever code it is given",
        ),
        (
            "joblib.load joblib.numpy_pickle.load numpy.load numpy.lib.npyio.load numpy.lib._npyio_impl.load "
            "pandas.read_pickle pandas.io.pickle.read_pickle torch.load torch.serialization.load torch.jit.load "
            "logging.config.dictConfig logging.config.fileConfig",
            "loads code or hidden objects",
        ),
        (
            "codecs.open io.FileIO io.open io.open_code _io.FileIO _io.open _io.open_code numpy.fromfile numpy.memmap "
            "numpy.save numpy.savetxt pathlib.Path.unlink pathlib.Path.write_bytes pathlib.Path.write_text",
            "reaches files",
        ),
    )
    for name in names.split()
}
_PACKAGES = ("numpy.distutils", "numpy.f2py", "numpy.testing", "torch.utils.cpp_extension")
"""Parts of harmless libraries that run whatever code they are given."""
_HARMLESS_BUILTINS = (
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
    "slice", "str", "tuple",
)  # fmt: skip


def refusal(name: str) -> str:
    """Why a name can never be trusted; empty where it can.

    Args:
        name: dotted, such as `mypackage.layers.Gate`.
    """
    parts = name.split(".")
    if parts[0] in ("builtins", "__builtin__"):
        harmless = len(parts) == 2 and parts[0] == "builtins" and _is_harmless(parts[1])
        return "" if harmless else f"{parts[0]} holds eval, exec and getattr; what is harmless in it is known already"
    if parts[0] == "__main__":
        return "__main__ is whatever program runs; put the class in a module of its own"
    # TorchScript names its own types __torch__...; no other name leads through an attribute of Python's machinery
    odd = next((part for part in parts[1 if parts[0] == "__torch__" else 0 :] if _is_dunder(part)), "")
    if odd:
        return f"{odd} leads past the name to the machinery of Python"
    if parts[0] in _MODULES:
        return f"{parts[0]} {_MODULES[parts[0]]}"
    hidden = next((part for part in parts[1:] if part in _INSIDE), "")
    if hidden:
        return f"it leads through {hidden}, by another road"
    package = next((package for package in _PACKAGES if name.startswith(f"{package}.")), "")
    if package:
        return f"{package} runs whatever code it is given"
    return f"it {_NAMES[name]}" if name in _NAMES else ""


def _is_dunder(part: str) -> bool:
    return part.startswith("__") and part.endswith("__")


def _is_harmless(name: str) -> bool:
    found = getattr(builtins, name, None)
    return name in _HARMLESS_BUILTINS or (isinstance(found, type) and issubclass(found, BaseException))
