"""A part of `python -m tests.checks.tolerance`, with the bounds that reference/TOLERANCE reports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from losscli.losses.catalogue import loss_names
from tests.checks.tolerance import measure
from tests.checks.tolerance.asking import FORMATS
from tests.checks.tolerance.formulas import FORMULAS, Formula
from tests.checks.tolerance.measure import Seen
from tests.checks.tolerance.rights import HAS_TORCH
from tests.golden.cases import torch_cases
from tests.golden.frameworks import all_records

EVERY = tuple(enumerate(FORMULAS))
MAY_BE_REFUTED = ("all digits are zero", "too weak", "exit")  # digits that say nothing, which `%.4f` may leave


def in_turn(of: Sequence[str], at: int, count: int) -> list[str]:
    """Some of the formats, so that all are asked for over the formulas."""
    return [of[(at * count + step) % len(of)] for step in range(count)]


def test_every_loss_of_another_program_has_a_formula() -> None:
    """In the plain arithmetic that programs use; who adds a loss that no framework has needs none."""
    recorded = {case.loss for case in torch_cases()} | {record.asked.loss for record in all_records()}
    assert recorded <= {formula.loss for formula in FORMULAS} <= set(loss_names())
    assert len({formula.name for formula in FORMULAS}) >= len(FORMULAS) - 2  # but for soft targets and another input


@pytest.mark.parametrize(("at", "formula"), EVERY, ids=lambda of: of.name if isinstance(of, Formula) else "")
def test_right_ones_hold(at: int, formula: Formula, tmp_path: Path) -> None:
    found = list(measure.right(formula, tmp_path, (11,), in_turn(FORMATS, at, 3)))
    assert [each for each in found if not each.holds and not weak(each)] == []


def weak(each: Seen) -> bool:
    return each.form == "%.4f" and each.cause in MAY_BE_REFUTED


@pytest.mark.parametrize(("at", "formula"), EVERY, ids=lambda of: of.name if isinstance(of, Formula) else "")
def test_wrong_ones_do_not(at: int, formula: Formula, tmp_path: Path) -> None:
    """None but where the contract's window is as wide as the mistake."""
    found = list(measure.wrong(formula, tmp_path, (11,), in_turn(measure.EXACT, at, 1)))
    assert [each for each in found if each.holds and not each.cause] == []
    gross = [each for each in found if each.holds and not each.what.startswith("off by")]
    assert gross == []


@cache
def of_printed() -> list[Seen]:
    with TemporaryDirectory() as folder:
        return [
            each
            for formula in FORMULAS
            for each in measure.of_printed(formula, Path(folder), sizes=(11,), seeds=(0,))
            if each.cause != "all digits are zero"
        ]


# Refuted of the 1800 values, 1710 vectors and 1800 gradients of TOLERANCE: 3, 25 and 7.
@pytest.mark.parametrize(("kind", "share"), [("value", 3 / 1800), ("per_sample", 25 / 1710), ("gradient", 7 / 1800)])
def test_printed_inputs(kind: str, share: float) -> None:
    if kind == "gradient" and not HAS_TORCH:
        pytest.skip("PyTorch differentiates the plain formulas")
    found = [each for each in of_printed() if each.kind == kind]
    refuted = [each for each in found if not each.holds]
    assert found
    assert len(refuted) <= max(2, share * len(found)), refuted


def test_what_the_decimals_of_inputs_hide(tmp_path: Path) -> None:
    """With 3 decimals and 11 samples 0.1 % off holds for few losses, more than the cap of 1 % for none."""
    cases = ((3, 11, 1e-3), (3, 11, 2e-2))
    found = [each for formula in FORMULAS for each in measure.hidden(formula, tmp_path, cases)]
    holding = [(each.what, each.formula) for each in found if each.holds]
    assert [name for off, name in holding if off == "0.02 off"] == []
    assert len(holding) <= len(FORMULAS) / 5  # 7 of 40 in the trial
