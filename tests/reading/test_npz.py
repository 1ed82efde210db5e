from __future__ import annotations

import io
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.binary import byte_range as extent
from losscli.schema.faults import DataFault
from tests.reading.helpers import in_runs, read, refusal, whole

A = np.arange(6.0).reshape(2, 3)
B = np.array([1, 0], np.int64)


def member(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = A) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_members(tmp_path: Path, compressed: bool) -> None:
    arrays: dict[str, Any] = {"logits": A, "deep/er": B}
    (np.savez_compressed if compressed else np.savez)(tmp_path / "x.npz", **arrays)
    assert whole(read(tmp_path, "x.npz::logits")).tolist() == A.tolist()
    assert whole(read(tmp_path, "x.npz::logits.npy")).tolist() == A.tolist()
    assert in_runs(read(tmp_path, "x.npz::deep/er"), 1).tolist() == [1, 0]
    assert read(tmp_path, "x.npz::deep/er").dtype == "int64"
    assert read(tmp_path, "x.npz::logits").place(4) == "x.npz::logits[1, 1]"


def test_a_lone_member_needs_no_selector(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", A)
    assert whole(read(tmp_path, "x.npz")).tolist() == A.tolist()


@pytest.mark.parametrize("force_disk", [False, True])
def test_fortran_order(tmp_path: Path, force_disk: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if force_disk:
        monkeypatch.setattr(extent, "_IN_MEMORY", 10)
        monkeypatch.setattr(extent, "PIECE", 50)
    np.savez_compressed(tmp_path / "x.npz", np.asfortranarray(A))
    assert whole(read(tmp_path, "x.npz")).tolist() == A.tolist()


def test_no_selector_for_several(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=A, b=B)
    message = refusal(tmp_path, "x.npz")
    assert message == "x.npz: 2 arrays, and no selector says which is meant\nselect one: x.npz::a, x.npz::b"


def test_missing_member(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", logits=A, b=B)
    assert "no array 'logit', did you mean 'logits'?\nit has logits, b" in refusal(tmp_path, "x.npz::logit")


def write(path: Path, *members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytearray:
    with zipfile.ZipFile(path, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names
        for name, content in members:
            archive.writestr(name, content)
    return bytearray(path.read_bytes())


def damaged(path: Path, content: bytes | bytearray | None = None) -> str:
    if content is not None:
        path.write_bytes(content)
    return refusal(path.parent, f"{path.name}::a")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_flipped_bit(tmp_path: Path, compression: int) -> None:
    content = write(tmp_path / "x.npz", ("a.npy", member()), compression=compression)
    content[content.index(b"NUMPY" if compression == zipfile.ZIP_STORED else b"a.npy") + 20] ^= 1
    assert "the archive is damaged" in damaged(tmp_path / "x.npz", content)


def test_soundness_of_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    write(path, ("a.npy", member()), ("a.npy", member()))
    assert "two members are named 'a.npy'" in damaged(path)
    write(path, ("a.npy", member()), ("a", member()))
    assert "two members are named 'a'" in damaged(path)
    write(path, ("../a.npy", member()))
    assert "a member is named '../a.npy'" in damaged(path)
    write(path, ("/a.npy", member()))
    assert "a member is named '/a.npy'" in damaged(path)
    write(path, ("model/readme", b"x"))
    assert "a ZIP archive without .npy members" in damaged(path)
    write(path)
    assert "a ZIP archive without .npy members" in damaged(path)
    write(path, ("a.npy", member()), compression=zipfile.ZIP_LZMA)
    assert "compressed in a way that NumPy does not write" in damaged(path)


def test_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    content = write(path, ("a.npy", member()))
    assert "the archive is damaged" in damaged(path, content[:-30])
    assert "the archive is damaged" in damaged(path, content[:100])
    assert "the archive is damaged" in damaged(path, content[:4])
    encrypted = bytearray(content)
    encrypted[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in damaged(path, encrypted)
    lying = bytearray(content)
    lying[content.rindex(b"PK\x01\x02") + 42] = 9  # where the directory says that the member begins
    assert "the archive is damaged" in damaged(path, lying)


def test_a_member_longer_than_the_archive(tmp_path: Path) -> None:
    content = write(tmp_path / "x.npz", ("a.npy", member()))
    sizes = content.rindex(b"PK\x01\x02") + 20
    content[sizes : sizes + 8] = (10_000).to_bytes(4, "little") * 2
    assert "the archive is damaged (a member is longer than the archive)" in damaged(tmp_path / "x.npz", content)


def test_bombs(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    content = write(path, ("a.npy", member()), compression=zipfile.ZIP_DEFLATED)
    size = content.rindex(b"PK\x01\x02") + 24  # the uncompressed size in the directory
    content[size : size + 4] = (2**31).to_bytes(4, "little")
    assert "that claim to hold 2147483648" in damaged(path, content)
    write(path, ("a.npy", member()[:80] + b"\0" * 10_000), compression=zipfile.ZIP_DEFLATED)
    damaged(path)


def test_a_member_that_is_no_npy(tmp_path: Path) -> None:
    write(tmp_path / "x.npz", ("a.npy", b"1,2\n3,4\n"))
    assert "x.npz::a: the .npy header is damaged" in damaged(tmp_path / "x.npz")


def test_every_cut_and_flip_is_a_fault_or_the_truth(tmp_path: Path) -> None:
    """No damage to an archive ends in another exception, or silently in other numbers."""
    path = tmp_path / "x.npz"
    sound = write(path, ("a.npy", member()), compression=zipfile.ZIP_DEFLATED)
    for place in range(len(sound)):
        for content in (sound[:place], sound[:place] + bytes([sound[place] ^ 0x41]) + sound[place + 1 :]):
            path.write_bytes(content)
            with suppress(DataFault):
                assert whole(read(tmp_path, "x.npz::a")).tolist() == A.tolist()


def test_zip64(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.npy", "w", force_zip64=True) as stream:
        stream.write(member())
    assert whole(read(tmp_path, "x.npz")).tolist() == A.tolist()
