"""Records numbers as frameworks print them, in float32 and with few digits, in printed.json, next to this file.

    KERAS_BACKEND=torch python -m tests.golden.record_printed

Needs Keras 3 with PyTorch, optax, scikit-learn, LightGBM and XGBoost, and nothing of losscli. The two boosters evaluate
predictions of a small model that they have trained; they are given as `predict` returns them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import lightgbm
import numpy as np
import optax
import xgboost
from sklearn import metrics

N, CLASSES = 40, 4
Row = tuple[str, str, str, dict[str, Any], Any]  # call, loss, convention, inputs by role, the number
random = np.random.default_rng(2026)
TRUTH = random.normal(2.0, 3.0, N).astype(np.float32)
GUESS = (TRUTH + random.normal(0.2, 1.0, N)).astype(np.float32)
YES = (random.random(N) < 0.4).astype(np.float32)
LOGIT = random.normal(0.0, 2.0, N).astype(np.float32)
CHANCE = (1 / (1 + np.exp(-LOGIT))).astype(np.float32)
SCORES = random.normal(0.0, 2.0, (N, CLASSES)).astype(np.float32)
LABELS = random.integers(0, CLASSES, N)
SHARES = (np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)).astype(np.float32)


def of_keras() -> Iterator[Row]:
    for name, loss, guess, truth in (
        ("MeanSquaredError", "mse", GUESS, TRUTH),
        ("MeanAbsoluteError", "l1", GUESS, TRUTH),
        ("MeanAbsolutePercentageError", "mape", GUESS, TRUTH),
        ("Huber", "huber", GUESS, TRUTH),
        ("LogCosh", "log_cosh", GUESS, TRUTH),
        ("MeanSquaredLogarithmicError", "msle", np.abs(GUESS), np.abs(TRUTH)),
        ("Poisson", "poisson_nll", np.abs(GUESS), np.abs(TRUTH)),
        ("BinaryCrossentropy", "bce", CHANCE, YES),
        ("BinaryFocalCrossentropy", "focal", CHANCE, YES),
        ("Hinge", "hinge", LOGIT, 2 * YES - 1),
        ("SquaredHinge", "squared_hinge", LOGIT, 2 * YES - 1),
        ("SparseCategoricalCrossentropy", "log_loss", SHARES, LABELS),
        ("Dice", "dice", CHANCE, YES),
    ):
        value = getattr(keras.losses, name)()(truth, guess)
        yield f"keras.losses.{name}()", loss, "keras", {"input": guess, "target": truth}, float(value)
    for name, loss, guess, truth in (
        ("BinaryCrossentropy", "bce_with_logits", LOGIT, YES),
        ("SparseCategoricalCrossentropy", "cross_entropy", SCORES, LABELS),
    ):
        value = getattr(keras.losses, name)(from_logits=True)(truth, guess)
        yield f"keras.losses.{name}(from_logits=True)", loss, "keras", {"input": guess, "target": truth}, float(value)


def of_optax() -> Iterator[Row]:
    for name, loss, guess, truth in (
        ("squared_error", "mse", GUESS, TRUTH),
        ("huber_loss", "huber", GUESS, TRUTH),
        ("log_cosh", "log_cosh", GUESS, TRUTH),
        ("sigmoid_binary_cross_entropy", "bce_with_logits", LOGIT, YES),
        ("hinge_loss", "hinge", LOGIT, 2 * YES - 1),
        ("softmax_cross_entropy_with_integer_labels", "cross_entropy", SCORES, LABELS),
    ):
        value = float(getattr(optax, name)(guess, truth).mean())
        yield f"optax.{name}(…).mean()", loss, "optax", {"input": guess, "target": truth}, value


def of_sklearn() -> Iterator[Row]:
    for name, loss, guess, truth in (
        ("mean_squared_error", "mse", GUESS, TRUTH),
        ("root_mean_squared_error", "rmse", GUESS, TRUTH),
        ("mean_absolute_error", "l1", GUESS, TRUTH),
        ("mean_pinball_loss", "quantile", GUESS, TRUTH),
        ("mean_squared_log_error", "msle", np.abs(GUESS), np.abs(TRUTH)),
        ("hinge_loss", "hinge", LOGIT, 2 * YES - 1),
        ("log_loss", "log_loss", SHARES, LABELS),
    ):
        value = getattr(metrics, name)(truth, guess)
        yield f"sklearn.metrics.{name}", loss, "sklearn", {"input": guess, "target": truth}, float(value)


def of_boosters() -> Iterator[Row]:
    """The metric that stands in the training log, and the predictions after the last round."""
    table = random.normal(size=(N, 3)).astype(np.float32)
    positive = np.abs(TRUTH) + 1
    for objective, metric, loss, truth in (
        ("regression", "l2", "mse", TRUTH),
        ("regression", "l1", "l1", TRUTH),
        ("regression", "rmse", "rmse", TRUTH),
        ("binary", "binary_logloss", "bce", YES),
        ("multiclass", "multi_logloss", "log_loss", LABELS),
    ):
        kept: dict[str, Any] = {}
        options = {"objective": objective, "metric": metric, "verbose": -1, "min_data_in_leaf": 3}
        options |= {"num_class": CLASSES} if objective == "multiclass" else {}
        data = lightgbm.Dataset(table, truth)
        model = lightgbm.train(
            options, data, 5, valid_sets=[data], valid_names=["it"], callbacks=[lightgbm.record_evaluation(kept)]
        )
        inputs = {"input": model.predict(table), "target": truth}
        yield f"lightgbm {objective} {metric}", loss, "torch", inputs, float(kept["it"][metric][-1])
    for objective, metric, loss, truth in (
        ("reg:squarederror", "rmse", "rmse", TRUTH),
        ("reg:squarederror", "mae", "l1", TRUTH),
        ("reg:squaredlogerror", "rmsle", "msle", positive),
        ("binary:logistic", "logloss", "bce", YES),
        ("multi:softprob", "mlogloss", "log_loss", LABELS),
    ):
        kept = {}
        options = {"objective": objective, "eval_metric": metric, "nthread": 1}
        options |= {"num_class": CLASSES} if objective.startswith("multi") else {}
        matrix = xgboost.DMatrix(table, truth)
        model = xgboost.train(options, matrix, 5, evals=[(matrix, "it")], evals_result=kept, verbose_eval=False)
        number = float(kept["it"][metric][-1])
        inputs = {"input": model.predict(matrix), "target": truth}
        # rmsle is the root of msle: squared, it keeps its digits but for the last
        yield f"xgboost {objective} {metric}", loss, "torch", inputs, number**2 if metric == "rmsle" else number


WAYS: tuple[Callable[[], Iterator[Row]], ...] = (of_keras, of_optax, of_sklearn, of_boosters)


def main() -> None:
    """A line a number: its inputs, as Python prints it, and in the eight digits of a float32."""
    lines = [
        json.dumps(
            {
                "call": call,
                "loss": loss,
                "convention": convention,
                "inputs": {role: np.asarray(array).tolist() for role, array in inputs.items()},
                "float32": [role for role, array in inputs.items() if np.asarray(array).dtype == np.float32],
                "repr": repr(number),
                "digits": f"{number:#.8g}",
            }
        )
        for way in WAYS
        for call, loss, convention, inputs, number in way()
    ]
    found = {each.__name__: each.__version__ for each in (keras, optax, lightgbm, xgboost)}
    body = ",\n".join(lines)
    path = Path(__file__).with_name("printed.json")
    path.write_text(f'{{"versions": {json.dumps(found)},\n"records": [\n{body}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
