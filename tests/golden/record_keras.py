"""Records Keras' answers in keras.json, next to this file.

    KERAS_BACKEND=torch python -m tests.golden.record_keras

Needs Keras 3 and PyTorch, and nothing of losscli. Gradients are PyTorch's, through Keras.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
from keras.src.backend.common import dtypes

from tests.golden.framework_questions import questions
from tests.golden.frameworks import Answer, Asked, write

Name = Callable[[Asked], str | None]


@dataclass(frozen=True)
class Way:
    """How Keras is asked for a loss.

    A vector is given to a loss by element as a column, as Keras' models make one: of a vector itself Keras takes the
    mean, and weights that. Other arrays are given as they are, and their rows averaged.
    `prepared` turns losscli's inputs into y_true and y_pred; `options` losscli's options into the class's arguments.
    """

    name: str | Name
    units: str = "elements"  # or rows, or none where Keras gives one number
    prepared: Callable[..., tuple[Any, Any]] = lambda input, target: (target, input)
    options: Callable[..., dict[str, Any]] = lambda **written: written
    module: Any = keras.losses


def _crossentropy(asked: Asked) -> str | None:
    if asked.inputs["target"].ndim > 1:
        return "CategoricalCrossentropy"
    return None if "label_smoothing" in asked.options else "SparseCategoricalCrossentropy"


def _labelled(name: str) -> Name:
    """A class that takes labels alone."""
    return lambda asked: name if asked.inputs["target"].ndim == 1 else None


def _one_hot(input: Any, target: Any) -> tuple[Any, Any]:
    """Labels as rows, for a class that takes nothing else."""
    if target.ndim < input.ndim:
        target = torch.nn.functional.one_hot(target, input.shape[1]).to(input.dtype)
    return target, input


def _from_logits(**written: Any) -> dict[str, Any]:
    return {"from_logits": True, **written}


def _focal_from_logits(**written: Any) -> dict[str, Any]:
    return {"from_logits": True, **({"apply_class_balancing": True} if "alpha" in written else {}), **written}


def _tversky(**written: Any) -> dict[str, Any]:
    """Since 3.16 alpha weighs what is wrongly marked, as in the paper; before it weighed what is missed."""
    older = tuple(map(int, keras.__version__.split(".")[:2])) < (3, 16)
    return {"alpha": written["beta"], "beta": written["alpha"]} if older and written else written


WAYS: dict[str, Way] = {
    "mse": Way("MeanSquaredError"),
    "l1": Way("MeanAbsoluteError"),
    "rmse": Way("RootMeanSquaredError", "none", module=keras.metrics),
    "huber": Way("Huber"),
    "log_cosh": Way("LogCosh"),
    "mape": Way("MeanAbsolutePercentageError"),
    "msle": Way("MeanSquaredLogarithmicError"),
    "poisson_nll": Way("Poisson"),
    "bce": Way("BinaryCrossentropy"),
    "focal": Way("BinaryFocalCrossentropy"),
    "bce_with_logits": Way("BinaryCrossentropy", options=_from_logits),
    "sigmoid_focal": Way("BinaryFocalCrossentropy", options=_focal_from_logits),
    "hinge": Way("Hinge"),
    "squared_hinge": Way("SquaredHinge"),
    "cross_entropy": Way(_crossentropy, "rows", options=_from_logits),
    "softmax_focal": Way("CategoricalFocalCrossentropy", "rows", _one_hot, _from_logits),
    "log_loss": Way(_crossentropy, "rows"),
    "generalized_cross_entropy": Way(_labelled("CategoricalGeneralizedCrossEntropy"), "rows"),
    "categorical_hinge": Way("CategoricalHinge", "rows", _one_hot),
    "cosine_similarity": Way("CosineSimilarity", "rows", lambda x1, x2: (x1, x2)),
    "dice": Way("Dice", "none"),
    "tversky": Way("Tversky", "none", options=_tversky),
}


def answers(asked: Asked) -> Iterator[Answer]:
    """The mean, as the class reduces by default, and every unit's loss; of rows of elements also the sum."""
    way = WAYS[asked.loss]
    name = way.name if isinstance(way.name, str) else way.name(asked)
    if name is None:
        return
    options = way.options(**asked.options)
    yield _answer(way, name, options, asked, "mean")
    if asked.sample_weight is None and way.units != "none":
        yield _answer(way, name, {**options, "reduction": "none"}, asked, "none")
    if way.units == "elements" and next(iter(asked.inputs.values())).ndim > 1:
        yield _answer(way, name, {**options, "reduction": "sum"}, asked, "sum")
        if asked.sample_weight is not None:
            yield _answer(way, name, {**options, "reduction": "none"}, asked, "none")


def _answer(way: Way, name: str, options: dict[str, Any], asked: Asked, reduction: str) -> Answer:
    tensors = {role: torch.tensor(array, requires_grad=array.dtype.kind == "f") for role, array in asked.inputs.items()}
    actual, guessed = way.prepared(**tensors)
    if way.units == "elements" and actual.ndim == 1:
        actual, guessed = actual[..., None], guessed[..., None]
    loss = getattr(way.module, name)(**options, dtype="float64")
    value = loss(actual, guessed, sample_weight=asked.sample_weight)
    leaves = {role: tensor for role, tensor in tensors.items() if tensor.requires_grad}
    gradients = {}
    if value.requires_grad and reduction != "none":
        slopes = torch.autograd.grad(value, list(leaves.values()), allow_unused=True)
        gradients = {role: slope.numpy() for role, slope in zip(leaves, slopes, strict=True) if slope is not None}
    arguments = ", ".join(f"{option}={given!r}" for option, given in options.items())
    return Answer(f"{way.module.__name__}.{name}({arguments})", reduction, value.detach().numpy(), gradients)


def answered() -> Iterator[tuple[Asked, list[Answer]]]:
    """Every question with its answers."""
    # Outside TensorFlow Keras takes means in float32, whatever it is given: that is its rounding, not its formula.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    keras.config.set_floatx("float64")
    for loss in WAYS:
        for asked in questions(loss):
            yield asked, list(answers(asked))


if __name__ == "__main__":
    write("keras", {"keras": keras.__version__, "torch": torch.__version__}, answered())
