"""Questions to the losses that compare vectors: cosine_similarity, cosine_embedding, triplet_margin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import REDUCTIONS, Question, ask, ask_deprecated, shaped


def similarity(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _cosine_similarity(random)
    yield from _cosine_embedding(random)
    yield from _triplet_margin(random)


def _vectors(random: np.random.Generator, shape: tuple[int, ...], *roles: str) -> dict[str, Array]:
    return {role: random.normal(0, 1, shape) for role in roles}


def _cosine_similarity(random: np.random.Generator) -> Iterator[Question]:
    loss = "cosine_similarity"
    axes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
        ((5,), (0, -1)), ((4, 3), (1, -1, 0)), ((2, 3, 4), (1, -1, 0)), ((2, 3, 2, 2), (1, 3)),
    )  # fmt: skip
    for shape, dims in axes:
        for dim in dims:
            inputs = _vectors(random, shape, "x1", "x2")
            yield from ask(loss, f"{shaped(shape)}-dim={dim}", inputs, {"dim": dim})
    inputs = _vectors(random, (4, 3), "x1", "x2")
    yield from ask(loss, "4x3", inputs)
    for scale in (1e-3, 1e3, 1e100):
        yield from ask(loss, f"times-{scale:g}", {"x1": inputs["x1"] * scale, "x2": inputs["x2"]})
    along = {
        "x1": np.array([[3.0, 4.0], [1.0, 2.0], [2.0, 0.0]]),
        "x2": np.array([[6.0, 8.0], [-2.0, -4.0], [0.0, 5.0]]),
    }
    yield from ask(loss, "along-against-across", along)
    # Where eps takes a norm's place PyTorch differentiates the norm all the same: values only.
    for eps in (1.0, 4.0):
        yield from ask(loss, f"short-for-eps={eps}", inputs, {"eps": eps}, gradients=())


def _cosine_embedding(random: np.random.Generator) -> Iterator[Question]:
    loss = "cosine_embedding"
    for shape, margin in product(((6, 4), (5,)), (None, 0.3, -0.5)):
        options = {} if margin is None else {"margin": margin}
        suffix = "" if margin is None else f"-margin={margin}"
        for sign in ("both",) if len(shape) > 1 else ("1", "-1"):
            target = np.array([1, -1, 1, -1, -1, 1]) if sign == "both" else np.array(int(sign))
            inputs = {**_vectors(random, shape, "input1", "input2"), "target": target}
            yield from ask(loss, f"{shaped(shape)}-target={sign}{suffix}", inputs, options)
    batch = {**_vectors(random, (6, 4), "input1", "input2"), "target": np.array([1, -1, 1, -1, -1, 1])}
    yield from ask_deprecated(loss, batch, {"margin": 0.3})
    for scale in (1e-3, 1e4):
        yield from ask(loss, f"times-{scale:g}", {**batch, "input1": batch["input1"] * scale})
    across = {"input1": np.array([[1.0, 0.0], [0.0, 2.0]]), "input2": np.array([[0.0, 3.0], [4.0, 0.0]])}
    yield from ask(loss, "at-the-kink", {**across, "target": np.array([-1, -1])})


def _triplet_margin(random: np.random.Generator) -> Iterator[Question]:
    loss, roles = "triplet_margin", ("anchor", "positive", "negative")
    for shape, p, swap in product(((6, 4), (5,), (2, 3, 4)), (2.0, 1.0, 3.0, 1.5), (False, True)):
        if shape != (6, 4) and p in (3.0, 1.5) and swap:
            continue
        options: dict[str, object] = {} if p == 2.0 else {"p": p}
        if swap:
            options["swap"] = True
        name = "".join([shaped(shape), f"-p={p:g}", "-swap" * swap])
        reductions = ("none", "mean") if options else REDUCTIONS
        yield from ask(loss, name, _vectors(random, shape, *roles), options, reductions=reductions)
    batch = _vectors(random, (6, 4), *roles)
    for margin, eps, swap in (
        (0.5, 1e-6, False),
        (5.0, 1e-6, False),
        (1.0, 1e-3, False),
        (1.0, 0.0, False),
        (5.0, 0.1, True),
    ):
        name = f"margin={margin:g}-eps={eps:g}{'-swap' * swap}"
        yield from ask(loss, name, batch, {"margin": margin, "eps": eps, "swap": swap})
    yield from ask_deprecated(loss, batch)
    for scale in (1e-3, 1e4):
        far = {role: vectors * scale for role, vectors in batch.items()}
        yield from ask(loss, f"times-{scale:g}", far, {"margin": scale})
    # Distances 1 and 2 against a margin of 1: exactly at the kink, where PyTorch takes the slope from above.
    kink = {
        "anchor": np.array([[0.0, 0.0], [5.0, 1.0]]),
        "positive": np.array([[1.0, 0.0], [5.0, 0.0]]),
        "negative": np.array([[0.0, 2.0], [7.0, 1.0]]),
    }
    yield from ask(loss, "at-the-kink", kink, {"eps": 0.0})
