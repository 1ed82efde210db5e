"""The Cauchy loss: a file like those of losscli's own catalogue."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from losscli.schema.define import define
from losscli.schema.domains import POSITIVE, REAL
from losscli.schema.loss import Array, Option, Role, Units


def cauchy(
    input: Annotated[Array, Role("u", REAL, "what the model said")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
    *,
    scale: Annotated[float, Option(POSITIVE, "the error from which on more of it hardly counts")] = 1.0,
) -> Units:
    """Squared error near zero that grows only like a logarithm in the tails.

    Formula: scale² / 2 · log(1 + (e / scale)²), where e = input - target.
    Inputs: two arrays of one shape, any rank.
    Gradient: e / (1 + (e / scale)²), of the input; the target's is minus that.
    Source: M. J. Black and P. Anandan, CVIU 63 (1996), the Lorentzian.
    """
    error = input - target
    share = error / scale
    slope = error / (1.0 + share * share)
    value = 0.5 * scale * scale * np.log1p(share * share)
    return Units(value, pullback=lambda up: {"input": up * slope, "target": -up * slope})


LOSS = define(cauchy, aliases=("lorentzian",), example=("[1, 2, 30]", "[1, 2, 3]"))
