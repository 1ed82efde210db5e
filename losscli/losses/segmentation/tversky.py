"""The Tversky loss."""

from __future__ import annotations

from typing import Annotated

from losscli.losses._frameworks import exact, keras
from losscli.losses.segmentation._overlap import overlap_loss
from losscli.schema.define import define, equals
from losscli.schema.domains import NONNEGATIVE, PROBABILITY
from losscli.schema.loss import Array, Constant, LossMistake, Option, Role, Units


def tversky(
    input: Annotated[Array, Role("...", PROBABILITY, "the probability that a pixel belongs to it")],
    target: Annotated[Array, Role("...", PROBABILITY, "1 for a pixel that does, else 0, or a probability")],
    *,
    alpha: Annotated[float, Option(NONNEGATIVE, "weight of a false positive")] = 0.3,
    beta: Annotated[float, Option(NONNEGATIVE, "weight of a false negative")] = 0.7,
    smooth: Annotated[float, Option(NONNEGATIVE, "added above and below, so that empty masks agree")] = 0.0,
    eps: Annotated[float, Constant("added below alone")] = 0.0,
) -> Units:
    """How little two masks overlap, where missing a pixel may weigh more than marking one too many.

    Use: segmentation of lesions and other things that are small and must not be missed.
    Formula: 1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth) with TP = Σ pt, FP = Σ p(1-t), FN = Σ t(1-p),
    p = input, t = target, over all pixels of all pictures.
    Inputs: two arrays of one shape, any rank; one number for the whole batch, so every reduction gives the same.
    Gradient: ((alpha (1-t) - beta t) ratio - t loss) / below, where ratio is the quotient of the formula and below its
    divisor; with respect to the target ((beta (1-p) - alpha p) ratio - p loss) / below.
    Accuracy: the loss is good to 4 ulp, also where the masks all but agree. A slope is a difference, good to some ulp
    of its two terms; products of two probabilities under 1e-154 underflow.
    Relations: dice with alpha = beta = 1/2 and half the smooth; with alpha = beta = 1 it is 1 less the Jaccard index.
    Pitfalls: before Keras 3.16 its alpha weighed the pixels that were missed, and its beta those wrongly marked; both
    are 1/2 by default, so that it shows only if they differ;
    the mean of the losses of single pictures is another number than the loss of all pixels together;
    Keras adds 1e-7 below alone, so that two empty masks give 1, the worst there is, and not 0;
    scores need a sigmoid before, and several classes are as many calls; optax.losses.dice_loss with alpha and beta
    takes scores, and has smooth = 1, for each picture and class.
    Source: S. S. M. Salehi, D. Erdogmus, A. Gholipour, MLMI 2017, whose best were 0.3 and 0.7. PyTorch has none.
    """
    return overlap_loss(input, target, alpha, beta, smooth, eps)


def _exchanged(input: Array, target: Array, alpha: float, beta: float, smooth: float, eps: float) -> float:
    return overlap_loss(input, target, beta, alpha, smooth, eps).value.item()


LOSS = define(
    tversky,
    kind="segmentation",
    aliases=("TverskyLoss",),
    conventions=(
        exact("nothing but smooth", eps=0.0),
        keras(
            "Tversky",
            "tversky",
            does="that of Keras 3.16, axis=None; epsilon is 1e-7",
            alpha=0.5,
            beta=0.5,
            smooth=0.0,
            eps=1e-7,
        ),
    ),
    relations=(
        equals(
            "Tversky(alpha=1/2, beta=1/2, smooth) = Dice(2 · smooth)",
            "dice",
            smooth="2 * smooth",
            when="alpha == 0.5 and beta == 0.5",
        ),
    ),
    lines=(
        "TP = sum(input * target)",
        "FP = sum(input * (1 - target))",
        "FN = sum((1 - input) * target)",
        "below = TP + alpha * FP + beta * FN + smooth + eps",
        "loss = 1 - (TP + smooth) / below, if below > 0",
        "loss = 0, if below == 0",
    ),
    mistakes=(
        LossMistake(
            "alpha_on_missed",
            "alpha weighed the pixels that were missed, and beta those wrongly marked, as in Keras before 3.16",
            "exchange alpha and beta, or use Keras 3.16",
            _exchanged,
            tier="S",
            given=lambda alpha, beta: bool(alpha != beta),
        ),
    ),
    example=("[[0.9,0.8],[0.2,0.1]]", "[[1,1],[1,0]]", "--alpha", "0.3", "--beta", "0.7"),
    units="",
)
