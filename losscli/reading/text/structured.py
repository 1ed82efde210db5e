"""YAML and JSON: documents of mappings, lists, numbers and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from losscli.reading.columns import Arrays, selects_columns
from losscli.reading.container import Container, listed, near_miss
from losscli.reading.content import Content
from losscli.reading.formats import JSON_LINES
from losscli.reading.text.lists import array_of, written
from losscli.reading.text.numbers import integer
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written
from losscli.schema.records import record

LARGEST = 16 << 20
"""Bytes of the largest document. Parsing needs some fifty times as many."""

_INDEX = re.compile(r"-?[0-9]{1,9}")  # from the end, if it is negative


@record
class Nested:
    """A document without names: one array, or what a path leads to in it."""

    name: str
    load: Callable[[str], Data]
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def expect(self, selector: str | None) -> None:
        """Nothing: the document is at hand."""

    def pick(self, selector: str | None) -> Data:
        return self.load(selector or "")


def labels_of(node: object) -> tuple[str, ...]:
    """The names in a mapping, or in a list of records; none in anything else."""
    if isinstance(node, list) and all(isinstance(entry, dict) for entry in node):
        return tuple(dict.fromkeys(chain.from_iterable(node)))
    return tuple(node) if isinstance(node, dict) else ()


def container_of(
    root: object,
    name: str,
    keep_text: bool = False,
    leaf: Callable[[object, str, bool], Data] = array_of,
    names: Callable[[object], tuple[str, ...]] = labels_of,
) -> Container:
    """A document as a container: of the columns of a mapping or of a list of records, else of one array.

    `leaf` makes an array of what a path leads to, `names` are those of the arrays in a mapping.
    """
    labels = names(root)

    def load(path: str) -> Data:
        node, walked, columns = followed(root, path, name)
        if columns:
            return container_of(node, walked, keep_text, leaf, names).pick(columns)
        if path and (inside := names(node)):
            kind = "a mapping" if isinstance(node, dict) else "records" if labels_of(node) else "arrays"
            fact = f"{walked}: {kind} where a number must stand"
            raise DataFault(fact, f"select from it: {', '.join(_below(walked, label) for label in inside[:5])}")
        return leaf(node, walked, keep_text)

    def texts(label: str) -> list[str]:
        node, walked, _ = followed(root, label, name)
        if not isinstance(node, list):
            raise DataFault(f"{walked}: no list, and a column is one", "select a list")
        return list(map(written, node))

    return Arrays(name, labels, load, paths=True, texts=texts) if labels else Nested(name, load)


def open_json(content: Content) -> Container:
    return open_document(load_json(content.text(LARGEST), content.name), content)


def open_yaml(content: Content) -> Container:
    return open_document(load_yaml(content.text(LARGEST), content.name), content)


def open_document(root: object, content: Content) -> Container:
    return container_of(root, content.name, content.options.keep_text)


def load_json(source: bytes, name: str) -> object:
    """The document that JSON text spells. Numbers with a point or an exponent are `Written`."""
    import json

    text = _decoded(source, name)
    try:
        return json.loads(
            text, parse_float=Written, parse_int=integer, parse_constant=float, object_pairs_hook=_without_duplicates
        )
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1:  # a second document
            raise JSON_LINES.refusal(name) from None
        raise DataFault(f"{name} line {error.lineno}, column {error.colno}: {error.msg}", "write valid JSON") from None
    except RecursionError:
        raise DataFault(f"{name}: nested too deeply", "an array has at most 32 axes") from None
    except _Duplicate as error:
        raise DataFault(f"{name}: the key {error} occurs twice in one mapping", "keep one of them") from None


def load_yaml(source: Path | bytes, name: str) -> object:
    """The document that YAML text spells. Mappings are `Block`s, which know their lines."""
    from losscli.reading.text.yaml_text import parse_yaml

    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(LARGEST + 1)
        except OSError as error:
            raise DataFault(f"{name}: {error.strerror or error}") from None
    return parse_yaml(_decoded(source, name), name)


def _decoded(source: bytes, name: str) -> str:
    if len(source) > LARGEST:
        raise DataFault(f"{name}: more than {LARGEST >> 20} MiB of YAML or JSON", "save its arrays as .npy")
    if not source.strip():
        raise DataFault(f"{name}: empty, it holds no data", "write an array there")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataFault(f"{name}: the byte at offset {error.start} is not UTF-8", "save it as UTF-8") from None


class _Duplicate(Exception):
    """Carries the key."""


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Duplicate(next(repr(key) for key in keys if keys.count(key) > 1))
    return mapping


def followed(node: object, path: str, name: str) -> tuple[object, str, str]:
    """What a dotted path leads to, what errors call it, and the columns of it that the path's end selects.

    A key that holds dots itself goes first. Below a list of records the path leads to one value each.
    """
    rest, walked, of_records = path, name, False
    while rest:
        labels = labels_of(node)
        if walked != name and rest not in labels and selects_columns(rest, labels):
            return node, walked, rest
        word = rest if rest in labels else rest.split(".")[0]
        of_records = of_records or (isinstance(node, list) and word in labels)
        if of_records and isinstance(node, list):
            node = [_entry(entry, word, f"{walked}[{row}]") for row, entry in enumerate(node)]
        else:
            node = _entry(node, word, walked)
        walked, rest = _below(walked, word), rest[len(word) + 1 :]
    return node, walked, ""


def _entry(node: object, word: str, walked: str) -> object:
    """What a word of a path selects."""
    if isinstance(node, list) and _INDEX.fullmatch(word) and -len(node) <= int(word) < len(node):
        return node[int(word)]
    if isinstance(node, list) and (_INDEX.fullmatch(word) or not labels_of(node)):
        raise DataFault(
            f"{walked}: no entry {word!r}", f"its entries are 0 to {len(node) - 1}" if node else "it is empty"
        )
    if not isinstance(node, (dict, list)):
        raise DataFault(f"{walked}: a single value, {word!r} cannot be picked from it", "shorten the selector")
    if word not in node or not isinstance(node, dict):
        keys = labels_of(node)
        raise DataFault(f"{walked}: no key {word!r}{near_miss(word, keys)}", f"it has {listed(keys)}")
    return node[word]


def _below(walked: str, word: str) -> str:
    return f"{walked}{'.' if '::' in walked else '::'}{word}"
