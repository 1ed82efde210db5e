"""The Jensen-Shannon divergence."""

from __future__ import annotations

import numpy as np
import pytest

import losscli
from tests.losses.reference import assert_accurate
from tests.references._formulas import Array
from tests.references.jensen_shannon import jensen_shannon


def pairs(random: np.random.Generator) -> list[tuple[Array, Array]]:
    """Distributions: any; apart by 1e-1 to 1e-15 of themselves, or by one ulp; nearly all on one class; tiny shares."""
    p, q = random.dirichlet(np.ones(5), (2, 5))
    near = p * (1.0 + 10.0 ** -np.arange(1.0, 15.0, 3.0)[:, None] * random.choice([-1.0, 1.0], p.shape))
    steep = np.maximum(random.dirichlet(np.full(5, 0.02), 5), 1e-300)
    tiny = 10.0 ** random.uniform(-320, -280, p.shape)
    return [
        (p, q),
        (p, np.minimum(near, 1.0)),
        (p, np.nextafter(p, random.choice([0.0, 1.0], p.shape))),
        (steep, q),
        (tiny, tiny * random.uniform(0.1, 3.0, p.shape)),
        (p, tiny),
        (np.full((1, 5), 0.2), np.array([[0.2 * 8 / 7, 0.2 * 9 / 7, 0.155, 0.156, 0.1]])),  # on both sides of the seam
    ]


@pytest.mark.parametrize(("p", "q"), pairs(np.random.default_rng(71)))
def test_accuracy(p: Array, q: Array) -> None:
    assert_accurate("jensen_shannon", jensen_shannon, {"input": p, "target": q})
    assert_accurate("jensen_shannon", jensen_shannon, {"input": q, "target": p})


def test_equal_rows_and_rows_apart() -> None:
    """0 exactly, and log 2 exactly; a class that neither has adds nothing."""
    rows = [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]
    others = [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]
    ours = losscli.compute("jensen_shannon", rows, others, reduction="none", gradients=True)
    assert ours.value.tolist() == [0.0, np.log(2.0)]
    assert ours.gradients is not None
    assert ours.gradients["input"][0].tolist() == [0.0, 0.0, 0.0]
    assert ours.gradients["input"][1].tolist() == [np.log(2.0) / 2, -np.inf, 0.0]


def test_it_is_symmetric_and_never_negative() -> None:
    p, q = np.random.default_rng(72).dirichlet(np.ones(7), (2, 500))
    one, other = (losscli.compute("jensen_shannon", a, b, reduction="none").value for a, b in ((p, q), (q, p)))
    assert np.array_equal(one, other)
    assert one.min() > 0.0
    assert one.max() < np.log(2.0)


def test_classes_lie_on_axis_1() -> None:
    p, q = np.moveaxis(np.random.default_rng(73).dirichlet(np.ones(3), (2, 4, 5)), -1, 2)
    whole = losscli.compute("jensen_shannon", p, q, reduction="none").value
    assert whole.shape == (4, 5)
    assert whole[1, 2] == losscli.compute("jensen_shannon", p[1, :, 2], q[1, :, 2]).value


def test_a_number_that_is_no_probability_is_an_error() -> None:
    with pytest.raises(losscli.LossError, match=r"input is -0\.5, and must be from 0 to 1"):
        losscli.compute("jensen_shannon", [[0.5, -0.5]], [[0.5, 0.5]])
