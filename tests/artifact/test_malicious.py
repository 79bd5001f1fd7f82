"""Files that would act if they were opened: none may be called safe. Nothing here is ever loaded."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zipfile
import zlib
from collections.abc import Callable

import joblib
import numpy as np
import pytest

from audit import artifact
from audit.artifact import planted
from audit.artifact.view import View
from tests.artifact.hostile_files import joblib_objects, object_array, tarred

ARGUMENT = b"C\x04noop\x85"


def text(word: str) -> bytes:
    return b"\x8c" + bytes([len(word)]) + word.encode()


ACTS: dict[str, bytes] = {
    "global": b"cposix\nsystem\n" + ARGUMENT + b"R",
    "global, never called": b"cposix\nsystem\n",
    "global of a submodule": b"cnumpy.testing._private.utils\nrunstring\n" + ARGUMENT + b"R",
    "stack_global": text("posix") + text("system") + b"\x93" + ARGUMENT + b"R",
    "stack_global from bytes text": b"U\x05posixU\x06system\x93" + ARGUMENT + b"R",
    "stack_global from unicode lines": b"Vposix\nVsystem\n\x93" + ARGUMENT + b"R",
    "stack_global from quoted lines": b"S'posix'\nS'sys\\x74em'\n\x93" + ARGUMENT + b"R",
    "stack_global through memoize": text("system") + b"\x940" + text("posix") + b"h\x00\x93" + ARGUMENT + b"R",
    "stack_global through put and get": text("system") + b"p5\n0" + text("posix") + b"g5\n\x93" + ARGUMENT + b"R",
    "stack_global through long put": text("system") + b"r\x00\x01\x00\x000" + text("posix") + b"j\x00\x01\x00\x00\x93",
    "stack_global after dup and pop": text("posix") + text("system") + b"20\x93" + ARGUMENT + b"R",
    "dotted name": b"\x80\x04" + text("collections") + text("abc.sys.modules") + b"\x93",
    "inst": b"(" + ARGUMENT[:-1] + b"iposix\nsystem\n",
    "inst without arguments": b"(iplanted\nRun\n",
    "obj": b"(cposix\nsystem\n" + ARGUMENT[:-1] + b"o",
    "newobj": b"cplanted\nRun\n)\x81",
    "newobj with arguments": b"csklearn.pipeline\nPipeline\n" + ARGUMENT + b"\x81",
    "newobj_ex": b"cplanted\nRun\n" + ARGUMENT + b"}\x92",
    "build calls setstate": b"cplanted\nRun\n)\x81}b",
    "build on a class": b"ccollections\nOrderedDict\nN}\x8c\x03getcbuiltins\nlen\ns\x86b",
    "call of an instance": b"ccollections\nOrderedDict\n)R" + ARGUMENT + b"R",
    "estimator constructor": b"cxgboost.core\nBooster\nN]" + text("/etc/passwd") + b"\x87R",
    "reconstructor with a constructor as base": b"ccopyreg\n_reconstructor\ncxgboost.core\nBooster\n"
    b"cxgboost.core\nBooster\nN\x87R",
    "extension 1": b"\x82\x01" + ARGUMENT + b"R",
    "extension 2": b"\x83\x01\x01" + ARGUMENT + b"R",
    "extension 4": b"\x84\x01\x01\x01\x01" + ARGUMENT + b"R",
    "persistent id": b"Pevil\n",
    "binary persistent id": b"K\x01Q",
    "out of band buffer": b"\x97",
    "getattr": b"cbuiltins\ngetattr\ncbuiltins\nlist\n" + text("__class__") + b"\x86R",
    "python 2 name": b"c__builtin__\neval\n" + ARGUMENT + b"R",
    "python 2 module": b"ccommands\ngetoutput\n" + ARGUMENT + b"R",
    "partial": b"cfunctools\npartial\ncposix\nsystem\n\x85R",
    "partial of harmless functions": b"cfunctools\npartial\ncbuiltins\nlen\n\x85R",
    "numpy that writes files": b"cnumpy\nmemmap\n" + ARGUMENT + b"R",
    "numpy that loads pickles": b"cnumpy\nload\n" + ARGUMENT + b"R",
    "sklearn that fetches": b"csklearn.datasets\nfetch_openml\n" + ARGUMENT + b"R",
    "scipy that executes its state": b"cscipy.stats._continuous_distns\nnorm_gen\n)\x81}b",
    "torch that loads pickles": b"ctorch.storage\n_load_from_bytes\n" + ARGUMENT + b"R",
    "torch that calls": b"ctorch._tensor\n_rebuild_from_type_v2\n(tR",
    "pickle in pickle": b"cpickle\nloads\n" + ARGUMENT + b"R",
    "unusual codec": b"c_codecs\nencode\n" + text("x") + text("zlib_codec") + b"\x86R",
    "hidden in a dict": b"}" + text("weights") + b"cposix\nsystem\n" + ARGUMENT + b"Rs",
    "hidden in a factory": b"ccollections\ndefaultdict\ncposix\nsystem\n\x85R",
    "append that was replaced": b"ccollections\nOrderedDict\n)R}" + text("append") + b"cbuiltins\nlen\nsbK\x01a",
    "setstate that was replaced": b"ccollections\nOrderedDict\n)R}" + text("__setstate__") + b"cbuiltins\nlen\nsb}b",
    "behind a damaged opcode": b"cposix\nsystem\n" + ARGUMENT + b"R\xff",
    "after a value that is dropped": b"K\x01cposix\nsystem\n" + ARGUMENT + b"R0",
}


def whole(body: bytes, protocol: int = 2) -> bytes:
    return b"\x80" + bytes([protocol]) + body + b"."


def zipped(name: str, member: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return target.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "two gzip members": lambda part: gzip.compress(part[:3]) + gzip.compress(part[3:]),
    "zlib": zlib.compress,
    "zlib without compression": lambda part: zlib.compress(part, 0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda part: lzma.compress(part, lzma.FORMAT_ALONE),
    "gzip in gzip": lambda part: gzip.compress(gzip.compress(part)),
    "array of objects": object_array,
    "npz": lambda part: zipped("x.npy", object_array(part)),
    "zip": lambda part: zipped("a/model.pkl", part),
    "zip without suffix": lambda part: zipped("weights", part),
    "torch": lambda part: zipped("m/data.pkl", part),
    "torch tensor": lambda part: extended(zipped("m/data.pkl", whole(b"N")), "m/data/0", part),
    "tar": lambda part: tarred("model.pkl", part),
    "tar.gz": lambda part: gzip.compress(tarred("model.pkl", part)),
    "zip in tar": lambda part: tarred("m.zip", zipped("model.pkl", part)),
    "after another pickle": lambda part: pickle.dumps({"a": 1}) + part,
    "after zeros": lambda part: pickle.dumps({"a": 1}) + bytes(5000) + part,
    "joblib array of objects": joblib_objects,
    "behind an array": lambda part: saved(np.arange(3)) + part,
    "behind a zip": lambda part: zipped("x.npy", saved(np.arange(3))) + part,
    "before a zip": lambda part: part + zipped("x.npy", saved(np.arange(3))),
}


def extended(archive: bytes, name: str, member: bytes) -> bytes:
    target = io.BytesIO(archive)
    with zipfile.ZipFile(target, "a") as opened:
        opened.writestr(name, member)
    return target.getvalue()


def saved(array: np.ndarray) -> bytes:
    target = io.BytesIO()
    np.save(target, array)
    return target.getvalue()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_no_way_to_act_is_safe(act: str, protocol: int) -> None:
    report = artifact.scan_bytes(whole(ACTS[act], protocol), "model.pkl")
    assert not report.safe
    assert report.unknown or report.unreadable
    assert "model.pkl" in report.sentence


@pytest.mark.parametrize("act", ["global", "stack_global through memoize", "newobj", "build on a class"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_no_container_hides_it(act: str, container: str) -> None:
    content = CONTAINERS[container](whole(ACTS[act], 4))
    assert not artifact.scan_bytes(content, "model.bin").safe


@pytest.mark.parametrize("container", sorted(set(CONTAINERS) - {"before a zip", "behind a zip", "behind an array"}))
def test_the_name_is_found_inside(container: str) -> None:
    content = CONTAINERS[container](whole(ACTS["global"], 4))
    assert "posix.system" in artifact.scan_bytes(content, "model.bin").unknown


def test_python_2_names_are_reported_as_what_would_run() -> None:
    report = artifact.scan_bytes(b"c__builtin__\neval\n(S'1'\ntR.", "model.pkl")
    assert report.unknown == ("builtins.eval",)


def test_a_file_without_a_protocol_opcode_is_read() -> None:
    assert artifact.scan_bytes(b"cos\nsystem\n(S'x'\ntR.", "model.pkl").unknown == ("os.system",)


def test_the_name_of_a_tar_member_is_read_as_a_pickle_too() -> None:
    content = tarred("cos\nsystem\n(S'x'\ntR.", b"")
    assert "os.system" in artifact.scan_bytes(content, "data.tar").unknown


def test_padding_of_a_joblib_array_is_read_as_a_plain_pickle_too() -> None:
    """joblib skips as many bytes as the first byte after a wrapper says; pickle.load takes both for opcodes."""
    target = io.BytesIO()
    joblib.dump(np.arange(5, dtype="u1"), target)
    content = target.getvalue()
    length = next(n for n in range(1, 17) if content[-7 - n] == n and content[-6 - n : -6] == b"\xff" * n)
    hidden = b"os\nsystem\n" + ARGUMENT + b"R."
    changed = content[: -7 - length] + b"c" + hidden.ljust(ord("c"), b"\xff") + content[-6:]
    assert joblib.load(io.BytesIO(changed)).tolist() == [0, 1, 2, 3, 4], "joblib sees nothing of it"
    assert artifact.scan_bytes(content, "m.joblib").safe
    assert "os.system" in artifact.scan_bytes(changed, "m.joblib").unknown


def test_a_second_reading_of_a_dtype_is_refused() -> None:
    """An element type whose flags say "objects" and whose code says "numbers" is read in two ways."""
    target = io.BytesIO()
    joblib.dump(np.arange(4.0), target)
    content = target.getvalue()
    before = b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t"
    assert before in content
    assert artifact.scan_bytes(content, "m.joblib").safe
    changed = content.replace(before, before[:-2] + b"\x3ft")
    assert not artifact.scan_bytes(changed, "m.joblib").safe


def test_every_planted_file_is_unsafe_for_every_kind_of_model() -> None:
    models = {
        "pickle": pickle.dumps({"a": np.arange(5)}, protocol=4),
        "zlib": zlib.compress(pickle.dumps({"a": 1}, protocol=2)),
        "npz": zipped("x.npy", saved(np.arange(3))),
        "text": b"tree\nversion=v4\n\nend of trees\n",
    }
    for kind, content in models.items():
        assert artifact.scan_bytes(content, kind).safe, kind
        copies = list(planted.variants(View(content)))
        assert len(copies) >= 20
        assert [copy.way for copy in copies if artifact.scan_file(copy.content, kind).safe] == []
