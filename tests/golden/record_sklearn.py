"""Records scikit-learn's answers in sklearn.json, next to this file.

    python -m tests.golden.record_sklearn

Needs scikit-learn, and nothing of losscli. It reduces to a mean always, and has no gradients.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sklearn
from sklearn import metrics

from tests.golden.framework_questions import questions
from tests.golden.frameworks import Answer, Asked, write

Ask = Callable[[Asked], tuple[str, Any] | None]


def _metric(name: str, **words: str) -> Ask:
    """A metric of y_true and y_pred; `words` are its names for losscli's options."""

    def ask(asked: Asked) -> tuple[str, Any]:
        options = {words.get(option, option): value for option, value in asked.options.items()}
        arguments = "".join(f", {option}={value!r}" for option, value in options.items())
        actual, guessed = asked.inputs["target"], asked.inputs["input"]
        value = getattr(metrics, name)(actual, guessed, sample_weight=asked.sample_weight, **options)
        return f"sklearn.metrics.{name}(target, input{arguments})", value

    return ask


def _hinge(asked: Asked) -> tuple[str, Any] | None:
    """It knows one column of samples, and two labels."""
    if asked.inputs["target"].ndim > 1:
        return None
    return _metric("hinge_loss")(asked)


def _yes_or_no(asked: Asked) -> tuple[str, Any] | None:
    """log_loss of two columns; it knows labels alone, and one column of samples."""
    target, chance = asked.inputs["target"], asked.inputs["input"]
    if target.ndim > 1 or not np.isin(target, (0.0, 1.0)).all():
        return None
    rows = np.stack([1 - chance, chance], axis=1)
    value = metrics.log_loss(target, rows, labels=[0, 1], sample_weight=asked.sample_weight)
    return "sklearn.metrics.log_loss(target, [1 - input, input], labels=[0, 1])", value


def _of_classes(name: str) -> Ask:
    """It knows labels alone, and needs all of them named."""

    def ask(asked: Asked) -> tuple[str, Any] | None:
        target, chances = asked.inputs["target"], asked.inputs["input"]
        if target.ndim > 1 or asked.options:
            return None
        labels = list(range(chances.shape[1]))
        value = getattr(metrics, name)(target, chances, labels=labels, sample_weight=asked.sample_weight)
        return f"sklearn.metrics.{name}(target, input, labels={labels})", value

    return ask


WAYS: dict[str, Ask] = {
    "mse": _metric("mean_squared_error"),
    "l1": _metric("mean_absolute_error"),
    "rmse": _metric("root_mean_squared_error"),
    "mape": _metric("mean_absolute_percentage_error"),
    "msle": _metric("mean_squared_log_error"),
    "quantile": _metric("mean_pinball_loss", quantile="alpha"),
    "bce": _yes_or_no,
    "hinge": _hinge,
    "log_loss": _of_classes("log_loss"),
    "brier": _of_classes("brier_score_loss"),
}


def answers(asked: Asked) -> Iterator[Answer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rows that do not sum to one, asked on purpose
        found = WAYS[asked.loss](asked)
    if found is not None:
        yield Answer(found[0], "mean", np.asarray(found[1], dtype=np.float64))


def answered() -> Iterator[tuple[Asked, list[Answer]]]:
    """Every question with its answers."""
    for loss in WAYS:
        for asked in questions(loss):
            yield asked, list(answers(asked))


if __name__ == "__main__":
    write("sklearn", {"scikit-learn": sklearn.__version__}, answered())
