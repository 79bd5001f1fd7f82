"""Puts known malicious parts into the bytes of a model, in memory, to see whether the scan finds them.

The parts name functions that would act, such as os.system; the bytes are only ever handed to the scan, which runs
nothing. Each way of making a pickle act is combined with each way of hiding a pickle that fits the model's own format.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.artifact import compressed
from audit.artifact.archives import is_zip, zip_members
from audit.artifact.report import Findings
from audit.artifact.skops_file import SCHEMA
from audit.artifact.view import IN_MEMORY, Joined, Source, View

_SMALL_MEMBER = 1 << 20
_COMMAND = b"planted: this text is never run"


@dataclass(frozen=True)
class PlantedFile:
    """A copy of a model with a malicious part.

    Attributes:
        way: how the part acts and where it hides, in words.
        content: the bytes; those of the model itself are not copied where they are many.
    """

    way: str
    content: View


def payloads() -> dict[str, bytes]:
    """Pickle bodies without PROTO and STOP, each leaving one object on the stack, by the way in which they act."""
    text = pickle.SHORT_BINBYTES + bytes([len(_COMMAND)]) + _COMMAND
    argument = text + pickle.TUPLE1
    word = _short_text
    return {
        "REDUCE of os.system": b"cos\nsystem\n" + argument + pickle.REDUCE,
        "REDUCE of a function in an unknown module": b"cplanted_by_audit\nrun\n" + argument + pickle.REDUCE,
        "STACK_GLOBAL of builtins.eval": word("builtins") + word("eval") + pickle.STACK_GLOBAL + argument
        + pickle.REDUCE,
        "STACK_GLOBAL with names from the memo": word("system") + b"q\xf0" + pickle.POP + word("posix") + b"h\xf0"
        + pickle.STACK_GLOBAL + argument + pickle.REDUCE,
        "INST of subprocess.Popen": pickle.MARK + text + b"isubprocess\nPopen\n",
        "OBJ of subprocess.Popen": pickle.MARK + b"csubprocess\nPopen\n" + text + pickle.OBJ,
        "NEWOBJ of an unknown class": b"cplanted_by_audit\nRun\n" + argument + pickle.NEWOBJ,
        "NEWOBJ_EX of an unknown class": b"cplanted_by_audit\nRun\n" + argument + pickle.EMPTY_DICT + pickle.NEWOBJ_EX,
        "BUILD on a class": b"ccollections\nOrderedDict\n" + pickle.NONE + pickle.EMPTY_DICT + word("get")
        + b"cbuiltins\nlen\n" + pickle.SETITEM + pickle.TUPLE2 + pickle.BUILD,
        "a call of a created object": b"ccollections\nOrderedDict\n)R" + argument + pickle.REDUCE,
        "the extension registry": pickle.EXT1 + b"\x07" + argument + pickle.REDUCE,
        "a nested pickle.loads": b"cpickle\nloads\n" + argument + pickle.REDUCE,
        "functools.partial": b"cfunctools\npartial\n" + b"cos\nsystem\n" + text + pickle.TUPLE2 + pickle.REDUCE,
        "a reference without a call": b"cos\nsystem\n",
    }  # fmt: skip


def variants(source: Source | View) -> Iterator[PlantedFile]:
    """Copies of a model file with each malicious part, in ways that fit its format.

    Of an archive or a compressed file that is too large to be written again, the copies leave out raw data.

    Args:
        source: the model file.
    """
    model = source if isinstance(source, View) else View(source)
    reduced, bodies = _reduced(model), payloads()
    for way, body in bodies.items():
        yield PlantedFile(f"{way}, inside the model", _inside(reduced, body))
    whole = _whole(bodies["REDUCE of os.system"])
    for place, wrap in _WRAPPERS.items():
        yield PlantedFile(f"REDUCE of os.system, {place}", wrap(model, View(whole)))


def _reduced(model: View) -> View:
    """The model, without its large members where it is a large archive, or a stand-in for one compressed as a whole."""
    if len(model) <= IN_MEMORY:
        return model
    packing = compressed.kind(model)
    if packing in _PACKERS:
        return View(_PACKERS[packing](_whole(pickle.NONE)))
    if not is_zip(model):
        return model
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for member in zip_members(model, Findings.empty(), "model"):
            if len(member.content) <= _SMALL_MEMBER or member.name.endswith((".pkl", SCHEMA)):
                archive.writestr(member.name, member.content[:])
    return View(target.getvalue())


def _inside(model: View, body: bytes) -> View:
    """The model with a malicious part in its own container; a pickle in its place where the format cannot act."""
    packing = compressed.kind(model)
    if packing in _PACKERS:
        unpacked = compressed.unpack(model, packing, Findings.empty(), "model")
        return View(_PACKERS[packing](_inside(unpacked, body)[:]))
    if is_zip(model):
        return View(_inside_zip(model, body))
    if model.startswith(pickle.PROTO):
        return View(Joined(View(model[:2] + body + pickle.POP), model.part(2)))
    return View(_whole(body))


def _inside_zip(model: View, body: bytes) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(model.stream()) as source, zipfile.ZipFile(changed, "w") as target:
        found = False
        for name in source.namelist():
            member = source.read(name)
            if name == SCHEMA:
                schema = json.loads(member)
                node = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
                member, found = json.dumps({**schema, "planted": node}).encode(), True
            elif name.endswith(".pkl") and member[:1] == pickle.PROTO:
                member, found = _inside(View(member), body)[:], True
            target.writestr(name, member)
        if not found:
            target.writestr("planted.npy", _array(_whole(body)))
    return changed.getvalue()


def _whole(body: bytes) -> bytes:
    return pickle.PROTO + b"\x02" + body + pickle.STOP


def _short_text(word: str) -> bytes:
    return pickle.SHORT_BINUNICODE + bytes([len(word)]) + word.encode()


def _array(pickled: bytes) -> bytes:
    """An .npy file of objects."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickled


def _zip(name: str, member: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, member)
    return target.getvalue()


def _tar(name: str, member: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(member)
        archive.addfile(entry, io.BytesIO(member))
    return target.getvalue()


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
}
_WRAPPERS: dict[str, Callable[[View, View], View]] = {
    "before the model": lambda model, part: View(Joined(part, model)),
    "behind the model": lambda model, part: View(Joined(model, part)),
    "behind the model and a gap of zeros": lambda model, part: View(Joined(model, View(bytes(64)), part)),
    "compressed with gzip": lambda model, part: View(gzip.compress(part[:])),
    "compressed with zlib": lambda model, part: View(zlib.compress(part[:])),
    "compressed with bzip2": lambda model, part: View(bz2.compress(part[:])),
    "compressed with xz": lambda model, part: View(lzma.compress(part[:])),
    "in an array of objects": lambda model, part: View(_array(part[:])),
    "in a zip archive": lambda model, part: View(_zip("model.pkl", part[:])),
    "in a torch archive": lambda model, part: View(_zip("archive/data.pkl", part[:])),
    "in a tar archive": lambda model, part: View(_tar("model.pkl", part[:])),
    "in a zip archive inside a tar archive": lambda model, part: View(_tar("model.zip", _zip("model.pkl", part[:]))),
}
