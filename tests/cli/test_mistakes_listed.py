"""`losscli list --mistakes`: what the diagnosis knows."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest

from losscli.losses.catalogue import losses
from losscli.verify.diagnosis.mistakes import TABLE
from tests.cli.helpers import fails, succeeds

MISTAKES = ("list", "--mistakes")
KEYS = ["name", "text", "cure", "area", "tier", "losses"]


def test_every_mistake_is_there_once() -> None:
    rows = succeeds(*MISTAKES, "-f", "json").json["rows"]
    assert all(list(row) == KEYS for row in rows)
    common = [row for row in rows if not row["losses"]]
    assert len(common) == len(TABLE)
    assert {row["area"] for row in common} == {mistake.area for mistake in TABLE.values()}
    own = {(row["name"], loss) for row in rows for loss in row["losses"]}
    assert own == {(mistake.name, loss.name) for loss in losses() for mistake in loss.mistakes}
    assert {row["tier"] for row in rows} == {"very common", "common", "rare", "very rare"}


def test_templates_can_be_read() -> None:
    rows = {row["name"]: row for row in succeeds(*MISTAKES, "-f", "json").json["rows"]}
    assert rows["OPTION_forgotten"]["text"] == "<option> was not given"
    assert rows["gradient_of_REDUCTION"]["text"] == "this is the gradient of the <reduction>, not of the <asked>"
    assert rows["sum_for_mean" if "sum_for_mean" in rows else "REDUCTION_for_ASKED"]["text"]
    for row in rows.values():
        assert not re.search(r"[{}]", row["name"] + row["text"] + row["cure"]), row
        assert "><" not in row["text"]


def test_words_find_mistakes_and_those_of_losses() -> None:
    rows = succeeds(*MISTAKES, "batch", "means", "-f", "json").json["rows"]
    assert "mean_of_batch_means" in {row["name"] for row in rows}
    assert all("batch" in str(row).lower() for row in rows)
    of_rmse = succeeds(*MISTAKES, "rmse", "-f", "json").json["rows"]
    assert "root_left_out" in {row["name"] for row in of_rmse}
    shared = succeeds(*MISTAKES, "alpha_on_no", "-f", "json").json["rows"]
    assert [row["losses"] for row in shared] == [["focal", "sigmoid_focal"]]
    assert len(succeeds(*MISTAKES, "log_cosh", "-f", "json").json["rows"]) == len(TABLE)


@pytest.mark.parametrize("columns", ["80", "200"])
def test_tables(columns: str) -> None:
    table = succeeds(*MISTAKES, "softmax_twice", env={"COLUMNS": columns})
    assert "softmax_twice" in table.out
    assert "probabilities" in table.out
    assert max(map(len, table.out.splitlines())) <= int(columns)


def test_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(succeeds(*MISTAKES, "focal_of_mean_times_alpha", "-f", "csv").out)))
    assert [row["losses"] for row in rows] == ["focal, sigmoid_focal"]
    assert list(rows[0]) == KEYS
    assert succeeds(*MISTAKES, "root", "-f", "markdown").out.startswith("| mistake |")


def test_what_finds_nothing_or_contradicts() -> None:
    assert "no mistake has the words blurb" in fails(2, *MISTAKES, "blurb")
    assert "exclude each other" in fails(2, *MISTAKES, "--names")


def test_the_plain_list_does_not_import_the_diagnosis() -> None:
    code = (
        "import sys; from losscli.cli.exit import run; run(['list', 'huber']); print('losscli.verify' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
