"""What the README shows is what happens."""

from __future__ import annotations

import re

import pytest

import losscli
from losscli.losses.catalogue import loss_names
from tests.documents import README, Shown, consoles, run

TEXT = README.read_text(encoding="utf-8")
SHOWN = [shown for console in consoles(TEXT) for shown in console]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.command)
def test_console(shown: Shown) -> None:
    assert run(shown.command) == shown.output


def test_there_are_consoles() -> None:
    assert len(SHOWN) > 10


def test_python_block() -> None:
    """The comment beside the printed value is the value."""
    block = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    promised = re.search(r"print\(result\.value\) +# (\S+)", block[1])
    assert promised is not None
    result = losscli.compute("cross_entropy", [[0.1, 0.2, 0.3]], [1], gradients=True)
    assert repr(result.value) == promised[1]


def test_every_loss_is_listed() -> None:
    for name in loss_names():
        assert re.search(rf"^ {name}\b", TEXT, re.MULTILINE), name


def test_changelog_knows_this_version() -> None:
    changelog = README.parent / "losscli" / "CHANGELOG.md"
    assert f"## {losscli.__version__}" in changelog.read_text(encoding="utf-8")
