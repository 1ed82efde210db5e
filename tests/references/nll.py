"""The negative log-likelihood on log-probabilities."""

from __future__ import annotations

from functools import partial

from mpmath import mpf

from tests.references import Form
from tests.references import _inputs as inputs
from tests.references._formulas import Number
from tests.references._truth import by_unit


def nll(input: list[Number], target: int, weight: list[Number]) -> Number:
    return -weight[target] * input[target]


FORMS = (Form("", inputs.LOG_ROWS_AND_LABELS, by_unit(partial(nll, weight=[mpf(1)] * 4)), torch={}),)
