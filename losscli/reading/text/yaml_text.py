"""YAML, read from its events: nothing recurses, no tag constructs anything, and every fault has a line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from losscli.reading.text.numbers import integer
from losscli.schema.faults import DataFault
from losscli.schema.number_text import DECIMAL, Written, is_integer

_DEEPEST = 100
_MOST_ALIASED = 10_000  # nodes that aliases may repeat: enough for shared options, too few for a bomb
_NODE = 100  # characters of text that count as one node

_FLOAT = re.compile(DECIMAL)
_SPECIAL = re.compile(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, object] = {"true": True, "True": True, "false": False, "False": False}
_WORDS |= dict.fromkeys(("", "~", "null", "Null"))


class Block(dict[str, object]):
    """A mapping that knows where it stands.

    `line` is the line it starts at, `lines` those of its keys; `spans` holds from which to which character of the text
    a key's single value goes, quotes included.
    """

    __slots__ = ("line", "lines", "spans")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.spans: dict[str, tuple[int, int]] = {}


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is an option of a PyYAML build, and 7 times as fast


def parse_yaml(text: str, name: str) -> object:
    """The one document of a YAML text."""
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise DataFault(f"{_place(name, error.problem_mark)}: {error.problem}", "write valid YAML") from None
    except yaml.YAMLError as error:
        raise DataFault(f"{name}: {str(error).splitlines()[0]}", "write valid YAML") from None
    if not builder.documents:
        raise DataFault(f"{name}: no document in it", "write an array there")
    return builder.root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end was not yet seen, and the nodes in it so far, itself included."""

    node: Block | list[object]
    anchor: str | None
    key: str | None = None
    nodes: int = 1


@dataclass(slots=True)
class _Builder:
    """Makes objects of events, one at a time."""

    name: str
    root: object = None
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    aliased: int = 0
    documents: int = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [])
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, Block(_line(event)))
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self.stack.pop()
            self._attach(done.node, done.nodes, done.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._fault(event, "a second document starts", "keep one document in a file")

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        if self._expects_key():
            self._key(event)
        else:
            top = self.stack[-1] if self.stack else None
            if top is not None and isinstance(top.node, Block):
                top.node.spans[top.key or ""] = event.start_mark.index, event.end_mark.index
            value = _value(event.value) if event.implicit[0] else event.value
            self._attach(value, 1 + len(event.value) // _NODE, event.anchor)

    def _key(self, event: Any) -> None:
        top = self.stack[-1]
        if event.value in top.node:
            raise self._fault(event, f"the key {event.value!r} occurs twice in one mapping", "keep one of them")
        if isinstance(top.node, Block):
            top.node.lines[event.value] = _line(event)
        top.key = event.value

    def _open(self, event: Any, node: Block | list[object]) -> None:
        self._refuse_tag(event)
        if self._expects_key():
            raise self._fault(event, "a list or mapping as a key", "write a word there")
        if len(self.stack) == _DEEPEST:
            raise self._fault(event, f"nested more than {_DEEPEST} deep", "an array has at most 32 axes")
        self.stack.append(_Open(node, event.anchor))

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors or self._expects_key():
            raise self._fault(event, f"the alias *{event.anchor} stands for nothing complete", "write the value out")
        node, nodes = self.anchors[event.anchor]
        self.aliased += nodes
        if self.aliased > _MOST_ALIASED:
            raise self._fault(event, f"aliases repeat more than {_MOST_ALIASED} values", "write the values out")
        self._attach(node, nodes, None)

    def _attach(self, node: object, nodes: int, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node, nodes
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.nodes += nodes
        if isinstance(top.node, list):
            top.node.append(node)
        else:
            top.node[top.key or ""] = node
            top.key = None

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node, Block) and self.stack[-1].key is None

    def _refuse_tag(self, event: Any) -> None:
        if event.tag:
            cure = "leave the tag out: values are plain numbers and words"
            if "python" in event.tag and "numpy" in event.tag:
                cure = "a NumPy scalar was dumped: write float(x) before dumping, or x.tolist() of an array"
            raise self._fault(event, f"the tag {event.tag[:80]}", cure)

    def _fault(self, event: Any, fact: str, cure: str) -> DataFault:
        return DataFault(f"{_place(self.name, event.start_mark)}: {fact}", cure)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _place(name: str, mark: Any) -> str:
    return f"{name} line {mark.line + 1}, column {mark.column + 1}" if mark else name


def _value(text: str) -> object:
    """What a plain scalar means: a number as JSON and CSV have it (`010` is ten, `1e-3` no word), or what it says."""
    if is_integer(text):
        return integer(text)
    if _FLOAT.fullmatch(text):
        return Written(text)
    if _SPECIAL.fullmatch(text):
        return Written(text.replace(".", ""))
    return _WORDS.get(text, text)
