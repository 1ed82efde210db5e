"""What Keras, scikit-learn and optax are asked, and their recorded answers.

Every recorder answers the questions of a loss that its framework has, and leaves out those it has no way to be asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from tests.golden.cases import FOLDER, Array

FRAMEWORKS = ("keras", "sklearn", "optax")
_NOT_FINITE = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


@dataclass(frozen=True)
class Asked:
    """A call of a loss by losscli's names: inputs by role, options, and sample weights."""

    loss: str
    name: str
    inputs: Mapping[str, Array]
    options: Mapping[str, Any] = field(default_factory=dict)
    sample_weight: Array | None = None


@dataclass(frozen=True)
class Answer:
    """A framework's number, how it was called, and losscli's word for how it was reduced."""

    call: str
    reduction: str
    value: Array
    gradients: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A question with its answer."""

    id: str
    framework: str
    asked: Asked
    answer: Answer


def named(asked: Asked, answer: Answer) -> str:
    return f"{asked.loss}/{asked.name}/{answer.reduction}"


def write(framework: str, versions: Mapping[str, str], answered: Iterable[tuple[Asked, Iterable[Answer]]]) -> None:
    """Writes a framework's file: a line a record, every float with all its digits."""
    lines = [
        json.dumps(
            {
                "id": named(asked, answer),
                "loss": asked.loss,
                "inputs": {role: _plain(array) for role, array in asked.inputs.items()},
                "options": {name: _plain(value) for name, value in asked.options.items()},
                "sample_weight": None if asked.sample_weight is None else _plain(asked.sample_weight),
                "call": answer.call,
                "reduction": answer.reduction,
                "value": _plain(answer.value),
                "gradients": {role: _plain(array) for role, array in answer.gradients.items()},
            },
            allow_nan=False,
        )
        for asked, answers in answered
        for answer in answers
    ]
    head = f'"versions": {json.dumps(dict(versions))}'
    body = ",\n".join(lines)
    (FOLDER / f"{framework}.json").write_text(f'{{{head},\n"records": [\n{body}\n]}}\n', encoding="utf-8")


@cache
def records(framework: str) -> tuple[Record, ...]:
    """What a framework answered."""
    found = json.loads((FOLDER / f"{framework}.json").read_text(encoding="utf-8"))["records"]
    return tuple(_read(framework, entry) for entry in found)


def all_records() -> Iterator[Record]:
    for framework in FRAMEWORKS:
        yield from records(framework)


def _read(framework: str, entry: Mapping[str, Any]) -> Record:
    weight = entry["sample_weight"]
    options = {n: np.asarray(v) if isinstance(v, list) else v for n, v in entry["options"].items()}
    inputs = {role: _array(values) for role, values in entry["inputs"].items()}
    asked = Asked(entry["loss"], entry["id"], inputs, options, None if weight is None else _array(weight))
    gradients = {role: _array(values) for role, values in entry["gradients"].items()}
    answer = Answer(entry["call"], entry["reduction"], _array(entry["value"]), gradients)
    return Record(f"{framework}/{entry['id']}", framework, asked, answer)


def _plain(value: Any) -> Any:
    """Arrays as lists; what JSON has no number for as a word."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _array(values: Any) -> Array:
    def number(value: Any) -> Any:
        return [number(each) for each in value] if isinstance(value, list) else _NOT_FINITE.get(value, value)

    return np.asarray(number(values))
