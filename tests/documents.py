"""The consoles in the documents: commands that are run, and outputs that are compared.

`python -m tests.documents` writes the outputs anew, and the README's list of formats with them. The commands of a
document run in its own folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from losscli.reading.formats import FILES_READ

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SAMPLES = ROOT / "samples" / "README.md"
DOCUMENTS = (README, SAMPLES, *sorted(ROOT.glob("samples/*/README.md")))
FORMATS = f"a file: {FILES_READ}"
_FORMATS = re.compile(r"a file: .*?, text also as \.gz(?: \.\w+)*")
_NEXT_LINE = "\\\n>"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a console, whose lines after the first begin with `> `, and what is printed below it."""

    command: str
    output: str


def consoles(text: str) -> list[list[Shown]]:
    """The consoles of a document, each a list of commands with their outputs."""
    return [_commands(match[1]) for match in _CONSOLE.finditer(text)]


def _commands(console: str) -> list[Shown]:
    commands: list[Shown] = []
    for line in console.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append(Shown(line[2:].strip(), ""))
        elif commands[-1].command.endswith("\\"):
            commands[-1] = Shown(f"{commands[-1].command}\n{line.strip()}", "")
        else:
            commands[-1] = Shown(commands[-1].command, commands[-1].output + line)
    return commands


def run(command: str, folder: Path) -> str:
    """What a command prints, on both streams, run in a folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    environment.pop("LOSSCLI_FORMAT", None)
    words = ["bash", "-c", f"({command.replace(_NEXT_LINE, '')}) 2>&1"]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    return done.stdout.decode("utf-8")


def written_anew(document: Path) -> str:
    """The text of a document with every output, and the list of formats, as they are now."""

    def console(match: re.Match[str]) -> str:
        lines = [f"$ {shown.command}\n{run(shown.command, document.parent)}" for shown in _commands(match[1])]
        return f"```console\n{''.join(lines)}```"

    return _CONSOLE.sub(console, _FORMATS.sub(FORMATS, document.read_text(encoding="utf-8")))


if __name__ == "__main__":
    for path in DOCUMENTS:
        path.write_text(written_anew(path), encoding="utf-8")
