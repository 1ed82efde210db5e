"""Columns of an .npz work as those of a text table do: ranges, lists, groups by role, words, ids and keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.options import ReadOptions
from losscli.reading.sources import Inputs, read_inputs
from losscli.schema.faults import DataFault, LossError
from tests.cli.helpers import losscli
from tests.reading.helpers import read, refusal, whole

P0, P1, P2 = np.array([0.5, 0.25]), np.array([0.25, 0.5]), np.array([0.25, 0.25])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    columns: dict[str, Any] = {"p0": P0, "p1": P1, "p2": P2}
    np.savez(tmp_path / "x.npz", **columns, wide=np.zeros((2, 2)), long=np.zeros(3), word=np.array(["cat", "dog"]))
    described = {
        name: {"dtype": "F64", "shape": [2], "data_offsets": [16 * at, 16 * at + 16]} for at, name in enumerate(columns)
    }
    header = json.dumps(described).encode()
    content = b"".join(column.tobytes() for column in columns.values())
    (tmp_path / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + content)
    return tmp_path


@pytest.mark.parametrize("file", ["x.npz", "x.safetensors"])
def test_ranges_and_lists(file: str, folder: Path) -> None:
    assert whole(read(folder, f"{file}::p0:p2")).tolist() == np.stack([P0, P1, P2], 1).tolist()
    listed = read(folder, f"{file}::p2,p0")
    assert whole(listed).tolist() == np.stack([P2, P0], 1).tolist()
    assert listed.names == ("p2", "p0")
    assert listed.place(3) == f"{file}::p0[1]"
    assert whole(read(folder, f"{file}::p1")).tolist() == P1.tolist()


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("p2:p0", "x.npz: the range p2:p0 runs backwards\nwrite p0:p2"),
        ("p0,q", "x.npz: no array 'q'"),
        ("p0,wide", "x.npz::wide: shape (2, 2), and a column has one axis\nselect it alone"),
        ("p0,long", "x.npz::p0 has 2 elements, x.npz::long has 3\nselect columns of one length"),
        ("p0,word", "x.npz::word[0]: 'cat' is not a number"),
    ],
)
def test_refusals(selector: str, said: str, folder: Path) -> None:
    assert refusal(folder, f"x.npz::{selector}").startswith(said)


def test_words(folder: Path) -> None:
    words = read(folder, "x.npz::word")
    assert (words.words, whole(words).tolist(), words.dtype) == (("cat", "dog"), [0, 1], "str")
    np.save(folder / "x.npy", np.asfortranarray([["a", "b"], ["b", "c"], ["a", "a"]]))
    assert whole(read(folder, "x.npy")).tolist() == [[0, 1], [1, 2], [0, 0]]
    assert read(folder, "x.npy").words == ("a", "b", "c")


def test_words_name_classes(folder: Path) -> None:
    scores: dict[str, Any] = {"cat": np.log(P0), "dog": np.log(P1)}
    np.savez(folder / "scores.npz", **scores)
    words = ("compute", "nll", "scores.npz::cat:dog", "x.npz::word", "--bare")
    assert losscli(*words, at=folder).number == pytest.approx(-np.log(0.5))


def inputs(folder: Path, *sources: str, key: str | None = None) -> Inputs:
    return read_inputs(sources, ("input", "target"), extras={}, options=ReadOptions(base=folder, key=key))


def test_groups_by_role(folder: Path) -> None:
    np.savez(folder / "all.npz", logits_0=P0, logits_1=P1, label=np.array([0, 1]), other=P2)
    read = inputs(folder, "all.npz")
    assert whole(read.roles["input"]).tolist() == np.stack([P0, P1], 1).tolist()
    assert whole(read.roles["target"]).tolist() == [0, 1]
    assert read.notes == ("all.npz: other not used",)


@pytest.mark.parametrize("key", [None, "id"])
@pytest.mark.parametrize("ids", [[7, 8, 9], ["a", "b", "c"]])
@pytest.mark.parametrize("other", ["b.npz", "b.csv"])
def test_rows_are_joined(key: str | None, ids: list[object], other: str, folder: Path) -> None:
    np.savez(folder / "a.npz", id=np.array(ids), p=np.array([1.0, 2.0, 3.0]))
    order = [2, 0, 1]
    np.savez(folder / "b.npz", id=np.array([ids[row] for row in order]), y=np.array([30, 10, 20]))
    (folder / "b.csv").write_text("id,y\n" + "".join(f"{ids[row]},{10 * (row + 1)}\n" for row in order))
    read = inputs(folder, "a.npz::p", f"{other}::y", key=key)
    assert whole(read.roles["input"]).tolist() == [1, 2, 3]
    assert whole(read.roles["target"]).tolist() == [10, 20, 30]


def test_keys_that_are_missing_have_a_place(folder: Path) -> None:
    np.savez(folder / "a.npz", id=np.array([1, 2]), p=P0)
    np.savez(folder / "b.npz", id=np.array([1, 3]), y=P1)
    with pytest.raises(DataFault, match=r"a\.npz row 1: the key '2' has no row in b\.npz"):
        inputs(folder, "a.npz::p", "b.npz::y", key="id")
    with pytest.raises(LossError, match=r"b\.npz: no array 'ident'"):
        inputs(folder, "a.npz::p", "b.npz::y", key="ident")


def test_inspect_shows_arrays_of_any_shape(folder: Path) -> None:
    np.savez(folder / "model.npz", w0=np.ones((2, 3)), w1=np.ones(3), w2=np.ones(3))
    ended = losscli("inspect", "model.npz", "-f", "csv", at=folder)
    assert [line.split(",")[0] for line in ended.out.splitlines()[1:]] == [f"model.npz::w{i}" for i in range(3)]
