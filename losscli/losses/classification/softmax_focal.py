"""The focal loss on raw scores of several classes."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.losses._frameworks import keras
from losscli.losses._inputs import ClassLogits, ClassWeight, LabelOrDistribution, LabelSmoothing
from losscli.losses.classification._softmax import SOFTMAX, TEXTBOOK, nlls, probabilities, slopes
from losscli.losses.classification._truth import TRUTH, as_probabilities
from losscli.numerics.double_double import Doubled, doubled, row_sums, two_sum
from losscli.numerics.logsumexp import LogSumExp, logsumexp
from losscli.schema.define import define, equals, mistake
from losscli.schema.domains import NONNEGATIVE
from losscli.schema.loss import Array, Constant, Convention, Option, Units


def softmax_focal(
    input: ClassLogits,
    target: LabelOrDistribution,
    *,
    gamma: Annotated[float, Option(NONNEGATIVE, "how strongly easy samples are played down")] = 2.0,
    alpha: ClassWeight = None,
    label_smoothing: LabelSmoothing = 0.0,
    balance: Annotated[float, Constant("what every class counts where alpha is left out")] = 1.0,
    clip: Annotated[float, Constant("the softmax is cut off at clip and 1 - clip; 0 for no bound")] = 0.0,
) -> Units:
    """Cross-entropy that plays down what the model already gets right.

    Use: to train a classifier whose classes are unbalanced, or most of whose samples are easy.
    Formula: -Σ_c q_c alpha_c (1 - p_c)^gamma log p_c, in nats, p = softmax(input), where
    q = (1 - label_smoothing) · target + label_smoothing / C, and a label stands for all on its class.
    Inputs: scores (C), (N, C) or (N, C, d1, …); labels of the same shape without C, or probabilities of the same shape.
    The mean divides by the number of samples, whatever alpha is.
    Gradient: p_k Σ_c m_c - m_k with m_c = q_c alpha_c (1 - p_c)^gamma (1 - gamma p_c log(p_c) / (1 - p_c)); 0 for a p_c
    that is clipped; with respect to probabilities as the target -(1 - label_smoothing) alpha (1 - p)^gamma log p.
    Accuracy: 4 ulp up to gamma = 1 and 6 up to gamma = 2, then about gamma more: where the truth is nearly certain,
    1 - p_y is as good as an exponential, one ulp, and the slope is a power gamma + 1 of it. With probabilities as the
    target a slope is a difference, and good to some ulp of its two terms.
    Relations: cross_entropy with alpha as its weight when gamma = 0, as a sum or sample by sample.
    Pitfalls: p_c is that of a single sample, never exp(-mean loss), and without alpha in it;
    the convention keras multiplies every class by 0.25, which only scales the loss, and clips at 1e-7;
    some divide by the number of samples that are not background, which reduction sum leaves to you;
    Keras takes probabilities unless from_logits=True: give their logarithms here, whose softmax they are;
    focal is the loss on one probability a sample, whose alpha is for a yes.
    Source: T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, with a softmax;
    keras.losses.CategoricalFocalCrossentropy.
    """
    truth = as_probabilities(target, input.shape[1], label_smoothing)
    weights = np.full(input.shape[1], balance) if alpha is None else alpha
    parts = logsumexp(input, keep_below=True)
    softmax, nll, missing = probabilities(parts)[0], nlls(parts), _missing(parts)
    rest = missing.high
    free = (softmax >= clip) & (rest >= clip)
    if clip:
        nll = np.where(free, nll, np.where(softmax < clip, -np.log(clip), -np.log1p(-clip)))
        missing = Doubled(np.clip(rest, clip, 1.0 - clip), np.where(free, missing.low, 0.0))
    focus = weights * missing.power(gamma)
    focused = np.where(focus == 0.0, 0.0, focus * nll)  # 0 · inf = 0, where a class does not count
    value = row_sums(doubled(np.where(truth == 0.0, 0.0, truth * focused))).high

    def pullback(up: Array) -> dict[str, Array]:
        some = missing.high > 0.0
        odds = np.divide(nll, missing.high, out=np.ones_like(rest), where=some)  # -log(p) / (1-p), 1 at p = 1
        bend = np.where(softmax == 0.0, 0.0, softmax * odds)
        steep = np.where(free & (truth != 0.0), truth * focus * (1.0 + gamma * bend), 0.0)
        gradients = {"input": slopes(softmax, rest, steep) * up[:, None]}
        if target.ndim == 2:
            gradients["target"] = (1.0 - label_smoothing) * focused * up[:, None]
        return gradients

    return Units(value, pullback)


def _missing(parts: LogSumExp) -> Doubled:
    """1 - softmax, so near that a power of it may multiply the error: Σ of the other exponentials over Σ of all."""
    total = two_sum(np.ones_like(parts.others), parts.others).column
    others = total - parts.exponentials
    rows = np.arange(len(parts.at))
    others.high[rows, parts.at], others.low[rows, parts.at] = parts.others, 0.0
    return others / total


def _of_weighed(input: Array, target: Array, gamma: float, alpha: Array) -> Array:
    """The loss with p of a cross-entropy that alpha has multiplied."""
    label = target.astype(np.intp)
    crossed = alpha[label] * nlls(logsumexp(input, keep_below=True))[np.arange(len(input)), label]
    return np.asarray((-np.expm1(-crossed)) ** gamma * crossed)


LOSS = define(
    softmax_focal,
    kind="classification",
    unit="nats",
    conventions=(
        Convention("torch", "Lin et al., equations 4 and 5, with a softmax; PyTorch has no such loss"),
        keras("CategoricalFocalCrossentropy(from_logits=True)", balance=0.25, clip=1e-7),
    ),
    relations=(
        equals(
            "SoftmaxFocal(gamma=0) = CrossEntropy(weight=alpha)",
            "cross_entropy",
            weight="alpha",
            label_smoothing="label_smoothing",
            when="gamma == 0",
            condition="gamma = 0, sample by sample",
        ),
    ),
    lines=(
        *SOFTMAX,
        "missing = -expm1(log_softmax), if clip == 0",
        "missing = min(max(-expm1(log_softmax), clip), 1 - clip), if clip > 0",
        "log_p = log_softmax, if clip == 0",
        "log_p = where(missing < 0.5, log1p(-missing), log(min(max(softmax, clip), 1 - clip))), if clip > 0",
        "truth = distribution(target, input), if label_smoothing == 0",
        *TRUTH[1:],
        "loss = -sum(balance * truth * missing ** gamma * log_p), if alpha is None",
        "loss = -sum(truth * alpha * missing ** gamma * log_p), if alpha is not None",
    ),
    textbook=(
        TEXTBOOK,
        "p = exp(log_softmax[target])",
        "loss = -balance * (1 - p) ** gamma * log(p), if alpha is None",
        "loss = -alpha[target] * (1 - p) ** gamma * log(p), if alpha is not None",
    ),
    mistakes=(
        mistake(
            "p_t_of_weighed",
            "p was taken as exp(-loss) of a cross-entropy that alpha had multiplied already",
            "take p from the plain cross-entropy",
            _of_weighed,
            given="ndim(target) == 1 and alpha is not None and label_smoothing == 0",
        ),
    ),
    example=("[[2.0,0.5,-1.0]]", "[0]"),
)
