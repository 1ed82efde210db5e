"""Parquet, Arrow and the folders of Hugging Face: bits, what is missing, names; and files that are damaged."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from losscli.reading.binary.byte_range import BytesExtent
from losscli.reading.sources import ReadOptions, read_inputs
from losscli.schema.faults import DataFault
from tests.reading.helpers import in_runs, read, refusal, whole

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

RANDOM = np.random.default_rng(13)
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def write_parquet(path: Path, table: Any) -> None:
    pq.write_table(table, path, row_group_size=70)


def write_file(path: Path, table: Any) -> None:
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=70)


def write_stream(path: Path, table: Any) -> None:
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=70)


def write_packed(path: Path, table: Any) -> None:
    with pa.ipc.new_file(str(path), table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)


WAYS: dict[str, tuple[str, Callable[[Path, Any], None]]] = {
    "parquet": ("x.parquet", write_parquet),
    "file": ("x.arrow", write_file),
    "feather": ("x.feather", write_packed),
    "stream": ("x.arrow", write_stream),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[str, Callable[[Path, Any], None]]:
    return WAYS[request.param]


def test_the_bits_and_types_of_npy(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    arrays = {dtype: (RANDOM.normal(size=200) * 50).astype(dtype) for dtype in DTYPES}
    arrays["float32"][:3] = np.nan, -0.0, np.inf
    arrays["bool"] = RANDOM.integers(0, 2, 200).astype(bool)
    write(tmp_path / name, pa.table(arrays))
    for dtype, array in arrays.items():
        np.save(tmp_path / "x.npy", array)
        data, same = read(tmp_path, f"{name}::{dtype}"), read(tmp_path, "x.npy")
        assert (data.dtype, data.shape, data.missing) == (dtype, same.shape, None)
        assert whole(data).dtype == array.dtype
        assert in_runs(data, 33).tobytes() == whole(same).tobytes()


def test_lists(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    rows, cubes = RANDOM.normal(size=(150, 4)).astype(np.float32), RANDOM.normal(size=(150, 2, 3))
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 4)
    ragged = [[1.0, 2.0]] * 149 + [[1.0]]
    write(tmp_path / name, pa.table({"l": list(rows), "f": fixed, "c": cubes.tolist(), "r": ragged}))
    for label, array in (("l", rows), ("f", rows), ("c", cubes)):
        data = read(tmp_path, f"{name}::{label}")
        assert (data.shape, data.dtype) == (array.shape, array.dtype.name)
        assert whole(data).tobytes() == array.tobytes()
    assert f"{name}::r row 149: a list of 1 entries, the first row has 2" in refusal(tmp_path, f"{name}::r")


def test_nulls_are_missing(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    table = pa.table(
        {
            "f": pa.array([1.0, float("nan"), None, 4.0], pa.float32()),
            "i": pa.array([1, 2, None, 2**62 + 1]),
            "b": [True, None, False, True],
            "w": ["cat", None, "dog", "cat"],
            "l": [None, [1.0, 2.0], [3.0, None], [5.0, 6.0]],
            "y": [1.0, 2.0, 3.0, 4.0],
        }
    )
    write(tmp_path / name, table)
    assert refusal(tmp_path, f"{name}::f").startswith(f"{name}::f[2] is null, so it is missing\nfill it in")
    assert f"{name}::l[0] is null" in refusal(tmp_path, f"{name}::l")
    rows = {"f": [2], "i": [2], "b": [1], "w": [1], "l": [0, 2]}
    for label, lacking in rows.items():
        options = ReadOptions(base=tmp_path, missing="skip")
        inputs = read_inputs(
            [f"{name}::{label}", f"{name}::y"], ["input", "target"], extras={}, row_roles=["input"], options=options
        )
        left = [row for row in range(4) if row not in lacking]
        assert whole(inputs.roles["target"]).tolist() == [table["y"][row].as_py() for row in left]
        found = inputs.roles["input"]
        cells = whole(found).tolist()
        kept = [table[label][row].as_py() for row in left]
        assert repr([found.words[code] for code in cells] if found.words else cells) == repr(kept)


def test_words(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    words = ["cat", "dog", "cat", "cow"] * 50
    table = pa.table({"s": words, "d": pa.array(words).dictionary_encode(), "n": ["1.5", "2"] * 100})
    write(tmp_path / name, table)
    for label in "sd":
        data = read(tmp_path, f"{name}::{label}")
        assert [data.words[code] for code in whole(data).tolist()] == words
    assert whole(read(tmp_path, f"{name}::n")).tolist() == [1.5, 2.0] * 100


def test_columns_side_by_side(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    columns = {f"p{at}": RANDOM.normal(size=100).astype(np.float32) for at in range(4)}
    big = np.full(100, 2**60 + 1)
    write(tmp_path / name, pa.table({**columns, "label": np.arange(100) % 4, "big": big, "w": ["a"] * 100}))
    data = read(tmp_path, f"{name}::p0:p3")
    assert (data.dtype, data.names) == ("float32", ("p0", "p1", "p2", "p3"))
    assert whole(data).tobytes() == np.stack([*columns.values()], axis=1).tobytes()
    assert whole(read(tmp_path, f"{name}::p3,label,p3")).dtype == np.float64
    assert read(tmp_path, f"{name}::1").shape == (100,)
    assert data.place(5) == f"{name}::p1[1]"
    assert "is not exact in float64" in refusal(tmp_path, f"{name}::p0,big")
    assert "a column of words" in refusal(tmp_path, name)
    assert "did you mean 'label'" in refusal(tmp_path, f"{name}::lable")


def test_a_table_by_roles_and_by_its_id(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    write(tmp_path / name, pa.table({"id": [3, 1, 2], "pred": [3.0, 1.0, 2.0], "target": [0.0, 0.0, 0.0]}))
    inputs = read_inputs([name], ["input", "target"], extras={}, options=ReadOptions(base=tmp_path))
    assert whole(inputs.roles["input"]).tolist() == [3, 1, 2]
    write(tmp_path / f"y{name}", pa.table({"id": [1, 2, 3], "y": [10.0, 20.0, 30.0]}))
    write(tmp_path / f"p{name}", pa.table({"id": [3, 1, 2], "p": [3.0, 1.0, 2.0]}))
    inputs = read_inputs([f"p{name}", f"y{name}"], ["input", "target"], extras={}, options=ReadOptions(base=tmp_path))
    assert [whole(data).tolist() for data in inputs.roles.values()] == [[3, 1, 2], [30, 10, 20]]
    assert "rows joined on the column id" in " ".join(inputs.notes)


def test_the_index_of_pandas_is_no_data(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"p": [1.0, 2.0, 3.0]})
    frame.to_parquet(tmp_path / "range.parquet")
    assert whole(read(tmp_path, "range.parquet")).tolist() == [1, 2, 3]
    frame.iloc[[2, 0, 1]].to_parquet(tmp_path / "index.parquet")
    data = read(tmp_path, "index.parquet")
    assert whole(data).tolist() == [3, 1, 2]
    assert data.notes == ("index.parquet: column __index_level_0__ looks like a row id, left out",)


def test_standard_input(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, write = way
    write(tmp_path / name, pa.table({"a": [1.0, 2.0]}))
    stream = io.BytesIO((tmp_path / name).read_bytes())
    assert whole(read(tmp_path, "-::a", input_stream=stream)).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([0, 1], pa.timestamp("ns")), "which are times"),
        (pa.array([0, 1], pa.date32()), "which are times"),
        (pa.array([{"a": 1}, {"a": 2}]), "a column of records (a)"),
        (pa.array([b"1", b"2"]), "which are no numbers losscli reads"),
        (pa.array([Decimal("1.2345678901234567890")]), "1.2345678901234567890 has more digits than float64 holds"),
    ],
)
def test_what_is_no_number(tmp_path: Path, column: Any, said: str) -> None:
    write_parquet(tmp_path / "x.parquet", pa.table({"a": column}))
    assert said in refusal(tmp_path, "x.parquet")


def test_decimals(tmp_path: Path) -> None:
    decimals = [Decimal("0.10"), Decimal("-12345.67"), Decimal("3.00")]
    write_parquet(tmp_path / "x.parquet", pa.table({"a": decimals}))
    assert whole(read(tmp_path, "x.parquet")).tolist() == [0.1, -12345.67, 3.0]


def test_without_the_extra(tmp_path: Path) -> None:
    write_parquet(tmp_path / "x.parquet", pa.table({"a": [1.0]}))
    hidden = [name for name in sys.modules if name.startswith("losscli.reading.binary.arrow")]
    with patch.dict(sys.modules, {"pyarrow": None}):
        for name in hidden:
            del sys.modules[name]
        said = refusal(tmp_path, "x.parquet")
    assert "pip install 'losscli[parquet]', or convert it: duckdb -csv -c \"from 'x.parquet'\"" in said


def save_to_disk(folder: Path, table: Any, files: int = 2) -> None:
    """What `datasets.Dataset.save_to_disk` writes."""
    folder.mkdir(parents=True)
    names = [f"data-{at:05}-of-{files:05}.arrow" for at in range(files)]
    for at, name in enumerate(names):
        write_stream(folder / name, table.slice(at * len(table) // files, len(table) // files))
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text("{}")


def test_data_sets_of_hugging_face(tmp_path: Path) -> None:
    logits = RANDOM.normal(size=(100, 3))
    table = pa.table({"logits": list(logits), "label": np.arange(100) % 3})
    save_to_disk(tmp_path / "one", table)
    assert whole(read(tmp_path, "one::logits")).tobytes() == logits.tobytes()
    for split in ("train", "test"):
        save_to_disk(tmp_path / "all" / split, table)
    (tmp_path / "all" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert whole(read(tmp_path, "all::test.logits")).tobytes() == logits.tobytes()
    assert whole(read(tmp_path, "all/test::label")).tolist() == [row % 3 for row in range(100)]
    assert "2 splits (train, test)" in refusal(tmp_path, "all")
    assert "all/test" in refusal(tmp_path, "all")
    assert "did you mean 'test'" in refusal(tmp_path, "all::tets.label")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ('{"_data_files": [{"filename": "../x.arrow"}]}', "names no files of data"),
        ('{"_data_files": [{"filename": "/etc/passwd"}]}', "names no files of data"),
        ('{"_data_files": [{"filename": "gone.arrow"}]}', "and it is not there"),
        ('{"_data_files": [], "_indices_data_files": [{}]}', "chosen by an index"),
        ("[]", "no mapping in JSON"),
        ("[" * 100_000, "no mapping in JSON"),
    ],
)
def test_a_folder_that_names_other_files(tmp_path: Path, state: str, said: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "dataset_info.json").write_text("{}")
    (tmp_path / "one" / "state.json").write_text(state)
    assert said in refusal(tmp_path, "one")


def read_or_refuse(base: Path, name: str, content: bytes) -> bool:
    """Whether the columns can be read; what else but a DataFault is raised ends the test."""
    (base / name).write_bytes(content)
    there = True
    for label in "flsd":
        try:
            whole(read(base, f"{name}::{label}", missing="skip"))
        except DataFault:
            there = False
    return there


def damaged(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> tuple[str, bytes]:
    name, write = way
    words = ["a", "b"] * 20
    table = pa.table(
        {"f": np.arange(40.0), "l": [[1.0, 2.0]] * 40, "s": words, "d": pa.array(words).dictionary_encode()}
    )
    write(tmp_path / name, table)
    return name, (tmp_path / name).read_bytes()


def test_files_that_were_cut_off(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, sound = damaged(tmp_path, way)
    assert read_or_refuse(tmp_path, name, sound)
    for length in range(0, len(sound), 50):
        assert not read_or_refuse(tmp_path, name, sound[:length])


def test_files_with_flipped_bits(tmp_path: Path, way: tuple[str, Callable[[Path, Any], None]]) -> None:
    name, sound = damaged(tmp_path, way)
    for place in range(0, len(sound), 41):
        for flip in (0x01, 0x80, 0xFF):
            content = bytearray(sound)
            content[place] ^= flip
            read_or_refuse(tmp_path, name, bytes(content))


def test_a_footer_of_a_wild_length(tmp_path: Path) -> None:
    _, sound = damaged(tmp_path, WAYS["parquet"])
    for length in (0, 1, 2**31 - 1, 2**32 - 1):
        (tmp_path / "x.parquet").write_bytes(sound[:-8] + length.to_bytes(4, "little") + b"PAR1")
        refusal(tmp_path, "x.parquet::f")


def test_a_page_that_claims_gigabytes() -> None:
    from losscli.reading.binary.parquet_pages import Chunk, check_pages

    size = 2**31 - 1
    number = bytearray()
    zigzag = size << 1
    while zigzag > 127:
        number.append(zigzag & 127 | 128)
        zigzag >>= 7
    number.append(zigzag)
    header = b"\x15\x00\x15" + bytes(number) + b"\x15\x14\x00"  # kind, size unpacked, size packed: 10
    extent = BytesExtent("x", b"PAR1" + header + bytes(10))
    with pytest.raises(DataFault, match="a page of 10 bytes that claims to hold 2147483647"):
        check_pages(extent, [Chunk("a", 1, 1, 4, len(header) + 10)])
    with pytest.raises(DataFault, match="in a file of"):
        check_pages(extent, [Chunk("a", 1, 1, 4, 1000)])


def test_many_columns(tmp_path: Path) -> None:
    table = pa.table({f"c{at}": [float(at)] for at in range(3000)})
    write_parquet(tmp_path / "x.parquet", table)
    assert whole(read(tmp_path, "x.parquet")).tolist() == [[float(at) for at in range(3000)]]
    assert whole(read(tmp_path, "x.parquet::c7")).tolist() == [7]


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], names=["a", "a"])
    write_file(tmp_path / "x.arrow", table)
    assert "2 columns are named a" in refusal(tmp_path, "x.arrow::a")


def test_lists_of_words_in_every_format(tmp_path: Path) -> None:
    """pyarrow knows the words of a list by another name than the column's."""
    table = pa.table({"v": [[1.0, 2.0], [3.0, 4.0]], "w": [["a"], ["b"]]})
    pq.write_table(table, tmp_path / "x.parquet")
    write_file(tmp_path / "x.arrow", table)
    for name in ("x.parquet", "x.arrow"):
        data = read(tmp_path, f"{name}::w")
        assert [data.words[code] for code in whole(data).reshape(-1)] == ["a", "b"]
