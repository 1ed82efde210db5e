"""Every loss against what PyTorch 2.13 answered in float64, in value and in gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from tests.golden.cases import TORCH_SLACK, Case, edge_cases, torch_cases


def largest(array: NDArray[np.float64]) -> float:
    return float(np.abs(array, where=np.isfinite(array), out=np.zeros(array.shape)).max(initial=0.0))


def assert_near(ours: object, theirs: NDArray[np.float64], what: str, terms: float = 0.0) -> None:
    """Equal to PyTorch's rounding: a part in 1e12 of the largest number of the array, or of the terms it sums."""
    found = np.asarray(ours)
    assert found.shape == theirs.shape, what
    slack = TORCH_SLACK * max(largest(theirs), terms)
    np.testing.assert_allclose(found, theirs, rtol=TORCH_SLACK, atol=slack, err_msg=what)


def assert_as_recorded(case: Case) -> None:
    named: dict[str, Any] = {**case.inputs, **case.options}
    if case.reduction is not None:
        named["reduction"] = case.reduction
    ours = losscli.compute(case.loss, gradients=True, **named)
    assert_near(ours.value, case.value, "value", terms=largest(np.asarray(ours.per_sample)))
    assert ours.gradients is not None
    for role, gradient in case.gradients.items():
        assert_near(ours.gradients[role], gradient, f"gradient of {role}")


@pytest.mark.parametrize("case", torch_cases(), ids=lambda case: case.id)
def test_recorded_answer(case: Case) -> None:
    assert_as_recorded(case)


REFUSED = {  # where PyTorch computes with data outside a loss's domain
    "cross_entropy/edge/targets-that-sum-to-4": "from 0 to 1",
    "cross_entropy/edge/negative-targets": "from 0 to 1",
    "triplet_margin/edge/p-half": "1 or greater",
}


@pytest.mark.parametrize("case", [c for c in edge_cases() if c.id not in REFUSED], ids=lambda case: case.id)
def test_recorded_edge(case: Case) -> None:
    assert_as_recorded(case)


@pytest.mark.parametrize("case", [c for c in edge_cases() if c.id in REFUSED], ids=lambda case: case.id)
def test_edge_outside_the_domain(case: Case) -> None:
    arguments: dict[str, Any] = {**case.inputs, **case.options}
    with pytest.raises(losscli.LossError, match=REFUSED[case.id]):
        losscli.compute(case.loss, reduction=case.reduction, **arguments)
