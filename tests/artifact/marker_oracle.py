"""Loads the hostile files as a victim would, in a process of its own, and prints which of them acted.

Run as `python marker_oracle.py FOLDER`: the folder holds `planted_marker.py`, the files and `manifest.json`.
"""

from __future__ import annotations

import contextlib
import copyreg
import importlib
import io
import json
import os
import pickle
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

MARKER = '''
"""Notes that something of it was reached, and does nothing else."""
import numpy
ACTS = []
def run(*args, **keywords):
    ACTS.append("run")
    return [1]
class Meta(type):
    def __setattr__(cls, name, value):
        ACTS.append("class attribute")
class Shared(metaclass=Meta):
    pass
class Run:
    def __init__(self, *args, **keywords):
        ACTS.append("init")
    def __setstate__(self, state):
        ACTS.append("state")
    def __call__(self, *args):
        ACTS.append("call")
    def __setitem__(self, key, value):
        ACTS.append("item")
    def __hash__(self):
        ACTS.append("hash")
        return 1
    def append(self, item):
        ACTS.append("append")
    extend = add = append
class New:
    def __new__(cls, *args, **keywords):
        ACTS.append("new")
        return object.__new__(cls)
class Slots:
    @property
    def prop(self):
        return 1
    @prop.setter
    def prop(self, value):
        ACTS.append("property")
class Base:
    def __init_subclass__(cls):
        ACTS.append("subclass")
class Array(numpy.ndarray):
    def __array_finalize__(self, other):
        ACTS.append("array")
class Nested:
    run = staticmethod(run)
class Outer:
    Inner = Nested
ACTS.append("import")
'''


def persistent(path: Path) -> object:
    class Reader(pickle.Unpickler):
        def persistent_load(self, identifier: object) -> object:
            sys.modules["planted_marker"].ACTS.append("persistent")
            return None

    return Reader(io.BytesIO(path.read_bytes())).load()


def streams(count: int, padded: bool = False) -> Callable[[Path], object]:
    def load(path: Path) -> object:
        with path.open("rb") as source:
            found: object = None
            for _ in range(count):
                found = pickle.load(source)
                while padded and source.peek(1)[:1] == b"\0":
                    source.read(1)
            return found

    return load


def loaders() -> dict[str, Callable[[Path], object]]:
    import joblib
    import numpy
    import pandas
    import skops.io
    import torch

    compressions = {"gz": "gzip", "zip": "zip", "tar": "tar", "tar.gz": "tar"}
    found: dict[str, Callable[[Path], object]] = {
        "pickle": lambda path: pickle.loads(path.read_bytes()),
        "pickle twice": streams(2),
        "pickle padded": streams(2, padded=True),
        "pickle many": streams(100),
        "pickle persistent": persistent,
        "joblib": joblib.load,
        "numpy": lambda path: [numpy.load(path, allow_pickle=True)] and _all(numpy.load(path, allow_pickle=True)),
        "torch": lambda path: torch.load(path, weights_only=False),
        "skops": lambda path: skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path)),
    }
    for suffix, compression in compressions.items():
        found[f"pandas.{suffix}"] = lambda path, kind=compression: pandas.read_pickle(path, compression=kind)
    return found


def _all(opened: object) -> object:
    return [opened[name] for name in opened.files] if hasattr(opened, "files") else opened


def prepared(content: bytes, loader: str) -> int:
    """Put in place what the victim's own program would have; how many acts that took."""
    import numpy

    sys.modules.pop("planted_marker", None)
    for _, code in EXTENSIONS:
        with contextlib.suppress(ValueError):
            copyreg.remove_extension("planted_marker", "run", code)
    copyreg.clear_extension_cache()
    codes = [code for opcode, code in EXTENSIONS if opcode in content]
    dotted = b"numpy" in content and b"planted_marker.run" in content
    if not codes and not dotted and "persistent" not in loader:
        return 0
    module = importlib.import_module("planted_marker")
    if dotted:
        numpy.planted_marker = module
    for code in codes[:1]:
        copyreg.add_extension("planted_marker", "run", code)
    return len(module.ACTS)


EXTENSIONS = ((b"\x82\xf0", 0xF0), (b"\x83\x01\x70", 0x7001), (b"\x84\x01\x01\x01\x01", 0x01010101))


def main(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    warnings.simplefilter("ignore")
    opened = loaders()
    # a file may ask for more memory than there is, which is no act
    resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))
    manifest = json.loads((folder / "manifest.json").read_text())
    acted = []
    for number, loader in manifest:
        path = folder / f"{number}.bin"
        before = prepared(path.read_bytes(), loader)
        with contextlib.suppress(BaseException), contextlib.redirect_stdout(io.StringIO()):
            opened[loader](path)
        module = sys.modules.get("planted_marker")
        if module is not None and len(module.ACTS) > before:
            acted.append(number)
    print(json.dumps(acted))
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
