"""Hard questions, asked by hand, whose answer from PyTorch means something: a documented constant, a limit, infinity.

What PyTorch answers by accident is left out: NaN from 0·inf, a loss rounded to 0, an overflow on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

import numpy as np

from tests.golden.questions import Question

_Numbers = float | list[float] | list[list[float]]


def edges() -> Iterator[Question]:
    """Every question of this file."""
    yield from _cross_entropy_edges()
    yield from _binary_edges()
    yield from _regression_edges()
    yield from _vector_edges()


def _edge(
    loss: str,
    name: str,
    inputs: Mapping[str, _Numbers],
    note: str,
    options: Mapping[str, object] | None = None,
    *,
    reduction: str = "mean",
    labels: tuple[str, ...] = (),
    gradients: tuple[str, ...] | None = None,
) -> Question:
    """Lists become float64 arrays, and int64 those of the roles that take labels."""
    arrays = {role: np.asarray(x, np.int64 if role in labels else np.float64) for role, x in inputs.items()}
    return Question(f"{loss}/edge/{name}", loss, arrays, options or {}, reduction, gradients, note)


def _cross_entropy_edges() -> Iterator[Question]:
    def labelled(
        name: str, scores: _Numbers, target: list[float], note: str, *, reduction: str = "mean", **options: object
    ) -> Question:
        inputs: dict[str, _Numbers] = {"input": scores, "target": target}
        return _edge("cross_entropy", name, inputs, note, options, reduction=reduction, labels=("target",))

    yield labelled("other-class-impossible", [[-inf, 0.0]], [1], "exp(-inf) is 0, and so is the loss")
    yield labelled("true-class-impossible", [[-inf, 0.0]], [0], "an infinite loss with a finite slope")
    note = "smoothing puts mass on an impossible class"
    yield labelled("smooth-and-impossible", [[-inf, 0.0, 0.0]], [1], note, label_smoothing=0.1)
    ignored, pair = [-100.0, -100.0], [[1.0, 2.0], [3.0, 5.0]]
    yield labelled("all-ignored-mean", pair, ignored, "the mean of nothing is NaN, and its slope 0")
    yield labelled("all-ignored-sum", pair, ignored, "the sum of nothing is 0", reduction="sum")
    yield labelled("all-ignored-none", pair, ignored, "an ignored sample is 0", reduction="none")
    note = "the mean divides by the sum of the weights of the labels"
    yield labelled("weights-by-label", [[1.0, 2.0], [3.0, 5.0]], [0, 1], note, weight=np.array([1.0, 3.0]))
    soft: tuple[tuple[str, list[list[float]], str], ...] = (
        (
            "weights-by-distribution",
            [[1.0, 0.0], [0.0, 1.0]],
            "the same targets one-hot: the mean divides by 2 instead",
        ),
        ("targets-that-sum-to-4", [[2.0, 2.0], [2.0, 2.0]], "the formula does not need them to sum to 1"),
        ("negative-targets", [[2.0, -1.0], [-1.0, 2.0]], "nor to be positive"),
    )
    for name, target, note in soft:
        options = {"weight": np.array([1.0, 3.0])} if name.startswith("weights") else {}
        yield _edge("cross_entropy", name, {"input": pair, "target": target}, note, options)
    note = "no log-probability is positive, yet the formula stands"
    yield _edge("nll", "positive-input", {"input": [[1.0, 2.0]], "target": [0.0]}, note, labels=("target",))


def _binary_edges() -> Iterator[Question]:
    clamp = "the logarithm is clamped at -100; the slope divides by at least 1e-12"
    slope_only = "the slope divides by at least 1e-12, so it is not that of the value"
    for name, chance, actual, note in (
        ("0-for-1", 0.0, 1.0, clamp),
        ("1-for-0", 1.0, 0.0, clamp),
        ("1e-60-for-1", 1e-60, 1.0, clamp),
        ("1e-30-for-1", 1e-30, 1.0, slope_only),
        ("1e-17-for-0", 1e-17, 0.0, slope_only),
        ("0-for-0", 0.0, 0.0, slope_only),
        ("1-for-1", 1.0, 1.0, slope_only),
    ):
        inputs: dict[str, _Numbers] = {"input": [chance], "target": [actual]}
        yield _edge("bce", name, inputs, note, gradients=("input",))
    note = "sure and wrong without bound: an infinite loss with a finite slope"
    yield _edge("bce_with_logits", "inf-for-0", {"input": [inf], "target": [0.0]}, note, gradients=("input",))
    note = "log(1 + exp(-40)); PyTorch rounds the slope to 0, so only the value counts"
    yield _edge("bce_with_logits", "40-for-1", {"input": [40.0], "target": [1.0]}, note, gradients=())


def _regression_edges() -> Iterator[Question]:
    same: dict[str, _Numbers] = {"input": [2.0], "target": [2.0]}
    yield _edge("l1", "no-error", same, "the slope at the kink is 0")
    yield _edge("smooth_l1", "no-error-beta-0", same, "beta 0 is the absolute error, kink and all", {"beta": 0.0})
    yield _edge("smooth_l1", "no-error-beta-1e-50", same, "0 / 1e-50 is 0", {"beta": 1e-50})
    yield _edge("huber", "delta-inf", {"input": [2.0], "target": [0.0]}, "half the square everywhere", {"delta": inf})
    nothing: dict[str, _Numbers] = {"input": [], "target": []}
    for loss in ("mse", "l1", "smooth_l1", "huber", "bce", "bce_with_logits"):
        yield _edge(loss, "nothing-mean", nothing, "the mean of nothing is NaN")
        yield _edge(loss, "nothing-sum", nothing, "the sum of nothing is 0", reduction="sum")
    inputs: dict[str, _Numbers] = {"input": [[-1.0, -2.0]], "target": [[0.0, 1.0]]}
    yield _edge("kl_div", "target-0", inputs, "0 · log 0 is 0", reduction="batchmean", gradients=("input",))


def _vector_edges() -> Iterator[Question]:
    def pair(first: list[float], second: list[float]) -> dict[str, _Numbers]:
        return {"input1": [first], "input2": [second], "target": [1.0]}

    for name, inputs, note in (
        ("no-direction", pair([0.0, 0.0], [1.0, 0.0]), "1e-12 is added to each squared norm: cosine 0, steep"),
        ("neither-has-direction", pair([0.0, 0.0], [0.0, 0.0]), "cosine 0, flat"),
        ("short-for-the-constant", pair([1e-7, 0.0], [1e-7, 0.0]), "1e-12 outweighs a squared norm of 1e-14"),
    ):
        yield _edge("cosine_embedding", name, inputs, note, labels=("target",))

    def triplet(anchor: list[float], positive: list[float], negative: list[float]) -> dict[str, _Numbers]:
        return {"anchor": [anchor], "positive": [positive], "negative": [negative]}

    equal = triplet([1.0, 2.0], [1.0, 2.0], [1.5, 2.5])
    yield _edge("triplet_margin", "at-the-positive", equal, "1e-6 is added to every difference: a distance of 1.4e-6")
    same = triplet([1.0, 2.0], [1.0, 2.0], [1.0, 2.0])
    yield _edge("triplet_margin", "all-the-same", same, "a distance of 0 has slope 0", {"eps": 0.0})
    apart = triplet([0.0, 0.0], [3.0, -4.0], [1.0, 2.0])
    yield _edge("triplet_margin", "p-inf", apart, "the largest difference", {"p": inf, "margin": 5.0})
    yield _edge("triplet_margin", "p-half", apart, "less than 1 is no norm, but defined", {"p": 0.5, "margin": 1.0})
