"""The command line: read the words, make a request, show what came of it, leave."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The console script."""
    from losscli.cli.ending import run

    sys.exit(run(sys.argv[1:]))
