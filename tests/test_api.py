"""The Python API, chapter 8 of the design."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from functools import partial
from math import exp, isnan, log, log1p
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.request import compute as carrying_out

LOGITS, LABELS = [[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], [1, 2]


def test_the_example_of_the_design() -> None:
    r = losscli.compute(
        "cross_entropy", LOGITS, LABELS, reduction="mean", gradients=True, convention="torch", label_smoothing=0.1
    )
    softmax = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    truth = 0.9 * np.eye(3)[LABELS] + 0.1 / 3
    per_sample = -(truth * np.log(softmax)).sum(axis=1)
    assert isinstance(r.value, float)
    assert r.value == pytest.approx(per_sample.mean(), rel=1e-14)
    np.testing.assert_allclose(r.per_sample, per_sample, rtol=1e-14)
    assert r.gradients is not None
    assert list(r.gradients) == ["input"]
    np.testing.assert_allclose(r.gradients["input"], (softmax - truth) / 2, rtol=1e-13)


def test_the_catalogue_is_a_call() -> None:
    """Before anything is computed and after: the name is also that of a subpackage."""
    losscli.compute("mse", 1, 2)
    assert "huber" in [loss.name for loss in losscli.losses()]
    for line in (
        "import losscli",
        "import losscli, losscli.losses.catalogue",
        "import losscli; losscli.compute('mse', 1, 2)",
    ):
        code = f"{line}; print(len(losscli.losses()))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert (done.stderr, int(done.stdout or 0)) == ("", len(losscli.losses()))


@pytest.mark.parametrize(
    ("inputs", "value"),
    [
        ((3.0, 1.0), 4.0),
        ((3, 1), 4.0),
        ((True, False), 1.0),
        (([3.0], [1.0]), 4.0),
        (((1, 2), (3, 5)), 6.5),
        (([[1, 2], [3, 4]], [[0, 0], [0, 0]]), 7.5),
        ((np.float16(0.1), np.float32(0.0)), float(np.float16(0.1)) ** 2),
        ((np.array(3.0), np.array(1.0)), 4.0),
        ((np.arange(24.0).reshape(2, 3, 4), np.zeros((2, 3, 4))), sum(i * i for i in range(24)) / 24),
        ((np.ones((1, 1, 1, 1, 3)), np.zeros((1, 1, 1, 1, 3))), 1.0),
        ((range(3), range(3)), 0.0),
        ((np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2), ">f4")), 7.5),
        ((np.arange(10.0)[::3], np.zeros(4, np.int8)), (9 + 36 + 81) / 4),
    ],
    ids=repr,
)
def test_inputs(inputs: tuple[Any, Any], value: float) -> None:
    found = losscli.compute("mse", *inputs)
    assert found.value == value
    assert losscli.compute("mse", *inputs, reduction="none").value.shape == np.shape(inputs[0])


def test_shapes_of_results() -> None:
    rng = np.random.default_rng(1)
    r = losscli.compute("cross_entropy", rng.normal(size=(2, 3, 4)), rng.integers(0, 3, (2, 4)), gradients=True)
    assert r.per_sample.shape == (2, 4)
    assert r.gradients is not None
    assert r.gradients["input"].shape == (2, 3, 4)
    single = losscli.compute("cross_entropy", [0.0, 0.0], 1, reduction="none", gradients=True)
    assert single.value.shape == ()
    assert single.value == pytest.approx(log(2))
    assert single.gradients is not None
    assert single.gradients["input"].tolist() == [0.5, -0.5]


def test_inputs_are_left_as_they_are() -> None:
    """The engine overwrites its chunks, never the caller's arrays."""
    for loss, arrays in (
        ("mse", (np.array([1.0, 2.0]), np.array([0.0, 5.0]))),
        ("cross_entropy", (np.array(LOGITS), np.array(LABELS))),
        ("bce_with_logits", (np.array([1.0, -2.0]), np.array([0.0, 1.0]))),
    ):
        before = [array.copy() for array in arrays]
        losscli.compute(loss, *arrays, gradients=True, sample_weight=np.array([1.0, 2.0]))
        assert all(np.array_equal(array, old) for array, old in zip(arrays, before, strict=True))
        for array in arrays:
            array.flags.writeable = False
        losscli.compute(loss, *arrays, gradients=True)


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((1.0, 5.0), {}),
        ((1.0,), {"target": 5.0}),
        ((), {"input": 1.0, "target": 5.0}),
        ((), {"target": 5.0, "input": 1.0}),
        ((), {"y_true": 5.0, "y_pred": 1.0}),
        ((), {"prediction": 1.0, "label": 5.0}),
        ((1.0,), {"y": 5.0}),
    ],
    ids=str,
)
def test_roles_by_position_name_and_synonym(positional: tuple[float, ...], named: dict[str, Any]) -> None:
    assert losscli.compute("mse", *positional, **named).value == 16.0


@pytest.mark.parametrize(
    ("loss", "inputs", "options", "value"),
    [
        ("huber", (1, 5), {"delta": 2}, 6.0),
        ("SmoothL1Loss", (1, 5), {"beta": 2.0}, 3.0),
        ("nn.NLLLoss", ([[-1.0, -2.0], [-3.0, -5.0]], [0, 1]), {"weight": [1, 3]}, 4.0),
        ("nll", ([[-1.0, -2.0], [-3.0, -5.0]], [0, 1]), {"ignore_index": 0}, 5.0),
        ("bce_with_logits", ([0.0], [1.0]), {"pos_weight": np.array([3.0])}, 3 * log(2)),
        ("bce_with_logits", ([0.0], [1.0]), {"pos_weight": None}, log(2)),
        ("kl_div", ([[-1.0, -1.0]], [[log(0.5)] * 2]), {"log_target": True, "reduction": "batchmean"}, 1 - log(2)),
        ("triplet_margin", ([[0, 0]], [[3, 4]], [[3, 3]]), {"swap": True, "eps": 0.0, "p": 2}, 5.0),
        ("cosine_similarity", ([[3, 4]], [[4, 3]]), {"dim": 1, "eps": 1e-8, "reduction": "sum"}, 0.96),
        ("mse", ([1, 2, 3], [0, 0, 0]), {"sample_weight": [1, 2, 3]}, 6.0),
        ("cross_entropy", ([[0, 0], [1, 3]], [1, 1]), {"class_axis": 0}, (log1p(exp(-1)) + log1p(exp(-3))) / 2),
        ("bce", (0, 1), {}, 100.0),
        ("bce", (0, 1), {"convention": "exact"}, np.inf),
    ],
    ids=repr,
)
def test_options_bear_pytorchs_names(loss: str, inputs: Any, options: dict[str, Any], value: float) -> None:
    assert losscli.compute(loss, *inputs, **options).value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("old", "reduction"),
    [
        ({"size_average": True}, "mean"),
        ({"size_average": False}, "sum"),
        ({"reduce": True}, "mean"),
        ({"reduce": False}, "none"),
        ({"reduce": True, "size_average": False}, "sum"),
        ({"reduce": False, "size_average": False}, "none"),
    ],
    ids=str,
)
def test_deprecated_arguments(old: dict[str, Any], reduction: str) -> None:
    """As torch.nn._reduction.legacy_get_string translates them."""
    found = losscli.compute("mse", [1, 2], [3, 5], **old)
    assert np.array_equal(found.value, losscli.compute("mse", [1, 2], [3, 5], reduction=reduction).value)
    assert any("deprecated" in warning for warning in found.warnings)


def test_per_sample_is_made_on_first_access_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []
    carry_out = carrying_out.compute

    def spy(bound: Any, wanted: Any) -> Any:
        made.append(wanted.per_sample)
        return carry_out(bound, wanted)

    monkeypatch.setattr(carrying_out, "compute", spy)
    r = losscli.compute("mse", [1, 2], [3, 5])
    assert made == [False]
    assert r.per_sample.tolist() == [4.0, 9.0]
    assert r.per_sample is r.per_sample
    assert made == [False, True]
    assert r.gradients is None


def test_numbers_beside_the_value() -> None:
    r = losscli.compute("nll", [[-1.0, -2.0], [-3.0, -5.0], [-7.0, -8.0]], [0, 1, -100], weight=[1, 3])
    assert (r.value, r.sum, r.mean, r.count, r.ignored, r.denominator) == (4.0, 16.0, 4.0, 2, 1, 4.0)
    assert r.per_sample.tolist() == [1.0, 15.0, 0.0]
    errors = losscli.compute("l1", [1, 2, 4], [0, 0, 0])
    assert errors.standard_error == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3), rel=1e-15)


def test_the_mean_of_nothing() -> None:
    r = losscli.compute("mse", [], [])
    assert isnan(r.value)
    assert r.warnings == ("there are no samples, and the mean of nothing is nan",)
    assert losscli.compute("mse", [], [], reduction="none").value.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        (("hubr", 1, 2), {}, "did you mean huber"),
        (("mse", 1), {}, "needs target"),
        (("mse",), {}, "needs input, target"),
        (("mse", 1, 2, 3), {}, "takes 2 inputs"),
        (("mse", 1), {"input": 2}, "input twice"),
        (("mse", 1, 2), {"y_pred": 3}, "input twice"),
        (("huber", 1, 2), {"dleta": 1}, "did you mean delta"),
        (("huber", 1, 2), {"delta": -1}, "greater than 0, got -1"),
        (("huber", 1, 2), {"delta": None}, "greater than 0, got None"),
        (("huber", 1, 2), {"reduction": "men"}, "none, mean, sum"),
        (("huber", 1, 2), {"reduction": "batchmean"}, "none, mean, sum"),
        (("huber", 1, 2), {"convention": "torhc"}, "torch, exact, keras, optax"),
        (("huber", 1, 2), {"nonfinite": "ignore"}, "error or propagate"),
        (("mse", [1, 2], [1, 2, 3]), {}, "never broadcasts"),
        (("mse", [[1], [2]], [1, 2]), {}, "never broadcasts"),
        (("mse", [1, np.nan], [1, 2]), {}, "input[1]: input is nan"),
        (("bce", [0.5, 1.5], [1, 1]), {}, "input[1]: input is 1.5, and must be from 0 to 1"),
        (("cross_entropy", LOGITS, [0, 3]), {}, "target[1]: target is 3"),
        (("mse", ["a"], [1]), {}, "input"),
        (("mse", [1j], [1]), {}, "complex"),
        (("mse", [[1], [1, 2]], [1]), {}, "input is not an array"),
        (("mse", [int], [1]), {}, "object"),
        (("nll", [[-1, -2]], [0]), {"weight": [1, 2, 3]}, "2 classes"),
        (("nll", [[-1, -2]], [0]), {"weight": ["a", "b"]}, "weight"),
        (("mse", [1], [2]), {"sample_weight": [1, 2]}, "shape (1,)"),
        (("mse", [1], [2]), {"sample_weight": [np.inf]}, "a finite number"),
    ],
    ids=repr,
)
def test_faults_are_loss_errors(arguments: tuple[Any, ...], named: dict[str, Any], message: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.compute(*arguments, **named)
    assert message in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.compute("huber", [1, 2], [1, 2, 3], delta=-1, reduction="men", convention="x", dleta=3)
    for part in ("(3,)", "delta must be", "'men'", "'x'", "'dleta'"):
        assert part in str(caught.value)


def test_nonfinite_propagates_where_wanted() -> None:
    assert isnan(losscli.compute("mse", [np.nan], [1], nonfinite="propagate").value)


def test_jobs_change_nothing() -> None:
    rng = np.random.default_rng(2)
    scores, labels = rng.normal(size=(3000, 100)), rng.integers(0, 100, 3000)
    one, four = (losscli.compute("cross_entropy", scores, labels, gradients=True, jobs=jobs) for jobs in (1, 4))
    assert one.value == four.value
    assert one.gradients is not None
    assert four.gradients is not None
    assert np.array_equal(one.gradients["input"], four.gradients["input"])


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_torch_tensors_are_taken_as_they_are() -> None:
    code = """
import torch, losscli
scores = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])
labels = torch.tensor([1, 2])
r = losscli.compute("cross_entropy", scores, labels, weight=torch.tensor([1.0, 2.0, 3.0]))
t = torch.nn.functional.cross_entropy(scores.double(), labels, weight=torch.tensor([1.0, 2.0, 3.0]).double())
assert abs(r.value - t.item()) < 1e-14, (r.value, t)
try:
    losscli.compute("cross_entropy", scores.requires_grad_(), labels)
except losscli.LossError as fault:
    assert "detach" in str(fault)
except Exception as other:
    raise SystemExit(f"not a LossError: {other!r}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_names() -> None:
    assert {"compute", "losses", "LossError"} <= set(losscli.__all__)
    assert losscli.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="nonsense"):
        _ = losscli.nonsense
    assert "mse" in repr(losscli.compute("mse", 1, 3))
    assert "4.0" in repr(losscli.compute("mse", 1, 3))


def test_the_package_is_typed() -> None:
    assert (Path(losscli.__file__).parent / "py.typed").is_file()


def test_import_waits_for_numpy() -> None:
    code = "import sys, losscli; sys.exit('numpy' in sys.modules or 'yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_verdict_is_a_truth_and_a_result_a_number() -> None:
    right, wrong = (losscli.verify("mse", [1.0, 2.0], [2.0, 4.0], claim=claim) for claim in ("2.5", "5.0"))
    assert (bool(right), bool(wrong)) == (True, False)
    assert (repr(right), repr(wrong)) == ("Verified(mse, holds)", "Verified(mse, refuted, sum_for_mean)")
    computed = losscli.compute("mse", [1.0, 2.0], [2.0, 4.0])
    assert (float(computed), repr(computed)) == (2.5, "Computed(mse, mean, 2.5)")
    with pytest.raises(TypeError):
        float(losscli.compute("mse", [1.0, 2.0], [2.0, 4.0], reduction="none"))


def test_dir_lists_the_api() -> None:
    code = "import losscli; print(*(name for name in dir(losscli) if name[0] != '_'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == sorted(losscli.__all__)
    assert repr(losscli.losses()[0]).startswith("Loss(")


@pytest.mark.parametrize("function", [losscli.compute, partial(losscli.verify, claim=1.0)])
def test_strict_refuses_what_is_warned_of(function: Any) -> None:
    given = ("mse", [1.0, 2.0], [2.0, 3.0])
    assert any("into a gain" in warning for warning in function(*given, sample_weight=[-1.0, 2.0]).warnings)
    with pytest.raises(losscli.LossError, match="into a gain"):
        function(*given, sample_weight=[-1.0, 2.0], strict=True)


def test_a_loss_that_is_no_name() -> None:
    with pytest.raises(losscli.LossError, match="the loss must be a name, got 5"):
        losscli.compute(dict[str, Any](loss=5)["loss"], [1.0], [1.0])


def test_a_misspelt_role_is_named() -> None:
    with pytest.raises(losscli.LossError, match=r"(?s)mse needs target.*did you mean target by targt\?"):
        losscli.compute("mse", [1.0], targt=[1.0])
