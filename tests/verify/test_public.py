"""The wrong computations of tests/verify/public are what they say, and the diagnosis names no fewer than it did."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

import losscli
from tests.verify.public import CASES, FIXTURES, SIZES, UNFIT, Case, data
from tests.verify.public.measure import by_kind, made, outcomes, refuted_right_answers, written
from tests.verify.public.right import LOSSES

# Percent named first, at least, and something wrong, at most: of the smallest size, numbers at 6 digits
BOUNDS = {
    "numbers, 6 digits": (95.0, 0.6),
    "pairs, 6 digits": (76.0, 0.0),
    "vectors": (99.0, 0.0),
    "gradients": (99.0, 0.0),
}
LEAST = {"value": 170, "per_sample": 25, "gradient": 30, "pair": 25}


def test_there_are_enough() -> None:
    counts = Counter(case.kind for case in CASES)
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts
    assert len({case.loss for case in CASES}) >= 30
    assert len(LOSSES) >= 29


def test_names_texts_and_sources() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    for case in CASES:
        assert case.text.endswith("."), case.name
        assert len(case.source) > 10, case.name
        assert all(case.names), case.name
        assert case.data in FIXTURES, case.name


@pytest.mark.parametrize("size", SIZES)
def test_every_case_is_wrong_by_more_than_four_digits(size: str) -> None:
    for case in CASES:
        if case.data not in UNFIT:
            assert _differs(case, size), case.name


@cache
def _right(name: str, size: str) -> losscli.Computed:
    return losscli.compute(name.partition("/")[0], **data(name, size).asked, gradients=True)


def _differs(case: Case, size: str) -> bool:
    answer, ours = made(case, size)[1], _right(case.data, size)
    assert np.isfinite(answer).all(), case.name
    if case.kind in ("value", "pair"):
        return written(float(ours.value), 4) != written(answer, 4)
    right = ours.per_sample if case.kind == "per_sample" else next(iter((ours.gradients or {}).values()))
    assert np.shape(answer) == right.shape, case.name
    return not np.allclose(answer, right, rtol=1e-4, atol=0.0)


@pytest.mark.parametrize("name", UNFIT)
def test_what_is_unfit_is_refused(name: str) -> None:
    with pytest.raises(losscli.LossError):
        losscli.compute(name.partition("/")[0], **data(name, "small").asked)


@pytest.mark.parametrize("size", SIZES)
def test_no_right_answer_is_refuted(size: str) -> None:
    assert list(refuted_right_answers([size])) == []


def test_no_fewer_are_named_than_once() -> None:
    counts: dict[str, Counter[str]] = {}
    for met in outcomes(sizes=["small"], digits=[6]):
        counts.setdefault(by_kind(met), Counter())[met.kind] += 1
    for kind, (first, wrong) in BOUNDS.items():
        total = counts[kind].total()
        shares = {name: 100 * count / total for name, count in counts[kind].items()}
        assert shares["first"] >= first, (kind, shares)
        assert shares.get("wrong", 0.0) <= wrong, (kind, shares)
