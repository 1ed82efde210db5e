"""What the README and the stories of the samples show is what happens."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

import losscli
from losscli.losses.catalogue import loss_names
from tests.documents import DOCUMENTS, README, ROOT, SAMPLES, Shown, consoles, run
from tests.test_layers import LAYERS

PACKAGE = Path(losscli.__file__).parent
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
TEXT = TEXTS[README]
_LONG = re.compile(r"(\d+\.\d{14,}(?:e-?\d+)?)")  # shows the last bit
_NEW_RICH = int(version("rich").partition(".")[0]) >= 15  # older ones indent names in two columns otherwise
SHOWN = [(path, shown) for path, text in TEXTS.items() for console in consoles(text) for shown in console]


@pytest.mark.parametrize(
    ("path", "shown"), SHOWN, ids=[f"{path.relative_to(ROOT)}: {shown.command}" for path, shown in SHOWN]
)
def test_console(path: Path, shown: Shown) -> None:
    """To the letter; but for last bits, which are the CPU's, and the layout that follows from them or from Rich."""
    printed = run(shown.command, path.parent)
    assert printed == shown.output or _differs_in_last_bits(printed, shown.output)


def _differs_in_last_bits(printed: str, expected: str) -> bool:
    ours, theirs = (_LONG.split(re.sub("(?m)^ +| +(?= )", "", text)) for text in (printed, expected))
    return (
        ours[::2] == theirs[::2]
        and (ours[1::2] != theirs[1::2] or not _NEW_RICH)  # else the layout alone is another
        and [float(number) for number in ours[1::2]]
        == pytest.approx([float(number) for number in theirs[1::2]], rel=4 * 2.0**-52, abs=4 * 2.0**-52)
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_there_are_consoles(path: Path) -> None:
    assert consoles(TEXTS[path])


def test_the_readme_fits_a_terminal() -> None:
    """But for the two commands that set everything up, which stand on one line each, and tables."""
    assert len(TEXT.splitlines()) <= 320
    wide = [line for line in TEXT.splitlines() if len(line) > 80 and not line.startswith(("python3 -m venv ", "|"))]
    assert not wide


def test_links_lead_somewhere() -> None:
    for path, text in TEXTS.items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).exists(), f"{path}: {target}"


def test_the_architecture_names_what_is_there() -> None:
    """Functions of the route, records, rooms and their layers."""
    text = (PACKAGE / "ARCHITECTURE.md").read_text(encoding="utf-8")
    functions = re.findall(r"`([\w/]+\.py):(\w+)`", text)
    assert len(functions) > 20
    for file, function in functions:
        assert f"\ndef {function}(" in (PACKAGE / file).read_text(encoding="utf-8"), f"{file}:{function}"
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for record in set(re.findall(r"`([A-Z][a-z]+)`", text)):
        assert re.search(rf"^class {record}\b", code, re.MULTILINE), record
    rooms = re.findall(r"^\| \d+ \| `(\w+)`", text, re.MULTILINE)
    assert rooms == [room for layer in LAYERS for room in layer if (PACKAGE / room).is_dir()]


BLOCKS = [block for text in TEXTS.values() for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]


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
        assert re.search(rf"^ {name}\b", TEXTS[SAMPLES], re.MULTILINE), f"{name}: run `python -m tests.documents`"


def test_changelog_knows_this_version() -> None:
    changelog = README.parent / "losscli" / "CHANGELOG.md"
    assert f"## {losscli.__version__}" in changelog.read_text(encoding="utf-8")
