"""`losscli explain`."""

from __future__ import annotations

import csv

import pytest

from losscli.report.explain import report
from losscli.report.report import Heading, Screen
from losscli.report.write import written
from tests.checks.toys import scaled
from tests.cli.helpers import fails, succeeds

SAMPLE = ("explain", "cross_entropy", "[[1, 2, 3.5], [0.1, -5, 7]]", "[2, 1]", "--sample", "1")


def test_json() -> None:
    document = succeeds("explain", "huber", "-f", "json").json
    assert (document["schema"], len(document["rows"])) == (1, 1)
    row = document["rows"][0]
    assert set(row) == {
        *("name", "family", "summary", "paragraphs", "inputs", "options", "reductions", "conventions", "relations"),
        *("class_name", "function_name", "names", "example"),
    }
    assert row["options"][0] == {
        "name": "delta",
        "type": "number",
        "domain": "greater than 0",
        "default": "1",
        "help": "the error at which the square turns into a line",
    }
    assert {each["name"] for each in row["conventions"]} >= {"torch", "exact"}
    assert row["example"]["command"].startswith("losscli compute huber ")


def test_the_parts_stand_in_their_order() -> None:
    out = succeeds("explain", "bce").out
    parts = ["Formula", "Inputs", "Options", "Gradient", "Relations", "Conventions", "Names", "Source", "Example"]
    places = [out.index(f"\n{part}\n") for part in parts]
    assert places == sorted(places)
    assert "log_floor = -100" in out
    assert "log_floor = -inf" in out


def test_every_step_of_a_sample() -> None:
    """Scores 0.1, -5, 7 of a sample of class 1: log-softmax is -5 - 7 - log(1 + e^-6.9 + e^-12)."""
    rows = succeeds(*SAMPLE, "-f", "json").json["rows"]
    by_name = {row["step"]: row["value"] for row in rows}
    assert [row["step"] for row in rows][:2] == ["input", "target"]
    assert (by_name["largest"], by_name["difference"]) == (7.0, [-6.9, -12.0, 0.0])
    assert by_name["loss"] == by_name["losscli's value"] == pytest.approx(12.001013415961937, rel=1e-15)
    assert by_name["∂loss/∂input"][1] == pytest.approx(-0.999993862011136, rel=1e-14)
    for text in ("Sample 1, step by step", "exponential", "exp(difference)", "12.001013415961937"):
        assert text in succeeds(*SAMPLE).out
    assert "12.001 " in f"{succeeds(*SAMPLE, '--digits', '5').out} ".replace("\n", " ")


def test_csv_and_markdown() -> None:
    rows = list(csv.reader(succeeds("explain", "huber", "-f", "csv").out.splitlines()))
    assert rows[:2] == [["part", "text"], ["Name", "huber"]]
    assert succeeds("explain", "huber", "-f", "markdown").out.startswith(
        "**huber** (regression)\n\nSquared error near zero"
    )
    assert "| loss |" in succeeds(*SAMPLE, "-f", "markdown").out
    assert succeeds(*SAMPLE, "-f", "csv").out.splitlines()[0] == "step,formula,value"


@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize("words", [("explain", "cross_entropy"), ("explain", "bce"), SAMPLE])
def test_a_terminal_cuts_nothing(words: tuple[str, ...], columns: str) -> None:
    out = succeeds(*words, terminal=True, env={"COLUMNS": columns, "NO_COLOR": "1"}).out
    lines = [line for line in out.splitlines() if not line.startswith("  $ ")]
    assert max(map(len, lines)) <= int(columns)
    assert "more columns" not in out


def test_a_loss_of_ones_own_has_a_page() -> None:
    """One that says little: no parts in its docstring, no names, no steps."""
    loss = scaled(1.0)
    page = report(loss, None)
    titles = [heading.text for heading, *_ in page.groups[1:] if isinstance(heading, Heading)]
    assert titles == ["Inputs", "Options", "Relations", "Conventions"]
    text = "".join(written(page, "table", Screen()))
    assert text.startswith("quartic")
    assert "what an error is divided by" in text
    assert "Quartic = MSE(e², 0)" in text


def test_faults() -> None:
    assert "--sample has no use here: no data are named" in fails(2, "explain", "mse", "--sample", "1")
    assert "must be an index" in fails(2, "explain", "mse", "[1, 2]", "[1, 2]", "--sample", "one")
    assert "there is no sample 2" in fails(3, "explain", "mse", "[1, 2]", "[1, 2]", "--sample", "2")
    assert "there is no sample 0,0" in fails(3, "explain", "mse", "[1, 2]", "[1, 2]", "--sample", "0,0")
    assert "is ignored" in fails(3, "explain", "cross_entropy", "[[1, 2]]", "[-100]")
    assert "No such option: --bare" in fails(2, "explain", "mse", "--bare")
