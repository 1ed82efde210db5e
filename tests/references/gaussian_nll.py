"""The negative log-likelihood of a normal distribution."""

from __future__ import annotations

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import per_unit
from tests.references._formulas import Number, log
from tests.references._reasons import VALUE


def gaussian(input: Number, target: Number, var: Number, full: bool = False) -> Number:
    return (log(var) + (input - target) ** 2 / var + (log(2 * mp.pi) if full else 0)) / 2


FORMS = (
    per_unit(gaussian, inputs.NORMALS, torch={"eps": 0.0}),
    per_unit(gaussian, inputs.NORMALS, "full", torch={"eps": 0.0, "full": True}, full=True),
)
ABOVE_LIMIT = {VALUE: "where log v and e²/v cancel to the last bit, their sum is good to a part in 2¹⁰⁰ of them"}
