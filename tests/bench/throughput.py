"""Throughput, in one process, beside PyTorch where it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import losscli
from losscli.engine.bind import bind
from losscli.engine.evaluate import Wanted, evaluate
from losscli.losses.catalogue import find
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_inputs
from losscli.schema.settings import Settings
from tests.bench.measure import Row, clocked, times_as_long, times_faster

HAS_TORCH = importlib.util.find_spec("torch") is not None


def rows(scratch: Path, *, samples: int, classes: int, elements: int, runs: int) -> Iterator[Row]:
    """Cross-entropy from memory and from a file, with and without gradients; three element-wise losses."""
    yield from _cross_entropy(scratch, samples, classes, runs)
    yield from _elementwise(elements, runs)


def _cross_entropy(scratch: Path, samples: int, classes: int, runs: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(samples, classes)).astype(np.float32)
    labels = rng.integers(0, classes, samples)
    path, label_path = scratch / "scores.npy", scratch / "labels.npy"
    np.save(path, scores)
    np.save(label_path, labels)

    def ours() -> float:
        return float(losscli.compute("cross_entropy", scores, labels).value)

    def from_file() -> float:
        sources = [str(path), str(label_path)]
        found = read_inputs(sources, ("input", "target"), extras={}, options=ReadOptions())
        bound = bind(find("cross_entropy"), found.roles, {}, Settings())
        return float(evaluate(bound, Wanted()).tally.count)

    yield times_as_long("cross_entropy float32, .npy / memory", from_file, ours, 1.15, runs=runs, warm=2)
    if not HAS_TORCH:
        return
    import torch
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(2)
    tensor, target = torch.from_numpy(scores), torch.from_numpy(labels)
    warm = 3
    theirs = _call(cross_entropy, tensor, target)
    yield times_faster("cross_entropy float32, PyTorch float32 / ours", ours, theirs, 1.5, runs=runs, warm=warm)
    double, double_scores = tensor.double(), scores.astype(np.float64)
    theirs = _call(cross_entropy, double, target)
    yield times_faster(
        "cross_entropy float64, PyTorch float64 / ours",
        lambda: losscli.compute("cross_entropy", double_scores, labels).value,
        theirs,
        1.5,
        runs=runs,
        warm=warm,
    )

    def forward_and_backward() -> None:
        leaf = tensor.detach().requires_grad_()
        cross_entropy(leaf, target).backward()

    yield times_faster(
        "the same with float64 gradients, PyTorch float32 / ours",
        lambda: losscli.compute("cross_entropy", scores, labels, gradients=True).gradients,
        forward_and_backward,
        2.5,
        runs=runs,
        warm=warm,
    )


def _elementwise(elements: int, runs: int) -> Iterator[Row]:
    if not HAS_TORCH:
        return
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(0)
    input = rng.normal(size=elements).astype(np.float32)
    target = rng.random(elements).astype(np.float32)
    tensors = torch.from_numpy(input), torch.from_numpy(target)
    doubles = tuple(tensor.double() for tensor in tensors)
    for name, function, budget in (
        ("mse", functional.mse_loss, 1.0),
        ("huber", functional.huber_loss, 0.9),
        ("bce_with_logits", functional.binary_cross_entropy_with_logits, 1.8),
    ):

        def ours(name: str = name) -> float:
            return float(losscli.compute(name, input, target).value)

        theirs = _call(function, *tensors)
        yield times_faster(f"{name}, PyTorch float32 / ours", ours, theirs, budget, runs=runs, warm=5)
        theirs = _call(function, *doubles)
        yield times_faster(f"{name}, PyTorch float64 / ours", ours, theirs, 2.0, runs=runs, warm=5)


def cost_per_element(largest: int) -> Iterator[Row]:
    """Nanoseconds an element at growing sizes, over those at a million; zeros, which all sizes share."""
    store = np.zeros(largest, dtype=np.float32)
    base = 0.0
    for size in (10**n for n in range(6, 12)):
        if size > largest:
            break
        repeats = max(1, 10**7 // size)
        spent = min(clocked(lambda: losscli.compute("mse", store[:size], store[:size])) for _ in range(repeats))  # noqa: B023
        each = spent / size * 1e9
        base = base or each
        yield Row(
            f"mse, ns an element at {size:.0e}", f"{each:.2f} ns", f"{base:.2f} ns", each / base, 1.2, at_least=False
        )


def _call(function: Callable[..., Any], *arguments: Any) -> Callable[[], object]:
    return lambda: function(*arguments)
