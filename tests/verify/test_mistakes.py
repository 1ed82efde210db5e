"""The table of mistakes: every row is declared once, and made by code that knows nothing of the hypotheses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from losscli.losses.catalogue import losses
from losscli.verify.diagnosis import diagnose
from losscli.verify.diagnosis.mistakes import TABLE, area
from tests.verify.mistaken import MISTAKES

TESTS = Path(__file__).parents[1]
# Claims of arrays, of objectives and of no numbers are made beside what they test
ELSEWHERE = (
    ("verify", ("arrays", "chain", "diagnosis", "pairing", "piecewise", "repairs", "rules")),
    ("request", ("penalty",)),
)


def injected() -> set[str]:
    """The names that a test demands."""
    names = {name for _, alternatives, _ in MISTAKES for name in alternatives.split("|")}
    texts = [
        (TESTS / folder / f"test_{name}.py").read_text(encoding="utf-8")
        for folder, files in ELSEWHERE
        for name in files
    ]
    return names.union(*(re.findall(r'"([a-z0-9_.-]+)"', text) for text in texts))


def missing() -> set[str]:
    """The names of mistakes that no test makes: rows of the table, and what losses declare.

    A name counts for the rows of its own name, else for the rows with fields that say most of it.
    """
    own = {mistake.name for loss in losses() for mistake in loss.mistakes}
    lacking = own | set(TABLE)
    patterns = {row: re.compile(re.sub(r"\\{\w+\\}", "[a-z0-9_.-]+", re.escape(row))) for row in TABLE if "{" in row}
    for name in injected():
        fitting = {
            row: len(re.sub(r"\{\w+\}", "", row)) for row, pattern in patterns.items() if pattern.fullmatch(name)
        }
        if name in own or name in TABLE:
            lacking.discard(name)
        else:
            lacking -= {row for row, letters in fitting.items() if letters == max(fitting.values())}
    return lacking


def test_every_mistake_has_an_injection() -> None:
    assert diagnose  # with all modules that declare mistakes
    assert not missing(), (
        f"no test makes {', '.join(sorted(missing()))}: write a function that makes it, in plain NumPy, in"
        " tests/verify/mistaken/declared.py, and run `python -m pytest tests/verify`"
    )


def test_every_row_says_what_and_how_to_cure_it() -> None:
    for row in TABLE.values():
        assert row.text, row.name
        assert row.cure, row.name
        assert row.area, row.name


def test_no_mistake_is_declared_twice() -> None:
    with pytest.raises(ValueError, match="declared twice: in scaling and in test"):
        area("test")("half", "S", "once more", "declare it once")
