"""Requests: from sources and settings to a bound loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.engine.evaluate import Wanted
from losscli.losses.catalogue import find
from losscli.reading.sources import ReadOptions
from losscli.request.compute import Result, compute, place, unit_index
from losscli.request.request import Request, from_sources, with_reduction
from losscli.schema.faults import DataFault, Faults, UsageFault
from losscli.schema.settings import Settings, of_text


def requested(name: str, *sources: str, base: Path | None = None, options: Any = None, **wording: Any) -> Request:
    return from_sources(find(name), sources, options or {}, Settings(**wording), ReadOptions(base=base))


def result(*arguments: Any, wanted: Wanted | None = None, **named: Any) -> Result:
    return compute(requested(*arguments, **named).bound(), wanted or Wanted())


@pytest.mark.parametrize(
    ("reduction", "size_average", "reduce", "meant"),
    [  # torch.nn._reduction.legacy_get_string: None counts as True
        (None, None, None, None),
        ("sum", None, None, "sum"),
        ("sum", True, None, "mean"),
        ("sum", None, True, "mean"),
        (None, True, True, "mean"),
        (None, False, None, "sum"),
        (None, False, True, "sum"),
        (None, None, False, "none"),
        (None, True, False, "none"),
        (None, False, False, "none"),
    ],
)
def test_deprecated_words(
    reduction: str | None, size_average: bool | None, reduce: bool | None, meant: str | None
) -> None:
    found, warnings = with_reduction(Settings(reduction=reduction, size_average=size_average, reduce=reduce))
    assert found.reduction == meant
    assert bool(warnings) == (size_average is not None or reduce is not None)


def test_sources_lie_beside_the_suite(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([[-1.0, -2.0], [-3.0, -5.0]]))
    np.save(tmp_path / "w.npy", np.array([1.0, 3.0]))
    request = requested("nll", "x.npy", "[0,1]", base=tmp_path, options={"weight": "w.npy"}, sample_weight="[2,1]")
    found = compute(request.bound(), Wanted())
    assert (found.value, found.reduced.denominator) == (17 / 5, 5.0)


def test_words_and_files_are_told_together() -> None:
    with pytest.raises(Faults) as caught:
        requested("huber", "nowhere.npy", "elsewhere.npy", options={"delta": "-1"}, reduction="x", convention="y")
    kinds = [type(fault) for fault in caught.value.faults]
    assert kinds == [UsageFault] * 3 + [DataFault] * 2
    assert caught.value.exit == 2


def test_a_missing_file_alone_is_a_fault_of_the_data() -> None:
    with pytest.raises(DataFault, match=r"nowhere\.npy"):
        requested("huber", "nowhere.npy", "1")


def test_warnings_and_notes_reach_the_result() -> None:
    found = result("mse", "[]", "[]", size_average=True)
    assert [word.split()[0] for word in found.warnings] == ["size_average", "there"]
    assert found.bound.notes == ()


def test_classes_are_separated_by_commas() -> None:
    assert of_text("classes", " a, b ") == ("a", "b")


@pytest.mark.parametrize(
    ("name", "sources", "wording", "warnings"),
    [
        ("mse", ("[1]", "[2]"), {}, []),
        ("mse", ("[]", "[]"), {}, ["there are no samples, and the mean of nothing is nan"]),
        ("mse", ("[]", "[]"), {"reduction": "sum"}, []),
        ("mse", ("[]", "[]"), {"reduction": "none"}, []),
        ("nll", ("[[-1]]", "[-100]"), {}, ["all samples are ignored, and the mean of nothing is nan"]),
        ("mse", ("[1]", "[2]"), {"sample_weight": "[0]"}, ["the weights add up to 0, so the mean is nan"]),
        ("mse", ("[1e200]", "[0]"), {}, ["one loss is infinite, at sample 0"]),
        ("nll", ("[[-Infinity],[-1],[-Infinity]]", "[0,0,0]"), {}, ["2 losses are infinite, the first at sample 0"]),
        ("mse", ("[[1],[1e200]]", "[[0],[0]]"), {}, ["one loss is infinite, at sample [1, 0]"]),
        ("mse", ("[NaN]", "[2]"), {"nonfinite": "propagate"}, []),
        ("cross_entropy", ("[[Infinity,Infinity]]", "[0]"), {}, ["one loss is nan (undefined), at sample 0"]),
    ],
    ids=repr,
)
def test_warnings(name: str, sources: tuple[str, ...], wording: dict[str, Any], warnings: list[str]) -> None:
    assert list(result(name, *sources, **wording).warnings) == warnings


def test_value_by_reduction() -> None:
    values = {r: result("kl_div", "[[-1,-2]]", "[[0.5,0.5]]", reduction=r) for r in ("mean", "sum", "batchmean")}
    reduced = values["sum"].reduced
    assert {r: v.value for r, v in values.items()} == {
        "mean": reduced.mean,
        "sum": reduced.sum,
        "batchmean": reduced.batchmean,
    }
    assert result("kl_div", "[[-1,-2]]", "[[0.5,0.5]]", reduction="none").value is None


def test_units_have_places() -> None:
    flat, deep = result("mse", "[1,2,3]", "[0,0,0]").bound, result("mse", "[[1,2],[3,4]]", "[[0,0],[0,0]]").bound
    assert [unit_index(deep, unit) for unit in range(4)] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert (place(flat, 2), place(deep, 3)) == ("sample 2", "sample [1, 1]")
    assert place(result("mse", "1", "2").bound, 0) == "the only sample"
