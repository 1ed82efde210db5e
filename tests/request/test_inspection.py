"""What arrays look like, and warnings where data are not what a loss expects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.request.inspection import look
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
    """What is said of the data, not of the numbers, by compute and by verify alike."""
    found = [each for each in losscli.compute(loss, *inputs, **more).warnings if " % of the sum: " not in each]
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


CHANCES = np.random.default_rng(5).uniform(size=12)
YES = (np.arange(12) % 3 == 0) * 1.0
SIDES = 2.0 * YES - 1.0


@pytest.mark.parametrize(
    ("loss", "inputs", "expected"),
    [
        ("bce_with_logits", (CHANCES, YES), "was sigmoid applied?"),
        ("sigmoid_focal", (CHANCES, YES), "was sigmoid applied?"),
        ("soft_margin", (CHANCES, SIDES), "was sigmoid applied?"),
        ("hinge", (CHANCES, SIDES), "was sigmoid applied?"),
        ("multilabel_soft_margin", (CHANCES.reshape(4, 3), YES.reshape(4, 3)), "was sigmoid applied?"),
        ("bce", (YES, CHANCES), "are the two swapped?"),
        ("focal", (YES, CHANCES), "are the two swapped?"),
        ("bce", (YES, YES[::-1]), "decisions or labels"),
        ("bce_with_logits", (YES, YES[::-1]), "decisions or labels"),
        ("softmax_focal", (softmax(scores(30, 5)), labels(30, 5)), "was softmax applied?"),
        ("sce", (softmax(scores(30, 5)), labels(30, 5)), "was softmax applied?"),
        ("nll", (-np.abs(scores(30, 5)), labels(30, 5)), "e to row 0 sums to"),
        ("kl_div", (-np.abs(scores(30, 5)), softmax(scores(30, 5))), "e to row 0 sums to"),
        ("ctc", (scores(9, 2, 4), np.array([[1, 2], [3, 1]]), [9, 8], [2, 2]), "was log_softmax applied?"),
        ("ctc", (-np.abs(scores(9, 2, 4)), np.array([[1, 2], [3, 1]]), [9, 8], [2, 2]), "was log_softmax applied?"),
        ("ctc", (softmax(scores(9, 2, 4), 2), np.array([[1, 2], [3, 1]]), [9, 8], [2, 2]), "not like their logarithms"),
    ],
)
def test_what_looks_like_something_else(loss: str, inputs: tuple[Any, ...], expected: str) -> None:
    (said,) = warned(loss, *inputs)
    assert expected in said


@pytest.mark.parametrize(
    ("loss", "inputs"),
    [
        ("bce_with_logits", (CHANCES[:4], YES[:4])),  # four numbers tell nothing
        ("bce_with_logits", (np.append(CHANCES, 1.5), np.append(YES, 1.0))),
        ("bce_with_logits", (np.zeros(12), YES)),  # an untrained model
        ("bce", (CHANCES, YES)),
        ("bce", (CHANCES, CHANCES[::-1])),
        ("bce", (YES[:3], YES[:3])),
        ("dice", (YES, YES)),
        ("mse", (CHANCES, YES)),
        ("mse", (YES, CHANCES)),
        ("nll", (np.round(np.log(softmax(scores(30, 5))), 2), labels(30, 5))),
        ("nll", (-np.abs(scores(3, 5)), labels(3, 5))),
        ("kl_div", (np.log(softmax(scores(30, 5))).astype(np.float16), softmax(scores(30, 5)))),
        ("ctc", (np.log(softmax(scores(9, 2, 4), 2)), np.array([[1, 2], [3, 1]]), [9, 8], [2, 2])),
        ("ctc", (np.concatenate([np.log(softmax(scores(9, 2, 4), 2)), np.zeros((3, 2, 4))]),
                 np.array([[1, 2], [3, 1]]), [9, 8], [2, 2])),
        ("categorical_hinge", (softmax(scores(30, 5)), labels(30, 5))),  # as in Keras' documentation
    ],
)  # fmt: skip
def test_what_does_not(loss: str, inputs: tuple[Any, ...]) -> None:
    assert warned(loss, *inputs) == []


@pytest.mark.parametrize(
    ("loss", "inputs", "options", "expected"),
    [
        (
            "nll",
            (np.log(softmax(scores(4, 3))), labels(4, 3)),
            {"weight": [1.0, -0.5, 1.0]},
            "weight[1]: weight is -0.5",
        ),
        ("mse", (CHANCES, YES), {"weight": SIDES}, "(and 7 more)"),
        ("bce_with_logits", (scores(12), YES), {"pos_weight": -2.0}, "pos_weight is -2"),
        ("mse", (CHANCES, YES), {"sample_weight": SIDES}, "sample_weight[1]: sample_weight is -1"),
    ],
)
def test_weights_below_0(loss: str, inputs: tuple[Any, ...], options: dict[str, Any], expected: str) -> None:
    said = [each for each in warned(loss, *inputs, **options) if "add up" not in each]
    assert len(said) == 1
    assert expected in said[0]
    positive = {name: np.abs(value) for name, value in options.items()}
    assert warned(loss, *inputs, **positive) == []


def test_strict_refuses_weights_below_0() -> None:
    from tests.cli.helpers import fails, succeeds

    words = ("mse", "[1,2]", "[0,0]", "--sample-weight", "[1,-0.5]")
    assert "weight below 0 turns a loss into a gain" in fails(3, "compute", *words, "--strict")
    assert "--sample-weight is -0.5" in succeeds("compute", *words).err


def test_columns_of_one_file_are_in_one_order(tmp_path: Any) -> None:
    """Uncorrelated columns of one spread look as if they were in another order; only files can be."""
    from tests.cli.helpers import succeeds, write

    random = np.random.default_rng(3)
    truth, guess = random.normal(size=300), random.normal(size=300)
    rows = "".join(f"{a},{b}\n" for a, b in zip(guess, truth, strict=True))
    column = "".join(f"{b}\n" for b in truth)
    write(tmp_path, one_csv=f"guess,truth\n{rows}", two_csv=f"truth\n{column}")
    assert "different order" not in succeeds("compute", "mse", "one.csv::guess", "one.csv::truth", at=tmp_path).err
    assert "--key id" in succeeds("compute", "mse", "one.csv::guess", "two.csv::truth", at=tmp_path).err


@pytest.mark.parametrize(
    ("words", "swapped"),
    [
        ("mape reg.csv::true reg.csv::predicted", ["input is reg.csv::true, and target reg.csv::predicted"]),
        ("mape reg.csv::true target=other.csv::Y_hat", ["input is reg.csv::true, and target other.csv::Y_hat"]),
        ("mape reg.csv::predicted reg.csv::true", []),
        ("mape reg.csv::true other.csv::note", []),
        ("mape reg.csv::true reg.csv::true", []),
    ],
)
def test_names_that_say_the_inputs_are_swapped(words: str, swapped: list[str], tmp_path: Any) -> None:
    from tests.cli.helpers import fails, succeeds, write

    write(tmp_path, reg_csv="true,predicted\n1,1.5\n2,2.1\n", other_csv="Y_hat,note\n1.5,3\n2.1,3\n")
    said = succeeds("compute", *words.split(), at=tmp_path).err
    for fact in swapped:
        assert f"warning: {fact}: are the two swapped?\n" in said
        assert fact in fails(3, "compute", *words.split(), "--strict", at=tmp_path)
    assert ("swapped" in said) == bool(swapped)
