"""Arrays to files: .npy, .npz and .csv."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

import numpy as np

from losscli.rendering.files import write_file
from losscli.rendering.text import shortest, to_csv
from losscli.schema.faults import UsageFault
from losscli.schema.loss import Array

SUFFIXES = (".npy", ".npz", ".csv")


def check_suffix(path: str, option: str, arrays: int = 1, *, alike: bool = True) -> None:
    """Refuses, before anything is computed, a file that could not hold the arrays, which may be of unlike lengths."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageFault(
            f"{option} {path}: no format for {suffix or 'a name without suffix'!r}", "use .npy, .npz or .csv"
        )
    if suffix == ".npy" and arrays > 1:
        raise UsageFault(f"{option} {path}: a .npy file holds one array, and there are {arrays}", "use .npz")
    if suffix == ".csv" and not alike:
        raise UsageFault(f"{option} {path}: a .csv file holds arrays of one length", "use .npz")


def save_arrays(path: str, arrays: Mapping[str, Array], inputs: Sequence[str]) -> None:
    """Writes named arrays, whole or not at all: one to .npy, all by name to .npz, side by side to .csv."""
    write_file(path, _writer(Path(path).suffix.lower(), arrays), inputs)


def _writer(suffix: str, arrays: Mapping[str, Array]) -> Callable[[BinaryIO], object]:
    if suffix == ".npy":
        return lambda file: np.save(file, next(iter(arrays.values())))
    if suffix == ".npz":
        return lambda file: _write_npz(file, arrays)
    return lambda file: file.write(_as_csv(arrays).encode("utf-8"))


def _write_npz(file: BinaryIO, arrays: Mapping[str, Array]) -> None:
    """As np.savez, whose own arguments `file` and `allow_pickle` are names that an array may have."""
    with ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.save(member, array)


def _as_csv(arrays: Mapping[str, Array]) -> str:
    """A line a step of the first axis; an array of more axes takes a column for each of its other elements."""
    header: list[str] = []
    columns: list[list[str]] = []
    for name, array in arrays.items():
        flat = array.reshape(array.shape[0] if array.ndim else 1, -1)
        header += [name] if array.ndim < 2 else [f"{name}_{i}" for i in range(flat.shape[1])]
        columns += [[shortest(value) for value in column] for column in flat.T]
    return to_csv([header, *zip(*columns, strict=True)])
