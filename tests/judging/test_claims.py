"""How near a number must come for a claim to hold: the digits that were written, or the type it is stored in."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.judging.claims import half_a_unit, significant_digits


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("2.", "0.5"),
        ("1.0", "0.05"),
        ("1e-3", "0.0005"),
        ("1.10e2", "0.5"),
        ("3", "0.5"),
        (".25", "0.005"),
        ("-4.50E+1", "0.05"),
    ],
)
def test_half_a_unit_of_the_last_digit(text: str, half: str) -> None:
    assert half_a_unit(text) == Fraction(half)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("1.1019", 5), ("0.50", 2), ("0.0005", 1), ("100", 3), ("1e-3", 1), ("0.000", 3), ("-12.30", 4), ("007", 1)],
)
def test_significant_digits(text: str, digits: int) -> None:
    assert significant_digits(text) == digits


def holds(claim: object, ours: float, **rest: Any) -> bool:
    """A claim about the loss |ours|, which is ours exactly."""
    return losscli.verify("l1", [ours], [0.0], claim=claim, **rest).holds


@pytest.mark.parametrize(
    ("claim", "inside", "outside"),
    [
        ("1.1019", 1.10194, 1.10196),
        ("1.0", 1.0499999999999998, 1.05),  # as a float, 1.05 is a little more
        ("2.", 2.5, 2.500000000000001),
        ("1e-3", 0.0014999999999999998, 0.0015),  # the same
        ("1.10e2", 110.5, 110.50000000000001),
        ("1.1000000000000000000001", 1.1 + 3 * 2.0**-52, 1.1 + 6 * 2.0**-52),  # more digits than a float64: 4 ulp
        (np.float64(1.1), 1.14, 1.16),  # a float is what it prints as
        (1.1, 1.14, 1.16),
        (np.float32(0.1), 0.1 + 15 * 2.0**-27, 0.1 + 18 * 2.0**-27),
        ("0.10000000149011612", 0.1 + 15 * 2.0**-27, 0.1 + 18 * 2.0**-27),  # a float32, printed
        ("0.10000000149", 0.10000000149 + 4e-12, 0.1 + 9e-9),  # ten digits, but no float32
    ],
)
def test_the_rule(claim: object, inside: float, outside: float) -> None:
    assert holds(claim, inside)
    assert not holds(claim, outside)


@pytest.mark.parametrize(("dtype", "spacings", "unit"), [(np.float64, 4, 2.0**-52), (np.float32, 16, 2.0**-23)])
def test_a_binary_claim_has_the_spacings_of_its_type(dtype: Any, spacings: int, unit: float) -> None:
    ours = np.array([1.1, 1.2, 1.3])  # the unit is their spacing
    zero = np.zeros(3)
    claimed: Any = ours.astype(dtype)
    near = claimed + dtype((spacings - 2) * unit)
    far = claimed + dtype((spacings + 4) * unit)
    assert losscli.verify("l1", ours, zero, claim_per_sample=near).holds
    assert not losscli.verify("l1", ours, zero, claim_per_sample=far).holds


def test_given_tolerances_replace_the_digits() -> None:
    assert not holds("1.1", 1.2)
    assert holds("1.1", 1.2, atol=0.11)
    assert holds("1.1", 1.2, rtol=0.1)
    assert not holds("1.10000", 1.100001, rtol=1e-9)


def test_bounds_are_inclusive() -> None:
    at_most = [losscli.verify("l1", [2.0], [0.0], at_most=x).holds for x in (1.9, 2.0, 2.1)]
    at_least = [losscli.verify("l1", [2.0], [0.0], at_least=x).holds for x in (1.9, 2.0, 2.1)]
    assert (at_most, at_least) == ([False, True, True], [True, True, False])


def test_not_a_number_holds_no_claim() -> None:
    empty = losscli.verify("mse", np.zeros(0), np.zeros(0), claim="0.5", at_most=1.0)
    assert [judged.verdict for judged in empty.claims] == ["refuted", "refuted"]
    assert losscli.verify("mse", np.zeros(0), np.zeros(0), claim="nan").holds


def test_infinities() -> None:
    inputs = np.array([[0.0, -np.inf]]), np.array([1])
    assert losscli.verify("cross_entropy", *inputs, claim="inf").holds
    assert not losscli.verify("cross_entropy", *inputs, claim="1e300").holds
    assert not losscli.verify("cross_entropy", *inputs, claim="-inf").holds


def test_a_census() -> None:
    ours = np.arange(1.0, 6.0)
    claimed = ours + np.array([0.0, 4e-16, 0.0, 0.25, -0.5])
    judged = losscli.verify("l1", ours, np.zeros(5), claim_per_sample=claimed).claims[0]
    assert (judged.elements, judged.differing, judged.beyond) == (5, 3, 2)
    assert judged.worst is not None
    assert (judged.worst.index, judged.worst.claim, judged.worst.ours) == ((4,), 4.5, 5.0)
    assert judged.difference == 0.5
    assert losscli.verify("l1", ours, np.zeros(5), claim_per_sample=claimed, atol=judged.difference).holds


def test_weak_claims_say_so() -> None:
    assert any("weak" in warning for warning in losscli.verify("l1", [2.0], [0.0], claim="2.0").warnings)
    assert not any("weak" in warning for warning in losscli.verify("l1", [2.0], [0.0], claim="2.00").warnings)


@pytest.mark.parametrize("claim", ["1,000", "abc", "0x1p3", "2.3±0.1", ""])
def test_what_is_no_number(claim: str) -> None:
    with pytest.raises(losscli.LossError, match="not a number"):
        losscli.verify("l1", [2.0], [0.0], claim=claim)


def test_shapes_must_fit() -> None:
    with pytest.raises(losscli.LossError, match=r"shape \(3,\).*\(2,\)"):
        losscli.verify("l1", [1.0, 2.0], [0.0, 0.0], claim_per_sample=[1.0, 2.0, 3.0])
    with pytest.raises(losscli.LossError, match="nothing is claimed"):
        losscli.verify("l1", [1.0], [0.0])


def test_float32_sums_of_many_samples() -> None:
    """A claim in float32 about 100 000 samples holds at its own digits; two more in the last of them does not."""
    random = np.random.default_rng(0)
    scores = random.normal(0.0, 3.0, (100_000, 10)).astype(np.float32)
    labels = random.integers(0, 10, 100_000)
    wide = scores.astype(np.float64)
    logs = np.log(np.exp(wide).sum(axis=1)) - wide[np.arange(len(wide)), labels]
    claim = np.float32(logs.astype(np.float32).mean())  # NumPy adds float32 in pairs, as PyTorch does
    assert losscli.verify("cross_entropy", scores, labels, claim=claim).holds
    text = f"{claim:.6f}"
    assert losscli.verify("cross_entropy", scores, labels, claim=text).holds
    assert not losscli.verify("cross_entropy", scores, labels, claim=f"{float(text) + 2e-6:.6f}").holds
