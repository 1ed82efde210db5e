"""Questions to the losses that choose among classes: cross_entropy, nll, log_loss, sce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import REDUCTIONS, Question, ask, ask_deprecated, distribution, shaped
from tests.nasty.families import spread

# (C,), (N, C), (N, C, d1), (N, C, d1, d2)
_SHAPES: tuple[tuple[int, ...], ...] = ((4,), (6, 4), (3, 4, 2), (2, 4, 2, 2))
_CLASSES = 4
_IGNORED = -100


def classification(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _cross_entropy(random)
    yield from _cross_entropy_of_distributions(random)
    yield from _cross_entropy_of_hard_scores(random)
    yield from _nll(random)
    yield from _log_loss(random)
    yield from _sce(random)


def _axis(shape: tuple[int, ...]) -> int:
    return min(1, len(shape) - 1)


def _labels(random: np.random.Generator, shape: tuple[int, ...], *, ignored: int | None = None) -> Array:
    """Labels for scores of this shape; with `ignored`, about a third bear it, never all."""
    units = shape[:1] + shape[2:] if len(shape) > 1 else ()
    labels = np.asarray(random.integers(0, _CLASSES, units))
    if ignored is not None and labels.ndim:
        labels[random.random(units) < 0.35] = ignored
        labels.flat[0] = 1
        labels.flat[-1] = ignored
    return labels


def _weight(random: np.random.Generator) -> Array:
    return np.asarray(random.uniform(0.2, 3.0, _CLASSES))


def _named(options: Mapping[str, object]) -> str:
    """Options as part of a name."""
    return "".join(f"-{name}" if isinstance(o, np.ndarray) else f"-{name}={o}" for name, o in options.items())


def _reductions(options: Mapping[str, object]) -> tuple[str, ...]:
    """With options none says what each sample is and mean what divides it; the sum adds no news."""
    return ("none", "mean") if options else REDUCTIONS


def _cross_entropy(random: np.random.Generator) -> Iterator[Question]:
    """Labels: every shape with every mixture of weight, label smoothing and ignored entries."""
    for shape, weighted, smoothing, ignored in product(
        _SHAPES, (False, True), (0.0, 0.1, 1.0), (None, _IGNORED, 2, -1)
    ):
        # The default index meets every shape, another only a batch; a lone sample has none to ignore.
        if ignored is not None and (len(shape) == 1 or (ignored != _IGNORED and len(shape) > 2)):
            continue
        options: dict[str, object] = {"weight": _weight(random)} if weighted else {}
        if smoothing:
            options["label_smoothing"] = smoothing
        if ignored not in (None, _IGNORED):
            options["ignore_index"] = ignored
        name = shaped(shape) + _named(options) + ("-some-ignored" if ignored is not None else "")
        inputs = {"input": random.normal(0, 3, shape), "target": _labels(random, shape, ignored=ignored)}
        yield from ask("cross_entropy", name, inputs, options, reductions=_reductions(options))
    inputs = {"input": random.normal(0, 3, (6, 4)), "target": _labels(random, (6, 4))}
    yield from ask_deprecated("cross_entropy", inputs, {"weight": _weight(random)})


def _cross_entropy_of_distributions(random: np.random.Generator) -> Iterator[Question]:
    """Class probabilities as targets. Their mean divides by the number of samples, whatever the weights."""
    for shape, weighted, smoothing in product(_SHAPES, (False, True), (0.0, 0.1, 1.0)):
        options: dict[str, object] = {"weight": _weight(random)} if weighted else {}
        if smoothing:
            options["label_smoothing"] = smoothing
        inputs = {"input": random.normal(0, 3, shape), "target": distribution(random, shape, _axis(shape))}
        name = f"{shaped(shape)}-soft{_named(options)}"
        yield from ask("cross_entropy", name, inputs, options, reductions=_reductions(options))
    one_hot = {"input": random.normal(0, 3, (3, 4)), "target": np.eye(4)[[0, 3, 1]]}
    yield from ask("cross_entropy", "one-hot", one_hot)
    yield from ask("cross_entropy", "one-hot-weight", one_hot, {"weight": _weight(random)})


def _cross_entropy_of_hard_scores(random: np.random.Generator) -> Iterator[Question]:
    """Large, small, equal and many scores; never sure and right, where PyTorch rounds the loss to 0."""
    wrong = np.array([1, 0, 3, 2])
    far = random.normal(0, 1, (4, 4)) + 800 * np.eye(4)
    for name, scores in (
        ("far", far),
        ("far-and-shifted", far + 1e4),
        ("all-magnitudes", spread(random, (4, 4), -8, 4)),
        ("tiny", spread(random, (4, 4), -12, -6)),
        ("equal", np.full((4, 4), 8.0)),
    ):
        yield from ask("cross_entropy", name, {"input": scores, "target": wrong})
        smooth = {"label_smoothing": 0.1}
        yield from ask(
            "cross_entropy", f"{name}-smooth", {"input": scores, "target": wrong}, smooth, reductions=("none",)
        )
    many = {"input": random.normal(0, 5, (3, 200)), "target": np.array([199, 0, 77])}
    yield from ask("cross_entropy", "many-classes", many)
    one_class = {"input": random.normal(0, 3, (3, 1)), "target": np.array([0, 0, 0])}
    yield from ask("cross_entropy", "one-class", one_class)
    gap = np.array([0.0, 2.0, 1.0, 0.5])  # a class that does not count
    inputs = {"input": random.normal(0, 3, (6, 4)), "target": np.array([0, 1, 2, 3, 1, 0])}
    yield from ask("cross_entropy", "a-weight-of-0", inputs, {"weight": gap})
    yield from ask("cross_entropy", "a-weight-of-0-smooth", inputs, {"weight": gap, "label_smoothing": 0.1})


def _nll(random: np.random.Generator) -> Iterator[Question]:
    for shape, weighted, ignored in product(_SHAPES, (False, True), (None, _IGNORED, 2)):
        if ignored is not None and len(shape) == 1:
            continue
        options: dict[str, object] = {"weight": _weight(random)} if weighted else {}
        if ignored == 2:
            options["ignore_index"] = ignored
        name = shaped(shape) + _named(options) + ("-some-ignored" if ignored is not None else "")
        scores = np.log(distribution(random, shape, _axis(shape)))
        inputs = {"input": scores, "target": _labels(random, shape, ignored=ignored)}
        yield from ask("nll", name, inputs, options, reductions=_reductions(options))
    rough = {"input": spread(random, (6, 4), -8, 8), "target": _labels(random, (6, 4))}
    yield from ask("nll", "not-log-probabilities", rough)
    yield from ask_deprecated("nll", rough)


def _log_loss(random: np.random.Generator) -> Iterator[Question]:
    for shape in _SHAPES:
        guessed = distribution(random, shape, _axis(shape))
        yield from ask("log_loss", shaped(shape), {"input": guessed, "target": _labels(random, shape)})
    tiny = np.array([[1e-300, 1 - 1e-9, 1e-9], [1e-30, 1e-15, 1.0], [0.5, 0.25, 0.25]])
    yield from ask("log_loss", "tiny", {"input": tiny, "target": np.array([0, 1, 2])})


def _sce(random: np.random.Generator) -> Iterator[Question]:
    for shape in _SHAPES[:3]:
        yield from ask("sce", shaped(shape), {"input": random.normal(0, 2, shape), "target": _labels(random, shape)})
    batch = {"input": random.normal(0, 2, (5, 4)), "target": _labels(random, (5, 4))}
    for options in ({"a": 0.1}, {"b": 0.25}, {"a": 6.0, "b": 0.1}, {"clip": 1e-7}, {"clip": 0.05}, {"a": 0.0}):
        yield from ask("sce", _named(options)[1:], batch, options)
    # Softmax below the clip: the reverse term is flat there, plain cross-entropy is not.
    clipped = {"input": random.normal(0, 10, (5, 4)), "target": np.array([0, 1, 2, 3, 0])}
    yield from ask("sce", "clipped", clipped)
