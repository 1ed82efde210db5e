"""From tallies to the numbers of a report, each rounded once."""

from __future__ import annotations

from fractions import Fraction
from math import nan

from losscli.engine.bind import Bound
from losscli.engine.evaluate import batch_size
from losscli.engine.tally import Tally
from losscli.numerics.exact import Total, rounded, rounded_sqrt
from losscli.schema.records import record


@record
class Reduced:
    """A loss over all its units, in numbers. `standard_error` is that of the mean, None if it was not asked for."""

    sum: float
    mean: float
    standard_error: float | None
    count: int
    ignored: int
    denominator: float
    batchmean: float
    groups: tuple[GroupMean, ...]


@record
class GroupMean:
    """The mean over one group of units."""

    key: float
    count: int
    mean: float


def reduce(bound: Bound, tally: Tally) -> Reduced:
    """All reductions of a tally, correctly rounded from the per-sample losses."""
    return Reduced(
        sum=_nearest(tally.numerator, bound.row),
        mean=_nearest(tally.mean_numerator, tally.denominator.times(bound.row)),
        standard_error=None if tally.spread is None else standard_error(tally, bound.row),
        count=tally.count,
        ignored=tally.ignored,
        denominator=_nearest(tally.denominator),
        batchmean=_nearest(tally.numerator, bound.row * batch_size(bound)),
        groups=tuple(
            GroupMean(key, group.count, _nearest(group.numerator, group.denominator))
            for key, group in sorted(tally.groups.items())
        ),
    )


def standard_error(tally: Tally, row: int) -> float:
    """The standard error of the mean Σl / Σd over n units, taken as a sample of many.

    The sums are of elements, of which every unit's loss is the mean of a `row`.
    √(n/(n-1) Σ(l - mean · d)²) / Σd, the ratio estimator's; with d = 1 it is s / √n. NaN for fewer than two units.
    Squared deviations are expanded, which would cancel in floats and does not in fractions.
    Source: W. G. Cochran, Sampling Techniques (1977), section 6.3.
    """
    spread = tally.spread
    if spread is None or tally.count < 2 or tally.numerator.limit != 0.0 or not tally.denominator.certain:
        return nan
    below = tally.denominator.exact()
    mean = tally.mean_numerator.exact() / (below * row)
    squares = spread.losses.exact() - 2 * mean * spread.products.exact() + mean * mean * spread.denominators.exact()
    return rounded_sqrt(Fraction(tally.count, tally.count - 1) * max(squares, Fraction(0)) / (below * below))


def _nearest(numerator: Total, denominator: Total | int = 1) -> float:
    quotient = rounded(numerator, denominator)
    if quotient is None:
        raise ValueError("a sum's last bit is open; evaluate closes it")
    return quotient
