"""Questions to the losses that compare element by element: regression, binary classification, divergence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import REDUCTIONS, SHAPES, Question, ask, ask_deprecated, distribution, shaped
from tests.nasty.families import spread

# Errors that meet every kink of every option below exactly, from both sides: 0, ±0.25, ±1, ±2.5.
_AT_KINKS = {
    "input": np.array([1.5, 1.0, 2.0, -1.0, 3.0, 2.5, 0.0, 4.0, -4.0]),
    "target": np.array([1.5, 0.75, 2.25, -2.0, 4.0, 0.0, 2.5, 0.0, 0.0]),
}
# Weights for (4, 3): full, and every way to broadcast.
_WEIGHTS: tuple[tuple[int, ...], ...] = ((4, 3), (3,), (1, 3), (4, 1), ())


def elementwise(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    for loss in ("mse", "l1"):
        yield from _distances(random, loss, "", (None,))
        yield from ask_deprecated(loss, _pair(random, (4, 3)))
    yield from _distances(random, "smooth_l1", "beta", (None, 0.25, 0.0, 2.5))
    yield from _distances(random, "huber", "delta", (None, 0.25, 2.5, 100.0))
    yield from _bce(random)
    yield from _bce_with_logits(random)
    yield from _kl_div(random)
    yield from _focal(random)


def _pair(random: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Array]:
    return {"input": np.asarray(random.normal(0, 2, shape)), "target": np.asarray(random.normal(0, 2, shape))}


def _distances(
    random: np.random.Generator, loss: str, option: str, choices: tuple[float | None, ...]
) -> Iterator[Question]:
    """Each choice of the option (None leaves the default) on shapes, at all magnitudes and at its kinks."""
    for index, choice in enumerate(choices):
        options = {} if choice is None else {option: choice}
        suffix = "" if choice is None else f"-{option}={choice}"
        for shape in SHAPES if index == 0 else (SHAPES[index],):
            yield from ask(loss, shaped(shape) + suffix, _pair(random, shape), options)
        wide = {"input": spread(random, (16,), -8, 8), "target": spread(random, (16,), -8, 8)}
        yield from ask(loss, f"all-magnitudes{suffix}", wide, options, reductions=("none", "mean"))
        yield from ask(loss, f"at-kinks{suffix}", _AT_KINKS, options, reductions=("none", "mean"))


def _chances(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(1 / (1 + np.exp(-random.normal(0, 2, shape))))


def _either(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(random.integers(0, 2, shape)).astype(float)


def _bce(random: np.random.Generator) -> Iterator[Question]:
    for shape in SHAPES:
        yield from ask("bce", shaped(shape), {"input": _chances(random, shape), "target": _either(random, shape)})
    soft = {"input": _chances(random, (4, 3)), "target": random.uniform(0, 1, (4, 3))}
    yield from ask("bce", "soft-targets", soft)
    yield from ask_deprecated("bce", soft)
    for shape in _WEIGHTS:
        weight = np.asarray(random.uniform(0.1, 3, shape))
        yield from ask("bce", f"weight={shaped(shape)}", soft, {"weight": weight}, reductions=("none", "mean"))
    small = np.array([1e-9, 1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6])
    for name, target in (("nearly-sure", np.round(small)), ("nearly-sure-and-wrong", 1 - np.round(small))):
        yield from ask("bce", name, {"input": small, "target": target})
    # The entropy of a certain guess has no finite slope in the target.
    certain = {"input": np.array([0.0, 1.0, 0.0, 1.0]), "target": np.array([0.0, 1.0, 1.0, 0.0])}
    yield from ask("bce", "certain", certain, gradients=("input",))


def _bce_with_logits(random: np.random.Generator) -> Iterator[Question]:
    loss = "bce_with_logits"
    for shape in SHAPES:
        yield from ask(loss, shaped(shape), {"input": random.normal(0, 2, shape), "target": _either(random, shape)})
    soft = {"input": random.normal(0, 3, (4, 3)), "target": random.uniform(0, 1, (4, 3))}
    yield from ask(loss, "soft-targets", soft)
    yield from ask_deprecated(loss, soft)
    for shape, other in zip(_WEIGHTS, reversed(_WEIGHTS), strict=True):
        weight, positive = np.asarray(random.uniform(0.1, 3, other)), np.asarray(random.uniform(0.2, 9, shape))
        for name, options in (
            (f"weight={shaped(other)}", {"weight": weight}),
            (f"pos-weight={shaped(shape)}", {"pos_weight": positive}),
            (f"weight={shaped(other)}-pos-weight={shaped(shape)}", {"weight": weight, "pos_weight": positive}),
        ):
            yield from ask(loss, name, soft, options, reductions=("none", "mean"))
    pictures = {"input": random.normal(0, 2, (2, 3, 2, 2)), "target": _either(random, (2, 3, 2, 2))}
    yield from ask(loss, "pos-weight=3x1x1", pictures, {"pos_weight": random.uniform(0.2, 9, (3, 1, 1))})
    wrong = {"input": np.array([30.0, -30.0, 700.0, -700.0, 1e5, -1e5]), "target": np.array([0.0, 1, 0, 1, 0, 1])}
    yield from ask(loss, "far-and-wrong", wrong)


def _kl_div(random: np.random.Generator) -> Iterator[Question]:
    with_batch = (*REDUCTIONS, "batchmean")
    for shape in ((), (5,), (4, 3), (2, 4, 3)):
        if shape:
            guessed, actual = distribution(random, shape, -1), distribution(random, shape, -1)
        else:
            guessed, actual = np.array(0.3), np.array(0.6)
        reductions = with_batch if shape else REDUCTIONS
        inputs = {"input": np.log(guessed), "target": actual}
        yield from ask("kl_div", shaped(shape), inputs, reductions=reductions)
        inputs = {"input": np.log(guessed), "target": np.log(actual)}
        yield from ask("kl_div", f"{shaped(shape)}-log-target", inputs, {"log_target": True}, reductions=reductions)
    one_hot = {"input": np.log(distribution(random, (3, 4), 1)), "target": np.eye(4)[[0, 3, 3]]}
    yield from ask("kl_div", "one-hot", one_hot, reductions=with_batch, gradients=("input",))
    rough = {"input": random.normal(0, 3, (3, 4)), "target": 10.0 ** random.uniform(-6, 0, (3, 4))}
    yield from ask("kl_div", "not-normalised", rough, reductions=with_batch)
    yield from ask_deprecated("kl_div", rough)


def _focal(random: np.random.Generator) -> Iterator[Question]:
    for shape in SHAPES[1:4]:
        yield from ask("focal", shaped(shape), {"input": _chances(random, shape), "target": _either(random, shape)})
    inputs = {"input": _chances(random, (8,)), "target": _either(random, (8,))}
    for alpha, gamma in ((0.25, 2.0), (0.5, 0.0), (0.75, 0.5), (0.9, 5.0), (1.0, 1.0), (0.0, 3.0)):
        yield from ask("focal", f"alpha={alpha}-gamma={gamma}", inputs, {"alpha": alpha, "gamma": gamma})
    small = np.array([1e-9, 1e-3, 0.5, 1 - 1e-3, 1e-6])
    yield from ask("focal", "nearly-sure", {"input": small, "target": np.round(small)})
    yield from ask("focal", "nearly-sure-and-wrong", {"input": small, "target": 1 - np.round(small)})
    yield from ask("focal", "soft-targets", {"input": _chances(random, (6,)), "target": random.uniform(0, 1, 6)})
