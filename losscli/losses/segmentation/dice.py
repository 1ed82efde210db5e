"""The Dice loss."""

from __future__ import annotations

from typing import Annotated

from losscli.losses._frameworks import exact, keras
from losscli.losses.segmentation._overlap import overlap_loss
from losscli.schema.define import define, equals
from losscli.schema.domains import NONNEGATIVE, PROBABILITY
from losscli.schema.loss import Array, Constant, Option, Role, Units


def dice(
    input: Annotated[Array, Role("...", PROBABILITY, "the probability that a pixel belongs to it")],
    target: Annotated[Array, Role("...", PROBABILITY, "1 for a pixel that does, else 0, or a probability")],
    *,
    smooth: Annotated[float, Option(NONNEGATIVE, "added above and below, so that empty masks agree")] = 0.0,
    eps: Annotated[float, Constant("added below alone")] = 0.0,
) -> Units:
    """How little two masks overlap: 0 if they are one, 1 if they share nothing.

    Use: segmentation where what is sought is small: the many pixels of the background, rightly left out, do not count.
    Formula: 1 - (2 Σ pt + smooth) / (Σ p + Σ t + smooth), p = input, t = target, over all pixels of all pictures.
    Inputs: two arrays of one shape, any rank; one number for the whole batch, so every reduction gives the same.
    Gradient: (ratio - 2t) / (Σ p + Σ t + smooth), where ratio is the quotient of the formula; the same with p and t
    exchanged for the target.
    Accuracy: the loss is good to 4 ulp, also where the masks all but agree. A slope is a difference, good to some ulp
    of its two terms; products of two probabilities under 1e-154 underflow.
    Relations: tversky with alpha = beta = 1/2 and half the smooth. Of 0 and 1 it is 1 - F₁.
    Pitfalls: the mean of the losses of single pictures is another number than the loss of all pixels together;
    V-Net's own formula has squares below, Σ p² + Σ t²;
    smooth moves small masks most: 1 is usual and 0 is too, so say which;
    scores need a sigmoid before, and several classes are as many calls;
    Keras adds 1e-7 below alone, so that two empty masks give 1, the worst there is, and not 0;
    optax takes scores, and adds smooth = 1 after dividing above and below by 2, for each picture and class.
    Source: F. Milletari, N. Navab, S.-A. Ahmadi, 3DV 2016, without the squares, as keras.losses.Dice. PyTorch has none.
    """
    return overlap_loss(input, target, 0.5, 0.5, smooth / 2.0, eps / 2.0)


LOSS = define(
    dice,
    kind="segmentation",
    aliases=("DiceLoss",),
    conventions=(
        exact("nothing but smooth", eps=0.0),
        keras("Dice", "dice", does="axis=None; backend.epsilon() is 1e-7", smooth=0.0, eps=1e-7),
    ),
    relations=(
        equals(
            "Dice(smooth) = Tversky(alpha=1/2, beta=1/2, smooth/2)", "tversky", alpha=0.5, beta=0.5, smooth="smooth / 2"
        ),
    ),
    lines=(
        "common = sum(input * target)",
        "above = 2 * common + smooth",
        "below = sum(input) + sum(target) + smooth + eps",
        "loss = 1 - above / below, if below > 0",
        "loss = 0, if below == 0",
    ),
    example=("[[0.9,0.8],[0.2,0.1]]", "[[1,1],[1,0]]"),
    units="",
)
