"""Right losses of plain NumPy, in the precision of their inputs: none may be refuted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.verify.public.making import Array, Data, binary, cosines, distance, nll, picked, relu

Losses = Callable[[Data], Any]


def _focal(d: Data, p: Any, alpha: float) -> Any:
    p_t = np.where(d.target == 1, p, 1 - p)
    return np.where(d.target == 1, alpha, 1 - alpha) * (1 - p_t) ** 2 * -np.log(p_t)


def _huber(d: Data, at: float) -> Any:
    e = np.abs(d.error)
    return np.where(e <= at, e**2 / 2, at * (e - at / 2))


def _pinball(d: Data) -> Any:
    return np.maximum(-d.quantile * d.error, (1 - d.quantile) * d.error)


def _lacks(d: Data) -> Any:
    lacks = relu(d.input - picked(d.input, d.target)[:, None] + 1)
    lacks[np.arange(len(lacks)), d.target] = 0
    return lacks.sum(axis=1) / d.input.dtype.type(d.c)


def _others(d: Data) -> Any:
    others = d.input.copy()
    others[np.arange(len(others)), d.target] = 0
    return relu(others.max(axis=1) - picked(d.input, d.target) + 1)


def _softmax_focal(d: Data) -> Any:
    p = picked(d.p, d.target)
    return (1 - p) ** 2 * -np.log(p)


def _contrastive(d: Data) -> Any:
    r = distance(d.input1, d.input2)
    return np.where(d.target == 1, r**2, relu(d.margin - r) ** 2) / 2


def _cosine_embedding(d: Data) -> Any:
    c = cosines(d.input1, d.input2)
    return np.where(d.target == 1, 1 - c, relu(c - d.margin))


def _info_nce(d: Data) -> Any:
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (d.anchor, d.positive))
    s = a @ b.T / a.dtype.type(d.temperature)
    return np.log(np.exp(s).sum(axis=1)) - np.diag(s)


def _triplet(d: Data) -> Any:
    a = d.anchor + d.anchor.dtype.type(1e-6)  # PyTorch adds it to the difference
    return relu(distance(a, d.positive) - distance(a, d.negative) + d.margin)


def _jensen_shannon(d: Data) -> Any:
    m = (d.input + d.target) / 2
    return (d.input * np.log(d.input / m) + d.target * np.log(d.target / m)).sum(axis=1) / 2


LOSSES: dict[str, Losses] = {
    "mse": lambda d: d.error**2,
    "l1": lambda d: np.abs(d.error),
    "huber": lambda d: _huber(d, d.delta),
    "smooth_l1": lambda d: _huber(d, d.beta) / d.beta,
    "log_cosh": lambda d: np.log(np.cosh(d.error)),
    "quantile": _pinball,
    "mape": lambda d: np.abs(d.error / d.target),
    "msle": lambda d: (np.log(1 + d.input) - np.log(1 + d.target)) ** 2,
    "poisson_nll": lambda d: np.exp(d.input) - d.target * d.input,
    "gaussian_nll": lambda d: (np.log(d.var) + d.error**2 / d.var) / 2,
    "bce": lambda d: binary(d.input, d.target),
    "bce_with_logits": lambda d: binary(d.p, d.target),
    "focal": lambda d: _focal(d, d.input, d.alpha),
    "sigmoid_focal": lambda d: _focal(d, d.p, 0.25),
    "hinge": lambda d: relu(1 - d.target * d.input),
    "squared_hinge": lambda d: relu(1 - d.target * d.input) ** 2,
    "soft_margin": lambda d: np.log(1 + np.exp(-d.target * d.input)),
    "hinge_embedding": lambda d: np.where(d.target == 1, d.input, relu(d.margin - d.input)),
    "margin_ranking": lambda d: relu(-d.target * (d.input1 - d.input2) + d.margin),
    "cross_entropy": lambda d: nll(d.input, d.target),
    "nll": lambda d: -picked(d.input, d.target),
    "log_loss": lambda d: -np.log(picked(d.input, d.target)),
    "brier": lambda d: ((d.input - d.hot.astype(d.input.dtype)) ** 2).sum(axis=1),
    "generalized_cross_entropy": lambda d: (1 - picked(d.input, d.target) ** d.q) / d.q,
    "softmax_focal": _softmax_focal,
    "multi_margin": _lacks,
    "categorical_hinge": _others,
    "multilabel_soft_margin": lambda d: binary(1 / (1 + np.exp(-d.input)), d.target).mean(axis=1),
    "jensen_shannon": _jensen_shannon,
    "contrastive": _contrastive,
    "cosine_embedding": _cosine_embedding,
    "cosine_similarity": lambda d: cosines(d.x1, d.x2),
    "triplet_margin": _triplet,
    "info_nce": _info_nce,
}


def in_single_precision(d: Data) -> Data:
    def rounded(array: Array) -> Array:
        return array.astype(np.float32) if array.dtype.kind == "f" else array

    return Data({role: rounded(np.asarray(array)) for role, array in d.inputs.items()}, d.options, d.batch, d.hidden)
