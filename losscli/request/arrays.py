"""What Python hands over as an array: tensors, masks, words."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from losscli.schema.data import Data, Elements, Held, Missing, by_index, held
from losscli.schema.faults import DataFault


def data_of(value: Any, name: str, missing: str = "error") -> Data:
    """The Data of an array, or of anything that `numpy.asarray` takes or a tensor is.

    Unless missing elements are skipped, which the request does, the first is a fault.
    """
    lacking: Missing | None = None
    try:
        array = np.ma.asarray(value) if isinstance(value, np.ma.MaskedArray) else _array_of(value, name)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataFault(f"{name} is not an array: {error}", "give what numpy.asarray takes") from None
    if isinstance(array, np.ma.MaskedArray):
        lacking = _missing(np.ma.getmaskarray(array), name)
        if lacking is not None and missing != "skip":
            raise lacking.fault
        array = np.asarray(array.data)
    if isinstance(array, Data):
        return array
    columns = getattr(value, "columns", ()) if array.ndim == 2 else ()  # of a frame of pandas or polars
    return replace(_stored(array, name), names=tuple(map(str, columns)), missing=lacking)


def _missing(mask: Elements, name: str) -> Missing | None:
    """The rows of which an element is masked."""
    masked = np.flatnonzero(mask)
    if not len(masked):
        return None
    place = by_index(name, mask.shape)(int(masked[0]))
    fault = DataFault(f"{place} is masked, so it is missing", "fill it in, or leave its row out of every array")
    return Missing(np.unique(masked // max(1, prod(mask.shape[1:]))), fault)


def _stored(array: Any, name: str) -> Data:
    """The Data of numbers, or of words."""
    objects = array.reshape(-1).tolist() if array.dtype.kind == "O" else []
    if array.dtype.kind in "US" or (objects and all(isinstance(item, str) for item in objects)):
        words, codes = np.unique(array.astype(str).reshape(-1), return_inverse=True)
        stored = Held(codes.reshape(array.shape))
        return Data(name, "words", stored, by_index(name, array.shape), words=tuple(words.tolist()))
    if array.dtype.char == "g" and array.dtype.itemsize > 8:
        return held(_halved(array, name), name)
    return held(array, name)


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


def _is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of PyTorch, which is never imported for it."""
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def _halved(array: Elements, name: str) -> Elements:
    """Extended precision as float64, where that holds every number."""
    with np.errstate(over="ignore"):
        doubles = array.astype(np.float64)
    lost = np.flatnonzero(~((doubles == array) | np.isnan(array)))
    if len(lost):
        place = by_index(name, array.shape)(int(lost[0]))
        raise DataFault(f"{place} is a longdouble that float64 does not hold exactly", "give the array as float64")
    return doubles
