"""`losscli.testing.assert_loss`: silent where a claim holds, verify's report where it does not."""

from __future__ import annotations

import pytest

import losscli
from losscli.report.verify import lines
from losscli.schema.spelling import PYTHON, asked_in
from losscli.testing import assert_loss


def test_what_holds_passes() -> None:
    assert_loss("mse", [1.0, 2.0], [2.0, 4.0], claim=2.5)
    assert_loss("mse", [1.0, 2.0], [2.0, 4.0], claim="5.0", reduction="sum", at_most=5.0)
    assert_loss("huber", 1.0, 3.0, delta=0.5, claim=0.9, atol=0.1)  # 0.5 (2 - 0.25) = 0.875
    assert_loss("mse", [1.0, 2.0], [2.0, 4.0], claim_gradient=[-1.0, -2.0], claim_per_sample=[1.0, 4.0])


def test_what_does_not_hold_fails_with_the_report() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_loss("mse", [1.0, 2.0], [2.0, 4.0], claim=5.0)
    with asked_in(PYTHON):
        expected = lines(losscli.verify("mse", [1.0, 2.0], [2.0, 4.0], claim=5.0))
    assert str(failed.value).splitlines() == expected
    assert "atol=2.5" in str(failed.value)
    assert "claimed  5.0" in str(failed.value)
    assert "ours  2.5" in str(failed.value)


def test_what_cannot_be_judged_is_no_failed_claim() -> None:
    with pytest.raises(losscli.LossError, match="nothing is claimed"):
        assert_loss("mse", 1.0, 2.0)
    with pytest.raises(losscli.LossError, match="no loss"):
        assert_loss("no_such", 1.0, 2.0, claim=1)
