"""What it takes to find the mistake behind a wrong claim, over one computation of the same loss."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import losscli
from tests.bench.measure import Row, times_as_long


def rows(*, samples: int, classes: int, runs: int) -> Iterator[Row]:
    """Claims about float64 scores: one that no mistake makes, so that all are tried, and one that a common one does."""
    random = np.random.default_rng(0)
    scores, labels = random.normal(size=(samples, classes)), random.integers(0, classes, samples)
    bits = f"{losscli.compute('cross_entropy', scores, labels).value / np.log(2.0):.8g}"
    for what, claim in (("unexplained", "1.2345678"), ("in bits", bits)):
        yield times_as_long(
            f"diagnosis of a claim, {what}, {samples} × {classes} / compute",
            lambda: losscli.verify("cross_entropy", scores, labels, claim=claim),  # noqa: B023
            lambda: losscli.compute("cross_entropy", scores, labels),
            20.0,
            runs=runs,
            warm=2,
        )
