"""Bundles on disk, made of the one that the reports are tried on."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from audit.bundle import countersign, write
from audit.dsse import PrivateKey, new_private_key
from audit.records import Bundle


@pytest.fixture(scope="session")
def example() -> SimpleNamespace:
    """`BUNDLE`, `POLICY`, `EVIDENCE` and the names in them."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("loadable_example.py"))))


@pytest.fixture(scope="session")
def keys() -> PrivateKey:
    return new_private_key()


@pytest.fixture
def bundle(example: SimpleNamespace) -> Bundle:
    return example.BUNDLE


@pytest.fixture(scope="session")
def originals(example: SimpleNamespace, keys: PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bundles, written once, since each waits for the disk."""
    folder = tmp_path_factory.mktemp("originals")
    write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder / "unsigned")
    write(example.BUNDLE, example.POLICY, example.EVIDENCE, folder / "signed", sign_key=keys.pem())
    return folder


@pytest.fixture
def written(originals: Path, tmp_path: Path) -> Path:
    """An unsigned bundle on disk."""
    return Path(shutil.copytree(originals / "unsigned", tmp_path / "audit-bundle"))


@pytest.fixture
def signed(originals: Path, tmp_path: Path) -> Path:
    """A signed bundle on disk."""
    return Path(shutil.copytree(originals / "signed", tmp_path / "signed-bundle"))


@pytest.fixture(scope="session")
def reviewer() -> PrivateKey:
    return new_private_key("ecdsa-p384")


@pytest.fixture(scope="session")
def owner() -> PrivateKey:
    return new_private_key("ecdsa-p256")


@pytest.fixture(scope="session")
def countersigned_original(
    originals: Path, reviewer: PrivateKey, owner: PrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = Path(shutil.copytree(originals / "signed", tmp_path_factory.mktemp("counter") / "b"))
    countersign(folder, reviewer.pem(), "reviewer")
    countersign(folder, owner.pem(), "risk-owner")
    return folder


@pytest.fixture
def countersigned(countersigned_original: Path, tmp_path: Path) -> Path:
    """A bundle with three signatures: auditor, reviewer and risk-owner."""
    return Path(shutil.copytree(countersigned_original, tmp_path / "countersigned"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A small real audit, run once: what `small_audit` returns."""
    made = runpy.run_path(str(Path(__file__).with_name("small_audit.py")))
    return cast(SimpleNamespace, made["small_audit"](tmp_path_factory.mktemp("small")))


@pytest.fixture
def small_written(small: SimpleNamespace, tmp_path: Path) -> Path:
    """The bundle of the small audit, to be changed."""
    return Path(shutil.copytree(small.folder, tmp_path / "small-bundle"))


@pytest.fixture
def reseal() -> Callable[[Path], None]:
    """Writes the manifest of a changed folder again, as somebody would who covers his tracks."""
    from audit.bundle import manifest
    from audit.bundle.read import read_all, walk

    def again(folder: Path) -> None:
        (folder / "MANIFEST.sha256").write_bytes(manifest.render(read_all(folder, walk(folder).files).listed()))

    return again
