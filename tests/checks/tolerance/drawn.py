"""Inputs of ordinary size for every loss, by what its roles hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Draw = np.random.Generator
Inputs = dict[str, Array]

CLASSES = 5
WIDTH = 6  # of a vector
FRAMES, LABELS = 7, 3  # of ctc


def pairs(draw: Draw, n: int) -> Inputs:
    target = draw.normal(2.0, 3.0, n)
    return {"input": target + draw.normal(0.3, 1.5, n), "target": target}


def amounts(draw: Draw, n: int) -> Inputs:
    return {"input": draw.gamma(2.0, 2.0, n), "target": draw.gamma(2.0, 2.0, n)}


def counts(draw: Draw, n: int) -> Inputs:
    return {"input": draw.normal(0.5, 0.8, n), "target": draw.poisson(3.0, n).astype(float)}


def spreads(draw: Draw, n: int) -> Inputs:
    return {**pairs(draw, n), "var": draw.gamma(2.0, 1.0, n) + 0.05}


def yes_or_no(draw: Draw, n: int) -> Array:
    answers = (draw.random(n) < 0.4).astype(float)
    answers[:2] = 0.0, 1.0
    return answers


def logits(draw: Draw, n: int) -> Inputs:
    return {"input": draw.normal(0.0, 2.0, n), "target": yes_or_no(draw, n)}


def chances(draw: Draw, n: int) -> Inputs:
    drawn = logits(draw, n)
    return {"input": 1.0 / (1.0 + np.exp(-drawn["input"])), "target": drawn["target"]}


def signed(draw: Draw, n: int) -> Inputs:
    return {"input": draw.normal(0.0, 1.5, n), "target": 2.0 * yes_or_no(draw, n) - 1.0}


def labels(draw: Draw, n: int) -> Array:
    return draw.permutation(np.resize(np.arange(CLASSES), n))


def scores(draw: Draw, n: int) -> Inputs:
    return {"input": draw.normal(0.0, 2.0, (n, CLASSES)), "target": labels(draw, n)}


def shares(draw: Draw, n: int) -> Inputs:
    return {"input": draw.dirichlet(np.full(CLASSES, 1.5), n), "target": labels(draw, n)}


def log_shares(draw: Draw, n: int) -> Inputs:
    return {"input": np.log(draw.dirichlet(np.full(CLASSES, 1.5), n)), "target": labels(draw, n)}


def two_shares(draw: Draw, n: int) -> Inputs:
    return {name: draw.dirichlet(np.full(CLASSES, 1.5), n) for name in ("input", "target")}


def diverging(draw: Draw, n: int) -> Inputs:
    drawn = two_shares(draw, n)
    return {"input": np.log(drawn["input"]), "target": drawn["target"]}


def tags(draw: Draw, n: int) -> Inputs:
    return {"input": draw.normal(0.0, 2.0, (n, CLASSES)), "target": (draw.random((n, CLASSES)) < 0.4).astype(float)}


def listed(draw: Draw, n: int) -> Inputs:
    """The true classes of a row, filled up with -1: between one and all but one of them."""
    target = np.argsort(draw.random((n, CLASSES)), axis=1)
    target[np.arange(CLASSES) >= draw.integers(1, CLASSES, n)[:, None]] = -1
    return {"input": draw.normal(0.0, 2.0, (n, CLASSES)), "target": target}


def vectors(*roles: str) -> Callable[[Draw, int], Inputs]:
    return lambda draw, n: {role: draw.normal(size=(n, WIDTH)) for role in roles}


def judged_vectors(kind: Callable[[Array], Array]) -> Callable[[Draw, int], Inputs]:
    return lambda draw, n: {**vectors("input1", "input2")(draw, n), "target": kind(yes_or_no(draw, n))}


def ranked(draw: Draw, n: int) -> Inputs:
    return {"input1": draw.normal(size=n), "input2": draw.normal(size=n), "target": 2.0 * yes_or_no(draw, n) - 1.0}


def hidden(draw: Draw, n: int) -> Inputs:
    return {
        "input": draw.normal(size=(n, WIDTH)),
        "linear_weight": draw.normal(size=(CLASSES, WIDTH)),
        "target": labels(draw, n),
    }


def clustered(draw: Draw, n: int) -> Inputs:
    """Eight classes: three in the head, and two clusters of three and two, with their matrices as a state_dict."""
    matrices = {
        "head.weight": (5, WIDTH),
        "tail.0.0.weight": (3, WIDTH),
        "tail.0.1.weight": (3, 3),
        "tail.1.0.weight": (2, WIDTH),
        "tail.1.1.weight": (2, 2),
    }
    state = {name: draw.normal(size=shape) for name, shape in matrices.items()}
    return {"input": draw.normal(size=(n, WIDTH)), "target": draw.permutation(np.resize(np.arange(8), n)), **state}


def sequences(draw: Draw, n: int) -> Inputs:
    raw = draw.normal(size=(FRAMES, n, CLASSES))
    return {
        "log_probs": raw - np.log(np.exp(raw).sum(axis=2, keepdims=True)),
        "targets": draw.integers(1, CLASSES, (n, LABELS)),
        "input_lengths": np.full(n, FRAMES),
        "target_lengths": np.full(n, LABELS),
    }
