"""The references, against what PyTorch answered: a formula that is wrong would hide the same mistake of a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from losscli.losses.catalogue import find, loss_names
from tests.golden.cases import TORCH_SLACK, Array, Case, torch_cases
from tests.references import Form, forms
from tests.references._truth import exact

DIGITS = 50
OTHERWISE = {  # where PyTorch has a bound or an epsilon that the formula has not
    "bce/certain/none": "logarithms are at least -100",
    "sce/clip=0.05/none": "probabilities are at least clip as well",
    "sce/clipped/none": "probabilities are at least clip as well",
    "cosine_embedding/times-0.001/none": "1e-12 is added to each squared norm",
    **{
        f"triplet_margin_with_distance/{name}/none": "1e-6 is added to every difference"
        for name in ("6x4-euclidean", "6x4-euclidean-swap", "euclidean-margin=0.05", "euclidean-margin=4.0")
    },
}


def asked(loss: str, form: Form, formula: Callable[..., Any]) -> Iterator[Case]:
    """Recorded losses of single numbers or rows, none of them ignored, by options that the formula has."""
    known = signature(formula).parameters
    rank = 1 if {role.axes for spec in find(loss).inputs for role in spec.forms} == {"u"} else 2
    for case in torch_cases():
        arrays = list(case.inputs.values())
        if (
            case.loss == loss
            and case.reduction == "none"
            and set(case.options) <= set(known)
            and not any(isinstance(value, np.ndarray) and value.ndim for value in case.options.values())
            and all(case.options.get(name, False) == value for name, value in form.options.items() if value is True)
            and max(array.ndim for array in arrays) == rank
            and len({array.shape[:1] for array in arrays}) == 1
            and not (form.name == "shares" and case.inputs["target"].dtype.kind == "i")
            and "ignored" not in case.id
        ):
            yield case


def cases() -> Iterator[tuple[Callable[..., Any], Case]]:
    """Each formula with each of its cases, once."""
    for loss in loss_names():
        formulas = {form.formula: form for form in reversed(forms(loss)) if form.formula}
        for formula, form in formulas.items():
            yield from ((formula, case) for case in asked(loss, form, formula))


def answer(formula: Callable[..., Any], case: Case) -> Array:
    """What the formula says, with PyTorch's defaults."""
    options = {
        spec.name: spec.default
        for spec in find(case.loss).options
        if spec.name in signature(formula).parameters and spec.default is not None
    }
    with mp.workdps(DIGITS):
        numbers = {name: exact(value) for name, value in {**options, **case.options}.items()}
        units = [{role: exact(array[unit]) for role, array in case.inputs.items()} for unit in range(len(case.value))]
        return np.array([float(formula(**unit, **numbers)) for unit in units])


CASES = list(cases())


@pytest.mark.parametrize(("formula", "case"), CASES, ids=lambda part: getattr(part, "id", None))
def test_formula(formula: Callable[..., Any], case: Case) -> None:
    """Within PyTorch's rounding, and where PyTorch has a bound not: what agrees leaves the list."""
    slack = TORCH_SLACK * np.abs(case.value).max()
    same = np.allclose(answer(formula, case), case.value, rtol=TORCH_SLACK, atol=slack)
    assert same != (case.id in OTHERWISE), OTHERWISE.get(case.id, case.value)


def test_there_are_enough() -> None:
    assert len({case.loss for _, case in CASES}) >= 25
    assert {case.id for _, case in CASES} >= set(OTHERWISE)
