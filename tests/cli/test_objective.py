"""--l1, --l2 and --params on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

# The squares of the weights add up to 63.25, their sizes to 13.5; mse is 2
WEIGHTS, BIASES = [[1.0, -2.0, 3.0], [0.0, 0.5, 7.0]], [1.0, 2.0]
DATA = ("mse", "[1, 2, 3]", "[2, 3, 5]")
VALUE = 2.0 + 0.1 * 13.5 + 0.01 / 2 * 63.25


@pytest.fixture
def at(tmp_path: Path) -> Path:
    arrays: dict[str, Any] = {"fc.weight": np.array(WEIGHTS), "fc.bias": np.array(BIASES)}
    np.savez(tmp_path / "m.npz", **arrays)
    write(tmp_path, m_yaml=f"fc.weight: {WEIGHTS}\nfc.bias: {BIASES}\n")
    write(tmp_path, m_json=json.dumps({"fc.weight": WEIGHTS, "fc.bias": BIASES}))
    write(tmp_path, m_safetensors=tensors({"fc.weight": ("F64", WEIGHTS), "fc.bias": ("F32", BIASES)}))
    return tmp_path


def tensors(arrays: dict[str, tuple[str, Any]], **about: Any) -> bytes:
    """A .safetensors file as the format is described: 8 bytes of length, a JSON header, the data."""
    kinds = {"F64": "<f8", "F32": "<f4", "I32": "<i4", "BF16": "<u2"}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, (kind, values) in arrays.items():
        array = np.array(values, dtype=kinds[kind])
        offsets = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets, **about}
        data += array.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize("file", ["m.npz", "m.yaml", "m.json", "m.safetensors"])
def test_every_format_of_parameters(at: Path, file: str) -> None:
    words = ("compute", *DATA, "--l1", "0.1", "--l2", "0.01", "--params", file)
    assert succeeds(*words, "-b", "-q", at=at).number == pytest.approx(VALUE, rel=1e-15)
    with_biases = succeeds(*words, "--penalize-bias", "-b", at=at)
    assert with_biases.number == pytest.approx(VALUE + 0.3 + 0.025, rel=1e-15)
    assert with_biases.err == ""


def test_json(at: Path) -> None:
    words = ("compute", *DATA, "--l1", "0.1", "--l2", "0.01", "--params", "m.npz", "-f", "json")
    found = succeeds(*words, "--gradients", at=at).json
    assert list(found)[-1] == "objective"
    objective = found["objective"]
    assert list(objective) == ["loss", "l1", "l2", "penalty", "objective", "arrays", "weight_decay"]
    assert objective == {
        "loss": 2.0,
        "l1": pytest.approx(1.35, rel=1e-15),
        "l2": pytest.approx(0.31625, rel=1e-15),
        "penalty": pytest.approx(1.66625, rel=1e-15),
        "objective": found["value"],
        "arrays": [{"name": "fc.weight", "l1": objective["l1"], "l2": objective["l2"]}],
        "weight_decay": 0.01,
    }
    assert (found["value"], found["mean"]) == (pytest.approx(VALUE, rel=1e-15), 2.0)
    assert list(found["gradients"]) == ["input", "target", "fc.weight"]
    expected = 0.1 * np.sign(WEIGHTS) + 0.01 * np.array(WEIGHTS)
    np.testing.assert_allclose(found["gradients"]["fc.weight"], expected, rtol=1e-15)
    assert found["warnings"] == ["biases are not penalised: fc.bias (--penalize-bias takes them in)"]
    assert found["signature"].startswith("mse | + l1=0.1 l2=0.01 on 1 array | torch | mean of 3 | ")
    assert "objective" not in succeeds("compute", *DATA, "-f", "json").json


def test_the_table_says_what_each_array_adds_and_what_decay_is_the_same(at: Path) -> None:
    words = ("compute", *DATA, "--l2", "0.01", "--params", "m.npz", "--penalize-bias")
    lines = succeeds(*words, at=at).out.splitlines()
    rows = [line.split() for line in lines]
    assert ["fc.weight", "2×3", "0", "0.31625", "0.01", "-0.02", "0.03", "0", "0.005", "0.07"] in rows
    assert ["fc.bias", "2", "0", "0.025", "0.01", "0.02"] in rows
    assert ["penalty", "0.34125"] in rows
    step = "weight decay 0.01: a step of SGD is w ← (1 - lr · 0.01) · w - lr · g, where g is the loss's gradient"
    assert lines[-1] == step


def test_keras_counts_whole_squares(at: Path) -> None:
    words = ("compute", *DATA, "--l2", "0.01", "--params", "m.npz", "--convention", "keras", "-q")
    assert succeeds(*words, "-b", at=at).number == pytest.approx(2.0 + 0.6325, rel=1e-15)
    assert "weight decay 0.02" in succeeds(*words, "-f", "markdown", at=at).out


def test_gradients_are_saved(at: Path) -> None:
    words = ("compute", *DATA, "--l2", "0.01", "--params", "m.npz", "-b", "-q", "--save-gradients")
    succeeds(*words, "g.npz", at=at)
    with np.load(at / "g.npz") as saved:
        assert sorted(saved) == ["fc.weight", "input", "target"]
        np.testing.assert_allclose(saved["fc.weight"], 0.01 * np.array(WEIGHTS), rtol=1e-15)
    assert "arrays of one length" in fails(2, *words, "g.csv", at=at)
    assert "holds one array, and there are 3" in fails(2, *words, "g.npy", at=at)


def test_gradients_of_any_name_are_saved(at: Path) -> None:
    """Two of them are names of arguments of np.savez."""
    names = ("file", "allow_pickle", "a.b")
    write(at, n_json=json.dumps({name: [1.0, 2.0] for name in names}))
    succeeds("compute", *DATA, "--l2", "0.5", "--params", "n.json", "-b", "-q", "--save-gradients", "n.npz", at=at)
    with np.load(at / "n.npz") as saved:
        assert set(saved) == {"input", "target", *names}
        for name in names:
            assert saved[name].tolist() == [0.5, 1.0]


def test_verify(at: Path) -> None:
    words = ("verify", *DATA, "--l2", "0.01", "--params", "m.npz", "-q")
    assert losscli(*words, "--claim", "2.31625", at=at).code == 0
    refuted = losscli(*words, "--claim", "2.6325", "-f", "json", at=at)
    assert (refuted.code, refuted.json["explanations"][0]["mistake"]) == (1, "factor_of_l2")
    hinted = losscli(*words, "--claim", "2.6325", "-f", "json", "--hint-only", at=at)
    assert hinted.json["objective"] is None
    gradient = json.dumps((0.01 * np.array(WEIGHTS)).tolist())
    assert losscli(*words, "--claim-gradient", f"fc.weight={gradient}", at=at).code == 0
    assert losscli(*words, "--claim-gradient", "fc.weight=[[0,0,0],[0,0,1]]", at=at).code == 1


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        (2, "--l2 0.1", "--l2 without --params"),
        (2, "--params m.npz", "--params without --l1 or --l2"),
        (2, "--penalize-bias", "penalize-bias without a penalty"),
        (2, "--l1 -1 --params m.npz", "l1 must be 0 or greater, got -1"),
        (2, "--l2 nan --params m.npz", "l2 must be 0 or greater, got nan"),
        (2, "--l2 x --params m.npz", "l2 must be a number, got 'x'"),
        (2, "--l2 1 --params m.npz -r none", "the reduction is none"),
        (3, "--l2 1 --params n.npz", "no such file: n.npz, did you mean 'm.npz'?"),
        (3, "--l2 1 --params m.npz::fc.wieght", "no array 'fc.wieght', did you mean 'fc.weight'?"),
        (3, "--l2 1 --params m.safetensors::fc.wieght", "no array 'fc.wieght', did you mean 'fc.weight'?"),
        (3, "--l2 1 --params [1,2]", "an array without a name"),
        (3, "--l2 1 --params nan.yaml", "nan.yaml::w[1]: w is nan, and must be a finite number"),
        (3, "--l2 1 --params words.yaml", "words.yaml"),
    ],
)
def test_errors(at: Path, code: int, words: str, told: str) -> None:
    write(at, nan_yaml="w: [1, .nan]\n", words_yaml="w: [a, b]\n")
    assert told in fails(code, "compute", *DATA, *words.split(), at=at)


@pytest.mark.parametrize("command", ["gradcheck", "relations", "explain"])
def test_commands_about_the_loss_alone(at: Path, command: str) -> None:
    assert "No such option: --l2" in fails(2, command, *DATA, "--l2", "1", "--params", "m.npz", at=at)


def test_safetensors_are_a_source_like_any_other(at: Path) -> None:
    brain = [0x3F80, 0x4000, 0xC040]  # bfloat16: 1, 2, -3
    write(at, t_safetensors=tensors({"x": ("I32", [1, 2, 5]), "y": ("BF16", brain), "lone": ("F32", 2.5)}))
    assert succeeds("compute", "mse", "t.safetensors::x", "t.safetensors::y", "-b", at=at).number == 64 / 3
    assert succeeds("compute", "mse", "t.safetensors::lone", "0.5", "-b", at=at).number == 4.0
    told = fails(3, "compute", "mse", "t.safetensors", "1", at=at)
    assert "3 arrays, and no selector says which is meant" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x10", "no .safetensors file"),
        ((10**9).to_bytes(8, "little") + b"{}", "no .safetensors file"),
        ((2).to_bytes(8, "little") + b"{]", "header is damaged"),
        ((2).to_bytes(8, "little") + b"[]", "header is no mapping"),
        ((2).to_bytes(8, "little") + b"{}", "no arrays in it"),
        ((17).to_bytes(8, "little") + b'{"x": 1, "x": 2 }', "a name occurs twice"),
        (tensors({"x": ("F32", [1, 2])})[:-1], "x: the file ends 1 bytes too early"),
        (tensors({"x": ("F32", [1, 2])}, shape=[3]), "x: 8 bytes of data for shape (3,) of F32"),
        (tensors({"x": ("F32", [1, 2])}, shape=[-2]), "does not say its type, shape and place"),
        (tensors({"x": ("F32", [1, 2])}, data_offsets=[0]), "does not say its type, shape and place"),
        (tensors({"x": ("F32", [1, 2])}, dtype="F8_E4M3"), "elements of type F8_E4M3"),
    ],
)
def test_broken_safetensors(tmp_path: Path, content: bytes, told: str) -> None:
    write(tmp_path, b_safetensors=content)
    assert told in fails(3, "compute", "mse", "b.safetensors::x", "1", at=tmp_path)
