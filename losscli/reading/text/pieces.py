"""A text in pieces of whole lines, whatever its size: line ends made alike, and no byte that is none of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from losscli.schema.faults import DataFault
from losscli.schema.records import record
from losscli.schema.settings import spelled

PIECE = 1 << 18  # of this size, all that is made of a piece on the way to numbers stays in a core's cache
LONGEST_LINE = 64 << 20
_BOM = b"\xef\xbb\xbf"


@record
class Piece:
    """Whole lines, each of which ends with a newline; `line` is the number of the first."""

    content: bytes
    line: int


def pieces_of(read: Callable[[int], bytes | None], name: str) -> Iterator[Piece]:
    """The pieces of a text in UTF-8, of which the lines end with LF, CR LF or CR; a DataFault where it is none."""
    line, offset, left = 1, 0, b""
    while True:
        piece = read(max(PIECE, len(left))) or b""
        last = not piece
        while not offset and not left and 0 < len(piece) < len(_BOM) and (more := read(PIECE)):
            piece += more
        content = left + piece if left else piece
        if not offset and content.startswith(_BOM):
            content, offset = content[len(_BOM) :], len(_BOM)
        held = content.endswith(b"\r") and not last  # a newline may follow it
        end = len(content) if last else max(content.rfind(b"\n"), content.rfind(b"\r", 0, len(content) - held)) + 1
        whole, left = content[:end], content[end:]
        if len(left) > LONGEST_LINE:
            raise too_long(name, line + _lines(whole))
        if whole:
            _check_text(whole, line, offset, name)
            offset += len(whole)
            whole = _plain_ends(whole)
            yield Piece(whole if whole.endswith(b"\n") else whole + b"\n", line)
            line += int(np.count_nonzero(np.frombuffer(whole, np.uint8) == ord("\n")))
        if last:
            return


def too_long(name: str, line: int) -> DataFault:
    """Of a line that is none of a table."""
    return DataFault(f"{name} line {line}: over {LONGEST_LINE >> 20} MiB in one line", "save the data as .npy")


def _plain_ends(text: bytes) -> bytes:
    """The text with LF at the end of each line."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _lines(text: bytes) -> int:
    """How many lines end in it."""
    return _plain_ends(text).count(b"\n")


def _check_text(text: bytes, line: int, offset: int, name: str) -> None:
    """A DataFault for a NUL byte, and for what is not UTF-8."""
    if (nul := text.find(b"\0")) >= 0:
        place = f"{name} line {line + _lines(text[:nul])}"
        raise DataFault(f"{place}: a NUL byte at offset {offset + nul}", "this is no text; name its format")
    if text.isascii():
        return
    try:
        text.decode()
    except UnicodeDecodeError as error:
        at = error.start
        place = f"{name} line {line + _lines(text[:at])}"
        cure = f"save it as UTF-8, or give {spelled('encoding', 'latin-1')} or whichever it has"
        raise DataFault(f"{place}: byte 0x{text[at]:02x} at offset {offset + at} is not UTF-8", cure) from None
