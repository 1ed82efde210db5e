"""What the command line says about reading, one value for all sources of a request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: each field is the command-line option of its name, but for the last three.

    Relative paths start at `base`, or at the working directory. `keep_text` keeps what was written for each number.
    `input_stream` stands in for standard input.
    """

    key: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    stdin: str | None = None
    bfloat16: bool = False
    base: Path | None = None
    keep_text: bool = False
    input_stream: BinaryIO | None = None
