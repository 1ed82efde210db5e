"""What arrays look like, and warnings where data are not what a loss expects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.request.looks import look
from losscli.schema.data import held

Array = NDArray[Any]


def softmax(scores: Array, axis: int = 1) -> Array:
    powers = np.exp(scores)
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def scores(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(0.0, 2.0, shape)


def labels(samples: int, classes: int) -> Array:
    return np.arange(samples) % classes


def kind(array: Array) -> str:
    return look(held(np.asarray(array), "array")).kind


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (scores(30, 5), "logits"),
        (softmax(scores(30, 5)), "probabilities"),
        (softmax(scores(30, 5)).astype(np.float16), "probabilities"),
        (np.round(softmax(scores(30, 5)), 4), "probabilities"),
        (np.log(softmax(scores(30, 5))), "log-probabilities"),
        (softmax(scores(4, 5, 6)), "probabilities"),
        (softmax(scores(4, 6, 5), axis=2), "probabilities"),
        (np.log(softmax(scores(4, 6, 5), axis=2)), "log-probabilities"),
        (np.eye(5)[labels(30, 5)], "one-hot"),
        (labels(30, 5), "labels"),
        (labels(30, 5) + 1, "labels"),
        (np.where(labels(30, 5) == 3, -100, labels(30, 5)), "labels"),
        (np.where(labels(30, 2) == 1, 1.0, -1.0), "labels"),
        (labels(30, 2), "labels"),
        (np.arange(30), "row numbers"),
        (np.arange(30) + 1, "row numbers"),
        (scores(30), "numbers"),
        (np.random.default_rng(0).poisson(40.0, 60), "numbers"),
        (np.random.default_rng(0).uniform(size=30), "probabilities"),
        (np.zeros(0), "nothing"),
        (np.full((3, 2), np.nan), "numbers"),
    ],
)
def test_kinds(array: Array, expected: str) -> None:
    assert kind(array) == expected


def test_the_evidence() -> None:
    found = look(held(np.array([[0.5, 0.25], [0.5, 0.5]]), "array"))
    assert "a row sums to 0.75" in found.evidence
    counted = look(held(labels(30, 5) + 1, "array"))
    assert "counted from 1" in counted.evidence
    last = look(held(softmax(scores(4, 6, 5), axis=2), "array"))
    assert "along the last axis" in last.evidence
    broken = look(held(np.array([1.0, np.inf, np.nan, -2.0]), "array"))
    assert (broken.low, broken.high, broken.non_finite) == (-2.0, 1.0, 2)


@pytest.mark.parametrize("shape", [(3000, 150), (3, 150, 2000)])
def test_large_arrays_are_seen_to_the_end(shape: tuple[int, ...]) -> None:
    """Several runs of rows, of which the last breaks the rule."""
    array = softmax(scores(*shape))
    assert kind(array) == "probabilities"
    array.reshape(-1)[-1] += 0.5
    assert kind(array) in ("logits", "probabilities")
    assert "every row" not in look(held(array, "array")).evidence


def warned(loss: str, *inputs: Any, **more: Any) -> list[str]:
    """What is said of the data, by compute and by verify alike."""
    found = list(losscli.compute(loss, *inputs, **more).warnings)
    assert [each for each in found if each in losscli.verify(loss, *inputs, at_least=-1e300, **more).warnings] == found
    return found


def test_probabilities_for_scores() -> None:
    (said,) = warned("cross_entropy", softmax(scores(30, 5)), labels(30, 5))
    assert "input looks like probabilities" in said
    assert "was softmax applied?" in said


def test_probabilities_for_their_logarithms() -> None:
    p = softmax(scores(30, 5))
    assert "not like their logarithms" in warned("nll", p, labels(30, 5))[0]
    assert "not like their logarithms" in warned("kl_div", p, p)[0]


def test_scores_for_log_probabilities() -> None:
    (said,) = warned("nll", scores(30, 5), labels(30, 5))
    assert "more than 0" in said


def test_rows_that_do_not_sum_to_one() -> None:
    p = softmax(scores(30, 5))
    p[7] *= 0.9
    (said,) = warned("log_loss", p, labels(30, 5))
    assert "row 7 sums to 0.9, not to 1" in said


def test_labels_from_one() -> None:
    (said,) = warned("cross_entropy", scores(40, 5), labels(40, 4) + 1)
    assert "never is class 0 of 5" in said


def test_few_labels_tell_nothing() -> None:
    assert warned("cross_entropy", scores(4, 5), labels(4, 4) + 1) == []


def test_zeros_for_signs_are_an_error_with_a_cure() -> None:
    with pytest.raises(losscli.LossError, match="2·label - 1"):
        losscli.compute("hinge", [0.5, -1.0], [1, 0])


def test_rows_in_another_order() -> None:
    truth = np.random.default_rng(1).normal(0.0, 3.0, 60)
    guess = truth + np.random.default_rng(2).normal(0.0, 0.05, 60)
    assert "out of step" in warned("mse", np.roll(guess, 1), truth)[0]
    assert "different order" in warned("mse", np.sort(guess), truth)[0]
    assert warned("mse", guess, truth) == []


def test_strict_makes_errors_of_warnings(tmp_path: Any) -> None:
    from tests.cli.helpers import fails, succeeds, write

    write(tmp_path, p_npy=softmax(scores(30, 5)), y_npy=labels(30, 5))
    words = ("cross_entropy", "p.npy", "y.npy")
    assert "was softmax applied?" in fails(3, "compute", *words, "--strict", at=tmp_path)
    assert "was softmax applied?" in fails(3, "verify", *words, "--claim", "1", "--strict", at=tmp_path)
    assert "was softmax applied?" in succeeds("compute", *words, at=tmp_path).err
    assert succeeds("compute", *words, "-q", at=tmp_path).err == ""


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_data_bring_no_warning(seed: int) -> None:
    random = np.random.default_rng(seed)
    samples, classes = int(random.integers(20, 80)), int(random.integers(2, 9))
    z, y = random.normal(0.0, 2.0, (samples, classes)), random.integers(0, classes, samples)
    p = softmax(z)
    truth = random.normal(size=samples)
    cases: list[tuple[Any, ...]] = [
        ("cross_entropy", z, y),
        ("cross_entropy", z, p),
        ("cross_entropy", random.uniform(0.0, 1.0, z.shape), y),
        ("log_loss", p.astype(np.float32), y),
        ("nll", np.log(p), y),
        ("nll", np.log(p).astype(np.float16), y),
        ("kl_div", np.log(p), p),
        ("mse", truth + random.normal(size=samples), truth),
        ("mse", random.normal(size=samples), truth),
        ("bce", random.uniform(size=samples), random.integers(0, 2, samples)),
        ("bce_with_logits", random.normal(size=samples), random.integers(0, 2, samples)),
    ]
    for loss, *inputs in cases:
        assert warned(loss, *inputs) == [], loss
