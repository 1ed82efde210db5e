"""Text in JSON: one document, or a record a line."""

from __future__ import annotations

from losscli.reading.container import Container
from losscli.reading.content import Content
from losscli.reading.text.structured import LARGEST, load_json, open_document
from losscli.schema.faults import DataFault


def open_json(content: Content) -> Container:
    """A document, or the lines that follow one on a line of its own, as pandas and Hugging Face name .json too."""
    if begins_lines(content.head):
        from losscli.reading.text.json_lines import open_json_lines  # which a document needs not

        return open_json_lines(content)
    return open_document(load_json(content.text(LARGEST), content.name), content)


def begins_lines(head: bytes) -> bool:
    """Whether a text begins with a JSON list or mapping on one line and goes on with another below it."""
    lines = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)
    following = lines[-1].lstrip() if len(lines) > 1 else b""
    if not following or lines[0][:1] not in (b"{", b"[") or following[:1] not in (b"{", b"["):
        return False
    try:
        load_json(lines[0], "")
    except DataFault:
        return False
    return True
