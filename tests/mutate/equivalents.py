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
    "exact._total_of_pairs: constant: 0 -> 1": "a unit of 2**-2148, far below the bound that stands beside it",
    "logsumexp._on_one_grid: dropped factor: 2.0 ** 1000 -> 2.0": "rows that fail it take the longer way to the same",
    "layout.put: constant: 1 -> 2": "NumPy works out any negative length",
    "layout.put: constant: 1 -> 2 #5": "NumPy works out any negative length",
    "focal.pullback: dropped factor: 0.0 * focus -> 0.0": "an array of zeros, or one that broadcasts",
    "squared_hinge.pullback: inverse: -2.0 * target -> -2.0 / target": "the target is -1 or 1, its own inverse",
}
