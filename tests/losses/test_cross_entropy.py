"""Cross-entropy on raw scores."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from losscli.schema.formulas import worked as worked_lines
from tests.losses.reference import assert_accurate
from tests.nasty.mixtures import scores
from tests.references._formulas import Array
from tests.references.cross_entropy import cross_entropy, slope_terms

TINY = 4.248354255291589e-18  # log(1 + exp(-40)), and to 17 digits also 1 - softmax
CLASSES = 5
SMOOTHINGS = [1e-9, 0.1, 1.0]


def labelled(seed: int) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    input = scores(random, CLASSES)
    target = random.integers(0, CLASSES, len(input))
    target[input[:, 0] > 20] = np.where(random.random(np.count_nonzero(input[:, 0] > 20)) < 0.6, 0, 3)
    return {"input": input, "target": np.where(np.isinf(input[:, 1]), 0, target)}


def shared(seed: int) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    input = scores(random, CLASSES)
    target = random.dirichlet(np.ones(CLASSES), len(input))
    target[::3] = np.eye(CLASSES)[random.integers(0, CLASSES, len(target[::3]))]
    target[np.isinf(input)] = 0.0
    return {"input": input, "target": target}


def test_accuracy_on_labels() -> None:
    assert_accurate("cross_entropy", cross_entropy, labelled(19))


def test_accuracy_of_two_classes() -> None:
    gaps = np.concatenate([[0.0, 30.0, 300.0, 600.0, 745.0], np.random.default_rng(20).normal(size=20)])
    input = np.stack([gaps, np.zeros_like(gaps)], axis=1)
    assert_accurate("cross_entropy", cross_entropy, {"input": input, "target": np.zeros(len(gaps), int)})


def test_accuracy_of_one_class() -> None:
    assert_accurate("cross_entropy", cross_entropy, {"input": np.array([[3.0], [-1e300]]), "target": np.array([0, 0])})


def test_accuracy_of_many_classes() -> None:
    random = np.random.default_rng(21)
    for classes, gradients in ((20, True), (1000, False)):
        inputs = {"input": random.normal(0, 10, (2, classes)), "target": random.integers(0, classes, 2)}
        assert_accurate("cross_entropy", cross_entropy, inputs, gradients=gradients)


def test_accuracy_with_class_weights() -> None:
    weight = np.random.default_rng(22).uniform(0.1, 9, CLASSES)
    assert_accurate("cross_entropy", cross_entropy, labelled(23), weight=weight)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_accuracy_with_label_smoothing(smoothing: float) -> None:
    inputs = labelled(24)
    possible = np.isfinite(inputs["input"]).all(axis=1)  # else the loss is infinite
    inputs = {role: array[possible] for role, array in inputs.items()}
    assert_accurate("cross_entropy", cross_entropy, inputs, terms={"input": slope_terms}, label_smoothing=smoothing)


def test_accuracy_on_shares() -> None:
    weight = np.random.default_rng(25).uniform(0.1, 9, CLASSES)
    inputs = shared(26)
    possible = np.isfinite(inputs["input"]).all(axis=1)  # else the slope in the target is infinite
    assert_accurate("cross_entropy", cross_entropy, inputs, gradients=False, weight=weight)
    inputs = {role: array[possible] for role, array in inputs.items()}
    assert_accurate("cross_entropy", cross_entropy, inputs, terms={"input": slope_terms}, weight=weight)


def one(input: list[float], target: object, **options: object) -> tuple[float, list[float]]:
    """The loss and the slopes of a single sample."""
    named: dict[str, Any] = {"reduction": "sum", **options}
    ours = losscli.compute("cross_entropy", [input], [target], gradients=True, **named)
    assert ours.gradients is not None
    return ours.value, ours.gradients["input"][0].tolist()


def test_a_confident_row_keeps_its_digits() -> None:
    """PyTorch's float64 gives 0.0, and a slope of 0.0 at the target; scipy's logsumexp once did the same (#18295)."""
    assert one([40.0, 0.0], 0) == (TINY, [-TINY, TINY])
    assert one([0.0, 40.0], 1) == (TINY, [TINY, -TINY])


def test_float32_scores_are_computed_in_float64() -> None:
    """PyTorch's float32 gives 0.0 at a gap of 30; the true value is log(1 + exp(-30))."""
    ours = losscli.compute("cross_entropy", np.array([[30.0, 0.0]], np.float32), [0])
    assert ours.value == 9.357622968839737e-14


@pytest.mark.parametrize(
    ("input", "target", "value", "slopes"),
    [
        ([-np.inf, 0.0], 1, 0.0, [0.0, 0.0]),
        ([-np.inf, 0.0], 0, np.inf, [-1.0, 1.0]),
        ([np.inf, 0.0], 0, 0.0, [0.0, 0.0]),  # a limit; PyTorch prints nan here and in the next two
        ([np.inf, 0.0], 1, np.inf, [1.0, -1.0]),
        ([-np.inf, 0.0], [0.0, 1.0], 0.0, [0.0, 0.0]),
    ],
)
def test_infinite_scores(input: list[float], target: object, value: float, slopes: list[float]) -> None:
    assert one(input, target) == (value, slopes)


@pytest.mark.parametrize("input", [[-np.inf, -np.inf], [np.inf, np.inf]])
def test_undefined_rows_are_nan(input: list[float]) -> None:
    value, slopes = one(input, 0)
    assert np.isnan(value)
    assert np.isnan(slopes).all()


def test_smoothing_puts_weight_on_an_impossible_class() -> None:
    assert one([-np.inf, 0.0, 0.0], 1, label_smoothing=0.1)[0] == np.inf


def test_smoothing_with_weight_0_on_the_impossible_class() -> None:
    """0 · inf = 0; PyTorch prints nan. By hand: q = (1/30, 14/15, 1/30), of which the last two have log 2 each."""
    value, slopes = one([-np.inf, 0.0, 0.0], 1, label_smoothing=0.1, weight=np.array([0.0, 1.0, 1.0]))
    assert value == pytest.approx((14 / 15 + 1 / 30) * np.log(2.0), rel=1e-15)
    assert slopes == pytest.approx([0.0, -0.45, 0.45], rel=1e-14)


def test_a_target_of_weight_0_counts_0_though_it_is_impossible() -> None:
    assert one([-np.inf, 0.0], 0, weight=np.array([0.0, 1.0])) == (0.0, [0.0, 0.0])


def test_the_two_denominators_of_class_weights() -> None:
    """With labels the mean divides by the weights, with the same targets as shares by the samples. So in PyTorch."""
    input, weight = [[0.0, 1.0], [2.0, 0.0]], [1.0, 3.0]
    labels = losscli.compute("cross_entropy", input, [0, 1], weight=weight)
    shares = losscli.compute("cross_entropy", input, [[1.0, 0.0], [0.0, 1.0]], weight=weight)
    assert (labels.denominator, shares.denominator) == (4.0, 2.0)
    assert labels.sum == pytest.approx(shares.sum, rel=1e-15)


def test_nothing_counts_when_all_is_ignored() -> None:
    ours = losscli.compute("cross_entropy", [[0.0, 1.0]], [-100], gradients=True)
    assert ours.gradients is not None
    assert np.isnan(ours.value)
    assert (ours.sum, ours.gradients["input"].tolist()) == (0.0, [[0.0, 0.0]])


def test_weights_that_add_up_to_0_leave_no_mean() -> None:
    assert np.isnan(losscli.compute("cross_entropy", [[0.0, 1.0]], [0], weight=[0.0, 1.0]).value)


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_out_of_range_is_an_error(label: int) -> None:
    """-1 too, though it is often meant as `ignore`."""
    with pytest.raises(losscli.LossError, match="class index from 0 to 1"):
        losscli.compute("cross_entropy", [[0.0, 1.0]], [label])


@pytest.mark.parametrize(
    ("shape", "labels", "cure"),
    [
        ((3, 3), [1, 2, 3], r'^the labels look counted from 1; classes=\["1", "2", "3"\] names the classes$'),
        ((3, 3), [3, -100, 1], "^the labels look counted from 1; "),
        ((3, 3), [3, 0, 1], "^count classes from 0; "),
        ((3, 3), [4, 2, 1], "^count classes from 0; "),
        ((1, 3), [3], "^count classes from 0; "),
        ((1, 3, 2), [[3, 1]], "^the labels look counted from 1; subtract 1 from each$"),
        ((2, 30), [1, 30], "^the labels look counted from 1; subtract 1 from each$"),
    ],
)
def test_labels_counted_from_1(shape: tuple[int, ...], labels: list[int], cure: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.compute("cross_entropy", np.zeros(shape), labels)
    assert re.search(cure, caught.value.cure)


def test_how_the_frameworks_reduce() -> None:
    """By hand: log 2 each, weighted 1 and 3. Keras divides by the count, optax does not reduce."""
    inputs = ([[0.0, 0.0], [0.0, 0.0]], [0, 1])
    log_2 = 0.6931471805599453
    optax = losscli.compute("cross_entropy", *inputs, convention="optax")
    assert optax.value.tolist() == [log_2, log_2]
    keras = losscli.compute("cross_entropy", *inputs, convention="keras", sample_weight=[1.0, 3.0])
    torch = losscli.compute("cross_entropy", *inputs, sample_weight=[1.0, 3.0])
    assert (keras.value, torch.value) == (2.0 * log_2, log_2)


def test_the_worked_example_goes_by_the_log_sum_exp() -> None:
    """For the scores 0.1, 0.2, 0.3 and the class in the middle; the loss is mpmath's."""
    steps = worked("cross_entropy", np.array([0.1, 0.2, 0.3]), 1, weight=None, label_smoothing=0.0)
    assert list(steps) == [
        "largest",
        "difference",
        "exponential",
        "total",
        "log_total",
        "log_softmax",
        "softmax",
        "loss",
    ]
    assert steps["largest"] == 0.3
    assert steps["total"] == pytest.approx(np.exp(-0.2) + np.exp(-0.1) + 1.0, rel=1e-15)
    assert steps["loss"] == pytest.approx(1.1019428482292442, rel=1e-15)


def test_the_worked_example_of_a_confident_row_keeps_its_digits() -> None:
    steps = worked("cross_entropy", np.array([40.0, 0.0]), 0, weight=None, label_smoothing=0.0)
    assert steps["loss"] == pytest.approx(TINY, rel=1e-15)


def test_the_worked_example_with_weights_and_smoothing() -> None:
    """By hand: q = (0.95, 0.05), w = (2, 4), and log-softmax is -log 2 twice."""
    weight = np.array([2.0, 4.0])
    steps = worked("cross_entropy", np.zeros(2), 0, weight=weight, label_smoothing=0.1)
    assert steps["truth"].tolist() == pytest.approx([0.95, 0.05])
    assert steps["loss"] == pytest.approx((0.95 * 2.0 + 0.05 * 4.0) * np.log(2.0), rel=1e-15)
    of_label = worked("cross_entropy", np.zeros(2), 1, weight=weight, label_smoothing=0.0)
    assert of_label["loss"] == pytest.approx(4.0 * np.log(2.0), rel=1e-15)


def worked(name: str, input: Array, target: object, **options: object) -> dict[str, Any]:
    """The steps of a sample by name."""
    rows = worked_lines(find(name).lines, {"input": input, "target": target, **options}, dict.fromkeys(options))
    return {step: value for step, _, value in rows}
