"""The words of a command to the named arrays of a loss."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from losscli.reading.assignment import sources_by_role
from losscli.reading.opener import Opened, Opener, Source
from losscli.reading.options import ReadOptions, check_options
from losscli.schema.data import Data, numbered
from losscli.schema.faults import DataFault, LossError, raise_all
from losscli.schema.records import record
from losscli.schema.text import plural

if TYPE_CHECKING:
    from losscli.reading.join import Rows

__all__ = ["Inputs", "ReadOptions", "read_each", "read_inputs", "read_named", "read_number", "read_source"]

_MOST_ARRAYS = 1000  # of one file that are looked at
_ALL = ""  # the label of a fault that is no single source's
_COMMON_ROLES = ("input", "target")  # their words name a column in any file


@record
class Inputs:
    """The arrays of one request, and what the user should hear about their sources."""

    roles: Mapping[str, Data]
    extras: Mapping[str, Data]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def read_source(source: str, options: ReadOptions) -> Data:
    """The array that one source names."""
    check_options(options)
    return Opener(options, _COMMON_ROLES).open(source).data()


def read_number(source: str, options: ReadOptions) -> Data:
    """What one source names where one number is asked for: of a column with empty cells the only one with a value."""
    from losscli.reading.rows import only_filled

    check_options(options)
    data = only_filled(Opener(options, _COMMON_ROLES).open(source).data("skip"), source)
    if data.missing is not None:
        raise data.missing.fault
    return data


def read_each(source: str, options: ReadOptions) -> tuple[list[Data], tuple[str, ...]]:
    """Every array of a source that selects none, and what to hear about it; columns `NAME0 … NAMEk` are one array."""
    from losscli.reading.columns import Arrays

    check_options(options)
    opened = Opener(options, _COMMON_ROLES).open(source)
    container = opened.container
    if opened.selector is not None or not container.labels:
        data, lacking = _filled(opened)
        return [data], (*container.notes, *lacking)
    named = container.labels  # a column without a name has its index, unless another is named so
    labels = [label if label or str(at) in named else str(at) for at, label in enumerate(named)]
    selectors = labels if isinstance(container, Arrays) else _runs(labels)  # which may have any shapes
    arrays: list[Data] = []
    others: list[DataFault] = []
    notes: list[str] = []
    for part in [opened.part(selector) for selector in selectors[:_MOST_ARRAYS]]:
        try:
            data, lacking = _filled(part)
        except DataFault as fault:
            others.append(fault)
        else:
            arrays.append(data)
            notes += lacking
    if not arrays:
        raise others[0]
    if len(selectors) > _MOST_ARRAYS:
        notes.append(f"{source}: the first {_MOST_ARRAYS} of {len(selectors)} arrays")
    return arrays, (*container.notes, *notes, *(f"left out: {fault.fact}" for fault in others))


def _filled(opened: Opened) -> tuple[Data, tuple[str, ...]]:
    """An array without the rows that have no value, and a note of them."""
    data = opened.data("skip")
    if data.missing is None:
        return data, ()
    from losscli.reading.missing import without_missing

    rows = len(data.missing.rows)
    kept, _ = without_missing({"": data}, [""])
    return kept[""], (f"{opened.source}: {rows} of {plural(data.shape[0], 'row')} have no value",)


def read_named(source: Source, options: ReadOptions) -> dict[str, Data]:
    """All arrays of a source by their names, or the one that it selects."""
    check_options(options)
    opened = Opener(options, _COMMON_ROLES).open(source)
    if opened.selector is not None:
        return {opened.selector: opened.data()}
    if not opened.container.labels:
        raise DataFault(
            f"{opened.source}: an array without a name", "give a file that names its arrays, such as an .npz"
        )
    return {label: opened.part(label).data() for label in opened.container.labels}


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
    sources: Sequence[Source],
    roles: Sequence[str],
    *,
    named: Mapping[str, Source] | None = None,
    other_sources: Collection[str] = (),
    optional_roles: Sequence[str] = (),
    of_many: str = "",
    row_roles: Collection[str] = (),
    extras: Mapping[str, Source],
    options: ReadOptions,
) -> Inputs:
    """The array of each role that a source was given for, and of each extra.

    `sources` are positional, in the order of the roles, and then ROLE=SOURCE; one alone may hold all inputs. `named`
    are given by role, `other_sources` are read elsewhere, such as claims. The role `of_many` stands for all arrays of
    its source, under their own names; `row_roles` hold several numbers a sample. With a key, rows are joined on it:
    extras named like an option (`--sample-weight`) must take part, others do if they can. Without a key, they are
    joined on a column that two files share.
    """
    check_options(options)
    every = (*roles, *optional_roles)
    key_word = () if options.key is None else (options.key.lower(),)
    opener = Opener(options, (*every, *_COMMON_ROLES, *key_word))
    faults: dict[str, LossError] = {}  # by label: one a source
    other_sources = [source for source in (*other_sources, *extras.values()) if isinstance(source, str)]
    given, notes = sources_by_role(
        sources, named or {}, roles, optional_roles, of_many, opener, other_sources, row_roles
    )
    opened = _opened({**given, **extras}, opener, faults)
    must_join = [label for label in opened if label not in extras or label.startswith("--")]
    rows = _rows(opened, [label for label in must_join if label in given], must_join, every, options.key, faults)
    data = {} if _ALL in faults else _data_of(opened, rows, options.missing, faults)
    ordered = (faults[label] for label in (*given, *extras, _ALL) if label in faults)
    raise_all(list({str(fault): fault for fault in ordered}.values()))
    skipped: tuple[str, ...] = ()
    if options.missing == "skip":
        from losscli.reading.missing import without_missing  # which most requests need not

        data, skipped = without_missing(data, must_join)
    inputs = {role: data[role] for role in (*(r for r in every if r in given), *(r for r in given if r not in every))}
    matched: tuple[str, ...] = ()
    if sum(bool(array.names) for array in inputs.values()) > 1:
        from losscli.reading.matching import columns_matched

        inputs, matched = columns_matched(inputs)
    all_notes = (
        *(note for container in opener.opened.values() for note in container.notes),
        *notes,
        *(note for array in data.values() for note in array.notes),
        *(rows.notes if rows else ()),
        *skipped,
        *matched,
    )
    warnings = rows.warnings if rows else ()
    return Inputs(inputs, {label: data[label] for label in extras}, tuple(dict.fromkeys(all_notes)), warnings)


def _opened(sources: Mapping[str, Source], opener: Opener, faults: dict[str, LossError]) -> dict[str, Opened]:
    """Each source, opened; what cannot be is added to the faults, so that all are shown at once."""
    opened = {}
    for label, source in sources.items():
        try:
            opened[label] = opener.open(source)
        except LossError as fault:
            faults[label] = fault
    return opened


def _rows(
    opened: Mapping[str, Opened],
    inputs: Sequence[str],
    must_join: Sequence[str],
    roles: Sequence[str],
    key: str | None,
    faults: dict[str, LossError],
) -> Rows | None:
    """How the rows of the sources belong together: by the key, or by a column that two files share."""
    if key is None and sum(len(source.container.labels) > 1 for source in opened.values()) < 2:
        return None
    from losscli.reading.join import rows_by_key  # with tables and all, which a literal does not need
    from losscli.reading.matching import rows_of

    try:
        if key is not None:
            return rows_by_key(opened, must_join, key, faults)
        return rows_of(opened, inputs, roles)
    except LossError as fault:
        faults[_ALL] = fault
    return None


def _data_of(
    opened: Mapping[str, Opened], rows: Rows | None, missing: str, faults: dict[str, LossError]
) -> dict[str, Data]:
    """The array of each source, its rows in the order of the first source's."""
    data = {}
    for label, source in opened.items():
        if label in faults:
            continue
        try:
            data[label] = source.data(missing) if rows is None else _joined(label, source, rows, missing)
        except LossError as fault:
            faults[label] = fault
    return data


def _joined(label: str, opened: Opened, rows: Rows, missing: str) -> Data:
    from losscli.reading.join import reordered
    from losscli.reading.matching import without

    keys = rows.keys.get(opened.container.name, ()) if opened.selector is None else ()
    data = replace(opened, container=without(opened.container, keys)).data(missing)
    if not data.shape:  # one number for all rows
        return data
    if label in rows.orders:
        data = reordered(data, rows.orders[label]())
    return replace(data, key=rows.joined_on, keys=rows.words) if rows.joined_on else data
