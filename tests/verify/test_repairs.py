"""Data that do not fit their loss: the mistake is diagnosed before it is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.schema.faults import LossError
from losscli.verify.verify import Verified
from tests.cli.helpers import fails, write
from tests.cli.helpers import losscli as command

Array = NDArray[np.float64]
RNG = np.random.default_rng(5)
X, T = RNG.normal(size=11), RNG.normal(size=11)
P, YES = RNG.uniform(0.05, 0.95, 11), RNG.integers(0, 2, 11).astype(np.float64)
MASK = RNG.integers(0, 2, (4, 6)).astype(np.float64)
SEGMENTED = RNG.uniform(0.05, 0.95, (4, 6))
SCORES, LABELS = RNG.normal(size=(11, 3)), RNG.integers(0, 3, 11)
IMAGES, PIXELS = RNG.normal(size=(2, 4, 5, 3)), RNG.integers(0, 3, (2, 4, 5))


def sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def nll(p: Array, y: Array) -> Array:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def dice(p: Array, t: Array) -> float:
    return float(1.0 - 2.0 * (p * t).sum() / (p.sum() + t.sum()))


def entropy(scores: Array, labels: NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-np.take_along_axis(logs, labels[..., None], -1).mean())


def margins(scores: Array, labels: NDArray[np.int64]) -> float:
    rows = np.arange(len(labels))
    over = np.maximum(0.0, 1.0 - scores[rows, labels][:, None] + scores)
    over[rows, labels] = 0.0
    return float(over.sum(axis=1).mean() / scores.shape[1])


MENDED = (
    ("axis_of_length_one", "mse", (X[:, None], T), np.square(X - T).mean()),
    ("axis_of_length_one", "mse", (X, T[:, None]), np.square(X - T).mean()),
    ("broadcast", "mse", (X[:, None], T), np.square(X[:, None] - T).mean()),
    ("broadcast", "l1", (X, T[:, None]), np.abs(X - T[:, None]).mean()),
    ("not_divided_by_255", "dice", (SEGMENTED, 255 * MASK), dice(SEGMENTED, 255 * MASK)),
    ("not_divided_by_255", "dice", (SEGMENTED, 255 * MASK), dice(SEGMENTED, MASK)),
    ("not_divided_by_255", "bce", (SEGMENTED, 255 * MASK), nll(SEGMENTED, 255 * MASK).mean()),
    ("not_divided_by_255 + sum_for_mean", "bce", (SEGMENTED, 255 * MASK), nll(SEGMENTED, 255 * MASK).sum()),
    ("zero_for_minus_one", "hinge", (X, YES), np.maximum(0, 1 - X * YES).mean()),
    ("zero_for_minus_one", "hinge", (X, YES), np.maximum(0, 1 - X * (2 * YES - 1)).mean()),
    ("minus_one_for_zero", "bce", (P, 2 * YES - 1), nll(P, 2 * YES - 1).mean()),
    ("minus_one_for_zero", "bce", (P, 2 * YES - 1), nll(P, YES).mean()),
    ("labels_counted_from_one", "cross_entropy", (SCORES, LABELS + 1), entropy(SCORES, LABELS)),
    ("one_hot_for_labels", "multi_margin", (SCORES, np.eye(3)[LABELS]), margins(SCORES, LABELS)),
    ("labels_for_one_hot", "multilabel_soft_margin", (SCORES, LABELS), nll(sigmoid(SCORES), np.eye(3)[LABELS]).mean()),
    ("transposed", "cross_entropy", (SCORES.T, LABELS), entropy(SCORES, LABELS)),
    ("classes_last", "cross_entropy", (IMAGES, PIXELS), entropy(IMAGES, PIXELS)),
    ("flat_scores", "cross_entropy", (SCORES.ravel(), LABELS), entropy(SCORES, LABELS)),
    ("flat_scores_by_class", "cross_entropy", (SCORES.T.ravel(), LABELS), entropy(SCORES, LABELS)),
    ("inputs_swapped", "cross_entropy", (LABELS, SCORES), entropy(SCORES, LABELS)),
    ("scores_for_probabilities", "bce", (3 * X, YES), nll(sigmoid(3 * X), YES).mean()),
    ("data_of_multi_margin", "hinge", (SCORES, LABELS), margins(SCORES, LABELS)),
)


def verified(loss: str, inputs: tuple[Any, ...], claim: float, **more: Any) -> Verified:
    return losscli.verify(loss, *inputs, claim=f"{claim:#.6g}", **more)


@pytest.mark.parametrize(("mistake", "loss", "inputs", "claim"), MENDED)
def test_the_mistake_in_the_data_is_named(
    mistake: str, loss: str, inputs: tuple[Any, ...], claim: float | None
) -> None:
    if claim is None:
        pytest.skip("labels are taken as they are")
    found = verified(loss, inputs, float(claim))
    assert found.verdict == "refuted"
    assert found.explanations[0].mistake == mistake
    assert found.explanations[0].value == pytest.approx(claim, rel=1e-5)
    assert "the data were mended" in found.warnings[0]


@pytest.mark.parametrize(("loss", "inputs"), {loss: (loss, inputs) for _, loss, inputs, _ in MENDED}.values())
def test_a_number_that_nothing_explains_ends_with_the_fault(loss: str, inputs: tuple[Any, ...]) -> None:
    with pytest.raises(LossError):
        verified(loss, inputs, 123.456)


def test_arrays_and_gradients() -> None:
    of_samples = losscli.verify("mse", X[:, None], T, claim_per_sample=np.square(X - T))
    assert of_samples.explanations[0].mistake == "axis_of_length_one"
    signs = losscli.verify("hinge", X, YES, claim_per_sample=np.maximum(0, 1 - X * YES))
    assert signs.explanations[0].mistake == "zero_for_minus_one"
    slope = losscli.verify("mse", X, T[:, None], claim_gradient=2 * (X - T) / 11)
    assert slope.explanations[0].mistake == "axis_of_length_one"


def test_right_data_of_a_wrongly_shaped_claim_stay_an_error() -> None:
    with pytest.raises(LossError, match="has shape"):
        losscli.verify("mse", X, T, claim_per_sample=np.zeros(5))


def test_two_repairs() -> None:
    found = verified("bce", (P[:, None], 255 * YES), float(nll(P, YES).mean()))
    assert found.explanations[0].mistake == "axis_of_length_one + not_divided_by_255"


def test_a_bound_is_no_reason_to_repair() -> None:
    with pytest.raises(LossError):
        losscli.verify("mse", X[:, None], T, at_most=5.0)


L1 = ("l1", "[[1],[2],[4]]", "[1,2,3]")
DICE = ("dice", "[[0.9,0.8,0.1],[0.2,0.7,0.1]]", "[[255,255,0],[0,255,0]]")


def test_the_report_of_a_broadcast() -> None:
    ended = command("verify", *L1, "--claim", "1.2222", "-f", "json")
    assert ended.code == 1
    document: Mapping[str, Any] = ended.json
    assert document["value"] == pytest.approx(1 / 3)
    assert document["explanations"][0]["mistake"] == "broadcast"
    assert "squeeze input to shape (3,)" in document["warnings"][0]
    table = command("verify", *L1, "--claim", "1.2222").out
    assert "refuted  the value" in table
    assert "0.3333333333333333" in table


def test_the_report_of_a_mask() -> None:
    claim = dice(np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.1]]), np.array([[255, 255, 0], [0, 255, 0]]))
    ended = command("verify", *DICE, "--claim", f"{claim:.4f}")
    assert ended.code == 1
    text = " ".join(ended.out.split())
    assert "target is a picture of 0 and 255" in text
    assert "cure divide target by 255" in text


def test_what_would_pass_is_not_said_of_mended_data() -> None:
    ended = command("verify", *L1, "--claim", "0.3333")
    assert ended.code == 1
    assert "with that mended, the claim holds" in " ".join(ended.out.split())
    assert "would pass" not in ended.out
    assert command("verify", *L1, "--claim", "0.3333", "--bare").out == "refuted\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*L1, "--claim", "7.77"), "input has shape (3, 1), an axis of length 1 too many: squeeze input to shape (3,)"),
        ((*DICE, "--claim", "7.77"), "target is a picture of 0 and 255"),
        (
            ("hinge", "[[0.5,0.3],[1,3]]", "[1,0]", "--claim", "7.77"),
            "categorical_hinge takes a row of classes a sample",
        ),
        (("ce", "[1,2,3,4,5,6]", "[0,1]", "--claim", "7.77"), "reshape input to (2, 3) if it lies sample by sample"),
        (("bce", "[0.5,0.3,2]", "[0,1,1]", "--claim", "7.77"), "bce_with_logits takes such data"),
    ],
)
def test_otherwise_the_error_names_the_repair(words: tuple[str, ...], told: str) -> None:
    assert told in fails(3, "verify", *words)


def test_what_the_error_says_already_is_not_said_twice() -> None:
    swapped = fails(3, "verify", "ce", "[1,0]", "[[0.5,0.3],[1,3]]", "--claim", "7.77")
    assert swapped.count("swapped") + swapped.count("each other's place") == 1
    signs = fails(3, "verify", "hinge", "[0.5,-0.3,2]", "[0,1,1]", "--claim", "7.77")
    assert signs.count("2·") == 1
    from_one = fails(3, "verify", "nll", "[[-0.5,-0.3],[-1,-3]]", "[2,1]", "--claim", "7.77")
    assert from_one.count("from 1") == 1


def test_a_suite_refutes_the_case_and_leaves_its_number(tmp_path: Path) -> None:
    text = "losscli: 1\ncases:\n  - {name: a, loss: l1, inputs: [[[1],[2],[4]], [1,2,3]], expect: {value: 1.2222}}\n"
    at = write(tmp_path, suite_yaml=text)
    ended = command("suite", "suite.yaml", "-f", "json", at=at)
    assert ended.code == 1
    assert ended.json["cases"][0]["explanations"][0]["mistake"] == "broadcast"
    command("suite", "suite.yaml", "--update", at=at)
    assert (at / "suite.yaml").read_text(encoding="utf-8") == text
