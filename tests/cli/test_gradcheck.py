"""`losscli gradcheck`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.helpers import fails, losscli, succeeds, write

KEYS = {
    *("role", "kind", "method", "source", "verdict", "elements", "checked", "kinks", "bounded", "undecided", "failing"),
    *("worst_difference", "index", "gradient", "expected", "subdifferentials"),
}
MSE = ("gradcheck", "mse", "[1, 2, 3]", "[1.5, 2, 1]")  # gradients of the mean: 2 e / 3 = -1/3, 0, 4/3


def test_json() -> None:
    document = succeeds(*MSE, "-f", "json").json
    assert document["schema"] == 1
    assert all(set(row) == KEYS for row in document["rows"])
    assert {(row["role"], row["kind"], row["verdict"]) for row in document["rows"]} == {
        ("input", "ours", "holds"),
        ("target", "ours", "holds"),
    }
    assert document["rows"][0]["elements"] == document["rows"][0]["checked"] == 3


def test_kinks_are_told_with_their_subdifferential() -> None:
    row = succeeds("gradcheck", "l1", "[1, 2]", "[1, 3]", "-r", "sum", "-f", "json").json["rows"][0]
    assert (row["verdict"], row["kinks"], row["checked"]) == ("holds", 1, 1)
    assert row["subdifferentials"] == [{"index": [0], "left": -1.0, "right": 1.0, "gradient": 0.0, "inside": True}]
    line = succeeds("gradcheck", "l1", "[1, 2]", "[1, 3]").out.partition("Kinks:")[2].splitlines()[3]
    assert line.split() == ["input", "0", "-0.5", "0.5", "0", "inside"]


def test_torchs_bound_is_told_and_no_failure() -> None:
    """At p = 0 and t = 1 PyTorch's slope is -1e12, while its clamped value is flat."""
    out = succeeds("gradcheck", "bce", "[0, 0.4]", "[1, 0]").out
    assert "by contract is not the derivative" in out
    assert succeeds("gradcheck", "bce", "[0, 0.4]", "[1, 0]", "-f", "json").json["rows"][0]["bounded"] == 1


def test_a_gradient_of_ones_own(tmp_path: Path) -> None:
    right = np.array([-1.0, 0.0, 4.0]) / 3.0
    write(tmp_path, right_npy=right, unscaled_npy=3.0 * right, turned_npy=-right, single_npy=right.astype(np.float32))
    assert succeeds(*MSE, "--gradient", "right.npy", at=tmp_path).code == 0
    assert succeeds(*MSE, "--gradient", "single.npy", "--gradient", "target=turned.npy", at=tmp_path).code == 0
    ended = losscli(*MSE, "--gradient", "input=unscaled.npy", "-f", "json", at=tmp_path)
    row = ended.json["rows"][-1]
    assert (ended.code, row["kind"], row["verdict"], row["failing"]) == (1, "given", "fails", 2)
    assert (row["index"], row["gradient"], row["expected"]) == ([2], 4.0, pytest.approx(4.0 / 3.0))
    assert "gradient_of_sum" in losscli(*MSE, "--gradient", "input=unscaled.npy", at=tmp_path).out
    ended = losscli(*MSE, "--gradient", "turned.npy", at=tmp_path)
    assert (ended.code, ended.err) == (1, "")
    assert "gradient_of_target" in ended.out


def test_written_digits_count() -> None:
    assert losscli(*MSE, "--gradient", "[-0.33, 0, 1.33]").code == 0
    assert losscli(*MSE, "--gradient", "[-0.33, 0, 1.34]").code == 1
    assert losscli(*MSE, "--gradient", "[-3.3e-1, 0, 1.3e0]").code == 0
    weak = losscli("gradcheck", "mse", "[1, 2]", "[1.01, 2.01]", "--gradient", "[0.0, 0.0]")
    assert (weak.code, "too weak to judge" in weak.out) == (1, True)


@pytest.mark.parametrize("columns", ["80", "200"])
def test_a_terminal_cuts_nothing(columns: str) -> None:
    words = ("gradcheck", "l1", "[1, 2]", "[1, 3]", "--gradient", "[0.5, 1]")
    out = losscli(*words, terminal=True, env={"COLUMNS": columns, "NO_COLOR": "1"}).out
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= int(columns)


def test_csv_and_markdown() -> None:
    csv = succeeds(*MSE, "-f", "csv").out.splitlines()
    assert csv[0].startswith("role,kind,method,verdict,elements,checked,kinks,bounded,failing,worst_difference,")
    assert csv[1].startswith("input,ours,dual numbers,holds,3,3,0,0,0,")
    assert "| holds | input | dual numbers | 3 |" in succeeds(*MSE, "-f", "markdown").out


def test_faults() -> None:
    assert "No such option: --bare" in fails(2, *MSE, "--bare")
    assert "no gradient with respect to 'weights'" in fails(2, *MSE, "--gradient", "weights=[1,2,3]")
    assert "names input twice" in fails(2, *MSE, "--gradient", "[1,2,3]", "--gradient", "input=[1,2,3]")
    assert "has shape (2,) ([-1, 2]), but ours has (3,)" in fails(3, *MSE, "--gradient", "[-1, 2]")
    assert "no such file" in fails(3, *MSE, "--gradient", "gone.npy")


@pytest.mark.parametrize("words", [("mse", "[nan,2]", "[2,4]"), ("cross_entropy", "[[nan,2],[1,2]]", "[0,1]")])
def test_what_is_no_number_leaves_the_others_to_be_judged(words: tuple[str, ...]) -> None:
    found = succeeds("gradcheck", *words, "--nonfinite", "propagate", "-f", "json").json["rows"]
    assert {row["verdict"] for row in found} == {"holds"}
    assert all(row["undecided"] == row["elements"] // 2 for row in found)
