"""One file that holds all inputs: which of its arrays is which role."""

from __future__ import annotations

import re
from collections.abc import Sequence

from losscli.reading.container import Container
from losscli.reading.join import columns_of
from losscli.schema.faults import DataFault
from losscli.schema.synonyms import role_named

_NUMBERED = re.compile(r"(.+)_([0-9]{1,9})")


def selectors_by_role(
    container: Container, roles: Sequence[str], key: str | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The selector of each role that a label of the container means, and the labels that mean none.

    In a table `ROLE_0` to `ROLE_k` are one row of classes.
    """
    tabular = bool(columns_of(container))
    single: dict[str, list[str]] = {}
    numbered: dict[str, dict[int, list[str]]] = {}
    unused = []
    for label in container.labels:
        if tabular and label == key:
            continue
        if role := role_named(label, roles):
            single.setdefault(role, []).append(label)
        elif tabular and (match := _NUMBERED.fullmatch(label)) and (role := role_named(match[1], roles)):
            numbered.setdefault(role, {}).setdefault(int(match[2]), []).append(label)
        else:
            unused.append(label)
    selectors = {}
    for role in roles:
        if role in single or role in numbered:
            selectors[role] = _selector(container.name, role, single.get(role, []), numbered.get(role, {}))
    return selectors, tuple(unused)


def _selector(name: str, role: str, single: list[str], numbered: dict[int, list[str]]) -> str:
    labels = [*single, *(label for _, alike in sorted(numbered.items()) for label in alike)]
    if len(single) > 1 or (single and numbered) or any(len(alike) > 1 for alike in numbered.values()):
        raise DataFault(
            f"{name}: {' and '.join(labels[:3])} both mean {role}",
            f"say which: {role}={name}::{labels[0]}",
        )
    if single:
        return single[0]
    lacking = next((i for i in range(len(numbered)) if i not in numbered), None)
    if lacking is not None:
        raise DataFault(f"{name}: {labels[-1]}, but no column {lacking} of {role}", "number the columns from 0 on")
    return ",".join(labels) if len(labels) > 1 else f"{labels[0]}:{labels[0]}"
