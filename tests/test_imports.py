"""`audit --help` costs click and little else: a list of modules, not a stopwatch."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "art", "presidio_analyzer", "spacy", "torch", "onnxruntime", "pyarrow")
COMMANDS = (["--help"], ["checks"], ["checks", "evasion"], ["policy", "lint", "builtin:release"], ["policy", "--help"])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_command_loads_no_heavy_module(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from audit.cli import root\n"
        f"code = root.main({arguments!r}, standalone_mode=False)\n"
        f"print('loaded', sorted(set({HEAVY!r}) & set(sys.modules)))\n"
        "sys.exit(code or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded []"
