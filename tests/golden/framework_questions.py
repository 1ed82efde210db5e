"""The questions to Keras, scikit-learn and optax, by loss: ordinary data, and the ends of every domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tests.golden.cases import Array
from tests.golden.frameworks import Asked
from tests.golden.questions import distribution
from tests.nasty.families import spread

Inputs = Mapping[str, Array]
Draw = Callable[[np.random.Generator], Iterator[tuple[str, Inputs]]]


def questions(loss: str) -> list[Asked]:
    """All questions to one loss; those to another do not change them. Options and weights meet the first data."""
    random = np.random.default_rng([2013, *loss.encode()])
    draw, variants = _LOSSES[loss]
    asked = []
    for at, (name, inputs) in enumerate(draw(random)):
        asked.append(Asked(loss, name, inputs))
        if at < 3:
            asked += [Asked(loss, f"{name}-{_named(options)}", inputs, options) for options in variants]
        if at < 2 and loss not in _WHOLE:
            weight = random.uniform(0.1, 3.0, len(next(iter(inputs.values()))))
            asked.append(Asked(loss, f"{name}-weighted", inputs, sample_weight=weight))
    return asked


def _named(options: Mapping[str, Any]) -> str:
    return "-".join(name if isinstance(value, np.ndarray) else f"{name}={value}" for name, value in options.items())


def _reals(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        yield name, {"input": random.normal(0, 2, shape), "target": random.normal(0, 2, shape)}
    yield "wide", {"input": spread(random, (12,), -6, 6), "target": spread(random, (12,), -6, 6)}
    met = np.array([1.5, 1.0, 2.0, -1.0, 3.0, 2.5, 0.0, 4.0, -4.0])
    yield "at-kinks", {"input": met, "target": np.array([1.5, 0.75, 2.25, -2.0, 4.0, 0.0, 2.5, 0.0, 0.0])}


def _amounts(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    """What may not be negative, down to 0."""
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        yield name, {"input": random.gamma(2, 2, shape), "target": random.gamma(2, 2, shape)}
    zeros = {"input": np.array([0.0, 0.0, 1.0, 1e-9, 3.0]), "target": np.array([0.0, 2.0, 0.0, 1e-9, 1e6])}
    yield "zeros", zeros


def _counts(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        yield name, {"input": random.gamma(2, 2, shape), "target": random.poisson(3, shape).astype(float)}
    yield "zeros", {"input": np.array([0.0, 1e-9, 2.0]), "target": np.array([0.0, 2.0, 0.0])}


def _chances(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        chances = 1 / (1 + np.exp(-random.normal(0, 2, shape)))
        yield name, {"input": chances, "target": random.integers(0, 2, shape).astype(float)}
        yield f"soft-{name}", {"input": chances, "target": random.uniform(0, 1, shape)}
    for name, ends in (
        ("ends-wrong", [[0.0, 1.0], [1.0, 0.0]]),
        ("ends-right", [[0.0, 0.0], [1.0, 1.0]]),
        ("tiny", [[1e-9, 1.0], [1e-17, 1.0], [1e-300, 0.0]]),
        ("nearly-1", [[1 - 1e-9, 0.0], [1 - 2.0**-53, 0.0], [1 - 1e-6, 1.0]]),
    ):
        chance, target = np.array(ends).T
        yield name, {"input": chance, "target": target}


def _logits(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        yield name, {"input": random.normal(0, 3, shape), "target": random.integers(0, 2, shape).astype(float)}
        yield f"soft-{name}", {"input": random.normal(0, 3, shape), "target": random.uniform(0, 1, shape)}
    far = np.array([30.0, -30.0, 700.0, -700.0, 30.0, -30.0])
    yield "far", {"input": far, "target": np.array([0.0, 1, 0, 1, 1, 0])}


def _class_scores(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    scores = random.normal(0, 3, (6, 4))
    yield "labels", {"input": scores, "target": random.integers(0, 4, 6)}
    yield "soft", {"input": scores, "target": distribution(random, (6, 4), 1)}
    yield "one-hot", {"input": scores, "target": np.eye(4)[[0, 3, 1, 1, 2, 0]]}
    yield "far", {"input": random.normal(0, 1, (4, 4)) + 800 * np.eye(4), "target": np.array([1, 0, 3, 2])}


def _class_chances(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    chances = distribution(random, (6, 4), 1)
    yield "labels", {"input": chances, "target": np.array([0, 1, 2, 3, 1, 0])}
    yield "soft", {"input": chances, "target": distribution(random, (6, 4), 1)}
    yield "one-hot", {"input": chances, "target": np.eye(4)[[0, 3, 1, 1, 2, 0]]}
    ends = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1e-9, 0.5, 0.5 - 1e-9], [0.0, 0.0, 1.0]])
    yield "ends-right", {"input": ends, "target": np.array([1, 0, 1, 2])}
    yield "ends-wrong", {"input": ends, "target": np.array([0, 1, 0, 1])}
    yield "ends-one-hot", {"input": ends, "target": np.eye(3)[[0, 1, 0, 1]]}


def _unnormalised(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    """Also rows that do not sum to one, where Keras divides by the sum."""
    yield from _class_chances(random)
    yield "not-normalised", {"input": random.uniform(0.1, 0.9, (5, 3)), "target": np.array([0, 1, 2, 1, 0])}


def _divergent(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    """The input holds log-probabilities, as PyTorch's and optax's."""
    guesses = distribution(random, (5, 4), 1)
    yield "matrix", {"input": np.log(guesses), "target": distribution(random, (5, 4), 1)}
    yield "one-hot", {"input": np.log(guesses), "target": np.eye(4)[[0, 3, 1, 1, 2]]}
    small = np.array([[1e-12, 0.5, 0.5 - 1e-12], [0.25, 0.25, 0.5]])
    yield "tiny", {"input": np.log(small), "target": np.array([[0.5, 0.25, 0.25], [1e-12, 0.5, 0.5 - 1e-12]])}


def _signs(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("matrix", (4, 3))):
        yield name, {"input": random.normal(0, 1.5, shape), "target": random.choice([-1.0, 1.0], shape)}
    yield "at-kink", {"input": np.array([1.0, -1.0, 1.0, 0.0]), "target": np.array([1.0, -1.0, -1.0, 1.0])}


def _rows_of_scores(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    yield "labels", {"input": random.normal(0, 2, (6, 4)), "target": np.array([0, 1, 2, 3, 1, 0])}
    yield "one-hot", {"input": random.normal(0, 2, (5, 3)), "target": np.eye(3)[[0, 1, 2, 2, 0]]}
    yield "all-negative", {"input": -random.gamma(2, 1, (5, 3)), "target": np.array([0, 1, 2, 2, 0])}


def _vectors(*roles: str) -> Draw:
    def draw(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
        yield "matrix", {role: random.normal(0, 1, (5, 4)) for role in roles}
        yield "small", {role: random.normal(0, 1e-4, (3, 4)) for role in roles}
        yield "tiny", {role: random.normal(0, 1e-8, (3, 4)) for role in roles}

    return draw


def _pictures(random: np.random.Generator) -> Iterator[tuple[str, Inputs]]:
    for name, shape in (("vector", (7,)), ("pictures", (2, 3, 3))):
        yield name, {"input": random.uniform(0, 1, shape), "target": random.integers(0, 2, shape).astype(float)}
    yield "empty", {"input": np.array([0.0, 0.0, 1e-9]), "target": np.zeros(3)}
    yield "certain", {"input": np.array([0.0, 1.0, 1.0]), "target": np.array([0.0, 1.0, 0.0])}


_WHOLE = ("rmse", "dice", "tversky", "info_nce")  # one number for all data, or for all pairs: nothing has a weight
_LOSSES: dict[str, tuple[Draw, tuple[dict[str, Any], ...]]] = {
    "mse": (_reals, ()),
    "l1": (_reals, ()),
    "rmse": (_reals, ()),
    "huber": (_reals, ({"delta": 0.25}, {"delta": 2.5})),
    "log_cosh": (_reals, ()),
    "mape": (_reals, ()),
    "msle": (_amounts, ()),
    "quantile": (_reals, ({"quantile": 0.9}, {"quantile": 0.05})),
    "poisson_nll": (_counts, ()),
    "bce": (_chances, ()),
    "focal": (_chances, ({"gamma": 0.5}, {"alpha": 0.9, "apply_class_balancing": True})),
    "bce_with_logits": (_logits, ()),
    "sigmoid_focal": (_logits, ({"gamma": 0.5}, {"alpha": 0.9})),
    "hinge": (_signs, ()),
    "squared_hinge": (_signs, ()),
    "cross_entropy": (_class_scores, ({"label_smoothing": 0.1},)),
    "softmax_focal": (
        _class_scores,
        ({"gamma": 0.5}, {"label_smoothing": 0.1}, {"alpha": np.array([0.1, 0.5, 1.0, 2.0])}),
    ),
    "log_loss": (_unnormalised, ({"label_smoothing": 0.1},)),
    "generalized_cross_entropy": (_class_chances, ({"q": 0.7},)),
    "brier": (_class_chances, ()),
    "categorical_hinge": (_rows_of_scores, ()),
    "kl_div": (_divergent, ()),
    "dice": (_pictures, ()),
    "tversky": (_pictures, ({"alpha": 0.3, "beta": 0.7},)),
    "cosine_similarity": (_vectors("x1", "x2"), ()),
    "triplet_margin": (_vectors("anchor", "positive", "negative"), ({"margin": 0.3}, {"p": 4.0})),
    "info_nce": (_vectors("anchor", "positive"), ({"temperature": 0.5},)),
}
