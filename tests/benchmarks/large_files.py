"""Writes model files of any size, one for each kind of container, without ever holding one in memory.

The large part is zeros in a hole of the file or text that repeats; everything around it is what the real writers put
there. Used by the benchmark of the scan and by its test of bounded memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

PIECE = 1 << 20


def pieces(size: int) -> Iterator[bytes]:
    """Bytes that compress to about two thirds, so that no reader takes them for a bomb."""
    draw = random.Random(0)
    for start in range(0, size, PIECE):
        yield (draw.randbytes(PIECE * 2 // 3) + bytes(PIECE // 3 + 1))[: min(PIECE, size - start)]


def hole(target: BinaryIO, size: int) -> None:
    target.seek(size - 1, io.SEEK_CUR)
    target.write(b"\0")


def array_header(size: int) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array_header_1_0(written, {"descr": "|u1", "fortran_order": False, "shape": (size,)})
    return written.getvalue()


def npy(path: Path, size: int) -> None:
    with path.open("wb") as target:
        target.write(array_header(size))
        hole(target, size)


def safetensors(path: Path, size: int) -> None:
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    with path.open("wb") as target:
        target.write(struct.pack("<Q", len(header)) + header)
        hole(target, size)


def pickled_bytes(path: Path, size: int) -> None:
    with path.open("wb") as target:
        target.write(b"\x80\x04}\x94\x8c\x01w\x94\x8e" + struct.pack("<Q", size))
        hole(target, size)
        target.write(b"\x94s.")


def pickled_array(path: Path, size: int) -> None:
    """As numpy writes it with protocol 5: the bytes of the array are a bytearray in the stream."""
    written = pickle.dumps(np.zeros(1000, "u1"), protocol=5)
    start = written.index(b"\x96")
    shape = written.index(b"M\xe8\x03")
    with path.open("wb") as target:
        target.write(b"\x80\x05" + written[11:start] + b"\x96" + struct.pack("<Q", size))
        hole(target, size)
        target.write(written[start + 9 + 1000 : shape] + b"J" + struct.pack("<i", size) + written[shape + 3 :])


def joblib_array(path: Path, size: int) -> None:
    import joblib

    joblib.dump({"w": np.zeros(size, "u1"), "v": np.arange(5)}, path)


def stored_zip(name: str, *before: tuple[str, bytes], header: Callable[[int], bytes] = lambda size: b""):
    def write(path: Path, size: int) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for other, content in before:
                archive.writestr(other, content)
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(header(size))
                for start in range(0, size, PIECE):
                    member.write(bytes(min(PIECE, size - start)))

    return write


def deflated_npz(path: Path, size: int) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.npy", "w", force_zip64=True) as member,
    ):
        member.write(array_header(size))
        for piece in pieces(size):
            member.write(piece)


def tar(path: Path, size: int) -> None:
    entry = tarfile.TarInfo("x.npy")
    header = array_header(size)
    entry.size = size + len(header)
    with path.open("wb") as target:
        target.write(entry.tobuf() + header)
        hole(target, size)
        target.write(bytes(-(size + len(header)) % 512 + 1024))


def onnx(path: Path, size: int) -> None:
    from onnx import TensorProto, helper

    node = helper.make_node("Relu", ["x"], ["y"])
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    model = helper.make_model(helper.make_graph([node], "g", [value], [value])).SerializeToString()
    tensor = field(8, b"w") + b"\x10\x02" + b"\x4a" + varint(size)
    graph = b"\x2a" + varint(len(tensor) + size) + tensor
    with path.open("wb") as target:  # a second graph is merged with the first one
        target.write(model + b"\x3a" + varint(len(graph) + size) + graph)
        hole(target, size)


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def xgboost_json(path: Path, size: int) -> None:
    line = b",".join(b"%.7E" % (number / 3) for number in range(1000))
    with path.open("wb") as target:
        target.write(b'{"learner":{"name":"x\\u00e9","values":[')
        for start in range(0, size, len(line) + 1):
            target.write((b"," if start else b"") + line)
        target.write(b']},"version":[3,2,0]}')


def xgboost_ubj(path: Path, size: int) -> None:
    with path.open("wb") as target:
        target.write(b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", size // 4))
        hole(target, size // 4 * 4)
        target.write(b"L" + struct.pack(">q", 7) + b"version[$U#L" + struct.pack(">q", 1) + b"\x03}")


def lightgbm(path: Path, size: int) -> None:
    line = b"leaf_value=" + b" ".join(b"%.12f" % (number / 7) for number in range(1000)) + b"\n"
    with path.open("wb") as target:
        target.write(b"tree\nversion=v4\n")
        for _ in range(0, size, len(line)):
            target.write(line)
        target.write(b"\nend of trees\n")


def torch_legacy(path: Path, size: int) -> None:
    import torch

    written = io.BytesIO()
    torch.save({"w": torch.zeros(7, dtype=torch.uint8)}, written, _use_new_zipfile_serialization=False)
    start = written.getvalue()[:-15]
    with path.open("wb") as target:
        target.write(start + struct.pack("<Q", size))
        hole(target, size)


def compressed(opened: Callable[[Path], BinaryIO]) -> Callable[[Path, int], None]:
    def write(path: Path, size: int) -> None:
        with opened(path) as target:
            target.write(b"\x80\x04\x8e" + struct.pack("<Q", size))
            for piece in pieces(size):
                target.write(piece)
            target.write(b".")

    return write


class Zlib(io.RawIOBase):
    """A zlib stream, as joblib writes it, as a file."""

    def __init__(self, path: Path) -> None:
        self._target, self._packer = path.open("wb"), zlib.compressobj(1)

    def write(self, piece: bytes) -> int:
        return self._target.write(self._packer.compress(piece))

    def close(self) -> None:
        if not self.closed:
            self._target.write(self._packer.flush())
            self._target.close()
        super().close()


def many_numbers(path: Path, size: int) -> None:
    """A list of floats, as plain pickle writes it; one that is too long is refused rather than read for minutes."""
    batch = b"(" + b"".join(b"G" + struct.pack(">d", number / 7) for number in range(1000)) + b"e"
    with path.open("wb") as target:
        target.write(b"\x80\x04]\x94")
        for _ in range(0, size, len(batch)):
            target.write(batch)
        target.write(b".")


EMPTY = pickle.dumps({}, protocol=2)
QUICK: dict[str, Callable[[Path, int], None]] = {
    "npy": npy,
    "safetensors": safetensors,
    "pickle of bytes": pickled_bytes,
    "pickle of an array": pickled_array,
    "joblib": joblib_array,
    "npz": stored_zip("x.npy", header=array_header),
    "torch": stored_zip("m/data/0", ("m/data.pkl", EMPTY), ("m/version", b"3\n")),
    "tar": tar,
    "onnx": onnx,
    "xgboost ubj": xgboost_ubj,
    "torch legacy": torch_legacy,
}
"""Kinds that are written and scanned in a few seconds a gigabyte."""
SLOW: dict[str, Callable[[Path, int], None]] = {
    "xgboost json": xgboost_json,
    "lightgbm": lightgbm,
    "npz deflated": deflated_npz,
    "pickle in zlib": compressed(Zlib),
    "pickle in gzip": compressed(partial(gzip.open, mode="wb", compresslevel=1)),
    "pickle in bzip2": compressed(partial(bz2.open, mode="wb", compresslevel=1)),
    "pickle in xz": compressed(partial(lzma.open, mode="wb", preset=0)),
    "pickle of numbers": many_numbers,
}
"""Kinds that have to be compressed or read word by word."""
