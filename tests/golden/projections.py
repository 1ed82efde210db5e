"""Questions to the losses that bring matrices: linear_cross_entropy, adaptive_log_softmax."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from math import prod

import numpy as np

from tests.golden.cases import Array
from tests.golden.questions import Question, ask, distribution, shaped


def projections(random: np.random.Generator) -> Iterator[Question]:
    """Every question of this file."""
    yield from _linear_cross_entropy(random)
    yield from _adaptive_log_softmax(random)


def _linear_cross_entropy(random: np.random.Generator) -> Iterator[Question]:
    classes, features = 4, 3
    places: tuple[tuple[int, ...], ...] = ((), (2,), (2, 2))
    for place, kind, options in product(places, ("labels", "shares"), ("", "bias", "weight", "smoothing", "all")):
        inputs, offsets = _linear(random, (5,), classes, place, features, kind)
        named = _chosen(random, offsets, classes, options)
        name = "-".join(filter(None, [shaped((5, features)), f"{kind}{shaped(place) if place else ''}", options]))
        reductions = ("none", "mean", "sum") if options in ("", "all") else ("none", "mean")
        yield from ask("linear_cross_entropy", name, inputs, named, reductions=reductions)
    for kind in ("labels", "shares"):
        inputs, offsets = _linear(random, (), classes, (), features, kind)
        for options in ("", "all"):
            name = "-".join(filter(None, ["unbatched", kind, options]))
            yield from ask("linear_cross_entropy", name, inputs, _chosen(random, offsets, classes, options))
    inputs, _ = _linear(random, (6,), classes, (), features, "labels")
    for label, value in ((-100, None), (2, 2)):
        target = np.array([0, label, 3, 1, label, 1])
        named = {} if value is None else {"ignore_index": value}
        yield from ask("linear_cross_entropy", f"ignored={label}", {**inputs, "target": target}, named)
    for scale in (1e-3, 1e3):
        scaled = {**inputs, "input": inputs["input"] * scale}
        yield from ask("linear_cross_entropy", f"times-{scale:g}", scaled)
    inputs, _ = _linear(random, (3,), 50, (), 20, "labels")
    yield from ask("linear_cross_entropy", "3x20-of-50", inputs)


def _linear(
    random: np.random.Generator, batch: tuple[int, ...], classes: int, place: tuple[int, ...], features: int, kind: str
) -> tuple[dict[str, Array], Array]:
    """The inputs, and a bias that goes with them."""
    shape = (*batch, classes, *place)
    labels = random.integers(0, classes, (*batch, *place), dtype=np.int64)
    target = np.asarray(labels) if kind == "labels" else distribution(random, shape, len(batch))
    matrix = random.normal(0, 1, (classes, *place, features))
    inputs = {"input": random.normal(0, 1, (*batch, features)), "linear_weight": matrix, "target": target}
    return inputs, random.normal(0, 1, (classes, *place))


def _chosen(random: np.random.Generator, bias: Array, classes: int, options: str) -> dict[str, object]:
    every: dict[str, object] = {
        "linear_bias": bias,
        "weight": random.uniform(0.2, 3.0, classes),
        "label_smoothing": 0.1,
    }
    wanted = {"": [], "bias": ["linear_bias"], "weight": ["weight"], "smoothing": ["label_smoothing"], "all": [*every]}
    return {name: every[name] for name in wanted[options]}


def _adaptive_log_softmax(random: np.random.Generator) -> Iterator[Question]:
    loss = "adaptive_log_softmax"
    trees: tuple[tuple[int, tuple[int, ...], int, float], ...] = (
        (8, (3,), 5, 2.0), (8, (3, 5), 9, 2.0), (16, (2, 4, 7), 12, 2.0), (16, (5, 6), 8, 4.0), (4, (1, 2), 3, 1.0),
    )  # fmt: skip
    for (features, cutoffs, classes, div_value), bias in product(trees, (False, True)):
        state = _module(random, features, cutoffs, classes, div_value, bias=bias)
        name = f"{features}-in-{'-'.join(map(str, cutoffs))}-of-{classes}{'-bias' * bias}"
        target = np.arange(2 * classes, dtype=np.int64) % classes
        inputs = {"input": random.normal(0, 1, (2 * classes, features)), "target": target, **state}
        yield from ask(loss, name, inputs)
        for label in (0, classes - 1):
            one = {**inputs, "input": inputs["input"][0], "target": np.asarray(np.int64(label))}
            yield from ask(loss, f"{name}-unbatched-{label}", one, reductions=("none", "mean"))
    state = _module(random, 8, (3, 5), 9, 2.0, bias=True)
    batch = {"input": random.normal(0, 1, (6, 8)), **state}
    for place, labels in (
        ("head", [0, 1, 2, 2, 1, 0]),
        ("tail", [8, 7, 6, 5, 4, 3]),
        ("one-cluster", [3, 4, 4, 4, 3, 3]),
    ):
        yield from ask(loss, f"labels-in-{place}", {**batch, "target": np.array(labels, np.int64)})
    for scale in (1e-3, 1e2):
        scaled = {**batch, "input": batch["input"] * scale, "target": np.array([0, 3, 5, 8, 2, 4], np.int64)}
        yield from ask(loss, f"times-{scale:g}", scaled)


def _module(
    random: np.random.Generator, features: int, cutoffs: tuple[int, ...], classes: int, div_value: float, *, bias: bool
) -> dict[str, Array]:
    """The state_dict of a torch.nn.AdaptiveLogSoftmaxWithLoss, whose shapes its documentation gives."""
    ends = [*cutoffs, classes]
    shapes: dict[str, tuple[int, ...]] = {"head.weight": (cutoffs[0] + len(cutoffs), features)}
    if bias:
        shapes["head.bias"] = shapes["head.weight"][:1]
    for cluster, (start, stop) in enumerate(pairwise(ends)):
        size = int(features // div_value ** (cluster + 1))
        shapes |= {f"tail.{cluster}.0.weight": (size, features), f"tail.{cluster}.1.weight": (stop - start, size)}
    return {name: random.normal(0, 1 / np.sqrt(prod(shape[1:])), shape) for name, shape in shapes.items()}
