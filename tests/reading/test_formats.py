"""The registry of formats: each row works, and what is derived from the rows agrees."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from losscli.reading.formats import FILES_READ, FORMATS, STDIN_FORMATS, Format, promised_format
from losscli.reading.options import ReadOptions
from losscli.reading.packing import PACKINGS
from losscli.reading.sources import read_inputs
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.documents import FORMATS as LISTED
from tests.documents import README
from tests.reading.helpers import read, refusal, whole
from tests.reading.torch_files import of_columns

VALUES: dict[str, tuple[object, object]] = {
    "delimiter": (";", "|"),
    "decimal": (".", ","),
    "thousands": (None, "'"),
    "encoding": (None, "latin-1"),
}
CONTENTS = {"decimal": b"1,5\n2,5\n", "thousands": b"1'000\n2'000\n", "encoding": b"\xe4\n1\n"}
READ = [row for row in FORMATS if row.opener]
REFUSED = [row for row in FORMATS if not row.opener]
PRINTED = (
    "tensor([[-1.1, 2.0], [0.5, 3.0]])",
    "tensor([[-1.1000, 2.0000],\n        [ 0.5000, 3.0000]], device='cuda:0', grad_fn=<AddBackward0>)\n",
    "[[-1.1  2. ]\n [ 0.5  3. ]]\n",
    "array([[-1.1,  2. ],\n       [ 0.5,  3. ]])",
    "Array([[-1.1, 2.], [0.5, 3.]], dtype=float32)",
    "[[-1.1, 2.0], [0.5, 3.0]]",
)


@pytest.mark.parametrize("row", READ, ids=lambda row: row.name)
def test_each_format_has_its_opener(row: Format) -> None:
    module, function = row.opener.split(":")
    assert callable(getattr(import_module(f"losscli.reading.{module}"), function))
    assert not row.conversion
    assert set(row.options) <= set(ReadOptions.__dataclass_fields__)


def content_of(row: Format, columns: Mapping[str, Sequence[float]]) -> bytes:
    """A file of a format with these columns."""
    stream, mark = io.BytesIO(), {"tsv": "\t"}.get(row.name, ",")
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    if row.name in ("csv", "tsv", "text"):
        return "".join(
            f"{mark.join(map(str, cells))}\n" for cells in (columns, *(row.values() for row in rows))
        ).encode()
    if row.name == "JSON lines":
        return "".join(f"{json.dumps(cells)}\n" for cells in rows).encode()
    if row.name in ("json", "yaml", "list"):
        return json.dumps(rows if row.name == "list" else columns).encode()
    arrays = {name: np.array(column, np.float64) for name, column in columns.items()}
    if row.name == "PyTorch":
        return of_columns(arrays)
    if row.extra == "hdf5":
        return hdf5_of(arrays, keras=row.name == "Keras")
    if row.name == "npz":
        with ZipFile(stream, "w") as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w") as member:
                    np.save(member, array)
    elif row.name == "safetensors":
        ends = np.cumsum([array.nbytes for array in arrays.values()]).tolist()
        places = zip(arrays.items(), [0, *ends], ends, strict=False)
        header = json.dumps(
            {n: {"dtype": "F64", "shape": a.shape, "data_offsets": at} for (n, a), *at in places}
        ).encode()
        stream.write(len(header).to_bytes(8, "little") + header + b"".join(a.tobytes() for a in arrays.values()))
    else:
        raise AssertionError(f"write a file of the format {row.name} here, so that its options are tried")
    return stream.getvalue()


def hdf5_of(arrays: Mapping[str, Any], keras: bool) -> bytes:
    """A file of HDF5 with these datasets, or such a file within a model of Keras."""
    h5py = pytest.importorskip("h5py")
    stream, model = io.BytesIO(), io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    if not keras:
        return stream.getvalue()
    with ZipFile(model, "w") as archive:
        archive.writestr("model.weights.h5", stream.getvalue())
    return model.getvalue()


def outcome(base: Path, source: str, **options: Any) -> object:
    """The numbers of a source, or why it is refused."""
    try:
        return whole(read(base, source, **options)).tolist()
    except DataFault as fault:
        return str(fault)


def name_of(row: Format) -> str:
    return f"x.{row.suffixes[0]}" if row.suffixes else "x"


@pytest.mark.parametrize("row", [row for row in READ if "key" in row.options], ids=lambda row: row.name)
def test_a_format_with_keys_joins(row: Format, tmp_path: Path) -> None:
    columns = {"row": [7, 8, 9], "p": [1, 2, 3]}
    (tmp_path / name_of(row)).write_bytes(content_of(row, columns))
    (tmp_path / "y.csv").write_text("row,q\n9,3\n7,1\n8,2\n")
    options = ReadOptions(base=tmp_path, key="row")
    joined = read_inputs([f"{name_of(row)}::p", "y.csv::q"], ["input", "target"], extras={}, options=options)
    assert [whole(data).tolist() for data in joined.roles.values()] == [[1, 2, 3], [1, 2, 3]]


@pytest.mark.parametrize(
    ("row", "option"), [(row, option) for row in READ for option in row.options if option != "key"]
)
def test_each_option_of_a_format_matters(row: Format, option: str, tmp_path: Path) -> None:
    """What a row declares, its opener heeds: no option is accepted in silence."""
    name = name_of(row)
    if option == "bfloat16":
        raw, stream = np.array([0x3F80], "<u2").view("V2"), io.BytesIO()
        np.savez(stream, raw) if row.name == "npz" else np.save(stream, raw)
        content = stream.getvalue()
    else:
        content = CONTENTS.get(option, b"1;2\n3;4\n")
    (tmp_path / name).write_bytes(content)
    values = VALUES.get(option, (False, True))
    first, second = (outcome(tmp_path, name, **{option: value}) for value in values)
    assert first != second


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_each_refusal_says_what_would_work(row: Format, tmp_path: Path) -> None:
    assert row.suffixes
    assert row.conversion
    for suffix in row.suffixes:
        (tmp_path / f"x.{suffix}").write_bytes(b"1")
        said = refusal(tmp_path, f"x.{suffix}")
        assert said.startswith(f"x.{suffix}: {row.name} files are not read\n")
        assert "PATH" not in said


def test_rows_are_distinct() -> None:
    names = [row.name for row in FORMATS]
    suffixes = [suffix for row in FORMATS for suffix in row.suffixes]
    assert len(set(names)) == len(names)
    assert len(set(suffixes)) == len(suffixes)


def test_suffixes() -> None:
    for row in FORMATS:
        assert all(promised_format(f"a.b/x.{suffix.upper()}") == (row, None) for suffix in row.suffixes)
        for packing in PACKINGS:
            assert all(promised_format(f"x.{suffix}.{packing.suffix}") == (row, packing) for suffix in row.suffixes)
    assert promised_format("x") == (None, None)
    assert promised_format("x.gz") == (None, PACKINGS[0])


def test_help_and_readme_list_them() -> None:
    shown = losscli("compute", "mse", "--help", env={"COLUMNS": "400"}).out
    assert f"A SOURCE is a file ({FILES_READ}), FILE::COLUMN" in " ".join(shown.split())
    assert "|".join(STDIN_FORMATS) in shown
    assert LISTED in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", PRINTED)
def test_stdin_of_what_is_printed(text: str, tmp_path: Path) -> None:
    ended = losscli("compute", "mse", "-", "[[-1.1, 2.0], [0.5, 3.0]]", "-b", stdin=text.encode(), at=tmp_path)
    assert ended.number == 0


@pytest.mark.parametrize("name", ["x", "x.txt", "x.out"])
@pytest.mark.parametrize("text", PRINTED)
def test_files_of_what_is_printed(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert whole(read(tmp_path, name)).tolist() == [[-1.1, 2.0], [0.5, 3.0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tensor([1., 2.,  ..., 3.])", "x.txt: a print that leaves elements out (...)\nsave the array with np.save"),
        ("tensor([1., 2.]) and more", "x.txt: begins like a printed tensor or array, and is none"),
        ("[1, 2", "x.txt line 1, column 6: Expecting ',' delimiter"),
    ],
)
def test_prints_that_cannot_be_read(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(text)
    assert refusal(tmp_path, "x.txt").startswith(said)


def test_csv_stays_csv(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("tensor(1)\n1\n2\n")
    assert whole(read(tmp_path, "x.csv")).tolist() == [1, 2]
