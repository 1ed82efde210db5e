"""`losscli relations`."""

from __future__ import annotations

import pytest

from tests.cli.helpers import fails, losscli, succeeds

KEYS = {
    *("relation", "other_loss", "verdict", "condition", "this", "other", "difference_ulps", "allowed_ulps"),
    *("sample", "samples", "undecided", "reductions", "reduced_this", "reduced_other", "reduced_difference_ulps"),
}
HUBER = ("huber", "[1, 2, 3.5]", "[1.5, 2, 1]")


def test_json() -> None:
    """errors -0.5, 0, 2.5: the losses are 0.125, 0 and 2.5 - 1/2."""
    document = succeeds("relations", *HUBER, "-f", "json").json
    assert document["schema"] == 1
    assert all(set(row) == KEYS for row in document["rows"])
    first = document["rows"][0]
    assert (first["verdict"], first["other_loss"], first["samples"]) == ("holds", "smooth_l1", 3)
    assert first["this"] in (0.125, 0.0, 2.0)
    assert first["reduced_this"] == pytest.approx(2.125 / 3.0, rel=1e-15)
    other = document["rows"][1]
    assert (other["verdict"], other["this"], other["sample"]) == ("does not apply", None, None)
    assert other["condition"]


def test_table_names_both_sides_and_what_is_allowed() -> None:
    out = succeeds("relations", *HUBER).out
    assert out.startswith("huber | exact\n")
    assert "holds  Huber(delta) = delta · SmoothL1(beta=delta)" in out
    assert "does not apply  Huber(delta=inf) = MSE / 2" in out
    assert "allowed" in out
    assert "4 ulp" in out


@pytest.mark.parametrize("columns", ["80", "200"])
def test_a_terminal_cuts_nothing(columns: str) -> None:
    out = succeeds("relations", *HUBER, terminal=True, env={"COLUMNS": columns, "NO_COLOR": "1"}).out
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= int(columns)


def test_csv_and_markdown() -> None:
    csv = succeeds("relations", *HUBER, "-f", "csv").out.splitlines()
    assert csv[0] == "relation,verdict,compared,this,other,difference_ulps,allowed_ulps,condition"
    assert any(line.startswith("Huber(delta) = delta · SmoothL1(beta=delta),holds,mean,") for line in csv)
    assert "**does not apply: Huber(delta=inf) = MSE / 2**" in succeeds("relations", *HUBER, "-f", "markdown").out


def test_a_convention_may_break_an_identity() -> None:
    """Keras cuts p off at 1e-7: log loss 16.118 at p = 0, where the scores' own is 800."""
    words = ("relations", "bce", "[0.3, 1e-12]", "[1, 1]", "-f", "json")
    rows = succeeds(*words).json["rows"]
    assert {row["verdict"] for row in rows} <= {"holds", "does not apply"}
    ended = losscli(*words, "--convention", "keras")
    assert ended.code in (0, 1)
    assert (ended.code == 1) == any(row["verdict"] == "fails" for row in ended.json["rows"])


def test_faults() -> None:
    assert "No such option: --bare" in fails(2, "relations", *HUBER, "--bare")
    assert "--sample-weight" in fails(2, "relations", *HUBER, "--sample-weight", "[1, 1, 1]")
    assert "there is no loss" in fails(2, "relations", "hubris", "1", "2")
    assert "shape" in fails(3, "relations", "huber", "[1, 2]", "[1, 2, 3]")
