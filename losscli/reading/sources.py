"""The words of a command to the named arrays of a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from losscli.reading.assignment import words_by_role
from losscli.reading.container import Container
from losscli.reading.delimited import check_delimiter
from losscli.reading.keyed import check_joinable, has_key, keys_of, reordered, row_order
from losscli.reading.opening import STDIN_FORMATS
from losscli.reading.options import ReadOptions
from losscli.reading.shelf import Found, Shelf
from losscli.schema.data import Data
from losscli.schema.faults import LossError, UsageFault, raise_all

__all__ = ["Inputs", "ReadOptions", "read_inputs", "read_source"]

_COMMON_ROLES = ("input", "target")  # their words name a column in any file


@dataclass(frozen=True, slots=True)
class Inputs:
    """The arrays of one request, and what the user should hear about their sources."""

    roles: Mapping[str, Data]
    extras: Mapping[str, Data]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A source, the array that it gave, and whether its rows are joined on the key."""

    found: Found
    data: Data
    joins: bool


def read_source(source: str, options: ReadOptions) -> Data:
    """The array that one source names."""
    _check(options)
    return _picked(Shelf(options, _COMMON_ROLES).find(source))


def read_inputs(
    sources: Sequence[str],
    roles: Sequence[str],
    *,
    optional_roles: Sequence[str] = (),
    extras: Mapping[str, str],
    options: ReadOptions,
) -> Inputs:
    """The array of each role that a source was given for, and of each extra.

    `sources` are positional, in the order of the roles, and then ROLE=SOURCE; one alone may hold all inputs. With a
    key, rows are joined on it: extras named like an option (`--sample-weight`) must take part, others do if they can.
    """
    _check(options)
    key_word = () if options.key is None else (options.key.lower(),)
    shelf = Shelf(options, (*roles, *optional_roles, *_COMMON_ROLES, *key_word))
    faults: list[LossError] = []
    words, notes = words_by_role(sources, roles, optional_roles, shelf)
    read = _read_each(words, lambda _: True, shelf, faults)
    read_extras = _read_each(extras, lambda label: label.startswith("--"), shelf, faults)
    if options.key is not None and not faults:
        first = next(iter(read.values())).found.container
        read = _joined(read, first, options.key, faults)
        read_extras = _joined(read_extras, first, options.key, faults)
    raise_all(list({str(fault): fault for fault in faults}.values()))
    return Inputs(
        {role: read[role].data for role in (*roles, *optional_roles) if role in read},
        {label: extra.data for label, extra in read_extras.items()},
        (*(note for container in shelf.opened.values() for note in container.notes), *notes),
    )


def _check(options: ReadOptions) -> None:
    if options.delimiter is not None:
        check_delimiter(options.delimiter)
    if options.stdin not in (None, *STDIN_FORMATS):
        raise UsageFault(f"--stdin {options.stdin!r} is no format", f"one of {', '.join(STDIN_FORMATS)}")


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
    if must:
        check_joinable(container, key)
    return must or has_key(container, key)


def _joined(read: Mapping[str, _Read], first: Container, key: str, faults: list[LossError]) -> dict[str, _Read]:
    """The same with their rows in the order of the first source's keys."""
    done = {}
    for label, one in read.items():
        container = one.found.container
        done[label] = one
        if one.joins:
            try:
                order = row_order(keys_of(first, key), keys_of(container, key), first.name, container.name)
                done[label] = replace(one, data=reordered(one.data, order))
            except LossError as fault:
                faults.append(fault)
    return done


def _picked(found: Found) -> Data:
    return replace(found.container.pick(found.selector), source=found.source)
