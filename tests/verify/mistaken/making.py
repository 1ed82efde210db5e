"""What all mistakes are made with: data, and the register of who makes which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Draw = np.random.Generator


@dataclass(frozen=True)
class Made:
    """A request, and the number that somebody who made the mistake would claim."""

    loss: str
    inputs: dict[str, Array]
    claim: float
    options: dict[str, Any] = field(default_factory=dict)


Builder = Callable[[Draw], Made]
MISTAKES: list[tuple[str, str, Builder]] = []  # number in the catalogue, name, and how it is made


def mistake(number: str, name: str) -> Callable[[Builder], Builder]:
    def keep(builder: Builder) -> Builder:
        MISTAKES.append((number, name, builder))
        return builder

    return keep


@dataclass(frozen=True)
class Classes:
    """Scores, labels, class weights, and which samples are ignored."""

    scores: Array
    labels: Array
    weight: Array
    kept: Array

    @property
    def given(self) -> dict[str, Array]:
        return {"input": self.scores, "target": np.where(self.kept, self.labels, -100)}

    @property
    def probabilities(self) -> Array:
        powers = np.exp(self.scores)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    @property
    def nll(self) -> Array:
        return -np.log(self.probabilities)

    @property
    def weights(self) -> Array:
        return self.weight[self.labels] * self.kept

    def picked(self, rows: Array) -> Array:
        return np.asarray(rows[np.arange(len(rows)), self.labels])

    def mean(self, losses: Array) -> float:
        """The right mean: Σ w l / Σ w over those that are not ignored."""
        return float((self.weights * losses).sum() / self.weights.sum())

    def made(self, claim: float, **options: Any) -> Made:
        if not (self.weight == 1.0).all():
            options["weight"] = self.weight
        return Made("cross_entropy", self.given, float(claim), options)


def classes(draw: Draw, *, weights: bool | None = None, ignored: bool | None = None, least: int = 2) -> Classes:
    count, n = int(draw.integers(least, 11)), int(draw.integers(6, 201))
    weigh = draw.random() < 0.5 if weights is None else weights
    ignore = draw.random() < 0.4 if ignored is None else ignored
    labels = draw.integers(0, count, n)
    labels[: min(count, n)] = np.arange(count)[:n]  # all classes occur
    kept = draw.random(n) < 0.8 if ignore else np.ones(n, dtype=bool)
    kept[:3] = True
    if ignore:
        kept[-1] = False
    weight = draw.uniform(0.3, 3.0, count) if weigh else np.ones(count)
    return Classes(draw.normal(0.0, 2.0, (n, count)), labels, weight, kept)


def distributions(draw: Draw) -> tuple[Array, Array]:
    n, c = int(draw.integers(6, 60)), int(draw.integers(2, 11))
    return np.log(draw.dirichlet(np.full(c, 1.5), n)), draw.dirichlet(np.full(c, 1.5), n)


def divergence(logs: Array, truth: Array) -> Array:
    return np.asarray(truth * (np.log(truth) - logs))


def kl(logs: Array, truth: Array, claim: float, reduction: str = "batchmean") -> Made:
    return Made("kl_div", {"input": logs, "target": truth}, float(claim), {"reduction": reduction})


def answers(draw: Draw, *, scores: bool) -> tuple[Array, Array]:
    """Scores or probabilities of a yes, and truth, with some sure and wrong."""
    n = int(draw.integers(8, 201))
    x, t = draw.normal(0.0, 2.0, n), (draw.random(n) < 0.4).astype(float)
    t[:2] = 0.0, 1.0
    return (x, t) if scores else (1.0 / (1.0 + np.exp(-x)), t)


def binary(p: Array, t: Array) -> Array:
    return np.asarray(-(t * np.log(p) + (1 - t) * np.log(1 - p)))


def focal(draw: Draw, name: str, claim: Callable[[Array, Array, float, float], float]) -> Made:
    scores = name == "sigmoid_focal"
    x, t = answers(draw, scores=scores)
    p = 1.0 / (1.0 + np.exp(-x)) if scores else x
    gamma, alpha = float(draw.uniform(1.2, 3.0)), float(draw.uniform(0.1, 0.45))
    options = {"gamma": gamma, "alpha": alpha, "reduction": "mean"}
    return Made(name, {"input": x, "target": t}, float(claim(p, t, gamma, alpha)), options)


def modulated(p: Array, t: Array, gamma: float) -> Array:
    return np.asarray((1.0 - np.where(t == 1.0, p, 1.0 - p)) ** gamma * binary(p, t))


def sequences(draw: Draw, *, ignored: bool = True) -> tuple[Array, Array, Array]:
    """Scores (N, C, L), labels (N, L) padded with -100, and -log softmax of each label, 0 where ignored."""
    n, c, length = int(draw.integers(4, 12)), int(draw.integers(3, 8)), int(draw.integers(4, 9))
    scores, labels = draw.normal(0.0, 2.0, (n, c, length)), draw.integers(0, c, (n, length))
    if ignored:
        for row, used in enumerate(draw.integers(2, length + 1, n)):
            labels[row, used:] = -100
    return scores, labels, token_losses(scores, labels)


def token_losses(scores: Array, labels: Array) -> Array:
    logs = np.log(np.exp(scores).sum(axis=1))
    picked = np.take_along_axis(scores, np.maximum(labels, 0)[:, None], axis=1)[:, 0]
    return np.asarray(np.where(labels < 0, 0.0, logs - picked))


def errors(draw: Draw, *shape: int) -> tuple[Array, Array]:
    t = draw.normal(2.0, 3.0, shape or (int(draw.integers(6, 201)),))
    return t + draw.normal(0.3, 1.5, t.shape), t


def vectors(draw: Draw, count: int) -> list[Array]:
    n, d = int(draw.integers(6, 60)), int(draw.integers(3, 10))
    return [draw.normal(size=(n, d)) for _ in range(count)]


def cosines(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
