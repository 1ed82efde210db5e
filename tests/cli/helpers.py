"""Runs the command as the console script does, in this process, and keeps what it writes."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import ArrayLike

from losscli.cli.exit import run

SAMPLES = Path(__file__).parents[2] / "samples"
_OURS = ("LOSSCLI_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What a JSON reader that takes no NaN makes of standard output."""

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is no JSON")

        return json.loads(self.out, parse_constant=refuse)

    @property
    def number(self) -> float:
        return float(self.out)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def losscli(
    *words: str,
    at: Path = SAMPLES,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    terminal: bool = False,
    messages: bool = False,
    encoding: str = "utf-8",
) -> Ended:
    """Runs `losscli WORDS` in the folder `at`, on a terminal that is `COLUMNS` wide or into a pipe.

    `messages` says whether standard error is a terminal, too.
    """
    kind = _Terminal if terminal else io.TextIOWrapper
    streams: dict[str, Any] = {
        "stdin": io.TextIOWrapper(io.BytesIO(stdin)),
        "stdout": kind(io.BytesIO(), encoding=encoding, newline=""),
        "stderr": (_Terminal if messages else io.TextIOWrapper)(
            io.BytesIO(), encoding=encoding, errors="backslashreplace", newline=""
        ),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    with chdir(at), patch.multiple(sys, **streams), patch.dict(os.environ, {**clean, **(env or {})}, clear=True):
        code = run(words)
    for stream in (streams["stdout"], streams["stderr"]):
        stream.flush()
    out, err = (streams[name].buffer.getvalue() for name in ("stdout", "stderr"))
    return Ended(code, out.decode(encoding), err.decode(encoding))


def fails(code: int, *words: str, **how: Any) -> str:
    """Runs a command that must end so: its message, after the checks that every failure must pass."""
    ended = losscli(*words, **how)
    assert ended.code == code, (ended.code, ended.out, ended.err)
    assert ended.out == ""
    assert ended.err.startswith("error: "), ended.err
    assert "Traceback" not in ended.err
    return ended.err


def succeeds(*words: str, **how: Any) -> Ended:
    """Runs a command that must end well."""
    ended = losscli(*words, **how)
    assert ended.code == 0, (ended.code, ended.out, ended.err)
    return ended


def write(folder: Path, **files: ArrayLike | str | bytes) -> Path:
    """Writes files: `labels_csv="a\\n1\\n"` is labels.csv; arrays become .npy."""
    for name, content in files.items():
        path = folder / ".".join(name.rsplit("_", 1))
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            np.save(path, np.asarray(content))
    return folder
