"""What every opened source has in common, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from shlex import quote
from typing import Protocol

from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.records import record

STDIN = "standard input"
_SHOWN = 12
_IDS = {"id", "idx", "index", "row", "row_id", "unnamed: 0", "", "__index_level_0__"}
_COMPARED, _LONGEST = 2000, 200  # names, and characters of a name, that a misspelt one is compared with


class Container(Protocol):
    """An opened source: one array, or several that a selector tells apart."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of its arrays, where it has any."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should hear about it though nothing is wrong."""
        ...

    def expect(self, selector: str | None) -> None:
        """Says what will be picked, so that one pass over a text reads all of it."""
        ...

    def pick(self, selector: str | None) -> Data:
        """One of its arrays; without a selector its only one."""
        ...


@record
class Single:
    """A source that is one array."""

    data: Data
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.data.source

    def expect(self, selector: str | None) -> None:
        """Nothing: the array is at hand."""

    def pick(self, selector: str | None) -> Data:
        if selector is not None:
            raise DataFault(f"{self.name}: one array, {selector!r} cannot be picked from it", "leave the selector out")
        return self.data


def label_of(name: str, labels: Sequence[str], selector: str | None) -> str:
    """The label that a selector means among several arrays; without one, the only label."""
    if selector is None and len(labels) == 1:
        return labels[0]
    if selector is None:
        raise DataFault(
            f"{name}: {len(labels)} arrays, and no selector says which is meant",
            f"select one: {', '.join(address(name, label) for label in labels[:5])}",
        )
    if selector not in labels:
        raise DataFault(f"{name}: no array {selector!r}{near_miss(selector, labels)}", f"it has {listed(labels)}")
    return selector


def address(name: str, selector: str) -> str:
    """The SOURCE that selects from what errors call by a name, as it is written in a shell."""
    return quote(f"{'-' if name == STDIN else name}::{selector}")


def listed(labels: Iterable[str]) -> str:
    """The names of columns or keys, a dozen at most; one that is empty can be seen."""
    shown = [shown_name(label) for label in islice(labels, _SHOWN + 1)]
    return ", ".join(shown[:_SHOWN] + ["…"] * (len(shown) > _SHOWN)) or "none"


def shown_name(label: str) -> str:
    return label or "'' (without a name)"


def near_miss(word: str, words: Iterable[str]) -> str:
    """`, did you mean 'label'?` where one of the words is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word[:_LONGEST], list(islice(words, _COMPARED)), n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def named_like_id(name: str) -> bool:
    """Whether a column of that name usually tells rows apart."""
    return name.lower() in _IDS or name.lower().endswith("_id") or name.endswith("Id")
