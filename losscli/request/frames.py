"""Columns and frames of pandas, polars and Arrow, a column at a time: the bits they hold, and what they lack."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.reading.columns import Arrays
from losscli.reading.side_by_side import side_by_side
from losscli.request.elements import of_objects
from losscli.schema.data import Data, Elements, Held, Missing, by_index, held
from losscli.schema.faults import DataFault

_CAPSULES = ("__arrow_c_stream__", "__arrow_c_array__")
_TIMES = "give it as a number, such as seconds"


def frame_data(value: Any, name: str, missing: str = "error") -> Data | None:
    """The Data of a column, or of the columns of a frame side by side; None of what is neither."""
    value, column = _read_by(value, name, missing)
    if column is None:
        return None
    if _is_frame(value):
        names = _labels(value)
        columns = [column(_column(value, at), f"{name}[{label!r}]") for at, label in enumerate(names)]
        for data in columns:
            if data.words or len(data.shape) != 1:
                what = "words" if data.words else f"shape {data.shape}"
                raise DataFault(f"{data.source} is a column of {what}", "give the columns of numbers alone")
        return side_by_side(columns, name, names) if columns else held(np.empty((len(value), 0)), name)
    if not hasattr(value, "__len__") or not hasattr(value, "to_numpy"):
        return None
    return column(value, name)


def frame_columns(value: Any, name: str, missing: str) -> Arrays | None:
    """The columns of a frame by name, as those of a file; None of what is no frame."""
    value, column = _read_by(value, name, missing)
    if column is None or not _is_frame(value):
        return None
    labels, read = _labels(value), column
    return Arrays(name, labels, lambda label: read(_column(value, labels.index(label)), f"{name}[{label!r}]"))


def _read_by(value: Any, name: str, missing: str) -> tuple[Any, Callable[[Any, str], Data] | None]:
    """A column or a frame, perhaps as Arrow has it, and what reads a column of it."""
    root = type(value).__module__.partition(".")[0]
    if root == "polars" and hasattr(value, "collect"):
        raise DataFault(f"{name} is a {type(value).__name__}, which has no rows yet", "give it after .collect()")
    if root == "pandas":
        return value, partial(_of_pandas, missing=missing)
    if root in ("polars", "pyarrow") or any(hasattr(value, capsule) for capsule in _CAPSULES):
        try:
            import pyarrow as pa
        except ImportError:
            return value, _of_polars if root == "polars" else None
        return _as_arrow(value, pa), _of_arrow
    return value, None


def _is_frame(value: Any) -> bool:
    return len(getattr(value, "shape", ())) == 2


def _labels(frame: Any) -> tuple[str, ...]:
    return tuple(str(label) for label in getattr(frame, "column_names", frame.columns))


def _column(frame: Any, at: int) -> Any:
    return frame.iloc[:, at] if hasattr(frame, "iloc") else frame[:, at] if hasattr(frame, "lazy") else frame.column(at)


def _as_arrow(value: Any, pa: Any) -> Any:
    if isinstance(value, pa.Table | pa.RecordBatch | pa.ChunkedArray | pa.Array):
        return value
    if not hasattr(value, _CAPSULES[0]):
        return pa.array(value)
    return pa.table(value) if hasattr(value, "columns") else pa.chunked_array(value)


def _of_arrow(column: Any, name: str) -> Data:
    from losscli.reading.binary.arrow_values import Gathered, holds_lists, inner_type, pyarrow_faults
    from losscli.reading.binary.spool import Scratch

    with pyarrow_faults(name):
        gathered = Gathered(name, column.type, Scratch())
        chunks = column.chunks if hasattr(column, "chunks") else [column]
        plain = inner_type(column.type) is column.type and not holds_lists(column.type)
        if len(chunks) == 1 and plain and not column.null_count and gathered.dtype == _numpy_type(column.type):
            return held(chunks[0].to_numpy(), name)  # without a copy
        for chunk in chunks:
            gathered.add(chunk)
        return gathered.data()


def _numpy_type(kind: Any) -> Any:
    text = {"double": "float64", "float": "float32", "halffloat": "float16"}.get(str(kind), str(kind))
    return np.dtype(text) if text.startswith(("float", "int", "uint")) else None


def _of_polars(series: Any, name: str) -> Data:
    """A series of polars, where there is no pyarrow."""
    lacking = _lacking(series.is_null().to_numpy(), name)
    kind = str(series.dtype)
    if kind in ("String", "Categorical") or kind.startswith("Enum"):
        return _with_words([word or "" for word in series.cast(str).to_list()], lacking, name)
    if series.dtype.is_temporal():
        raise DataFault(f"{name} holds {kind}, which are times", _TIMES)
    if kind.startswith(("List", "Array")):
        return of_objects(np.fromiter(series.to_list(), object, len(series)), name)
    filled = series.fill_null(False if kind == "Boolean" else 0) if lacking is not None else series
    return _found(filled.to_numpy(), lacking, name)


def _of_pandas(series: Any, name: str, missing: str) -> Data:
    """A series or an index of pandas, by the array that it holds.

    NaN is also what pandas writes for a missing value: where these are skipped, its row is.
    """
    kind = series.dtype
    if hasattr(kind, "pyarrow_dtype"):
        import pyarrow as pa

        return _of_arrow(_as_arrow(series, pa), name)
    if getattr(kind, "kind", "O") in "mM":
        raise DataFault(f"{name} holds {kind}, which are times", _TIMES)
    if isinstance(kind, np.dtype) and kind.kind != "O":
        array = series.to_numpy()
        return _found(array, _lacking(np.isnan(array), name) if missing == "skip" and kind.kind == "f" else None, name)
    mask = np.asarray(series.isna())
    lacking = _lacking(mask, name)
    if hasattr(kind, "numpy_dtype"):  # pandas' own numbers with a mask
        dtype = kind.numpy_dtype
        filler = np.nan if dtype.kind == "f" else dtype.type(0)
        return _found(series.to_numpy(dtype=dtype, na_value=filler), lacking, name)
    if hasattr(kind, "categories"):
        categories, codes = np.asarray(kind.categories), np.asarray(series.array.codes)
        if categories.dtype.kind in "biuf":
            return _found(categories[np.maximum(codes, 0)], lacking, name)
        return _coded([str(word) for word in categories.tolist()], np.maximum(codes, 0), lacking, name)
    objects = series.to_numpy(dtype=object)
    try:
        codes, words = series.factorize()
    except TypeError:  # of lists, which are not hashable
        return of_objects(objects, name)
    if all(isinstance(word, str) for word in words):
        return _coded(list(words), np.maximum(codes, 0), lacking, name)
    return of_objects(np.where(mask, None, objects) if missing == "skip" else objects, name)


def _lacking(mask: NDArray[np.bool_], name: str) -> Missing | None:
    rows = np.flatnonzero(mask)
    if not len(rows):
        return None
    fault = DataFault(f"{name}[{rows[0]}] is missing", "fill it in, or leave its row out of every array")
    return Missing(rows, fault)


def _found(array: Elements, lacking: Missing | None, name: str) -> Data:
    return Data(name, array.dtype.name, Held(array), by_index(name, array.shape), missing=lacking)


def _coded(words: list[str], codes: Elements, lacking: Missing | None, name: str) -> Data:
    codes = codes.astype(np.int64)
    return Data(name, "words", Held(codes), by_index(name, codes.shape), words=tuple(words) or ("",), missing=lacking)


def _with_words(cells: list[str], lacking: Missing | None, name: str) -> Data:
    words, codes = np.unique(np.array(cells, object).astype(str), return_inverse=True)
    return _coded(words.tolist(), codes, lacking, name)
