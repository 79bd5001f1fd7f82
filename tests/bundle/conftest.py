"""Bundles on disk, made of the one that the reports are tried on."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit.bundle import KeyPair, new_key_pair, write
from audit.records import Bundle


@pytest.fixture(scope="session")
def example() -> SimpleNamespace:
    """`BUNDLE`, `POLICY`, `EVIDENCE` and the names in them."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "reports" / "example.py")))


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    return new_key_pair()


@pytest.fixture
def bundle(example: SimpleNamespace) -> Bundle:
    return example.BUNDLE


@pytest.fixture(scope="session")
def originals(example: SimpleNamespace, keys: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bundles, written once, since each waits for the disk."""
    folder = tmp_path_factory.mktemp("originals")
    write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder / "unsigned")
    write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder / "signed", sign_key=keys.private)
    return folder


@pytest.fixture
def written(originals: Path, tmp_path: Path) -> Path:
    """An unsigned bundle on disk."""
    return Path(shutil.copytree(originals / "unsigned", tmp_path / "audit-bundle"))


@pytest.fixture
def signed(originals: Path, tmp_path: Path) -> Path:
    """A signed bundle on disk."""
    return Path(shutil.copytree(originals / "signed", tmp_path / "signed-bundle"))


@pytest.fixture
def reseal() -> Callable[[Path], None]:
    """Writes the manifest of a changed folder again, as somebody would who covers his tracks."""
    from audit.bundle import manifest
    from audit.bundle.read import read_all, walk

    def again(folder: Path) -> None:
        (folder / "MANIFEST.sha256").write_bytes(manifest.render(read_all(folder, walk(folder).files).listed()))

    return again
