"""Whose a file is: what others can write is no memory of ours."""

from __future__ import annotations

import os
import stat
import sys


def only_ours(facts: os.stat_result) -> bool:
    """Whether nobody but this user can have written it."""
    if sys.platform == "win32":
        return True
    return facts.st_uid == os.geteuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
