"""Numbers and lists written on the command line."""

from __future__ import annotations

from losscli.reading.container import Container
from losscli.reading.content import Content
from losscli.reading.text.lists import array_of
from losscli.reading.text.numbers import integer
from losscli.reading.text.printed import printed
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written, is_integer, is_number


def literal(word: str, keep_text: bool) -> Data | None:
    """The array that a word of the command line spells out, as JSON, Python, NumPy or PyTorch print it; else None."""
    if is_number(word):
        return array_of(integer(word) if is_integer(word) else Written(word), word, keep_text)
    if word.lstrip().startswith("["):
        from losscli.reading.text.structured import load_json

        try:
            value = load_json(word.encode("utf-8", "surrogateescape"), "the list")
        except DataFault:
            value = printed(word)  # if it is none either, it may still be a path or a pattern: `[ab]*.npy`
    else:
        value = printed(word)
    return None if value is None else array_of(value, _shown(word), keep_text)


def open_list(content: Content) -> Container:
    """A file that holds a list as JSON, Python, NumPy or PyTorch print it."""
    from losscli.reading.text.json_text import begins_lines
    from losscli.reading.text.structured import LARGEST, load_json, open_document

    if begins_lines(content.head):
        from losscli.reading.text.json_lines import open_json_lines

        return open_json_lines(content)
    source, name = content.text(LARGEST), content.name
    try:
        value = load_json(source, name)
    except DataFault as not_json:
        text = source.decode("utf-8-sig", "replace")
        try:
            value = printed(text)
        except DataFault as fault:
            raise DataFault(f"{name}: {fault.fact}", fault.cure) from None
        if value is None and text.lstrip().startswith("["):
            raise not_json from None
        if value is None:
            fact = f"{name}: begins like a printed tensor or array, and is none"
            raise DataFault(fact, "print nothing else there, or save the array with np.save") from None
    return open_document(value, content)


def refuse_list(word: str) -> None:
    """Says why a word that begins like a list is none."""
    from losscli.reading.text.structured import load_json

    try:
        load_json(word.encode("utf-8", "surrogateescape"), "the list")
    except DataFault as fault:
        cure = "write a JSON list, with NaN and Infinity where a number is none"
        raise DataFault(f"{fault.fact}, in {_shown(word)}", cure) from None


def _shown(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:37]}..."
