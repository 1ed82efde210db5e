"""`losscli compute LOSS … --convention all`."""

from __future__ import annotations

import csv
import io
from math import inf, log

import pytest

from tests.cli.helpers import fails, losscli, succeeds

SURE = ("compute", "bce", "0", "1", "--convention", "all")
KEYS = ["convention", "value", "reduction", "differs", "source", "names", "error"]


def test_json() -> None:
    found = succeeds(*SURE, "-f", "json").json
    assert list(found) == ["schema", "rows"]
    assert found["schema"] == 1
    assert all(list(row) == KEYS for row in found["rows"])
    first, last = found["rows"][0], found["rows"][-1]
    assert (first["convention"], first["value"], first["differs"], first["error"]) == ("torch", 100.0, [], None)
    assert first["names"] == ["BCELoss", "binary_cross_entropy"]
    assert (last["convention"], last["value"]) == ("exact", "Infinity")
    assert "log_floor -inf" in last["differs"]


def test_a_sure_guess_that_is_wrong() -> None:
    """-100 by PyTorch; log of Keras' 1e-7 and of scikit-learn's 2.22e-16; infinite without a bound."""
    found = {row["convention"]: row["value"] for row in succeeds(*SURE, "-f", "json").json["rows"]}
    assert found["torch"] == 100.0
    assert found["keras"] == pytest.approx(-log(1e-7), rel=1e-15)
    assert found["sklearn"] == pytest.approx(52 * log(2), rel=1e-15)
    assert found["exact"] == "Infinity"


def test_csv_holds_every_digit() -> None:
    ended = succeeds("compute", "bce", "[0.9,0.9]", "[1,1]", "--convention", "all", "-f", "csv")
    header, *rows = csv.reader(io.StringIO(ended.out))
    assert header == KEYS[:-1]
    assert rows[0][:4] == ["torch", repr(-log(0.9)), "mean", "nothing"]


def test_markdown_has_the_signature() -> None:
    lines = succeeds(*SURE, "-f", "markdown", "--digits", "3").out.splitlines()
    assert lines[0].startswith("`bce | all conventions | 1 sample | float64 | losscli ")
    assert lines[2] == "| convention | value | reduction | names |"
    assert lines[4].startswith("| torch | 100 | mean | BCELoss, ")
    assert "torch: the defaults" in lines


def test_table() -> None:
    found = succeeds(*SURE).out
    assert found.startswith("bce | all conventions | 1 sample")
    assert "log_floor -inf; slope_floor 0" in found
    assert "binary_cross_entropy" in found


def test_a_narrow_terminal_keeps_names_and_values() -> None:
    ended = succeeds(*SURE, terminal=True, env={"COLUMNS": "45", "NO_COLOR": "1"})
    assert all(len(line) <= 45 for line in ended.out.splitlines()[2:])
    assert "100.0" in ended.out
    assert "exact: log_floor -inf; slope_floor 0" in ended.out


def test_bare_is_a_line_a_convention() -> None:
    ended = succeeds(*SURE, "--bare")
    numbers = [float(line) for line in ended.out.splitlines()]
    assert (numbers[0], numbers[-1]) == (100.0, inf)
    order = next(line for line in ended.err.splitlines() if line.startswith("note: in this order: "))
    assert len(order.split(",")) == len(numbers)
    assert losscli(*SURE, "--bare", "-q").err == ""


def test_standard_input_serves_all() -> None:
    words = ("compute", "bce", "-::p", "-::t", "--convention", "all", "-b", "-q")
    ended = succeeds(*words, stdin=b"p,t\n0,1\n0,1\n")
    assert ended.out.splitlines()[0] == "100.0"


@pytest.mark.parametrize(
    "words", [("--by", "[1]"), ("--worst", "2"), ("--gradients",), ("--per-sample",), ("--save-per-sample", "x.npy")]
)
def test_what_shows_samples_is_refused(words: tuple[str, ...]) -> None:
    assert f"{words[0]} has no use here: --convention all shows one number" in fails(2, *SURE, *words)


def test_faults_of_the_request_end_it() -> None:
    assert "must be from 0 to 1" in fails(3, "compute", "bce", "0", "2", "--convention", "all")
    assert "no reduction" in fails(2, *SURE, "-r", "median")
    assert "one number a convention" in fails(2, *SURE, "-r", "none")


def test_a_convention_that_is_none() -> None:
    assert "has no convention 'everything'" in fails(2, "compute", "bce", "0", "1", "--convention", "everything")
