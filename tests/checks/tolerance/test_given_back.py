"""The smallest tolerance that would pass passes when it is given back, as the report prints it and as JSON has it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.checks.tolerance.asking import claim_words, write_inputs
from tests.checks.tolerance.formulas import FORMULAS, Formula
from tests.checks.tolerance.measure import drawn
from tests.checks.tolerance.rights import HAS_TORCH, of_numpy
from tests.cli.helpers import losscli

STATED = re.compile(r"the smallest tolerance that would pass: --atol (\S+)")
SCALES = (1.0 + 1e-4, 0.7, -3.0)
FORMS = ("%.6g", "repr", "npy float32")


def kinds(formula: Formula) -> list[str]:
    """One number of all data has no vector, and it is PyTorch that differentiates the plain formulas."""
    return ["value", *["per_sample"] * (not formula.single), *["gradient"] * HAS_TORCH]


@pytest.mark.parametrize(
    ("formula", "kind"),
    [(formula, kind) for formula in FORMULAS for kind in kinds(formula)],
    ids=lambda part: getattr(part, "name", part),
)
def test_passes_when_it_is_given_back(formula: Formula, kind: str, tmp_path: Path) -> None:
    inputs, draw = drawn(formula, 11)
    right = of_numpy("numpy", formula, inputs, inputs)
    number = {"value": right.mean, "per_sample": right.vector}.get(kind, next(iter(right.gradients.values()), None))
    assert number is not None
    sources = write_inputs(tmp_path, inputs)
    at = FORMULAS.index(formula)
    wrong = number * SCALES[at % len(SCALES)] + 1e-3 * draw.normal(size=number.shape)
    role = next(iter(right.gradients), "")
    claim = claim_words(tmp_path, formula, FORMS[at // 3 % len(FORMS)], {(kind, role): np.asarray(wrong)})
    words = ("verify", formula.loss, *sources, "-r", "mean", *claim)
    refuted = losscli(*words, "-f", "json", at=tmp_path)
    assert refuted.code == 1, refuted.err
    stated = STATED.search(losscli(*words, at=tmp_path, env={"COLUMNS": "200"}).out)
    assert stated is not None
    for tolerance in (repr(refuted.json["claims"][0]["difference"]), stated[1]):
        given_back = losscli(*words, "--rtol", "0", "--atol", tolerance, at=tmp_path)
        assert given_back.code == 0, f"{tolerance}: {given_back.out}"
