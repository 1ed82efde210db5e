"""Text in another encoding to UTF-8, which everything else reads."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from losscli.reading.binary.byte_range import PIECE
from losscli.schema.faults import DataFault
from losscli.schema.settings import spelled


def utf8(read: Callable[[int], bytes | None], encoding: str, name: str) -> Callable[[int], bytes]:
    """Reads text of an encoding as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    ended = False

    def decoded(_: int) -> bytes:
        nonlocal ended
        text = ""
        while not text and not ended:
            piece = read(PIECE) or b""
            ended = not piece
            try:
                text = decoder.decode(piece, final=ended)
            except UnicodeError as error:
                cure = f"give the encoding it has with {spelled('encoding')}"
                raise DataFault(f"{name}: not in the encoding {encoding} ({error})", cure) from None
        return text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")

    return decoded
