"""Formulas are executed and shown from one tree, and hold nothing but what the table has."""

from __future__ import annotations

import re
from math import inf
from typing import Any

import numpy as np
import pytest

from losscli.losses.catalogue import losses
from losscli.schema.formulas import line, names, parsed, shown, value, worked

NAMED = {"x": 3.0, "y": 1.0, "row": np.array([1.0, 2.0]), "at": 1, "weight": None, "full": True, "big": inf}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x * (y - x / 2)", -1.5),
        ("-x ** 2", -9.0),
        ("2 ** -2", 0.25),
        ("0 * log(0 * y)", 0.0),  # 0 · -inf
        ("big * (y - y)", 0.0),
        ("row[at] + sum(row) / size(row)", 3.5),
        ("row @ row", 5.0),
        ("max(row)", 2.0),
        ("max(0, y - x)", 0.0),
        ("others(row, at)", [1.0]),
        ("min(row, 1.5)", [1.0, 1.5]),
        ("logsumexp(row)", 2.0 + np.log1p(np.exp(-1.0))),
        ("softplus(-800 * y)", 0.0),
        ("sigmoid(0 * y)", 0.5),
        ("xlogy(y - y, y - y)", 0.0),
        ("pi > x and not y > x", True),
        ("weight is None or weight > 0", True),
        ("weight is not None and weight > 0", False),
        ("full and all(row < 2)", False),
    ],
)
def test_values(text: str, expected: Any) -> None:
    with np.errstate(all="ignore"):
        assert np.asarray(value(parsed(text), NAMED)).tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delta * (error - delta / 2)", "delta · (error - delta / 2)"),
        ("a - (b - c) + -d", "a - (b - c) - d"),
        ("abs(a - b) ** 2", "|a - b|²"),
        ("2 ** -x", "2^(-x)"),
        ("-(a + b) / 2.0", "-(a + b) / 2"),
        ("sqrt(sum(x ** 2)) <= y", "√(Σ x²) ≤ y"),
        ("1 - softplus(-x)", "1 - log(1 + exp(-x))"),
        ("sigmoid(-x)", "1 / (1 + exp(x))"),
        ("-expm1(q * log(p))", "1 - exp(q · log(p))"),
        ("2 * log1p(-p)", "2 · log(1 - p)"),
        ("max(min(p, high), low)", "max(p, -100)"),
        ("scale * (x + nothing)", "x"),
        ("delta < inf and weight is None", "delta < inf and no weight"),
        ("xlogy(p, p / q)", "p · log(p / q)"),
        ("row[at] / size(row)", "row[at] / size(row)"),
        ("-sum(p * log(q)) / sum(p)", "(-Σ p · log(q)) / Σ p"),
    ],
)
def test_display(text: str, expected: str) -> None:
    assert shown(parsed(text), {"low": -100.0, "high": inf, "scale": 1.0, "nothing": 0.0, "x": None}) == expected


@pytest.mark.parametrize(
    "text", ["x.real", "open(x)", "max(row, key=x)", "[x]", "lambda: x", "x if y else 1", "x // y", "f'{x}'", "(x)(y)"]
)
def test_nothing_else_is_a_formula(text: str) -> None:
    with pytest.raises(TypeError, match="is no formula"):
        value(parsed(text), NAMED)


def test_a_condition_on_the_form_of_data_goes_without_saying() -> None:
    lines = ("loss = x, if ndim(row) == 2", "loss = row[at], if ndim(row) == 1 and size(row) > 1 and full")
    assert worked(lines, NAMED, {"full": None}) == [("loss", "row[at]", 2.0)]


def test_a_line_that_does_not_apply_is_left_out() -> None:
    lines = ("d = x - y", "loss = d / 2, if d > 2", "loss = d ** 2, if d <= 2", "loss = 3 * loss, if full")
    assert worked(lines, NAMED, {"full": None}) == [
        ("d", "x - y", 2.0),
        ("loss", "d², since d ≤ 2", 4.0),
        ("loss", "3 · loss", 12.0),
    ]


@pytest.mark.parametrize("loss", [loss for loss in losses() if loss.lines], ids=lambda loss: loss.name)
def test_lines_name_inputs_options_and_earlier_lines(loss: Any) -> None:
    known = {*loss.roles, *(spec.name for spec in loss.options), *loss.constants}
    for text in loss.lines:
        parts = line(text)
        assert re.fullmatch(r"[a-zA-Z]\w*", parts.name)
        for tree in filter(None, (parts.formula, parts.condition)):
            assert names(tree) <= known, text
        known.add(parts.name)
    assert parts.name == "loss"
