"""What a terminal is sent: nothing that user text could do to it, and lines as wide as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import Ended, fails, losscli, succeeds

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
EVIL = "\x1b[31m\u202e\u200b\u0007\x9b"
NAMES = [f"a{EVIL}b", "a\nerror: all is well", "a\r\x08b", "\ufeffa", "[bold]a", ":skull:"]
LOGITS = ("compute", "cross_entropy", "cross_entropy/logits.npy", "cross_entropy/labels.csv::label")


def assert_tame(ended: Ended, *, colour: bool = False) -> None:
    """Nothing but lines of printable characters, and where it is wanted colour."""
    for text in (ended.out, ended.err):
        plain = ESCAPE.sub("", text) if colour else text
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", plain), text


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("terminal", [True, False])
def test_names_of_files_are_spelled_out(name: str, terminal: bool, tmp_path: Path) -> None:
    (tmp_path / f"{name}.csv").write_text("x,y\n1,bad\n")
    (tmp_path / f"{name}-good.csv").write_text("pred,y,other\n1,2,3\n")
    screen: dict[str, Any] = {"at": tmp_path, "terminal": terminal, "env": {"COLUMNS": "300", "NO_COLOR": "1"}}
    for words in (
        ["compute", "mse", f"{name}.csv::x", f"{name}.csv::y"],
        ["compute", "mse", f"{name}.csv", "1"],
        ["compute", "mse", f"no-{name}.csv", "1"],
        ["compute", "mse", f"{name}.csv::{name}", "1"],
        ["compute", name, "1", "2"],
        ["compute", "mse", "1", "2", f"--{name}"],
        ["compute", "mse", "1", "2", "--convention", name],
        ["compute", "mse", "1", "2", "-r", name],
        ["compute", "mse", "1", "2", "-f", name],
        ["compute", "huber", "1", "2", "--delta", name],
        ["compute", "mse", "1", "2", "--class-axis", name],
        ["compute", "mse", "1", "2", "-o", f"nowhere/{name}"],
        [name],
    ):
        ended = losscli(*words, **screen)
        assert ended.code in (2, 3)
        assert_tame(ended)
        assert "\nerror: all" not in ended.err
    ended = losscli("compute", "mse", f"{name}-good.csv", "-f", "json", **screen)
    assert (ended.code, ended.out.isascii()) == (0, True)
    assert "other" in ended.err
    assert_tame(ended)
    assert ended.json["inputs"]["input"]["source"] == f"{name}-good.csv::pred"


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_words_in_files_are_spelled_out(form: str, tmp_path: Path) -> None:
    """Headers, class words and groups, in every format."""
    (tmp_path / "scores.csv").write_text(f'"a{EVIL}","b|b"\n1,2\n3,5\n', encoding="utf-8")
    (tmp_path / "labels.csv").write_text(f'id,label\n1,"a{EVIL}"\n2,b|b\n', encoding="utf-8")
    grouped = () if form == "csv" else ("--by", "labels.csv::label")  # CSV shows no groups
    words = ("compute", "cross_entropy", "scores.csv", "labels.csv::label", "-f", form, *grouped)
    ended = succeeds(*words, at=tmp_path)
    assert_tame(ended)
    if form == "table":
        assert r"a\x1b[31m\u202e" in ended.out
    if form == "markdown":
        assert r"| b\|b | 1 |" in ended.out
    wrong = losscli(*words, "--classes", "x,y", at=tmp_path)
    assert wrong.code == 3
    assert_tame(wrong)


def test_a_file_name_that_is_no_utf_8(tmp_path: Path) -> None:
    name = b"\xff.csv".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / name).write_text("x,y\n1,bad\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    ended = losscli("compute", "mse", f"{name}::x", f"{name}::y", at=tmp_path)
    assert ended.code == 3
    assert r"\udcff.csv line 2" in ended.err


@pytest.mark.parametrize("words", [LOGITS, ("list",), (*LOGITS, "--by", "cross_entropy/labels.csv::label")])
@pytest.mark.parametrize("columns", ["20", "40", "80", "200"])
def test_no_line_is_wider_than_the_terminal(words: tuple[str, ...], columns: str) -> None:
    shown = succeeds(*words, terminal=True, env={"COLUMNS": columns, "NO_COLOR": "1"}).out
    assert [line for line in shown.splitlines()[1:] if len(line) > int(columns)] == []


def test_a_narrow_terminal_keeps_the_numbers_whole() -> None:
    shown = succeeds(*LOGITS, "--no-per-sample", terminal=True, env={"COLUMNS": "40", "NO_COLOR": "1"}).out
    value = losscli(*LOGITS, "--bare").out.strip()
    assert value in shown


@pytest.mark.parametrize("words", [LOGITS, ("list",)])
def test_a_pipe_gets_everything_unless_columns_says_otherwise(words: tuple[str, ...]) -> None:
    shown = succeeds(*words)
    assert shown == succeeds(*words, env={"COLUMNS": "1000"}) == succeeds(*words, env={"COLUMNS": "wide"})
    assert_tame(shown)
    narrow = succeeds(*words, env={"COLUMNS": "60"}).out.splitlines()
    assert max(map(len, narrow[1:])) <= 60
    if words == LOGITS:
        first = next(line for line in shown.out.splitlines() if line.split()[:1] == ["0"])
        assert len(first.split()) == 3 + 10  # index, target, loss and a gradient for each of ten classes


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"TERM": "xterm-256color"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour(env: dict[str, str], coloured: bool) -> None:
    ended = succeeds(*LOGITS, terminal=True, env={"COLUMNS": "80", **env})
    assert bool(ESCAPE.search(ended.out)) == coloured
    assert_tame(ended, colour=True)
    assert not ESCAPE.search(succeeds(*LOGITS, env=env).out)


@pytest.mark.parametrize("words", [LOGITS, ("list",), ("suite", "mse", "-q")])
def test_colour_that_is_asked_for(words: tuple[str, ...]) -> None:
    assert ESCAPE.search(succeeds(*words, "--color", "always", env={"NO_COLOR": "1"}).out)
    assert not ESCAPE.search(succeeds(*words, "--color", "never", terminal=True, env={"TERM": "xterm"}).out)
    for form in ("json", "csv", "markdown") if words[0] != "suite" else ("json", "markdown", "github"):
        assert not ESCAPE.search(succeeds(*words, "--color", "always", "-f", form).out)
    assert "--color must be auto, always or never" in fails(2, *words, "--color", "red")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("words", [LOGITS, ("list",), (*LOGITS, "-f", "markdown"), (*LOGITS, "-f", "json")])
def test_every_encoding_is_served(encoding: str, words: tuple[str, ...]) -> None:
    """Signs that the encoding lacks are replaced by plain ones; none is lost as a question mark."""
    shown = succeeds(*words, encoding=encoding)
    assert "?" not in shown.out
    assert len(shown.out.splitlines()) == len(succeeds(*words).out.splitlines())
    if encoding == "ascii" and words == LOGITS:
        assert "float32->float64" in shown.out
        assert "d/dinput" in shown.out


def test_errors_in_an_encoding_that_lacks_their_letters() -> None:
    ended = losscli("compute", "mse", "männlich.csv", "1", encoding="ascii")
    assert ended.code == 3
    assert r"m\xe4nnlich.csv" in ended.err


def test_messages_are_folded_between_words() -> None:
    words = ("compute", "mse", "nosuchfile-with-a-long-name-that-stays-whole.csv", "1")
    narrow = losscli(*words, messages=True, env={"COLUMNS": "40"}).err
    assert "nosuchfile-with-a-long-name-that-stays-whole.csv" in narrow
    assert max(len(line) for line in narrow.splitlines() if "nosuchfile" not in line) <= 40
    assert " ".join(narrow.split()) == " ".join(losscli(*words).err.split())
