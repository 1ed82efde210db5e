"""Arrays smaller than what they belong to: laid over it, and their gradients added up again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from losscli.numerics.exact import group_totals, rounded
from losscli.schema.data import Data, Held
from losscli.schema.loss import Array

Shape = tuple[int, ...]


def laid_over(data: Data, aligned: Shape, shape: Shape) -> Data:
    """The data over all of a shape; `aligned` is their own with an axis, of length 1 or in full, for each of it."""
    whole = data.array().reshape(aligned)

    def place(at: int) -> str:
        return data.place(int(np.broadcast_to(np.arange(data.size).reshape(aligned), shape).flat[at]))

    return Data(
        data.source, data.dtype, Held(np.broadcast_to(whole, shape)), place, words=data.words, decimal=data.decimal
    )


def broadcast(given: Shape, shape: Shape) -> Shape | None:
    """The given shape aligned as NumPy and PyTorch do, by the last axes; None if it does not broadcast to `shape`."""
    aligned = (1,) * (len(shape) - len(given)) + given
    fits = len(aligned) == len(shape) and all(own in (1, full) for own, full in zip(aligned, shape, strict=True))
    return aligned if fits else None


def by_first_axes(given: Shape, shape: Shape) -> Shape | None:
    """The given shape aligned by the first axes: an entry a sample, or a time step, holds for all that is below it."""
    while len(given) > len(shape) and given[-1] == 1:
        given = given[:-1]
    if given and given == shape[: len(given)]:
        return given + (1,) * (len(shape) - len(given))
    return None


def as_documented(spreads: str, given: Shape, shape: Shape) -> Shape | None:
    """The given shape aligned as a role says that it may be smaller than `shape`, or None."""
    if spreads in ("axis", "variance") and len(given) == len(shape):
        different = [own for own, full in zip(given, shape, strict=True) if own != full]
        return given if different == [1] else None
    if spreads == "variance":
        if given in ((), (1,)):
            return (1,) * len(shape)
        return (*given, 1) if given == shape[:-1] else None
    return None


def common_shape(shapes: Sequence[Shape]) -> Shape | None:
    """The shape that all of them broadcast to, None if there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def summed_to(gradient: Array, aligned: Shape, given: Shape) -> Array:
    """The gradient with respect to an array before it was laid over more: exact sums, each rounded once."""
    size = int(np.prod(given))
    codes = np.broadcast_to(np.arange(size).reshape(aligned), gradient.shape).reshape(-1)
    sums = [rounded(total) for total in group_totals(np.ascontiguousarray(gradient).reshape(-1), codes, size)]
    return np.array(sums, dtype=np.float64).reshape(given)
