"""Every loss against its reference: values and gradients of each form, and the numbers that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import loss_names
from tests.accuracy.measure import Key, keys, measure
from tests.accuracy.table import unexplained
from tests.references import Known, known

TRIED = ("ordinary", "ties")  # of the others, which need hundreds of digits, the accuracy table keeps the numbers


@pytest.mark.parametrize("key", [key for key in keys() if key[2] in TRIED], ids="-".join)
def test_values_and_gradients(key: Key) -> None:
    row = measure(key)
    assert not unexplained(row), row.ours
    assert row.sum_is_rounded


@pytest.mark.parametrize(
    ("loss", "number"),
    [(loss, number) for loss in loss_names() for number in known(loss)],
    ids=lambda part: part.source if isinstance(part, Known) else part,
)
def test_known_numbers(loss: str, number: Known) -> None:
    options: dict[str, Any] = {"reduction": "none" if isinstance(number.value, list) else "mean", **number.options}
    ours = losscli.compute(loss, *number.inputs, **options).value
    np.testing.assert_allclose(ours, number.value, rtol=1e-15, atol=0, err_msg=number.source)
