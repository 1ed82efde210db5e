"""What Python hands over as an array: tensors, masks, words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from losscli.reading.formats import promised_format
from losscli.request.elements import missing_where, stored
from losscli.request.frames import frame_data
from losscli.request.python_sources import is_source, read_alone
from losscli.schema.data import Data, Held, by_index
from losscli.schema.faults import DataFault, UsageFault


def data_of(value: Any, name: str, missing: str = "error") -> Data:
    """The Data of an array, or of anything that `numpy.asarray` takes or a tensor is.

    Unless missing elements are skipped, which the request does, the first is a fault.
    """
    if isinstance(value, Data):
        return value
    if is_source(value):
        return read_alone(value, missing=missing)
    if isinstance(value, str) and _looks_like_file(value):
        cure = f"a file is given as pathlib.Path({value!r}), a column of it as losscli.source('FILE::COLUMN')"
        if "::" in value:
            cure = f"a file's column is given as losscli.source({value!r}), a whole file as a pathlib.Path"
        raise UsageFault(f"{name} is the text {value!r}, and a text is no file", cure)
    try:
        data = _data_of(value, name, missing)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataFault(f"{name} is not an array: {error}", "give what numpy.asarray takes") from None
    if data.missing is not None and missing != "skip":
        raise data.missing.fault
    return data


def _data_of(value: Any, name: str, missing: str) -> Data:
    if isinstance(value, np.ma.MaskedArray):
        data = stored(np.asarray(value.data), name)
        return replace(data, missing=missing_where(np.ma.getmaskarray(value), name, "masked, so it is missing"))
    frame = None if isinstance(value, np.ndarray | list | tuple) else frame_data(value, name, missing)
    if frame is not None:
        return frame
    array = _array_of(value, name)
    if isinstance(array, Data):
        return array
    columns = getattr(value, "columns", ()) if array.ndim == 2 else ()  # of something like a frame
    return replace(stored(array, name), names=tuple(map(str, columns)))


def _array_of(value: Any, name: str) -> Any:
    """The array that a value is; a bfloat16 tensor, which NumPy has no type for, as Data of float32."""
    if _is_tensor(value):
        tensor = value.detach().cpu()
        kind = str(tensor.dtype).removeprefix("torch.")
        if kind == "bfloat16":
            array = tensor.float().numpy()
            return Data(name, kind, Held(array), by_index(name, array.shape))
        if kind.startswith("float8"):
            raise DataFault(f"{name} holds {kind}", "give it as float32: tensor.float()")
        return tensor.resolve_conj().resolve_neg().numpy()
    if isinstance(value, list | tuple) and any(_is_tensor(item) for item in value):
        return np.asarray([item.detach().cpu().double().numpy() if _is_tensor(item) else item for item in value])
    return np.asarray(value)


def _looks_like_file(text: str) -> bool:
    return "::" in text or any(promised_format(text))


def _is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of PyTorch, which is never imported for it."""
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")
