"""The consoles in the README: commands that are run, and outputs that are compared; as a module, written anew.

So is its list of formats.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from losscli.reading.formats import SUFFIXES_READ

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FORMATS = f"a file: {' '.join(SUFFIXES_READ)}, text also as .gz"
_FORMATS = re.compile(r"a file: .*?, text also as \.gz")
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a console, and what is printed below it."""

    command: str
    output: str


def consoles(text: str) -> list[list[Shown]]:
    """The consoles of a document, each a list of commands with their outputs."""
    return [_commands(match[1]) for match in _CONSOLE.finditer(text)]


def _commands(console: str) -> list[Shown]:
    found: list[Shown] = []
    for line in console.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Shown(line[2:].strip(), ""))
        else:
            found[-1] = Shown(found[-1].command, found[-1].output + line)
    return found


def run(command: str) -> str:
    """What a command prints, on both streams, run from the top of the checkout."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    environment.pop("LOSSCLI_FORMAT", None)
    done = subprocess.run(
        ["bash", "-c", f"({command}) 2>&1"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    return done.stdout.decode("utf-8")


def written_anew(text: str) -> str:
    """The document with every output, and the list of formats, as they are now."""

    def console(match: re.Match[str]) -> str:
        lines = [f"$ {shown.command}\n{run(shown.command)}" for shown in _commands(match[1])]
        return f"```console\n{''.join(lines)}```"

    return _CONSOLE.sub(console, _FORMATS.sub(FORMATS, text))


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text(encoding="utf-8")), encoding="utf-8")
