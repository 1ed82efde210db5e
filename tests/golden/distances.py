"""Questions to the losses of distances, rankings and overlaps that came after those of vectors.py."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import REDUCTIONS, SHAPES, Question, ask, ask_deprecated, distribution, shaped
from tests.nasty.families import spread

_DISTANCES = ("euclidean", "cosine", "manhattan", "chebyshev")
_TRIPLE = ("anchor", "positive", "negative")


def distances(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _margin_ranking(random)
    yield from _triplet_margin_with_distance(random)
    yield from _contrastive(random)
    yield from _info_nce(random)
    yield from _jensen_shannon(random)
    yield from _overlaps(random)


def _margin_ranking(random: np.random.Generator) -> Iterator[Question]:
    loss = "margin_ranking"
    for shape, margin in product(SHAPES, (None, 0.5, -0.3)):
        name = shaped(shape) + ("" if margin is None else f"-margin={margin}")
        yield from ask(loss, name, _ranked(random, shape), {} if margin is None else {"margin": margin})
    yield from ask_deprecated(loss, _ranked(random, (7,)), {"margin": 1.0})
    rough = {"input1": spread(random, (8,), -8, 8), "input2": spread(random, (8,), -8, 8)}
    yield from ask(loss, "all-magnitudes", {**rough, "target": np.array([1, -1] * 4)}, {"margin": 0.1})
    # Leads of exactly the margin, and of 0: PyTorch takes the slope from above.
    met = {"input1": np.array([3.0, 1.0, 2.0]), "input2": np.array([1.0, 3.0, 2.0]), "target": np.array([1, -1, 1])}
    yield from ask(loss, "leads-of-the-margin", met, {"margin": 2.0})
    yield from ask(loss, "equal-scores", {**met, "input2": met["input1"]})


def _ranked(random: np.random.Generator, shape: tuple[int, ...]) -> dict[str, Array]:
    inputs = {role: random.normal(0, 1, shape) for role in ("input1", "input2")}
    return {**inputs, "target": random.choice([-1, 1], shape)}


def _triplet_margin_with_distance(random: np.random.Generator) -> Iterator[Question]:
    loss = "triplet_margin_with_distance"
    for shape, distance, swap in product(((6, 4), (5,), (2, 3, 4)), _DISTANCES, (False, True)):
        options: dict[str, object] = {} if distance == "euclidean" else {"distance_function": distance}
        if swap:
            options["swap"] = True
        name = "".join([shaped(shape), f"-{distance}", "-swap" * swap])
        reductions = REDUCTIONS if len(shape) == 2 else ("none", "mean")
        inputs = {role: random.normal(0, 1, shape) for role in _TRIPLE}
        yield from ask(loss, name, inputs, options, reductions=reductions)
    for distance, margin in product(_DISTANCES, (0.05, 4.0)):
        inputs = {role: random.normal(0, 1, (6, 4)) for role in _TRIPLE}
        options = {"distance_function": distance, "margin": margin}
        yield from ask(loss, f"{distance}-margin={margin}", inputs, options)
    # Distances 1 and 2 against a margin of 1, but for eps: at the kink, where PyTorch takes the slope from above.
    kink = {"anchor": [[0.0, 0.0]], "positive": [[1.0, 0.0]], "negative": [[0.0, 2.0]]}
    for distance in ("manhattan", "chebyshev"):
        arrays = {role: np.array(vectors) for role, vectors in kink.items()}
        yield from ask(loss, f"at-the-kink-{distance}", arrays, {"distance_function": distance}, gradients=())


def _contrastive(random: np.random.Generator) -> Iterator[Question]:
    for shape, margin in product(((6, 4), (5,), (2, 3, 4)), (None, 0.5, 4.0)):
        vectors: dict[str, Array] = {role: random.normal(0, 1, shape) for role in ("input1", "input2")}
        inputs = {**vectors, "target": np.asarray(random.integers(0, 2, shape[:-1]))}
        name = shaped(shape) + ("" if margin is None else f"-margin={margin}")
        yield from ask("contrastive", name, inputs, {} if margin is None else {"margin": margin})


def _info_nce(random: np.random.Generator) -> Iterator[Question]:
    for shape, temperature, symmetric in product(((5, 3), (1, 4), (8, 16)), (None, 0.5), (False, True)):
        one = random.normal(0, 1, shape)
        inputs = {"anchor": one, "positive": one + random.normal(0, 0.5, shape)}
        options: dict[str, object] = {"symmetric": True} if symmetric else {}
        if temperature:
            options["temperature"] = temperature
        name = "".join([shaped(shape), f"-temperature={temperature}" * bool(temperature), "-symmetric" * symmetric])
        yield from ask("info_nce", name, inputs, options)


def _jensen_shannon(random: np.random.Generator) -> Iterator[Question]:
    for shape in ((4,), (6, 4), (2, 3, 2), (3, 2, 2, 2)):
        axis = min(1, len(shape) - 1)
        inputs = {role: distribution(random, shape, axis) for role in ("input", "target")}
        yield from ask("jensen_shannon", shaped(shape), inputs)
    halves = {"input": np.full((3, 4), 0.25), "target": distribution(random, (3, 4), 1)}
    yield from ask("jensen_shannon", "from-the-uniform", halves)


def _overlaps(random: np.random.Generator) -> Iterator[Question]:
    for shape, smooth in product(((7,), (4, 3), (2, 1, 3, 2)), (None, 1.0)):
        name = shaped(shape) + ("" if smooth is None else f"-smooth={smooth:g}")
        options: dict[str, object] = {} if smooth is None else {"smooth": smooth}
        for kind in ("mask", "shares"):
            target = random.random(shape)
            inputs = {"input": random.random(shape), "target": np.rint(target) if kind == "mask" else target}
            yield from ask("dice", f"{name}-{kind}", inputs, options)
            for alpha, beta in ((0.3, 0.7), (1.0, 1.0), (0.5, 0.5)):
                weights = {"alpha": alpha, "beta": beta}
                yield from ask(
                    "tversky", f"{name}-{kind}-{alpha:g}-{beta:g}", inputs, {**options, **weights}, reductions=("mean",)
                )
