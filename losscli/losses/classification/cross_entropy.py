"""Cross-entropy on raw scores."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.doubled import doubled, row_sums
from losscli.numerics.logsumexp import LogSumExp, logsumexp
from losscli.schema.domains import EXTENDED, LABEL, NONNEGATIVE, PROBABILITY, WHOLE
from losscli.schema.loss import Array, Equals, Ignores, Option, Role, Units, define

_ZERO_TIMES_INFINITY = (
    "a class of weight 0 has an infinite log-probability; 0·inf counts as 0 (PyTorch prints nan)"  # optax once did too
)
_CERTAIN = "a score of inf at the target is certainty, loss 0 (PyTorch prints nan)"


def cross_entropy(
    input: Annotated[Array, Role("u c", EXTENDED, "raw scores (logits), one a class")],
    target: Annotated[
        Array,
        Role("u", LABEL, "the true class"),
        Role("u c", PROBABILITY, "the true distribution over the classes"),
    ],
    *,
    weight: Annotated[Array | None, Option(NONNEGATIVE, "what each class counts", axes="c")] = None,
    ignore_index: Annotated[int, Option(WHOLE, "samples with this label are left out"), Ignores("target")] = -100,
    label_smoothing: Annotated[
        float, Option(PROBABILITY, "the share of the truth spread evenly over all classes")
    ] = 0.0,
) -> Units:
    """How surprised a softmax of the scores is by the truth.

    Formula: -Σ_c q_c w_c log softmax(input)_c, in nats, where q is the truth, smoothed:
    q = (1 - label_smoothing) · target + label_smoothing / C, and a label y stands for all on class y.
    Inputs: scores (C), (N, C) or (N, C, d1, …); labels of the same shape without C, or probabilities of the same shape.
    The mean divides by Σ w_y with labels, by the number of samples with probabilities.
    Gradient: softmax(input) Σ_c q_c w_c - q w; with respect to probabilities as the target
    -(1 - label_smoothing) w log softmax(input).
    Relations: nll of log_softmax(input); kl_div of log_softmax(input) plus the entropy of the target.
    Source: torch.nn.functional.cross_entropy; the softmax with temperature 1.
    """
    classes = input.shape[1]
    if target.ndim == 1 and label_smoothing == 0.0:
        return _of_labels(input, target.astype(np.intp, copy=False), weight)
    if target.ndim == 1:
        truth = np.zeros_like(input)
        truth[np.arange(len(input)), target.astype(np.intp, copy=False)] = 1.0
    else:
        truth = target
    if label_smoothing:
        truth = (1.0 - label_smoothing) * truth + label_smoothing / classes
    return _of_distributions(input, truth, weight, kept=1.0 - label_smoothing, soft=target.ndim == 2)


def _of_labels(scores: Array, label: NDArray[np.intp], weight: Array | None) -> Units:
    each = np.arange(len(scores))
    picked = scores[each, label]
    parts = logsumexp(scores)
    value = parts.gap(picked, label) + parts.log_others
    if weight is not None:
        value = np.multiply(value, weight[label], out=np.zeros_like(value), where=weight[label] != 0.0)  # 0 · inf = 0

    def pullback(up: Array) -> dict[str, Array]:
        if weight is not None:
            up = up * weight[label]
        softmax, elsewhere = parts.exponentials, parts.elsewhere(label)
        scale = up / (1.0 + parts.others)
        softmax *= scale[:, None]
        softmax[each, parts.at] = scale
        softmax[each, label] = -elsewhere * scale
        return {"input": softmax}

    notes = (_CERTAIN,) if np.any(np.isposinf(picked) & (value == 0.0)) else ()
    return Units(value, pullback, notes)


def _of_distributions(scores: Array, truth: Array, weight: Array | None, *, kept: float, soft: bool) -> Units:
    share = truth if weight is None else truth * weight
    parts = logsumexp(scores, keep_below=True)
    surprise = _surprise(parts)
    impossible = np.isinf(surprise) & (share == 0.0)
    notes = (_ZERO_TIMES_INFINITY,) if impossible.any() else ()
    value = row_sums(doubled(np.where(impossible, 0.0, share * surprise))).high

    def pullback(up: Array) -> dict[str, Array]:
        each = np.arange(len(scores))
        total = (1.0 + parts.others)[:, None]
        softmax = parts.exponentials / total
        rest = 1.0 - softmax
        softmax[each, parts.at] = 1.0 / total[:, 0]
        rest[each, parts.at] = parts.others / total[:, 0]
        # p Σq - q, with what the class itself adds to both sides left out: it would only cancel
        gradient = softmax * (row_sums(doubled(share)).column - share).high - share * rest
        gradient *= up[:, None]
        if not soft:
            return {"input": gradient}
        heavy = kept if weight is None else kept * weight
        return {"input": gradient, "target": np.where(heavy == 0.0, 0.0, heavy * surprise) * up[:, None]}

    return Units(value, pullback, notes)


def _surprise(parts: LogSumExp) -> Array:
    """-log softmax: two terms that are not negative, so that neither cancels the other."""
    assert parts.below is not None
    return parts.log_others[:, None] - parts.below


def _class_weights(target: Array, weight: Array | None) -> Array | None:
    return None if weight is None or target.ndim == 2 else weight[target.astype(np.intp, copy=False)]


def _as_nll(input: Array, target: Array, **options: Any) -> dict[str, Any]:
    parts = logsumexp(np.array(np.moveaxis(input, 1, -1)).reshape(-1, input.shape[1]), keep_below=True)
    log_softmax = -_surprise(parts).reshape(np.moveaxis(input, 1, -1).shape)
    del options["label_smoothing"]
    return {"input": np.moveaxis(log_softmax, -1, 1), "target": target, **options}


LOSS = define(
    cross_entropy,
    class_name="CrossEntropyLoss",
    function_name="cross_entropy",
    aliases=("softmax_cross_entropy", "softmax_cross_entropy_with_integer_labels", "ce"),
    denominator=_class_weights,
    relations=(
        Equals(
            "CrossEntropy(x, y) = NLL(log_softmax(x), y)",
            "nll",
            _as_nll,
            given=lambda target, input, label_smoothing, **_: label_smoothing == 0.0 and target.ndim < input.ndim,
        ),
    ),
)
