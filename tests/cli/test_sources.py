"""What a SOURCE may be, as the command sees it; the readers themselves are tested in their own room."""

from __future__ import annotations

import gzip
import io
import json
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.helpers import fails, succeeds, write

X, Y = [1.0, 2.0, 4.0], [1.5, 0.0, 7.0]
MEAN = (0.25 + 4.0 + 9.0) / 3  # of the squared errors
CSV = "id,x,y\n10,1,1.5\n11,2,0\n12,4,7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """X and Y in every format, by themselves and together."""
    write(tmp_path, x_npy=X, y_npy=Y, x_csv="1\n2\n4\n", both_csv=CSV, both_tsv=CSV.replace(",", "\t"), both_txt=CSV)
    write(tmp_path, roles_csv="pred,label,age\n1,1.5,30\n2,0,40\n4,7,50\n", y_yaml="- 1.5\n- 0\n- 7e0\n")
    write(
        tmp_path, roles_json=json.dumps({"y_pred": X, "y_true": Y}), run_yaml="input: [1, 2, 4]\ntarget: [1.5, 0, 7]\n"
    )
    write(tmp_path, deep_yaml="runs:\n  - scores: {a: [1, 2, 4]}\n    truth: [1.5, 0, 7]\n")
    np.savez(tmp_path / "roles.npz", input=np.array(X), target=np.array(Y, np.float32))
    np.savez_compressed(tmp_path / "named.npz", a=np.array(X), b=np.array(Y))
    np.save(tmp_path / "big.npy", np.array(Y, ">f8"))
    (tmp_path / "both.csv.gz").write_bytes(gzip.compress(CSV.encode(), mtime=0))
    for name, part in (("part-2", X[1:2]), ("part-10", X[2:]), ("part-1", X[:1])):
        np.save(tmp_path / f"{name}.npy", np.array(part))
    return tmp_path


@pytest.mark.parametrize(
    "sources",
    [
        ["[1,2,4]", "[1.5,0,7]"],
        ["x.npy", "y.npy"],
        ["x.npy", "big.npy"],
        ["x.csv", "y.yaml"],
        ["both.csv::x", "both.csv::y"],
        ["both.csv::1", "both.csv::2"],
        ["both.tsv::x", "both.txt::y"],
        ["both.csv.gz::x", "both.csv.gz::y"],
        ["named.npz::a", "named.npz::b"],
        ["deep.yaml::runs.0.scores.a", "deep.yaml::runs.0.truth"],
        ["part-*.npy", "y.npy"],
        ["target=y.npy", "input=x.npy"],
        ["x.npy", "y_true=both.csv::y"],
        ["roles.csv"],
        ["roles.json"],
        ["run.yaml"],
        ["roles.npz"],
    ],
    ids=" ".join,
)
def test_forms_of_a_source(sources: list[str], folder: Path) -> None:
    assert succeeds("compute", "mse", *sources, "--bare", at=folder).number == MEAN


def saved(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    if len(arrays) == 1:
        np.save(stream, *arrays.values())
    else:
        np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (["-::x", "-::y"], CSV.encode()),
        (["-::1", "target=-::2"], CSV.encode()),
        (["-::x", "[1.5,0,7]"], CSV.encode()),
        (["[1,2,4]", "-::y"], CSV.encode()),
        (["-"], b"pred\ty\n1\t1.5\n2\t0\n4\t7\n"),
        (["-", "[1.5,0,7]"], b"1\n2\n4\n"),
        (["-", "[1.5,0,7]"], saved(x=np.array(X))),
        (["-::a", "-::b"], saved(a=np.array(X), b=np.array(Y))),
        (["-"], json.dumps({"input": X, "target": Y}).encode()),
        (["-::x", "-::y"], gzip.compress(CSV.encode(), mtime=0)),
        (["-", "--stdin", "yaml"], b"input: [1, 2, 4]\ntarget: [1.5, 0, 7]\n"),
        (["-::x", "-::y", "--stdin", "tsv"], CSV.replace(",", "\t").encode()),
    ],
)
def test_standard_input_is_read_once_and_shared(words: list[str], content: bytes) -> None:
    assert succeeds("compute", "mse", *words, "--bare", "-q", stdin=content).number == MEAN


def test_standard_input_that_is_not_what_was_said() -> None:
    assert "standard input" in fails(3, "compute", "mse", "-", "1", "--stdin", "npy", stdin=b"1,2\n")
    assert "standard input" in fails(3, "compute", "mse", "-", "1", stdin=b"")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("a,b,c", [1, 2, 3, 4, 5, 6]),
        ("a:c", [1, 2, 3, 4, 5, 6]),
        ("0:2", [1, 2, 3, 4, 5, 6]),
        ("c,a", [3, 1, 6, 4]),
        ("1:2", [2, 3, 5, 6]),
        ("b:b", [2, 5]),
    ],
)
def test_lists_and_ranges_of_columns(selector: str, expected: list[float], tmp_path: Path) -> None:
    """Both give (N, k), and a range has both its ends."""
    write(tmp_path, t_csv="a,b,c\n1,2,3\n4,5,6\n", zeros_npy=np.zeros((2, len(expected) // 2)))
    shown = succeeds("compute", "l1", f"t.csv::{selector}", "zeros.npy", "-rnone", "-b", at=tmp_path).out
    assert list(map(float, shown.split())) == expected


def test_a_header_name_wins_over_an_index(tmp_path: Path) -> None:
    write(tmp_path, t_csv="2,0,1\n10,20,30\n")
    for header, expected in (("--header", 20.0), ("--no-header", 6.0)):  # without: |2 - 0| and |10 - 0|, mean 6
        target = "[0]" if header == "--header" else "[0,0]"
        assert succeeds("compute", "l1", "t.csv::0", target, header, "-b", at=tmp_path).number == expected


def test_rows_of_classes_in_one_file(tmp_path: Path) -> None:
    write(tmp_path, t_csv="target,logits_1,logits_0\n0,0,0\n1,2,0\n")
    value = succeeds("compute", "cross_entropy", "t.csv", "-rnone", "-b", at=tmp_path).out.split()
    assert list(map(float, value)) == [pytest.approx(log(2)), pytest.approx(log(1 + exp(-2)))]


def test_columns_of_no_role_are_noted(folder: Path) -> None:
    ended = succeeds("compute", "mse", "roles.csv", "--bare", at=folder)
    assert "roles.csv" in ended.err
    assert "age" in ended.err
    assert succeeds("compute", "mse", "roles.csv", "--bare", "--quiet", at=folder).err == ""


def test_comments_are_counted(tmp_path: Path) -> None:
    write(tmp_path, t_csv="# made by hand\nx,y\n1,2\n# and\n3,4\n")
    ended = succeeds("compute", "mse", "t.csv::x", "t.csv::y", "-b", at=tmp_path)
    assert ended.number == 1.0
    assert "2" in ended.err
    assert "comment" in ended.err


def test_a_literal_goes_before_a_file_of_that_name(tmp_path: Path) -> None:
    write(tmp_path, x_npy=[9.0])
    (tmp_path / "1").write_text("9\n")
    assert succeeds("compute", "mse", "1", "3", "-b", at=tmp_path).number == 4.0
    assert succeeds("compute", "mse", "./1", "[3]", "-b", at=tmp_path).number == 36.0


def test_key_joins_rows_by_name(tmp_path: Path) -> None:
    write(
        tmp_path, p_csv="id,p\na,1\nb,2\nc,4\n", q_csv="q,id,w\n7,c,3\n1.5,a,1\n0,b,2\n", r_csv="id,q\na,1\nb,2\nd,3\n"
    )
    write(tmp_path, twice_csv="id,q\na,1\nb,2\nb,3\n")
    words = ("compute", "mse", "p.csv::p", "q.csv::q")
    assert succeeds(*words, "--key", "id", "-b", at=tmp_path).number == MEAN
    assert succeeds(*words, "--key", "id", "-rnone", "-b", at=tmp_path).out == "0.25\n4.0\n9.0\n"
    weighted = succeeds(*words, "--key", "id", "--sample-weight", "q.csv::w", "-b", at=tmp_path)
    assert weighted.number == (1 * 0.25 + 2 * 4 + 3 * 9) / 6
    assert "'c'" in fails(3, "compute", "mse", "p.csv::p", "r.csv::q", "--key", "id", at=tmp_path)
    assert "'b' occurs twice" in fails(3, "compute", "mse", "p.csv::p", "twice.csv::q", "--key", "id", at=tmp_path)
    assert "nokey" in fails(3, *words, "--key", "nokey", at=tmp_path)
    fails(3, "compute", "mse", "p.csv::p", "[1,2,3]", "--key", "id", at=tmp_path)


def test_class_words(tmp_path: Path) -> None:
    """By hand: scores 0 and 2 with the second class true are log(1 + e⁻²), with the first 2 more."""
    write(tmp_path, s_csv="cat,dog\n0,2\n0,2\n", l_csv="id,label\n1,dog\n2,cat\n", s_npy=[[0.0, 2.0], [0.0, 2.0]])
    likely, unlikely = log(1 + exp(-2)), log(1 + exp(-2)) + 2
    words = ("compute", "cross_entropy", "-rnone", "-b")
    for scores, said, expected in (
        ("s.csv", [], [likely, unlikely]),
        ("s.npy", ["--classes", "cat,dog"], [likely, unlikely]),
        ("s.npy", ["--classes", "dog, cat"], [unlikely, likely]),
        ("s.csv", ["--classes", "dog,cat"], [unlikely, likely]),
    ):
        found = succeeds(*words, scores, "l.csv::label", *said, at=tmp_path).out.split()
        assert list(map(float, found)) == [pytest.approx(each, rel=1e-15) for each in expected]
    assert "--classes" in fails(3, *words, "s.npy", "l.csv::label", at=tmp_path)
    message = fails(3, *words, "s.npy", "l.csv::label", "--classes", "dog,cow", at=tmp_path)
    assert "l.csv line 3, column label" in message
    assert "'cat'" in message
    assert "3 classes" in fails(3, *words, "s.npy", "l.csv::label", "--classes", "a,b,c", at=tmp_path)


@pytest.mark.parametrize(
    ("content", "said", "value"),
    [
        ("0,1\n3,5\n", ["--header"], 4.0),
        ("0,1\n3,5\n", ["--no-header"], 2.5),
        ("0,1\n3,5\n", [], None),
        ("2,1\n3,5\n", [], 2.5),
        ("a,b\n3,5\n", [], 4.0),
        ("7,8\n3,5\n", ["--header"], 4.0),
        ("a,8\n3,5\n", [], None),
    ],
)
def test_header(content: str, said: list[str], value: float | None, tmp_path: Path) -> None:
    write(tmp_path, t_csv=content)
    words = ("compute", "mse", "t.csv::0", "t.csv::1", *said, "--bare")
    if value is None:
        message = fails(3, *words, at=tmp_path)
        assert "--header" in message
        assert "--no-header" in message
    else:
        assert succeeds(*words, at=tmp_path).number == value


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", "1;3\n2;4\n", [";"]),
        ("t.csv", "1;3\n2;4\n", ["semicolon"]),
        ("t.csv", "1|3\n2|4\n", ["pipe"]),
        ("t.csv", "1 3\n2  4\n", ["space"]),
        ("t.csv", "1\t3\n2\t4\n", ["tab"]),
        ("t.txt", "1;3\n2;4\n", []),
        ("t.txt", "1\t3\n2\t4\n", []),
        ("t.tsv", "1\t3\n2\t4\n", []),
        ("t.csv", "1, 3\r\n2, 4\r\n", []),
        ("t.csv", "\ufeff1,3\n2,4\n", []),
        ("t.csv", '"1","3"\n"2","4"\n', []),
    ],
)
def test_delimiter(name: str, content: str, said: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode())
    option = ["--delimiter", *said] if said else []
    assert succeeds("compute", "mse", f"{name}::0", f"{name}::1", *option, "-b", at=tmp_path).number == 4.0


def test_bfloat16(tmp_path: Path) -> None:
    """1, 2 and -1.5 are 3f80, 4000 and bfc0: the upper halves of their float32 bits."""
    write(tmp_path, b_npy=np.array([0x3F80, 0x4000, 0xBFC0], "<u2").view("V2"))
    words = ("compute", "l1", "b.npy", "[0,0,0]", "-rnone")
    assert "--bfloat16" in fails(3, *words, at=tmp_path)
    assert succeeds(*words, "-b", "--bfloat16", at=tmp_path).out == "1.0\n2.0\n1.5\n"
    found = succeeds(*words, "--bfloat16", "-f", "json", at=tmp_path).json
    assert found["inputs"]["input"]["dtype"] == "bfloat16"
    assert "bfloat16→float64" in found["signature"]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint8", "int64", "bool", ">f4", ">i2"])
def test_stored_types(dtype: str, tmp_path: Path) -> None:
    write(tmp_path, x_npy=np.array([0, 1, 1]).astype(dtype))
    assert succeeds("compute", "mse", "x.npy", "[0,0,1]", "-b", at=tmp_path).number == 1 / 3


def test_a_label_column_is_taken_as_a_row(tmp_path: Path) -> None:
    write(tmp_path, l_npy=[[0], [1]])
    words = ("compute", "cross_entropy", "[[0,2],[0,2]]")
    assert succeeds(*words, "l.npy", "-b", at=tmp_path).out == succeeds(*words, "[0,1]", "-b").out
