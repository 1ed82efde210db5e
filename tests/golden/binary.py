"""Questions to the losses on two sides, ±1, and to the focal loss on raw scores."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import SHAPES, Question, ask, ask_deprecated, shaped
from tests.nasty.families import spread

_MARGINS = (None, 0.0, 0.3, 2.5, -1.0)
_ALPHAS = (None, 0.0, 0.75, 1.0, -1.0)
_GAMMAS = (None, 0.0, 0.5, 1.0, 5.0)


def two_sided(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _soft_margin(random)
    yield from _hinge_embedding(random)
    yield from _sigmoid_focal(random)


def _sides(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(random.choice([-1, 1], shape))


def _scores(random: np.random.Generator, shape: tuple[int, ...], width: float = 3.0) -> Array:
    return np.asarray(random.normal(0.0, width, shape))


def _named(**options: float | None) -> tuple[str, dict[str, object]]:
    """The options that are not left at their default, in words and as such."""
    given: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    return "".join(f"-{name}={value}" for name, value in given.items()), given


def _soft_margin(random: np.random.Generator) -> Iterator[Question]:
    loss = "soft_margin"
    for shape, width in product(SHAPES, (0.1, 3.0, 30.0)):
        inputs = {"input": _scores(random, shape, width), "target": _sides(random, shape)}
        yield from ask(loss, f"{shaped(shape)}-width={width}", inputs)
    inputs = {"input": _scores(random, (4, 3)), "target": _sides(random, (4, 3))}
    yield from ask_deprecated(loss, inputs)
    wide = {"input": spread(random, (16,), -12, 2), "target": _sides(random, (16,))}
    yield from ask(loss, "all-magnitudes", wide)
    for side in (1, -1):
        far = {"input": np.array([30.0, -30.0, 0.0, 300.0, -300.0]), "target": np.full(5, side)}
        yield from ask(loss, f"far-{side}", far)


def _hinge_embedding(random: np.random.Generator) -> Iterator[Question]:
    """Every margin on every shape, and a distance of exactly the margin."""
    loss = "hinge_embedding"
    for shape, margin in product(SHAPES, _MARGINS):
        suffix, options = _named(margin=margin)
        inputs = {"input": np.abs(_scores(random, shape, 2.0)), "target": _sides(random, shape)}
        yield from ask(loss, shaped(shape) + suffix, inputs, options)
    inputs = {"input": _scores(random, (4, 3)), "target": _sides(random, (4, 3))}
    yield from ask(loss, "negative-inputs", inputs)
    yield from ask_deprecated(loss, inputs, {"margin": 0.3})
    for side in (1, -1):
        kink = {"input": np.array([2.5, 2.5 - 2.0**-40, 2.5 + 2.0**-40]), "target": np.full(3, side)}
        yield from ask(loss, f"at-the-kink-{side}", kink, {"margin": 2.5})
    wide = {"input": spread(random, (16,), -8, 8), "target": _sides(random, (16,))}
    yield from ask(loss, "all-magnitudes", wide)


def _sigmoid_focal(random: np.random.Generator) -> Iterator[Question]:
    """Scores under 5, where the plain formula has its digits: 1 - p_t is a difference there, to a power."""
    loss = "sigmoid_focal"
    for shape in SHAPES:
        hard = {"input": random.uniform(-5, 5, shape), "target": np.asarray(random.integers(0, 2, shape)).astype(float)}
        yield from ask(loss, shaped(shape), hard)
    for alpha, gamma, soft in product(_ALPHAS, _GAMMAS, (False, True)):
        suffix, options = _named(alpha=alpha, gamma=gamma)
        target = random.uniform(0, 1, (4, 3)) if soft else np.asarray(random.integers(0, 2, (4, 3))).astype(float)
        inputs = {"input": random.uniform(-5, 5, (4, 3)), "target": target}
        name = ("soft" if soft else "hard") + suffix
        yield from ask(loss, name, inputs, options, reductions=("none", "mean"))
