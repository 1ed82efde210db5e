"""The triplet margin loss with a distance of choice."""

from __future__ import annotations

from collections.abc import Callable

from mpmath import mp, mpf

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number
from tests.references._reasons import GRADIENT, PROJECTION

Vector = list[Number]
Distance = Callable[[Vector, Vector], Number]
ROLES = ("anchor", "positive", "negative")


def differences(one: Vector, other: Vector) -> Vector:
    return [abs(a - b) for a, b in zip(one, other, strict=True)]


def cosine_distance(one: Vector, other: Vector) -> Number:
    return 1 - mp.fdot(one, other) / mp.sqrt(mp.fdot(one, one) * mp.fdot(other, other))


DISTANCES: dict[str, Distance] = {
    "euclidean": lambda one, other: mp.sqrt(mp.fsum(entry**2 for entry in differences(one, other))),
    "manhattan": lambda one, other: mp.fsum(differences(one, other)),
    "chebyshev": lambda one, other: max(differences(one, other)),
    "cosine": cosine_distance,
}


def triplet(
    anchor: Vector, positive: Vector, negative: Vector, distance_function: str, margin: Number, swap: bool = False
) -> Number:
    distance = DISTANCES[distance_function]
    far = distance(anchor, negative)
    if swap:
        far = min(far, distance(positive, negative))
    return max(mpf(0), distance(anchor, positive) - far + margin)


def of_slopes(**_: object) -> Number:
    """Slopes are differences of entries of unit vectors."""
    return mpf(1)


def of_turns(anchor: Vector, positive: Vector, negative: Vector, **_: object) -> Number:
    """Those of a cosine fall with the length of the vector."""
    return 1 / min(mp.sqrt(mp.fdot(vector, vector)) for vector in (anchor, positive, negative))


FORMS = (
    *(
        per_unit(
            triplet,
            inputs.TRIPLETS,
            name,
            torch={"distance_function": name} if name != "euclidean" else None,  # PyTorch's has an eps none can change
            distance_function=name,
            margin=1.0,
        )
        for name in DISTANCES
    ),
)
ABOVE_LIMIT = {
    GRADIENT: "of the anchor, a difference of two rounded slopes: good to some ulp of them, and no number where those "
    f"of subnormal vectors overflow; of cosine, {PROJECTION}"
}
