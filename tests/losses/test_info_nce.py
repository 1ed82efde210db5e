"""InfoNCE, and its symmetric form NT-Xent."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from tests.losses.reference import ulps_off
from tests.references._formulas import Array, Number
from tests.references.info_nce import info_nce

DIGITS = 60
ROLES = ("anchor", "positive")


def batches(random: np.random.Generator) -> list[tuple[Array, Array]]:
    """Views: any, nearly the same, exactly the same, opposite, all nearly parallel, and of all lengths."""
    one, other = random.normal(size=(2, 6, 5))
    lengths = 10.0 ** random.uniform(-150, 150, (6, 1))
    return [
        (one, other),
        (one, one + 1e-3 * other),
        (one, 2.0 * one),
        (one, -one),
        (1.0 + 1e-9 * one, 1.0 + 1e-9 * other),
        (one * lengths, other / lengths),
    ]


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("temperature", [0.07, 1.0, 0.004, 30.0])
@pytest.mark.parametrize(("one", "other"), batches(np.random.default_rng(101)))
def test_accuracy(one: Array, other: Array, temperature: float, symmetric: bool) -> None:
    ours = losscli.compute(
        "info_nce", one, other, temperature=temperature, symmetric=symmetric, convention="exact", reduction="none"
    )
    with mp.workdps(DIGITS):
        anchors, positives = ([[mpf(x) for x in row] for row in array.tolist()] for array in (one, other))
        expected = info_nce(anchors, positives, mpf(temperature), symmetric)
    worst = max(ulps_off(found, true) for found, true in zip(ours.value, expected, strict=True))
    assert worst <= 4.0


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize(("one", "other"), batches(np.random.default_rng(102))[:4])
def test_gradients(one: Array, other: Array, symmetric: bool) -> None:
    """Against mpmath's differences of the sum; its terms, up to 1 / temperature, largely cancel."""
    ours = losscli.compute(
        "info_nce", one, other, symmetric=symmetric, convention="exact", reduction="sum", gradients=True
    )
    assert ours.gradients is not None
    with mp.workdps(DIGITS):
        rows = {
            role: [[mpf(x) for x in row] for row in a.tolist()] for role, a in zip(ROLES, (one, other), strict=True)
        }

        def total(role: str, at: int, column: int, step: Number) -> Number:
            moved = {name: [list(row) for row in array] for name, array in rows.items()}
            moved[role][at][column] += step
            return mp.fsum(info_nce(moved["anchor"], moved["positive"], mpf(0.07), symmetric))

        step = mpf(10) ** -20
        for role, array in zip(ROLES, (one, other), strict=True):
            for at, column in ((0, 0), (3, 4)):
                true = (total(role, at, column, step) - total(role, at, column, -step)) / (2 * step)
                terms = 1.0 / 0.07 / float(np.linalg.norm(array[at]))
                assert abs(ours.gradients[role][at, column] - float(true)) <= 1e-14 * terms


def test_by_hand() -> None:
    """Cosines of 1 with the own and 0 with the other: log(1 + 1/e); NT-Xent has two views of the other sample."""
    eye = np.eye(2)
    assert losscli.compute("info_nce", eye, eye, temperature=1.0).value == pytest.approx(
        np.log1p(np.exp(-1.0)), rel=1e-15
    )
    both = losscli.compute("info_nce", eye, eye, temperature=1.0, symmetric=True).value
    assert both == pytest.approx(np.log1p(2.0 * np.exp(-1.0)), rel=1e-15)


def test_alone_and_all_alike() -> None:
    assert losscli.compute("info_nce", [[1.0, 2.0]], [[2.0, 1.0]]).value == 0.0
    ones = np.ones((5, 3))
    assert losscli.compute("info_nce", ones, ones).value == pytest.approx(np.log(5.0), rel=1e-15)
    assert losscli.compute("info_nce", ones, ones, symmetric=True).value == pytest.approx(np.log(9.0), rel=1e-15)


def test_a_temperature_near_0_overflows_nowhere() -> None:
    """The loss is the largest gap over the temperature: here 2 from the own, opposite, to the other, the same."""
    ours = losscli.compute(
        "info_nce", np.eye(2), -np.eye(2)[::-1] * [[-1.0], [1.0]], temperature=1e-5, reduction="none"
    )
    assert np.isfinite(ours.value).all()


def test_zero_vectors() -> None:
    """A length counts as 1e-12 at least, as in torch.nn.functional.normalize; without that there is no angle."""
    anchor, positive = [[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]]
    assert losscli.compute("info_nce", anchor, positive).value == pytest.approx(np.log(2.0), rel=1e-15)
    assert np.isnan(losscli.compute("info_nce", anchor, positive, convention="exact").value)


def test_the_order_of_the_samples_does_not_count() -> None:
    one, other = np.random.default_rng(103).normal(size=(2, 40, 16))
    order = np.random.default_rng(104).permutation(40)
    straight, turned = (
        losscli.compute("info_nce", *pair, reduction="none").value
        for pair in ((one, other), (one[order], other[order]))
    )
    assert np.array_equal(straight[order], turned)


def test_views_must_be_as_many() -> None:
    with pytest.raises(losscli.LossError, match="positive has shape"):
        losscli.compute("info_nce", [[1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]])
