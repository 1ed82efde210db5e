"""Vectors of probabilities and of labels: one sample of many classes, or the yes and no of many samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.schema.data import Data
from losscli.schema.faults import DataFault
from losscli.schema.loss import Loss, Settled
from losscli.schema.settings import spelled

_SUMS = 1e-3  # by which probabilities written with three decimals may miss their sum of 1
_STEP = 1 << 20


def settles_vectors(
    binary: Callable[[], Loss], other: str
) -> Callable[[Loss, Mapping[str, Data], Mapping[str, Any], str], Settled]:
    """Settles a loss of rows of classes: with vectors of probabilities and of 0 and 1, under sklearn it is `binary`.

    Elsewhere it is one sample if it can be one, and else an error that names the `other` loss.
    """

    def settle(loss: Loss, inputs: Mapping[str, Data], options: Mapping[str, Any], convention: str) -> Settled:
        probabilities, labels = inputs["input"], inputs["target"]
        if len(probabilities.shape) != 1 or labels.shape != probabilities.shape or not probabilities.size:
            return Settled(loss, options)
        if not (_numeric(probabilities) and _numeric(labels) and _of_yes_and_no(labels)):
            return Settled(loss, options)
        samples = probabilities.size
        if convention == "sklearn":
            meant = binary()
            note = f"probabilities and labels of shape ({samples},) are the yes and no of {samples} samples: binary"
            known = {name: value for name, value in options.items() if meant.option(name)}
            return Settled(replace(meant, name=loss.name, brings=loss.brings), known, (note,))
        stated, yes = (data.store.flat(0, samples).astype(np.float64).sum() for data in (probabilities, labels))
        if yes == 1.0 and abs(stated - 1.0) <= _SUMS:
            note = (
                f"input has shape ({samples},), sums to 1, and one label is 1: taken as one sample of {samples} classes"
            )
            return Settled(loss, options, (note,))
        sklearn = spelled("convention", "sklearn")
        raise DataFault(
            f"input and target have {samples} numbers each ({probabilities.source}), "
            "and target only 0 and 1: this is binary",
            f"use {other}, or {sklearn}, whose {loss.name} is binary then; one sample of classes sums to 1",
        )

    return settle


def _numeric(data: Data) -> bool:
    return not data.words and data.store.flat(0, 1).dtype.kind in "biuf"


def _of_yes_and_no(labels: Data) -> bool:
    """Whether all labels are 0 or 1."""
    steps = range(0, labels.size, _STEP)
    return all(bool(np.isin(labels.store.flat(at, min(at + _STEP, labels.size)), (0, 1)).all()) for at in steps)
