"""A folder as an archive: its regular files, opened once without following a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from audit.artifact.archives import Member
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import Descriptor, View

MAX_FILES = 500
"""Files of one folder, each of which is held open; a model has far fewer."""


@contextmanager
def opened(path: Path, findings: Findings) -> Iterator[list[Member]]:
    """All files below the folder, sorted by name. Links, pipes and devices are noted as unreadable, never opened.

    Raises:
        Unreadable: there are too many files, or one changed meanwhile.
        OSError: a file cannot be opened.
    """
    sources: list[tuple[str, Descriptor]] = []
    with ExitStack() as stack:
        for place, folders, names, descriptor in os.fwalk(path, onerror=_raise):
            inner = Path(place).relative_to(path)
            for name in (*folders, *names):
                mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
                if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                    findings.unreadable.append(f"{path.name}/{inner / name} is a link or a device")
            for name in names:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                if not stat.S_ISREG(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                    continue
                file = os.open(name, flags, dir_fd=descriptor)
                stack.callback(os.close, file)
                if not stat.S_ISREG(os.fstat(file).st_mode) or len(sources) >= MAX_FILES:
                    raise Unreadable(f"{path.name} holds more than {MAX_FILES} files, or changed while it was read")
                sources.append(((inner / name).as_posix(), Descriptor(file, name)))
        findings.spend(members=len(sources))
        yield [Member(name, View(source)) for name, source in sorted(sources, key=lambda found: found[0])]
        for _, source in sources:
            source.check_unchanged()


def _raise(problem: OSError) -> None:
    raise problem
