"""Becomes a program of the subject, after restricting itself: the network and the rest of the disk are gone by then.

The program keeps its environment, which its author chose, and sees the list of processes that every user sees.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from audit.isolation.process import HINT
from audit.isolation.restrict import Restrictions, die_with_parent

_NOT_STARTED = 126


def main(settings: Mapping[str, Any], command: Sequence[str]) -> None:
    """Restrict this process and start the program in its place; without a program, print what is in force.

    Args:
        settings: `folder` that the program may read, `scratch` that it may write, `wanted` isolation, and the words of
            the `environment` to be put back.
    """
    die_with_parent()
    restrictions = Restrictions()
    reached = restrictions.before_program(settings["folder"], settings["scratch"], command or ("true",))
    if settings["wanted"] == "required" and reached.level != "kernel":
        sys.exit(HINT)
    if not command:
        print(json.dumps(asdict(reached)))
        return
    for name, value in settings["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.environ["TMPDIR"] = settings["scratch"]
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"the program cannot be started: {error.strerror}", file=sys.stderr)
        sys.exit(_NOT_STARTED)
