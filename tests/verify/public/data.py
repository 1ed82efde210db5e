"""The data of each loss in three sizes, seeded by its name, and those variants that some mistakes need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.verify.public.making import SIZES, Array, Data, sigmoid, softmax

Draw = np.random.Generator
Fixture = Callable[[Draw, int, int], tuple[dict[str, Array], dict[str, Any]]]


def _errors(*, columns: bool = False, zeros: bool = False, positive: bool = False, **options: Any) -> Fixture:
    def fixture(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
        shape = (n, c) if columns else (n,)
        target = draw.gamma(2.0, 1.5, shape) if positive else draw.normal(1.0, 2.0, shape)
        spread = np.linspace(0.6, 2.4, c) if columns else 1.6
        moved = target + draw.normal(0.4, spread, shape)
        if zeros:
            target = np.where(draw.random(shape) < 0.3, 0.0, target)
        return {"input": np.abs(moved) if positive else moved, "target": target}, options

    return fixture


def _yes_or_no(
    *, scores: bool, signs: bool = False, columns: bool = False, spread: float = 1.5, **options: Any
) -> Fixture:
    def fixture(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
        shape = (n, c) if columns else (n,)
        t = (draw.random(shape) < 0.35).astype(float)
        t.flat[:2] = 0.0, 1.0
        x = draw.normal(0.0, spread, shape) + 1.2 * t - 0.5
        given = x if scores else sigmoid(x)
        return {"input": given, "target": 2 * t - 1 if signs else t}, options

    return fixture


def _classes(*, form: str = "scores", weights: str = "", ignored: int | None = None, **options: Any) -> Fixture:
    def fixture(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
        y = draw.integers(0, c, n)
        y[:3] = 0, 1, 2
        z = draw.normal(0.0, 1.3, (n, c))
        z[np.arange(n), y] += 1.0
        chosen = {**options}
        if weights:
            chosen[weights] = draw.uniform(0.3, 3.0, c)
        if ignored is not None:
            y[draw.random(n) < 0.25] = ignored
            y[-1], chosen["ignore_index"] = ignored, ignored
        return {
            "input": {"scores": z, "probabilities": softmax(z), "logs": np.log(softmax(z))}[form],
            "target": y,
        }, chosen

    return fixture


def _sequences(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
    rows, length = max(5, n // 10), 7
    labels = draw.integers(0, c, (rows, length))
    for row, used in enumerate(draw.integers(3, length + 1, rows)):
        labels[row, used:] = -100
    return {"input": draw.normal(0.0, 1.5, (rows, c, length)), "target": labels}, {}


def _distributions(*, logs: bool, **options: Any) -> Fixture:
    def fixture(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
        p, q = draw.dirichlet(np.full(c, 2.0), n), draw.dirichlet(np.full(c, 2.0), n)
        return {"input": np.log(p) if logs else p, "target": q}, options

    return fixture


def _vectors(*roles: str, target: str = "", **options: Any) -> Fixture:
    def fixture(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
        base = draw.normal(size=(n, min(c, 8)))
        inputs = {role: base + draw.normal(0.0, 0.5 + 0.3 * at, base.shape) for at, role in enumerate(roles)}
        if target:
            t = (draw.random(n) < 0.5).astype(float)
            t[:2] = 0.0, 1.0
            inputs["target"] = 2 * t - 1 if target == "signs" else t
        return inputs, options

    return fixture


def _masks(*, full: float = 1.0, **options: Any) -> Fixture:
    def fixture(draw: Draw, n: int, _: int) -> tuple[dict[str, Array], dict[str, Any]]:
        truth = draw.random((max(5, n // 10), 6, 6)) < draw.uniform(0.1, 0.6, (max(5, n // 10), 1, 1))
        guess = sigmoid(draw.normal(0.0, 1.2, truth.shape) + 2.0 * truth - 1.0)
        return {"input": guess, "target": full * truth}, options

    return fixture


def _counts(*, rates: bool) -> Fixture:
    def fixture(draw: Draw, n: int, _: int) -> tuple[dict[str, Array], dict[str, Any]]:
        logs = draw.normal(0.8, 0.6, n)
        counts = draw.poisson(np.exp(logs)).astype(float)
        return {"input": np.exp(logs) if rates else logs, "target": counts}, {"log_input": False} if rates else {}

    return fixture


def _normal(draw: Draw, n: int, _: int) -> tuple[dict[str, Array], dict[str, Any]]:
    mean, variance = draw.normal(size=n), draw.uniform(0.3, 3.0, n)
    return {"input": mean, "target": mean + draw.normal(size=n) * np.sqrt(variance), "var": variance}, {}


def _ranked(draw: Draw, n: int, _: int) -> tuple[dict[str, Array], dict[str, Any]]:
    inputs = {"input1": draw.normal(size=n), "input2": draw.normal(size=n), "target": draw.choice([-1.0, 1.0], n)}
    return inputs, {"margin": 0.5}


def _apart(draw: Draw, n: int, _: int) -> tuple[dict[str, Array], dict[str, Any]]:
    return {"input": draw.gamma(2.0, 1.0, n), "target": draw.choice([-1.0, 1.0], n)}, {"margin": 2.0}


def _tags(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
    tags = np.full((n, c), -1)
    for row in tags:
        count = int(draw.integers(1, min(c, 4)))
        row[:count] = draw.permutation(c)[:count]
    return {"input": draw.normal(0.0, 0.8, (n, c)), "target": tags}, {}


def _column(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Predictions (N, 1) beside targets (N), as a network with one output gives them."""
    inputs, options = _errors()(draw, n, c)
    return {"input": inputs["input"][:, None], "target": inputs["target"]}, options


def _noughts(draw: Draw, n: int, c: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Targets of 0 and 1 in the file of a loss that wants -1 and 1."""
    return _yes_or_no(scores=True)(draw, n, c)


FIXTURES: dict[str, Fixture] = {
    "mse": _errors(),
    "mse/columns": _errors(columns=True),
    "l1": _errors(),
    "l1/columns": _errors(columns=True),
    "l1/zeros": _errors(zeros=True),
    "l1/column": _column,
    "rmse": _errors(),
    "rmse/columns": _errors(columns=True),
    "huber": _errors(delta=1.5),
    "smooth_l1": _errors(beta=0.6),
    "smooth_l1/columns": _errors(columns=True),
    "log_cosh": _errors(),
    "quantile": _errors(quantile=0.9),
    "mape": _errors(),
    "mape/zeros": _errors(zeros=True),
    "msle": _errors(positive=True),
    "poisson_nll": _counts(rates=False),
    "poisson_nll/rates": _counts(rates=True),
    "gaussian_nll": _normal,
    "bce": _yes_or_no(scores=False),
    "bce/columns": _yes_or_no(scores=False, columns=True),
    "bce/sure": _yes_or_no(scores=False, spread=4.0),
    "bce/signs": _yes_or_no(scores=False, signs=True),
    "bce_with_logits": _yes_or_no(scores=True),
    "bce_with_logits/columns": _yes_or_no(scores=True, columns=True),
    "bce_with_logits/weighted": _yes_or_no(scores=True, pos_weight=2.5),
    "focal": _yes_or_no(scores=False, alpha=0.3),
    "sigmoid_focal": _yes_or_no(scores=True, reduction="mean"),
    "hinge": _yes_or_no(scores=True, signs=True),
    "hinge/noughts": _noughts,
    "squared_hinge": _yes_or_no(scores=True, signs=True),
    "soft_margin": _yes_or_no(scores=True, signs=True),
    "hinge_embedding": _apart,
    "margin_ranking": _ranked,
    "cross_entropy": _classes(),
    "cross_entropy/weighted": _classes(weights="weight"),
    "cross_entropy/ignored": _classes(ignored=0),
    "cross_entropy/smoothed": _classes(label_smoothing=0.1),
    "cross_entropy/smoothed_ignored": _classes(ignored=0, label_smoothing=0.1),
    "cross_entropy/sequences": _sequences,
    "nll": _classes(form="logs"),
    "nll/weighted": _classes(form="logs", weights="weight"),
    "log_loss": _classes(form="probabilities"),
    "brier": _classes(form="probabilities"),
    "generalized_cross_entropy": _classes(form="probabilities", q=0.6),
    "softmax_focal": _classes(reduction="mean"),
    "softmax_focal/weighted": _classes(weights="alpha"),
    "sce": _classes(a=0.1, b=1.0),
    "multi_margin": _classes(),
    "categorical_hinge": _classes(),
    "multilabel_margin": _tags,
    "multilabel_soft_margin": _yes_or_no(scores=True, columns=True),
    "kl_div": _distributions(logs=True, reduction="batchmean"),
    "jensen_shannon": _distributions(logs=False),
    "contrastive": _vectors("input1", "input2", target="yes", margin=2.0),
    "cosine_embedding": _vectors("input1", "input2", target="signs", margin=0.2),
    "cosine_similarity": _vectors("x1", "x2", reduction="mean"),
    "triplet_margin": _vectors("anchor", "positive", "negative", margin=0.5),
    "info_nce": _vectors("anchor", "positive", temperature=0.2),
    "dice": _masks(smooth=1.0),
    "dice/bytes": _masks(full=255.0, smooth=1.0),
    "tversky": _masks(),
}
UNFIT = ("l1/column", "hinge/noughts", "bce/signs", "dice/bytes")  # the mistake is in the file: `compute` refuses it


def data(name: str, size: str) -> Data:
    n, c, batch = SIZES[size]
    draw = np.random.default_rng([n, *name.encode()])
    inputs, options = FIXTURES[name](draw, n, c)
    return Data(inputs, options, batch, {"c": c})
