"""Files as inputs in Python: a pathlib.Path, or a SOURCE as the command line has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from losscli.reading.opener import Opened, Opener
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_inputs, read_named
from losscli.schema.data import Data
from losscli.schema.faults import UsageFault
from losscli.schema.kinds import shown
from losscli.schema.loss import Loss
from losscli.schema.records import record
from losscli.schema.synonyms import role_named

_ROLES = ("input", "target")
_WEIGHT = "--weight"  # begins as the label of an extra that takes part in joining


@dataclass(frozen=True, slots=True)
class FileSource:
    """A SOURCE in the command line's words, such as `run.csv::yhat`."""

    address: str


def source(address: str) -> FileSource:
    """A SOURCE of the command line as an input: "run.csv::yhat", a pattern of shards, a URL's local copy.

    It is read when it is used, with the command line's defaults; several sources of one file open it once.
    """
    if not isinstance(address, str):
        raise UsageFault(f"a source is written as text, got {shown(address)}", 'such as source("run.csv::yhat")')
    return FileSource(address)


def is_source(value: object) -> bool:
    return isinstance(value, FileSource | Path)


def read_alone(value: FileSource | Path, *, keep_text: bool = False, missing: str = "error") -> Data:
    """The array of one source."""
    options = ReadOptions(keep_text=keep_text, missing=missing)
    return _opened(value, Opener(options, _ROLES)).data(missing)


def read_parameters(value: FileSource | Path) -> dict[str, Data]:
    """The arrays of one source by their names."""
    options = ReadOptions()
    return read_named(_opened(value, Opener(options, _ROLES)), options)


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
    if not any(map(is_source, (*inputs, *named.values(), weight))):
        return Read(inputs, named, weight)
    options = ReadOptions(missing=missing)
    opener = Opener(options, (*loss.roles, *_ROLES))
    by_role = {name: value for name, value in named.items() if _is_input(loss, name)}
    if not all(map(is_source, (*inputs, *by_role.values()))):
        return _each_alone(inputs, named, weight, opener, missing)
    extras = {name: value for name, value in {**named, _WEIGHT: weight}.items() if is_source(value)}
    extras = {name: value for name, value in extras.items() if name not in by_role}
    row_roles = [spec.name for spec in loss.inputs if spec.forms and all(" " in form.axes for form in spec.forms)]
    opened = [_opened(value, opener) for value in inputs]
    opened_by_role = {name: _opened(value, opener) for name, value in by_role.items()}
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
        extras={name: _opened(value, opener) for name, value in extras.items()},
        options=options,
    )
    read: dict[str, Any] = {name: data for name, data in found.roles.items() if name in loss.roles}
    many = {name: data for name, data in found.roles.items() if name not in loss.roles}
    if many:
        read[loss.of_many] = many
    others = {name: value for name, value in named.items() if name not in by_role}
    others |= {name: data for name, data in found.extras.items() if name != _WEIGHT}
    notes = (*(note for container in opener.opened.values() for note in container.notes), *found.notes)
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


def _each_alone(inputs: tuple[Any, ...], named: Mapping[str, Any], weight: Any, opener: Opener, missing: str) -> Read:
    notes: list[str] = []

    def read(value: Any) -> Any:
        if not is_source(value):
            return value
        data = _opened(value, opener).data(missing)
        notes.extend(data.notes)
        return data

    inputs, weight = tuple(map(read, inputs)), read(weight)
    named = {name: read(value) for name, value in named.items()}
    heard = (*(note for container in opener.opened.values() for note in container.notes), *notes)
    return Read(inputs, named, weight, tuple(dict.fromkeys(heard)))


def _opened(value: FileSource | Path, opener: Opener) -> Opened:
    if isinstance(value, Path):
        return opener.open_file(value)
    return opener.open(value.address)
