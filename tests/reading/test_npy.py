from __future__ import annotations

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from losscli.reading.binary import npy, strided
from losscli.reading.binary.byte_range import BytesExtent
from losscli.reading.options import ReadOptions
from losscli.schema.faults import DataFault
from tests.reading.helpers import in_runs, read, whole


def npy_bytes(header: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """An .npy file by its specification: magic, version, length, header padded to 64 with a newline, data."""
    length = struct.Struct("<H" if version == (1, 0) else "<I")
    text = header.encode("utf-8") + b" " * (-(len(header.encode()) + 9 + length.size) % 64) + b"\n"
    return b"\x93NUMPY" + bytes(version) + length.pack(len(text)) + text + data


def header(shape: str = "(3,)", descr: str = "'<f8'", fortran: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


THREE = struct.pack("<3d", 1, 2, 3)


def load(content: bytes, **options: Any) -> Any:
    return npy.npy_data(BytesExtent("x.npy", content), ReadOptions(**options))


DTYPES = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(tmp_path: Path, dtype: str) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    np.save(tmp_path / "x.npy", array)
    data = read(tmp_path, "x.npy")
    assert data.dtype == np.dtype(dtype).name
    assert whole(data).dtype == np.dtype(dtype).newbyteorder("=")
    assert whole(data).tolist() == array.tolist()
    assert data.place(4) == "x.npy[1, 1]"


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions(version: tuple[int, int]) -> None:
    assert whole(load(npy_bytes(header(), THREE, version))).tolist() == [1, 2, 3]


def test_headers_of_python_2() -> None:
    assert whole(load(npy_bytes(header("(3L,)"), THREE))).tolist() == [1, 2, 3]


def test_shapes_without_axes_or_elements() -> None:
    assert whole(load(npy_bytes(header("()"), THREE[:8]))).shape == ()
    assert whole(load(npy_bytes(header("(0, 3)")))).shape == (0, 3)
    assert load(npy_bytes(header("(0, 1000000000000000000)"))).shape == (0, 10**18)
    assert load(npy_bytes(header("(0, 1000000000000000000)", fortran="True"))).store.flat(0, 0).size == 0


def test_bfloat16_is_the_upper_half_of_float32() -> None:
    values = np.array([1, -2.5, 3.0e38, 1e-40, np.inf, -0.0], np.float32)  # each but 3e38 and 1e-40 has 8 bits
    halves = (values.view(np.uint32) >> 16).astype("<u2")
    content = npy_bytes(header("(6,)", "'|V2'"), halves.tobytes())
    data = load(content, bfloat16=True)
    assert data.dtype == "bfloat16"
    # 3.0e38 is 1.763 * 2**127; eight bits of it are 225 * 2**120. 1e-40 is 71362 * 2**-149, cut to 1 * 65536 * 2**-149.
    assert whole(data).tolist() == [1.0, -2.5, 225 * 2.0**120, 2.0**-133, np.inf, -0.0]
    assert np.signbit(whole(data)[5])
    with pytest.raises(DataFault, match="if they are bfloat16, give --bfloat16"):
        load(content)


BAD: list[tuple[str, bytes, str]] = [
    ("magic only", b"\x93NUMPY", "the .npy header is damaged"),
    ("cut in the length", npy_bytes(header())[:9], "the .npy header is damaged"),
    ("cut in the header", npy_bytes(header())[:40], "the .npy header is damaged"),
    ("version 9", npy_bytes(header(), THREE, (9, 0)), "version 9.0 of the format is unknown"),
    ("no descr", npy_bytes("{'fortran_order': False, 'shape': (3,)}", THREE), "the .npy header is damaged"),
    ("one key more", npy_bytes(header()[:-1] + "'x': 1}", THREE), "the .npy header is damaged"),
    ("not a mapping", npy_bytes("[1, 2]", THREE), "the .npy header is damaged"),
    ("not Python", npy_bytes("{'descr':", THREE), "the .npy header is damaged"),
    ("a call", npy_bytes(header("__import__('os').getpid()"), THREE), "the .npy header is damaged"),
    ("nested parentheses", npy_bytes(header("(" * 3000), THREE), "the .npy header is damaged"),
    ("nested lists", npy_bytes(header("[" * 4000 + "]" * 4000), THREE), "the .npy header is damaged"),
    ("minus signs", npy_bytes(header("-" * 8000 + "1"), THREE), "the .npy header is damaged"),
    ("a header of 60 kB", npy_bytes(header() + " " * 60_000, THREE), "the .npy header is damaged"),
    ("NUL in the header", npy_bytes(header().replace("shape", "sha\0e"), THREE), "the .npy header is damaged"),
    ("fortran_order 7", npy_bytes(header(fortran="7"), THREE), "the .npy header is damaged"),
    ("shape 3", npy_bytes(header("3"), THREE), "the .npy header is damaged"),
    ("shape of floats", npy_bytes(header("(3.0,)"), THREE), "the .npy header is damaged"),
    ("negative axis", npy_bytes(header("(-3,)"), THREE), "impossible shape (-3,)"),
    ("negative axes", npy_bytes(header("(-1, -3)"), THREE), "impossible shape (-1, -3)"),
    ("bool axis", npy_bytes(header("(True, 3)"), THREE), "impossible shape (True, 3)"),
    ("65 axes", npy_bytes(header("(" + "1," * 65 + ")"), THREE[:8]), "impossible shape"),
    ("cut off", npy_bytes(header(), THREE[:-1]), "23 bytes of data, while shape (3,) of float64 needs 24"),
    ("no data", npy_bytes(header()), "0 bytes of data, while shape (3,) of float64 needs 24"),
    ("bytes appended", npy_bytes(header(), THREE + b"\0"), "25 bytes of data, while shape (3,) of float64 needs 24"),
    ("petabytes", npy_bytes(header("(1000000000000000,)"), THREE), f"needs {8 * 10**15}"),
    ("product over 2**64", npy_bytes(header("(4294967296, 4294967296)"), THREE), f"needs {8 * 2**64}"),
    ("axis over 2**63", npy_bytes(header("(9223372036854775808,)"), THREE), f"needs {8 * 2**63}"),
    ("objects", npy_bytes(header(descr="'|O'"), b"\x80\x04N."), "Python objects, which are never unpickled"),
    ("structured", npy_bytes(header(descr="[('a', '<f8')]"), THREE), "no numbers losscli reads"),
    ("structured of two bytes", npy_bytes(header(descr="[('a', '<f2')]"), THREE), "no numbers losscli reads"),
    ("structured with objects", npy_bytes(header(descr="[('a', '|O')]"), THREE), "never unpickled"),
    ("sub-array", npy_bytes(header(descr="('<f8', (2,))"), THREE + THREE), ""),
    ("text of another length", npy_bytes(header(descr="'<U2'"), THREE[:-1]), "bytes of data, while shape"),
    ("bytes", npy_bytes(header(descr="'|S8'"), THREE), "no numbers losscli reads"),
    ("complex", npy_bytes(header(descr="'<c16'"), THREE + THREE), "elements of type complex128"),
    ("long double", npy_bytes(header(descr="'<f16'"), THREE + THREE), ""),
    ("time", npy_bytes(header(descr="'<M8[s]'"), THREE), "no numbers losscli reads"),
    ("duration", npy_bytes(header(descr="'<m8[s]'"), THREE), "no numbers losscli reads"),
    ("fp8", npy_bytes(header(descr="'<f1'"), THREE[:3]), "the .npy header is damaged"),
    ("raw bytes of four", npy_bytes(header(descr="'|V4'"), THREE[:12]), "no numbers losscli reads"),
]


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_refuses(content: bytes, message: str) -> None:
    with pytest.raises(DataFault) as caught:
        load(content)
    assert str(caught.value).startswith("x.npy: ")
    assert message in str(caught.value)
    assert caught.value.cure


def test_refuses_bytes_that_are_no_bool() -> None:
    data = load(npy_bytes(header(descr="'|b1'"), b"\0\1\2"))
    with pytest.raises(DataFault, match="a byte 2 where a bool must stand"):
        data.store.flat(0, 3)


def test_nothing_is_allocated_before_the_length_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.npy").write_bytes(npy_bytes(header("(1000000000,)"), THREE))
    monkeypatch.setattr(np, "empty", lambda *_, **__: pytest.fail("allocated"))
    with pytest.raises(DataFault, match="needs 8000000000"):
        read(tmp_path, "x.npy")


@pytest.mark.parametrize("change", ["shorter", "longer", "written again", "replaced", "gone"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: str) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(1000.0))
    data = read(tmp_path, "x.npy")
    assert data.store.flat(0, 2).tolist() == [0, 1]
    content = path.read_bytes()
    if change == "gone":
        path.unlink()
    elif change == "replaced":
        (tmp_path / "y.npy").write_bytes(content)
        os.replace(tmp_path / "y.npy", path)
    else:
        path.write_bytes({"shorter": content[:-800], "longer": content + b"\0"}.get(change, content))
        os.utime(path, ns=(1, 1))
    with pytest.raises(DataFault, match=r"x\.npy: "):
        data.store.flat(900, 1000)


def test_a_disk_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "x.npy", np.arange(10.0))
    data = read(tmp_path, "x.npy")

    def broken(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("builtins.open", broken)
    with pytest.raises(DataFault, match=r"x\.npy: Input/output error"):
        data.store.flat(0, 10)


def in_fortran_order(array: NDArray[Any]) -> Any:
    """The array's file in Fortran order."""
    content = npy_bytes(header(str(array.shape), repr(array.dtype.str), "True"), array.tobytes(order="F"))
    return load(content)


SHAPES = [(7,), (1, 7), (7, 1), (5, 3), (3, 200), (200, 3), (1, 5, 1, 3), (4, 3, 5), (2, 3, 4, 5), (3, 1, 50, 1)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("tile", [8, 100, 1000, 1 << 20])
@pytest.mark.parametrize("page", [0, 4096])
def test_fortran_order_in_any_runs(
    shape: tuple[int, ...], tile: int, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strided, "_TILE", tile)
    monkeypatch.setattr(strided, "_PIECE", tile)
    monkeypatch.setattr(strided, "_GAP", page)
    array = np.arange(np.prod(shape), dtype=">f8").reshape(shape) + 0.5
    data = in_fortran_order(array)
    assert data.shape == shape
    for length in (1, 3, 16, 1000):
        assert in_runs(data, length).tolist() == array.tolist()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    hnp.array_shapes(min_dims=1, max_dims=5, max_side=9),
    st.integers(0, 6000),
    st.integers(0, 6000),
    st.integers(2, 5000),
    st.sampled_from([0, 100, 4096]),
)
def test_any_run_of_fortran_order(shape: tuple[int, ...], start: int, length: int, tile: int, page: int) -> None:
    array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strided, "_TILE", tile)
        patch.setattr(strided, "_GAP", page)
        data = in_fortran_order(array)
        start %= array.size
        run = data.store.flat(start, min(start + length, array.size))
    assert run.tolist() == array.reshape(-1)[start : start + length].tolist()


def test_fortran_order_in_other_dtypes() -> None:
    assert whole(in_fortran_order(np.array([[True, False], [True, True]]))).tolist() == [[True, False], [True, True]]
    content = npy_bytes(header("(2, 2)", "'|V2'", "True"), b"\x80\x3f\x00\x40\x40\x40\x80\x40")
    assert whole(load(content, bfloat16=True)).tolist() == [[1, 3], [2, 4]]
    with pytest.raises(DataFault, match="where a bool must stand"):
        whole(load(npy_bytes(header("(2, 2)", "'|b1'", "True"), b"\0\1\2\1")))


def test_fortran_order_is_not_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strided, "_TILE", 1000)
    data = in_fortran_order(np.arange(100_000.0).reshape(1000, 100))
    in_runs(data, 500)
    assert sum(tile.nbytes for tile in data.store.tiles.values()) <= 2 * 1000


@pytest.mark.parametrize("order", ["C", "F"])
def test_several_threads_read_at_once(
    tmp_path: Path, order: Literal["C", "F"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strided, "_TILE", 50_000)
    array = np.random.default_rng(7).standard_normal((300, 1000))
    np.save(tmp_path / "x.npy", np.asarray(array, order=order))
    data = read(tmp_path, "x.npy")
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda i: data.store.flat(i, i + 1000), range(0, array.size, 1000)))
    assert np.array_equal(np.concatenate(runs).reshape(array.shape), array)
