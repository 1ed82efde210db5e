"""TensorBoard's event files: as its own writers leave them, and as hostile ones are."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from losscli.reading.runs.crc32c import crc32c, masked
from losscli.reading.sources import ReadOptions, read_each
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.helpers import read, refusal, whole

EXPORTS = Path(__file__).parent / "exports"
NAME = "events.out.tfevents.1700000000.host"


def framed(event: bytes) -> bytes:
    length = len(event).to_bytes(8, "little")
    return length + masked(length).to_bytes(4, "little") + event + masked(event).to_bytes(4, "little")


def delimited(number: int, content: bytes) -> bytes:
    size, length = bytearray(), len(content)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2, *size, length]) + content


def scalar(tag: str, value: float, step: int) -> bytes:
    summary = delimited(1, delimited(1, tag.encode()) + b"\x15" + struct.pack("<f", value))
    return framed(b"\x09" + struct.pack("<d", 1.7e9) + bytes([16, step]) + delimited(5, summary))


def log(scalars: Iterable[tuple[str, float, int]]) -> bytes:
    start = framed(b"\x09" + struct.pack("<d", 1.7e9) + delimited(3, b"brain.Event:2"))
    return start + b"".join(scalar(*one) for one in scalars)


def test_checksums() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    content = os.urandom(100_003)
    checksum = 0
    for at in range(0, len(content), 1000):  # short pieces take the plain loop
        checksum = crc32c(content[at : at + 1000], checksum)
    assert crc32c(content) == checksum


@pytest.mark.parametrize(
    ("source", "dtype", "expected"),
    [
        ("simple::val/loss", "float32", [np.float32(0.1), np.float32(0.2), np.float32(0.3)]),
        ("simple::val/loss.-1", "float32", np.float32(0.1 * 3)),
        ("simple::val/loss.0", "float32", np.float32(0.1)),
        ("tensors::loss", "float32", [0.5, 1]),
        ("tensors::d", "float64", [0.1, 0.2]),
    ],
)
def test_what_writers_write(source: str, dtype: str, expected: object) -> None:
    data = read(EXPORTS, f"events.out.tfevents.{source}")
    assert data.dtype == dtype
    assert np.array_equal(whole(data).astype(dtype), np.array(expected, dtype))


def test_several_files_and_a_list_of_tags(tmp_path: Path) -> None:
    for name in ("simple", "tensors"):
        shutil.copy(EXPORTS / f"events.out.tfevents.{name}", tmp_path)
    assert whole(read(tmp_path, "events*::d")).tolist() == [0.1, 0.2]
    assert whole(read(tmp_path, "events*::val/loss.-1")).tolist() == np.float32(0.1 * 3)
    arrays, _ = read_each("events.out.tfevents.simple", ReadOptions(base=tmp_path))
    assert [data.source for data in arrays] == ["events.out.tfevents.simple::val/loss"]


def test_the_order_of_steps(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(log([("a", 3, 3), ("a", 1, 1), ("b", 9, 1), ("a", 2, 2)]))
    data = read(tmp_path, f"{NAME}::a")
    assert whole(data).tolist() == [1, 2, 3]
    assert data.place(0) == f"{NAME}::a at step 1"


def test_a_claim(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(log([("val/loss", 0.5, 1), ("val/loss", 0.25, 2)]))
    assert losscli("verify", "mse", "[1]", "[0.5]", "--claim", f"{NAME}::val/loss.-1", at=tmp_path).code == 0
    ended = losscli("verify", "mse", "[1]", "[0.5]", "--claim", f"{NAME}::val/loss", at=tmp_path)
    assert ended.code == 3
    assert f"{NAME}::val/loss.-1" in ended.err


def test_a_run_that_still_writes(tmp_path: Path) -> None:
    whole_log = log([("a", 1, 1), ("a", 2, 2)])
    for lacking in (1, 5, 20, len(scalar("a", 2, 2)) - 1):
        (tmp_path / NAME).write_bytes(whole_log[:-lacking])
        arrays, notes = read_each(NAME, ReadOptions(base=tmp_path))
        assert whole(arrays[0]).tolist() == [1]
        assert notes == (f"{NAME}: the last record is not complete, as of a run that still writes; left out",)


def test_any_cut_and_any_wrong_byte(tmp_path: Path) -> None:
    content = (EXPORTS / "events.out.tfevents.simple").read_bytes()
    for end in range(0, len(content), 50):
        (tmp_path / NAME).write_bytes(content[:end])
        try:
            assert len(whole(read(tmp_path, f"{NAME}::val/loss"))) <= 3
        except DataFault:
            assert end < len(content)
    for at in range(0, len(content), 50):
        wrong = bytearray(content)
        wrong[at] ^= 0x10
        (tmp_path / NAME).write_bytes(wrong)
        assert "does not match" in refusal(tmp_path, f"{NAME}::val/loss")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty, it holds no data"),
        (b"epoch,loss\n1,2\n3,4\n", "the checksum of the length at offset 0 does not match"),
        (log([]), "no scalars in it"),
        (framed(b"\xff" * 20), "the record at offset 0 is no event"),
        (framed(delimited(5, b"\x0a\x7f")), "the record at offset 0 is no event"),
        (framed(delimited(5, b"\x0b")), "the record at offset 0 is no event"),
        (framed(delimited(5, delimited(1, delimited(8, b"\x08\x01" + delimited(4, b"abc"))))), "is no event"),
    ],
)
def test_refuses(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert said in refusal(tmp_path, f"{NAME}::a")


def test_a_length_that_no_file_has(tmp_path: Path) -> None:
    length = (1 << 62).to_bytes(8, "little")
    (tmp_path / NAME).write_bytes(log([("a", 1, 1)]) + length + masked(length).to_bytes(4, "little") + b"x")
    assert whole(read(tmp_path, f"{NAME}::a")).tolist() == [1]


def test_names_with_escapes(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(log([("a\x1b[31m\n::error::", 1, 1)]))
    ended = losscli("inspect", NAME, at=tmp_path)
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err
