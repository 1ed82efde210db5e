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


def _sigmoid_focal(input: Tensor, target: Tensor, reduction: str, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """torchvision's formula and defaults, but for its reduction; a negative alpha is none."""
    chance = torch.sigmoid(input)
    missing = chance * (1 - target) + (1 - chance) * target
    units = missing**gamma * F.binary_cross_entropy_with_logits(input, target, reduction="none")
    return _reduced(units * (alpha * target + (1 - alpha) * (1 - target)) if alpha >= 0 else units, reduction)


def _sce(input: Tensor, target: Tensor, reduction: str, a: float = 1.0, b: float = 1.0, clip: float = 1e-4) -> Tensor:
    """a · CE + b · RCE, where RCE = -Σ clip(softmax) · log clip(one-hot), both clipped to [clip, 1]."""
    axis = min(1, input.ndim - 1)
    one_hot = torch.movedim(F.one_hot(target, input.shape[axis]), -1, axis).to(input.dtype)
    guessed = torch.softmax(input, axis).clamp(clip, 1)
    reverse = -(guessed * torch.log(one_hot.clamp(clip, 1))).sum(axis)
    return _reduced(a * F.cross_entropy(input, target, reduction="none") + b * reverse, reduction)


def _adaptive_log_softmax(input: Tensor, target: Tensor, reduction: str, **state: Tensor) -> Tensor:
    """The module's `output`, the log-probabilities of the targets, with the other sign; its `loss` is their mean."""
    sizes = [len(state[f"tail.{cluster}.1.weight"]) for cluster in range((len(state) - 1) // 2)]
    ends = np.cumsum([len(state["head.weight"]) - len(sizes), *sizes]).tolist()
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(
        input.shape[-1], ends[-1], ends[:-1], div_value=1.0, head_bias="head.bias" in state
    )
    answer = torch.func.functional_call(module, state, (input, target))
    unused = 0.0 * sum(matrix.sum() for matrix in state.values())  # a cluster without labels then has the gradient 0
    return unused + (answer.loss if reduction == "mean" else _reduced(-answer.output, reduction))


_DISTANCES: dict[str, Callable[[Tensor, Tensor], Tensor] | None] = {
    "euclidean": None,  # its own default, with an eps of 1e-6
    "cosine": lambda x, y: 1.0 - F.cosine_similarity(x, y, dim=-1),
    "manhattan": lambda x, y: (x - y).abs().sum(-1),
    "chebyshev": lambda x, y: (x - y).abs().amax(-1),
}


def _triplet_with_distance(distance_function: str = "euclidean", **rest: Any) -> Tensor:
    distance = _DISTANCES[distance_function]
    return F.triplet_margin_with_distance_loss(**rest, distance_function=distance)


def _contrastive(input1: Tensor, input2: Tensor, target: Tensor, reduction: str, margin: float = 1.0) -> Tensor:
    """Half the square of the distance, or of what is missing to the margin."""
    distance = torch.linalg.vector_norm(input1 - input2, dim=-1)
    return _reduced(torch.where(target == 1, distance, (margin - distance).clamp_min(0)) ** 2 / 2, reduction)


def _info_nce(
    anchor: Tensor, positive: Tensor, reduction: str, temperature: float = 0.07, symmetric: bool = False
) -> Tensor:
    """Cross-entropy of the cosines over the temperature; symmetric, of all views with all others."""
    one, other = F.normalize(anchor), F.normalize(positive)
    count = len(one)
    if not symmetric:
        return F.cross_entropy(one @ other.T / temperature, torch.arange(count), reduction=reduction)
    views = torch.cat([one, other])
    itself = torch.eye(2 * count, dtype=torch.bool)
    scores = (views @ views.T / temperature).masked_fill(itself, -torch.inf)
    losses = F.cross_entropy(scores, torch.arange(2 * count).roll(count), reduction="none")
    return _reduced((losses[:count] + losses[count:]) / 2, reduction)


def _jensen_shannon(input: Tensor, target: Tensor, reduction: str) -> Tensor:
    """Half the divergences of both from their middle."""
    middle = torch.log((input + target) / 2)
    both = F.kl_div(middle, input, reduction="none") + F.kl_div(middle, target, reduction="none")
    return _reduced(both.sum(min(1, input.ndim - 1)) / 2, reduction)


def _dice(input: Tensor, target: Tensor, reduction: str, smooth: float = 0.0) -> Tensor:
    share = (2 * (input * target).sum() + smooth) / (input.sum() + target.sum() + smooth)
    return _reduced(1 - share, reduction)


def _tversky(
    input: Tensor, target: Tensor, reduction: str, alpha: float = 0.3, beta: float = 0.7, smooth: float = 0.0
) -> Tensor:
    right, wrong, missed = (input * target).sum(), (input * (1 - target)).sum(), (target * (1 - input)).sum()
    return _reduced(1 - (right + smooth) / (right + alpha * wrong + beta * missed + smooth), reduction)


_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "smooth_l1": F.smooth_l1_loss,
    "huber": F.huber_loss,
    "poisson_nll": F.poisson_nll_loss,
    "gaussian_nll": F.gaussian_nll_loss,
    "cross_entropy": F.cross_entropy,
    "nll": F.nll_loss,
    "multi_margin": F.multi_margin_loss,
    "multilabel_margin": F.multilabel_margin_loss,
    "multilabel_soft_margin": F.multilabel_soft_margin_loss,
    "bce": F.binary_cross_entropy,
    "bce_with_logits": F.binary_cross_entropy_with_logits,
    "kl_div": F.kl_div,
    "cosine_embedding": F.cosine_embedding_loss,
    "triplet_margin": F.triplet_margin_loss,
    "triplet_margin_with_distance": _triplet_with_distance,
    "margin_ranking": F.margin_ranking_loss,
    "contrastive": _contrastive,
    "info_nce": _info_nce,
    "jensen_shannon": _jensen_shannon,
    "dice": _dice,
    "tversky": _tversky,
    "cosine_similarity": _cosine_similarity,
    "linear_cross_entropy": F.linear_cross_entropy,
    "adaptive_log_softmax": _adaptive_log_softmax,
    "log_loss": _log_loss,
    "focal": _focal,
    "soft_margin": F.soft_margin_loss,
    "hinge_embedding": F.hinge_embedding_loss,
    "sigmoid_focal": _sigmoid_focal,
    "sce": _sce,
    "ctc": F.ctc_loss,
}
