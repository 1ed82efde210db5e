"""The root mean squared error."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from tests.references import _inputs as inputs
from tests.references import whole
from tests.references._formulas import Number, flat


def root(given: dict[str, Any]) -> list[Number]:
    errors = [a - b for a, b in zip(flat(given["input"]), flat(given["target"]), strict=True)]
    return [mp.sqrt(mp.fsum(error**2 for error in errors) / len(errors))]


FORMS = (whole(root, inputs.PAIRS_OF_A_WHOLE),)
