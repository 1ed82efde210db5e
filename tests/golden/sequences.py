"""Questions to CTC: batches and single samples, padded and concatenated targets, repeats, blanks, lengths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import Question, ask

_CLASSES = 5


def sequences(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _batches(random)
    yield from _single_samples(random)
    yield from _shapes_of_targets(random)
    yield from _impossible(random)


def sequence_edges(random: np.random.Generator) -> Iterator[Question]:
    """Infinite losses; of -inf among the log-probabilities only the value, for PyTorch's slope is NaN by 0 · inf."""
    short = {
        **_batch(random),
        "input_lengths": np.array([9, 2, 9]),
        "targets": np.array([[1, 2, 3], [4, 4, 1], [2, 1, 1]]),
    }
    note = "labels that need more frames than there are: an infinite loss without a slope"
    for reduction in ("none", "mean", "sum"):
        yield Question(f"ctc/edge/too-few-frames-{reduction}", "ctc", short, {}, reduction, None, note)
    ruled_out = _batch(random)
    ruled_out["log_probs"][3, :, 2] = -np.inf
    note = "a class that is ruled out at one frame"
    yield Question("ctc/edge/a-class-ruled-out", "ctc", ruled_out, {}, "none", (), note)


def _log_softmax(scores: Array) -> Array:
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True)))


def _labels(random: np.random.Generator, shape: int | tuple[int, ...], blank: int = 0) -> Array:
    """Any classes but the blank."""
    labels = random.integers(0, _CLASSES - 1, shape)
    return np.asarray(labels + (labels >= blank))


def _batch(random: np.random.Generator, blank: int = 0, spread: float = 1.0) -> dict[str, Array]:
    """Three samples of up to 9 frames with 3, 2 and 1 labels."""
    return {
        "log_probs": _log_softmax(random.normal(0, spread, (9, 3, _CLASSES))),
        "targets": _labels(random, (3, 3), blank),
        "input_lengths": np.array([9, 7, 4]),
        "target_lengths": np.array([3, 2, 1]),
    }


def _batches(random: np.random.Generator) -> Iterator[Question]:
    """Every blank, with frames that are unsure, sure and nearly certain."""
    for blank, spread, zero in product((None, 2, 4), (0.1, 1.0, 10.0), (False, True)):
        options: dict[str, object] = {} if blank is None else {"blank": blank}
        if zero:
            options["zero_infinity"] = True
        name = f"9x3x5-spread={spread}" + "".join(f"-{key}={value}" for key, value in options.items())
        yield from ask("ctc", name, _batch(random, blank or 0, spread), options)


def _single_samples(random: np.random.Generator) -> Iterator[Question]:
    """(T, C) without a batch."""
    for frames, labels in ((1, 1), (6, 3), (6, 0), (12, 2)):
        inputs = {
            "log_probs": _log_softmax(random.normal(0, 1, (frames, _CLASSES))),
            "targets": np.arange(1, 1 + labels),
            "input_lengths": np.array(frames),
            "target_lengths": np.array(labels),
        }
        yield from ask("ctc", f"{frames}x5-{labels}-labels", inputs)


def _shapes_of_targets(random: np.random.Generator) -> Iterator[Question]:
    """End to end; with padding that is no class; none at all; equal neighbours; log_probs that are none."""
    batch = _batch(random)
    yield from ask("ctc", "concatenated", {**batch, "targets": _labels(random, 6)})
    padding = np.arange(3) >= batch["target_lengths"][:, None]
    yield from ask("ctc", "padded-with-minus-1", {**batch, "targets": np.where(padding, -1, batch["targets"])})
    yield from ask("ctc", "no-labels", {**batch, "target_lengths": np.array([0, 0, 0])})
    yield from ask("ctc", "some-without-labels", {**batch, "target_lengths": np.array([3, 0, 0])})
    yield from ask("ctc", "repeats", {**batch, "targets": np.array([[2, 2, 2], [1, 1, 3], [4, 4, 4]])})
    full = {**batch, "input_lengths": batch["target_lengths"], "targets": np.array([[1, 2, 1], [3, 1, 1], [4, 1, 1]])}
    yield from ask("ctc", "as-many-labels-as-frames", full)
    yield from ask("ctc", "not-log-probabilities", {**batch, "log_probs": random.normal(0, 2, (9, 3, _CLASSES))})
    yield from ask("ctc", "far", {**batch, "log_probs": _log_softmax(random.normal(0, 100, (9, 3, _CLASSES)))})


def _impossible(random: np.random.Generator) -> Iterator[Question]:
    """Labels that need more frames than there are, counted as 0."""
    batch = {**_batch(random), "input_lengths": np.array([9, 2, 9])}
    repeated = np.array([[1, 2, 3], [4, 4, 1], [2, 1, 1]])
    yield from ask("ctc", "zero-infinity", {**batch, "targets": repeated}, {"zero_infinity": True})
    none = {**batch, "input_lengths": np.array([1, 1, 0])}
    yield from ask("ctc", "zero-infinity-of-all", none, {"zero_infinity": True})
