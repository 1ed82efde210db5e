"""Files of torch.save, made without PyTorch: the operations of the pickle one by one, sound or not."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

FLOAT = "torch.FloatStorage"


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word.encode())) + word.encode()


def integer(number: int) -> bytes:
    content = number.to_bytes(9, "little", signed=True)
    return b"\x8a\x09" + content


def numbers(values: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def name(dotted: str) -> bytes:
    module, _, word = dotted.rpartition(".")
    return f"c{module}\n{word}\n".encode()


def called(dotted: str, *arguments: bytes) -> bytes:
    return name(dotted) + b"(" + b"".join(arguments) + b"tR"


def tensor(
    key: str, count: int, shape: Sequence[int], strides: Sequence[int], first: int = 0, storage: str = FLOAT
) -> bytes:
    """A view of the storage of a key."""
    place = b"(" + text("storage") + name(storage) + text(key) + text("cpu") + integer(count) + b"tQ"
    hooks = called("collections.OrderedDict")
    return called(
        "torch._utils._rebuild_tensor_v2", place, integer(first), numbers(shape), numbers(strides), b"\x89", hooks
    )


def mapping(entries: Mapping[str, bytes]) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in entries.items()) + b"u"


def archive(root: bytes, storages: Mapping[str, bytes], *, order: str = "little", prefix: str = "x") -> bytes:
    """The bytes of a file that holds what the operations `root` make."""
    stream = BytesIO()
    with ZipFile(stream, "w") as members:
        members.writestr(f"{prefix}/data.pkl", b"\x80\x02" + root + b".")
        members.writestr(f"{prefix}/byteorder", order)
        for key, content in storages.items():
            members.writestr(f"{prefix}/data/{key}", content)
        members.writestr(f"{prefix}/version", "3\n")
    return stream.getvalue()


def of_columns(columns: Mapping[str, NDArray[np.float64]]) -> bytes:
    """A file that holds a mapping of vectors."""
    entries = {
        label: tensor(label, array.size, array.shape, (1,), storage="torch.DoubleStorage")
        for label, array in columns.items()
    }
    return archive(mapping(entries), {label: array.tobytes() for label, array in columns.items()})
