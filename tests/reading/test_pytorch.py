"""Files of torch.save: the same bits as in PyTorch, and nothing executed, whatever the pickle says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.reading.binary import strided
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_each, read_inputs
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.exports.pytorch import DTYPES, FOLDER
from tests.reading.helpers import in_runs, read, refusal, whole
from tests.reading.torch_files import archive, called, integer, mapping, name, numbers, tensor, text

EXPECTED = dict(np.load(FOLDER / "pytorch.npz"))
SIX = np.arange(6, dtype="<f4")
BFLOATS = tensor("0", 2, (2,), (1,), storage="torch.BFloat16Storage")
PLAIN = tensor("0", 6, (2, 3), (3, 1))


@pytest.mark.parametrize("source", EXPECTED)
def test_the_same_bits_as_pytorch(source: str) -> None:
    data, expected = read(FOLDER, source), EXPECTED[source]
    for length in (7, 1000):
        found = in_runs(data, length) if data.size else whole(data)
        assert found.dtype == expected.dtype
        assert found.shape == expected.shape == data.shape
        assert found.tobytes() == expected.tobytes()


def test_dtypes_keep_their_names() -> None:
    assert [read(FOLDER, f"dtypes.pt::{dtype}").dtype for dtype in DTYPES] == list(DTYPES)


def test_a_tensor_alone() -> None:
    data = read(FOLDER, "tensor.pt")
    assert whole(data).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert data.place(4) == "tensor.pt[1, 1]"
    assert "one array, 'a' cannot be picked from it" in refusal(FOLDER, "tensor.pt::a")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("logits", [[0.5, -1.25], [2, 0.125], [-0.5, 0.75]]),
        ("losses", [0.5, 0.25]),
        ("losses.-1", 0.25),
        ("history", [0.9, 0.5, 0.25]),
        ("history.-1", 0.25),
        ("table", [[1, 2], [3, 4]]),
        ("table.1", [3, 4]),
        ("loss", 0.375),
        ("steps", 7),
        ("done", True),
        ("array", [[0, 1, 2], [3, 4, 5]]),
        ("fortran", [[0, 1, 2], [3, 4, 5]]),
        ("number", float(np.float32(0.1))),
        ("batches.0", [1, 2]),
        ("batches.-1", [3]),
        ("counts.a", 2),
        ("sets.a", [1]),
        ("records.p", [0.5, 0.25]),
        ("records.-1.y", 0),
        ("parameter", [1.5, 2.5]),
        ("fc.weight", [9]),
    ],
)
def test_plain_values_beside_tensors(path: str, expected: object) -> None:
    assert whole(read(FOLDER, f"results.pt::{path}")).tolist() == expected


def test_kinds_of_plain_values() -> None:
    assert read(FOLDER, "results.pt::names").words == ("cat", "dog")
    assert read(FOLDER, "results.pt::losses").dtype == "float32"
    assert read(FOLDER, "results.pt::number").dtype == "float32"
    assert not read(FOLDER, "results.pt::history").decimal


def test_a_later_protocol() -> None:
    assert whole(read(FOLDER, "protocol5.pt::a")).tolist() == [0, 1, 2, 3, 4, 5]
    assert whole(read(FOLDER, "protocol5.pt::n")).tolist() == [0, 1, 2]


def test_a_checkpoint() -> None:
    assert read(FOLDER, "checkpoint.pt::state_dict.fc.weight").shape == (2, 3)
    assert whole(read(FOLDER, "checkpoint.pt::epoch")).item() == 3
    assert whole(read(FOLDER, "checkpoint.pt::optimizer_states.0.state.1.exp_avg")).shape == (2,)
    assert whole(read(FOLDER, "checkpoint.pt::optimizer_states.-1.param_groups.0.lr")).item() == 0.001
    assert whole(read(FOLDER, "checkpoint.pt::hyper_parameters.lr")).item() == 0.01
    said = refusal(FOLDER, "checkpoint.pt::state_dict.fc.weigth")
    assert "no key 'fc'" in said or "did you mean 'fc.weight'" in said
    said = refusal(FOLDER, "checkpoint.pt::state_dict")
    assert said.startswith("checkpoint.pt::state_dict: a mapping where a number must stand\nselect from it: ")
    assert "checkpoint.pt::state_dict.fc.weight" in said


def test_inspect_shows_the_arrays() -> None:
    names = [data.source for data in read_each("checkpoint.pt", ReadOptions(base=FOLDER))[0]]
    assert names[:2] == ["checkpoint.pt::state_dict.fc.weight", "checkpoint.pt::state_dict.fc.bias"]
    assert "checkpoint.pt::epoch" not in names


def test_roles_by_name() -> None:
    inputs = read_inputs(["results.pt"], ("input", "target"), extras={}, options=ReadOptions(base=FOLDER))
    assert {role: data.shape for role, data in inputs.roles.items()} == {"input": (3, 2), "target": (3,)}


def write(folder: Path, root: bytes, storages: dict[str, bytes] | None = None, **how: str) -> None:
    content = {"0": SIX.tobytes()} if storages is None else storages
    (folder / "x.pt").write_bytes(archive(root, content, **how))


def test_columns(tmp_path: Path) -> None:
    vector = {key: tensor("0", 6, (3,), (1,), first) for key, first in (("a", 0), ("b", 3))}
    write(tmp_path, mapping(vector))
    assert whole(read(tmp_path, "x.pt::a,b")).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert whole(read(tmp_path, "x.pt::a:b")).tolist() == [[0, 3], [1, 4], [2, 5]]


def test_big_endian(tmp_path: Path) -> None:
    write(tmp_path, PLAIN, {"0": SIX.astype(">f4").tobytes()}, order="big")
    assert whole(read(tmp_path, "x.pt")).tolist() == [[0, 1, 2], [3, 4, 5]]
    write(
        tmp_path, tensor("0", 2, (2,), (1,), storage="torch.BFloat16Storage"), {"0": b"\x3f\x80\x40\x00"}, order="big"
    )
    assert whole(read(tmp_path, "x.pt")).tolist() == [1, 2]
    write(tmp_path, PLAIN, order="middle")
    assert "bytes in the order b'middle'" in refusal(tmp_path, "x.pt")


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data())
def test_any_strides(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 5), max_size=4))
    strides = data.draw(st.lists(st.integers(0, 40), min_size=len(shape), max_size=len(shape)))
    first = data.draw(st.integers(0, 9))
    count = first + 1 + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    whole_storage = np.arange(count, dtype="<i2")
    folder = tmp_path_factory.getbasetemp()
    write(folder, tensor("0", count, shape, strides, first, "torch.ShortStorage"), {"0": whole_storage.tobytes()})
    expected = np.lib.stride_tricks.as_strided(whole_storage[first:], shape, [2 * stride for stride in strides])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strided, "_TILE", data.draw(st.sampled_from([2, 20, 1 << 20])))
        patch.setattr(strided, "_PIECE", data.draw(st.sampled_from([2, 30, 1 << 20])))
        patch.setattr(strided, "_GAP", data.draw(st.sampled_from([0, 20, 1 << 14])))
        found = in_runs(read(folder, "x.pt"), data.draw(st.integers(1, 50)))
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (called("os.system", text("touch hacked")), "holds os.system, and losscli executes nothing"),
        (called("posix.system", text("touch hacked")), "holds posix.system"),
        (mapping({"a": PLAIN, "b": called("builtins.eval", text("1"))}), "holds builtins.eval"),
        (called("torch._utils._rebuild_parameter", called("builtins.exec", text("1"))), "holds builtins.exec"),
        (name("torch.load") + b"(tR", "holds torch.load"),
        (b"(" + text("x") + b"ios\nsystem\n", "the operation b'i'"),
        (name("torch.float32") + b"(tR", "it calls what is no function"),
        (text("os") + text("system") + b"\x93)R", "holds os.system"),
        (name("builtins.dict") + b"}\x85R", "it calls what is no function"),
        (called("collections.OrderedDict", b"]"), "a mapping made of another"),
        (b"\x82\x01", "the operation b'\\x82'"),
        (name("numpy.ndarray") + b")\x81", "it calls what is no function"),
        (PLAIN + b"}b", "it sets attributes of a Tensor"),
    ],
)
def test_nothing_is_executed(root: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, root)
    assert said in refusal(tmp_path, "x.pt")
    assert os.listdir(tmp_path) == ["x.pt"]


def test_a_refusal_of_code_names_the_line_that_helps(tmp_path: Path) -> None:
    assert refusal(FOLDER, "module.pt") == (
        "module.pt: holds torch.nn.modules.linear.Linear, and losscli executes nothing to read it\n"
        """if you trust its author: python -c "import torch; torch.save("""
        """torch.load('module.pt', 'cpu', weights_only=False).state_dict(), 'plain.pt')\""""
    )
    write(tmp_path, mapping({"a": PLAIN, "b": name("mine.Model") + b")\x81"}))
    assert "weights_only=False)['KEY'], 'plain.pt')" in refusal(tmp_path, "x.pt")


def bomb(levels: int, pair: bytes = b"h%ch%c\x86") -> bytes:
    """A value that holds its predecessor twice, over and over."""
    start = b"K\x01q\x00"
    return start + b"".join(pair % (level, level) + b"q" + bytes([level + 1]) for level in range(levels))


def storage(kind: str, word: str = "storage", count: int = 6) -> bytes:
    """The persistent id of a storage, alone."""
    return b"(" + text(word) + name(kind) + text("0") + text("cpu") + integer(count) + b"tQ"


MAPPINGS = b"}q\0" + b"".join(
    b"}(" + text("a") + b"h%c" % level + text("b") + b"h%cuq%c" % (level, level + 1) for level in range(60)
)
COMPLEX = tensor("0", 3, (3,), (1,), storage="torch.ComplexFloatStorage")
FLOAT8 = called(
    "torch._utils._rebuild_tensor_v3",
    *(storage("torch.storage.UntypedStorage", count=24), integer(0), numbers((24,)), numbers((1,))),
    *(b"\x89", b"}", name("torch.float8_e4m3fn")),
)
DTYPE_OF_OBJECTS = called("numpy.dtype", text("O8"))
DOUBLES = called("numpy.dtype", text("f8"))
NOT_READ = "which losscli does not read\n"
HOSTILE: list[tuple[str, bytes, str]] = [
    ("tuples that double", bomb(60), "more than 5,000,000 numbers"),
    ("tuples as keys", bomb(60) + b"}h<K\x01s", "a key that is a tuple"),
    ("mappings that double", MAPPINGS, "more than 2,000,000 entries"),
    ("a list that holds itself", b"]q\x00h\x00a", "a container that contains itself"),
    ("a mapping that holds itself", b"}q\x00" + text("a") + b"h\x00s", "a container that contains itself"),
    ("lists within lists", b"](" * 200_000 + b"e" * 200_000, "nested more than 100 deep"),
    ("tuples within tuples", b")" + b"\x85" * 200_000, "nested more than 100 deep"),
    ("a text longer than the file", b"X\xff\xff\xff\x7f", "bytes too early"),
    ("a text of 2**63 bytes", b"\x8d" + b"\xff" * 8, "bytes too early"),
    ("bytes of 2**40", b"\x8e" + (2**40).to_bytes(8, "little"), "bytes too early"),
    ("an integer of 2**31 bytes", b"\x8b\xff\xff\xff\x7f", "an integer of 2147483647 bytes"),
    ("a memo of 2**32 entries", b"K\x01r\xff\xff\xff\xff", "one array, 'a' cannot"),
    ("nothing on the stack", b"", "pop from empty list"),
    ("a tuple of nothing", b"\x86", "its stack is empty"),
    ("an end without a mark", b"t", "pop from empty list"),
    ("an unknown memo", b"h\x07", "7"),
    ("pairs that are no pairs", b"}(K\x01u", "it puts pairs where no mapping is"),
    ("entries where no list is", b"}K\x01a", "it puts entries where no list is"),
    ("a key of 600 bits", b"}\x8a\x40" + b"\x7f" * 64 + b"K\x01s", "a key that is a int"),
    ("text that is no UTF-8", b"X\x01\0\0\0\xff", "'utf-8' codec"),
    ("a persistent id that is a number", b"K\x01Q", "cannot unpack"),
    ("a storage of another name", storage("torch.FloatStorage", "module"), "names no storage"),
    ("only a storage", storage("torch.FloatStorage"), "where a number must stand"),
    ("no storage of that key", tensor("7", 6, (6,), (1,)), "x.pt (x/data/7): not in the archive"),
    ("a storage in another folder", tensor("../data.pkl", 6, (6,), (1,)), "not in the archive"),
    ("more elements than bytes", tensor("0", 7, (7,), (1,)), "24 bytes of data, while the tensor needs 28"),
    ("fewer elements than bytes", tensor("0", 5, (5,), (1,)), "24 bytes of data, while the tensor needs 20"),
    ("a shape that is too large", tensor("0", 6, (7,), (1,)), "24 bytes of data, while the tensor needs 28"),
    ("a shape of 10**18", tensor("0", 6, (10**9, 10**9), (10**9, 1)), "24 bytes of data"),
    ("repeats of 10**18", tensor("0", 6, (10**9, 10**9), (0, 0)), "1000000000000000000 elements that repeat 6"),
    ("a stride that leaves", tensor("0", 6, (2, 3), (4, 1)), "24 bytes of data, while the tensor needs 28"),
    ("an offset that leaves", tensor("0", 6, (2, 3), (3, 1), first=1), "24 bytes of data, while the tensor needs 28"),
    ("a negative offset", tensor("0", 6, (5,), (1,), first=-1), "without a sound place"),
    ("a negative stride", tensor("0", 6, (2,), (-1,), first=1), "without a sound place"),
    ("a negative shape", tensor("0", 6, (-6,), (1,)), "without a sound place"),
    ("more strides than axes", tensor("0", 6, (6,), (1, 1)), "without a sound place"),
    ("65 axes", tensor("0", 6, (1,) * 65, (1,) * 65), "without a sound place"),
    ("complex numbers", COMPLEX, f"elements of type complex64, {NOT_READ}save its real part"),
    ("a sparse tensor", called("torch._utils._rebuild_sparse_tensor", b"N"), "a sparse tensor\nsave x.to_dense()"),
    ("a quantized tensor", called("torch._utils._rebuild_qtensor", b"N"), "a quantized tensor\nsave x.dequantize()"),
    ("float8", FLOAT8, f"elements of type float8_e4m3fn, {NOT_READ}save x.float()"),
    ("NumPy without a shape", called("numpy.core.numeric._frombuffer", b"C\x01a"), "without a sound shape"),
    ("an array of NumPy's without a state", called("numpy.core.multiarray._reconstruct"), "without a sound shape"),
    ("an array of objects", called("numpy.core.multiarray.scalar", DTYPE_OF_OBJECTS, b"C\x01a"), "elements of type O8"),
    ("too few bytes", called("numpy.core.multiarray.scalar", DOUBLES, b"C\x01a"), "1 bytes of data"),
    ("None", b"N", "None where a number must stand"),
    ("bytes", b"C\x01a", "bytes where a number must stand"),
    ("an empty mapping", b"}", "a mapping without arrays where a number must stand"),
]  # fmt: skip


@pytest.mark.parametrize(("root", "said"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_pickles(root: bytes, said: str, tmp_path: Path) -> None:
    write(tmp_path, root)
    begin = time.process_time()
    assert said in refusal(tmp_path, "x.pt::a" if said == "one array, 'a' cannot" else "x.pt")
    assert time.process_time() - begin < 20


def test_a_million_names(tmp_path: Path) -> None:
    write(tmp_path, mapping({str(number): b"K\x01" for number in range(1_000_000)}))
    assert whole(read(tmp_path, "x.pt::999999")).item() == 1
    root = b"}(" + b"".join(text(f"{i}") + b"N" for i in range(2_600_000)) + b"u"
    write(tmp_path, root)
    assert "operations" in refusal(tmp_path, "x.pt::1")


def test_names_with_escapes(tmp_path: Path) -> None:
    label = "a\x1b[31m\n::b"
    write(tmp_path, mapping({label: PLAIN, "b": PLAIN}))
    assert whole(read(tmp_path, f"x.pt::{label}")).shape == (2, 3)
    ended = losscli("compute", "mse", "x.pt", "x.pt", at=tmp_path)
    assert ended.code == 3
    assert "\x1b" not in ended.err


def test_every_cut_and_flip_is_a_fault_or_the_truth(tmp_path: Path) -> None:
    sound = archive(mapping({"a": PLAIN}), {"0": SIX.tobytes()})
    for place in range(len(sound)):
        for content in (sound[:place], sound[:place] + bytes([sound[place] ^ 0x41]) + sound[place + 1 :]):
            (tmp_path / "x.pt").write_bytes(content)
            with suppress(DataFault):
                found = whole(read(tmp_path, "x.pt"))
                assert found.size > 6 or found.tolist() in ([[0, 1, 2], [3, 4, 5]], [0], [1])


@pytest.mark.parametrize("export", ["checkpoint.pt", "results.pt"])
def test_truncated_exports(export: str, tmp_path: Path) -> None:
    sound = (FOLDER / export).read_bytes()
    for length in range(1, len(sound), 50):
        (tmp_path / "x.pt").write_bytes(sound[:length])
        assert refusal(tmp_path, "x.pt").startswith("x.pt: ")


def test_formats_before_1_6() -> None:
    said = refusal(FOLDER, "old.pt")
    assert said.startswith("old.pt: the format that PyTorch wrote before 1.6\nif you trust its author: python -c ")
    assert "torch.save(torch.load('old.pt', 'cpu', weights_only=False), 'plain.pt')" in said


def test_other_files_of_the_name(tmp_path: Path) -> None:
    import pickle
    import tarfile

    (tmp_path / "x.pt").write_bytes(pickle.dumps([1.0], 2))
    assert "a pickle, which could execute anything, and no file of torch.save" in refusal(tmp_path, "x.pt")
    with tarfile.open(tmp_path / "x.pt", "w") as tar:
        tar.addfile(tarfile.TarInfo("sys_info"))
    assert "the format that PyTorch wrote before 1.6" in refusal(tmp_path, "x.pt")
    with open(tmp_path / "x.pt", "wb") as file:
        np.savez(file, a=SIX)
    assert refusal(tmp_path, "x.pt") == "x.pt: looks like npz\nname the file .npz, or give --stdin npz"
    (tmp_path / "x.pt").write_text("1\n")
    assert "should be PyTorch, but looks like text" in refusal(tmp_path, "x.pt")
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as members:
        for path in ("m/data.pkl", "m/constants.pkl"):
            members.writestr(path, b"\x80\x02N.")
    assert "a TorchScript program, of which losscli executes nothing" in refusal(tmp_path, "x.pt")


def test_the_content_tells_archives_apart(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    content = (tmp_path / "x.pt").read_bytes()
    (tmp_path / "x").write_bytes(content)
    (tmp_path / "x.npz").write_bytes(content)
    assert whole(read(tmp_path, "x")).shape == (2, 3)
    assert refusal(tmp_path, "x.npz") == "x.npz: looks like PyTorch\nname the file .pt, or give --stdin pt"
    for words in ((), ("--stdin", "pt")):
        assert losscli("compute", "mse", "-", "[[0, 1, 2], [3, 4, 5]]", "-b", *words, stdin=content).number == 0
    assert (
        "standard input: looks like PyTorch" in losscli("compute", "mse", "-", "1", "--stdin", "npz", stdin=content).err
    )


def test_checksums(tmp_path: Path) -> None:
    content = bytearray(archive(PLAIN, {"0": SIX.tobytes()}))
    content[content.index(SIX.tobytes()) + 5] ^= 1
    (tmp_path / "x.pt").write_bytes(content)
    assert "the checksum (CRC-32) does not match the data" in refusal(tmp_path, "x.pt")
    without = bytes(content).replace(zlib.crc32(SIX.tobytes()).to_bytes(4, "little"), bytes(4))
    (tmp_path / "x.pt").write_bytes(without)
    assert whole(read(tmp_path, "x.pt")).shape == (2, 3)


def test_a_large_tensor_stays_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strided, "_TILE", 1 << 20)
    count = 8 << 20
    write(tmp_path, tensor("0", count, (1 << 11, 1 << 12), (1, 1 << 11)), {"0": bytes(4 * count)})
    tracemalloc.start()
    data = read(tmp_path, "x.pt")
    for start in range(0, data.size, 1 << 16):
        data.store.flat(start, start + (1 << 16))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < count  # bytes, of four times as many


def test_live(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(5)
    for trial in range(60):
        axes = int(rng.integers(0, 5))
        view = torch.tensor(rng.standard_normal(rng.integers(1, 6, axes)).astype("f4"))
        view = view.permute(*rng.permutation(axes).tolist()) if axes else view
        for axis in range(axes):
            view = view.narrow(axis, 0, int(rng.integers(1, view.shape[axis] + 1)))
        torch.save({"a": view, "deep": [view, {"b.c": view}]}, tmp_path / f"{trial}.pt")
        for path in ("a", "deep.0", "deep.-1.b.c"):
            assert whole(read(tmp_path, f"{trial}.pt::{path}")).tolist() == view.tolist()


@pytest.mark.parametrize("export", ["old.pt", "module.pt"])
def test_the_line_of_a_refusal_works(export: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / export).write_bytes((FOLDER / export).read_bytes())
    line = refusal(tmp_path, export).partition("python -c ")[2].strip('"')
    subprocess.run([sys.executable, "-c", line], cwd=tmp_path, check=True)
    assert read_each("plain.pt", ReadOptions(base=tmp_path))[0]
