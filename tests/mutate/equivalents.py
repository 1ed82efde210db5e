"""Changes that mean the same: the id that `python -m tests.mutate` prints, and why no test can notice."""

from __future__ import annotations

EQUIVALENTS: dict[str, str] = {
    "tally.weighted_total: constant: 0.0 -> 1.0 #2": "the weight is 0 there, and so is the product",
    "tally.worst_of: condition: not keep or not len(values) -> not keep and (not len(values))": "the way round only"
    " saves time: none are kept, or there are none",
    "tally.worst_of: comparison: len(values) > keep -> len(values) >= keep": "of as many as are kept all are chosen",
    "tally._worst_first: constant: 0.0 -> 1.0": "it stands in for every NaN alike",
    "exact.group_totals: comparison: np.abs(values) >= 2.0 ** _HUGE -> np.abs(values) > 2.0 ** _HUGE": "2**1000 itself"
    " is exact either way: sums of as many as memory holds do not overflow",
    "exact._with_plain_sum: constant: 1 -> 0": "a bound a little wider: where it decides, the sum is done exactly",
    "comparison._of_its_size_alone: condition: np.abs(ours) if single else nothing"
    " -> nothing if single else np.abs(ours)": "a shortcut: what it does not let pass the whole rule decides alike",
    "focal.pullback: dropped factor: 0.0 * focus -> 0.0": "an array of zeros, or one that broadcasts",
    "squared_hinge.pullback: inverse: -2.0 * target -> -2.0 / target": "the target is -1 or 1, its own inverse",
}
