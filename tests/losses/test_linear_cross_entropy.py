"""Cross-entropy after a linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from numpy.typing import NDArray

import losscli
from losscli.losses.catalogue import find
from losscli.losses.classification import _linear
from tests.losses.reference import DIGITS, ulps_off
from tests.references._formulas import Number, log_softmax
from tests.references._truth import exact

Array = NDArray[Any]
CLASSES, FEATURES = 5, 6


def assert_accurate(input: Array, matrix: Array, target: Array, **options: Any) -> None:
    """Values within 4 ulp; gradients within 4 ulp of themselves or of the magnitudes of the terms that they add."""
    ours = losscli.compute("linear_cross_entropy", input, matrix, target, reduction="none", gradients=True, **options)
    assert ours.gradients is not None
    bias = options.get("linear_bias", np.zeros(len(matrix)))
    heavy = options.get("weight", np.ones(len(matrix)))
    with mp.workdps(max(mp.dps, DIGITS)):
        vectors, rows, offsets = exact(input), exact(matrix), exact(bias)
        truth = [_shares(each, len(matrix), options.get("label_smoothing", 0.0), heavy) for each in target]
        slopes = []
        for vector, share, value in zip(vectors, truth, ours.value, strict=True):
            scores = [_dot(row, vector) + offset for row, offset in zip(rows, offsets, strict=True)]
            surprise = [-number for number in log_softmax(scores)]
            assert ulps_off(value, _dot(share, surprise)) <= 4.0
            total = mp.fsum(share)
            slopes.append(
                [(mp.exp(-s) * total - q, mp.exp(-s) * total + q) for s, q in zip(surprise, share, strict=True)]
            )
        columns = list(zip(*rows, strict=True))
        for found, slope in zip(ours.gradients["input"], slopes, strict=True):
            _assert_sums(found, [list(zip(slope, column, strict=True)) for column in columns])
        for at, found in enumerate(ours.gradients["linear_weight"]):
            mine = [slope[at] for slope in slopes]
            _assert_sums(found, [list(zip(mine, feature, strict=True)) for feature in zip(*vectors, strict=True)])


def _assert_sums(found: Array, terms: list[list[tuple[tuple[Number, Number], Number]]]) -> None:
    """Each is the sum of (slope, its own terms' magnitude) times a number."""
    for ours, pairs in zip(found, terms, strict=True):
        true = mp.fsum(slope * factor for (slope, _), factor in pairs)
        assert ulps_off(ours, true, mp.fsum(size * abs(factor) for (_, size), factor in pairs)) <= 4.0


def _dot(one: list[Number], other: list[Number]) -> Number:
    return mp.fsum(a * b for a, b in zip(one, other, strict=True))


def _shares(target: Array, classes: int, smoothing: float, weight: Array) -> list[Number]:
    shares = np.eye(classes)[target] if np.ndim(target) == 0 else target
    kept, evenly = 1 - mpf(smoothing), mpf(smoothing) / classes
    return [(kept * mpf(float(q)) + evenly) * mpf(float(w)) for q, w in zip(shares, weight, strict=True)]


def hidden(seed: int) -> tuple[Array, Array, Array]:
    """Ordinary vectors, and a matrix of float32 as most models have."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(CLASSES, FEATURES)).astype(np.float32).astype(np.float64)
    return random.normal(size=(12, FEATURES)), matrix, random.integers(0, CLASSES, 12)


def cancelling(seed: int) -> tuple[Array, Array, Array]:
    """Scores that are small differences of terms near 1e6, which a plain dot product would get wrong."""
    random = np.random.default_rng(seed)
    vectors, matrix = 1e3 * random.normal(size=(12, 8)), 1e3 * random.normal(size=(CLASSES, 8))
    back = matrix * (1.0 + 1e-7 * random.normal(size=matrix.shape))
    return np.concatenate([vectors, -vectors], axis=1), np.concatenate([matrix, back], axis=1), np.arange(12) % CLASSES


def confident(seed: int) -> tuple[Array, Array, Array]:
    """Gaps between the scores of up to 700, with the label on top and below."""
    input, matrix, _ = hidden(seed)
    input *= np.array([1, 3, 10, 30, 100, 140] * 2)[:, None]
    scores = input @ matrix.T
    return input, matrix, np.where(np.arange(12) < 6, scores.argmax(axis=1), scores.argmin(axis=1))


@pytest.mark.parametrize("case", [hidden, cancelling, confident])
def test_accuracy_on_labels(case: Any) -> None:
    assert_accurate(*case(3))


@pytest.mark.parametrize("outlier", [1e10, 1e20, -1e25, -1e30, 1e38, -1e300])
@pytest.mark.parametrize("label", [1, 2])
def test_one_outlier_in_the_matrix_spoils_no_other_class(outlier: float, label: int) -> None:
    """The example of a report at -1e30: 0.0592037551, where all scores but those of the outlier's class were lost."""
    matrix = np.array([[3, 0.4, -0.4], [0.3, -0.9, 1.8], [0.5, -0.6, outlier], [2.6, 0.95, 2.4]])
    with mp.workdps(700):
        assert_accurate(np.array([[1.0, 1.0, 1.0], [0.3, -2.0, 1e-9]]), matrix, np.array([3, label]))


@pytest.mark.parametrize("outlier", [1e17, -1e30, 1e300])
def test_one_outlier_in_the_vectors(outlier: float) -> None:
    """It meets a column of the matrix that is small for two of the classes, and 0 for one."""
    input, matrix, target = hidden(12)
    input[3, 2] = outlier
    matrix[:3, 2] = 0.0, 1e-30, -1e-30
    with mp.workdps(700):
        assert_accurate(input, matrix, target)


def test_outliers_in_many_classes() -> None:
    """More classes than the products' blocks, of which each tenth has a mask in a feature of its own."""
    random = np.random.default_rng(13)
    input, matrix = random.normal(size=(3, 16)), random.normal(size=(700, 16))
    masked = np.arange(0, 700, 10)
    matrix[masked, masked % 16] = -1e30 * np.sign(input[0, masked % 16])
    ours = losscli.compute("linear_cross_entropy", input[:1], matrix, [5])
    rest = losscli.compute("linear_cross_entropy", input[:1], np.delete(matrix, masked, axis=0), [4])
    assert ours.value == rest.value


def test_a_plain_dot_product_would_be_wrong() -> None:
    """So that the cancelling case says something."""
    input, matrix, target = cancelling(3)
    plain = losscli.compute("cross_entropy", input @ matrix.T, target, reduction="none").value
    ours = losscli.compute("linear_cross_entropy", input, matrix, target, reduction="none").value
    assert np.abs(plain / ours - 1.0).max() > 1e-11


def test_accuracy_with_bias_weight_and_smoothing() -> None:
    random = np.random.default_rng(4)
    bias, weight = random.normal(size=CLASSES), random.uniform(0.1, 9, CLASSES)
    assert_accurate(*hidden(4), linear_bias=bias)
    assert_accurate(*hidden(5), weight=weight)
    assert_accurate(*hidden(6), linear_bias=bias, weight=weight, label_smoothing=0.1)
    assert_accurate(*hidden(6), label_smoothing=1.0)


def test_accuracy_on_shares() -> None:
    random = np.random.default_rng(7)
    input, matrix, _ = hidden(7)
    truth = random.dirichlet(np.ones(CLASSES), len(input))
    assert_accurate(input, matrix, truth)
    assert_accurate(input, matrix, truth, weight=random.uniform(0.1, 9, CLASSES), label_smoothing=0.2)


def test_slopes_in_shares_are_weighted_surprises() -> None:
    """By the definition: the loss is linear in the probabilities."""
    input, matrix, _ = hidden(8)
    truth = np.full((len(input), CLASSES), 1.0 / CLASSES)
    weight = np.arange(1.0, CLASSES + 1)
    ours = losscli.compute(
        "linear_cross_entropy",
        input,
        matrix,
        truth,
        weight=weight,
        label_smoothing=0.3,
        reduction="sum",
        gradients=True,
    )
    assert ours.gradients is not None
    for label in range(CLASSES):
        one = losscli.compute("linear_cross_entropy", input, matrix, np.full(len(input), label), reduction="none").value
        np.testing.assert_allclose(ours.gradients["target"][:, label], 0.7 * weight[label] * one, rtol=1e-14)


def test_several_positions_are_as_many_losses() -> None:
    """A matrix (C, d1, d2, D) gives each sample d1 · d2 losses, each with a matrix of its own."""
    random = np.random.default_rng(9)
    input, matrix = random.normal(size=(4, FEATURES)), random.normal(size=(CLASSES, 2, 3, FEATURES))
    target, bias = random.integers(0, CLASSES, (4, 2, 3)), random.normal(size=(CLASSES, 2, 3))
    whole = losscli.compute(
        "linear_cross_entropy", input, matrix, target, linear_bias=bias, reduction="none", gradients=True
    )
    assert whole.gradients is not None
    by_input = np.zeros_like(input)
    for i, j in np.ndindex(2, 3):
        one = losscli.compute(
            "linear_cross_entropy", input, matrix[:, i, j], target[:, i, j], linear_bias=bias[:, i, j],
            reduction="none", gradients=True,
        )  # fmt: skip
        assert one.gradients is not None
        np.testing.assert_array_equal(whole.value[:, i, j], one.value)
        np.testing.assert_array_equal(whole.gradients["linear_weight"][:, i, j], one.gradients["linear_weight"])
        by_input += one.gradients["input"]
    np.testing.assert_allclose(whole.gradients["input"], by_input, rtol=1e-13, atol=1e-15)


def test_a_single_vector() -> None:
    """By hand: scores 1, 2, 3."""
    ours = losscli.compute("linear_cross_entropy", [1.0, 2.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], 2, gradients=True)
    assert ours.gradients is not None
    assert ours.value == pytest.approx(np.log(np.exp(-2.0) + np.exp(-1.0) + 1.0), rel=1e-15)
    assert ours.gradients["input"].shape == (2,)


def test_ignored_samples_leave_no_trace() -> None:
    input, matrix, target = hidden(10)
    target[::3] = -100
    kept = target != -100
    with_them = losscli.compute("linear_cross_entropy", input, matrix, target, gradients=True)
    without = losscli.compute("linear_cross_entropy", input[kept], matrix, target[kept], gradients=True)
    assert with_them.gradients is not None
    assert without.gradients is not None
    assert with_them.value == without.value
    ours, theirs = (slopes["linear_weight"] for slopes in (with_them.gradients, without.gradients))
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15)  # a plain product may add in another order
    assert not with_them.gradients["input"][~kept].any()


def test_a_sample_that_does_not_count_may_overflow() -> None:
    ours = losscli.compute(
        "linear_cross_entropy", [[1e300, 1e300], [1.0, 2.0]], [[1e300, 1.0], [1e300, 2.0]], [-100, 1], gradients=True
    )
    assert ours.gradients is not None
    assert np.isfinite(ours.value)
    assert np.isfinite(ours.gradients["linear_weight"]).all()


def test_weights_are_the_denominator_of_labels() -> None:
    input, matrix, target = hidden(11)
    weight = np.arange(1.0, CLASSES + 1)
    ours = losscli.compute("linear_cross_entropy", input, matrix, target, weight=weight)
    assert ours.denominator == weight[target].sum()
    shares = losscli.compute("linear_cross_entropy", input, matrix, np.eye(CLASSES)[target], weight=weight)
    assert shares.denominator == len(input)
    assert shares.sum == pytest.approx(ours.sum, rel=1e-14)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block of rows more or less changes no value, and no gradient but in the last bits of a long sum."""
    random = np.random.default_rng(12)
    input, matrix = random.normal(size=(300, FEATURES)), random.normal(size=(CLASSES, FEATURES))
    target = random.integers(0, CLASSES, 300)
    whole = losscli.compute("linear_cross_entropy", input, matrix, target, reduction="none", gradients=True)
    monkeypatch.setattr(_linear, "_SCORES", 1)
    parts = losscli.compute("linear_cross_entropy", input, matrix, target, reduction="none", gradients=True)
    assert whole.gradients is not None
    assert parts.gradients is not None
    np.testing.assert_array_equal(whole.value, parts.value)
    np.testing.assert_array_equal(whole.gradients["input"], parts.gradients["input"])
    np.testing.assert_allclose(whole.gradients["linear_weight"], parts.gradients["linear_weight"], rtol=1e-13)


@pytest.mark.parametrize(
    ("matrix", "target", "options", "message"),
    [
        (np.ones((3, 5)), [0, 1], {}, "linear_weight has shape"),
        (np.ones((3, 2)), [0, 3], {}, "class index from 0 to 2"),
        (np.ones((3, 2)), [0, 1, 2], {}, "target has shape"),
        (np.ones((3, 2)), [[0.5, 0.5, 0.1], [1.5, 0, 0]], {}, "from 0 to 1"),
        (np.ones((3, 2)), [0, 1], {"weight": [1.0, 2.0]}, "weight has shape"),
        (np.ones((3, 2)), [0, 1], {"linear_bias": [1.0, 2.0]}, "linear_bias has shape"),
        (np.ones((3, 2)), [0, 1], {"label_smoothing": 1.5}, "label_smoothing"),
        (np.full((3, 2), np.inf), [0, 1], {}, "must be a finite number"),
    ],
)
def test_bad_inputs(matrix: Array, target: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(losscli.LossError, match=message):
        losscli.compute("linear_cross_entropy", np.ones((2, 2)), matrix, target, **options)


def test_steps_end_in_the_loss() -> None:
    loss = find("linear_cross_entropy")
    assert loss.steps is not None
    random = np.random.default_rng(13)
    input, matrix = random.normal(size=(4, FEATURES)), random.normal(size=(CLASSES, 2, FEATURES))
    bias, weight = random.normal(size=(CLASSES, 2)), random.uniform(0.1, 9, CLASSES)
    target = random.integers(0, CLASSES, (4, 2))
    named = {"linear_bias": bias, "weight": weight, "label_smoothing": 0.1}
    units = loss.kernel(input, matrix, target, **named)
    for at in range(8):
        last = list(loss.steps(input, matrix, target, **named, at=at))[-1]
        assert (last.name, last.value) == ("loss", pytest.approx(units.value[at], rel=1e-12))
