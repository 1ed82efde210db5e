"""What the README shows is what happens."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

import losscli
from losscli.losses.catalogue import loss_names
from tests.documents import README, Shown, consoles, run

TEXT = README.read_text(encoding="utf-8")
_LONG = re.compile(r"(\d+\.\d{14,}(?:e-?\d+)?)")  # shows the last bit
_NEW_RICH = int(version("rich").partition(".")[0]) >= 15  # older ones indent names in two columns otherwise
SHOWN = [shown for console in consoles(TEXT) for shown in console]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.command)
def test_console(shown: Shown) -> None:
    """To the letter; but for last bits, which are the CPU's, and the layout that follows from them or from Rich."""
    printed = run(shown.command)
    assert printed == shown.output or _differs_in_last_bits(printed, shown.output)


def _differs_in_last_bits(printed: str, expected: str) -> bool:
    ours, theirs = (_LONG.split(re.sub("(?m)^ +| +(?= )", "", text)) for text in (printed, expected))
    return (
        ours[::2] == theirs[::2]
        and (ours[1::2] != theirs[1::2] or not _NEW_RICH)  # else the layout alone is another
        and [float(number) for number in ours[1::2]]
        == pytest.approx([float(number) for number in theirs[1::2]], rel=4 * 2.0**-52, abs=4 * 2.0**-52)
    )


def test_there_are_consoles() -> None:
    assert len(SHOWN) > 10


BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_python_block(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It runs, and prints what the comments beside say, but where a comment describes an array."""
    exec(compile(block, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    promised = re.findall(r"^print\(.*\)  # (.*)$", block, re.MULTILINE)
    assert len(promised) <= len(printed)
    for line, comment in zip(printed, promised, strict=False):
        assert line == comment or comment.startswith("an array")


def test_quoted_accuracy() -> None:
    """Every row of the table that is quoted stands in the table."""
    kept = (README.parent / "tests/accuracy/table.md").read_text(encoding="utf-8").splitlines()
    quoted = re.findall(r"^\| `.*rounded \|$", TEXT, re.MULTILINE)
    assert len(quoted) > 5
    assert set(quoted) <= set(kept)


def test_every_loss_is_listed() -> None:
    for name in loss_names():
        assert re.search(rf"^ {name}\b", TEXT, re.MULTILINE), f"{name}: run `python -m tests.documents`"


def test_changelog_knows_this_version() -> None:
    changelog = README.parent / "losscli" / "CHANGELOG.md"
    assert f"## {losscli.__version__}" in changelog.read_text(encoding="utf-8")
