"""Questions to any loss: inputs and options drawn from the domains that its own definition names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.domains import TRUTH
from losscli.schema.loss import Loss, Role

Array = NDArray[Any]
CLASSES = 4


@dataclass(frozen=True)
class Question:
    """A loss with inputs and options that it accepts."""

    loss: Loss
    inputs: dict[str, Array]
    options: dict[str, Any]
    convention: str = "torch"
    settings: dict[str, Any] = field(default_factory=dict)

    def answer(self, inputs: dict[str, Any] | None = None, **settings: Any) -> losscli.Computed:
        named: dict[str, Any] = {**(self.inputs if inputs is None else inputs), **self.options, **self.settings}
        return losscli.compute(self.loss.name, convention=self.convention, **{**named, **settings})


def name_of(question: Question) -> str:
    chosen = ",".join(f"{k}={v.shape if isinstance(v, np.ndarray) else v}" for k, v in question.options.items())
    return f"{question.loss.name}-{question.convention}-{chosen}"


def of(asked: Iterable[Question]) -> pytest.MarkDecorator:
    """A law of some questions: it is not generated for those that it does not apply to."""
    return pytest.mark.parametrize("question", list(asked), ids=name_of)


def draw(loss: Loss, seed: int, units: tuple[int, ...] = (7,), convention: str = "torch") -> list[Question]:
    """One question with options as they stand, several with drawn ones, and all of them in every form of the inputs."""
    random = np.random.default_rng([seed, *loss.name.encode()])
    if not loss.separable:
        return list(_draw_whole(loss, units, convention, random))
    return [
        Question(loss, _inputs(loss, convention, options, form, units, random), options, convention)
        for options in (
            {},
            *(_options(loss, units, random) for _ in range(2 if loss.options else 0)),
        )
        for form in range(max(len(spec.forms) for spec in loss.inputs))
    ]


def questions(seed: int, units: tuple[int, ...] = (7,), *, whole: bool = False) -> Iterator[Question]:
    """Questions to every loss whose units are independent, or to all others, in each convention that has constants."""
    for loss in losses():
        if loss.separable == whole:
            continue
        for convention in loss.conventions.values():
            if convention.name == "torch" or convention.values:
                yield from draw(loss, seed, units, convention.name)


def _draw_whole(loss: Loss, units: tuple[int, ...], convention: str, random: np.random.Generator) -> Iterator[Question]:
    """Arrays whose axes have one length each by name; those that hang together otherwise are in `INPUTS`."""
    samples = any("n" in form.axes.replace("?", "").split() for spec in loss.inputs for form in spec.forms)
    lengths = {"n": units[:1], "...": units[1:] if samples else units, "c": (CLASSES,)}
    if loss.name in INPUTS:
        yield Question(loss, INPUTS[loss.name](random, units[0]), {}, convention)
        return
    for options in ({}, *(_options(loss, units, random) for _ in range(2 if loss.options else 0))):
        for form in range(max(len(spec.forms) for spec in loss.inputs)):
            inputs = {}
            for spec in loss.inputs:
                role = spec.forms[min(form, len(spec.forms) - 1)]
                names = [name.removesuffix("?") for name in role.axes.split()]
                shape = tuple(length for name in names for length in lengths.get(name, (3,)))
                inputs[spec.name] = (
                    random.integers(0, CLASSES, shape) if role.domain.index else role.domain.draw(random, shape)
                )
            yield Question(loss, inputs, options, convention)


def _alignable(random: np.random.Generator, samples: int) -> dict[str, Array]:
    """Log-probabilities of 6 frames, and targets that are short enough for them."""
    scores = random.normal(size=(6, samples, CLASSES))
    targets = random.integers(1, CLASSES, (samples, 3))
    return {
        "log_probs": scores - np.log(np.exp(scores).sum(axis=2, keepdims=True)),
        "targets": targets,
        "input_lengths": random.integers(5, 7, samples),
        "target_lengths": random.integers(0, 4, samples),
    }


def _clustered(random: np.random.Generator, samples: int) -> dict[str, Array]:
    """Eight classes: three in the head, and two clusters of two and three."""
    shapes = {
        "head.weight": (5, 8),
        "tail.0.0.weight": (2, 8),
        "tail.0.1.weight": (2, 2),
        "tail.1.0.weight": (1, 8),
        "tail.1.1.weight": (3, 1),
    }
    inputs = {"input": random.normal(size=(samples, 8)), "target": random.integers(0, 8, samples)}
    return inputs | {name: random.normal(size=shape) for name, shape in shapes.items()}


INPUTS: dict[str, Callable[[np.random.Generator, int], dict[str, Array]]] = {
    "ctc": _alignable,
    "adaptive_log_softmax": _clustered,
}


def shape_of(loss: Loss, units: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the first input: with classes on axis 1, or vectors along the last."""
    axes = loss.inputs[0].forms[0].axes
    if axes == "u":
        return units
    if axes == "u c" or loss.axis_option:
        return (*units[:1], CLASSES, *units[1:])
    return (*units, CLASSES)


def _options(loss: Loss, units: tuple[int, ...], random: np.random.Generator) -> dict[str, Any]:
    """Drawn values; the axis of the vectors, and the value that takes units out, stay as they are."""
    fixed = {loss.axis_option, *(loss.ignores or ())[:1]}
    drawn: dict[str, Any] = {}
    for spec in loss.options:
        if spec.name in fixed:
            continue
        shape = (
            {"": (), "c": (CLASSES,), "u": units, "u d": (*units, CLASSES)}[spec.option.axes] if loss.separable else ()
        )
        if spec.option.axes and not loss.separable:
            continue
        values = spec.option.domain.draw(random, shape)
        drawn[spec.name] = values if spec.option.axes else spec.type(values)
    return drawn


def _inputs(
    loss: Loss,
    convention: str,
    options: dict[str, Any],
    form: int,
    units: tuple[int, ...],
    random: np.random.Generator,
) -> dict[str, Array]:
    values = {spec.name: spec.default for spec in loss.options} | {**loss.conventions[convention].values} | options
    return {
        spec.name: _values(spec.forms[_allowed(spec.forms, values, form)], loss, units, random) for spec in loss.inputs
    }


def _allowed(forms: tuple[Role, ...], options: dict[str, Any], wanted: int) -> int:
    open_to = [
        at
        for at, form in enumerate(forms)
        if not (form.when and not options[form.when]) and not (form.unless and options[form.unless])
    ]
    return open_to[min(wanted, len(open_to) - 1)]


def _values(role: Role, loss: Loss, units: tuple[int, ...], random: np.random.Generator) -> Array:
    shape = units if role.axes == "u" else shape_of(loss, units)
    if role.domain.index:
        return random.integers(0, CLASSES, shape)
    values = role.domain.draw(random, shape)
    return values.astype(bool) if role.domain is TRUTH else values
