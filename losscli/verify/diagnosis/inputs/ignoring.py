"""Samples that are to be ignored, taken for samples of a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.engine.bind import Bound
from losscli.schema.data import Data, Held
from losscli.schema.faults import LossError
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, with_request
from losscli.verify.diagnosis.mistakes import area

declare = area("ignoring")
_SCORED = declare(
    "padding_not_ignored",
    "A",
    "the samples of label {ignored}, which are to be ignored, were scored as if they were of class {label}",
    "leave them out of the sum, and of the number that it is divided by",
)


def scored(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Ignored samples as those of the first class, and of the last, which is what -1 stands for in Python."""
    if dataset.kept is None or dataset.bound.ignored is None or dataset.classes < 2:
        return
    for later, label in enumerate((0, dataset.classes - 1)):
        mistake = _SCORED.of(later=later, ignored=f"{dataset.bound.ignored[1]:g}", label=label)
        if hypothesis := with_request(dataset, (mistake,), counting_all(dataset, label)):
            yield hypothesis


def counting_all(dataset: Dataset, label: int, options: Mapping[str, Any] | None = None) -> Bound | None:
    """The request with that label for what is ignored, and maybe other options; None where it does not allow that."""
    request, ignored = dataset.request, dataset.bound.ignored
    if ignored is None or dataset.loss.ignores is None:
        return None
    role, value = ignored
    target = request.inputs[role]
    if target.words:
        return None
    labels = np.where(target.array() == value, label, target.array())
    kept = {name: given for name, given in request.options.items() if name != dataset.loss.ignores[0]}
    changed = Data(target.source, target.dtype, Held(labels), target.place)
    try:
        return replace(request, inputs={**request.inputs, role: changed}, options={**kept, **(options or {})}).bound()
    except LossError:
        return None
