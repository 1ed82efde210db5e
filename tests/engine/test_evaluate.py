"""Chunks and threads change no bit, and reduced numbers are correctly rounded from the per-sample ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from fractions import Fraction
from math import fsum, isnan, nan, sqrt
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.engine.bind import Bound, bind
from losscli.engine.evaluate import Evaluation, Wanted, evaluate, upstream
from losscli.engine.examine import examine
from losscli.engine.layout import Layout
from losscli.engine.reduce import Reduced, reduce
from losscli.losses.catalogue import find
from losscli.schema.data import held
from losscli.schema.settings import Settings

RNG = np.random.default_rng(11)
N, C = 60, 5
SPREAD = RNG.choice([-1.0, 1.0], N) * 10.0 ** RNG.uniform(-12, 12, N)
LABELS = RNG.integers(0, C, N)
LABELS[[3, 30]] = -100
REQUESTS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "mse": ("mse", (SPREAD, RNG.normal(size=N)), {}),
    "huber, weighted": ("huber", (SPREAD, RNG.normal(size=N)), {"sample_weight": RNG.uniform(0, 3, N)}),
    "cross entropy": ("cross_entropy", (RNG.normal(size=(N, C)) * 30, LABELS), {"weight": RNG.uniform(0.1, 2, C)}),
    "images": ("cross_entropy", (RNG.normal(size=(4, C, 3, 5)), LABELS.reshape(4, 3, 5)), {}),
    "images, weighted": (
        "cross_entropy",
        (RNG.normal(size=(4, C, 3, 5)), LABELS.reshape(4, 3, 5)),
        {"sample_weight": RNG.uniform(0, 3, 4)},
    ),
    "pairs": ("cosine_embedding", (RNG.normal(size=(N, 3)), RNG.normal(size=(N, 3)), RNG.choice([-1, 1], N)), {}),
    "broadcast": (
        "bce_with_logits",
        (RNG.normal(size=(12, 5)), RNG.random((12, 5))),
        {"pos_weight": np.arange(1.0, 6)},
    ),
}


def bound_of(name: str, reduction: str = "mean") -> Bound:
    loss, inputs, options = REQUESTS[name]
    found = find(loss)
    weight = options.get("sample_weight")
    return bind(
        found,
        {role: held(np.asarray(array), role) for role, array in zip(found.roles, inputs, strict=True)},
        {key: held(value, key) for key, value in options.items() if key != "sample_weight"},
        Settings(reduction=reduction),
        None if weight is None else held(weight, "weight"),
    )


def everything(bound: Bound, jobs: int = 1) -> tuple[Evaluation, Reduced]:
    evaluation = evaluate(bound, Wanted(per_sample=True, gradients=True, spread=True, worst=5, jobs=jobs))
    return evaluation, reduce(bound, evaluation.tally)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("elements", [1, 7, 40])
def test_chunks_change_no_bit(name: str, elements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, reduced = everything(bound_of(name))
    chunks = Layout.chunks

    def small(self: Layout, _: int = 0) -> Iterator[tuple[int, int]]:
        return chunks(self, elements)

    monkeypatch.setattr(Layout, "chunks", small)
    for jobs in (1, 3):
        parts, found = everything(bound_of(name), jobs)
        assert astuple(found) == astuple(reduced)
        assert parts.tally.worst == whole.tally.worst
        assert np.array_equal(_not_none(parts.per_sample), _not_none(whole.per_sample))
        assert parts.gradients is not None
        assert whole.gradients is not None
        for role, gradient in whole.gradients.items():
            assert np.array_equal(parts.gradients[role], gradient)


def _not_none(array: Any) -> Any:
    assert array is not None
    return array


@pytest.mark.parametrize("name", ["mse", "pairs", "images"])
def test_sum_and_mean_are_correctly_rounded(name: str) -> None:
    """From the per-sample values: Fraction adds exactly, and float() of a Fraction rounds once."""
    evaluation, reduced = everything(bound_of(name))
    values = [Fraction(v) for v in _not_none(evaluation.per_sample).ravel().tolist()]
    assert reduced.sum == float(sum(values)) == fsum(map(float, values))
    assert reduced.mean == float(sum(values) / reduced.count)


def test_weighted_sums_are_correctly_rounded() -> None:
    evaluation, reduced = everything(bound_of("huber, weighted"))
    weight = [Fraction(w) for w in REQUESTS["huber, weighted"][2]["sample_weight"].tolist()]
    plain = losscli.compute("huber", *REQUESTS["huber, weighted"][1]).per_sample
    losses = [Fraction(v) for v in plain.tolist()]
    assert np.array_equal(_not_none(evaluation.per_sample), REQUESTS["huber, weighted"][2]["sample_weight"] * plain)
    top = sum((w * v for w, v in zip(weight, losses, strict=True)), Fraction(0))
    assert (reduced.sum, reduced.mean) == (float(top), float(top / sum(weight)))
    assert reduced.denominator == float(sum(weight))


def test_a_sum_beyond_float64_has_a_mean() -> None:
    huge = [1.5e308, 1.5e308, -1.0]
    found = losscli.compute("l1", huge, [0.0, 0.0, 0.0])
    assert found.sum == np.inf
    assert found.mean == float(sum(map(Fraction, [1.5e308, 1.5e308, 1.0])) / 3)


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0], [1e12, 1e12 + 1, 1e12 + 5], [3.0, 3.0], [1e-200, 2e-200]])
def test_standard_error(values: list[float]) -> None:
    """s / √n in fractions; expanded squares would cancel in floats for the second row."""
    exact = [Fraction(v) for v in values]
    mean = sum(exact) / len(exact)
    square = sum((v - mean) ** 2 for v in exact) / (len(exact) - 1) / len(exact)
    expected = float(square / Fraction(max(values)) ** 2) ** 0.5 * max(values)
    found = losscli.compute("l1", values, [0.0] * len(values)).standard_error
    assert found == pytest.approx(expected, rel=1e-15, abs=0)


def test_standard_error_of_a_ratio() -> None:
    """Cochran's for Σwl / Σw: √(n/(n-1) Σ w²(l - mean)²) / Σw."""
    weight, values = np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 2.0])
    mean = (weight * values).sum() / weight.sum()
    expected = sqrt(3 / 2 * (weight**2 * (values - mean) ** 2).sum()) / weight.sum()
    found = losscli.compute("l1", values, np.zeros(3), sample_weight=weight).standard_error
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("values", [[], [1.0], [np.inf, 1.0], [np.nan, 1.0]])
def test_no_standard_error(values: list[float]) -> None:
    found = losscli.compute("l1", values, [0.0] * len(values), nonfinite="propagate").standard_error
    assert isnan(nan if found is None else found)
    assert found is not None


@pytest.mark.parametrize("name", REQUESTS)
def test_single_units_are_those_of_the_whole(name: str) -> None:
    bound = bound_of(name)
    whole, _ = everything(bound)
    units = [0, 1, 2, 3, 7, 59]
    details = list(examine(bound, [(0, 4), (7, 8), (59, 60)], upstream(bound)))
    assert isinstance(bound.layout, Layout)
    assert [(detail.start, detail.stop) for detail in details] == [(0, 4), (7, 8), (59, 60)]
    losses = np.concatenate([detail.losses for detail in details])
    assert losses.tolist() == _not_none(whole.per_sample).ravel()[units].tolist()
    ignored = bound.ignored is not None
    marks = np.concatenate([detail.ignored for detail in details])
    assert marks.tolist() == [False, False, False, ignored, False, False]
    for field in bound.differentiable:
        whole_rows = _not_none(whole.gradients)[field.name]
        if field.role.axes != "u":
            whole_rows = np.moveaxis(whole_rows, bound.layout.axis or 0, -1).reshape(bound.layout.units, -1)
        rows = np.concatenate([detail.gradients[field.name] for detail in details])
        assert np.array_equal(rows, whole_rows.reshape(bound.layout.units, -1)[units])


def test_a_known_denominator_needs_no_second_pass() -> None:
    bound = bound_of("cross entropy")
    whole, _ = everything(bound)
    assert upstream(bound, denominator=whole.tally.denominator) == upstream(bound)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("name", REQUESTS)
def test_gradients_are_of_the_reduced_value(name: str, reduction: str) -> None:
    """Those of the sum, over the denominator where it is a mean; with none, of the sum."""
    total, reduced = everything(bound_of(name, "sum"))
    found, _ = everything(bound_of(name, reduction))
    below = reduced.denominator if reduction == "mean" else 1.0
    for role, gradient in _not_none(total.gradients).items():
        np.testing.assert_allclose(_not_none(found.gradients)[role], gradient / below, rtol=4e-16, atol=0)


def test_worst_with_ties_and_nan() -> None:
    bound = bind(
        find("l1"),
        {"input": held(np.array([1.0, 3.0, np.nan, 3.0, 2.0]), "x"), "target": held(np.zeros(5), "y")},
        {},
        Settings(nonfinite="propagate"),
    )
    tally = evaluate(bound, Wanted(worst=3)).tally
    assert [unit for _, unit in tally.worst] == [2, 1, 3]


def test_groups_merge_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = RNG.integers(0, 4, N)
    inputs = {"input": held(SPREAD, "x"), "target": held(np.zeros(N), "y")}
    bound = bind(find("l1"), inputs, {}, Settings(), groups=held(keys, "by"))
    chunks = Layout.chunks
    monkeypatch.setattr(Layout, "chunks", lambda self, _=0: chunks(self, 7))
    found = reduce(bound, evaluate(bound, Wanted(jobs=2)).tally).groups
    for group in found:
        values = [Fraction(abs(v)) for v in SPREAD[keys == group.key].tolist()]
        assert (group.count, group.mean) == (len(values), float(sum(values) / len(values)))
    assert [group.key for group in found] == sorted(set(keys.tolist()))


def test_an_infinite_loss_of_weight_0_counts_nothing_anywhere() -> None:
    """Neither in the mean nor in its standard error (weights 1 and 1 of losses 2 and 4, n = 3) nor in a group."""
    inputs = {"input": held(np.array([-np.inf, -2.0, -4.0])[:, None], "x"), "target": held(np.zeros(3, int), "y")}
    weight, groups = held(np.array([0.0, 1.0, 1.0]), "w"), held(np.zeros(3), "by")
    bound = bind(find("nll"), inputs, {}, Settings(), weight, groups)
    found = reduce(bound, evaluate(bound, Wanted(spread=True)).tally)
    assert (found.sum, found.mean, found.groups[0].mean) == (6.0, 3.0, 3.0)
    assert found.standard_error == pytest.approx(sqrt(3 / 2 * 2) / 2, rel=1e-15)
