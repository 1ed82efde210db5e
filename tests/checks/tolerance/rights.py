"""Right claims: what somebody's NumPy or PyTorch program gives for a loss, in float64 or float32."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from losscli.losses.catalogue import find
from tests.checks.tolerance.drawn import Array, Inputs
from tests.checks.tolerance.formulas import Formula

HAS_TORCH = find_spec("torch") is not None


@dataclass(frozen=True)
class Right:
    """The claims of one program about one loss; `given` are the inputs that losscli gets. None where it has none."""

    origin: str
    given: Inputs
    mean: Array
    sum: Array
    vector: Array | None
    gradients: Mapping[str, Array]  # of the mean


def rights(formula: Formula, inputs: Inputs) -> Iterator[Right]:
    """NumPy's, and PyTorch's where it is installed; in float32 also on inputs that are given in float64."""
    single = in_float32(inputs)
    yield from (
        of_numpy("numpy float64", formula, inputs, inputs),
        of_numpy("numpy float32", formula, single, single),
        of_numpy("numpy float32 of float64", formula, single, inputs),
    )
    if HAS_TORCH:
        yield of_torch("torch float64", formula, inputs)
        yield of_torch("torch float32", formula, single)


def in_float32(inputs: Inputs) -> Inputs:
    return {role: array.astype(np.float32) if array.dtype.kind == "f" else array for role, array in inputs.items()}


def of_numpy(origin: str, formula: Formula, inputs: Inputs, given: Inputs) -> Right:
    """The plain formula in NumPy; its gradients are those that PyTorch finds by differentiating the same formula."""
    units = np.asarray(formula.units(np, **inputs))
    losses = total = mean = units
    if not formula.single:
        count = np.asarray(formula.shares(np, **inputs)) if formula.shares else np.ones(units.shape, units.dtype)
        each = units / count if formula.loss == "ctc" else units  # whose mean is that of the losses by length
        total, mean = losses.sum(), each.mean() if formula.loss == "ctc" else losses.sum() / count.sum()
    vector = None if formula.single else losses
    return Right(origin, given, np.asarray(mean), np.asarray(total), vector, _slopes(formula, inputs))


def _slopes(formula: Formula, inputs: Inputs) -> Mapping[str, Array]:
    if not HAS_TORCH:
        return {}
    import torch

    tensors = {role: torch.tensor(array, requires_grad=role in formula.sloping) for role, array in inputs.items()}
    units = formula.units(torch, **tensors)
    if formula.loss == "ctc":
        mean = (units / formula.shares(torch, **tensors)).mean() if formula.shares else units.mean()
    else:
        mean = units.sum() / formula.shares(torch, **tensors).sum() if formula.shares else units.mean()
    mean.backward()
    return {role: tensors[role].grad.numpy() for role in formula.sloping}


def of_torch(origin: str, formula: Formula, inputs: Inputs) -> Right:
    """PyTorch's own function; where it has none, the plain formula."""
    from tests.golden.torch_answers import _FUNCTIONS, torch_answer

    if formula.loss not in _FUNCTIONS:
        return of_numpy(origin, formula, inputs, inputs)
    whole = {spec.name for spec in find(formula.loss).inputs if spec.forms and not spec.differentiable}
    asked = {role: array.astype(np.int64) if role in whole else array for role, array in inputs.items()}
    kind = next(array.dtype for array in inputs.values() if array.dtype.kind == "f")
    options: dict[str, Any] = {
        name: value.astype(kind) if isinstance(value, np.ndarray) else value for name, value in formula.options.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean, total = (torch_answer(formula.loss, asked, options, reduction) for reduction in ("mean", "sum"))
        vector = None if formula.single else torch_answer(formula.loss, asked, options, "none").value
    return Right(origin, inputs, mean.value, total.value, vector, {r: mean.gradients[r] for r in formula.sloping})
