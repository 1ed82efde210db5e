"""Questions to the margin losses over classes: multi_margin, multilabel_margin, multilabel_soft_margin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import REDUCTIONS, Question, ask, ask_deprecated, distribution, shaped
from tests.nasty.families import spread

_SHAPES: tuple[tuple[int, ...], ...] = ((4,), (6, 4), (1, 4), (5, 7))  # one sample, several, several of one


def margins(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _multi_margin(random)
    yield from _multilabel_margin(random)
    yield from _multilabel_soft_margin(random)


def _multi_margin(random: np.random.Generator) -> Iterator[Question]:
    for shape, p, margin, weighted in product(_SHAPES, (1, 2), (1.0, 0.25, 3.0), (False, True)):
        options: dict[str, object] = {"p": p} if p != 1 else {}
        if margin != 1.0:
            options["margin"] = margin
        name = shaped(shape) + "".join(f"-{option}={value}" for option, value in options.items())
        if weighted:
            options["weight"] = random.uniform(0.2, 3.0, shape[-1])
        inputs = {"input": random.normal(0, 2, shape), "target": _labels(random, shape)}
        reductions = REDUCTIONS if len(options) < 2 else ("none", "mean")
        yield from ask("multi_margin", name + "-weight" * weighted, inputs, options, reductions=reductions)
    ties = {"input": np.array([[0.0, 1.0, 2.0, 0.0], [3.0, 3.0, 3.0, 2.0]]), "target": np.array([1, 0])}
    for p in (1, 2):  # leads of exactly the margin, and of 0
        yield from ask("multi_margin", f"ties-p={p}", ties, {"p": p})
    rough = {"input": spread(random, (6, 4), -8, 8), "target": _labels(random, (6, 4))}
    yield from ask("multi_margin", "all-magnitudes", rough)
    yield from ask("multi_margin", "margin-below-0", rough, {"margin": -0.5})
    yield from ask("multi_margin", "one-class", {"input": random.normal(0, 1, (3, 1)), "target": np.zeros(3, int)})
    yield from ask_deprecated("multi_margin", rough, {"weight": random.uniform(0.2, 3.0, 4)})


def _labels(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(random.integers(0, shape[-1], shape[:-1]))


def _multilabel_margin(random: np.random.Generator) -> Iterator[Question]:
    for shape, scale, filled in product(_SHAPES, (0.3, 1.0, 4.0), ("ends", "more-after-the-end", "full")):
        inputs = {"input": random.normal(0, scale, shape), "target": _label_rows(random, shape, filled)}
        yield from ask("multilabel_margin", f"{shaped(shape)}-scale={scale}-{filled}", inputs)
    rows = {
        "none": np.full((3, 4), -1),
        "twice": np.array([[1, 1, -1, 0], [2, 0, 2, -1], [3, 3, 3, 3]]),
        "one": np.array([[3, -1, -1, -1], [0, -1, 2, 1], [2, -1, -1, 2]]),
    }
    for name, target in rows.items():
        yield from ask("multilabel_margin", name, {"input": random.normal(0, 1, (3, 4)), "target": target})
    whole = {"input": np.rint(random.normal(0, 2, (5, 4))), "target": _label_rows(random, (5, 4), "ends")}
    yield from ask("multilabel_margin", "leads-of-exactly-1", whole)
    yield from ask_deprecated("multilabel_margin", whole)


def _label_rows(random: np.random.Generator, shape: tuple[int, ...], filled: str) -> Array:
    """Some classes of each row in any order, ended by -1, after which there may be anything."""
    rows = random.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    if filled == "full":
        return rows
    ends = random.integers(0, shape[-1], shape[:-1])[..., None]
    after = np.arange(shape[-1]) > ends if filled == "more-after-the-end" else False
    return np.where((np.arange(shape[-1]) >= ends) & ~np.asarray(after), -1, rows)


def _multilabel_soft_margin(random: np.random.Generator) -> Iterator[Question]:
    for shape, weighted, shares in product((*_SHAPES, (2, 3, 4)), (False, True), (False, True)):
        options: dict[str, object] = {"weight": random.uniform(0.2, 3.0, shape[-1])} if weighted else {}
        target = distribution(random, shape, -1) if shares else np.rint(random.random(shape))
        name = shaped(shape) + "-weight" * weighted + "-shares" * shares
        yield from ask("multilabel_soft_margin", name, {"input": random.normal(0, 3, shape), "target": target}, options)
    far = spread(random, (6, 4), -8, 2)
    for name, target in (("wrong", (far < 0.0) * 1.0), ("right", (far > 0.0) * 1.0)):
        yield from ask("multilabel_soft_margin", f"all-magnitudes-{name}", {"input": far, "target": target})
    gap = {"weight": np.array([0.0, 1.0, 2.0, 0.5])}
    inputs = {"input": random.normal(0, 3, (6, 4)), "target": np.rint(random.random((6, 4)))}
    yield from ask("multilabel_soft_margin", "a-weight-of-0", inputs, gap)
    yield from ask_deprecated("multilabel_soft_margin", inputs, gap)
