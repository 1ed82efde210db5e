"""`assert_loss` for tests, whose failure message is the report of verify. It imports on first use."""

from __future__ import annotations

from typing import Any

__all__ = ["assert_loss"]


def assert_loss(loss: str, *inputs: Any, **options: Any) -> None:
    """Asserts claims about a loss; the AssertionError has the differences and the mistake that explains them.

    The arguments are those of `losscli.verify`: claim, claim_per_sample, claim_gradient, at_most, at_least, rtol, atol,
    and all of `losscli.compute`. Raises LossError if the request cannot be carried out, and if nothing is claimed.
    """
    __tracebackhide__ = True
    from losscli.report.verify import lines
    from losscli.schema.spelling import PYTHON, asked_in
    from losscli.schema.text import printable
    from losscli.verify.api import verify

    verified = verify(loss, *inputs, **options)
    if not verified.holds:
        with asked_in(PYTHON):
            report = lines(verified)
        raise AssertionError("\n".join(map(printable, report)))
