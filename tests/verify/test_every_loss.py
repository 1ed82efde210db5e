"""Any loss, any data: a wrong claim is refuted, and looking for the reason never fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from losscli.verify.diagnosis import diagnose, sampled
from tests.laws.drawing import draw

_FAR = 1.2345678


def _answered(found: Any) -> bool:
    return found.value is not None and bool(np.isfinite(found.value).all()) and np.ndim(found.value) == 0


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_a_wrong_claim_about_any_loss(loss: Loss) -> None:
    for seed, question in enumerate((*draw(loss, 3, (5,))[:2], *draw(loss, 3, (3, 4))[-1:])):
        reduction = "sum" if "sum" in loss.reductions else loss.reductions[0]
        named: dict[str, Any] = {**question.inputs, **question.options, "reduction": reduction, "nonfinite": "error"}
        right = losscli.compute(loss.name, **named, gradients=True)
        claim = repr(_FAR * float(right.value) + seed) if _answered(right) else "0.123456"
        verified = losscli.verify(loss.name, claim=claim, **named)
        assert verified.verdict == "refuted"
        wrong = right.per_sample * _FAR + 0.5
        assert losscli.verify(loss.name, claim_per_sample=wrong, **named).verdict == "refuted"
        for role, gradient in (right.gradients or {}).items():
            claimed = {role: gradient * _FAR + 0.5}
            assert losscli.verify(loss.name, claim_gradient=claimed, **named).verdict == "refuted"


@pytest.mark.parametrize("name", ["mse", "cross_entropy", "bce", "kl_div", "hinge"])
def test_nothing_at_all(name: str) -> None:
    shape = (0, 3) if name == "cross_entropy" else (0,)
    target = np.zeros(0, dtype=int) if name == "cross_entropy" else np.zeros(shape)
    verified = losscli.verify(name, np.zeros(shape), target, claim="0.5", reduction="mean")
    assert verified.verdict == "refuted"
    assert not verified.explanations


def test_a_single_number() -> None:
    verified = losscli.verify("mse", 2.0, 1.0, claim="0.500")
    assert verified.explanations[0].mistake == "half"


def test_infinite_losses() -> None:
    verified = losscli.verify("cross_entropy", [[0.0, -np.inf], [1.0, 2.0]], [1, 0], claim="3.25")
    assert verified.verdict == "refuted"


def test_propagated_nans() -> None:
    verified = losscli.verify("mse", [1.0, np.nan], [0.0, 0.0], claim="3.25", nonfinite="propagate")
    assert verified.verdict == "refuted"


def _partly(numbers: Any, count: int = 3) -> Any:
    """Numbers of which the first of each few is wrong."""
    wrong = (np.arange(numbers.size) % count == 0).reshape(numbers.shape)
    return np.where(wrong, _FAR * numbers + 0.5, numbers)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_arrays_that_are_wrong_in_part(loss: Loss, large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:
        monkeypatch.setattr(diagnose, "LARGE", 1)
        monkeypatch.setattr(sampled, "ELEMENTS", 40)
    for question in draw(loss, 3, (12,))[-1:]:
        named: dict[str, Any] = {**question.inputs, **question.options, "nonfinite": "error"}
        right = losscli.compute(loss.name, **named, gradients=True)
        for kind, numbers in {"": right.per_sample, **(right.gradients or {})}.items():
            claimed = _partly(np.asarray(numbers))
            claim = {"claim_gradient": {kind: claimed}} if kind else {"claim_per_sample": claimed}
            losscli.verify(loss.name, **claim, **named)
