"""PyTorch's own samples of its losses, in float64: the same value and gradients, or a listed reason why not.

They come from torch.testing._internal, which tests PyTorch itself: `module_db` by class, `op_db` by function.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.golden.cases import Array
from tests.losses.test_recorded_torch import assert_near, largest

torch = pytest.importorskip("torch", reason="needs the torch extra")
torch.set_num_threads(1)  # arrays are tiny, and threads cost more than they bring
pytest.importorskip("expecttest", reason="torch.testing._internal needs it")

SIGN = "the sample's targets are no signs, and PyTorch multiplies by them"
ALIGNED = "PyTorch aligns a target without an axis by the last axes, which its documentation leaves out"
SCALAR = "PyTorch takes a single number as a row of one"
NO_NUMBER = "the sample is the logarithm of negative numbers"
NO_SHARE = "the sample's targets are no probabilities"

# The samples outside a loss's domain: a part of the fault, how many PyTorch 2.13.0 has, and what is the matter.
OUTSIDE: dict[str, list[tuple[str, int, str]]] = {
    "hinge_embedding/function": [("must be -1 or 1", 1, SIGN)],
    "soft_margin/function": [("must be -1 or 1", 6, SIGN)],
    "margin_ranking/module": [("must be -1 or 1", 5, SIGN)],
    "margin_ranking/function": [("must be -1 or 1", 24, SIGN)],
    "multi_margin/function": [("is a single number", 1, SCALAR)],
    "multilabel_margin/function": [("is a single number", 1, SCALAR)],
    "multilabel_soft_margin/function": [("target is", 4, NO_SHARE)],
    "kl_div/module": [("input is nan", 7, NO_NUMBER), ("must be from 0 to 1", 2, NO_SHARE)],
    "cosine_similarity/function": [("is a single number", 1, SCALAR)],
    "gaussian_nll/function": [("or the same with one axis of length 1", 108, ALIGNED)],
}

# Gradients that PyTorch spoils with a nan or a rounding of 0, and why; the rest of each is compared.
SPOILED = {
    ("poisson_nll", "target"): "Stirling's term of targets below 0 is masked, its slope is 0 · log(target)",
    ("cosine_similarity", "x2"): "where x1 is broadcast from one number, terms that cancel leave up to an ulp of 1",
}


@dataclass(frozen=True)
class Sample:
    """A call of a loss: inputs by role and options by PyTorch's names, and the call itself, of tensors by role."""

    inputs: Mapping[str, Any]
    options: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], Any]


def of_modules(loss: Loss) -> Iterator[Sample]:
    for entry in _modules().get(loss.class_name, []):
        for made in entry.module_inputs_func(
            entry, device="cpu", dtype=torch.float64, requires_grad=True, training=True
        ):
            words = made.constructor_input
            module = entry.module_cls(*words.args, **words.kwargs)
            options = inspect.signature(entry.module_cls).bind(*words.args, **words.kwargs).arguments
            if loss.name == "linear_cross_entropy":
                yield _with_its_matrix(module, made.forward_input.args, options)
                continue
            inputs = dict(zip(loss.roles, made.forward_input.args, strict=True))
            assert not made.forward_input.kwargs
            yield Sample(inputs, options, partial(_positional, module))


def _with_its_matrix(module: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Sample:
    """The module's parameters are the loss's inputs."""
    shape = (module.num_classes, *module.out_features)
    inputs = {"input": args[0], "linear_weight": module.linear.weight.reshape(*shape, -1), "target": args[1]}
    options = {name: options[name] for name in ("reduction", "weight", "ignore_index", "label_smoothing")}
    if module.linear.bias is not None:
        options["linear_bias"] = module.linear.bias.reshape(shape)
    function = torch.nn.functional.linear_cross_entropy
    return Sample(inputs, options, partial(_named, function, options))


def of_functions(loss: Loss) -> Iterator[Sample]:
    function = getattr(torch.nn.functional, loss.function_name, None)
    for entry in _functions().get(loss.function_name, []):
        for made in entry.sample_inputs("cpu", torch.float64, requires_grad=True):
            given = _bound(function, (made.input, *made.args), made.kwargs)
            inputs = {role: given.pop(role) for role in loss.roles if role in given}
            yield Sample(inputs, given, partial(_named, function, given))


def _positional(module: Any, tensors: Mapping[str, Any]) -> Any:
    return module(*tensors.values())


def _named(function: Any, options: Mapping[str, Any], tensors: Mapping[str, Any]) -> Any:
    return function(**tensors, **options)


def _bound(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments by the names that they are passed to."""
    try:
        return dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    except ValueError:  # cosine_similarity is written in C++
        return {**dict(zip(("x1", "x2", "dim", "eps"), args, strict=False)), **kwargs}


@cache
def _modules() -> dict[str, list[Any]]:
    from torch.testing._internal.common_modules import module_db

    found: dict[str, list[Any]] = {}
    for entry in module_db:
        found.setdefault(entry.module_cls.__name__, []).append(entry)
    return found


@cache
def _functions() -> dict[str, list[Any]]:
    from torch.testing._internal.common_methods_invocations import op_db

    found: dict[str, list[Any]] = {}
    for entry in op_db:
        found.setdefault(entry.name.removeprefix("nn.functional."), []).append(entry)
    return found


def answered(sample: Sample, loss: Loss) -> tuple[Array, dict[str, Array]]:
    """PyTorch's value, and the gradients of its sum in the inputs that have one here."""
    smooth = [spec.name for spec in loss.inputs if spec.differentiable]
    leaves = {
        role: tensor.detach().clone().requires_grad_()
        for role, tensor in sample.inputs.items()
        if role in smooth and isinstance(tensor, torch.Tensor) and tensor.is_floating_point()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broadcasting, and kl_div's mean
        value = sample.call({**sample.inputs, **leaves})
        slopes = torch.autograd.grad(value.sum(), list(leaves.values()), allow_unused=True)
    found = {role: slope.numpy() for role, slope in zip(leaves, slopes, strict=True) if slope is not None}
    return value.detach().numpy(), found


def computed(sample: Sample, loss: Loss) -> losscli.Computed:
    """What losscli makes of the same arguments, but for how the work is split."""
    given = {**sample.inputs, **sample.options}
    named = {name: _plain(value) for name, value in given.items() if value is not None and name != "options"}
    return losscli.compute(loss.name, gradients=True, jobs=1, **named)


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, torch.nn.PairwiseDistance):
        return "euclidean"
    return np.asarray(value) if isinstance(value, tuple) else value


def assert_same(sample: Sample, loss: Loss, ours: losscli.Computed) -> None:
    value, gradients = answered(sample, loss)
    assert_near(ours.value, value, "value", terms=largest(np.asarray(ours.per_sample)))
    assert ours.gradients is not None
    for role, slope in gradients.items():
        known = np.abs(slope) > 1e-15 if (loss.name, role) in SPOILED else np.ones(slope.shape, bool)
        assert_near(ours.gradients[role][known], slope[known], f"gradient of {role}")


SOURCES = {"module": of_modules, "function": of_functions}
SAMPLED = [
    (loss, source)
    for loss in losses()
    for source, named in (
        ("module", _modules().get(loss.class_name)),
        ("function", _functions().get(loss.function_name)),
    )
    if named
]


def test_every_listed_reason_is_of_a_source() -> None:
    assert set(OUTSIDE) <= {f"{loss.name}/{source}" for loss, source in SAMPLED}


@pytest.mark.parametrize(("loss", "source"), SAMPLED, ids=lambda each: getattr(each, "name", each))
def test_samples(loss: Loss, source: str) -> None:
    """Each is compared, or refused with one of the listed faults; of these there are as many as listed."""
    listed = OUTSIDE.get(f"{loss.name}/{source}", [])
    refused: Counter[str] = Counter()
    compared = 0
    for sample in SOURCES[source](loss):
        try:
            ours = computed(sample, loss)
        except losscli.LossError as fault:
            refused[next((part for part, _, _ in listed if part in fault.fact + fault.cure), fault.fact)] += 1
            continue
        assert_same(sample, loss, ours)
        compared += 1
    assert refused == {part: count for part, count, _ in listed}
    assert compared or refused
