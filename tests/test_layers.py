"""Who may import whom: the table of the architecture, held against every import of the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = {
    "audit.errors": 0,
    "audit.records": 0,
    "audit.plain": 1,
    "audit.plugins": 1,
    "audit.trace": 1,
    "audit.shipped": 1,
    "audit.yaml_file": 1,
    "audit.spreadsheet": 1,
    "audit.strict_json": 1,
    "audit.dsse": 1,
    "audit.front_matter": 1,
    "audit.data": 1,
    "audit.models": 1,
    "audit.artifact": 1,
    "audit.isolation": 1,
    "audit.statistics": 1,
    "audit.pii": 1,
    "audit.provenance": 1,
    "audit.documents": 1,
    "attacks": 1,
    "audit.memory": 3,
    "audit.subject": 2,
    "audit.signature": 2,
    "audit.judge": 2,
    "audit.policy": 3,
    "audit.checks": 3,
    "audit.reports": 3,
    "audit.runner": 4,
    "audit.bundle": 4,
    "audit.engine": 4,
    "audit.api": 5,
    "audit.starter": 5,
    "audit.replay": 5,
    "audit.cli": 6,
    "audit.__main__": 7,
    "audit": 6,
}
"""Row of each room; a room is a module or a folder of modules."""

SIDEWAYS = {
    ("audit.isolation", "audit.models"),
    ("audit.isolation", "audit.artifact"),
    ("audit.replay", "audit.api"),
}
"""The only imports between rooms of one row, beside the plain tools below."""

TOOLS = {
    "audit.plain",
    "audit.plugins",
    "audit.trace",
    "audit.shipped",
    "audit.spreadsheet",
    "audit.strict_json",
    "audit.yaml_file",
    "audit.dsse",
    "audit.front_matter",
}
"""Modules of row 1 that know nothing of audits: any room of row 1 may use them."""

REPORTS_MAY = {"audit.records", "audit.errors", "audit.reports"}
CHECKS_MAY_NOT = {"audit.policy", "audit.signature", "audit.judge", "audit.shipped", "audit.yaml_file"}


def room_of(module: str) -> str:
    if module.split(".")[0] == "attacks":
        return "attacks"
    parts = module.split(".")
    return ".".join(parts[:2]) if len(parts) > 1 else module


def modules() -> list[tuple[str, Path]]:
    found = []
    for folder in ("audit", "attacks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found.append((name.removesuffix(".__init__"), path))
    return found


def own_imports(path: Path) -> list[str]:
    """Modules of this project that a file imports, at any depth of its code."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer"
            package = node.module or ""
            found += [f"{package}.{alias.name}" if package in ("audit",) else package for alias in node.names]
    return [name for name in found if name.split(".")[0] in ("audit", "attacks")]


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_follow_the_table(module: str, path: Path) -> None:
    room = room_of(module)
    assert room in ROWS, f"{module}: a new room needs a row in the table"
    for imported in own_imports(path):
        target = room_of(imported)
        if target == room or imported in ("audit.__version__",):
            continue
        if target not in ROWS:  # `from audit import run`: a name of the package itself
            target = "audit"
        lower = ROWS[target] < ROWS[room]
        tool = ROWS[target] == ROWS[room] == 1 and target in TOOLS and room != "attacks"
        assert lower or tool or (room, target) in SIDEWAYS, f"{module} (row {ROWS[room]}) imports {imported}"
        if room == "audit.reports":
            assert target in REPORTS_MAY, f"{module}: a report imports records alone"
        if room == "audit.checks":
            assert target not in CHECKS_MAY_NOT, f"{module}: a check sees no policy"
        if target == "attacks":
            assert room == "audit.checks", f"{module}: only checks call attacks"


@pytest.mark.parametrize(("module", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_check_imports_no_other_check(module: str, path: Path) -> None:
    if room_of(module) != "audit.checks":
        return
    others = [name for name in own_imports(path) if name.startswith("audit.checks.")]
    parts = [name.split(".")[2] for name in others]
    assert all(part.startswith("_") for part in parts)
    # a folder `_NAME` belongs to the check NAME alone
    own = {module.split(".")[2].removeprefix("_")} if module.count(".") > 1 else set()
    folders = {part for part in parts if (ROOT / "audit" / "checks" / part).is_dir()}
    assert {folder.removeprefix("_") for folder in folders} <= own


def test_only_the_runner_catches_everything() -> None:
    broad = []
    for module, path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
                if names & {"", "Exception", "BaseException"}:
                    broad.append(module)
    assert broad == ["audit.runner"]


def test_only_one_file_imports_art() -> None:
    importing = [
        module
        for module, path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "art")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "art" for alias in node.names))
    ]
    assert set(importing) == {"attacks._art"}
