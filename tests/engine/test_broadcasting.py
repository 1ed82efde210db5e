"""What PyTorch documents to broadcast, and its shapes, beside PyTorch itself where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses

RANDOM = np.random.default_rng(12)


def beside_torch(name: str, arrays: tuple[Any, ...], reduction: str, **options: Any) -> None:
    """Value, shape and gradients; integers are labels."""
    torch = pytest.importorskip("torch")
    tensors = [torch.tensor(array, requires_grad=np.asarray(array).dtype.kind == "f") for array in arrays]
    written = {key: torch.tensor(value) if isinstance(value, np.ndarray) else value for key, value in options.items()}
    loss = next(loss for loss in losses() if loss.name == name)
    call = getattr(torch.nn.functional, loss.function_name)
    theirs = (
        call(*tensors, **written) if name == "cosine_similarity" else call(*tensors, reduction=reduction, **written)
    )
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    slopes = torch.autograd.grad(theirs.sum(), leaves)
    found = losscli.compute(name, *arrays, reduction=reduction, gradients=True, **options)
    assert np.shape(found.value) == tuple(theirs.shape)
    np.testing.assert_allclose(found.value, theirs.detach().numpy(), rtol=1e-10)
    assert found.gradients is not None
    roles = [role for role, tensor in zip(loss.roles, tensors, strict=True) if tensor.requires_grad]
    for role, slope in zip(roles, slopes, strict=True):
        assert found.gradients[role].shape == tuple(slope.shape)
        np.testing.assert_allclose(found.gradients[role], slope.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(
    ("input", "target", "var"),
    [
        ((3, 4), (3, 1), (3, 4)),
        ((3, 4), (1, 4), (3, 1)),
        ((3, 4), (3, 4), (1, 4)),
        ((3, 4), (3, 4), (3,)),
        ((2, 3, 4), (2, 1, 4), (2, 3)),
        ((4,), (1,), (1,)),
        ((4,), (4,), ()),
    ],
)
def test_gaussian_nll(input: Any, target: Any, var: Any, reduction: str) -> None:
    arrays = (RANDOM.normal(size=input), RANDOM.normal(size=target), RANDOM.uniform(0.5, 2.0, var))
    beside_torch("gaussian_nll", arrays, reduction)


def test_a_single_number_takes_a_list_of_one_variance() -> None:
    found = losscli.compute("gaussian_nll", 0.0, 1.0, [4.0], gradients=True)
    assert found.value == pytest.approx(0.5 * (np.log(4.0) + 0.25), rel=1e-15)
    assert found.gradients is not None
    assert found.gradients["var"].shape == (1,)


@pytest.mark.parametrize(
    ("x1", "x2", "dim"),
    [((3, 4), (1, 4), 1), ((1, 4), (3, 4), 1), ((3, 4), (4,), 1), ((4,), (3, 4), 1), ((2, 1, 4), (3, 4), 2)],
)
def test_cosine_similarity(x1: Any, x2: Any, dim: int) -> None:
    beside_torch("cosine_similarity", (RANDOM.normal(size=x1), RANDOM.normal(size=x2)), "none", dim=dim)


@pytest.mark.parametrize("weight", [(3, 4), (4,), (3, 1), (1, 4), ()])
@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_multilabel_soft_margin(weight: Any, reduction: str) -> None:
    arrays = RANDOM.normal(size=(3, 4)), (RANDOM.random((3, 4)) > 0.5) * 1.0
    beside_torch("multilabel_soft_margin", arrays, reduction, weight=RANDOM.normal(size=weight))


@pytest.mark.parametrize("weight", [(3, 4), (4,), (3, 1), (1, 1)])
@pytest.mark.parametrize("name", ["bce", "bce_with_logits"])
def test_weights_of_elements(name: str, weight: Any) -> None:
    arrays = RANDOM.uniform(0.1, 0.9, (3, 4)), RANDOM.uniform(0.1, 0.9, (3, 4))
    options = {"weight": RANDOM.normal(size=weight)}
    if name == "bce_with_logits":
        options["pos_weight"] = RANDOM.normal(size=weight)
    beside_torch(name, arrays, "mean", **options)


@pytest.mark.parametrize("name", ["cross_entropy", "nll", "multi_margin"])
def test_negative_class_weights(name: str) -> None:
    arrays = RANDOM.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
    for reduction in ("none", "sum", "mean"):
        beside_torch(name, arrays, reduction, weight=np.array([1.0, -0.5, 2.0]))


def test_a_row_with_one_label_is_a_batch_of_one() -> None:
    """PyTorch's test case MultiMarginLoss_1d_no_reduce."""
    beside_torch("multi_margin", (RANDOM.normal(size=10), np.array([1])), "none")
    beside_torch("multi_margin", (RANDOM.normal(size=10), np.array(1)), "none")
    beside_torch("multi_margin", (RANDOM.normal(size=(1, 10)), np.array([1])), "none")


@pytest.mark.parametrize("shape", [(), (1,), (4,), (4, 1), (2, 3), (2, 3, 2), (2, 3, 2, 2)])
@pytest.mark.parametrize(
    "name",
    ["mse", "l1", "huber", "smooth_l1", "bce", "bce_with_logits", "soft_margin", "hinge_embedding", "poisson_nll",
     "kl_div", "margin_ranking", "gaussian_nll", "cosine_embedding", "triplet_margin", "multi_margin", "cross_entropy",
     "nll", "multilabel_margin", "multilabel_soft_margin", "cosine_similarity", "triplet_margin_with_distance"],
)  # fmt: skip
def test_shapes_of_none_at_every_rank(name: str, shape: tuple[int, ...]) -> None:
    """Where both take the shapes, their results have one shape."""
    torch = pytest.importorskip("torch")
    loss = next(loss for loss in losses() if loss.name == name)
    call = getattr(torch.nn.functional, loss.function_name)
    for labels in _label_shapes(shape):
        arrays: list[Any] = []
        for spec in loss.inputs:
            domain = spec.forms[0].domain
            if domain.index:
                arrays.append(np.zeros(labels, dtype=np.int64))
            elif domain.only:
                arrays.append(np.ones(labels if len(loss.inputs) > 2 else shape))
            else:
                arrays.append(RANDOM.uniform(0.1, 0.9, shape))
        try:
            written = {} if name == "cosine_similarity" else {"reduction": "none"}
            theirs = call(*map(torch.tensor, arrays), **written)
            ours = losscli.compute(name, *arrays, reduction="none")
        except (RuntimeError, ValueError, IndexError, losscli.LossError):
            continue
        if theirs.shape.numel() != np.size(ours.value) and name not in _BROADCASTS:
            continue
        assert np.shape(ours.value) == tuple(theirs.shape), (labels, shape)


_BROADCASTS = ("mse",)


def _label_shapes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(dict.fromkeys((shape, shape[:1], shape[1:], shape[:-1], (*shape[:1], *shape[2:]), (*shape[:1], 1))))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("hinge_embedding", (np.ones(2), np.array([[1], [-1]]))),
        ("cross_entropy", (np.ones((2, 3)), np.array([[1], [2]]))),
        ("soft_margin", (np.ones(2), np.array([[1.0], [-1.0]]))),
    ],
)
def test_a_column_of_labels_is_noted(name: str, inputs: Any) -> None:
    """Where PyTorch refuses it, or broadcasts."""
    found = losscli.compute(name, *inputs)
    assert any("target has shape (2, 1)" in note and "taken as (2,)" in note for note in found.notes)
    assert not losscli.compute(name, inputs[0], inputs[1][:, 0]).notes


@pytest.mark.parametrize("name", ["mse", "l1", "huber", "bce"])
def test_predictions_and_targets_never_broadcast(name: str) -> None:
    with pytest.raises(losscli.LossError, match="reshape one of them"):
        losscli.compute(name, np.full((3, 1), 0.5), np.full(3, 0.5))


@pytest.mark.parametrize("target", [(4,), (1, 1), (2, 4)])
def test_gaussian_nll_takes_no_other_targets(target: tuple[int, ...]) -> None:
    with pytest.raises(losscli.LossError, match="one axis of length 1"):
        losscli.compute("gaussian_nll", np.ones((3, 4)), np.ones(target), np.ones((3, 4)))
