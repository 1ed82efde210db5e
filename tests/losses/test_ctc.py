"""CTC, against the sum over all paths written out in mpmath, a recursion in mpmath, and PyTorch's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, log
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import losscli
from losscli.losses.catalogue import find
from tests.cli.helpers import succeeds
from tests.losses.reference import ulps_off
from tests.nasty.families import log_softmax
from tests.references._formulas import Array
from tests.references.ctc import enumerated, recursion

DIGITS = 60


def batches() -> Iterator[tuple[str, Array, list[list[int]], int]]:
    """Frames that are unsure, sure, far apart, huge, tiny, unnormalised, or rule a class out; with every blank."""
    random = np.random.default_rng(61)
    targets = [[1, 2], [1, 1], [2], [], [2, 1, 2]]
    for name, scale in (("plain", 1.0), ("sure", 30.0), ("far", 700.0), ("even", 0.0)):
        yield name, log_softmax(random.normal(0, scale, (6, 5, 3))), targets, 0
    unsure = log_softmax(random.normal(size=(6, 5, 3)))
    yield "huge", 1e5 * unsure, targets, 0
    for masked in (-1e16, -1e17, -1e30, np.finfo(float).min):  # as torch.finfo(dtype).min is used
        for name, where in (("a-label", (slice(None), slice(None), 1)), ("a-frame", (2, slice(None), slice(0, 2)))):
            masks = unsure.copy()
            masks[where] = masked
            yield f"{name}-at-{masked:g}", masks, targets if masked > -1e308 else [[2], [2], [2], [], [2]], 0
    yield "above-0", unsure + 3.0, targets, 0
    yield "below-the-range-of-exp", unsure - 1e4, targets, 0
    ruled_out = unsure.copy()
    ruled_out[0, :, 0] = ruled_out[3, :, 2] = -inf
    yield "ruled-out", ruled_out, targets, 0
    yield "blank-1", unsure, [[0, 2], [0, 0], [2], [], [2, 0, 2]], 1
    yield "blank-2", unsure, [[1, 0], [1, 1], [0], [], [0, 1, 0]], 2


def inputs_of(log_probs: Array, targets: list[list[int]], frames: list[int] | None = None) -> dict[str, Any]:
    lengths = [len(target) for target in targets]
    padded = [target + [-9] * (max(lengths) - len(target)) for target in targets]
    return {
        "log_probs": log_probs,
        "targets": padded,
        "input_lengths": [len(log_probs)] * len(targets) if frames is None else frames,
        "target_lengths": lengths,
    }


FRAMES = [6, 5, 6, 4, 6]
BATCHES = list(batches())


@pytest.mark.parametrize(
    ("log_probs", "targets", "blank"), [batch[1:] for batch in BATCHES], ids=[batch[0] for batch in BATCHES]
)
def test_all_paths(log_probs: Array, targets: list[list[int]], blank: int) -> None:
    """Values to 2 ulps of them or of 1 (1 with NumPy 2), gradients to 4, or 8 beside a mask.

    A mask's rounding takes the bits beyond float64. Of posteriors that are 0 the gradient is 0 exactly.
    """
    masked = bool((np.isfinite(log_probs) & (log_probs < -1e15)).any())
    named = inputs_of(log_probs, targets, FRAMES)
    ours = losscli.compute("ctc", **named, blank=blank, reduction="none", gradients=True, convention="exact")
    assert ours.gradients is not None
    with mp.workdps(DIGITS):
        for sample, (target, frames) in enumerate(zip(targets, FRAMES, strict=True)):
            value, share = enumerated(log_probs[:frames, sample], target, blank)
            assert ulps_off(ours.value[sample], value, 1.0) <= 2.0
            slopes = ours.gradients["log_probs"][:, sample]
            assert not slopes[frames:].any()
            worst = max(map(ulps_off, slopes[:frames].ravel(), -share.ravel()))
            assert np.isnan(slopes[:frames]).all() if value == mp.inf else worst <= 4.0 + 4.0 * masked, worst


@pytest.mark.parametrize("sure", [0.0, 12.0, 25.0], ids=["unsure", "sure", "certain"])
def test_long_sequences(sure: float) -> None:
    """400 frames: the loss stays good to an ulp, be it 1000 or 1e-7; the slopes to a rounding a frame or less."""
    random = np.random.default_rng(62)
    target = random.integers(1, 6, 12).tolist()
    scores = random.normal(size=(400, 6))
    path = np.zeros(400, int)
    path[np.sort(random.choice(200, 12, replace=False)) * 2] = target
    scores[np.arange(400), path] += sure
    named = inputs_of(log_softmax(scores)[:, None], [target])
    ours = losscli.compute("ctc", **named, reduction="none", gradients=True, convention="exact")
    assert ours.gradients is not None
    with mp.workdps(DIGITS):
        value, share = recursion(named["log_probs"][:, 0], target)
        assert ulps_off(ours.value[0], value) <= 1.0
        slopes = ours.gradients["log_probs"][:, 0]
        assert max(map(ulps_off, slopes.ravel(), -share.ravel())) <= 60.0
        assert np.abs(slopes + share).max() <= 4e-15


def test_recursion_is_the_sum_over_paths() -> None:
    """The references agree with each other."""
    log_probs = log_softmax(np.random.default_rng(63).normal(size=(5, 3)))
    with mp.workdps(DIGITS):
        one, other = recursion(log_probs, [1, 1]), enumerated(log_probs, [1, 1], 0)
        assert abs(one[0] - other[0]) < mpf(10) ** -50
        assert abs(one[1] - other[1]).max() < mpf(10) ** -50


# PyTorch 2.13.0, F.ctc_loss in float64, of the scores below after F.log_softmax.
SCORES = np.sin(np.arange(24.0)).reshape(4, 2, 3)
TORCH: dict[str, Any] = {
    "none": [1.3780015248256345, 1.0665119467490025],
    "mean": 0.87775635458091,
    "sum": 2.444513471574637,
}
TORCH_SLOPES = [
    [-0.0025087842303985197, -0.10445545353953335, 0.10696423776993194],
    [-0.011164886965587761, -0.08446856395073246, 0.09563345091632025],
]


def small() -> dict[str, Any]:
    return inputs_of(log_softmax(SCORES), [[1, 2], [1]], [4, 3])


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_reductions(reduction: str) -> None:
    """The mean divides by the target lengths first."""
    np.testing.assert_allclose(
        losscli.compute("ctc", **small(), reduction=reduction).value, TORCH[reduction], rtol=1e-15
    )


def test_gradient_of_torch() -> None:
    """What PyTorch returns for log_probs: that of the scores before the softmax, so each frame's sums to 0."""
    found = losscli.compute("ctc", **small(), gradients=True).gradients
    assert found is not None
    np.testing.assert_allclose(found["log_probs"][0], TORCH_SLOPES, rtol=1e-13)
    assert np.abs(found["log_probs"].sum(axis=2)).max() < 1e-15


def test_gradients_of_both_conventions() -> None:
    """That of the scores is that of log_probs taken back through log_softmax: g - softmax · Σ g."""
    found = {
        convention: losscli.compute("ctc", **small(), reduction="sum", gradients=True, convention=convention).gradients
        for convention in ("torch", "exact")
    }
    assert found["exact"] is not None
    assert found["torch"] is not None
    exact = found["exact"]["log_probs"]
    through = exact - np.exp(small()["log_probs"]) * exact.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(found["torch"]["log_probs"], through, atol=1e-15)


def test_mean_of_an_empty_target_divides_by_1() -> None:
    log_probs = np.log(np.full((2, 2, 2), 0.5))
    ours = losscli.compute("ctc", **inputs_of(log_probs, [[1, 1], []], [2, 2]), zero_infinity=True)
    assert ours.value == pytest.approx((0.0 + 2 * log(2)) / 2, rel=1e-15)


def test_targets_end_to_end() -> None:
    padded, flat = small(), {**small(), "targets": [1, 2, 1]}
    a, b = (losscli.compute("ctc", **named, reduction="none", gradients=True) for named in (padded, flat))
    assert a.value.tolist() == b.value.tolist()
    assert a.gradients is not None
    assert b.gradients is not None
    np.testing.assert_array_equal(a.gradients["log_probs"], b.gradients["log_probs"])


def test_a_single_sample() -> None:
    """(T, C) is the batch of one without its axis."""
    batch = inputs_of(log_softmax(SCORES)[:, :1], [[1, 2]])
    ours = losscli.compute("ctc", batch["log_probs"][:, 0], [1, 2], 4, 2, reduction="none", gradients=True)
    assert ours.value == losscli.compute("ctc", **batch, reduction="none").value[0]
    assert ours.gradients is not None
    assert ours.gradients["log_probs"].shape == (4, 3)


def test_no_samples() -> None:
    """PyTorch refuses an empty batch."""
    ours = losscli.compute("ctc", np.zeros((4, 0, 3)), np.zeros((0, 2)), np.zeros(0), np.zeros(0), reduction="sum")
    assert ours.value == 0.0


def test_no_frames() -> None:
    """No frames say nothing: the loss of no labels is 0, that of a label infinite."""
    ours = losscli.compute("ctc", np.zeros((0, 2, 3)), [[1], [1]], [0, 0], [0, 1], reduction="none")
    assert ours.value.tolist() == [0.0, inf]


def test_a_certain_alignment_costs_nothing() -> None:
    log_probs = np.array([[-inf, 0.0], [0.0, -inf], [-inf, 0.0]])
    ours = losscli.compute("ctc", log_probs, [1, 1], 3, 2, gradients=True, convention="exact")
    assert (ours.value, ours.warnings) == (0.0, ())
    assert ours.gradients is not None
    assert ours.gradients["log_probs"].tolist() == [[0.0, -0.5], [-0.5, 0.0], [0.0, -0.5]]


def test_a_class_ruled_out_has_slope_0() -> None:
    """PyTorch prints nan there: exp(-inf) - exp(-inf - -inf)."""
    ours = losscli.compute("ctc", [[-1.0, -1.5, -0.9], [-0.7, -inf, -0.7]], [1], 2, 1, gradients=True)
    assert ours.gradients is not None
    assert ours.gradients["log_probs"][1, 1] == 0.0
    assert np.isfinite(ours.gradients["log_probs"]).all()


def test_huge_log_probs() -> None:
    """Paths of 1e300 each; PyTorch's float32 has no such number."""
    log_probs = np.array([[-1e300, -2e300], [-3e300, -1e300]])
    ours = losscli.compute("ctc", log_probs, [1], 2, 1, gradients=True, convention="exact")
    assert ours.value == 2e300
    assert ours.gradients is not None
    assert ours.gradients["log_probs"].tolist() == [[-1.0, 0.0], [0.0, -1.0]]


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_too_few_frames(zero_infinity: bool) -> None:
    """Two equal labels need a blank between them."""
    log_probs = log_softmax(SCORES)
    named = inputs_of(log_probs, [[1, 2], [1, 1]], [4, 2])
    ours = losscli.compute("ctc", **named, zero_infinity=zero_infinity, reduction="none", gradients=True)
    assert ours.value[1] == (0.0 if zero_infinity else inf)
    assert "sample 1 is infinite" in ours.warnings[0]
    assert "need 3 frames, and it has 2" in ours.warnings[0]
    assert ours.gradients is not None
    lost = ours.gradients["log_probs"][:2, 1]
    assert not lost.any() if zero_infinity else np.isnan(lost).all()
    assert not ours.gradients["log_probs"][2:, 1].any()
    assert np.isfinite(ours.gradients["log_probs"][:, 0]).all()


def test_frames_that_rule_the_labels_out() -> None:
    log_probs = np.array([[0.0, -inf], [0.0, -inf]])
    ours = losscli.compute("ctc", log_probs, [1], 2, 1)
    assert ours.value == inf
    assert any("the log-probabilities of every alignment add up to -inf" in warning for warning in ours.warnings)


def test_several_impossible_samples_are_one_warning() -> None:
    ours = losscli.compute("ctc", **inputs_of(np.zeros((1, 3, 3)), [[1, 2]] * 3), reduction="none")
    assert [warning for warning in ours.warnings if "2 more" in warning]


def test_a_sample_without_weight_has_no_slope() -> None:
    named = inputs_of(log_softmax(SCORES), [[1, 2], [1, 1]], [4, 2])
    found = losscli.compute("ctc", **named, sample_weight=[1.0, 0.0], reduction="sum", gradients=True).gradients
    assert found is not None
    assert not found["log_probs"][:, 1].any()


def test_a_batch_is_its_samples() -> None:
    """Padding of other samples, in time and in labels, changes no bit."""
    log_probs = log_softmax(np.random.default_rng(64).normal(size=(7, 4, 5)))
    targets, frames = [[1, 2, 2], [3], [], [4, 1]], [7, 3, 5, 6]
    whole = losscli.compute("ctc", **inputs_of(log_probs, targets, frames), reduction="none", gradients=True)
    assert whole.gradients is not None
    for sample, (target, length) in enumerate(zip(targets, frames, strict=True)):
        own = log_probs[:length, sample]
        alone = losscli.compute("ctc", own, target, length, len(target), reduction="none", gradients=True)
        assert alone.gradients is not None
        assert whole.value[sample] == alone.value
        np.testing.assert_array_equal(whole.gradients["log_probs"][:length, sample], alone.gradients["log_probs"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"targets": [[1, 2], [0, 9]]}, r"targets\[1, 0\]: the label 0, which is the blank"),
        ({"targets": [[1, 3], [1, 9]]}, r"targets\[0, 1\]: the label 3, and log_probs has 3 classes"),
        ({"targets": [[1, -1], [1, 9]]}, r"targets\[0, 1\]: the label -1"),
        ({"targets": [1, 2, 1, 1]}, "add up to 3, and there are 4 targets"),
        ({"targets": [1, 2, 0]}, r"targets\[2\]: the label 0, which is the blank"),
        ({"input_lengths": [4, 5]}, r"input_lengths\[1\]: an input length of 5, and log_probs has 4 frames"),
        ({"target_lengths": [3, 1]}, r"target_lengths\[0\]: a target length of 3, and targets has 2 columns"),
        ({"target_lengths": [2, -1]}, "target_lengths is -1, and must be a whole number, 0 or greater"),
        ({"target_lengths": [2, 0.5]}, "target_lengths is 0.5"),
        ({"blank": 3}, "blank is 3, and log_probs has 3 classes"),
        ({"blank": -1}, "blank must be a class, counted from 0"),
        ({"input_lengths": [4, 3, 2]}, r"input_lengths has shape \(3,\)"),
        ({"log_probs": np.full((4, 2, 3), inf)}, "must be a finite number or -inf"),
    ],
)
def test_bad_inputs(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(losscli.LossError, match=message):
        losscli.compute("ctc", **{**small(), **changed})


def test_nll_is_the_loss_of_a_label_a_frame() -> None:
    """And of no labels: the relations to nll, on inputs that meet their conditions."""
    log_probs = log_softmax(np.random.default_rng(65).normal(size=(3, 2, 4)))
    met = [
        inputs_of(log_probs, [[1, 2, 1], [3, 2]], [3, 2]),
        inputs_of(log_probs, [[], []], [3, 2]),
    ]
    relations = [relation for relation in find("ctc").relations if relation.loss == "nll"]
    for relation, named in zip(relations, met, strict=True):
        arrays: dict[str, Any] = {
            role: np.asarray(array, float if role == "log_probs" else int) for role, array in named.items()
        }
        assert relation.given(**arrays, blank=0)
        view: dict[str, Any] = relation.view(**arrays, blank=0)
        other = losscli.compute("nll", **view, reduction="sum").value
        assert losscli.compute("ctc", **arrays, reduction="sum").value == pytest.approx(other, rel=1e-15)
    assert not relations[0].given(**{role: np.asarray(array) for role, array in small().items()}, blank=0)


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_the_worked_example_ends_at_the_loss(zero_infinity: bool) -> None:
    log_probs = log_softmax(SCORES)
    named = inputs_of(log_probs, [[1, 2], [1, 1]], [4, 2])
    steps = find("ctc").steps
    assert steps is not None
    arrays = {role: np.asarray(array, float) for role, array in named.items()}
    ours = losscli.compute("ctc", **named, zero_infinity=zero_infinity, reduction="none").value
    for at in range(2):
        last = list(steps(**arrays, blank=0, zero_infinity=zero_infinity, at=at))[-1]
        assert last.name == "loss"
        assert last.value == pytest.approx(ours[at], rel=1e-14)


def test_live() -> None:
    """The installed PyTorch, on more frames than the recorded cases have; it rounds a part in 1e12."""
    torch = pytest.importorskip("torch", reason="the live comparison needs the torch extra")
    random = np.random.default_rng(66)
    log_probs = log_softmax(random.normal(0, 2, (60, 5, 8)))
    targets, frames, lengths = random.integers(1, 8, (5, 9)), np.array([60, 50, 40, 30, 20]), np.array([9, 7, 5, 0, 1])
    leaf = torch.tensor(log_probs, requires_grad=True)
    theirs = torch.nn.functional.ctc_loss(leaf, *map(torch.tensor, (targets, frames, lengths)))
    theirs.backward()
    ours = losscli.compute("ctc", log_probs, targets, frames, lengths, gradients=True)
    assert ours.value == pytest.approx(theirs.item(), rel=1e-12)
    assert ours.gradients is not None
    np.testing.assert_allclose(ours.gradients["log_probs"], leaf.grad.numpy(), atol=1e-12)


def test_which_gradient_is_shown_is_said() -> None:
    words = [word.replace(" ", "") for word in find("ctc").example]
    assert "before log_softmax" in succeeds("compute", "ctc", *words).err
    assert not succeeds("compute", "ctc", *words, "--convention", "exact").err
    assert not succeeds("compute", "ctc", *words, "--no-gradients").err


def test_a_masked_label_with_fewest_frames() -> None:
    """The one path goes through the mask: its loss is the mask's, as in PyTorch."""
    ours = losscli.compute("ctc", [[[-2.67, -1e30]], [[-0.44, -1e30]]], [[1]], [2], [1], gradients=True)
    assert ours.gradients is not None
    assert ours.value == 1e30
    assert np.isfinite(ours.gradients["log_probs"]).all()


def test_what_stands_behind_a_length_is_no_data() -> None:
    """NaN among the frames and labels that do not count, as tf.nn.ctc_loss is tested; within the lengths it is one."""
    frames, targets = [[[-2.67, -1.0]], [[np.nan, np.inf]]], [[1, np.nan]]
    ours = losscli.compute("ctc", frames, targets, [1], [1], gradients=True)
    assert ours.gradients is not None
    assert ours.value == 1.0
    assert ours.gradients["log_probs"][1].tolist() == [[0.0, 0.0]]
    with pytest.raises(losscli.LossError, match=r"log_probs is nan.* \(and 1 more\)"):
        losscli.compute("ctc", frames, targets, [2], [1])
    with pytest.raises(losscli.LossError, match="targets is nan"):
        losscli.compute("ctc", frames, targets, [1], [2], nonfinite="propagate")
