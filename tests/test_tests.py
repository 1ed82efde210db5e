"""Tests must be able to fail, and those of one loss can be run alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.__main__ import main, steps

TESTS = Path(__file__).parent
FILES = sorted(TESTS.rglob("test_*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_returns_before_its_end(path: Path) -> None:
    """What returns early counts as passed: parametrize over what the test applies to, or skip with the reason."""
    early = [
        f"{path.name}:{node.lineno}, {test.name}"
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for node in ast.walk(test)
        if isinstance(node, ast.Return) and node.value is None
    ]
    assert not early


def test_one_loss_is_run_alone() -> None:
    lint, formatted, types, tests = steps(["huber"])
    files = ("losscli/losses/regression/huber.py", "tests/references/huber.py", "tests/losses/test_huber.py")
    assert (lint[2:], formatted[3:], types) == (files, files, ("mypy",))
    assert tests[-2:] == ("-k", "huber")
    assert [step[0] for step in steps([])] == ["ruff", "ruff", "mypy", "pytest"]


def test_an_unknown_loss_names_the_file_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wing"]) == 2
    assert capsys.readouterr().err == "there is no loss wing: write losscli/losses/FAMILY/wing.py\n"
