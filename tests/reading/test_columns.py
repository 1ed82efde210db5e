"""Columns of an .npz work as those of a text table do: ranges, lists, groups by role, words, ids and keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

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
    plain = {name: column.tolist() for name, column in columns.items()}
    rows = [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]
    (tmp_path / "x.json").write_text(json.dumps({**plain, "wide": [[0, 0]], "long": [0] * 3, "word": ["cat", "dog"]}))
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(plain))
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "rows.txt").write_text(json.dumps(rows))
    (tmp_path / "rows.yaml").write_text(yaml.safe_dump(rows))
    return tmp_path


@pytest.mark.parametrize("file", ["x.npz", "x.safetensors", "x.json", "x.yaml", "rows.json", "rows.txt", "rows.yaml"])
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
        ("q,r", "x.npz: no array 'q'"),
        ("p0,wide", "x.npz::wide: shape (2, 2), and a column has one axis\nselect it alone"),
        ("p0,long", "x.npz::p0 has 2 elements, x.npz::long has 3\nselect columns of one length"),
        ("p0,word", "x.npz::word[0]: 'cat' is not a number"),
    ],
)
def test_refusals(selector: str, said: str, folder: Path) -> None:
    assert refusal(folder, f"x.npz::{selector}").startswith(said)
    assert refusal(folder, f"x.json::{selector}").startswith(said.replace(".npz", ".json").replace("(2, 2)", "(1, 2)"))


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


@pytest.mark.parametrize("file", ["all.npz", "all.json", "all.yml"])
def test_groups_by_role(file: str, folder: Path) -> None:
    np.savez(folder / "all.npz", logits_0=P0, logits_1=P1, label=np.array([0, 1]), other=P2)
    lists: dict[str, list[float]] = {"logits_0": [0.5, 0.25], "logits_1": [0.25, 0.5], "label": [0, 1], "other": [1]}
    (folder / "all.json").write_text(json.dumps(lists))
    rows = [{name: column[0 if name == "other" else row] for name, column in lists.items()} for row in range(2)]
    (folder / "all.yml").write_text(yaml.safe_dump(rows))
    read = inputs(folder, file)
    assert whole(read.roles["input"]).tolist() == np.stack([P0, P1], 1).tolist()
    assert whole(read.roles["target"]).tolist() == [0, 1]
    assert read.notes == (f"{file}: other not used",)


def test_two_documents_share_an_id_that_is_no_column(folder: Path) -> None:
    (folder / "a.json").write_text('{"id": "run 1", "p": [1, 2]}')
    (folder / "b.json").write_text('{"id": {"of": "run 1"}, "y": [3, 4]}')
    assert whole(inputs(folder, "a.json::p", "b.json::y").roles["target"]).tolist() == [3, 4]


@pytest.mark.parametrize("key", [None, "id"])
@pytest.mark.parametrize("ids", [[7, 8, 9], ["a", "b", "c"]])
@pytest.mark.parametrize("first", ["a.npz", "a.json"])
@pytest.mark.parametrize("other", ["b.npz", "b.csv", "b.json", "b.yaml"])
def test_rows_are_joined(key: str | None, ids: list[object], first: str, other: str, folder: Path) -> None:
    np.savez(folder / "a.npz", id=np.array(ids), p=np.array([1.0, 2.0, 3.0]))
    (folder / "a.json").write_text(json.dumps({"id": ids, "p": [1.0, 2.0, 3.0]}))
    order = [2, 0, 1]
    (folder / "b.json").write_text(json.dumps([{"id": ids[row], "y": 10 * (row + 1)} for row in order]))
    (folder / "b.yaml").write_text(f"id: {[ids[row] for row in order]}\ny: [30, 10, 20]\n")
    np.savez(folder / "b.npz", id=np.array([ids[row] for row in order]), y=np.array([30, 10, 20]))
    (folder / "b.csv").write_text("id,y\n" + "".join(f"{ids[row]},{10 * (row + 1)}\n" for row in order))
    for sources in ((f"{first}::p", f"{other}::y"), (first, other)):
        read = inputs(folder, *sources, key=key)
        assert whole(read.roles["input"]).tolist() == [1, 2, 3]
        assert whole(read.roles["target"]).tolist() == [10, 20, 30]


def test_keys_are_what_is_written(folder: Path) -> None:
    (folder / "a.json").write_text(
        '{"id": ["007", "010"], "n": [1234567890123456789, 1234567890123456790], "p": [1, 2]}'
    )
    (folder / "b.csv").write_text("id,n,y\n010,1234567890123456790,4\n007,1234567890123456789,3\n")
    assert whole(inputs(folder, "a.json::id", "a.json::p", key="id").roles["input"]).tolist() == [7, 10]
    for key in ("id", "n"):
        read = inputs(folder, "a.json::p", "b.csv::y", key=key)
        assert whole(read.roles["target"]).tolist() == [3, 4]


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
