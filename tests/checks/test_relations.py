"""Identities on data: what holds, what fails, what does not apply, and how far sides may differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from losscli.checks.relations import FAILS, HOLDS, NOT_HERE, any_fails, relations
from losscli.engine.bind import bind
from losscli.losses.catalogue import find
from losscli.numerics.ulps import ulp
from losscli.schema.data import held
from losscli.schema.faults import UsageFault
from losscli.schema.loss import Equals
from losscli.schema.settings import Settings
from tests.checks.toys import bound, scaled


def test_an_identity_holds_and_another_does_not_apply() -> None:
    first, second = relations(bound(scaled(1.0), [1.0, 4.0, -3.1], [3.0, 3.0, 3.0]))
    assert (first.verdict, second.verdict) == (HOLDS, NOT_HERE)
    assert (first.samples, first.reductions) == (3, ("mean", "mean"))
    assert first.worst is not None
    assert first.worst.difference_ulps <= 4
    assert (second.condition, second.worst) == ("errors are 1", None)


@pytest.mark.parametrize("times", [2.0, 1.0 + 1e-13])
def test_a_broken_identity_is_found_out(times: float) -> None:
    first, _ = relations(bound(scaled(times), [1.0, 4.0], [3.0, 3.0], reduction="sum"))
    assert any_fails([first])
    assert first.worst is not None
    assert first.worst.this == pytest.approx(first.worst.other / times, rel=1e-15)
    assert first.worst.difference_ulps > first.worst.allowed_ulps
    assert first.reduced is not None
    assert (first.reduced.this, first.reductions) == (17.0, ("sum", "sum"))


def test_roundings_of_the_view_are_weighed_by_the_slope() -> None:
    """4 ulp on each side, and 4 for every number of the view times its slope: log p near 1 magnifies them."""
    loss = replace(scaled(1.0), relations=())
    near = replace(
        loss,
        relations=(
            Equals(
                "a logarithm",
                "log_loss",
                lambda input, target, **_: {"input": np.stack([1.0 - input, input], 1), "target": target.astype(int)},
            ),
        ),
    )
    (found,) = relations(bound(near, [0.125], [0.0]))
    assert found.worst is not None
    p, value = 0.875, found.worst.other  # the loss is -log 0.875, of slope 1 / 0.875
    expected = 4.0 * (ulp(found.worst.this) + ulp(value) + ulp(p) / p)
    assert found.worst.allowed == pytest.approx(float(expected), rel=1e-12)
    assert found.verdict == FAILS  # the quartic of 0.125 is no logarithm


def test_a_sum_with_a_second_term_may_cancel() -> None:
    """e⁴ = (e⁴ + 1e6) - 1e6 holds to a few spacings of 1e6, not of e⁴."""
    shifted = Equals(
        "shifted",
        "l1",
        lambda input, target, **_: {"input": (input - target) ** 4 + 1e6, "target": 0.0 * target},
        plus=lambda **_: -1e6,
    )
    (found,) = relations(bound(replace(scaled(1.0), relations=(shifted,)), [0.1, 0.7], [0.0, 0.0]))
    assert found.verdict == HOLDS
    assert found.worst is not None
    assert 1e3 < found.worst.difference_ulps < found.worst.allowed_ulps < 1e8


def test_reduced_values_alone_may_be_compared() -> None:
    """The mean of e⁴ over two samples is half the sum."""
    halves = Equals(
        "half",
        "mse",
        lambda input, target, **_: {"input": (input - target) ** 2, "target": 0.0 * target},
        times=lambda **_: 0.5,
        reduced=("mean", "sum"),
    )
    whole = bound(replace(scaled(1.0), relations=(halves,)), [1.0, 2.0], [0.0, 0.0])
    (found,) = relations(whole)
    assert (found.verdict, found.worst, found.reductions) == (HOLDS, None, ("mean", "sum"))
    assert found.reduced is not None
    assert found.reduced.this == found.reduced.other == 8.5


def test_ignored_samples_take_no_part() -> None:
    inputs = {"input": held(np.array([[1.0, 2.0], [0.5, 0.1]]), "x"), "target": held(np.array([1, -100]), "y")}
    found = relations(bind(find("cross_entropy"), inputs, {}, Settings("mean")))
    nll = next(each for each in found if each.other_loss == "nll")
    assert (nll.verdict, nll.samples, nll.sample) == (HOLDS, 2, (0,))


def test_a_sample_weight_is_refused() -> None:
    inputs = {role: held(np.zeros(2), role) for role in ("input", "target")}
    whole = bind(scaled(1.0), inputs, {}, Settings(), held(np.ones(2), "w"))
    with pytest.raises(UsageFault, match="whatever a sample weighs"):
        relations(whole)


def test_no_samples() -> None:
    first, _ = relations(bound(scaled(1.0), [], []))
    assert (first.verdict, first.condition) == (NOT_HERE, "there are no samples")
