"""Arrays to files: .npy, .npz and .csv."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO, cast
from zipfile import ZipFile

import numpy as np

from losscli.report.atomic_write import write_file
from losscli.report.writers.csv import to_csv
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.text import printable, shortest

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


@record
class RowNames:
    """What tells the rows of a .csv apart: a column of the data that they were joined on, or their numbers."""

    title: str = "index"
    names: Sequence[str] = ()


def save_arrays(path: str, arrays: Mapping[str, Array], rows: RowNames | None = None) -> None:
    """Writes named arrays, whole or not at all: one to .npy, all by name to .npz, side by side to .csv."""
    write_file(path, _writer(Path(path).suffix.lower(), arrays, rows or RowNames()))


def _writer(suffix: str, arrays: Mapping[str, Array], rows: RowNames) -> Callable[[BinaryIO], object]:
    if suffix == ".npy":
        return lambda file: _as_npy(next(iter(arrays.values())), file)
    if suffix == ".npz":
        return lambda file: _as_npz(arrays, file)
    return lambda file: file.write(_as_csv(arrays, rows).encode("utf-8", "backslashreplace"))


class _Sink:
    """Takes bytes. To what it knows as a file NumPy writes past Python, and the reason of a failure is lost."""

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write


def _as_npy(array: Array, file: IO[bytes]) -> None:
    np.lib.format.write_array(cast(IO[bytes], _Sink(file)), np.asanyarray(array), allow_pickle=False)


def _as_npz(arrays: Mapping[str, Array], file: BinaryIO) -> None:
    """Any name may stand for an array here; for np.savez some are arguments."""
    with ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            try:
                member = archive.open(printable(f"{name}.npy"), "w", force_zip64=True)
            except (ValueError, struct.error):
                raise DataFault(f"an .npz file has no room for a name of {len(name)} characters", "rename it") from None
            with member:
                _as_npy(array, member)


def _as_csv(arrays: Mapping[str, Array], rows: RowNames) -> str:
    """One line per step of the first axis; arrays of more axes get one column per other element."""
    length = max((array.shape[0] if array.ndim else 1 for array in arrays.values()), default=0)
    header = [printable(rows.title)]
    columns = [[printable(name) for name in rows.names] or [str(row) for row in range(length)]]
    for name, array in arrays.items():
        flat = array.reshape(array.shape[0] if array.ndim else 1, -1)
        header += [name] if array.ndim < 2 else [f"{name}_{i}" for i in range(flat.shape[1])]
        columns += [[shortest(value) for value in column] for column in flat.T]
    return to_csv([header, *zip(*columns, strict=True)])
