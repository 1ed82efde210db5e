"""Changes that mean the same: the id that `python -m tests.mutate` prints, and why no test can notice."""

from __future__ import annotations

_COMMUTES = "the operation is symmetric"
_SAME_TWICE = "both arguments are the same"

EQUIVALENTS: dict[str, str] = {
    "tally.weighted_total: swapped: total_of_products(weight, np.where(weight == 0.0, 0.0, values), exactly=exactly)"
    " -> total_of_products(np.where(weight == 0.0, 0.0, values), weight, exactly=exactly)": _COMMUTES,
    "tally.weighted_total: constant: 0.0 -> 1.0 #2": "the weight is 0 there, and so is the product",
    "tally.spread_of: swapped: total_of_products(losses, losses, exactly=True)"
    " -> total_of_products(losses, losses, exactly=True)": _SAME_TWICE,
    "tally.spread_of: swapped: total_of_products(divisors, divisors, exactly=True)"
    " -> total_of_products(divisors, divisors, exactly=True)": _SAME_TWICE,
    "tally.spread_of: swapped: total_of_products(losses, divisors, exactly=True)"
    " -> total_of_products(divisors, losses, exactly=True)": _COMMUTES,
    "tally.worst_of: condition: not keep or not len(values) -> not keep and (not len(values))": "the way round only"
    " saves time: none are kept, or there are none",
    "tally.worst_of: comparison: len(values) > keep -> len(values) >= keep": "of as many as are kept all are chosen",
    "tally._worst_first: constant: 0.0 -> 1.0": "it stands in for every NaN alike",
    "l1._kinks: swapped: np.equal(input, target) -> np.equal(target, input)": _COMMUTES,
    "focal.pullback: dropped factor: 0.0 * focus -> 0.0": "an array of zeros, or one that broadcasts",
}
