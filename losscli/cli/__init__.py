"""The command line: parse the words, make a request, show its result, exit."""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False  # as in the package's own
if TYPE_CHECKING:
    from typing import Any, NoReturn


def main() -> NoReturn:
    """The console script."""
    for name in ("SIGHUP", "SIGINT", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _leave)
    from losscli.cli.exit import run

    code = run(sys.argv[1:])
    if code > 128:  # a thread may be stuck in what was given up
        os._exit(code)
    sys.exit(code)


def _leave(number: int, _frame: Any) -> NoReturn:
    """Exits at once: there is nothing to clean up yet."""
    os._exit(128 + number)
