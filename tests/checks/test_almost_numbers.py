"""Claims that are nearly numbers: the cure says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

import losscli
from tests.cli.helpers import fails, succeeds, write
from tests.cli.helpers import losscli as command

DATA = ("mse", "[1,2,3]", "[2,3,4.5]")
CURES = {
    "1,976": "write 1.976, or 1976 if the comma separates thousands",
    "0,976": "write 0.976",
    "1,41": "write 1.41",
    "1,976.5": "write 1976.5",
    "1 976": "write 1976",
    "1.9764 nats": "write the number alone: 1.9764",
    "1.5bits": "write the number alone: 1.5",
    "1e-3x": "write the number alone: 1e-3",
    "loss 0.5": "write the number alone: 0.5",
    "≈1.98": "write 1.98: its digits say how near it must come",
    "~ 1.98": "write 1.98",
    "1.98(3)": "write 1.98",
    "1.98 ± 0.1": "write 1.98, and --atol 0.1",
    "1.98+/-0.1": "write 1.98, and --atol 0.1",
    "12 %": "write the share: 0.12",
    "0.50%": "write the share: 0.0050",
    "<1.5": "claim a bound: --at-most 1.5",
    "≥ 1.5": "claim a bound: --at-least 1.5",
    "−1.5": "write a plain minus sign: -1.5",
}


@pytest.mark.parametrize(("claim", "cure"), CURES.items())
def test_the_cure_says_what_to_write(claim: str, cure: str) -> None:
    told = fails(3, "verify", *DATA, "--claim", claim)
    assert f"claim: {claim!r} is not a number" in told
    assert cure in told


@pytest.mark.parametrize("claim", ["run.csv", "run1", "2024-run", "missing.npy::a", "3x3.npy"])
def test_a_file_that_is_missing_stays_one(claim: str) -> None:
    assert "no such file" in fails(3, "verify", *DATA, "--claim", claim)


def test_a_file_of_that_name_is_read(tmp_path: Path) -> None:
    at = write(tmp_path, **{"12 %": "x"})
    (at / "1,976").write_text("1.41667\n", encoding="utf-8")
    succeeds("verify", *DATA, "--claim", "1,976", at=at)


def test_python_and_suites_spell_their_own_options(tmp_path: Path) -> None:
    with pytest.raises(losscli.LossError, match=r"'1.98 ± 0.1' is not a number\nwrite 1.98, and atol=0.1"):
        losscli.verify("mse", [1.0], [2.0], claim="1.98 ± 0.1")
    case = '{name: a, loss: mse, inputs: [[1], [2]], expect: {value: "12 %"}}'
    at = write(tmp_path, suite_yaml=f"losscli: 1\ncases:\n  - {case}\n")
    assert "write the share: 0.12" in command("suite", "suite.yaml", at=at).out
