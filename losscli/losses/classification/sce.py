"""Symmetric cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact
from losscli.losses._inputs import ClassLogits
from losscli.losses.classification._softmax import SOFTMAX, nlls
from losscli.losses.classification._truth import as_label
from losscli.numerics.logsumexp import logsumexp
from losscli.schema.define import define, equals
from losscli.schema.domains import LABEL, NONNEGATIVE, Domain
from losscli.schema.loss import Array, Constant, Convention, LossMistake, Option, Role, Units

CLIP = Domain("greater than 0, at most 1", low=0.0, high=1.0, low_open=True, typical=(1e-5, 0.1))


def sce(
    input: ClassLogits,
    target: Annotated[Array, Role("u", LABEL, "the true class, which may be wrong")],
    *,
    a: Annotated[float, Option(NONNEGATIVE, "weight of the cross-entropy")] = 1.0,
    b: Annotated[float, Option(NONNEGATIVE, "weight of the reverse cross-entropy")] = 1.0,
    clip: Annotated[float, Option(CLIP, "the least probability, for the one-hot truth inside the logarithm")] = 1e-4,
    clips_softmax: Annotated[float, Constant("1 where the softmax too is cut off below at clip")] = 1.0,
) -> Units:
    """Cross-entropy plus its reverse, which forgives labels that are wrong.

    Use: to train a classifier on labels of which some are wrong: the reverse term is bounded.
    Formula: a · CE + b · RCE, with CE = -log p_y and RCE = -log(clip) Σ_{c ≠ y} max(p_c, clip), in nats,
    p = softmax(input).
    Inputs: scores (C), (N, C) or (N, C, d1, …); labels of the same shape without C.
    Gradient: a (p - onehot) - b log(clip) (p' - p Σp'), where p' is p without the true class and what is cut off.
    Relations: a · cross_entropy when b = 0. The convention exact does not cut off the softmax:
    RCE = -log(clip) (1 - p_y).
    Pitfalls: the paper's constant A = -4 is log10(1e-4), while its code takes the natural logarithm, -9.21, a factor
    2.3 in RCE; the one-hot truth is cut off in RCE only: an implementation that reuses it in CE gives a little
    more; a and b are not normalised, and the paper's differ by data set (0.1 and 1, or 6 and 0.1);
    the paper's code cuts the softmax off at 1e-7 where the tutorials do at clip.
    Source: Y. Wang et al., Symmetric Cross Entropy for Robust Learning with Noisy Labels, ICCV 2019.
    """
    rows, label = np.arange(len(input)), as_label(target)
    picked = input[rows, label]
    parts = logsumexp(input)
    gap = parts.gap(picked, label)
    others = parts.elsewhere(label) / (1.0 + parts.others)  # 1 - p_y
    softmax = parts.exponentials
    softmax[rows, parts.at] = 1.0
    softmax /= (1.0 + parts.others)[:, None]
    floor = clip if clips_softmax else 0.0
    wrong = np.maximum(softmax, floor)
    wrong[rows, label] = 0.0
    penalty = -np.log(clip)
    reverse = wrong.sum(axis=1) if floor else others
    value = (a * (gap + parts.log_others) if a else 0.0) + b * penalty * reverse  # 0 · inf = 0

    def pullback(up: Array) -> dict[str, Array]:
        free = softmax > floor  # 0 where cut off, and where it only touches
        free[rows, label] = False
        through = np.where(free, softmax, 0.0)
        moved = through.sum(axis=1, keepdims=True)
        stays = (softmax - through).sum(axis=1, keepdims=True)  # 1 - moved, which would cancel
        pull = b * penalty * np.where(free, stays, -moved)
        gradient = softmax * (a + pull)
        gradient[rows, label] = -a * others - b * penalty * softmax[rows, label] * moved[:, 0]
        return {"input": gradient * up[:, None]}

    return Units(value, pullback)


def _kinks(input: Array, target: Array, clip: float) -> NDArray[np.bool_]:
    """Where the softmax of a wrong class reaches the clip."""
    parts = logsumexp(np.array(input))
    softmax = parts.exponentials / (1.0 + parts.others)[:, None]
    near = np.abs(softmax - clip) <= 1e-12 * clip
    near[np.arange(len(input)), as_label(target)] = False
    return np.asarray(near.any(axis=1))


def _both(input: Array, target: Array) -> tuple[Array, Array, Array]:
    """Cross-entropy, the softmax, and which of its entries are wrong classes."""
    nll = nlls(logsumexp(input.copy(), keep_below=True))
    wrong = np.ones(input.shape, dtype=bool)
    wrong[np.arange(len(input)), as_label(target)] = False
    return nll[~wrong], np.exp(-nll), wrong


_OfBoth = Callable[[float, float], float]


def _with_weights(cross: _OfBoth, reverse: _OfBoth) -> Callable[..., Array]:
    """The losses where both terms count what these make of a and b."""

    def losses(input: Array, target: Array, a: float, b: float, clip: float, clips_softmax: float) -> Array:
        entropy, p, wrong = _both(input, target)
        clipped = np.maximum(p, clip) if clips_softmax else p
        reversed_entropy = -np.log(clip) * np.where(wrong, clipped, 0.0).sum(axis=1)
        return np.asarray(cross(a, b) * entropy + reverse(a, b) * reversed_entropy)

    return losses


def _reused(input: Array, target: Array, a: float, b: float, clip: float, clips_softmax: float) -> Array:
    _, p, wrong = _both(input, target)
    clipped = np.maximum(p, clip) if clips_softmax else p
    truth = np.where(wrong, clip, 1.0)
    reverse = -np.log(clip) * np.where(wrong, clipped, 0.0).sum(axis=1)
    return np.asarray(-a * (truth * np.log(clipped)).sum(axis=1) + b * reverse)


LOSS = define(
    sce,
    kind="classification",
    unit="nats",
    class_name="SCELoss",
    aliases=("symmetric_cross_entropy",),
    conventions=(
        Convention("torch", "the tutorials' module, which clips the softmax as it clips the truth"),
        exact("RCE without a bound on the softmax", clips_softmax=0.0),
    ),
    kinks=_kinks,
    relations=(equals("SCE(a, b=0) = a · CrossEntropy", "cross_entropy", times="a", when="b == 0"),),
    lines=(
        *SOFTMAX,
        "cross_entropy = -log_softmax[target]",
        "wrong = others(softmax, target), if not clips_softmax",
        "wrong = max(others(softmax, target), clip), if clips_softmax",
        "reverse = -log(clip) * sum(wrong)",
        "loss = a * cross_entropy + b * reverse",
    ),
    mistakes=(
        LossMistake(
            "decimal_logarithm",
            "the logarithm of the clipped truth has base 10: A = -4, as the paper prints it, where its code has -9.21",
            "take the natural logarithm of clip",
            _with_weights(lambda a, _: a, lambda _, b: b / float(np.log(10.0))),
        ),
        LossMistake(
            "clipped_truth_reused",
            "the clipped one-hot truth was taken in the cross-entropy too",
            "clip the truth in the reverse term only",
            _reused,
        ),
        LossMistake(
            "a_and_b_exchanged",
            "a and b were exchanged",
            "a belongs to the cross-entropy, b to its reverse",
            _with_weights(lambda _, b: b, lambda a, _: a),
            given=lambda a, b: a != b,
        ),
        LossMistake(
            "a_and_b_normalised",
            "a and b were scaled to add up to 1",
            "take them as they are",
            _with_weights(lambda a, b: a / (a + b), lambda a, b: b / (a + b)),
            given=lambda a, b: a + b > 0.0 and a + b != 1.0,
        ),
        LossMistake(
            "reverse_left_out",
            "this is a times the cross-entropy alone",
            "add b times the reverse cross-entropy",
            _with_weights(lambda a, _: a, lambda *_: 0.0),
            given=lambda b: b > 0.0,
        ),
    ),
    example=("[[2.0,0.5,-1.0]]", "[1]", "--a", "0.1"),
)
