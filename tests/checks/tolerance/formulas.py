"""The losses as users write them: the textbook's formula in one line of NumPy or PyTorch, in float64 or float32.

Nothing is shifted, clipped or summed with care, but for the constants that a definition has (eps of a distance, the
clip of sce). `xp` is numpy or torch, whose functions have the same names, so that PyTorch differentiates what NumPy
computes. Written from the definitions of the losses; no formula of losscli is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.checks.tolerance import drawn
from tests.checks.tolerance.drawn import Draw, Inputs


@dataclass(frozen=True)
class Formula:
    """A loss: how its inputs are drawn, and the loss of each unit, or the one number of all data.

    `shares` gives what each unit adds to the mean's denominator; `single` says that there is one number. `one` is u of
    the contract: whether the loss holds a 1, a log or a margin. `coupled` units depend on each other. `sloping` are the
    roles whose gradient is claimed.
    """

    loss: str
    draw: Callable[[Draw, int], Inputs]
    units: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    shares: Callable[..., Any] | None = None
    single: bool = False
    coupled: bool = False
    one: float = 1.0
    sloping: tuple[str, ...] = ("input",)

    @property
    def name(self) -> str:
        return "-".join(
            [self.loss, *(f"{name}={value}" for name, value in self.options.items() if np.ndim(value) == 0)]
        )


def picked(xp: Any, rows: Any, target: Any) -> Any:
    return rows[xp.arange(len(target)), target]


def one_hot(xp: Any, rows: Any, target: Any) -> Any:
    return xp.eye(rows.shape[1], dtype=rows.dtype)[target]


def log_softmax(xp: Any, x: Any) -> Any:
    return x - xp.log(xp.exp(x).sum(1))[:, None]


def sigmoid(xp: Any, x: Any) -> Any:
    return 1 / (1 + xp.exp(-x))


def cross_entropy(xp: Any, input: Any, target: Any) -> Any:
    return -picked(xp, log_softmax(xp, input), target)


def binary(xp: Any, p: Any, t: Any) -> Any:
    return -(t * xp.log(p) + (1 - t) * xp.log(1 - p))


def focal(xp: Any, p: Any, t: Any, alpha: float, gamma: float) -> Any:
    right = p * t + (1 - p) * (1 - t)
    return -(alpha * t + (1 - alpha) * (1 - t)) * (1 - right) ** gamma * xp.log(right)


def huber(xp: Any, input: Any, target: Any, delta: float = 1.0) -> Any:
    size = xp.abs(input - target)
    return xp.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


def smooth_l1(xp: Any, input: Any, target: Any, beta: float = 1.0) -> Any:
    size = xp.abs(input - target)
    return xp.where(size < beta, size**2 / 2 / beta, size - beta / 2)


def gaussian_nll(xp: Any, input: Any, target: Any, var: Any) -> Any:
    return (xp.log(var) + (input - target) ** 2 / var) / 2


def multi_margin(xp: Any, input: Any, target: Any) -> Any:
    missing = (1 - picked(xp, input, target)[:, None] + input).clip(min=0)
    return (missing * (1 - one_hot(xp, input, target))).sum(1) / input.shape[1]


def multilabel_margin(xp: Any, input: Any, target: Any) -> Any:
    """All pairs of a true class and another one, as PyTorch's document sums them."""
    counted = target >= 0
    true = (xp.eye(input.shape[1], dtype=input.dtype)[target] * counted[:, :, None]).sum(1)  # -1 picks the last row
    missing = (1 - input[:, :, None] + input[:, None, :]).clip(min=0)
    return (missing * true[:, :, None] * (1 - true)[:, None, :]).sum((1, 2)) / input.shape[1]


def multilabel_soft_margin(xp: Any, input: Any, target: Any) -> Any:
    return binary(xp, sigmoid(xp, input), target).mean(1)


def categorical_hinge(xp: Any, input: Any, target: Any) -> Any:
    true = one_hot(xp, input, target)
    return (xp.amax((1 - true) * input, 1) - (true * input).sum(1) + 1).clip(min=0)


def sce(xp: Any, input: Any, target: Any) -> Any:
    guessed = xp.exp(input) / xp.exp(input).sum(1)[:, None]
    reverse = -(guessed.clip(min=1e-4) * xp.log(one_hot(xp, input, target).clip(min=1e-4))).sum(1)
    return cross_entropy(xp, input, target) + reverse


def softmax_focal(xp: Any, input: Any, target: Any) -> Any:
    right = picked(xp, xp.exp(input) / xp.exp(input).sum(1)[:, None], target)
    return -((1 - right) ** 2) * xp.log(right)


def jensen_shannon(xp: Any, input: Any, target: Any) -> Any:
    middle = (input + target) / 2
    return (input * xp.log(input / middle) + target * xp.log(target / middle)).sum(1) / 2


def distance(xp: Any, one: Any, other: Any, eps: float = 0.0) -> Any:
    return xp.sqrt(((one - other + eps) ** 2).sum(1))


def cosine(xp: Any, one: Any, other: Any) -> Any:
    return (one * other).sum(1) / xp.sqrt((one**2).sum(1)) / xp.sqrt((other**2).sum(1))


def contrastive(xp: Any, input1: Any, input2: Any, target: Any) -> Any:
    d = distance(xp, input1, input2)
    return (target * d**2 + (1 - target) * (1 - d).clip(min=0) ** 2) / 2


def cosine_embedding(xp: Any, input1: Any, input2: Any, target: Any) -> Any:
    alike = cosine(xp, input1, input2)
    return xp.where(target > 0, 1 - alike, alike.clip(min=0))


def triplet(xp: Any, anchor: Any, positive: Any, negative: Any) -> Any:
    return (distance(xp, anchor, positive, 1e-6) - distance(xp, anchor, negative, 1e-6) + 1).clip(min=0)


def info_nce(xp: Any, anchor: Any, positive: Any) -> Any:
    """Rows of length 1, whose dot products lie within 1/0.5 of 0: nothing overflows."""
    one = anchor / xp.sqrt((anchor**2).sum(1))[:, None]
    other = positive / xp.sqrt((positive**2).sum(1))[:, None]
    return cross_entropy(xp, one @ other.T / 0.5, xp.arange(len(one)))


def adaptive(xp: Any, input: Any, target: Any, **state: Any) -> Any:
    """The head's softmax, and that of the cluster in which the label lies."""
    head = log_softmax(xp, input @ state["head.weight"].T)
    first, second = (
        log_softmax(xp, input @ state[f"tail.{at}.0.weight"].T @ state[f"tail.{at}.1.weight"].T) for at in (0, 1)
    )
    in_first = head[:, 3] + picked(xp, first, (target - 3).clip(0, 2))
    in_second = head[:, 4] + picked(xp, second, (target - 6).clip(0, 1))
    return -xp.where(target < 3, picked(xp, head, target.clip(0, 2)), xp.where(target < 6, in_first, in_second))


def ctc(xp: Any, log_probs: Any, targets: Any, input_lengths: Any, **_: Any) -> Any:
    """The forward recursion over blank, y1, blank, y2, … in logarithms, for targets and frames of one length.

    PyTorch's gradient is that of the scores before the log-softmax, which changes nothing when it is repeated here.
    """
    log_probs = log_probs - xp.log(xp.exp(log_probs).sum(2))[:, :, None]
    each = xp.arange(len(input_lengths))
    blank = 0 * targets[:, 0]
    states = [blank if at % 2 == 0 else targets[:, at // 2] for at in range(2 * targets.shape[1] + 1)]
    nowhere = 0 * log_probs[0, :, 0] - 1e4
    reached = [log_probs[0, each, states[0]], log_probs[0, each, states[1]]] + [nowhere] * (len(states) - 2)
    for t in range(1, len(log_probs)):
        moved = []
        for at, state in enumerate(states):
            ways = reached[at]
            if at:
                ways = xp.logaddexp(ways, reached[at - 1])
            if at > 1 and at % 2:
                ways = xp.logaddexp(ways, xp.where(state != states[at - 2], reached[at - 2], nowhere))
            moved.append(ways + log_probs[t, each, state])
        reached = moved
    return -xp.logaddexp(reached[-1], reached[-2])


_SMOOTHED = 0.1
_WEIGHT = np.array([0.5, 1.0, 2.0, 1.5, 0.25])  # exact in float32


def _smoothed(xp: Any, input: Any, target: Any) -> Any:
    logs = log_softmax(xp, input)
    return -(1 - _SMOOTHED) * picked(xp, logs, target) - _SMOOTHED * logs.mean(1)


def _class_weights(xp: Any, input: Any, target: Any) -> Any:
    return xp.asarray(_WEIGHT, dtype=input.dtype)[target]


FORMULAS: tuple[Formula, ...] = (
    Formula("l1", drawn.pairs, lambda xp, input, target: xp.abs(input - target), one=0.0),
    Formula("mse", drawn.pairs, lambda _, input, target: (input - target) ** 2, one=0.0, sloping=("input", "target")),
    Formula(
        "rmse", drawn.pairs, lambda xp, input, target: xp.sqrt(((input - target) ** 2).mean()), single=True, one=0.0
    ),
    Formula("huber", drawn.pairs, huber, one=0.0),
    Formula("huber", drawn.pairs, lambda xp, input, target: huber(xp, input, target, 0.5), {"delta": 0.5}, one=0.0),
    Formula("smooth_l1", drawn.pairs, smooth_l1, one=0.0),
    Formula(
        "smooth_l1", drawn.pairs, lambda xp, input, target: smooth_l1(xp, input, target, 0.5), {"beta": 0.5}, one=0.0
    ),
    Formula(
        "quantile",
        drawn.pairs,
        lambda xp, input, target: xp.where(target >= input, 0.25 * (target - input), 0.75 * (input - target)),
        {"quantile": 0.25},
        one=0.0,
    ),
    Formula("mape", drawn.amounts, lambda xp, input, target: xp.abs(input - target) / xp.abs(target), one=0.0),
    Formula("log_cosh", drawn.pairs, lambda xp, input, target: xp.log(xp.cosh(input - target))),
    Formula("msle", drawn.amounts, lambda xp, input, target: (xp.log(1 + input) - xp.log(1 + target)) ** 2),
    Formula("poisson_nll", drawn.counts, lambda xp, input, target: xp.exp(input) - target * input),
    Formula(
        "poisson_nll",
        lambda draw, n: {"input": draw.gamma(3.0, 1.0, n) + 0.05, "target": draw.poisson(3.0, n).astype(float)},
        lambda xp, input, target: input - target * xp.log(input + 1e-8),
        {"log_input": False},
    ),
    Formula("gaussian_nll", drawn.spreads, gaussian_nll, sloping=("input", "var")),
    Formula("bce", drawn.chances, lambda xp, input, target: binary(xp, input, target)),
    Formula("bce_with_logits", drawn.logits, lambda xp, input, target: binary(xp, sigmoid(xp, input), target)),
    Formula("focal", drawn.chances, lambda xp, input, target: focal(xp, input, target, 0.75, 2.0)),
    Formula("sigmoid_focal", drawn.logits, lambda xp, input, target: focal(xp, sigmoid(xp, input), target, 0.25, 2.0)),
    Formula("hinge", drawn.signed, lambda _, input, target: (1 - input * target).clip(min=0)),
    Formula("squared_hinge", drawn.signed, lambda _, input, target: (1 - input * target).clip(min=0) ** 2),
    Formula(
        "hinge_embedding", drawn.signed, lambda xp, input, target: xp.where(target > 0, input, (1 - input).clip(min=0))
    ),
    Formula("soft_margin", drawn.signed, lambda xp, input, target: xp.log(1 + xp.exp(-target * input))),
    Formula("brier", drawn.shares, lambda xp, input, target: ((input - one_hot(xp, input, target)) ** 2).sum(1)),
    Formula("categorical_hinge", drawn.scores, categorical_hinge),
    Formula("cross_entropy", drawn.scores, cross_entropy),
    Formula("cross_entropy", drawn.scores, _smoothed, {"label_smoothing": _SMOOTHED}),
    Formula(
        "cross_entropy",
        drawn.scores,
        lambda xp, input, target: _class_weights(xp, input, target) * cross_entropy(xp, input, target),
        {"weight": _WEIGHT},
        shares=_class_weights,
    ),
    Formula(
        "cross_entropy",
        lambda draw, n: {**drawn.scores(draw, n), "target": drawn.two_shares(draw, n)["target"]},
        lambda xp, input, target: -(target * log_softmax(xp, input)).sum(1),
    ),
    Formula(
        "generalized_cross_entropy",
        drawn.shares,
        lambda xp, input, target: (1 - picked(xp, input, target) ** 0.7) / 0.7,
    ),
    Formula(
        "linear_cross_entropy",
        drawn.hidden,
        lambda xp, input, linear_weight, target: cross_entropy(xp, input @ linear_weight.T, target),
        sloping=("input", "linear_weight"),
    ),
    Formula("log_loss", drawn.shares, lambda xp, input, target: -xp.log(picked(xp, input, target))),
    Formula("multi_margin", drawn.scores, multi_margin),
    Formula("multilabel_margin", drawn.listed, multilabel_margin),
    Formula("multilabel_soft_margin", drawn.tags, multilabel_soft_margin),
    Formula("nll", drawn.log_shares, lambda xp, input, target: -picked(xp, input, target)),
    Formula("sce", drawn.scores, sce),
    Formula("softmax_focal", drawn.scores, softmax_focal),
    Formula("jensen_shannon", drawn.two_shares, jensen_shannon),
    Formula("kl_div", drawn.diverging, lambda xp, input, target: target * (xp.log(target) - input)),
    Formula("contrastive", drawn.judged_vectors(lambda yes: yes), contrastive, sloping=("input1",)),
    Formula("cosine_embedding", drawn.judged_vectors(lambda yes: 2 * yes - 1), cosine_embedding, sloping=("input1",)),
    Formula("cosine_similarity", drawn.vectors("x1", "x2"), lambda xp, x1, x2: cosine(xp, x1, x2), sloping=("x1",)),
    Formula(
        "info_nce",
        drawn.vectors("anchor", "positive"),
        info_nce,
        {"temperature": 0.5},
        coupled=True,
        sloping=("anchor",),
    ),
    Formula(
        "margin_ranking",
        drawn.ranked,
        lambda _, input1, input2, target: (-target * (input1 - input2) + 0.5).clip(min=0),
        {"margin": 0.5},
        sloping=("input1",),
    ),
    Formula("triplet_margin", drawn.vectors("anchor", "positive", "negative"), triplet, sloping=("anchor", "negative")),
    Formula(
        "triplet_margin_with_distance", drawn.vectors("anchor", "positive", "negative"), triplet, sloping=("positive",)
    ),
    Formula(
        "dice",
        drawn.chances,
        lambda _, input, target: 1 - 2 * (input * target).sum() / (input.sum() + target.sum()),
        single=True,
    ),
    Formula(
        "tversky",
        drawn.chances,
        lambda _, input, target: (
            1
            - (input * target).sum()
            / ((input * target).sum() + 0.3 * (input * (1 - target)).sum() + 0.7 * ((1 - input) * target).sum())
        ),
        single=True,
    ),
    Formula("adaptive_log_softmax", drawn.clustered, adaptive),
    Formula("ctc", drawn.sequences, ctc, shares=lambda _, target_lengths, **__: target_lengths, sloping=("log_probs",)),
)
