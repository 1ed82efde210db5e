"""The targets of a batch of sequences, however they were given, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from losscli.schema.loss import Array, Misfit

Indices = NDArray[np.intp]


def padded(targets: Array, lengths: Indices) -> Indices:
    """The labels of every sample, (n, s), with class 0 behind its own."""
    width = int(lengths.max(initial=0))
    own = np.arange(width) < lengths[:, None]
    rows = np.zeros(own.shape, np.intp)
    rows[own] = targets if targets.ndim == 1 else targets[:, :width][own]
    return rows


def repeats(labels: Indices, lengths: Indices) -> Indices:
    """How many labels of every sample equal the one before, so that a blank must part them."""
    own = np.arange(1, labels.shape[1]) < lengths[:, None]
    count: Indices = (own & (labels[:, 1:] == labels[:, :-1])).sum(axis=1)
    return count


def counted(
    log_probs: Array, targets: Array, input_lengths: Array, target_lengths: Array
) -> dict[str, NDArray[np.bool_]]:
    """The frames within a sample's length, and the labels within its target's."""
    going = np.arange(len(log_probs))[:, None] < input_lengths
    masks = {"log_probs": np.broadcast_to(going[:, :, None], log_probs.shape)}
    if targets.ndim == 2:
        masks["targets"] = np.arange(targets.shape[1]) < target_lengths[:, None]
    return masks


def misfits(
    log_probs: Array, targets: Array, input_lengths: Array, target_lengths: Array, blank: int
) -> Iterator[Misfit]:
    """The first element that breaks each rule; labels only where the lengths say which they are."""
    frames, _, classes = log_probs.shape
    if blank >= classes:
        fact = f"blank is {blank}, and log_probs has {classes} classes"
        yield Misfit("blank", None, fact, "blank is a class, counted from 0")
    if (at := _first(input_lengths > frames)) is not None:
        fact = f"an input length of {_whole(input_lengths, at)}, and log_probs has {frames} frames"
        yield Misfit("input_lengths", at, fact, "axis 0 of log_probs is time: (T, N, C) or (T, C)")
    if targets.ndim == 1 and target_lengths.sum() != targets.size:
        fact = f"the target lengths add up to {target_lengths.sum():.0f}, and there are {targets.size} targets"
        yield Misfit("targets", None, fact, "one after the other, the targets of all samples have no padding")
        return
    if targets.ndim == 2 and (at := _first(target_lengths > targets.shape[1])) is not None:
        fact = f"a target length of {_whole(target_lengths, at)}, and targets has {targets.shape[1]} columns"
        yield Misfit("target_lengths", at, fact, "give each sample's number of labels without its padding")
        return
    own = counted(log_probs, targets, input_lengths, target_lengths).get("targets", np.ones(targets.shape, bool))
    if (at := _first(own & ((targets < 0) | (targets >= classes)))) is not None:
        fact = f"the label {_whole(targets, at)}, and log_probs has {classes} classes"
        cure = f"labels go from 0 to {classes - 1}; only behind a target's length may anything stand"
        yield Misfit("targets", at, fact, cure)
    if (at := _first(own & (targets == blank))) is not None:
        fact = f"the label {blank}, which is the blank"
        yield Misfit("targets", at, fact, "a target holds no blanks: leave it out, or name another class with blank")


def _first(wrong: NDArray[np.bool_]) -> int | None:
    return int(wrong.argmax()) if wrong.any() else None


def _whole(values: Array, at: int) -> int:
    return int(values.flat[at])
