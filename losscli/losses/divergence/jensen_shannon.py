"""The Jensen-Shannon divergence."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.numerics.double_double import Doubled, doubled, log, row_sums, two_sum
from losscli.schema.define import define, equals
from losscli.schema.domains import PROBABILITY
from losscli.schema.loss import Array, Role, Units

_NEAR = 0.125  # of (p - q) / (p + q): up to here the series below, then logarithms of twice the precision
_SERIES = tuple(1.0 / (k * (2 * k - 1)) for k in range(1, 11))  # x² ≤ 2⁻⁶, so that x²⁰ is below the rounding


def jensen_shannon(
    input: Annotated[Array, Role("u c", PROBABILITY, "a distribution over the classes")],
    target: Annotated[Array, Role("u c", PROBABILITY, "the distribution to compare it with")],
) -> Units:
    """How far two distributions lie from the middle between them: 0 if they are one, log 2 if they share nothing.

    Use: comparing distributions when neither is the truth, or when one may be 0 where the other is not.
    Formula: KL(input ‖ m) / 2 + KL(target ‖ m) / 2 with m = (input + target) / 2, in nats:
    Σ_c p log(p/m) / 2 + q log(q/m) / 2, p = input, q = target; 0 · log 0 is 0.
    Inputs: two arrays of one shape, classes on axis 1 (0 of a single pair); rows should sum to 1, and are taken as they
    are.
    Gradient: log(p/m) / 2 with respect to the input, log(q/m) / 2 with respect to the target; 0 where both are 0.
    Accuracy: 4 ulp, of nearly equal rows too: a class adds a term that is never negative.
    Relations: half the two kl_div to the middle.
    Pitfalls: the Jensen-Shannon distance is its square root, and that is what scipy.spatial.distance.jensenshannon
    gives, after dividing each row by its sum;
    in bits it is 1 / log 2 times as large, at most 1;
    it is symmetric, unlike kl_div, and takes probabilities, not their logarithms.
    Source: J. Lin, IEEE Trans. Inf. Theory 37 (1991). PyTorch, Keras and optax have none.
    """
    whole = input + target
    apart = np.divide(input - target, whole, out=np.zeros_like(whole), where=whole > 0.0)
    terms = 0.25 * (input - target) * apart * _over_square(apart * apart)  # near the middle
    far = np.abs(apart) > _NEAR
    terms[far] = _from_logarithms(input[far], target[far])

    def pullback(up: Array) -> dict[str, Array]:
        half = 0.5 * up[:, None]
        return {"input": _log1p(apart, input, whole) * half, "target": _log1p(-apart, target, whole) * half}

    return Units(row_sums(doubled(terms)).high, pullback)


def _over_square(square: Array) -> Array:
    """((1+x) log(1+x) + (1-x) log(1-x)) / x² by its series in x², which does not cancel: p = m (1+x), q = m (1-x)."""
    series = np.zeros_like(square)
    for coefficient in reversed(_SERIES):
        series = series * square + coefficient
    return series


def _from_logarithms(p: Array, q: Array) -> Array:
    """(p log(p/m) + q log(q/m)) / 2, scaled by a power of two first: of tiny numbers the low parts would be lost."""
    _, exponent = np.frexp(p + q)
    scale = np.ldexp(1.0, exponent)
    p, q = p / scale, q / scale
    middle = two_sum(0.5 * p, 0.5 * q)
    log_middle = log(middle.high) + middle.low / middle.high
    total = _times_log(p, log_middle) + _times_log(q, log_middle)
    return 0.5 * total.high * scale


def _times_log(p: Array, log_middle: Doubled) -> Doubled:
    """p (log p - log middle), 0 where p is."""
    nonzero = np.where(p > 0.0, p, 1.0)
    return (log(nonzero) - log_middle) * p


def _log1p(apart: Array, part: Array, whole: Array) -> Array:
    """log(part / m) = log(1 + apart), by the quotient where 1 + apart would cancel, or lie far from 1."""
    quotient = np.divide(2.0 * part, whole, out=np.ones_like(whole), where=whole > 0.0)
    tiny = quotient < 1e-290  # nearly subnormal, with fewer digits; two logarithms so far apart do not cancel
    logarithm = np.log(np.where(tiny, part, quotient)) - np.where(tiny, np.log(0.5 * whole), 0.0)
    return np.where(np.abs(apart) < 0.5, np.log1p(np.maximum(apart, -0.5)), logarithm)


def _kinks(input: Array, target: Array) -> NDArray[np.bool_]:
    """Where a class is impossible in both distributions: the term is |p - q| times a function of their ratio."""
    kinks: NDArray[np.bool_] = ((input == 0.0) & (target == 0.0)).any(axis=1)
    return kinks


def _as_kl_div(input: Array, target: Array) -> dict[str, Any]:
    with np.errstate(divide="ignore"):
        middle = np.log((input + target) / 2.0)
    return {"input": np.concatenate([middle, middle]), "target": np.concatenate([input, target])}


LOSS = define(
    jensen_shannon,
    kind="divergence",
    unit="nats",
    aliases=("JensenShannonDivergence", "js_div"),
    relations=(
        equals(
            "JensenShannon(p, q) = (KLDiv(log m, p) + KLDiv(log m, q)) / 2 with m = (p + q) / 2, all as sums",
            "kl_div",
            _as_kl_div,
            times=0.5,
            reduced=("sum", "sum"),
        ),
    ),
    kinks=_kinks,
    lines=(
        "middle = (input + target) / 2",
        "to_input = sum(xlogy(input, input / middle))",
        "to_target = sum(xlogy(target, target / middle))",
        "loss = (to_input + to_target) / 2",
    ),
    example=("[[0.5,0.5],[1,0]]", "[[0.25,0.75],[0,1]]"),
)
