"""A user-defined distance, where the choices of an option are words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Measure = Callable[[Array, Array], "tuple[Array, Callable[[], tuple[Array, Array]]]"]


class OwnDistance(str):
    """What the user wrote, `FILE.py:FUNCTION`, and what it measures.

    `measure` takes two arrays of vectors, a row each, and gives the distances of the rows and what gives their
    derivatives by either array. It is a str because the option's value is a word wherever it is shown or compared.
    """

    measure: Measure

    def __new__(cls, word: str, measure: Measure) -> OwnDistance:
        own = super().__new__(cls, word)
        own.measure = measure
        return own
