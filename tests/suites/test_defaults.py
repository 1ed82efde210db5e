"""Defaults of a suite are written for all of its cases: where one has no use for them, that is no error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import losscli as run
from tests.cli.helpers import write


def first_of(folder: Path, defaults: str, case: str) -> tuple[str, str]:
    """The status and the message of a case."""
    write(folder, s_yaml=f"losscli: 1\ndefaults: {defaults}\ncases:\n  - {{name: a, {case}}}\n")
    found = run("suite", "s.yaml", "-f", "json", at=folder).json["cases"][0]
    return found["status"], found["message"]


MSE = "loss: mse, inputs: [[1], [2]], expect: {value: 1}"
CTC = "loss: dice, inputs: [[1.0, 0.0], [1, 0]], expect: {value: 0}"


@pytest.mark.parametrize("case", [MSE, CTC])
@pytest.mark.parametrize(
    "defaults", ["{class_axis: 1}", "{options: {delta: 2}}", "{options: {delta: 2, margin: 1}}", "{l2: 0.1}"]
)
def test_defaults_without_use(defaults: str, case: str, tmp_path: Path) -> None:
    assert first_of(tmp_path, defaults, case) == ("holds", "")


def test_defaults_of_use_count(tmp_path: Path) -> None:
    huber = "loss: huber, inputs: [[1], [4]], expect: {value: 2.5}"
    assert first_of(tmp_path, "{options: {delta: 1, margin: 2}}", huber) == ("holds", "")


@pytest.mark.parametrize("more", ["class_axis: 1", "options: {delta: 2}", "l2: 0.1"])
def test_what_a_case_writes_itself_is_an_error(more: str, tmp_path: Path) -> None:
    assert first_of(tmp_path, "{}", f"{MSE}, {more}")[0] == "error"


def test_a_penalty_among_the_defaults(tmp_path: Path) -> None:
    objective = "loss: mse, inputs: [[1], [2]], params: {w: [2]}, expect: {value: 3}"
    assert first_of(tmp_path, "{l2: 1}", objective) == ("holds", "")


def test_an_option_that_no_loss_has_is_misspelt(tmp_path: Path) -> None:
    status, message = first_of(tmp_path, "{options: {detla: 2}}", MSE)
    assert status == "error"
    assert "no option 'detla'" in message


@pytest.mark.parametrize(
    ("defaults", "more"),
    [
        ("{precision: double}", "tolerance: {rtol: 1e-3}"),
        ("{exact_inputs: true}", "tolerance: {atol: 1e-3}"),
        ("{tolerance: {rtol: 1e-3}}", "precision: double"),
    ],
)
def test_tolerances_of_a_case_go_before_defaults(defaults: str, more: str, tmp_path: Path) -> None:
    assert first_of(tmp_path, defaults, f"{MSE}, {more}") == ("holds", "")
    assert "has no use beside" in first_of(tmp_path, "{}", f"{MSE}, {defaults[1:-1]}, {more}")[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cases: {a: 1}", "cases must be a list, got a mapping"),
        ("cases: [{name: a, loss: mse, inputs: [1, 2], expect: {}}]", "nothing is expected"),
        ("cases: [{name: a, loss: mse, inputs: {}, expect: {value: 1}}]", "got an empty mapping"),
        (
            "cases: [{name: a, loss: mse, inputs: [1, 2], expect: {gradients: {}}}]",
            "gradients must be a mapping that is not empty, got an empty mapping",
        ),
    ],
)
def test_what_is_empty_is_named(text: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, s_yaml=f"losscli: 1\n{text}\n")
    said = run("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]
    assert message in said
    assert "a mapping, got a mapping" not in said
