"""One file that holds all inputs: which of its arrays is which role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from shlex import quote

from losscli.reading.columns import selector_of
from losscli.reading.container import address, listed, named_like_id
from losscli.reading.join import chosen_columns, columns_of
from losscli.reading.opener import Opened
from losscli.reading.options import ReadOptions
from losscli.schema.data import Data, numbered
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.records import record
from losscli.schema.synonyms import role_named

_NUMBERED = re.compile(r"(.+)_([0-9]{1,9})")


@record
class Wanted:
    """What one file is to hold: the required roles, and perhaps the optional ones. `row_roles` hold several numbers a
    sample. The request's other sources, which may select from the same file, are `given` as ROLE=SOURCE, or `others`.
    """

    required: Sequence[str]
    optional: Sequence[str]
    of_many: str
    row_roles: Collection[str]
    given: Sequence[str]
    others: Sequence[str]


def all_in_one(
    source: Opened, wanted: Wanted, options: ReadOptions, miscounted: UsageFault
) -> tuple[dict[str, Opened], tuple[str, ...]]:
    """The roles' arrays in one file, and a note if it has others that no source selects."""
    selectors, unused = selectors_by_role(source, [*wanted.required, *wanted.optional], options.key)
    left = _without_selected(unused, source, [*wanted.given, *wanted.others])
    required = wanted.required
    if wanted.of_many in required and unused:
        selectors, left = {**selectors, **{label: label for label in unused}}, []
        required = [role for role in required if role != wanted.of_many]
    absent = [role for role in required if role not in selectors]
    if absent:
        chosen = _chosen(source, replace(wanted, required=required), selectors, left)
        cure = f"choose what is meant: {' '.join([*filter(None, [options.command]), *chosen])}"
        if not selectors:
            raise UsageFault(f"{miscounted.fact}; {source.source} has {listed(unused)}", cure)
        others = f" (others: {listed(unused)})" if unused else ""
        raise DataFault(f"{source.source}: no column or array is recognised as {' or '.join(absent)}{others}", cure)
    notes = (f"{source.container.name}: {listed(left)} not used",) if left else ()
    return {role: source.part(selector) for role, selector in selectors.items()}, notes


def selectors_by_role(source: Opened, roles: Sequence[str], key: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """The selector of each role that a label of the container means, and the labels that mean none.

    In a table `ROLE_0` to `ROLE_k` are one row of classes.
    """
    tabular = bool(columns_of(source.container))
    single: dict[str, list[str]] = {}
    numbered_labels: dict[str, dict[int, list[str]]] = {}
    unused = []
    for label in source.container.labels:
        if tabular and label == key:
            continue
        if role := role_named(label, roles):
            single.setdefault(role, []).append(label)
        elif tabular and (match := _NUMBERED.fullmatch(label)) and (role := role_named(match[1], roles)):
            numbered_labels.setdefault(role, {}).setdefault(int(match[2]), []).append(label)
        else:
            unused.append(label)
    selectors = {}
    for role in roles:
        if role in single or role in numbered_labels:
            selectors[role] = _selector(source, role, single.get(role, []), numbered_labels.get(role, {}))
    return selectors, tuple(unused)


def _selector(source: Opened, role: str, single: list[str], by_number: dict[int, list[str]]) -> str:
    every, name = source.container.labels, source.container.name
    labels = [*single, *(label for _, alike in sorted(by_number.items()) for label in alike)]
    if len(single) > 1 or (single and by_number) or any(len(alike) > 1 for alike in by_number.values()):
        stem = numbered(labels[0])[0]
        alike = single[:1] or [label for label in dict.fromkeys(labels) if numbered(label)[0] == stem]
        raise DataFault(
            f"{name}: {' and '.join(labels[:3])} both mean {role}",
            f"say which: {role}={address(name, selector_of(every, list(map(every.index, alike))))}",
        )
    if single:
        return single[0]
    lacking = next((i for i in range(len(by_number)) if i not in by_number), None)
    if lacking is not None:
        raise DataFault(f"{name}: {labels[-1]}, but no column {lacking} of {role}", "number the columns from 0 on")
    return ",".join(labels) if len(labels) > 1 else f"{labels[0]}:{labels[0]}"


def _without_selected(labels: Sequence[str], source: Opened, other_sources: Sequence[str]) -> list[str]:
    """The labels of a file's arrays that other sources do not select."""
    selected = set[int]()
    for other in other_sources:
        role, found, selector = other.partition(f"{source.source}::")
        if found and (not role or role.endswith("=")):
            selected.update(chosen_columns(source.part(selector)))
        elif other in (source.source, f"{role}={source.source}"):
            return []
    used = Counter(source.container.labels[column] for column in selected)
    return [label for at, label in enumerate(labels) if labels[:at].count(label) >= used[label]]


def _chosen(source: Opened, wanted: Wanted, selectors: Mapping[str, str], unused: Sequence[str]) -> list[str]:
    """The sources of all roles, as they are written in a shell; what is not known yet is what is left, in its order.

    Roles of rows take an array of two axes each, or share the columns that no other role needs.
    """
    labels = source.container.labels
    data = {at: _data(source, at) for at, label in enumerate(labels) if label in unused and not named_like_id(label)}
    absent = [role for role in wanted.required if role not in selectors]
    targets = [role for role in absent if role_named(role, ["target"])]  # which may be words
    fit = {at: array for at, array in data.items() if array is not None and (targets or not array.words)}
    left = [at for at, array in fit.items() if array.shape] or list(fit)
    rows = [role for role in absent if role in wanted.row_roles]
    width = max(1, (len(left) - len(absent) + len(rows)) // len(rows)) if rows else 1
    words = []
    for role in wanted.required:
        label = selectors.get(role, "")
        columns = [at for at in left if role in targets or not fit[at].words]
        if not label and columns:
            wide = [at for at in columns if len(fit[at].shape) > 1] if role in rows and width > 1 else []
            taken = wide[:1] or columns[: width if role in rows else 1]
            label, left = selector_of(labels, taken), [at for at in left if at not in taken]
        word = f"{source.source}::{label}" if label else role.upper()
        words.append(f"{role}={word}" if wanted.given else word)  # those given by role may come before others
    return [quote(word) for word in (*words, *wanted.given)]


def _data(source: Opened, column: int) -> Data | None:
    """An array of a file; None of what is none."""
    try:
        return source.part(selector_of(source.container.labels, [column])).data()
    except DataFault:
        return None
