"""Several files that are one array: joined along the first axis, in natural order."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np

from losscli.reading.columns import Arrays
from losscli.reading.container import Container, label_of
from losscli.schema.data import Data, Elements, Held, Missing, Store
from losscli.schema.faults import DataFault
from losscli.schema.records import record


@record
class Shards:
    """The files of a glob, taken as one container."""

    name: str
    parts: tuple[Container, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        logs = [part for part in self.parts if _is_log(part)]
        return tuple(dict.fromkeys(label for part in logs or self.parts[:1] for label in part.labels))

    @property
    def notes(self) -> tuple[str, ...]:
        first, last = self.parts[0].name, self.parts[-1].name
        order = (f"{self.name}: {len(self.parts)} files joined, {first} to {last}",) if len(self.parts) > 1 else ()
        return (*order, *(note for part in self.parts for note in part.notes))

    def expect(self, selector: str | None) -> None:
        for part in self.parts:
            part.expect(selector)

    def pick(self, selector: str | None) -> Data:
        if selector is None and all(isinstance(part, Arrays) and not part.records for part in self.parts):
            selector = label_of(self.name, self.labels, None)  # which says how to select from them all
        parts = [part for part in self.parts if not _is_log(part) or selector in part.labels] or self.parts
        return joined([part.pick(selector) for part in parts], self.name)


def _is_log(part: Container) -> bool:
    return isinstance(part, Arrays) and part.log


@record
class JoinedStore:
    """Stores one after another along the first axis. `ends` are the flat indices at which each of them ends."""

    parts: tuple[Store, ...]
    ends: tuple[int, ...]
    shape: tuple[int, ...]

    def flat(self, start: int, stop: int) -> Elements:
        stop = min(stop, self.ends[-1])
        pieces = []
        while start < stop:
            index, before = self.at(start)
            end = min(stop, self.ends[index])
            pieces.append(self.parts[index].flat(start - before, end - before))
            start = end
        if not pieces:
            return self.parts[0].flat(0, 0)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def at(self, flat: int) -> tuple[int, int]:
        """The part that holds an element, and how many elements come before that part."""
        index = bisect_right(self.ends, flat)
        return index, self.ends[index - 1] if index else 0


def glob_paths(pattern: str, base: Path | None) -> list[str]:
    """The paths a pattern matches, in natural order: `part-2` before `part-10`."""
    from glob import glob

    return sorted(glob(pattern, root_dir=base, recursive=True), key=_natural)


def joined(parts: Sequence[Data], name: str) -> Data:
    """One array of several, which must agree in all but their length."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    for part in parts:
        if not part.shape:
            raise DataFault(f"{part.source}: a single number, which cannot be joined", "give it a first axis")
        for what, ours, theirs in (
            ("dtype", first.dtype, part.dtype),
            ("shape after the first axis", first.shape[1:], part.shape[1:]),
            ("column names", first.names, part.names),
        ):
            if ours != theirs:
                raise DataFault(
                    f"{name}: {first.source} and {part.source} differ in {what}: {ours} and {theirs}",
                    "make all files alike, or narrow the pattern",
                )
    words = tuple(dict.fromkeys(word for part in parts for word in part.words))
    stores = tuple(_reworded(part, words) for part in parts)
    ends = tuple(accumulate(part.size for part in parts))
    store = JoinedStore(stores, ends, (sum(part.shape[0] for part in parts), *first.shape[1:]))
    texts = [part.text for part in parts]
    return Data(
        source=name,
        dtype=first.dtype,
        store=store,
        place=_dispatched(store, [part.place for part in parts]),
        names=first.names,
        words=words,
        text=_dispatched(store, [text for text in texts if text]) if all(texts) else None,
        decimal=first.decimal,
        missing=_missing(parts),
    )


def _missing(parts: Sequence[Data]) -> Missing | None:
    """The rows that a part lacks, counted in all."""
    starts = accumulate((part.shape[0] for part in parts), initial=0)
    lacking = [(start, part.missing) for start, part in zip(starts, parts, strict=False) if part.missing]
    if not lacking:
        return None
    return Missing(np.concatenate([start + missing.rows for start, missing in lacking]), lacking[0][1].fault)


def _dispatched(store: JoinedStore, by_part: Sequence[Callable[[int], str]]) -> Callable[[int], str]:
    def of(flat: int) -> str:
        index, before = store.at(flat)
        return by_part[index](flat - before)

    return of


def _reworded(part: Data, words: tuple[str, ...]) -> Store:
    """The part's store, its indices counted in the words of all parts."""
    if part.words == words:
        return part.store
    indices = np.array([words.index(word) for word in part.words], np.int64)
    return Held(indices[part.array()])


def _natural(path: str) -> list[tuple[int, str]]:
    """A sort key in which runs of digits count as the numbers they are."""
    return [(int(run), "") if run.isdecimal() else (-1, run) for run in re.findall(r"[0-9]+|[^0-9]+", path)]
