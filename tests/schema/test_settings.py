"""Settings: each declared once, and wherever it applies."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

import losscli
from losscli.cli.app import COMMANDS
from losscli.reading.options import ReadOptions
from losscli.schema.faults import UsageFault
from losscli.schema.kinds import AMOUNT, COUNT, NUMBER, ROWS, SWITCH, WORDS
from losscli.schema.settings import SETTINGS, Settings, check, of_text

PACKAGE = Path(losscli.__file__).parent
DEFAULTS = {field.name: field.default for field in fields(Settings)}


@pytest.mark.parametrize("function", [losscli.compute, losscli.verify, losscli.run_suite], ids=lambda f: f.__name__)
def test_keywords_of_python_are_the_settings(function: Callable[..., Any]) -> None:
    """mypy cannot derive a signature, so that it is written out."""
    written = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    declared = {name: DEFAULTS[name] for name, setting in SETTINGS.items() if function.__name__ in setting.where.python}
    assert written.keys() == declared.keys()
    assert {name: value or None for name, value in written.items()} == {
        name: value or None for name, value in declared.items()
    }


def test_every_setting_applies_somewhere_and_says_what_it_does() -> None:
    commands = {name for name, *_ in COMMANDS}
    for name, setting in SETTINGS.items():
        assert setting.name == name
        assert setting.commands
        assert set(setting.commands) <= commands
        assert setting.help[-1] in ".]"
        assert bool(setting.metavar) == setting.takes_value
        assert DEFAULTS[name] is not MISSING
        assert not setting.where.suite or not setting.description[0].isupper()
    assert {"defaulted", "elements"} == DEFAULTS.keys() - SETTINGS.keys()


@pytest.mark.parametrize("command", [name for name, *_ in COMMANDS])
def test_flags_are_unique_in_a_command(command: str) -> None:
    settings = [setting for setting in SETTINGS.values() if command in setting.commands]
    flags = [flag for setting in settings for flag in (setting.flag, setting.short) if flag]
    assert len(set(flags)) == len(flags)


def test_the_defaults_of_reading_are_those_of_the_settings() -> None:
    of_reading = {field.name: field.default for field in fields(ReadOptions) if field.name in SETTINGS}
    names = ("key", "header", "delimiter", "missing", "decimal", "thousands", "encoding", "stdin", "bfloat16")
    assert of_reading == {name: DEFAULTS[name] for name in names}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SWITCH, [True, False], [1, "true", None]),
        (COUNT, [1, 7], [0, -1, 1.5, "1", True]),
        (NUMBER, [1, -1.5, float("inf")], ["1", float("nan"), True, [1]]),
        (AMOUNT, [0, 0.5, 10**30], [-1, float("nan"), float("inf"), 10**400, "1", True]),
        (WORDS, ["a", ["a", "b"]], [[], [1], 1]),
    ],
)
def test_kinds(kind: Any, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if kind.fault(value)] == []
    assert [value for value in bad if not kind.fault(value)] == []


def test_texts_become_values() -> None:
    assert of_text("rows", "all") == sys.maxsize
    assert of_text("rows", "3") == 3
    assert of_text("l1", "1e-3") == 0.001
    with pytest.raises(UsageFault, match=r"^--rows must be a number or all, got 'few'$"):
        of_text("rows", "few")
    with pytest.raises(UsageFault, match=r"^--rows must be 1 or greater, got 0$"):
        of_text("rows", "0")
    assert ROWS.words == "a number or all"
    with pytest.raises(UsageFault, match=r"^--digits must be 1 or greater, and at most 1000, got 1001$"):
        check("digits", 1001)


def test_numpy_is_not_needed() -> None:
    code = "import sys, losscli.schema.settings; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_typer_by_its_documented_interface_alone() -> None:
    internal = re.compile(r"typer\._|from typer\.(core|main|_)|import typer\.|\bclick\b")
    assert [path.name for path in PACKAGE.rglob("*.py") if internal.search(path.read_text(encoding="utf-8"))] == []
