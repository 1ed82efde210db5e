"""The words of a command to the named arrays of a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from losscli.reading.assignment import words_by_role
from losscli.reading.container import Container
from losscli.reading.options import ReadOptions, check_options
from losscli.reading.shelf import Found, Shelf
from losscli.schema.data import Data, numbered
from losscli.schema.faults import DataFault, LossError, raise_all
from losscli.schema.records import record

if TYPE_CHECKING:
    from losscli.reading.keyed import Keys

__all__ = ["Inputs", "ReadOptions", "read_each", "read_inputs", "read_named", "read_source"]

_COMMON_ROLES = ("input", "target")  # their words name a column in any file


@record
class Inputs:
    """The arrays of one request, and what the user should hear about their sources."""

    roles: Mapping[str, Data]
    extras: Mapping[str, Data]
    notes: tuple[str, ...]


@record
class _Read:
    """A source, the array that it gave, and whether its rows are joined on the key."""

    found: Found
    data: Data
    joins: bool


def read_source(source: str, options: ReadOptions) -> Data:
    """The array that one source names."""
    check_options(options)
    return _picked(Shelf(options, _COMMON_ROLES).find(source))


def read_each(source: str, options: ReadOptions) -> tuple[list[Data], tuple[str, ...]]:
    """Every array of a source that selects none, and what to hear about it; columns `NAME0 … NAMEk` are one array."""
    check_options(options)
    found = Shelf(options, _COMMON_ROLES).find(source)
    container = found.container
    if found.selector is not None or not container.labels:
        return [_picked(found)], container.notes
    words = [(f"{source}::{selector}", selector) for selector in _runs(container.labels)]
    return [replace(container.pick(selector), source=word) for word, selector in words], container.notes


def read_named(source: str, options: ReadOptions) -> dict[str, Data]:
    """All arrays of a source by their names, or the one that it selects."""
    check_options(options)
    found = Shelf(options, _COMMON_ROLES).find(source)
    if found.selector is not None:
        return {found.selector: _picked(found)}
    if not found.container.labels:
        raise DataFault(f"{source}: an array without a name", "give an .npz, a .safetensors or a YAML mapping")
    return {label: found.container.pick(label) for label in found.container.labels}


def _runs(labels: Sequence[str]) -> list[str]:
    """Labels, those that only count on from the one before joined to a range."""
    runs: list[list[str]] = []
    for label in labels:
        stem, number = numbered(label)
        before = numbered(runs[-1][-1]) if runs else ("", None)
        if stem and number is not None and before[0] == stem and before[1] == number - 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in runs]


def read_inputs(
    sources: Sequence[str],
    roles: Sequence[str],
    *,
    optional_roles: Sequence[str] = (),
    of_many: str = "",
    extras: Mapping[str, str],
    options: ReadOptions,
) -> Inputs:
    """The array of each role that a source was given for, and of each extra.

    `sources` are positional, in the order of the roles, and then ROLE=SOURCE; one alone may hold all inputs. The role
    `of_many` stands for all arrays of its source, under their own names. With a key, rows are joined on it: extras
    named like an option (`--sample-weight`) must take part, others do if they can.
    """
    check_options(options)
    every = (*roles, *optional_roles)
    key_word = () if options.key is None else (options.key.lower(),)
    shelf = Shelf(options, (*every, *_COMMON_ROLES, *key_word))
    faults: list[LossError] = []
    words, notes = words_by_role(sources, roles, optional_roles, of_many, shelf)
    read = _read_each(words, lambda _: True, shelf, faults)
    read_extras = _read_each(extras, lambda label: label.startswith("--"), shelf, faults)
    if options.key is not None and not faults:
        keys = _Keyring(options.key, next(iter(read.values())).found.container)
        read, read_extras = _joined(read, keys, faults), _joined(read_extras, keys, faults)
    raise_all(list({str(fault): fault for fault in faults}.values()))
    return Inputs(
        {role: read[role].data for role in (*(r for r in every if r in read), *(w for w in read if w not in every))},
        {label: extra.data for label, extra in read_extras.items()},
        (*(note for container in shelf.opened.values() for note in container.notes), *notes),
    )


def _read_each(
    words: Mapping[str, str], must_join: Callable[[str], bool], shelf: Shelf, faults: list[LossError]
) -> dict[str, _Read]:
    """The array of each source; what cannot be read is added to the faults, so that all are told at once."""
    read = {}
    for label, word in words.items():
        try:
            found = shelf.find(word)
            joins = _joins(found.container, shelf.options.key, must_join(label))
            read[label] = _Read(found, _picked(found), joins)
        except LossError as fault:
            faults.append(fault)
    return read


def _joins(container: Container, key: str | None, must: bool) -> bool:
    if key is None:
        return False
    from losscli.reading.keyed import check_joinable, has_key  # with tables and all, which a literal needs not

    if must:
        check_joinable(container, key)
    return must or has_key(container, key)


@record
class _Keyring:
    """The key column, the source whose order counts, and the keys of each source that was asked for."""

    key: str
    first: Container
    found: dict[str, Keys] = field(default_factory=dict)

    def of(self, container: Container) -> Keys:
        from losscli.reading.keyed import keys_of

        if container.name not in self.found:
            self.found[container.name] = keys_of(container, self.key)
        return self.found[container.name]


def _joined(read: Mapping[str, _Read], keys: _Keyring, faults: list[LossError]) -> dict[str, _Read]:
    """The same with their rows in the order of the first source's keys."""
    from losscli.reading.keyed import reordered, row_order

    done = {}
    for label, one in read.items():
        done[label] = one
        if one.joins:
            container = one.found.container
            try:
                order = row_order(keys.of(keys.first), keys.of(container), keys.first.name, container.name)
                done[label] = replace(one, data=reordered(one.data, order))
            except LossError as fault:
                faults.append(fault)
    return done


def _picked(found: Found) -> Data:
    return replace(found.container.pick(found.selector), source=found.source)
