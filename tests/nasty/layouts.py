"""The same numbers, otherwise in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _every_other(array: Array) -> Array:
    return np.asarray(np.repeat(array, 2, axis=-1)[..., ::2])


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran order": np.asfortranarray,
    "every other one of more": _every_other,
    "backwards": lambda array: np.asarray(np.ascontiguousarray(array[::-1])[::-1]),
    "bytes turned round": lambda array: array.astype(array.dtype.newbyteorder(">")),
}
