"""Puts a question to the installed PyTorch, in float64. Importing this needs PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it

from tests.golden.cases import Array

Tensor = Any  # torch is not type-checked here


@dataclass(frozen=True)
class Answer:
    """The value as reduced, and the gradient of its sum in every float64 input."""

    value: Array
    gradients: dict[str, Array]


def torch_answer(
    loss: str, inputs: Mapping[str, Array], options: Mapping[str, object], reduction: str | None
) -> Answer:
    """What PyTorch says. Labels are int64 arrays; a float64 array is an input that is differentiated."""
    tensors = {
        role: torch.tensor(array, requires_grad=np.asarray(array).dtype.kind == "f") for role, array in inputs.items()
    }
    keywords = {name: torch.tensor(o) if isinstance(o, np.ndarray) else o for name, o in options.items()}
    if reduction is not None:
        keywords["reduction"] = reduction
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated arguments, and kl_div's mean: both asked for on purpose
        value = _FUNCTIONS[loss](**tensors, **keywords)
    leaves = {role: tensor for role, tensor in tensors.items() if tensor.requires_grad}
    gradients = torch.autograd.grad(value.sum(), list(leaves.values()))
    return Answer(value.detach().numpy(), {role: slope.numpy() for role, slope in zip(leaves, gradients, strict=True)})


def _reduced(units: Tensor, reduction: str) -> Tensor:
    return units if reduction == "none" else getattr(units, reduction)()


def _cosine_similarity(x1: Tensor, x2: Tensor, reduction: str, **options: Any) -> Tensor:
    """PyTorch's function, which has no reduction of its own."""
    return _reduced(F.cosine_similarity(x1, x2, **options), reduction)


def _log_loss(input: Tensor, target: Tensor, **options: Any) -> Tensor:
    """Cross-entropy on probabilities: NLL of their logarithm."""
    return F.nll_loss(torch.log(input), target, **options)


def _focal(input: Tensor, target: Tensor, reduction: str, alpha: float = 0.75, gamma: float = 2.0) -> Tensor:
    """alpha_t · (1 - p_t)^gamma · BCE, as the tutorials define it on probabilities; their defaults too."""
    right = input * target + (1 - input) * (1 - target)
    balance = alpha * target + (1 - alpha) * (1 - target)
    return _reduced(balance * (1 - right) ** gamma * F.binary_cross_entropy(input, target, reduction="none"), reduction)


def _sce(input: Tensor, target: Tensor, reduction: str, a: float = 1.0, b: float = 1.0, clip: float = 1e-4) -> Tensor:
    """a · CE + b · RCE, where RCE = -Σ clip(softmax) · log clip(one-hot), both clipped to [clip, 1]."""
    axis = min(1, input.ndim - 1)
    one_hot = torch.movedim(F.one_hot(target, input.shape[axis]), -1, axis).to(input.dtype)
    guessed = torch.softmax(input, axis).clamp(clip, 1)
    reverse = -(guessed * torch.log(one_hot.clamp(clip, 1))).sum(axis)
    return _reduced(a * F.cross_entropy(input, target, reduction="none") + b * reverse, reduction)


_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "huber": F.huber_loss,
    "cross_entropy": F.cross_entropy,
    "nll": F.nll_loss,
    "bce": F.binary_cross_entropy,
    "bce_with_logits": F.binary_cross_entropy_with_logits,
    "kl_div": F.kl_div,
    "cosine_embedding": F.cosine_embedding_loss,
    "triplet_margin": F.triplet_margin_loss,
    "cosine_similarity": _cosine_similarity,
    "log_loss": _log_loss,
    "focal": _focal,
    "sce": _sce,
}
