"""What dice and tversky share: two masks, what they have in common, and what only one of them has."""

from __future__ import annotations

import numpy as np

from losscli.numerics.double_double import Doubled, doubled, row_sums
from losscli.schema.loss import Array, Units

_NOTHING = "nothing is marked in either array: 0, the limit of a small smooth (Keras says 1)"


def overlap_loss(input: Array, target: Array, over: float, under: float, smooth: float, eps: float) -> Units:
    """(over Σ p(1-t) + under Σ t(1-p) + eps) / (Σ pt + the same + smooth), which is 1 - (Σ pt + smooth) / ….

    No term is negative, so nothing cancels where the masks agree, and sums of twice the precision do not depend on the
    order of the pixels. Where there is nothing at all the quotient has no value.
    """
    common = _sum(input * target) + smooth
    apart = _sum(input * (1.0 - target)) * over + _sum(target * (1.0 - input)) * under + eps
    whole = common + apart
    nothing = bool(np.any(whole.high == 0.0)) and input.size > 0  # of no pixels at all it is NaN, as a mean of nothing
    value = np.where(nothing, 0.0, (apart / whole).high)
    agreed = np.where(nothing, 0.0, (common / whole).high)

    def pullback(up: Array) -> dict[str, Array]:
        divisor = np.where(nothing, np.inf, whole.high)

        def slope(own: Array, other: Array, beyond: float, below: float) -> Array:
            """Of the quotient: what a pixel more adds to the part apart, and with it or without to the whole."""
            more = beyond * (1.0 - other) - below * other
            return (more * agreed - other * value) * up / divisor

        return {"input": slope(input, target, over, under), "target": slope(target, input, under, over)}

    return Units(value, pullback, (_NOTHING,) if nothing else ())


def _sum(values: Array) -> Doubled:
    return row_sums(doubled(values.reshape(1, -1)))
