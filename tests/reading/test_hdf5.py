"""HDF5 and Keras files: datasets by path, the same bits as h5py reads, and no other file ever opened."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from losscli.reading.binary import byte_range, datasets
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_each, read_inputs
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.exports.keras import FOLDER
from tests.reading.helpers import in_runs, read, refusal, whole


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "x.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert refusal(tmp_path, "x.h5") == (
        "x.h5: HDF5 is read by an extra of losscli, which is not installed\npip install 'losscli[hdf5]'"
    )
    with ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    assert "pip install 'losscli[hdf5]'" in refusal(tmp_path, "x.keras")


@pytest.fixture
def h5py() -> Any:
    return pytest.importorskip("h5py")


def made(folder: Path, h5py: Any, make: Callable[[Any], object]) -> None:
    with h5py.File(folder / "x.h5", "w") as file:
        make(file)


DTYPES = ("f8", "f4", "f2", ">f8", ">f4", ">f2", "i8", "i4", "i2", "i1", ">i4", "u8", "u4", "u2", "u1", ">u2", "?")
SHAPES = ((), (5,), (2, 3), (2, 0, 3), (2, 3, 4), (1, 2, 3, 2))


@pytest.mark.parametrize(
    "how", [{}, {"compression": "gzip"}, {"compression": "lzf", "shuffle": True}, {"fletcher32": True}]
)
def test_the_same_bits_as_h5py(h5py: Any, how: dict[str, Any], tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    arrays = {
        f"{dtype} {len(shape)}": rng.integers(0, 100, shape).astype(dtype) for dtype in DTYPES for shape in SHAPES
    }

    def make(file: Any) -> None:
        for label, array in arrays.items():
            file.create_dataset(label, data=array, **(how if array.size and array.shape else {}))

    made(tmp_path, h5py, make)
    for label, array in arrays.items():
        data = read(tmp_path, f"x.h5::{label}")
        assert data.dtype == array.dtype.name
        expected = array.astype(array.dtype.newbyteorder("="))
        for found in (whole(data), in_runs(data, 3) if data.size else whole(data)):
            assert found.dtype == expected.dtype
            assert found.shape == expected.shape
            assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("chunks", [(1, 1), (3, 7), (10, 100), (10, 1), (1, 100)])
@pytest.mark.parametrize("piece", [8, 300, 1 << 20])
def test_chunks_of_any_shape(
    h5py: Any, chunks: tuple[int, int], piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_PIECE", "_LARGEST_PIECE"):
        monkeypatch.setattr(datasets, name, piece)
    monkeypatch.setattr(byte_range, "_IN_MEMORY", 100)
    array = np.arange(1000, dtype=">f4").reshape(10, 100)
    made(tmp_path, h5py, lambda file: file.create_dataset("a", data=array, chunks=chunks, compression="gzip"))
    assert in_runs(read(tmp_path, "x.h5"), 64).tolist() == array.tolist()


def test_paths(h5py: Any, tmp_path: Path) -> None:
    def make(file: Any) -> None:
        file["layers/dense/vars/0"] = np.arange(6.0).reshape(2, 3)
        file["layers/dense/vars/1"] = np.arange(3.0)
        file["dense/kernel:0"] = [4.0]
        file["soft"] = h5py.SoftLink("/layers/dense")
        file["layers/near"] = h5py.SoftLink("dense/vars/1")

    made(tmp_path, h5py, make)
    for path in ("layers/dense/vars/0", "/layers/dense/vars/0", "layers.dense.vars.0", "soft/vars/0", "vars/0"):
        assert whole(read(tmp_path, f"x.h5::{path}")).shape == (2, 3)
    assert whole(read(tmp_path, "x.h5::layers/near")).tolist() == [0, 1, 2]
    assert whole(read(tmp_path, "x.h5::dense/kernel:0")).tolist() == [4]
    assert read(tmp_path, "x.h5::layers/dense/vars/0").place(4) == "x.h5::layers/dense/vars/0[1, 1]"
    assert refusal(tmp_path, "x.h5::layers/dense") == (
        "x.h5::layers/dense: a group of datasets\nselect from it: x.h5::layers/dense/vars/0, x.h5::layers/dense/vars/1"
    )
    assert "no dataset 'layers/dense/vars/2', did you mean" in refusal(tmp_path, "x.h5::layers/dense/vars/2")
    assert "3 arrays, and no selector says which is meant" in refusal(tmp_path, "x.h5")
    assert len(read_each("x.h5", ReadOptions(base=tmp_path))[0]) == 3


def test_columns_and_roles(h5py: Any, tmp_path: Path) -> None:
    made(tmp_path, h5py, lambda file: file.update({"pred": [1.0, 2.0], "y": [1, 0]}) or None)
    assert whole(read(tmp_path, "x.h5::pred,y")).tolist() == [[1, 1], [2, 0]]
    inputs = read_inputs(["x.h5"], ("input", "target"), extras={}, options=ReadOptions(base=tmp_path))
    assert [whole(data).tolist() for data in inputs.roles.values()] == [[1, 2], [1, 0]]


def test_words(h5py: Any, tmp_path: Path) -> None:
    def make(file: Any) -> None:
        file["vary"] = ["cat", "dög", "cat"]
        file["fixed"] = np.array([b"cat", b"dog", b"cat"])
        file["one"] = "cat"

    made(tmp_path, h5py, make)
    assert read(tmp_path, "x.h5::vary").words == ("cat", "dög")
    assert whole(read(tmp_path, "x.h5::fixed")).tolist() == [0, 1, 0]
    assert read(tmp_path, "x.h5::one").words == ("cat",)


def other_files(h5py: Any, folder: Path) -> Callable[[Any], None]:
    """A file that has every way to lead to others."""
    with h5py.File(folder / "other.h5", "w") as file:
        file["x"] = np.arange(3.0)
    (folder / "raw.bin").write_bytes(np.arange(3.0).tobytes())

    def make(file: Any) -> None:
        file["near"] = [1.0]
        file["link"] = h5py.ExternalLink("other.h5", "x")
        file["folder"] = h5py.ExternalLink("other.h5", "/")
        file["soft"] = h5py.SoftLink("/link")
        file["deep/soft"] = h5py.SoftLink("/folder/x")
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource("other.h5", "x", (3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", (3,), "f8", external=[("raw.bin", 0, 24)])

    return make


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("link", "x.h5: 'link' is a link to another file\nname the file that holds the data"),
        ("folder/x", "'folder' is a link to another file"),
        ("soft", "'link' is a link to another file"),
        ("deep/soft", "'folder' is a link to another file"),
        ("deep.soft", "'folder' is a link to another file"),
        ("virtual", "x.h5::virtual: a virtual dataset, whose elements are in other files"),
        ("raw", "x.h5::raw: a dataset whose elements are in another file"),
    ],
)
def test_no_other_file_is_opened(
    h5py: Any, path: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, h5py, other_files(h5py, tmp_path))
    for name in ("other.h5", "raw.bin"):
        (tmp_path / name).unlink()
        os.mkfifo(tmp_path / name)  # whoever opened it would wait for ever
    assert said in refusal(tmp_path, f"x.h5::{path}")
    assert whole(read(tmp_path, "x.h5::near")).tolist() == [1]


def cases(h5py: Any) -> dict[str, tuple[Callable[[Any], object], str]]:
    def unknown_filter(file: Any) -> None:
        file.create_dataset("a", (4, 4), "f4", chunks=(2, 2), compression=32017, allow_unknown_filter=True)

    def circle(file: Any) -> None:
        file["a"] = h5py.SoftLink("/b")
        file["b"] = h5py.SoftLink("/a")
        file["c"] = [1.0]

    return {
        "records": (lambda f: f.create_dataset("a", data=np.zeros(2, [("x", "f4"), ("y", "i4")])), "records of x, y"),
        "complex": (lambda f: f.create_dataset("a", data=np.zeros(2, "c8")), "complex numbers\nsave their real part"),
        "objects": (lambda f: f.create_dataset("a", data=f.ref, dtype=h5py.ref_dtype), "which losscli does not read"),
        "lists": (lambda f: f.create_dataset("a", (1,), h5py.vlen_dtype("f4")), "which losscli does not read"),
        "raw bytes": (lambda f: f.create_dataset("a", data=np.zeros(2, "V2")), "which losscli does not read"),
        "nothing": (lambda f: f.create_dataset("a", data=h5py.Empty("f4")), "a dataset without elements"),
        "no words": (lambda f: f.create_dataset("a", (1 << 40, 0), h5py.string_dtype()), "a dataset without elements"),
        "a type": (lambda f: f.update({"a": np.dtype("f4"), "b": [1.0]}), "a type, and no dataset"),
        "a plugin": (unknown_filter, "compressed with filter 32017, a plugin, which is not loaded"),
        "never written": (lambda f: f.create_dataset("a", (1 << 40,), "f4", chunks=(1 << 20,)), "that claim to hold"),
        "a long chunk": (lambda f: f.create_dataset("a", (1 << 27,), "i1", chunks=(1 << 27,)), "that claim to hold"),
        "a circle": (circle, "is a link that leads round in a circle"),
        "not UTF-8": (lambda f: f.create_dataset("a", data=np.array([b"\xff"])), "a word that is not UTF-8"),
        "empty": (lambda f: f.create_group("a"), "no datasets in it"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("records", "complex", "objects", "lists", "raw bytes", "nothing", "a type", "a plugin", "never written"),
        *("no words", "a long chunk", "a circle", "not UTF-8", "empty"),
    ],
)
def test_refusals(h5py: Any, case: str, tmp_path: Path) -> None:
    make, said = cases(h5py)[case]
    with suppress(ValueError):  # an unknown filter writes no chunk
        made(tmp_path, h5py, make)
    assert said in refusal(tmp_path, "x.h5::a")


def test_an_axis_of_a_trillion_beside_one_of_none(h5py: Any, tmp_path: Path) -> None:
    made(tmp_path, h5py, lambda file: file.create_dataset("a", (1 << 40, 0), "f4"))
    assert read(tmp_path, "x.h5").shape == (1 << 40, 0)


def test_chunks_that_fit_no_memory(h5py: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "_LARGEST_CHUNK", 100)
    made(tmp_path, h5py, lambda file: file.create_dataset("a", data=np.arange(100.0), chunks=(50,)))
    assert "chunks of 400 bytes, more than 100" in refusal(tmp_path, "x.h5")


def test_words_that_repeat_a_long_one(h5py: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "_LARGEST_PIECE", 1000)
    made(tmp_path, h5py, lambda file: file.create_dataset("a", data=["x" * 5000, *["y"] * 2000]))
    content = bytearray((tmp_path / "x.h5").read_bytes())
    with h5py.File(tmp_path / "x.h5") as file:
        place = file["a"].id.get_offset()
    content[place : place + 16 * 2001] = content[place : place + 16] * 2001  # each says where its word lies
    (tmp_path / "x.h5").write_bytes(content)
    assert "words that repeat more than" in refusal(tmp_path, "x.h5")


@pytest.mark.parametrize("chunks", [None, (2,)])
def test_a_word_longer_than_the_file(h5py: Any, chunks: Any, tmp_path: Path) -> None:
    """The library would make room for four thousand million bytes."""
    made(tmp_path, h5py, lambda file: file.create_dataset("a", data=["cat", "dog"], chunks=chunks))
    assert read(tmp_path, "x.h5").words == ("cat", "dog")
    content = bytearray((tmp_path / "x.h5").read_bytes())
    place = next(
        at for at in range(len(content) - 31) if content[at : at + 4] == content[at + 16 : at + 20] == b"\3\0\0\0"
    )
    content[place + 3] = 255
    (tmp_path / "x.h5").write_bytes(content)
    assert "x.h5::a: a word of 4278190083 bytes in a file of" in refusal(tmp_path, "x.h5::a")


def test_compressed_words(h5py: Any, tmp_path: Path) -> None:
    def make(file: Any) -> None:
        file.create_dataset("vary", data=["cat", "dog"], compression="gzip")
        file.create_dataset("fixed", data=np.array([b"cat", b"dog"]), compression="gzip")

    made(tmp_path, h5py, make)
    assert read(tmp_path, "x.h5::fixed").words == ("cat", "dog")
    assert "compressed words of any length\nsave them as numpy.array(words, 'S')" in refusal(tmp_path, "x.h5::vary")


def test_a_heap_without_an_end(h5py: Any, tmp_path: Path) -> None:
    """The library would walk through it for ever."""

    def make(file: Any) -> None:
        file["a"] = ["cat", "dog"]
        file["vars/0"] = [1.0]
        file["vars"].attrs["name"] = "hidden"

    made(tmp_path, h5py, make)
    content = bytearray((tmp_path / "x.h5").read_bytes())
    heap, length = content.index(b"GCOL"), 16
    while content[heap + length : heap + length + 2] != b"\0\0":  # up to the room that is free
        length += 16 + -(-content[heap + length + 8] // 8) * 8
    content[heap + length + 9] -= 1  # 256 bytes of the room are left over, without a length
    (tmp_path / "x.h5").write_bytes(content)
    for path in ("a", "hidden/0"):
        assert "a heap at byte" in refusal(tmp_path, f"x.h5::{path}")
    assert whole(read(tmp_path, "x.h5::vars/0")).tolist() == [1]


def test_every_50th_cut(h5py: Any, tmp_path: Path) -> None:
    array = np.arange(100.0).reshape(10, 10)

    def make(file: Any) -> None:
        file["plain"] = array
        file.create_dataset("packed", data=array, compression="gzip")

    made(tmp_path, h5py, make)
    sound = (tmp_path / "x.h5").read_bytes()
    for length in range(1, len(sound), 50):
        (tmp_path / "x.h5").write_bytes(sound[:length])
        for path in ("plain", "packed"):
            with suppress(DataFault):
                assert whole(read(tmp_path, f"x.h5::{path}")).tolist() == array.tolist()


def test_a_file_that_changes(h5py: Any, tmp_path: Path) -> None:
    made(tmp_path, h5py, lambda file: file.create_dataset("a", data=np.arange(100.0)))
    data = read(tmp_path, "x.h5")
    made(tmp_path, h5py, lambda file: file.create_dataset("b", data=np.arange(1000.0)))
    with pytest.raises(DataFault, match="the file changed while it was read"):
        whole(data)


def test_standard_input(h5py: Any) -> None:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file["a"] = [1.0, 2.0]
    for words in ((), ("--stdin", "h5")):
        assert losscli("compute", "mse", "-::a", "[1, 2]", "-b", *words, stdin=stream.getvalue()).number == 0
    assert (
        "should be npy, but looks like HDF5"
        in losscli("compute", "mse", "-", "1", "--stdin", "npy", stdin=stream.getvalue()).err
    )


KERAS = np.load(FOLDER / "keras.npz")


@pytest.mark.parametrize("file", ["keras.weights.h5", "model.keras", "legacy.h5"])
@pytest.mark.parametrize("weight", [weight for weight in KERAS if "normalization" not in weight])
@pytest.mark.usefixtures("h5py")
def test_weights_by_the_names_of_keras(file: str, weight: str) -> None:
    layer = weight.removeprefix("model/")
    for name in (weight, layer) if file != "legacy.h5" else (weight,):
        found = whole(read(FOLDER, f"{file}::{name}"))
        assert found.dtype == np.float32
        assert found.tobytes() == KERAS[weight].tobytes()


@pytest.mark.usefixtures("h5py")
def test_a_layer_is_not_mistaken_for_another() -> None:
    assert (
        whole(read(FOLDER, "keras.weights.h5::layers/dense/vars/0")).tolist() == KERAS["model/hidden/kernel"].tolist()
    )
    assert whole(read(FOLDER, "keras.weights.h5::dense/0")).tolist() == KERAS["model/dense/kernel"].tolist()
    assert refusal(FOLDER, "keras.weights.h5::dense/vars/0") == (
        "keras.weights.h5: layers/dense/vars/0 and layers/dense_1/vars/0 both end in 'dense/vars/0'\n"
        "write the whole path"
    )
    assert whole(read(FOLDER, "model.keras::batch_normalization/3")).tolist() == [1, 1, 1]


@pytest.mark.usefixtures("h5py")
def test_bfloat16_of_keras() -> None:
    data = read(FOLDER, "narrow.weights.h5::layers/dense/vars/0")
    assert data.dtype == "bfloat16"
    assert whole(data).tolist() == np.arange(12.0).reshape(4, 3).tolist()


@pytest.mark.usefixtures("h5py")
def test_inspect_shows_a_model() -> None:
    assert len(read_each("model.keras", ReadOptions(base=FOLDER))[0]) == 8


@pytest.mark.usefixtures("h5py")
def test_archives_that_are_no_model(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes((FOLDER / "model.keras").read_bytes())
    assert len(read_each("x", ReadOptions(base=tmp_path))[0]) == 8
    (tmp_path / "x.pt").write_bytes((FOLDER / "model.keras").read_bytes())
    assert refusal(tmp_path, "x.pt") == "x.pt: looks like Keras\nname the file .keras, or give --stdin keras"
    with ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    assert (
        refusal(tmp_path, "x.keras") == "x.keras: a ZIP archive without model.weights.h5\nwrite it anew with model.save"
    )
    with ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("model.weights.h5", "text")
    assert "x.keras: h5py cannot read it" in refusal(tmp_path, "x.keras")
