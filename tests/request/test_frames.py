"""Columns and frames of pandas, polars and Arrow: the same bits as arrays, words, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

import losscli
from losscli.request.arrays import data_of
from tests.cli.helpers import losscli as command_line

RANDOM = np.random.default_rng(7)
LABELS = ["a", "b", "c"]
WORDS = [LABELS[row % 3] for row in range(30)]


def of_pandas(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def of_polars(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def of_arrow(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("pyarrow").table(columns)


def batch_of_arrow(columns: dict[str, Any]) -> Any:
    return pytest.importorskip("pyarrow").record_batch(columns)


Make = Callable[[dict[str, Any]], Any]


@pytest.fixture(params=[of_pandas, of_polars, of_arrow, batch_of_arrow])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64", "uint8", "uint64", "bool"])
def test_the_same_bits(make: Make, dtype: str) -> None:
    array = (RANDOM.normal(size=50) * 9).astype(dtype)
    if dtype.startswith("float"):
        array[:3] = np.nan, -0.0, -np.inf
    data = data_of(make({"x": array})["x"], "input")
    assert (data.dtype, data.shape, data.missing) == (dtype, (50,), None)
    assert data.array().tobytes() == array.tobytes()


def test_a_frame_is_rows_with_names(make: Make) -> None:
    scores = RANDOM.normal(size=(30, 3)).astype(np.float32)
    frame = make({name: scores[:, at] for at, name in enumerate(LABELS)})
    data = data_of(frame, "input")
    assert (data.names, data.dtype, data.shape) == (tuple(LABELS), "float32", (30, 3))
    assert data.array().tobytes() == scores.tobytes()
    expected = losscli.compute("cross_entropy", scores, np.arange(30) % 3).value
    for words in (WORDS, make({"w": WORDS})["w"]):
        assert losscli.compute("cross_entropy", frame, words).value == expected
    mixed = data_of(make({"i": [1, 2], "f": [0.5, 1.5], "b": [True, False]}), "input")
    assert mixed.array().tolist() == [[1, 0.5, 1], [2, 1.5, 0]]
    with pytest.raises(losscli.LossError, match=r"input\['w'\] is a column of words"):
        data_of(make({"i": [1, 2], "w": ["x", "y"]}), "input")


def test_null_is_missing(make: Make) -> None:
    column = make({"x": [1, None, 3]})["x"]
    if make is of_pandas:  # which makes a NaN of it, unless it is told the type
        column = column.astype("Int64")
    with pytest.raises(losscli.LossError, match=r"input\[1\] is .*missing"):
        losscli.compute("mse", column, [1, 2, 4])
    assert losscli.compute("mse", column, [1, 2, 4], missing="skip").value == 0.5


def test_times_are_refused(make: Make) -> None:
    column = make({"x": np.array(["2020-01-01", "2021-01-01"], "datetime64[ms]")})["x"]
    with pytest.raises(losscli.LossError, match="times"):
        losscli.compute("mse", column, [1, 2])


def test_types_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    for dtype in ("Float32", "Float64", "float16"):
        column = pandas.Series([1.5, 2.5], dtype=dtype)
        assert data_of(column, "input").dtype == dtype.lower()
        assert losscli.compute("mse", column, [1.0, 2.0]).value == 0.25
    assert data_of(pandas.Series([True, False], dtype="boolean"), "input").dtype == "bool"
    for dtype in ("category", "object", "string"):
        data = data_of(pandas.Series(WORDS, dtype=dtype), "input")
        assert [data.words[code] for code in data.array()] == WORDS
        lacking = data_of(pandas.Series(["a", None], dtype=dtype), "input", "skip").missing
        assert lacking is not None
        assert lacking.rows.tolist() == [1]
    assert data_of(pandas.Series([5, 7, 5]).astype("category"), "input").array().tolist() == [5, 7, 5]
    assert data_of(pandas.Index([5.0, 7.0]), "input").array().tolist() == [5, 7]
    ours = losscli.compute("mse", pandas.Series([1.0, np.nan]), [1, 2], nonfinite="propagate").value
    assert np.isnan(ours)  # a NaN among floats is a number that failed, not a missing one


def test_none_among_numbers() -> None:
    for column in ([1.0, None, 3.0], np.array([1.0, None, 3.0], object)):
        with pytest.raises(losscli.LossError, match=r"input\[1\] is missing"):
            losscli.compute("mse", column, [1, 2, 4])
        assert losscli.compute("mse", column, [1, 2, 4], missing="skip").value == 0.5
    rows = [[1.0, 2.0], [3.0, None]]
    assert losscli.compute("mse", rows, [[0.0, 0.0], [1.0, 1.0]], missing="skip").value == 2.5
    with pytest.raises(losscli.LossError, match="holds object"):
        losscli.compute("mse", [1.0, "a", None], [1, 2, 3])


def test_polars_without_pyarrow() -> None:
    polars = pytest.importorskip("polars")
    with patch.dict(sys.modules, {"pyarrow": None}):
        assert data_of(polars.Series([1.5, 2.5], dtype=polars.Float32), "input").array().tolist() == [1.5, 2.5]
        assert losscli.compute("mse", polars.Series([1, None, 3]), [1, 2, 4], missing="skip").value == 0.5
        data = data_of(polars.Series(WORDS), "input")
        assert [data.words[code] for code in data.array()] == WORDS
        frame = data_of(polars.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}), "input")
        assert (frame.names, frame.array().tolist()) == (("a", "b"), [[1, 0.5], [2, 1.5]])


def test_bfloat16_of_ml_dtypes() -> None:
    """As `numpy.asarray` gives JAX's arrays."""
    types = pytest.importorskip("ml_dtypes")
    data = data_of(np.array([1.1, 2.0]).astype(types.bfloat16), "input")
    assert (data.dtype, data.array().tolist()) == ("bfloat16", [1.1015625, 2.0])
    with pytest.raises(losscli.LossError, match="float8"):
        data_of(np.array([1.0]).astype(types.float8_e4m3fn), "input")


def test_one_frame_for_all(make: Make) -> None:
    columns = {"id": [1, 2, 3], "yhat": [1.5, 2.5, 3.0], "y": [1.0, 2.0, 4.0]}
    found = losscli.compute("mse", make(columns))
    assert (found.value, found.notes) == (0.5, ("frame: id not used",))
    assert losscli.compute("mse", make(columns), sample_weight=[0, 0, 1]).value == 1
    assert losscli.verify("mse", make(columns), claim=0.5).holds
    scores = {"input_1": [0.1, 0.2], "input_0": [0.3, 0.4], "label": [0, 1]}
    expected = losscli.compute("cross_entropy", [[0.3, 0.1], [0.4, 0.2]], [0, 1]).value
    assert losscli.compute("cross_entropy", make(scores)).value == expected
    assert losscli.compute("mse", make({"a": [1.0], "b": [2.0]}), [[1.0, 4.0]]).value == 2  # among others, one input


def test_one_frame_is_read_as_the_csv_of_it(tmp_path: Path) -> None:
    frame = of_pandas({"n": [1, 2, 3], "pred": [1.5, 2.5, np.nan], "target": [1.0, 2.5, 4.0]})
    frame.to_csv(tmp_path / "run.csv", index=False)
    said = command_line("compute", "mse", "run.csv", "--missing", "skip", "-b", at=tmp_path)
    found = losscli.compute("mse", frame, missing="skip")
    assert found.value == float(said.out) == 0.125
    assert {*found.notes} == {"frame: n not used", "1 row of 3 left out for missing values"}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"pred": [1.0], "yhat": [1.0], "y": [1.0]}, "frame: pred and yhat both mean input"),
        ({"yhat": [1.0], "q": [1.0]}, "no column or array is recognised as target (others: q)"),
        ({"p": [1.0], "q": [1.0]}, "mse needs input, target; frame has p, q"),
    ],
)
def test_one_frame_that_does_not_say(make: Make, columns: dict[str, list[float]], said: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.compute("mse", make(columns))
    assert said in caught.value.fact
    assert caught.value.cure == 'say which column is which: input=frame["COLUMN"], target=frame["COLUMN"]'


def test_a_number_that_lacks_in_one_frame(make: Make) -> None:
    with pytest.raises(losscli.LossError, match="no column 1 of input"):
        losscli.compute("cross_entropy", make({"input_0": [0.1], "input_2": [0.1], "label": [0]}))


def test_lists_are_rows() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    rows = [[1.0, 2.0], [3.0, 5.0]]
    expected = losscli.compute("cross_entropy", rows, [0, 1]).value
    columns = [
        pandas.Series(rows),
        pandas.Series([np.array(row, np.float32) for row in rows]),
        pandas.Series([tuple(row) for row in rows]),
        polars.Series(rows),
        pandas.Series(rows).to_numpy(),
    ]
    for column in columns:
        assert losscli.compute("cross_entropy", column, [0, 1]).value == pytest.approx(expected)
    assert data_of(columns[1], "input").dtype == "float32"
    assert losscli.compute("cross_entropy", pandas.DataFrame({"logits": rows, "label": [0, 1]})).value == expected
    with patch.dict(sys.modules, {"pyarrow": None}):
        assert data_of(polars.Series(rows), "input").array().tolist() == rows
    gaps = data_of(pandas.Series([None, [1.0, 2.0], [3.0, None]]), "input", "skip")
    assert gaps.shape == (3, 2)
    assert gaps.missing is not None
    assert gaps.missing.rows.tolist() == [0, 2]
    for ragged in ([[1.0], [1.0, 2.0]], [[1.0], 2.0], [2.0, [1.0]]):
        with pytest.raises(losscli.LossError, match=r"input\[[01]\] is .*list"):
            data_of(pandas.Series(ragged), "input")


def test_a_lazy_frame_has_no_rows() -> None:
    polars = pytest.importorskip("polars")
    lazy = polars.DataFrame({"pred": [1.0], "target": [2.0]}).lazy()
    for inputs in ((lazy,), (lazy, [1.0])):
        with pytest.raises(losscli.LossError, match=r"LazyFrame.*\n.*\.collect\(\)"):
            losscli.compute("mse", *inputs)


@pytest.mark.parametrize("dtype", ["float32", "float64", "object"])
def test_nan_of_pandas_is_missing_where_that_is_skipped(dtype: str) -> None:
    column = pytest.importorskip("pandas").Series([1.0, np.nan, 3.0], dtype=dtype)
    assert losscli.compute("mse", column, [1, 2, 4], missing="skip").value == 0.5
    frame = column.to_frame("a").assign(b=[1.0, 1.0, 1.0])
    assert losscli.compute("mse", frame, [[1.0, 1.0]] * 3, missing="skip").value == 1
    with pytest.raises(losscli.LossError, match="nan, and must be a finite number"):
        losscli.compute("mse", column, [1, 2, 4])
    with pytest.raises(losscli.LossError, match="nan, and must be a finite number"):  # a NaN of NumPy is a number
        losscli.compute("mse", np.array([1.0, np.nan]), [1, 2], missing="skip")
