"""Runs the command line and ends it, or fills the disk, at one moment: `python killed.py MODE N ARGUMENTS`.

The moments are the calls that change what is on the disk, counted in their order. `kill` ends the process with SIGKILL
in the middle of the N-th, `full` makes the N-th and all later ones fail as on a full disk, `count` prints how many
there are.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

CHANGING = ("write", "fsync", "replace", "rename", "unlink", "ftruncate", "mkdir", "rmdir")
OPENING = os.O_CREAT | os.O_TRUNC


class Moments:
    """Counts the calls and acts at one of them."""

    def __init__(self, mode: str, wanted: int) -> None:
        self.mode, self.wanted, self.count = mode, wanted, 0
        self.originals = {name: getattr(os, name) for name in (*CHANGING, "open")}

    def wrapped(self, name: str) -> Callable[..., Any]:
        original = self.originals[name]

        def call(*arguments: Any, **named: Any) -> Any:
            counted = name != "open" or (len(arguments) > 1 and arguments[1] & OPENING)
            if name == "write" and arguments[0] <= 2:
                counted = False  # progress is no change of the disk
            if name in ("unlink", "rmdir") and self.mode == "full":
                counted = False  # removing works on a full disk
            if counted:
                self.count += 1
                if self.mode == "kill" and self.count == self.wanted:
                    if name == "write":
                        original(arguments[0], arguments[1][: len(arguments[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                if self.mode == "full" and self.count >= self.wanted:
                    if name == "write":
                        original(arguments[0], arguments[1][: len(arguments[1]) // 2])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return original(*arguments, **named)

        return call


def main() -> None:
    """Run the command line under watch."""
    from audit import cli

    moments = Moments(sys.argv[1], int(sys.argv[2]))
    for name in moments.originals:
        setattr(os, name, moments.wrapped(name))
    sys.argv = ["audit", *sys.argv[3:]]
    try:
        cli.main()
    finally:
        if moments.mode == "count":
            print(f"moments: {moments.count}", file=sys.stderr)


if __name__ == "__main__":
    main()
