"""Mistakes with the frames of a sequence: their scores, and how many of them count."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.unchunked import Whole
from losscli.schema.domains import COUNT, LOG
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, with_inputs, with_view
from losscli.verify.diagnosis.mistakes import area

declare = area("input")
_ALL_FRAMES = declare(
    "{lengths}_ignored",
    "A",
    "all {frames} frames of each sample were counted, those beyond its length too",
    "pass the lengths, or cut what lies beyond them off",
)
_LOG_SOFTMAX = declare(
    "log_softmax_left_out",
    "A",
    "the log-probabilities given here are raw scores: with their log_softmax the loss is the claimed one",
    "apply log_softmax over the classes before the loss",
)


def of_frames(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Lengths that nobody looked at, and scores taken for log-probabilities."""
    layout = dataset.bound.layout
    if dataset.loss.kind != "sequence" or not isinstance(layout, Whole) or not layout.lengths.get("t"):
        return
    first, frames = dataset.bound.inputs[0], layout.lengths["t"][0]
    lengths = next((field.name for field in dataset.bound.inputs if field.role.domain is COUNT), None)
    if lengths is not None and (dataset.argument(lengths) < frames).any():
        full = np.full_like(dataset.argument(lengths), frames)
        yield with_inputs(dataset, (_ALL_FRAMES.of(lengths=lengths, frames=frames),), {lengths: full})
    if first.role.domain.meaning == LOG and first.role.axes.endswith(" c"):
        yield with_view(dataset, _LOG_SOFTMAX, first.name, _log_softmax)


def _log_softmax(scores: Array) -> Array:
    rest = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(rest - np.log(np.exp(rest).sum(axis=-1, keepdims=True)))
