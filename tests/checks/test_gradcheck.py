"""Wrong gradients are found out, right ones pass, and kinks and bounds are told apart from both."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from losscli.checks.derivatives import DIGITS, DUAL, PLAIN
from losscli.checks.gradcheck import FAILS, HOLDS, UNCHECKED, Checked, any_fails, gradcheck
from losscli.numerics import high_precision as precise
from losscli.schema.define import define
from tests.checks.toys import FLOORED, bent, bound, planted, quartic


def by_road(found: list[Checked], role: str) -> dict[str, Checked]:
    return {each.method: each for each in found if each.role == role}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_right_gradient_passes_both_roads(reduction: str) -> None:
    found = gradcheck(bound(define(quartic), [1.0, 4.0, -3.0], [3.0, 3.0, 3.0], reduction=reduction))
    assert [(each.role, each.method, each.verdict, each.checked) for each in found] == [
        ("input", DUAL, HOLDS, 3),
        ("input", DIGITS, HOLDS, 3),
        ("target", DUAL, HOLDS, 3),
        ("target", DIGITS, HOLDS, 3),
    ]
    assert max(each.worst for each in found) < 1e-14


def test_a_slope_of_nothing_is_no_kink() -> None:
    """At an error of 0 the differences of e⁴ are as small as their steps: they agree, and no limit is missing."""
    found = gradcheck(bound(define(quartic), [1.0, 3.0], [3.0, 3.0]))
    assert all((each.verdict, each.kinks, each.checked) == (HOLDS, 0, 2) for each in found)
    assert max(each.worst for each in found) < 1e-14


def test_a_planted_mistake_is_found_out_where_it_is() -> None:
    """The slope is 3 e³ in place of 4 e³ at the one error above 2, and the other role's sign is turned round."""
    found = gradcheck(bound(define(planted), [1.0, 8.0, 4.0], [3.0, 3.0, 3.0], reduction="sum"))
    assert any_fails(found)
    first, second = by_road(found, "input")[DUAL], by_road(found, "target")[DUAL]
    assert (first.verdict, first.failing, first.index) == (FAILS, 1, (1,))
    assert first.gradient == 375.0
    assert first.derivative == pytest.approx(500.0, rel=1e-15)
    assert (second.verdict, second.failing) == (FAILS, 3)
    assert by_road(found, "input")[DIGITS].verdict == FAILS


@pytest.mark.parametrize(("slope", "verdict"), [(0.0, HOLDS), (1.0, HOLDS), (-0.5, HOLDS), (1.5, FAILS)])
def test_at_a_kink_any_subgradient_will_do(slope: float, verdict: str) -> None:
    """|e| at 0 has the subdifferential [-1, 1]; the kink is not declared, and found all the same."""
    loss = define(bent)
    with patch.dict(loss.constants, {"at": slope}):
        found = by_road(gradcheck(bound(loss, [1.0, 3.0], [1.0, 1.0], reduction="sum")), "input")[DUAL]
    assert found.verdict == verdict
    (kink,) = found.bent
    assert (kink.index, kink.left, kink.right, kink.gradient) == ((0,), -1.0, 1.0, slope)
    assert kink.inside == (verdict == HOLDS)
    assert found.checked == 1


def test_a_bound_of_the_convention_is_no_failure() -> None:
    """With e = 0.25 the slope is held at 0.5 by contract; without that constant it is the derivative."""
    found = by_road(gradcheck(bound(FLOORED, [0.25, 2.0], [0.0, 0.0])), "input")[DUAL]
    assert (found.verdict, found.bounded, found.checked, found.failing) == (HOLDS, 1, 1, 0)
    exact = by_road(gradcheck(bound(FLOORED, [0.25, 2.0], [0.0, 0.0], convention="exact")), "input")[DUAL]
    assert (exact.verdict, exact.bounded, exact.checked) == (HOLDS, 0, 2)


def test_without_mpmath_the_second_road_is_float64() -> None:
    with patch.object(precise, "available", lambda: False):
        found = gradcheck(bound(define(quartic), [1.0, 4.0, -3.0], [3.0, 3.0, 3.5]))
        wrong = gradcheck(bound(define(planted), [1.0, 8.0, 4.0], [3.0, 3.0, 3.0]))
    assert {each.method for each in found} == {DUAL, PLAIN}
    assert not any_fails(found)
    assert by_road(wrong, "input")[PLAIN].verdict == FAILS


def test_nothing_is_checked_where_there_is_nothing() -> None:
    assert {each.verdict for each in gradcheck(bound(define(quartic), [], []))} == {UNCHECKED}
