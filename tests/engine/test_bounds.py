"""A clamp, an epsilon or a division by nearly nothing that makes most of the number is named with its sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.engine import layout

ZERO = "its truth was given the probability 0, whose logarithm is bounded at -100"
CASES: list[tuple[str, list[Any], dict[str, Any], str]] = [
    ("mape", [[1, 2, 3], [0, 2, 4]], {}, "sample 0 makes up 99.9 % of the sum: its target is 0, divided by 2.2e-16"),
    ("mape", [[1, 2, 3], [0, 2, 4]], {"convention": "keras"}, "its target is 0, divided by 1e-07"),
    (
        "mape",
        [[1, 2, 3], [1, 1e-9, 4]],
        {},
        "sample 1 makes up 99.9 % of the sum: its target is nearly 0, and divided by",
    ),
    ("mape", [[1], [0]], {}, "the only sample makes up 100 % of the sum|sample 0 makes up 100 % of the sum"),
    ("bce", [[0.4, 0.0, 0.6], [1, 1, 0]], {}, f"sample 1 makes up 98.2 % of the sum: {ZERO}"),
    (
        "bce",
        [[0.4, 0.0, 1.0], [1, 1, 0]],
        {},
        f"2 samples, of which sample 1 is the largest, make up 99.5 % of the sum: {ZERO}",
    ),
    ("bce", [[0.4, 0.0, 0.6], [1, 1, 0]], {"convention": "keras"}, "is raised to 1e-07"),
    ("bce", [[0.4, 1.0, 0.6], [1, 0, 0]], {"convention": "sklearn"}, "is raised to 2.2e-16"),
    ("focal", [[0.4, 0.0, 0.6], [1, 1, 0]], {}, ZERO),
    ("log_loss", [[[0, 1], [0.5, 0.5]], [0, 1]], {"convention": "sklearn"}, "is raised to 2.2e-16"),
    ("log_loss", [[[0, 1], [0.5, 0.5]], [[1, 0], [0, 1]]], {"convention": "keras"}, "is raised to 1e-07"),
    ("poisson_nll", [[0, 2], [3, 1]], {"log_input": False}, "its rate is 0 or nearly so, and eps = 1e-08"),
    ("gaussian_nll", [[0, 2], [3, 1], [0, 1]], {}, "its variance is below eps = 1e-06"),
]


@pytest.mark.parametrize(("loss", "inputs", "options", "warning"), CASES)
def test_what_a_bound_makes_is_named(loss: str, inputs: list[Any], options: dict[str, Any], warning: str) -> None:
    found = " / ".join(losscli.compute(loss, *inputs, **options).warnings)
    assert any(part in found for part in warning.split("|")), found


@pytest.mark.parametrize(
    ("loss", "inputs", "options"),
    [
        ("mape", [[1, 2, 3], [1e-3, 2, 4]], {}),
        ("bce", [[0.0, 1.0], [0, 1]], {}),
        ("bce", [[0.0, 1.0], [0, 1]], {"convention": "keras"}),
        ("bce", [[0.0, *[1e-8] * 20], [1] * 21], {}),  # 100 of 468
        ("log_loss", [[[0, 1], [0.5, 0.5]], [1, 1]], {"convention": "sklearn"}),
        ("poisson_nll", [[0, 2], [0, 1]], {"log_input": False}),
    ],
)
def test_what_it_does_not_make_is_not(loss: str, inputs: list[Any], options: dict[str, Any]) -> None:
    assert not [text for text in losscli.compute(loss, *inputs, **options).warnings if "% of the sum" in text]


def test_a_weight_of_0_takes_the_sample_out() -> None:
    inputs = ([0.4, 0.0, 0.6], [1, 1, 0])
    assert not losscli.compute("bce", *inputs, sample_weight=[1, 0, 1]).warnings
    assert losscli.compute("bce", *inputs, sample_weight=[1, 2, 1]).warnings


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words, whichever units are computed together."""
    random = np.random.default_rng(3)
    input, target = random.random(5000), random.integers(0, 2, 5000)
    input[random.integers(0, 5000, 400)] = 0.0
    whole = losscli.compute("bce", input, target).warnings
    assert any("% of the sum" in text for text in whole)
    monkeypatch.setattr(layout.Layout.chunks, "__defaults__", (64,))
    assert losscli.compute("bce", input, target, jobs=2).warnings == whole
