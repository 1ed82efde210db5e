"""What values may be. A domain has three faces: it checks, it speaks, it draws test inputs."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from losscli.schema.data import Elements
from losscli.schema.records import record

SCORE, CHANCE, LOG = "score", "probability", "log-probability"
_LARGEST = float(np.finfo(np.float64).max)


@record
class Domain:
    """The numbers from `low` to `high`, both included unless open; only whole ones, or only some, if it says so.

    An `index` counts classes from 0, so that its highest is known from the scores. With `choices` it is a word instead,
    and where it says `own_distance` also a user-defined distance.
    `meaning` says what the numbers are, where that can be seen in them: a score, a probability or the logarithm of one.
    What is less than `suspect_below` is allowed, and warned of.
    `words` finishes the sentence "must be …", and `cure` says what to do about what is not. `typical` are the bounds
    between which tests draw most of their values; `edges` are drawn as they are, now and then.
    """

    words: str
    cure: str = ""
    low: float = -_LARGEST
    high: float = _LARGEST
    low_open: bool = False
    whole: bool = False
    only: tuple[float, ...] = ()
    index: bool = False
    choices: tuple[str, ...] = ()
    own_distance: bool = False
    meaning: str = ""
    suspect_below: float = -inf
    typical: tuple[float, float] = (-3.0, 3.0)
    edges: tuple[float, ...] = ()

    def fits(self, values: Elements) -> bool:
        """Whether all values lie in the domain: one pass or two without a temporary, since data are mostly right."""
        if not values.size:
            return True
        inside: bool = values.max().item() <= self.high  # NaN comes through, and fails every comparison
        if inside and self.low > -inf:
            least = values.min().item()
            inside = self.low < least if self.low_open else self.low <= least
        return inside and (not (self.whole or self.only) or bool(self.holds(values).all()))

    def holds(self, values: Elements) -> NDArray[np.bool_]:
        """Which of the values lie in the domain."""
        low, high = np.float64(self.low), np.float64(self.high)  # Python's would be cast to the type of the values
        above = values > low if self.low_open else values >= low
        inside: NDArray[np.bool_] = above & (values <= high)
        if self.whole:
            with np.errstate(invalid="ignore"):
                inside &= np.trunc(values) == values
        if self.only:
            inside &= np.isin(values, self.only)
        return inside

    def without_infinities(self, values: Elements) -> Elements:
        """The values with NaN for an infinity that the domain neither has nor comes near."""
        nowhere = (np.isposinf(values) & (self.high < _LARGEST)) | (np.isneginf(values) & (self.low > -_LARGEST))
        if self.only:
            nowhere |= np.isinf(values)
        return np.where(nowhere, np.nan, values) if nowhere.any() else values

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Elements:
        """Values inside the domain: mostly typical ones, sometimes an edge."""
        if self.only or self.choices:
            return rng.choice(self.only or self.choices, shape)
        values = rng.uniform(*self.typical, shape)
        if self.whole:
            values = np.rint(values)
        if self.edges:
            values = np.where(rng.random(shape) < 0.15, rng.choice(self.edges, shape), values)
        return values


REAL = Domain("a finite number", edges=(0.0, 1.0, -1e-12, 1e12))
SCORES = replace(REAL, meaning=SCORE)
EXTENDED = Domain("a number or an infinity", low=-inf, high=inf, meaning=SCORE, edges=(0.0, 40.0, -700.0))
LOG_PROBABILITY = replace(EXTENDED, words="a log-probability (a number or an infinity)", meaning=LOG)
PROBABILITY = Domain("from 0 to 1", low=0.0, high=1.0, meaning=CHANCE, typical=(0.0, 1.0), edges=(0.0, 1.0, 1e-9))
POSITIVE = Domain("greater than 0", low=0.0, low_open=True, typical=(0.1, 3.0))
POSITIVE_OR_INFINITE = Domain("greater than 0", low=0.0, high=inf, low_open=True, typical=(0.1, 3.0))
NONNEGATIVE = Domain("0 or greater", low=0.0, typical=(0.0, 3.0), edges=(0.0,))
WEIGHT = Domain("a finite number", suspect_below=0.0, typical=(0.0, 3.0), edges=(0.0,))
AT_LEAST_ONE = Domain("1 or greater", low=1.0, high=inf, typical=(1.0, 4.0), edges=(1.0, 2.0, inf))
COSINE = Domain("from -1 to 1", low=-1.0, high=1.0, typical=(-1.0, 1.0))
WHOLE = Domain("a whole number", whole=True, typical=(-3, 3))
SIGN = Domain("-1 or 1", "turn labels of 0 and 1 into these: 2·label - 1", only=(-1.0, 1.0))
LABEL = Domain("a class index", low=0.0, whole=True, index=True, typical=(0, 2))
LABELS_THEN_END = Domain("a class index (-1 ends them)", low=-1.0, whole=True, index=True, typical=(-1, 2))
COUNT = Domain("a whole number, 0 or greater", low=0.0, whole=True, typical=(0, 3))
TRUTH = Domain("true or false", only=(0.0, 1.0))


def one_of(*words: str, own_distance: bool = False) -> Domain:
    """A choice between words, or a user-defined function that measures distances."""
    named = f"{', '.join(words[:-1])} or {words[-1]}"
    return Domain(f"{named}, or FILE.py:FUNCTION" if own_distance else named, choices=words, own_distance=own_distance)
