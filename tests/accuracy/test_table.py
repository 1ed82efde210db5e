"""The kept table: complete, honest about what is above the limit, and what is measured today."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp, mpf

from losscli.losses.catalogue import find, loss_names
from tests.accuracy import table
from tests.accuracy.measure import Key, Row, form_of, keys, measure
from tests.nasty.families import FAMILIES
from tests.references import above_limit, forms
from tests.references._reasons import GRADIENT, VALUE
from tests.references._truth import digits

SEED, SLICE = 2026, 12
SLOW = {"linear_cross_entropy", "adaptive_log_softmax", "info_nce", "softmax_focal"}
KEPT, TORCH = table.read()


def test_every_loss_is_in_the_table() -> None:
    assert {row.loss for row in KEPT} == set(loss_names())


def test_every_family_that_applies_is_in_the_table() -> None:
    """Those that its inputs have: no more, no fewer, each once; and at least four of each loss."""
    assert [row.key for row in KEPT] == list(keys())
    assert all(
        set(form.inputs) <= set(FAMILIES) and len(form.inputs) >= 4 for name in loss_names() for form in forms(name)
    )


def test_every_gradient_is_in_the_table() -> None:
    """A row has its loss's differentiable inputs, or the members of one."""
    for row in KEPT:
        loss = find(row.loss)
        roles = {spec.name for spec in loss.inputs if spec.differentiable}
        assert roles - {loss.of_many} <= set(row.ours) | {"target"}, row.key  # labels have no slope, shares have
        assert len(row.ours) > 1, row.key


@pytest.mark.parametrize("loss", loss_names())
def test_what_is_above_the_limit_has_a_reason(loss: str) -> None:
    """ABOVE_LIMIT in the loss's reference, and a paragraph `Accuracy:` in its docstring."""
    over = {row.key: found for row in KEPT if row.loss == loss and (found := table.unexplained(row))}
    assert not over, f"more than {table.LIMIT:g} ulps: mend {loss}, or say why in tests/references/{loss}.py"


def test_a_loss_without_a_reason_would_be_found() -> None:
    off = Row("mse", "", "huge", {VALUE: 3.0, "input": 5.0, "target": 0.5}, {}, True)
    assert table.unexplained(off) == ["input"]


@pytest.mark.parametrize(("loss", "of"), [(name, of) for name in loss_names() for of in above_limit(name)])
def test_reasons_are_told_and_needed(loss: str, of: str) -> None:
    """By the loss's own page; and some number is above the limit."""
    assert "Accuracy:" in find(loss).summary
    errors = [
        error
        for row in KEPT
        if row.loss == loss
        for what, error in row.ours.items()
        if (what == VALUE) == (of == VALUE)
    ]
    assert max(errors) > table.LIMIT
    assert of in (VALUE, GRADIENT)


def test_sums_are_correctly_rounded() -> None:
    assert not [row.key for row in KEPT if not row.sum_is_rounded]


def test_pytorch_stands_beside() -> None:
    """Wherever it is asked, and nowhere else."""
    assert TORCH
    assert not [row.key for row in KEPT if bool(row.torch) != (form_of(row.loss, row.form).torch is not None)]


@pytest.mark.parametrize("key", random.Random(SEED).sample([k for k in keys() if k[0] not in SLOW], SLICE))
def test_a_slice_comes_out_the_same(key: Key) -> None:
    """Up to the rounding of another machine's exponentials: an ulp, of large errors half."""
    kept = next(row for row in KEPT if row.key == key)
    today = measure(key)
    assert today.sum_is_rounded
    for of, error in kept.ours.items():
        assert today.ours[of] == pytest.approx(error, abs=1.0, rel=0.5), of


def test_the_page_says_what_the_numbers_say() -> None:
    page = (Path(table.FOLDER) / "table.md").read_text(encoding="utf-8")
    assert page == table.markdown(KEPT, TORCH)


def test_one_third_of_the_digits_is_a_step() -> None:
    """The slope of bce at 1e-300, 1/p, by hand: a difference quotient that keeps more digits than a float has."""
    inputs = {"input": np.array([1e-300]), "target": np.array([0.0])}
    with mp.workdps(digits("confident")):
        slope = form_of("bce", "labels").truth(inputs, ["target"]).slopes["target"][0][1]
        assert abs(slope + mp.log(mpf(1e-300) / (1 - mpf(1e-300)))) < mpf(10) ** -40
