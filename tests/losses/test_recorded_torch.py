"""Every loss against what PyTorch 2.13 answered in float64, in value and in gradient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import losscli
from tests.golden.cases import TORCH_SLACK, Case, edge_cases, torch_cases


def assert_near(ours: object, theirs: NDArray[np.float64], what: str) -> None:
    """Equal to PyTorch's rounding: a part in 1e12 of the largest number of the array."""
    found = np.asarray(ours)
    assert found.shape == theirs.shape, what
    finite = np.isfinite(theirs)
    slack = TORCH_SLACK * np.abs(theirs, where=finite, out=np.zeros(theirs.shape)).max(initial=0.0)
    np.testing.assert_allclose(found, theirs, rtol=TORCH_SLACK, atol=slack, err_msg=what)


def assert_as_recorded(case: Case) -> None:
    reduction = {} if case.reduction is None else {"reduction": case.reduction}
    ours = losscli.compute(case.loss, gradients=True, **case.inputs, **case.options, **reduction)
    assert_near(ours.value, case.value, "value")
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
    with pytest.raises(losscli.LossError, match=REFUSED[case.id]):
        losscli.compute(case.loss, **case.inputs, **case.options, reduction=case.reduction)
