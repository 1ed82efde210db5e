"""A message names a setting as it is written where the request was made: on the command line, in a suite, in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.schema.settings import SETTINGS, spelled
from losscli.schema.spelling import COMMAND_LINE, PYTHON, SUITE, asked_in
from tests.cli.helpers import losscli as run
from tests.cli.helpers import write


@pytest.mark.parametrize(
    ("name", "value", "in_each"),
    [
        ("class_axis", None, ("--class-axis", "class_axis", "class_axis")),
        ("class_axis", -1, ("--class-axis=-1", "class_axis: -1", "class_axis=-1")),
        ("header", False, ("--no-header", "header: false", "header=False")),
        ("classes", ("a", "NO", "1"), ("--classes a,NO,1", "classes: [a, 'NO', '1']", 'classes=["a", "NO", "1"]')),
        ("delimiter", ";", ("--delimiter ';'", "delimiter: ';'", 'delimiter=";"')),
        ("params", "model.npz", ("--params model.npz", "params: model.npz", 'params={"w": w}')),
        ("at_most", None, ("--at-most", "expect.at_most", "at_most")),
        ("rtol", 1e-9, ("--rtol 1e-09", "tolerance.rtol: 1e-09", "rtol=1e-09")),
        ("ignore_index", None, ("--ignore-index", "ignore_index", "ignore_index")),
    ],
)
def test_spelled(name: str, value: Any, in_each: tuple[str, str, str]) -> None:
    spellings = []
    for front_end in (COMMAND_LINE, SUITE, PYTHON):
        with asked_in(front_end):
            spellings.append(spelled(name, value))
    assert tuple(spellings) == in_each


def test_a_setting_of_the_run_is_spelled_where_the_run_began() -> None:
    with asked_in(SUITE):
        assert spelled("allow_outside", True) == "--allow-outside"
    with asked_in(PYTHON), asked_in(SUITE):
        assert spelled("allow_outside", True) == "allow_outside=True"


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("loss: mse, inputs: [[1], [2]], class_axis: 0", "leave class_axis out"),
        ("loss: mse, inputs: [[1], [2]], sample_weight: [1, 2]", "sample_weight has shape"),
        ("loss: mse, inputs: [[1], [2]], l2: 1", "params: model.npz"),
        ("loss: mse, inputs: [[1], [2]], key: id", "leave key out"),
        ("loss: mse, inputs: [w.npy, w.npy]", "give bfloat16: true"),
        ("loss: bce, inputs: [[.nan], [1]]", "nonfinite: propagate"),
        ("loss: cross_entropy, inputs: [[[1, 2]], [cat]]", "classes: [a, b, c]"),
        ("loss: cross_entropy, inputs: [[[1, 2]], [7]]", "; ignore_index takes samples out"),
    ],
)
def test_a_suite_names_its_keys(case: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, w_npy=np.zeros(3, "V2"))
    write(tmp_path, s_yaml=f"losscli: 1\ncases:\n  - {{name: a, {case}, expect: {{value: 1}}}}\n")
    said = run("suite", "s.yaml", "-f", "json", at=tmp_path).json["cases"][0]["message"]
    assert message in said
    assert "--" not in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"class_axis": 0}, "leave class_axis out"),
        ({"sample_weight": [1.0, 2.0]}, "sample_weight has shape"),
        ({"l2": 1.0}, 'params={"w": w}'),
        ({"penalize_bias": True}, "l2=0.01"),
        ({"classes": ["a"]}, "leave classes out"),
    ],
)
def test_python_names_its_keywords(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.compute("mse", [1.0], [2.0], **arguments)
    assert message in str(caught.value)
    assert "--" not in str(caught.value)


def test_no_message_below_the_command_line_names_an_option_itself() -> None:
    """Rooms that all front ends share leave the spelling to `spelled`."""
    flags = {setting.flag for name, setting in SETTINGS.items() if name != "set"}
    package = Path(losscli.__file__).parent
    for room in ("reading", "engine", "request", "suites", "custom", "verify"):
        for path in sorted((package / room).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                quoted = [part for at, part in enumerate(line.split('"')) if at % 2 and '"""' not in line]
                named = [flag for flag in flags for part in quoted if f"{flag} " in f"{part} "]
                assert not named, f"{path.name}:{number} names {named}"
