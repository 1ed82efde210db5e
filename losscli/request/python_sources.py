"""Files as inputs in Python: a pathlib.Path, or a SOURCE as the command line has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from losscli.reading.opener import Opened, Opener
from losscli.reading.options import READING, ReadOptions, check_options, read_options
from losscli.reading.sources import read_inputs, read_named
from losscli.schema.data import Data
from losscli.schema.faults import UsageFault
from losscli.schema.kinds import shown
from losscli.schema.loss import Loss
from losscli.schema.records import record
from losscli.schema.settings import settings_of, spelled
from losscli.schema.spelling import PYTHON, asked_in
from losscli.schema.synonyms import role_named

_AS_IS = ReadOptions()
_ROLES = ("input", "target")
_WEIGHT = "--weight"  # begins as the label of an extra that takes part in joining


@dataclass(frozen=True, slots=True)
class FileSource:
    """A SOURCE in the command line's words, such as `run.csv::yhat`, and how to read it."""

    address: str
    given: tuple[tuple[str, Any], ...] = ()

    @property
    def options(self) -> ReadOptions:
        return ReadOptions(**dict(self.given))


def source(
    address: str,
    *,
    key: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    missing: str = "error",
    decimal: str = ".",
    thousands: str | None = None,
    encoding: str | None = None,
    bfloat16: bool = False,
) -> FileSource:
    """A SOURCE of the command line as an input: "run.csv::yhat", a pattern of shards, a URL's local copy.

    It is read when it is used; several sources of one file that are read in the same way open it once.

    key: the column on which the rows of all files of the call are joined.
    header, delimiter, decimal, thousands, encoding: how a text table is written, where its content does not say so.
    missing: "skip" leaves out the rows that lack an element, as the keyword of that name does for the whole call.
    bfloat16: reads a raw two-byte .npy file as bfloat16.
    """
    given = {name: value for name, value in locals().items() if name in READING}
    if not isinstance(address, str):
        raise UsageFault(f"a source is written as text, got {shown(address)}", 'such as source("run.csv::yhat")')
    with asked_in(PYTHON):
        check_options(read_options(settings_of(given)))
    return FileSource(address, tuple((name, value) for name, value in given.items() if value != getattr(_AS_IS, name)))


def is_source(value: object) -> bool:
    return isinstance(value, FileSource | Path)


def read_alone(value: FileSource | Path, *, keep_text: bool = False, missing: str = "error") -> Data:
    """The array of one source."""
    opener = _Openers(_ROLES, keep_text=keep_text)
    return opener.open(value).data(_skipped(missing, [value]))


def read_parameters(value: FileSource | Path) -> dict[str, Data]:
    """The arrays of one source by their names."""
    return read_named(_Openers(_ROLES).open(value), _options(value))


@record
class Read:
    """A call's values with arrays in place of its sources, and what to hear about them."""

    inputs: tuple[Any, ...]
    named: Mapping[str, Any]
    weight: Any
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def with_sources_read(loss: Loss, inputs: tuple[Any, ...], named: Mapping[str, Any], weight: Any, missing: str) -> Read:
    """Reads the sources of a call.

    Where all its inputs are sources, they are read as the command line reads them: one may hold all roles, and rows are
    joined by a column that files share. Among arrays, each is read alone.
    """
    _refuse_options(loss, named)
    if not any(map(is_source, (*inputs, *named.values(), weight))):
        return Read(inputs, named, weight)
    sources = [value for value in (*inputs, *named.values(), weight) if is_source(value)]
    missing, key = _skipped(missing, sources), _key(sources)
    opener = _Openers((*loss.roles, *_ROLES, *(() if key is None else (key.lower(),))))
    by_role = {name: value for name, value in named.items() if _is_input(loss, name)}
    if not all(map(is_source, (*inputs, *by_role.values()))):
        return _each_alone(inputs, named, weight, opener, missing)
    extras = {name: value for name, value in {**named, _WEIGHT: weight}.items() if is_source(value)}
    extras = {name: value for name, value in extras.items() if name not in by_role}
    row_roles = [spec.name for spec in loss.inputs if spec.forms and all(" " in form.axes for form in spec.forms)]
    opened = [opener.open(value) for value in inputs]
    opened_by_role = {name: opener.open(value) for name, value in by_role.items()}
    if by_role:  # those that are given by their places come first
        if len(opened) > len(loss.roles):
            raise UsageFault(f"{loss.name} takes {len(loss.roles)} inputs ({', '.join(loss.roles)})")
        placed = dict(zip(loss.roles, opened, strict=False))
        if twice := [name for name in by_role if role_named(name, loss.roles) in placed]:
            raise UsageFault(f"{loss.name} got {twice[0]} twice")
        opened, opened_by_role = [], placed | opened_by_role
    found = read_inputs(
        opened,
        loss.roles,
        named=opened_by_role,
        of_many=loss.of_many,
        row_roles=row_roles,
        extras={name: opener.open(value) for name, value in extras.items()},
        options=ReadOptions(missing=missing, key=key),
    )
    read: dict[str, Any] = {name: data for name, data in found.roles.items() if name in loss.roles}
    many = {name: data for name, data in found.roles.items() if name not in loss.roles}
    if many:
        read[loss.of_many] = many
    others = {name: value for name, value in named.items() if name not in by_role}
    others |= {name: data for name, data in found.extras.items() if name != _WEIGHT}
    notes = (*opener.notes, *found.notes)
    return Read(
        inputs=(),
        named={**read, **others},
        weight=found.extras.get(_WEIGHT, weight),
        notes=tuple(dict.fromkeys(notes)),
        warnings=found.warnings,
    )


def _is_input(loss: Loss, name: str) -> bool:
    if loss.option(name) is not None:
        return False
    return role_named(name, loss.roles) is not None or (bool(loss.of_many) and "." in name)


def _each_alone(inputs: tuple[Any, ...], named: Mapping[str, Any], weight: Any, opener: _Openers, missing: str) -> Read:
    notes: list[str] = []

    def read(value: Any) -> Any:
        if not is_source(value):
            return value
        data = opener.open(value).data(missing)
        notes.extend(data.notes)
        return data

    inputs, weight = tuple(map(read, inputs)), read(weight)
    named = {name: read(value) for name, value in named.items()}
    return Read(inputs, named, weight, tuple(dict.fromkeys((*opener.notes, *notes))))


class _Openers:
    """Opens the sources of a call; those that are read in the same way share their files."""

    def __init__(self, roles: Sequence[str], *, keep_text: bool = False) -> None:
        self._roles, self._keep_text = roles, keep_text
        self._by_given: dict[tuple[tuple[str, Any], ...], Opener] = {}

    def open(self, value: FileSource | Path) -> Opened:
        given = value.given if isinstance(value, FileSource) else ()
        if given not in self._by_given:
            options = ReadOptions(**dict(given), keep_text=self._keep_text)
            self._by_given[given] = Opener(options, self._roles)
        opener = self._by_given[given]
        return opener.open_file(value) if isinstance(value, Path) else opener.open(value.address)

    @property
    def notes(self) -> tuple[str, ...]:
        openers = self._by_given.values()
        return tuple(note for opener in openers for file in opener.opened.values() for note in file.notes)


def _options(value: FileSource | Path) -> ReadOptions:
    return _AS_IS if isinstance(value, Path) else value.options


def _skipped(missing: str, sources: Sequence[FileSource | Path]) -> str:
    """What to do with missing values: to skip them, if the call or a source says so."""
    return "skip" if "skip" in (missing, *(_options(value).missing for value in sources)) else "error"


def _key(sources: Sequence[FileSource | Path]) -> str | None:
    """The column that rows are joined on, which is one for all sources."""
    keys = list(dict.fromkeys(key for value in sources if (key := _options(value).key) is not None))
    if len(keys) > 1:
        raise UsageFault(f"the sources have the keys {keys[0]!r} and {keys[1]!r}", "give one key for all sources")
    return keys[0] if keys else None


def _refuse_options(loss: Loss, named: Mapping[str, Any]) -> None:
    """A UsageFault for what says how to read a file, where the loss has no option of that name."""
    for name, value in named.items():
        if name in READING and loss.option(name) is None:
            cure = f'give it to the source: losscli.source("FILE", {spelled(name, value)})'
            raise UsageFault(f"{name} is of a file, not of {loss.name}", cure)
