"""Columns and frames of pandas, polars and Arrow, a column at a time: the bits they hold, and what they lack."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from losscli.reading.side_by_side import side_by_side
from losscli.request.elements import of_objects
from losscli.schema.data import Data, Elements, Held, Missing, by_index, held
from losscli.schema.faults import DataFault

_CAPSULES = ("__arrow_c_stream__", "__arrow_c_array__")
_TIMES = "give it as a number, such as seconds"


def frame_data(value: Any, name: str) -> Data | None:
    """The Data of a column or a frame; None of what is neither."""
    root = type(value).__module__.partition(".")[0]
    if root == "pandas":
        return _data(value, name, _of_pandas)
    if root in ("polars", "pyarrow") or any(hasattr(value, capsule) for capsule in _CAPSULES):
        try:
            import pyarrow as pa
        except ImportError:
            return _data(value, name, _of_polars) if root == "polars" else None
        return _data(_as_arrow(value, pa), name, _of_arrow)
    return None


def _data(value: Any, name: str, column: Any) -> Data | None:
    """A column, or the columns of a frame side by side."""
    if len(getattr(value, "shape", ())) == 2:
        names = [str(label) for label in getattr(value, "column_names", value.columns)]
        columns = [column(_column(value, at), f"{name}[{label!r}]") for at, label in enumerate(names)]
        for data in columns:
            if data.words or len(data.shape) != 1:
                what = "words" if data.words else f"shape {data.shape}"
                raise DataFault(f"{data.source} is a column of {what}", "give the columns of numbers alone")
        return side_by_side(columns, name, names) if columns else held(np.empty((len(value), 0)), name)
    if not hasattr(value, "__len__") or not hasattr(value, "to_numpy"):
        return None
    found: Data = column(value, name)
    return found


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
    filled = series.fill_null(False if kind == "Boolean" else 0) if lacking is not None else series
    return _found(filled.to_numpy(), lacking, name)


def _of_pandas(series: Any, name: str) -> Data:
    """A series or an index of pandas, by the array that it holds."""
    kind = series.dtype
    if hasattr(kind, "pyarrow_dtype"):
        import pyarrow as pa

        return _of_arrow(_as_arrow(series, pa), name)
    if getattr(kind, "kind", "O") in "mM":
        raise DataFault(f"{name} holds {kind}, which are times", _TIMES)
    if isinstance(kind, np.dtype) and kind.kind != "O":
        return _found(series.to_numpy(), None, name)
    lacking = _lacking(np.asarray(series.isna()), name)
    if hasattr(kind, "numpy_dtype"):  # pandas' own numbers with a mask
        dtype = kind.numpy_dtype
        filler = np.nan if dtype.kind == "f" else dtype.type(0)
        return _found(series.to_numpy(dtype=dtype, na_value=filler), lacking, name)
    if hasattr(kind, "categories"):
        categories, codes = np.asarray(kind.categories), np.asarray(series.array.codes)
        if categories.dtype.kind in "biuf":
            return _found(categories[np.maximum(codes, 0)], lacking, name)
        return _coded([str(word) for word in categories.tolist()], np.maximum(codes, 0), lacking, name)
    codes, words = series.factorize()
    if all(isinstance(word, str) for word in words):
        return _coded(list(words), np.maximum(codes, 0), lacking, name)
    return of_objects(series.to_numpy(dtype=object), name)


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
