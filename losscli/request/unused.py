"""Options that are written for a request and have no use in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from losscli.reading.numbers import is_number
from losscli.reading.options import ReadOptions
from losscli.schema.faults import UsageFault
from losscli.schema.records import record

_TEXT, _RAW, _STREAM, _VALUE, _OTHER, _UNKNOWN = "text", "npy", "stream", "value", "other", "unknown"
_KINDS = {"csv": _TEXT, "tsv": _TEXT, "txt": _TEXT, "npy": _RAW} | dict.fromkeys(
    ("npz", "safetensors", "yaml", "yml", "json", "jsonl", "ndjson"), _OTHER
)
_SUFFIX = re.compile(r"\.([a-z0-9]+)(?:\.(?:gz|bz2|xz|zst))?$")
_WRITTEN_OUT = re.compile(r"[\[({]|(?:tensor|array|np\.\w+)\(")
_ROLE = re.compile(r"[\w.]+=")


@record
class _Need:
    """What an option needs among the sources: the test, and the fact without it."""

    met: Callable[[Sequence[tuple[str, str]]], bool]
    fact: str


def _any_of(*kinds: str) -> Callable[[Sequence[tuple[str, str]]], bool]:
    return lambda sources: any(kind in (*kinds, _STREAM, _UNKNOWN) for _, kind in sources)


def _to_join(sources: Sequence[tuple[str, str]]) -> bool:
    """Whether there may be rows to join: two sources, a text file among them. Reading refuses what then has no rows."""
    paths = {path for path, _ in sources if not is_number(path)}
    several = len(paths) > 1 or any("*" in path or "?" in path for path in paths)
    return several and _any_of(_TEXT)(sources)


_NEEDS = {
    "key": _Need(_to_join, "there are no two text files to join"),
    "header": _Need(_any_of(_TEXT), "no source is a text file"),
    "delimiter": _Need(_any_of(_TEXT), "no source is a text file"),
    "stdin": _Need(lambda sources: any(kind == _STREAM for _, kind in sources), "nothing is read from standard input"),
    "bfloat16": _Need(_any_of(_RAW), "no source is an .npy file"),
}


def of_reading(
    reading: ReadOptions, sources: Sequence[str], defaulted: Collection[str]
) -> tuple[ReadOptions, list[UsageFault]]:
    """The options of reading that some source needs, and faults of the others, but for those that defaults gave."""
    known = [(_path_of(source), _kind_of(source)) for source in sources]
    plain = ReadOptions()
    idle = {
        name: need.fact
        for name, need in _NEEDS.items()
        if getattr(reading, name) != getattr(plain, name) and not need.met(known)
    }
    faults = [
        UsageFault(f"--{name} has no use here: {fact}", f"leave --{name} out")
        for name, fact in idle.items()
        if name not in defaulted
    ]
    return replace(reading, **{name: getattr(plain, name) for name in idle}), faults


def _path_of(source: str) -> str:
    return _ROLE.sub("", source, count=1).partition("::")[0]


def _kind_of(source: str) -> str:
    path = _path_of(source)
    if path == "-":
        return _STREAM
    if _WRITTEN_OUT.match(path) or is_number(path):
        return _VALUE
    suffix = _SUFFIX.search(path.lower())
    return _KINDS.get(suffix[1], _UNKNOWN) if suffix else _UNKNOWN
