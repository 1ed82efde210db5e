"""Runs tests of a copy of the tree, in a child process each time: what all of them import is loaded once.

It reads requests from standard input, one JSON object a line, and answers each with a line: passed or failed. A request
names the tests, the most seconds they may take, and the file that is changed for them, if one is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PRELOADED = (
    "numpy",
    "mpmath",
    "torch",
    "pytest",
    "typer",
    "rich",
    "yaml",
)  # no plugin, nothing that changes
PASSED = (0, 5)  # 5: none of the tests was chosen
_SLEEP = 0.01


def main() -> None:
    for name in filter(find_spec, PRELOADED):
        import_module(name)
    for number, line in enumerate(sys.stdin, 1):
        request = json.loads(line)
        path = Path(request["path"]) if request["path"] else None
        kept = path.with_suffix(".kept") if path else None
        if path and kept:
            shutil.copy2(path, kept)
            path.write_text(request["source"], encoding="utf-8")
            os.utime(path, (number, number))  # no compiled file was ever made of it
        try:
            passed = run(request["tests"], request["seconds"], keeps_compiled=path is None)
        finally:
            if path and kept:
                kept.replace(path)
        sys.stdout.write("passed\n" if passed else "failed\n")
        sys.stdout.flush()


def run(tests: Sequence[str], seconds: float, *, keeps_compiled: bool) -> bool:
    """Whether the tests pass in time, in a process group of their own."""
    child = os.fork()
    if child == 0:
        os.setsid()
        sys.dont_write_bytecode = not keeps_compiled
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        import pytest

        os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) in PASSED
        time.sleep(_SLEEP)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


if __name__ == "__main__":
    main()
