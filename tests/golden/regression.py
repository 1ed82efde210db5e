"""Questions to the losses of numbers that speak of distributions: Poisson and normal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import SHAPES, Question, ask, ask_deprecated, shaped


def likelihoods(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _poisson(random)
    yield from _gaussian(random)


def _positive(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.asarray(random.uniform(0.05, 9.0, shape))


def _poisson(random: np.random.Generator) -> Iterator[Question]:
    loss = "poisson_nll"
    for log_input, full, shape in product((True, False), (False, True), SHAPES):
        input = np.asarray(random.normal(0.5, 1.0, shape)) if log_input else _positive(random, shape)
        inputs = {"input": input, "target": _positive(random, shape)}
        name = f"{shaped(shape)}-log-input={log_input}-full={full}"
        yield from ask(loss, name, inputs, {"log_input": log_input, "full": full})
    counts = np.array([0.0, 1.0, 2.0, 3.0, 17.0, 1000.0])  # Stirling's terms set in above 1
    for log_input, full in product((True, False), (False, True)):
        rates = np.array([0.1, 1.0, 2.5, 3.0, 20.0, 900.0])
        inputs = {"input": np.log(rates) if log_input else rates, "target": counts}
        options = {"log_input": log_input, "full": full}
        # PyTorch's slope of Stirling's terms is nan at a count of 0, where they are left out.
        yield from ask(loss, f"counts-log-input={log_input}-full={full}", inputs, options, gradients=("input",))
    tiny = {"input": np.array([0.0, 1e-12, 1e-9, 1e-3]), "target": np.array([1.0, 2.0, 0.5, 1.5])}
    for eps in (1e-8, 1e-3, 1e-12):
        yield from ask(loss, f"rates-near-0-eps={eps}", tiny, {"log_input": False, "eps": eps})
    negative = {"input": random.normal(size=(5, 2)), "target": random.normal(size=(5, 2))}
    yield from ask(loss, "targets-of-any-sign", negative)
    yield from ask_deprecated(loss, negative)


def _gaussian(random: np.random.Generator) -> Iterator[Question]:
    loss = "gaussian_nll"
    for full, shape in product((False, True), SHAPES):
        spread = [shape]
        if shape:
            spread += [shape[:-1], (*shape[:-1], 1)]
        for var in dict.fromkeys(spread):
            inputs = {
                "input": np.asarray(random.normal(0, 2, shape)),
                "target": np.asarray(random.normal(0, 2, shape)),
                "var": _positive(random, var),
            }
            yield from ask(loss, f"{shaped(shape)}-var={shaped(var)}-full={full}", inputs, {"full": full})
    small = {
        "input": random.normal(size=5),
        "target": random.normal(size=5),
        "var": np.array([0.0, 1e-9, 1e-6, 1e-3, 0.1]),
    }
    for eps in (1e-6, 1e-2, 1.0):  # PyTorch's slope at a variance below it is that at the bound
        yield from ask(loss, f"variances-near-0-eps={eps}", small, {"eps": eps})
