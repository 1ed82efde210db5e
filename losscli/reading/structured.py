"""YAML and JSON: documents of mappings, lists, numbers and words."""

from __future__ import annotations

from pathlib import Path

from losscli.reading.container import listed, near_miss
from losscli.reading.content import Content
from losscli.reading.formats import format_of_suffix
from losscli.reading.lists import array_of
from losscli.reading.numbers import integer, is_index
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written
from losscli.schema.records import record

LARGEST = 16 << 20
"""Bytes of the largest document. Parsing needs some fifty times as many."""


@record
class Document:
    """What a YAML or JSON file holds; a dotted path picks from it."""

    name: str
    root: object
    keep_text: bool = False
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.root) if isinstance(self.root, dict) else ()

    def pick(self, selector: str | None) -> Data:
        if selector is None:
            return array_of(self._only(), self.name, self.keep_text)
        return array_of(_followed(self.root, selector, self.name), f"{self.name}::{selector}", self.keep_text)

    def _only(self) -> object:
        if not isinstance(self.root, dict):
            return self.root
        if len(self.root) == 1:
            return next(iter(self.root.values()))
        raise DataFault(
            f"{self.name}: a mapping, and no selector says which of its arrays is meant",
            f"select one: {', '.join(f'{self.name}::{key}' for key in list(self.root)[:5])}",
        )


def open_json(content: Content) -> Document:
    return Document(content.name, load_json(content.text(LARGEST), content.name), content.options.keep_text)


def open_yaml(content: Content) -> Document:
    return Document(content.name, load_yaml(content.text(LARGEST), content.name), content.options.keep_text)


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
            raise format_of_suffix("jsonl").refusal(name) from None
        raise DataFault(f"{name} line {error.lineno}, column {error.colno}: {error.msg}", "write valid JSON") from None
    except RecursionError:
        raise DataFault(f"{name}: nested too deeply", "an array has at most 32 axes") from None
    except _Duplicate as error:
        raise DataFault(f"{name}: the key {error} occurs twice in one mapping", "keep one of them") from None


def load_yaml(source: Path | bytes, name: str) -> object:
    """The document that YAML text spells. Mappings are `Block`s, which know their lines."""
    from losscli.reading.yaml_text import parse_yaml

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


def _followed(node: object, path: str, name: str) -> object:
    """What a dotted path leads to; a key that holds dots itself goes first."""
    rest, walked = path, name
    while rest:
        word = rest if isinstance(node, dict) and rest in node else rest.split(".")[0]
        rest = rest[len(word) + 1 :]
        if isinstance(node, dict):
            if word not in node:
                keys = [str(key) for key in node]
                raise DataFault(f"{walked}: no key {word!r}{near_miss(word, keys)}", f"it has {listed(keys)}")
            node = node[word]
        elif isinstance(node, list):
            if not is_index(word) or int(word) >= len(node):
                raise DataFault(f"{walked}: no entry {word!r}", f"its entries are 0 to {len(node) - 1}")
            node = node[int(word)]
        else:
            raise DataFault(f"{walked}: a single value, {word!r} cannot be picked from it", "shorten the selector")
        walked = f"{walked}::{word}" if walked == name else f"{walked}.{word}"
    return node
