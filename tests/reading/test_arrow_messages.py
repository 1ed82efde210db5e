"""Arrow files and streams: sizes that lie are refused, and what lies as it is needed stays in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.binary.byte_range import BytesExtent
from losscli.schema.faults import DataFault
from tests.reading.helpers import in_runs, read, refusal, whole

pa = pytest.importorskip("pyarrow")

from losscli.reading.binary import arrow_in_place, arrow_messages  # noqa: E402 - needs pyarrow
from losscli.reading.shards import JoinedStore  # noqa: E402

RANDOM = np.random.default_rng(31)
OPENED = {"file": pa.ipc.new_file, "stream": pa.ipc.new_stream}


def write(path: Path, table: Any, way: str, chunk: int | None = None, **options: Any) -> None:
    with OPENED[way](str(path), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=chunk)


@pytest.fixture(params=OPENED)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def places_of(number: int, content: bytearray) -> list[int]:
    sought = number.to_bytes(8, "little")
    return [at for at in range(0, len(content), 8) if content[at : at + 8] == sought]


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
@pytest.mark.parametrize("claim", [1 << 60, 257 << 20, -2])
def test_a_packed_buffer_that_claims_too_much(tmp_path: Path, way: str, codec: str, claim: int) -> None:
    write(tmp_path / "x.arrow", pa.table({"a": np.zeros(1000), "b": np.ones(1000)}), way, compression=codec)
    content = bytearray((tmp_path / "x.arrow").read_bytes())
    _, last = places_of(8000, content)
    content[last : last + 8] = claim.to_bytes(8, "little", signed=True)
    (tmp_path / "x.arrow").write_bytes(content)
    assert f"that claims to hold {claim}" in refusal(tmp_path, "x.arrow::b")
    assert whole(read(tmp_path, "x.arrow::a")).tolist() == [0] * 1000


def test_a_packed_dictionary_that_claims_too_much(tmp_path: Path, way: str) -> None:
    words = pa.array(["cat" * 1000, "dog" * 1000] * 10).dictionary_encode()
    write(tmp_path / "x.arrow", pa.table({"w": words}), way, compression="zstd")
    content = bytearray((tmp_path / "x.arrow").read_bytes())
    (place,) = places_of(6000, content)
    content[place : place + 8] = (1 << 40).to_bytes(8, "little")
    (tmp_path / "x.arrow").write_bytes(content)
    assert f"that claims to hold {1 << 40}" in refusal(tmp_path, "x.arrow::w")


def test_a_bomb_of_many_buffers(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_messages, "_LARGEST_BATCH", 30_000)
    table = pa.table({f"c{at}": np.zeros(1000) for at in range(4)})
    write(tmp_path / "x.arrow", table, way, compression="zstd")
    assert whole(read(tmp_path, "x.arrow::c0:c2")).shape == (1000, 3)
    assert "32000 bytes unpacked" in refusal(tmp_path, "x.arrow::c0:c3")


def test_rows_that_take_no_bytes(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_messages, "_ROWS_OF_NOTHING", 2000)
    write(tmp_path / "x.arrow", pa.table({"n": pa.nulls(3000), "a": np.zeros(3000, bool)}), way, 1000)
    assert "a batch of 1000 rows whose elements take no bytes" in refusal(tmp_path, "x.arrow::n")
    assert read(tmp_path, "x.arrow::a").shape == (3000,)


def columns_of(rows: int) -> dict[str, Any]:
    numbers = RANDOM.normal(size=rows)
    return {
        "f4": numbers.astype(np.float32),
        "i1": (numbers * 50).astype(np.int8),
        "l": pa.ListArray.from_arrays(np.arange(0, rows * 3 + 1, 3, dtype=np.int32), np.repeat(numbers, 3)),
        "fsl": pa.FixedSizeListArray.from_arrays(numbers.repeat(2), 2),
    }


@pytest.mark.parametrize("chunk", [None, 1 << 20])
def test_numbers_stay_in_the_file(tmp_path: Path, way: str, chunk: int | None) -> None:
    rows = 3 << 19
    columns = columns_of(rows)
    words = pa.array(["a", "b"]).take(np.arange(rows) % 2).dictionary_encode()
    write(tmp_path / "x.arrow", pa.table({"w": words, **columns}).slice(0, rows - 8), way, chunk)
    for label, column in columns.items():
        data = read(tmp_path, f"x.arrow::{label}")
        assert isinstance(data.store, JoinedStore) == (label != "i1" or chunk is None)
        elements = column.flatten().to_numpy() if label in ("l", "fsl") else column
        array = elements.reshape(rows, -1)[: rows - 8].reshape(data.shape)
        assert in_runs(data, 777_777).tobytes() == array.tobytes()
        assert data.place(data.size - 1).startswith(f"x.arrow::{label}[{rows - 9}")
    both = read(tmp_path, "x.arrow::f4,i1")
    assert whole(both).tobytes() == np.stack([columns["f4"], columns["i1"]], axis=1)[: rows - 8].tobytes()


def test_what_cannot_stay_is_copied(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_in_place, "_WORTH", 1)
    table = pa.table(
        {
            "null": [1.0, None, 3.0],
            "inner": [[1.0, 2.0], [None, 4.0], [5.0, 6.0]],
            "uneven": [[1.0, 2.0], [3.0], [4.0, 5.0]],
            "bool": [True, False, True],
            "empty": pa.array([[], [], []], pa.list_(pa.int64())),
        }
    )
    write(tmp_path / "x.arrow", table, way)
    assert "null[1] is null" in refusal(tmp_path, "x.arrow::null")
    assert "inner[1, 0] is null" in refusal(tmp_path, "x.arrow::inner")
    assert "row 1: a list of 1 entries" in refusal(tmp_path, "x.arrow::uneven")
    assert whole(read(tmp_path, "x.arrow::bool")).tolist() == [True, False, True]
    assert read(tmp_path, "x.arrow::empty").shape == (3, 0)
    write(tmp_path / "x.arrow", table.select(["bool"]).append_column("a", [[1, 2, 3]]), way, compression="lz4")
    assert whole(read(tmp_path, "x.arrow::a")).tolist() == [1, 2, 3]


def test_every_number_of_a_file_may_be_wrong(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_in_place, "_WORTH", 1)
    write(tmp_path / "x.arrow", pa.table(columns_of(9)), way, 4)
    sound = (tmp_path / "x.arrow").read_bytes()
    for label in ("f4", "i1", "l", "fsl"):
        assert isinstance(read(tmp_path, f"x.arrow::{label}").store, JoinedStore)
    for place in range(0, len(sound), 4):
        number = (b"\0\0\0\x80", b"\xff\xff\xff\x7f", bytes(4))[place // 4 % 3]
        (tmp_path / "x.arrow").write_bytes(sound[:place] + number + sound[place + 4 :])
        try:
            data = read(tmp_path, "x.arrow::l")
        except DataFault:
            continue
        assert data.size < 1 << 24
        whole(data)


def test_a_footer_that_names_gigabytes() -> None:
    with pytest.raises(DataFault, match="a footer of"):
        arrow_messages.check_schema(BytesExtent("x", b"ARROW1\0\0" + bytes(50) + b"\xff\xff\xff\x7fARROW1"))
    with pytest.raises(DataFault, match="a message at 0"):
        arrow_messages.check_schema(BytesExtent("x", b"\xff" * 4 + b"\xff\xff\xff\x7f" + bytes(50)))
