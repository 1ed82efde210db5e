"""Mistakes, made: wrong numbers from plain NumPy, which shares nothing with the hypotheses that must find them.

A builder draws data and returns a `Made`; each is registered under the mistake that the first explanation must name.
"""

from tests.verify.mistaken import (
    activated,
    adjusted,
    declared,
    formulas,
    grouped,
    laid_out,
    measured,
    paired,
    rarer,
    reduced,
    smoothed,
    untrue,
    viewed,
    weighed,
)
from tests.verify.mistaken.making import MISTAKES, Builder, Made

__all__ = [
    "MISTAKES",
    "Builder",
    "Made",
    "activated",
    "adjusted",
    "declared",
    "formulas",
    "grouped",
    "laid_out",
    "measured",
    "paired",
    "rarer",
    "reduced",
    "smoothed",
    "untrue",
    "viewed",
    "weighed",
]
