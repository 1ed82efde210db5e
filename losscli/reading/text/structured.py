"""YAML and JSON: documents of mappings, lists, numbers and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path

from losscli.reading.columns import Arrays, selects_columns
from losscli.reading.container import Container, listed, near_miss
from losscli.reading.content import TOO_LARGE, Content
from losscli.reading.text.lists import Absent, array_of, is_hole, written
from losscli.reading.text.numbers import integer
from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.number_text import Written
from losscli.schema.records import record

LARGEST = 16 << 20
"""Bytes of the largest document. Parsing needs some fifty times as many."""

_INDEX = re.compile(r"-?[0-9]{1,9}")  # from the end, if it is negative
_KEYED = re.compile(r"([^.\[]*)\[([^\[\]=]+=[^\]]*)\](?:\.|$)")  # `log_history[epoch=3]`


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
        if path and isinstance(node, list) and _is_scores(node):
            return container_of(node, walked, keep_text, leaf, names).pick(None)
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

    if not labels:
        return Nested(name, load)
    return Arrays(name, labels, load, paths=True, texts=texts, records=isinstance(root, list))


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
            text, parse_float=Written, parse_int=integer, parse_constant=float, object_pairs_hook=without_duplicates
        )
    except json.JSONDecodeError as error:
        raise DataFault(f"{name} line {error.lineno}, column {error.colno}: {error.msg}", "write valid JSON") from None
    except RecursionError:
        raise DataFault(f"{name}: nested too deeply", "an array has at most 32 axes") from None
    except Duplicate as error:
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
        raise DataFault(f"{name}: more than {LARGEST >> 20} MiB of YAML or JSON", TOO_LARGE)
    if not source.strip():
        raise DataFault(f"{name}: empty, it holds no data", "write an array there")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataFault(f"{name}: the byte at offset {error.start} is not UTF-8", "save it as UTF-8") from None


class Duplicate(Exception):
    """Carries the key."""


def without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        raise Duplicate(next(repr(key) for key in keys if keys.count(key) > 1))
    return mapping


def _is_scores(node: list[object]) -> bool:
    """Whether a list is of mappings with the same keys to numbers, as ONNX Runtime writes probabilities."""
    first = node[0] if node else None
    if not isinstance(first, dict) or not first:
        return False
    return all(
        isinstance(entry, dict)
        and entry.keys() == first.keys()
        and all(isinstance(value, (int, float)) for value in entry.values())
        for entry in node
    )


def followed(node: object, path: str, name: str) -> tuple[object, str, str]:
    """What a dotted path leads to, what errors call it, and the columns of it that the path's end selects.

    A key that holds dots itself goes first. Below a list of records the path leads to one value each, and `Absent`
    where a record lacks it; behind these a row may be chosen, as `.-1` or `[epoch=3]`.
    """
    rest, walked = path, name
    records: list[object] = []  # the last that were crossed, while there is a value for each
    above: object = None
    while rest:
        labels = labels_of(node)
        if walked != name and rest not in labels and selects_columns(rest, labels):
            return node, walked, rest
        word, key, length = _first(rest, labels)
        if word or not key:
            if not records and isinstance(node, list) and word in labels:
                records = node
            if records and isinstance(node, list) and _INDEX.fullmatch(word) and not _has_entries(node):
                node, records = _entry_at(node, int(word), walked), []
            elif records and isinstance(node, list):
                node = _each(node, word, walked)
            else:
                node, above = _entry(node, word, walked), node
            walked = _below(walked, word)
        if key:
            node, records = _row_with_key(node, records, above, key, walked), []
            walked = f"{walked if '::' in walked else f'{walked}::'}[{key}]"
        rest = rest[length:]
    return node, walked, ""


def _first(path: str, labels: tuple[str, ...]) -> tuple[str, str, int]:
    """The first word of a path, the `KEY=VALUE` behind it, and how much of the path both take."""
    word = path if path in labels else path.split(".")[0]
    if word not in labels and (match := _KEYED.match(path)):
        return match[1], match[2], match.end()
    return word, "", len(word) + 1


def _has_entries(values: list[object]) -> bool:
    """Whether the values of records are themselves lists or mappings."""
    return any(isinstance(value, (list, dict)) for value in values)


def _entry_at(values: list[object], index: int, walked: str) -> object:
    """The value of a record; one from the end counts those that are there."""
    if index < 0:
        values = [value for value in values if not is_hole(value)] or values
    if not -len(values) <= index < len(values):
        raise DataFault(f"{walked}: no entry {str(index)!r}", f"{len(values)} records have it")
    entry = values[index]
    if isinstance(entry, Absent):
        raise entry.fault()
    return entry


def _each(values: list[object], word: str, walked: str) -> list[object]:
    """What a word of a path selects in each value; a DataFault if it selects nothing in any."""
    entries: list[object] = []
    for row, value in enumerate(values):
        if is_hole(value):
            entries.append(value)
        elif isinstance(value, dict) and word not in value:
            entries.append(Absent(partial(_no_key, value, word, f"{walked}[{row}]")))
        else:
            entries.append(_entry(value, word, f"{walked}[{row}]"))
    if all(isinstance(entry, Absent) for entry in entries):
        raise _no_key(values, word, walked)
    return entries


def _row_with_key(node: object, records: list[object], above: object, key: str, walked: str) -> object:
    """The entry of a list whose record, or whose place in a list beside it, has a value for a key."""
    from losscli.reading.rows import Mark, keyed_row  # which most documents need not

    word, _, value = (part.strip() for part in key.partition("="))
    if not isinstance(node, list):
        raise DataFault(f"{walked}: no list, and [{key}] selects a row of one", "leave it out")
    keyed = node if labels_of(node) else records
    if keyed:
        found, _, _ = followed(keyed, word, walked)
    else:
        found = above.get(word) if isinstance(above, dict) else None
    if not isinstance(found, list) or len(found) != len(node):
        raise DataFault(f"{walked}: no list {word!r} of {len(node)} entries beside it", "name another key")
    filled = [row for row, entry in enumerate(node) if not is_hole(entry)]
    mark = Mark(walked.partition("::")[2], key=word, value=value)
    return _entry_at(node, keyed_row(list(map(written, found)), filled, mark, walked.partition("::")[0]), walked)


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
        raise _no_key(node, word, walked)
    return node[word]


def _no_key(node: object, word: str, walked: str) -> DataFault:
    keys = labels_of(node)
    return DataFault(f"{walked}: no key {word!r}{near_miss(word, keys)}", f"it has {listed(keys)}")


def _below(walked: str, word: str) -> str:
    return f"{walked}{'.' if '::' in walked else '::'}{word}"
