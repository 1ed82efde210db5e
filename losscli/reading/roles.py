"""One file that holds all inputs: which of its arrays is which role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from shlex import quote

from losscli.reading.columns import selector_of
from losscli.reading.container import address, listed, named_like_id
from losscli.reading.join import chosen_columns, columns_of
from losscli.reading.opener import Opened
from losscli.reading.options import ReadOptions
from losscli.schema.data import numbered
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.synonyms import role_named

_NUMBERED = re.compile(r"(.+)_([0-9]{1,9})")


def all_in_one(
    source: Opened,
    required: Sequence[str],
    optional: Sequence[str],
    of_many: str,
    row_roles: Collection[str],
    other_sources: Sequence[str],
    options: ReadOptions,
    miscounted: UsageFault,
) -> tuple[dict[str, Opened], tuple[str, ...]]:
    """The roles' arrays in one file, where the required ones must all be, and a note if it has others.

    `other_sources` are the request's others, which may select from the same file.
    """
    selectors, unused = selectors_by_role(source, [*required, *optional], options.key)
    if of_many in required and unused:
        selectors, unused = {**selectors, **{label: label for label in unused}}, ()
        required = [role for role in required if role != of_many]
    absent = [role for role in required if role not in selectors]
    if absent:
        cure = f"choose what is meant: {_chosen(source, required, row_roles, selectors, unused, options.command)}"
        if not selectors:
            raise UsageFault(f"{miscounted.fact}; {source.source} has {listed(unused)}", cure)
        besides = f"; it has {listed(unused)} besides" if unused else ""
        raise DataFault(f"{source.source}: nothing in it is named {' or '.join(absent)}{besides}", cure)
    left = _without_selected(unused, source, other_sources)
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


def _chosen(
    source: Opened,
    required: Sequence[str],
    row_roles: Collection[str],
    selectors: Mapping[str, str],
    unused: Sequence[str],
    command: str,
) -> str:
    """The sources of all roles in their order, as a command; what is not known yet is what is left, in its order.

    A role of rows takes an array of two axes, or a run of columns: all but one for each role that follows.
    """
    labels = source.container.labels
    left = [label for label in unused if not named_like_id(label)]
    words = []
    for at, role in enumerate(required):
        label = selectors.get(role, role.upper())
        if role not in selectors and left:
            following = [other for other in required[at + 1 :] if other not in selectors]
            rows = 1 + sum(other in row_roles for other in following)
            count = max(1, (len(left) - len(following) + rows - 1) // rows) if role in row_roles else 1
            wide = [name for name in left if not _is_column(source, name)] if count > 1 else []
            taken = wide[:1] or left[:count]
            label = selector_of(labels, [labels.index(name) for name in dict.fromkeys(taken)])
            left = [name for name in left if name not in taken]
        words.append(f"{source.source}::{label}")
    return " ".join((*((command,) if command else ()), *map(quote, words)))


def _is_column(source: Opened, label: str) -> bool:
    """Whether an array has one number a row."""
    try:
        return len(source.part(label).data().shape) < 2
    except DataFault:
        return True
