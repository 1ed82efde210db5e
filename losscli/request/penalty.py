"""A loss with a penalty on a model's parameters: the objective that training minimises."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf, isfinite

import numpy as np

from losscli.engine.layout import CHUNK
from losscli.numerics.exact import NOTHING, total, total_of_products
from losscli.reading.opener import Source
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_named
from losscli.schema.data import Data, Elements
from losscli.schema.domains import REAL
from losscli.schema.faults import DataFault, LossError, UsageFault, raise_all
from losscli.schema.loss import Array
from losscli.schema.penalty import Penalty
from losscli.schema.records import record
from losscli.schema.settings import check, spelled

_WHOLE_SQUARES = ("keras",)  # conventions: keras.regularizers.L2 is l2 · Σ w², everyone else's half of that
_BIAS = "bias"
_SHOWN = 6  # first entries of a gradient, which may have millions


@record
class Penalised:
    """What one array adds, its shape, and the first entries of the penalty's gradient in it."""

    name: str
    l1: float
    l2: float
    shape: tuple[int, ...]
    slopes: tuple[float, ...]


@record
class Objective:
    """The loss, what the penalty adds to it by kind and by array, their sum, and the penalty's gradients or None."""

    loss: float
    l1: float
    l2: float
    penalty: float
    objective: float
    arrays: tuple[Penalised, ...]
    gradients: Mapping[str, Array] | None


def penalty_from(
    l1: float | None, l2: float | None, source: Source | None, penalize_bias: bool, reading: ReadOptions
) -> Penalty | None:
    """The penalty that a request asks for, on the arrays of a source; None if it asks for none."""
    _check(l1, l2, penalize_bias, named=source is not None)
    return penalty_of(l1, l2, None if source is None else read_named(source, reading), penalize_bias)


def penalty_of(
    l1: float | None, l2: float | None, params: Mapping[str, Data] | None, penalize_bias: bool
) -> Penalty | None:
    """The penalty on arrays in memory, by their names."""
    _check(l1, l2, penalize_bias, named=params is not None)
    if params is None:
        return None
    taken = {name: data for name, data in params.items() if penalize_bias or _BIAS not in name.lower()}
    raise_all([fault for name, data in params.items() if (fault := _fault(name, data)) is not None])
    left_out = {name: data for name, data in params.items() if name not in taken}
    return Penalty(float(l1 or 0.0), float(l2 or 0.0), taken, left_out)


def _check(l1: float | None, l2: float | None, penalize_bias: bool, *, named: bool) -> None:
    """Refuses what makes no penalty, whatever the arrays hold."""
    strengths = {name: strength for name, strength in (("l1", l1), ("l2", l2)) if strength is not None}
    for name, strength in strengths.items():
        check(name, strength)
    if strengths and not named:
        raise UsageFault(
            f"{' and '.join(map(spelled, strengths))} without {spelled('params')}",
            f"name a model's arrays: {spelled('params', 'model.npz')}",
        )
    if named and not strengths:
        raise UsageFault(
            f"{spelled('params')} without {spelled('l1')} or {spelled('l2')}",
            f"say how strongly they are penalised: {spelled('l2', 0.01)}",
        )
    if penalize_bias and not strengths:
        fact = f"{spelled('penalize_bias')} without a penalty"
        raise UsageFault(fact, f"say how strong it is: {spelled('l2', 0.01)} and {spelled('params', 'model.npz')}")


def counts_half(convention: str) -> bool:
    """Whether squares count half in a convention."""
    return convention not in _WHOLE_SQUARES


def objective_of(penalty: Penalty, loss: float, *, gradients: bool) -> Objective:
    """The objective of a reduced loss. Sums over parameters are exact, and every number is rounded once."""
    l2 = Fraction(penalty.l2) * (Fraction(1, 2) if penalty.half else 1)
    exact = {name: _exact(data, Fraction(penalty.l1), l2) for name, data in penalty.arrays.items()}
    both = sum((sum(parts, Fraction(0)) for parts in exact.values()), Fraction(0))
    arrays = penalty.arrays if gradients else {}
    slopes_by_name = {name: slopes(penalty, data, data.size).reshape(data.shape) for name, data in arrays.items()}
    return Objective(
        loss=loss,
        l1=_nearest(sum((parts[0] for parts in exact.values()), Fraction(0))),
        l2=_nearest(sum((parts[1] for parts in exact.values()), Fraction(0))),
        penalty=_nearest(both),
        objective=_nearest(Fraction(loss) + both) if isfinite(loss) else loss,
        arrays=tuple(_penalised(penalty, name, *map(_nearest, parts)) for name, parts in exact.items()),
        gradients=slopes_by_name if gradients else None,
    )


def _penalised(penalty: Penalty, name: str, l1: float, l2: float) -> Penalised:
    data = penalty.arrays[name]
    return Penalised(name, l1, l2, data.shape, tuple(slopes(penalty, data, min(data.size, _SHOWN)).tolist()))


def slopes(penalty: Penalty, data: Data, count: int) -> Array:
    """The first entries of the penalty's gradient, l1 sign(w) + decay w; at 0 the subgradient 0, as in PyTorch."""
    values = _floats(data.store.flat(0, count))
    return np.asarray(penalty.l1 * np.sign(values) + penalty.decay * values)


def _fault(name: str, data: Data) -> LossError | None:
    """What keeps an array from being a model's parameters."""
    if data.words:
        return DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "parameters are numbers")
    for start in range(0, data.size, CHUNK):
        values = data.store.flat(start, start + CHUNK)
        if values.dtype.kind not in "biuf":
            return DataFault(f"{name} holds {data.dtype}", "save it as float64, float32, float16, integers or bool")
        if not REAL.fits(values):
            at = int(np.flatnonzero(~REAL.holds(values))[0])
            return DataFault(f"{data.place(start + at)}: {name} is {float(values[at])}, and must be {REAL.words}")
    return None


def _exact(data: Data, l1: Fraction, l2: Fraction) -> tuple[Fraction, Fraction]:
    """l1 Σ|w| and l2 Σw² of one array."""
    sizes = squares = NOTHING
    for start in range(0, data.size, CHUNK):
        values = _floats(data.store.flat(start, min(start + CHUNK, data.size)))
        sizes += total(np.abs(values), exactly=True)
        squares += total_of_products(values, values, exactly=True)
    return l1 * sizes.exact(), l2 * squares.exact()


def _floats(values: Elements) -> Array:
    return values.astype(np.float64)


def _nearest(number: Fraction) -> float:
    try:
        return number.numerator / number.denominator
    except OverflowError:
        return inf if number > 0 else -inf
