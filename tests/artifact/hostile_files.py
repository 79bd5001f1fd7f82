"""Files that act when they are opened, several hundred of them; the act is always the same and harmless.

Each calls, creates or imports something of the module `planted_marker`, which only notes that it was reached
(`marker_oracle.py` writes it, loads the files in a process of its own and tells which of them acted).
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import marshal
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import joblib
import numpy as np

MARKER = "planted_marker"
CALL = f"__import__('{MARKER}').run()"


@dataclass(frozen=True)
class HostileFile:
    """One file.

    Attributes:
        name: what it does and where.
        loader: how a victim opens it, a word of `marker_oracle.LOADERS`.
        acts: whether opening it so reaches the marker.
    """

    name: str
    content: bytes
    loader: str = "pickle"
    acts: bool = True


def short(word: str) -> bytes:
    return b"\x8c" + bytes([len(word.encode())]) + word.encode()


def named(module: str, name: str) -> bytes:
    return short(module) + short(name) + b"\x93"


def line(module: str, name: str) -> bytes:
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def blob(content: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(content)) + content


RUN, CLASS = named(MARKER, "run"), named(MARKER, "Run")
ARGS = b"K\x01\x85"
MODULE, FUNCTION = MARKER.encode(), b"run"
TEXT = short(CALL)


def function_code() -> bytes:
    return marshal.dumps(compile(CALL, "planted", "eval"))


def names() -> dict[str, bytes]:
    """Ways to put the name on the stack."""
    size = bytes([len(MODULE)])
    return {
        "GLOBAL": line(MARKER, "run"),
        "STACK_GLOBAL": RUN,
        "STACK_GLOBAL of BINUNICODE": b"X" + size + bytes(3) + MODULE + b"X\x03\0\0\0run\x93",
        "STACK_GLOBAL of BINUNICODE8": b"\x8d" + size + bytes(7) + MODULE + b"\x8d\x03" + bytes(7) + b"run\x93",
        "STACK_GLOBAL of SHORT_BINSTRING": b"U" + size + MODULE + b"U\x03run\x93",
        "STACK_GLOBAL of BINSTRING": b"T" + size + bytes(3) + MODULE + b"T\x03\0\0\0run\x93",
        "STACK_GLOBAL of UNICODE": b"V" + MODULE + b"\nVrun\n\x93",
        "STACK_GLOBAL of escaped UNICODE": b"V" + MODULE.replace(b"_", b"\\u005f") + b"\nVr\\u0075n\n\x93",
        "STACK_GLOBAL of STRING": b"S'" + MODULE + b"'\nS\"run\"\n\x93",
        "STACK_GLOBAL of escaped STRING": b"S'" + MODULE.replace(b"m", b"\\x6d") + b"'\nS'\\162un'\n\x93",
        "memo by PUT and GET": short("run") + b"p7\n0" + short(MARKER) + b"g7\n\x93",
        "memo by BINPUT and BINGET": short("run") + b"q\xfe0" + short(MARKER) + b"h\xfe\x93",
        "memo by LONG_BINPUT": short("run") + b"r\x01\x01\0\0" + b"0" + short(MARKER) + b"j\x01\x01\0\0\x93",
        "memo by MEMOIZE": short("run") + b"\x940" + short(MARKER) + b"\x940h\x01h\x00\x93",
        "memo overwritten": short("OrderedDict") + b"q\x00" + short("run") + b"q\x0000" + short(MARKER) + b"h\x00\x93",
        "memo of the name": RUN + b"\x940h\x00",
        "memo of the name, overwritten": named("collections", "OrderedDict") + b"q\x000" + RUN + b"q\x000h\x00",
        "DUP and POP": short(MARKER) + b"20" + short("run") + b"20\x93",
        "POP_MARK": short(MARKER) + b"(NNN1" + short("run") + b"\x93",
        "POP of a mark": short(MARKER) + b"(0" + short("run") + b"\x93",
        "inside a tuple that is dropped": b"(" + RUN + b"q\x05t0h\x05",
        "dotted": named(MARKER, "Nested.run"),
        "dotted through an allowed module": named("numpy", f"{MARKER}.run"),
        "alias in an allowed module": named("sklearn.pipeline", "planted_alias"),
        "frames": b"\x95\x01\0\0\0\0\0\0\0N0\x95" + struct.pack("<Q", len(RUN)) + RUN,
        "EXT1": b"\x82\xf0",
        "EXT2": b"\x83\x01\x70",
        "EXT4": b"\x84\x01\x01\x01\x01",
        "getattr": named("builtins", "getattr") + named(MARKER, "Nested") + short("run") + b"\x86R",
        "getattr twice": named("builtins", "getattr") + named("builtins", "getattr") + named(MARKER, "Outer")
        + short("Inner") + b"\x86R" + short("run") + b"\x86R",
        "attrgetter": named("operator", "attrgetter") + short("run") + b"\x85R" + named(MARKER, "Nested") + b"\x85R",
        "partial": named("functools", "partial") + RUN + b"\x85R",
        "itemgetter": named("operator", "itemgetter") + b"K\x00\x85R" + RUN + b"\x85\x85R",
        "next": named("builtins", "next") + named("builtins", "iter") + RUN + b"\x85\x85R\x85R",
        "import_module": named("builtins", "getattr") + named("importlib", "import_module") + short(MARKER)
        + b"\x85R" + short("run") + b"\x86R",
        "eval of the name": named("builtins", "eval") + short(f"__import__('{MARKER}').run") + b"\x85R",
    }  # fmt: skip


def calls() -> dict[str, bytes]:
    """Ways to reach a call."""
    state = b"}" + short("a") + b"K\x01s"
    return {
        "REDUCE without arguments": RUN + b")R",
        "REDUCE of many": RUN + b"(K\x01K\x02K\x03K\x04tR",
        "REDUCE of the class": CLASS + ARGS + b"R",
        "INST": b"(K\x01i" + MODULE + b"\nrun\n",
        "INST of a class": b"(i" + MODULE + b"\nRun\n",
        "OBJ": b"(" + RUN + b"K\x01o",
        "OBJ of a class": b"(" + CLASS + b"o",
        "NEWOBJ": named(MARKER, "New") + b")\x81",
        "NEWOBJ with arguments": named(MARKER, "New") + ARGS + b"\x81",
        "NEWOBJ_EX": named(MARKER, "New") + ARGS + b"}\x92",
        "NEWOBJ_EX with keywords": named(MARKER, "New") + b")" + state + b"\x92",
        "BUILD calls __setstate__": CLASS + b")\x81" + state + b"b",
        "BUILD sets a property": named(MARKER, "Slots") + b")\x81N" + b"}" + short("prop") + b"K\x01s\x86b",
        "BUILD on a class": named(MARKER, "Shared") + b"N}" + short("x") + b"K\x01s\x86b",
        "APPEND": CLASS + b")\x81K\x01a",
        "APPENDS": CLASS + b")\x81(K\x01K\x02e",
        "SETITEM": CLASS + b")\x81K\x01K\x02s",
        "SETITEMS": CLASS + b")\x81(K\x01K\x02u",
        "ADDITEMS": CLASS + b")\x81(K\x01\x90",
        "call of an instance": CLASS + b")\x81" + ARGS + b"R",
        "import alone": RUN,
        "import of a class that is dropped": CLASS + b"0N",
        "hash of a key": b"}" + CLASS + b")\x81Ns",
        "member of a set": b"\x8f(" + CLASS + b")\x81\x90",
        "copyreg __newobj__": named("copyreg", "__newobj__") + named(MARKER, "New") + b"\x85R",
        "_reconstructor": named("copyreg", "_reconstructor") + CLASS + CLASS + b"K\x01\x87R",
        "partial that is called": named("functools", "partial") + RUN + b"\x85R)R",
        "functools.reduce": named("functools", "reduce") + RUN + b"](K\x01K\x02e\x86R",
        "list of a map": named("builtins", "list") + named("builtins", "map") + RUN + b"]K\x01a\x86R\x85R",
        "tuple of a filter": named("builtins", "tuple") + named("builtins", "filter") + RUN + b"]K\x01a\x86R\x85R",
        "deque of a starmap": named("collections", "deque") + named("itertools", "starmap") + RUN + b"])a\x86R\x85R",
        "methodcaller": named("operator", "methodcaller") + short("run") + b"\x85R"
        + named(MARKER, "Nested") + b"\x85R",
        "eval": named("builtins", "eval") + TEXT + b"\x85R",
        "exec": named("builtins", "exec") + TEXT + b"\x85R",
        "exec by its Python 2 module": b"\x80\x02" + line("__builtin__", "eval") + TEXT + b"\x85R",
        "compile and eval": named("builtins", "eval") + named("builtins", "compile") + TEXT + short("x") + short("eval")
        + b"\x87R\x85R",
        "__import__": named("builtins", "__import__") + short(MARKER) + b"\x85R",
        "import_module": named("importlib", "import_module") + short(MARKER) + b"\x85R",
        "timeit": named("timeit", "timeit") + TEXT + short("pass") + b"\x86R",
        "profile": named("cProfile", "run") + TEXT + b"\x85R",
        "code object": named("builtins", "eval") + named("marshal", "loads") + blob(function_code()) + b"\x85R\x85R",
        "type with a base": named("builtins", "type") + short("X") + named(MARKER, "Base") + b"\x85}\x87R",
        "setattr": named("builtins", "setattr") + named(MARKER, "Shared") + short("x") + b"K\x01\x87R",
        "pickle.loads": named("pickle", "loads") + blob(b"\x80\x04" + RUN + b")R.") + b"\x85R",
        "_pickle.loads": named("_pickle", "loads") + blob(b"\x80\x04" + RUN + b")R.") + b"\x85R",
        "pickle.loads thrice": nested(nested(b"\x80\x04" + RUN + b")R.")) [:-1][2:],
        "generator": named("numpy.random._pickle", "__generator_ctor") + short("x") + RUN + b"\x86R",
        "generator of an instance": named("numpy.random._pickle", "__generator_ctor") + short("x") + CLASS
        + b")\x81\x86R",
        "index of a class": named("pandas.core.indexes.base", "_new_Index") + named(MARKER, "New") + b"}\x86R",
        "array of a subtype": named("numpy._core.multiarray", "_reconstruct") + named(MARKER, "Array")
        + b"K\x00\x85C\x01b\x87R",
        "vectorize": named("numpy", "vectorize") + RUN + b"\x85R" + ARGS + b"R",
        "frompyfunc": named("numpy", "frompyfunc") + RUN + b"K\x01K\x01\x87R" + ARGS + b"R",
        "apply_along_axis": named("numpy", "apply_along_axis") + RUN + b"K\x00](K\x01K\x02e\x87R",
        "bunch with a method": named("sklearn.utils._bunch", "Bunch") + b")\x81" + short("add") + RUN + b"s(K\x01\x90",
        "bunch with append": named("sklearn.utils._bunch", "Bunch") + b")\x81" + short("append") + RUN + b"sK\x01a",
        "result with __setstate__": named("scipy.optimize._optimize", "OptimizeResult") + b")\x81"
        + short("__setstate__") + RUN + b"s}b",
        "distribution": named("scipy.stats._continuous_distns", "norm_gen") + b")\x81}" + short("_parse_arg_template")
        + TEXT + b"sb",
        "distribution, after the real template": named("scipy.stats._continuous_distns", "norm_gen") + b")\x81}("
        + short("_parse_arg_template") + template() + short("_parse_arg_template") + TEXT + b"ub",
        "distribution, appended to the template": named("scipy.stats._continuous_distns", "norm_gen") + b")\x81}"
        + short("_parse_arg_template") + template(f"{CALL}\n") + b"sb",
        "tensor of a function": named("torch._tensor", "_rebuild_from_type_v2") + b"(" + RUN
        + named("builtins", "dict") + b")NtR",
        "tensor of a nested file": named("torch.storage", "_load_from_bytes") + blob(legacy(RUN + b")R")) + b"\x85R",
        "default of a dict": named("collections", "defaultdict") + RUN + b"\x85R",
        "property as an item": b"}" + short("weights") + RUN + ARGS + b"Rs",
        "an element of an array": b"](" + CLASS + b")RK\x01e",
    }  # fmt: skip


def template(extra: str = "") -> bytes:
    """What scipy executes for a distribution without shapes."""
    text = (
        "\ndef _parse_args(self,  loc=0, scale=1):\n    return (), loc, scale\n\n"
        "def _parse_args_rvs(self,  loc=0, scale=1, size=None):\n"
        "    return self._argcheck_rvs( loc, scale, size=size)\n\n"
        "def _parse_args_stats(self,  loc=0, scale=1, moments='mv'):\n    return (), loc, scale, moments\n"
    )
    return b"X" + struct.pack("<I", len(text + extra)) + (text + extra).encode()


def nested(content: bytes) -> bytes:
    return b"\x80\x04" + named("pickle", "loads") + blob(content) + b"\x85R."


def whole(body: bytes, protocol: int = 4) -> bytes:
    return b"\x80" + bytes([protocol]) + body + b"."


def legacy(body: bytes) -> bytes:
    """torch's format before 1.6."""
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    head = [pickle.dumps(part, protocol=2) for part in (0x1950A86A20F9469CFC6C, 1001, system)]
    return b"".join(head) + whole(body, 2) + pickle.dumps([], protocol=2)


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def tarred(name: str, content: bytes, *, layout: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=layout) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def object_array(pickled: bytes) -> bytes:
    target = io.BytesIO()
    np.save(target, np.array([None], dtype=object), allow_pickle=True)
    return target.getvalue()[:128] + pickled


def joblib_objects(pickled: bytes) -> bytes:
    """A joblib file in which the pickle of an array of objects is exchanged."""
    target = io.BytesIO()
    joblib.dump({"x": np.array([None], dtype=object)}, target)
    content = target.getvalue()
    start = content.index(b"\x80\x05", 2)
    end = content.index(b".", content.index(b"ndarray", start) + 60) + 1
    return content[:start] + pickled + content[end:]


def joblib_behind_array(body: bytes) -> bytes:
    """The part stands behind the raw bytes of an array in the same stream."""
    target = io.BytesIO()
    joblib.dump([np.arange(9.0)], target)
    content = target.getvalue()
    return content.removesuffix(b"a.") + b"a" + body + b"0."


def torch_archive(body: bytes) -> bytes:
    return zipped(("m/data.pkl", whole(body, 2)), ("m/version", b"3\n"), ("m/byteorder", b"little"))


def old_tar_of_torch(body: bytes) -> bytes:
    """An archive without the mark of tar; only the checksum tells it from numbers."""
    member = tarred("pickle", whole(body, 2))
    block = bytearray(member[:512])
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + member[512:]


CONTAINERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "joblib": (whole, "joblib"),
    "gzip": (lambda body: gzip.compress(whole(body)), "joblib"),
    "zlib": (lambda body: zlib.compress(whole(body)), "joblib"),
    "zlib, stored": (lambda body: zlib.compress(whole(body), 0), "joblib"),
    "bzip2": (lambda body: bz2.compress(whole(body)), "joblib"),
    "xz": (lambda body: lzma.compress(whole(body)), "joblib"),
    "lzma": (lambda body: lzma.compress(whole(body), lzma.FORMAT_ALONE), "joblib"),
    "gzip, by pandas": (lambda body: gzip.compress(whole(body)), "pandas.gz"),
    "zip, by pandas": (lambda body: zipped(("m", whole(body)), compression=8), "pandas.zip"),
    "tar, by pandas": (lambda body: tarred("m", whole(body)), "pandas.tar"),
    "tar.gz, by pandas": (lambda body: gzip.compress(tarred("m", whole(body))), "pandas.tar.gz"),
    "two gzip members": (lambda body: gzip.compress(whole(body)[:9]) + gzip.compress(whole(body)[9:]), "pandas.gz"),
    "array of objects": (lambda body: object_array(whole(body)), "numpy"),
    "pickle, by numpy": (whole, "numpy"),
    "npz": (lambda body: zipped(("x.npy", object_array(whole(body)))), "numpy"),
    "npz, deflated": (lambda body: zipped(("x.npy", object_array(whole(body))), compression=8), "numpy"),
    "npz, a member without suffix": (lambda body: zipped(("x", object_array(whole(body)))), "numpy"),
    "joblib, array of objects": (lambda body: joblib_objects(whole(body)), "joblib"),
    "joblib, array of objects in zlib": (lambda body: zlib.compress(joblib_objects(whole(body))), "joblib"),
    "joblib, behind an array": (joblib_behind_array, "joblib"),
    "torch": (torch_archive, "torch"),
    "torch, old": (legacy, "torch"),
    "torch, old, in the first part": (lambda body: whole(body + b"0N", 2) + legacy(b"N"), "torch"),
    "second stream": (lambda body: pickle.dumps({"a": 1}) + whole(body), "pickle twice"),
    "second stream, padded": (lambda body: pickle.dumps({"a": 1}) + bytes(4096) + whole(body), "pickle padded"),
    "hundredth stream": (lambda body: pickle.dumps(1) * 99 + whole(body), "pickle many"),
    "zeros behind": (lambda body: whole(body) + bytes(100_000), "pickle"),
    "a zip behind": (lambda body: whole(body) + zipped(("a.npy", b"x")), "pickle"),
    "another stream behind": (lambda body: whole(body) + pickle.dumps([1]), "pickle"),
    "junk behind": (lambda body: whole(body) + b"\xff\xfe\xfd", "pickle"),
    "no STOP": (lambda body: whole(body)[:-1], "pickle"),
    "damage behind": (lambda body: whole(body)[:-1] + b"\xff\xff", "pickle"),
    "marks left behind": (lambda body: whole(body + b"((("), "pickle"),
    "steps before": (lambda body: whole(b"N0" * 5000 + body), "pickle"),
    "memo before": (lambda body: whole(b"N\x94" * 300 + body), "pickle"),
    "PROTO in the middle": (lambda body: whole(b"\x80\x02\x80\x04" + body), "pickle"),
    "no PROTO": (lambda body: body + b".", "pickle"),
    "long bytes before": (lambda body: whole(b"B\0\0\x20\0" + bytes(1 << 21) + b"0" + body), "pickle"),
    "long text before": (lambda body: whole(b"X\0\0\x02\0" + b"a" * (1 << 17) + b"\x940" + body), "pickle"),
    "ten thousand items before": (lambda body: whole(b"](" + b"K\x01" * 60_000 + b"e0" + body), "pickle"),
    "protocol 5": (lambda body: whole(body, 5), "pickle"),
    "protocol 2": (lambda body: whole(body, 2), "pickle"),
    "protocol 0": (lambda body: whole(body, 0), "pickle"),
    "persistent id beside": (lambda body: whole(b"Pa\n0" + body), "pickle persistent"),
}  # fmt: skip

UNLOADED: dict[str, Callable[[bytes], bytes]] = {
    "gzip in gzip": lambda body: gzip.compress(gzip.compress(whole(body))),
    "tensor of a torch archive": lambda body: zipped(("m/data.pkl", whole(b"N", 2)), ("m/data/0", whole(body))),
    "extra of a torch archive": lambda body: zipped(("m/data.pkl", whole(b"N", 2)), ("m/extra/a", whole(body))),
    "constants of TorchScript": lambda body: zipped(
        ("m/data.pkl", whole(b"N", 2)), ("m/constants.pkl", whole(body, 2)), ("m/code/a.py", b"")
    ),
    "example of torch.export": lambda body: zipped(
        ("m/archive_format", b"pt2"), ("m/data/sample_inputs/model.pt", torch_archive(body))
    ),
    "zip in tar in gzip": lambda body: gzip.compress(tarred("a", zipped(("m.pkl", whole(body))))),
    "tar of torch without a mark": old_tar_of_torch,
    "out of band": lambda body: whole(b"\x97" + body),
    "bytes of a skops file": lambda body: zipped(
        ("schema.json", skops_tree({"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode"})),
        ("1.npy", object_array(whole(body))),
    ),
}
"""Places that no single loader opens; the scan looks into them all the same."""


def skops_tree(content: dict[str, object]) -> bytes:
    top = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [content]}
    return json.dumps({**top, "protocol": 2, "_skops_version": "0.16"}).encode()


def skops_nodes() -> dict[str, dict[str, object]]:
    empty = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []}
    mine = {"__module__": MARKER}
    return {
        "ObjectNode": {**mine, "__class__": "Run", "__loader__": "ObjectNode", "content": empty},
        "FunctionNode": {**mine, "__class__": "function", "__loader__": "FunctionNode",
                         "content": {"module_path": MARKER, "function": "run"}},
        "TypeNode": {**mine, "__class__": "Run", "__loader__": "TypeNode"},
        "DictNode": {**mine, "__class__": "Run", "__loader__": "DictNode", "content": {}, "key_types": {
            "__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": []}},
        "ListNode": {**mine, "__class__": "Run", "__loader__": "ListNode", "content": []},
        "TupleNode": {**mine, "__class__": "Run", "__loader__": "TupleNode", "content": []},
        "OperatorFuncNode": {"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode",
                             "attrs": {**empty, "content": []}},
        "ConstructorFromReduceNode": {**mine, "__class__": "Run", "__loader__": "ConstructorFromReduceNode",
                                      "content": {"args": empty}},
    }  # fmt: skip


def corpus() -> Iterator[HostileFile]:
    """All files."""
    for way, name in names().items():
        acts = way not in ("alias in an allowed module",)
        for act, body in {"called": name + ARGS + b"R", "created": b"(" + name + b"K\x01o", "kept": name}.items():
            loads = acts and not (act == "kept" and way in QUIET)
            yield HostileFile(f"name by {way}, {act}", whole(body), acts=loads)
    for way, body in calls().items():
        yield HostileFile(f"call by {way}", whole(body))
        yield HostileFile(f"call by {way}, in joblib's zlib", zlib.compress(whole(body)), "joblib")
    chosen = {
        "REDUCE": RUN + ARGS + b"R",
        "INST": b"(K\x01i" + MODULE + b"\nrun\n",
        "NEWOBJ": calls()["NEWOBJ"],
        "BUILD": calls()["BUILD calls __setstate__"],
        "memo": names()["memo overwritten"] + ARGS + b"R",
    }
    for place, (wrap, loader) in CONTAINERS.items():
        for way, body in chosen.items():
            yield HostileFile(f"{way} in {place}", wrap(body), loader)
    for place, hide in UNLOADED.items():
        for way, body in chosen.items():
            yield HostileFile(f"{way} in {place}", hide(body), "", acts=False)
    for loader, node in skops_nodes().items():
        yield HostileFile(f"skops {loader}", zipped(("schema.json", skops_tree(node))), "skops", loader in SKOPS_ACTS)
    yield HostileFile("persistent id", b"\x80\x02Pa\n.", "pickle persistent")
    yield HostileFile("binary persistent id", b"\x80\x02K\x01Q.", "pickle persistent")


QUIET = frozenset({"EXT1", "EXT2", "EXT4", "dotted through an allowed module"})
"""Names that are in the process of the victim already: to keep one is no act."""
SKOPS_ACTS = frozenset({"ObjectNode", "FunctionNode", "TypeNode", "DictNode", "ListNode", "TupleNode"})
