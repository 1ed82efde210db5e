"""What a wrong computation is made of: the data it sees, the register, and the few lines that many of them share.

Nothing here, nor in the modules beside it, may look at the package: the cases were written from public questions and
course notes before the generators, and only the names of mistakes are shared with the diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SIZES = {"small": (11, 3, 4), "medium": (70, 10, 32), "large": (500, 50, 64)}  # samples, classes, size of a batch


@dataclass(frozen=True)
class Data:
    """Inputs and options of a request, which are attributes too, and the size of the batches of a training loop."""

    inputs: dict[str, Array]
    options: dict[str, Any]
    batch: int = 4
    hidden: dict[str, Any] = field(default_factory=dict)  # what a person has beside the files

    def __getattr__(self, name: str) -> Any:
        for known in (self.inputs, self.options, self.hidden):
            if name in known:
                return known[name]
        raise AttributeError(name)

    @property
    def asked(self) -> dict[str, Any]:
        """What a request names."""
        return {**self.inputs, **self.options}

    @property
    def error(self) -> Array:
        return np.asarray(self.input - self.target)

    @property
    def p(self) -> Array:
        """The probabilities of scores: softmax over the classes, or the sigmoid of single scores."""
        return softmax(self.input) if self.input.ndim > 1 else sigmoid(self.input)

    @property
    def hot(self) -> Array:
        return one_hot(self.target, self.input.shape[1])

    def batches(self, losses: Array) -> list[Array]:
        return [losses[start : start + self.batch] for start in range(0, len(losses), self.batch)]


Wrong = Callable[[Data], Any]


@dataclass(frozen=True)
class Case:
    """A wrong computation.

    `names` are the mistakes that are right to name, patterns of fnmatch; a pair is two names joined by " + ", in either
    order. `text` says in plain words what is wrong, as a student should read it.
    """

    kind: str
    data: str
    names: tuple[str, ...]
    text: str
    source: str
    wrong: Wrong

    @property
    def loss(self) -> str:
        return self.data.partition("/")[0]

    @property
    def name(self) -> str:
        return f"{self.loss}.{self.wrong.__name__}"


CASES: list[Case] = []


def _register(kind: str) -> Callable[[str, str, str], Callable[[Wrong], Wrong]]:
    def of(data: str, names: str, source: str) -> Callable[[Wrong], Wrong]:
        def keep(wrong: Wrong) -> Wrong:
            text = " ".join((wrong.__doc__ or "").split())
            CASES.append(Case(kind, data, tuple(names.split("|")), text, source, wrong))
            return wrong

        return keep

    return of


value = _register("value")
vector = _register("per_sample")
slope = _register("gradient")
pair = _register("pair")


def softmax(scores: Array, axis: int | None = 1) -> Array:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(axis=axis, keepdims=axis is not None))


def sigmoid(scores: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-scores)))


def one_hot(labels: Array, classes: int) -> Array:
    return np.eye(classes)[labels]


def picked(rows: Array, labels: Array) -> Array:
    return np.asarray(rows[np.arange(len(labels)), labels])


def nll(scores: Array, labels: Array) -> Array:
    """-log softmax of the label, in rows of scores."""
    return -np.log(picked(softmax(scores), labels))


def binary(p: Array, t: Array) -> Array:
    return np.asarray(-(t * np.log(p) + (1 - t) * np.log(1 - p)))


def distance(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(((a - b) ** 2).sum(axis=1)))


def cosines(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))


def relu(x: Array) -> Array:
    return np.asarray(np.maximum(0, x))
