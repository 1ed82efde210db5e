"""A loss with a penalty: against PyTorch's recorded answers, and against fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.request.penalty import Objective
from losscli.schema.faults import DataFault, UsageFault

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "objective.json").read_text(encoding="utf-8"))
PARAMS = {name: np.array(array) for name, array in RECORDED["params"].items()}


def objective(*inputs: Any, **named: Any) -> Objective:
    found = losscli.compute("mse", *inputs, **named).objective
    assert found is not None
    return found


@pytest.mark.parametrize("case", RECORDED["objectives"], ids=lambda case: f"{case['l1']}-{case['l2']}-{case['biases']}")
def test_pytorchs_objective(case: dict[str, Any]) -> None:
    found = losscli.compute(
        "cross_entropy",
        RECORDED["logits"],
        RECORDED["labels"],
        l1=case["l1"],
        l2=case["l2"],
        params=PARAMS,
        penalize_bias=case["biases"],
        gradients=True,
    )
    assert found.objective is not None
    assert found.value == found.objective.objective == pytest.approx(case["objective"], rel=1e-14)
    assert found.objective.loss == found.mean == pytest.approx(case["loss"], rel=1e-14)
    assert found.objective.penalty == pytest.approx(case["penalty"], rel=1e-14)
    gradients = dict(found.gradients or {})
    assert gradients.pop("input").shape == np.shape(RECORDED["logits"])
    assert set(gradients) == set(case["gradients"])
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, case["gradients"][name], rtol=1e-15)


def test_one_step_of_gradient_descent_with_weight_decay_is_one_with_the_penalty() -> None:
    """torch.optim.SGD's, recorded both ways; ours from the penalty's gradient, and from the decay that we tell."""
    l2, rate = RECORDED["l2"], RECORDED["rate"]
    asked: dict[str, Any] = {"l2": l2, "params": PARAMS, "penalize_bias": True, "gradients": True}
    found = losscli.compute("cross_entropy", RECORDED["logits"], RECORDED["labels"], **asked)
    assert found.gradients is not None
    by_decay, by_penalty = RECORDED["by_weight_decay"], RECORDED["by_penalty"]
    for name, w in PARAMS.items():
        g = np.array(by_decay["gradients"][name])
        np.testing.assert_allclose(by_penalty["after"][name], by_decay["after"][name], rtol=1e-14)
        np.testing.assert_allclose(w - rate * (g + found.gradients[name]), by_decay["after"][name], rtol=1e-14)
        np.testing.assert_allclose((1.0 - rate * l2) * w - rate * g, by_decay["after"][name], rtol=1e-14)


@pytest.mark.parametrize("half", [True, False])
def test_sums_are_rounded_once(half: bool) -> None:
    """Against fractions, on numbers of which a plain sum loses most."""
    random = np.random.default_rng(3)
    w = random.choice([-1.0, 1.0], 5000) * 10.0 ** random.uniform(-120, 120, 5000)
    small = random.normal(size=(7, 3)).astype(np.float32)
    l1, l2 = 0.1, 0.3
    asked: dict[str, Any] = {"l1": l1, "l2": l2, "params": {"w": w, "v": small}}
    found = objective([1.0, 2.0], [2.0, 4.5], convention="torch" if half else "keras", **asked)
    exact = {
        name: (
            Fraction(l1) * sum(abs(Fraction(float(x))) for x in array.flat),
            Fraction(l2) * sum((Fraction(float(x)) ** 2 for x in array.flat), Fraction(0)) / (2 if half else 1),
        )
        for name, array in (("w", w), ("v", small))
    }
    assert {each.name: (each.l1, each.l2) for each in found.arrays} == {
        name: tuple(map(float, parts)) for name, parts in exact.items()
    }
    both = sum(map(sum, exact.values()), Fraction(0))
    assert (found.penalty, found.objective) == (float(both), float(Fraction(found.loss) + both))
    assert (found.l1, found.l2) == tuple(float(sum(parts)) for parts in zip(*exact.values(), strict=True))


def test_what_counts_as_a_bias() -> None:
    params = {"fc.weight": [3.0], "fc.bias": [4.0], "Bias_2": [5.0]}
    assert objective(1.0, 1.0, l2=2.0, params=params).objective == 9.0
    assert objective(1.0, 1.0, l2=2.0, params=params, penalize_bias=True).objective == 9.0 + 16.0 + 25.0
    assert [each.name for each in objective(1.0, 1.0, l1=1.0, params=params).arrays] == ["fc.weight"]
    assert objective(1.0, 1.0, l1=1.0, params={"bias": [1.0]}).penalty == 0.0


def test_without_a_penalty_there_is_no_objective() -> None:
    assert losscli.compute("mse", 1.0, 2.0).objective is None


def test_an_objective_too_large_is_infinite() -> None:
    found = objective(1.0, 2.0, l2=1.0, params={"w": [1e200]})
    assert (found.penalty, found.objective) == (np.inf, np.inf)


def test_a_loss_that_is_no_number_stays_none() -> None:
    found = objective([], [], l2=1.0, params={"w": [1.0]})
    assert np.isnan(found.objective)
    assert found.penalty == 0.5


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [  # of mse 1, Σw² 4 and a bias of 3; l2 is 0.5
        ("1.00", "penalty_forgotten"),
        ("3.00", "factor_of_l2"),
        ("4.25", "biases_penalised"),
        ("1.50", "penalty_averaged"),
        ("1.000e0", "penalty_forgotten"),
        ("2.0000", ""),
    ],
)
def test_a_wrong_objective_is_explained(claim: str, mistake: str) -> None:
    asked: dict[str, Any] = {"l2": 0.5, "params": {"w": [2.0, 0.0], "bias": [3.0]}}
    found = losscli.verify("mse", [1.0, 2.0], [2.0, 3.0], claim=claim, **asked)
    assert found.holds == (not mistake)
    assert [each.mistake for each in found.explanations] == ([mistake] if mistake else [])


@pytest.mark.parametrize(
    ("claim", "mistake"),
    [  # of mse 4, Σ|w| 3, Σw² 9; l1 is 0.25, l2 0.5
        ("3.0000", "penalty_alone"),
        ("6.6250", "l1_and_l2_exchanged"),
        ("6.2500", "norm_not_squared"),
    ],
)
def test_a_wrong_objective_of_two_penalties_is_explained(claim: str, mistake: str) -> None:
    asked: dict[str, Any] = {"l1": 0.25, "l2": 0.5, "params": {"w": [3.0, 0.0]}}
    verified = losscli.verify("mse", [1.0, 2.0], [3.0, 4.0], claim=claim, **asked)
    assert [explanation.mistake for explanation in verified.explanations] == [mistake]


X, T = np.random.default_rng(3).normal(size=(2, 23))
LOSS, SQUARES = float(np.square(X - T).mean()), 9.0 + 0.49 + 1.69


@pytest.mark.parametrize(
    ("number", "digits", "mistake"),
    [  # of a penalty of 0.4 / 2 · Σw², beside the loss that its mistake makes
        (23 * LOSS + 0.2 * SQUARES, 4, "sum_for_mean"),
        (LOSS / 2 + 0.2 * SQUARES, 4, "half"),
        (LOSS / 2 + 0.2 * SQUARES, 6, "half"),
        (23 * LOSS + 0.4 * SQUARES, 6, "sum_for_mean + factor_of_l2"),
        (LOSS**0.5 + 0.4 * SQUARES, 7, "root + factor_of_l2"),
        (LOSS / 2 + 0.4 * SQUARES, 4, ""),
    ],
)
def test_an_objective_with_a_mistake_of_its_loss(number: float, digits: int, mistake: str) -> None:
    asked: dict[str, Any] = {"l2": 0.4, "params": {"w": [3.0, -0.7, 1.3]}}
    found = losscli.verify("mse", X, T, claim=f"{number:#.{digits}g}", **asked).explanations
    assert [each.mistake for each in found][:1] == ([mistake] if mistake else [])


def test_biases_that_were_left_out() -> None:
    asked: dict[str, Any] = {"l2": 0.5, "params": {"w": [3.0], "bias": [4.0]}, "penalize_bias": True}
    verified = losscli.verify("mse", [1.0, 2.0], [3.0, 4.0], claim="6.2500", **asked)
    assert [explanation.mistake for explanation in verified.explanations] == ["biases_left_out"]


def test_a_claimed_gradient_of_a_parameter() -> None:
    asked: dict[str, Any] = {"l1": 0.5, "l2": 0.25, "params": {"w": [2.0, 0.0, -4.0]}}
    right = losscli.verify("mse", 1.0, 2.0, claim_gradient={"w": [1.0, 0.0, -1.5]}, **asked)
    wrong = losscli.verify("mse", 1.0, 2.0, claim_gradient={"w": [1.0, 0.5, -1.5]}, **asked)
    assert (right.holds, wrong.holds) == (True, False)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"l2": 1.0}, "l2 without params"),
        ({"l1": 1.0, "l2": 1.0}, "l1 and l2 without params"),
        ({"params": {"w": [1.0]}}, "params without l1 or l2"),
        ({"penalize_bias": True}, "penalize_bias without a penalty"),
        ({"l1": -1.0, "params": {"w": [1.0]}}, "l1 must be 0 or greater, got -1"),
        ({"l2": float("nan"), "params": {"w": [1.0]}}, "l2 must be 0 or greater, got nan"),
        ({"l2": float("inf"), "params": {"w": [1.0]}}, "l2 must be finite, got inf"),
        ({"l2": 1.0, "params": {"w": [1.0]}, "reduction": "none"}, "the reduction is none"),
    ],
)
def test_what_makes_no_penalty(named: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageFault, match=told):
        losscli.compute("mse", 1.0, 2.0, **named)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"w": [1.0, float("nan")]}, r"w\[1\]: w is nan, and must be a finite number"),
        ({"w": [[1.0, float("-inf")]]}, r"w\[0, 1\]: w is -inf"),
        ({"bias": [float("nan")]}, "bias is nan"),
        ({"w": ["a"]}, "'a' is not a number"),
        ({"input": [1.0]}, "a parameter is named input"),
    ],
)
def test_arrays_that_are_no_parameters(params: dict[str, Any], told: str) -> None:
    with pytest.raises(DataFault, match=told):
        losscli.compute("mse", 1.0, 2.0, l2=1.0, params=params)


def test_parameters_in_python_have_names() -> None:
    params: Any = [1.0]
    with pytest.raises(UsageFault, match="params is list"):
        losscli.compute("mse", [1.0], [2.0], l2=0.1, params=params)
