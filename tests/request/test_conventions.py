"""One request under every convention of its loss."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan, log
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import find
from losscli.reading.sources import ReadOptions
from losscli.request.conventions import SideBySide, attempts, side_by_side
from losscli.request.request import Request, from_sources
from losscli.schema.faults import DataFault, LossError, UsageFault
from losscli.schema.loss import Convention, Loss
from losscli.schema.settings import Settings


def requested(loss: Loss, *sources: str, options: Any = None, **wording: Any) -> Request:
    return from_sources(loss, sources, options or {}, Settings(**wording), ReadOptions())


def shown(loss: Loss, *sources: str, **how: Any) -> SideBySide:
    request = requested(loss, *sources, **how)
    return side_by_side(request, attempts(request))


def with_conventions(name: str, *conventions: Convention) -> Loss:
    """A loss of the catalogue with these conventions instead of its own frameworks'."""
    loss = find(name)
    own = {each: loss.conventions[each] for each in ("torch", "exact")}
    return replace(loss, conventions={**{each.name: each for each in conventions}, **own})


SUMMING = Convention("summing", "here", reduction="sum", values={"log_floor": -2.0}, names=("a", "b"))
NOT_REDUCING = Convention("lazy", "there", reduction="none")


def test_torch_comes_first_and_exact_last() -> None:
    found = shown(with_conventions("bce", SUMMING, NOT_REDUCING), "[0.5,0]", "[1,1]")
    assert [row.convention.name for row in found.rows] == ["torch", "summing", "lazy", "exact"]


def test_values_by_hand() -> None:
    """-log 1/2, and for p = 0 the bound of each convention."""
    rows = shown(with_conventions("bce", SUMMING, NOT_REDUCING), "[0.5,0]", "[1,1]").rows
    assert [row.value for row in rows] == [(log(2) + 100) / 2, log(2) + 2, (log(2) + 100) / 2, inf]
    assert [row.reduction for row in rows] == ["mean", "sum", "mean", "mean"]


def test_what_differs_is_said() -> None:
    rows = shown(with_conventions("bce", SUMMING, NOT_REDUCING), "[0.5,0]", "[1,1]").rows
    assert [row.differs for row in rows] == [
        (),
        ("log_floor -2", "reduces to sum"),
        ("reduces to none, so its mean is shown",),
        ("log_floor -inf", "slope_floor 0"),
    ]


def test_a_written_reduction_holds_for_all() -> None:
    rows = shown(with_conventions("bce", SUMMING, NOT_REDUCING), "[0.5,0.5]", "[1,1]", reduction="sum").rows
    assert {row.value for row in rows} == {2 * log(2)}
    assert {row.reduction for row in rows} == {"sum"}
    assert rows[2].differs == ()  # its own reduction is not used


def test_a_written_option_wins_and_no_longer_differs() -> None:
    wide = Convention("wide", "here", values={"delta": 7.0})
    loss = with_conventions("huber", wide)
    assert shown(loss, "[9]", "[0]").rows[1].differs == ("delta 7",)
    rows = shown(loss, "[9]", "[0]", options={"delta": "2"}).rows
    assert [row.value for row in rows] == [16.0] * 3  # 2 · (9 - 2/2)
    assert rows[1].differs == ()


def test_names_of_torch_are_those_of_the_loss() -> None:
    rows = shown(with_conventions("bce", SUMMING), "[0.5]", "[1]").rows
    assert [row.names for row in rows] == [("BCELoss", "binary_cross_entropy"), ("a", "b"), ()]


def test_sample_weights_that_do_not_divide() -> None:
    """Losses 1 and 4 with weights 2 and 1: (2 + 4) / 3, or by the count / 2."""
    counting = Convention("counting", "here", weights_divide=False)
    torch, other, _ = shown(with_conventions("mse", counting), "[1,2]", "[0,0]", sample_weight="[2,1]").rows
    assert (torch.value, other.value) == (2.0, 3.0)
    assert other.differs == ("the mean divides by the count, not by the sample weights",)


def test_one_that_fails_is_a_row() -> None:
    broken = Convention("broken", "here", values={"delta": -1.0})
    rows = shown(with_conventions("huber", broken), "[1]", "[0]").rows
    assert [row.value for row in rows] == [0.5, None, 0.5]
    assert rows[1].fault == "--delta must be greater than 0, got -1.0"


@pytest.mark.parametrize(
    ("sources", "fault"),
    [(("[1,2]", "[0]"), "shape"), (("[0.5]", "[2]"), "must be from 0 to 1")],
)
def test_what_fails_under_all_is_raised(sources: tuple[str, str], fault: str) -> None:
    with pytest.raises(DataFault, match=fault):
        shown(find("bce"), *sources)


def test_an_unknown_option_is_raised_once() -> None:
    with pytest.raises(LossError) as caught:
        shown(find("bce"), "[0.5]", "[1]", options={"delta": "1"})
    assert str(caught.value).count("delta") == 1


def test_no_reduction_is_refused() -> None:
    with pytest.raises(UsageFault, match="one number a convention"):
        shown(find("bce"), "[0.5]", "[1]", reduction="none")


def test_warnings_say_whose_they_are() -> None:
    of_torch, *_, of_exact = shown(find("bce"), "[0]", "[1]").warnings
    assert of_torch.startswith("torch: sample 0 makes up 100 % of the sum")
    assert of_exact == "exact: one loss is infinite, at sample 0"
    nothing = shown(find("mse"), "[]", "[]")
    assert nothing.warnings == ("there are no samples, and the mean of nothing is nan",)
    assert all(row.value is not None and isnan(row.value) for row in nothing.rows)


def test_deprecated_words_are_told_once() -> None:
    found = shown(find("bce"), "[0.5,0.5]", "[1,1]", size_average=False)
    assert found.warnings == ("size_average and reduce are deprecated; use reduction=sum",)
    assert found.rows[0].value == 2 * log(2)


@pytest.mark.parametrize("jobs", [1, 3])
def test_as_one_at_a_time(jobs: int) -> None:
    """A row is what a request for its convention alone gives."""
    guesses, actual = [0.0, 0.3, 1.0], [1.0, 0.0, 1.0]
    request = requested(find("bce"), str(guesses), str(actual))
    for row in side_by_side(request, attempts(request), jobs).rows:
        alone = losscli.compute("bce", guesses, actual, convention=row.convention.name, reduction=row.reduction)
        np.testing.assert_array_equal(alone.value, row.value)


def test_rows_that_are_averaged_first_are_named() -> None:
    """Of a sum only: the mean of rows of one length is that of their elements."""
    arrays = "[[1,2],[3,4]]", "[[0,0],[0,0]]"
    said = {row.convention.name: row.differs for row in shown(find("mse"), *arrays, reduction="sum").rows}
    assert said["keras"] == ("adds up the means of the rows",)
    assert {row.convention.name: row.differs for row in shown(find("mse"), *arrays).rows}["keras"] == ()
