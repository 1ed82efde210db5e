"""What the names in a file of PyTorch's stand for: tensors and their storages, NumPy's arrays, plain containers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from losscli.reading.binary.byte_range import BytesExtent, Extent
from losscli.reading.binary.file_store import FileStore
from losscli.reading.binary.pickled import Built
from losscli.schema.data import Data, Elements, Store, by_index
from losscli.schema.faults import DataFault
from losscli.schema.records import record

DTYPES = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": "u2", "int64": "i8", "int32": "i4", "int16": "i2",
    "int8": "i1", "uint64": "u8", "uint32": "u4", "uint16": "u2", "uint8": "u1", "bool": "?",
}  # fmt: skip
_STORAGES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64",
    "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
    "ComplexFloat": "complex64", "ComplexDouble": "complex128", "QInt8": "qint8", "QUInt8": "quint8",
    "QInt32": "qint32", "QUInt4x2": "quint4x2", "QUInt2x4": "quint2x4",
}  # fmt: skip
_NUMPY_CODES = ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1")
_MOST_AXES = 64
_MOST_REPEATED = 1 << 24  # elements of a tensor that repeats those of its storage
_CURE = "write it anew with torch.save"


@record
class Named:
    """A dtype, a layout, or a class that nothing is made of."""

    name: str


@record
class Storage:
    """Bytes of the archive, as a run of elements of one dtype; of no dtype if the tensors on it say theirs."""

    key: str
    dtype: str
    count: int


@record
class Tensor:
    """A view of a storage, unchecked until it is picked."""

    storage: Any
    first: Any
    shape: Any
    strides: Any
    dtype: Any


@record
class Unread:
    """A kind of tensor that is no view of one storage, and how to make one of it."""

    fact: str
    cure: str


@record
class Encoded:
    """Bytes that a pickle spells as text."""

    text: Any


def stored(what: Any) -> Storage:
    """The storage that a persistent id names."""
    kind, storage, key, _, count = what
    if kind != "storage" or not isinstance(storage, Named) or type(key) is not str or type(count) is not int:
        raise TypeError("a persistent id that names no storage")
    return Storage(key, storage.name, count)


def _tensor(
    storage: Any, first: Any, shape: Any, strides: Any, _: object = None, __: object = None, marks: object = None
) -> Tensor | Unread:
    """A tensor of the dtype of its storage; `marks` says that its elements mean others than are stored."""
    if marks:
        return Unread("a view that is the negative or the conjugate of what is stored", "save x.resolve_neg().clone()")
    return Tensor(storage, first, shape, strides, None)


def _tensor_of(
    storage: Any, first: Any, shape: Any, strides: Any, _: object, __: object, dtype: Any, marks: object = None
) -> Tensor | Unread:
    whole = _tensor(storage, first, shape, strides, marks=marks)
    return replace(whole, dtype=dtype) if isinstance(whole, Tensor) else whole


def _unread(fact: str, cure: str) -> Callable[..., Unread]:
    return lambda *_: Unread(fact, cure)


def _same(inner: Any = (), *_: object) -> Any:
    return inner


def _mapping(*arguments: object) -> dict[object, object]:
    if any(isinstance(argument, (dict, list)) for argument in arguments):  # whose copies could fill the memory
        raise TypeError("a mapping made of another")
    return {}


def _built(kind: str) -> Callable[..., Built]:
    return lambda *arguments: Built(kind, *arguments)


_OF_NUMPY = {
    "multiarray._reconstruct": _built("array"),
    "multiarray.scalar": _built("scalar"),
    "numeric._frombuffer": _built("buffer"),
}
_BUILTINS = ("builtins", "__builtin__")
_INERT = (
    *(f"torch.{name}" for name in (*DTYPES, "strided", "sparse_coo", "sparse_csr", "per_tensor_affine", "Tensor")),
    *(f"torch.{name}" for name in ("complex64", "complex128", "complex32", "quint8", "qint8", "qint32")),
    *(f"torch.float8_{name}" for name in ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")),
    *("torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer", "numpy.ndarray"),
    *(f"{module}.{name}" for module in _BUILTINS for name in ("int", "float", "bool", "str", "list", "dict")),
)
NAMES: dict[str, Any] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of,
    "torch._utils._rebuild_parameter": _same,
    "torch._utils._rebuild_parameter_with_state": _same,
    "torch._tensor._rebuild_from_type_v2": lambda function, _, arguments, *__: function(*arguments),
    "torch._utils._rebuild_sparse_tensor": _unread("a sparse tensor", "save x.to_dense()"),
    "torch._utils._rebuild_nested_tensor": _unread("a nested tensor", "save x.to_padded_tensor(0)"),
    "torch._utils._rebuild_qtensor": _unread("a quantized tensor", "save x.dequantize()"),
    "torch._utils._rebuild_meta_tensor_no_storage": _unread("a tensor without data (meta)", "save one with data"),
    "torch._utils._rebuild_device_tensor_from_numpy": _same,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _same,
    "torch.serialization._get_layout": _same,
    "torch.Size": _same,
    "torch.device": lambda *_: None,
    "collections.OrderedDict": _mapping,
    "collections.defaultdict": _mapping,
    "collections.Counter": _same,
    "argparse.Namespace": _built("namespace"),
    "numpy.dtype": _built("dtype"),
    "_codecs.encode": lambda text, *_: Encoded(text),
    **{f"{module}.{word}": _same for module in _BUILTINS for word in ("set", "frozenset")},
    **{f"{module}.bytes": lambda *_: b"" for module in _BUILTINS},
    **{f"numpy.{core}.{name}": make for core in ("core", "_core") for name, make in _OF_NUMPY.items()},
    **{f"torch.{kind}Storage": Named(name) for kind, name in _STORAGES.items()},
    **{name: Named(name.rpartition(".")[2]) for name in _INERT},
    "torch.storage.UntypedStorage": Named(""),
}
"""The names that a file may hold. Any other is refused: neither imported nor called."""


def tensor_data(tensor: Tensor, name: str, big_endian: bool, bytes_of: Callable[[Storage], Extent]) -> Data:
    """The array of a tensor, whose elements stay in the file. A DataFault for one that its storage cannot hold."""
    storage, dtype_name = tensor.storage, getattr(tensor.dtype, "name", getattr(tensor.storage, "dtype", ""))
    axes, strides = tensor.shape, tensor.strides
    if (
        not isinstance(storage, Storage)
        or not (isinstance(axes, (tuple, list)) and isinstance(strides, (tuple, list)))
        or not len(axes) == len(strides) <= _MOST_AXES
        or not all(type(number) is int and number >= 0 for number in (tensor.first, storage.count, *axes, *strides))
    ):
        raise DataFault(f"{name}: a tensor without a sound place, shape and strides", _CURE)
    if dtype_name not in DTYPES:
        cure = "save its real part" if dtype_name.startswith("complex") else "save x.float()"
        raise DataFault(f"{name}: elements of type {dtype_name}, which losscli does not read", cure)
    shape, dtype = tuple(axes), np.dtype(DTYPES[dtype_name]).newbyteorder(">" if big_endian else "<")
    count = prod(shape)
    last = tensor.first + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True)) if count else -1
    size = storage.count * (dtype.itemsize if storage.dtype else 1)
    extent = bytes_of(storage)
    if (last + 1) * dtype.itemsize > size or size != extent.size:
        fact = f"{name}: {extent.size} bytes of data, while the tensor needs {max(size, (last + 1) * dtype.itemsize)}"
        raise DataFault(fact, _CURE)
    if count > max(_MOST_REPEATED, storage.count):
        raise DataFault(f"{name}: {count} elements that repeat {storage.count}", "save x.contiguous()")
    elements = FileStore(extent, 0, (size // dtype.itemsize,), dtype, dtype_name == "bfloat16")
    in_order = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    store: Store
    if all(n == 1 or at == want for n, at, want in zip(shape, strides, in_order, strict=True)) or not count:
        store = FileStore(extent, tensor.first * dtype.itemsize, shape, dtype, dtype_name == "bfloat16")
    else:
        from losscli.reading.binary.strided import StridedStore

        store = StridedStore(elements, tensor.first, shape, tuple(strides))
    return Data(name, dtype_name, store, by_index(name, shape))


def numpy_array(built: Built, name: str) -> Elements:
    """The array, or the number, that NumPy has pickled. A DataFault for one whose bytes do not fit."""
    try:
        if built.kind == "array":
            _, shape, about, fortran, raw = built.state
        elif built.kind == "buffer":
            (raw, about, shape, order), fortran = built.arguments, built.arguments[3] == "F"
        else:
            (about, raw), shape, fortran = built.arguments, (), False
        (code, *_), (_, order, *_) = about.arguments, about.state or (0, "|")
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape) or len(shape) > _MOST_AXES:
            raise ValueError
    except (TypeError, ValueError, AttributeError, IndexError):
        raise DataFault(f"{name}: a NumPy array without a sound shape and type", _CURE) from None
    if code not in _NUMPY_CODES or isinstance(raw, list):
        kind = f"elements of type {code}" if isinstance(code, str) and not isinstance(raw, list) else "Python objects"
        raise DataFault(f"{name}: {kind[:80]}, which losscli does not read", "save it as torch.as_tensor(x)")
    dtype = np.dtype(code).newbyteorder(order if order in ("<", ">") else "<")
    try:
        content = raw.text.encode("latin-1") if isinstance(raw, Encoded) else bytes(memoryview(raw))
    except (TypeError, ValueError, AttributeError):
        content = b""
    if len(content) != prod(shape) * dtype.itemsize:
        fact = f"{name}: {len(content)} bytes of data, while shape {shape} of {dtype.name} needs"
        raise DataFault(f"{fact} {prod(shape) * dtype.itemsize}", _CURE)
    run = FileStore(BytesExtent(name, content), 0, (prod(shape),), dtype, False).flat(0, prod(shape))
    return run.reshape(shape, order="F" if fortran is True else "C")
