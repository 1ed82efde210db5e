"""Writers: each format of a report, at every width, with names that would rather be something else."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from math import inf, nan
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from losscli.report.report import (
    Column,
    Columns,
    Ending,
    Facts,
    Heading,
    Prose,
    Report,
    Screen,
    Signature,
    Table,
    Verbatim,
    table_of,
)
from losscli.report.write import written
from losscli.report.writers.csv import to_csv
from losscli.report.writers.json import jsonable, to_json
from losscli.report.writers.junit import write_junit

EVIL = ["[bold]x[/bold]", "[/x]", ":skull:", "a\x1b[31mb", "[link=file:///etc]", "a\nb", "::error::x"]
SLOPES = [Column(str(at), "∂/∂input", optional=True) for at in range(10)]
WIDE = table_of(
    [Column("index"), Column("prediction", optional=True), Column("loss", strong=True), *SLOPES],
    [[at, -1.2345678e-5 * at, 4.62953e-6 * at, *[-1.23456789e-5 * 7**k for k in range(10)]] for at in range(3)],
)


def shown(table: Table, width: int | None = None, form: str = "table", digits: int | None = None) -> list[str]:
    report = Report(((table,),), dict)
    return "".join(written(report, form, Screen(width), digits)).splitlines()


def test_a_pipe_gets_all() -> None:
    lines = shown(WIDE)
    assert lines[0].split() == ["∂/∂input"]
    assert lines[1].split() == ["index", "prediction", "loss", *map(str, range(10))]
    assert lines[5].split()[:4] == ["2", "-2.46914e-05", "9.25906e-06", "-1.23457e-05"]


@pytest.mark.parametrize("width", range(20, 160, 7))
def test_no_number_is_ever_cut(width: int) -> None:
    """To fit, numbers lose digits down to three, then columns go from the right; index and loss stay."""
    lines = shown(WIDE, width)
    assert max(map(len, lines)) <= width
    rows = [line.split() for line in lines if re.match(r" +[0-2]  ", line)]
    assert len(rows) == 3
    header = next(line.split() for line in lines if "index" in line)
    for at, row in enumerate(rows):
        assert len(row) == len(header)
        exact = [at, -1.2345678e-5 * at, 4.62953e-6 * at, *[-1.23456789e-5 * 7**k for k in range(10)]]
        places = {name: place for place, name in enumerate(["index", "prediction", "loss", *map(str, range(10))])}
        for name, text in zip(header, row, strict=True):
            assert float(text) == pytest.approx(exact[places[name]], rel=6e-3, abs=0)
    left_out = 13 - len(header)
    note = [line for line in lines if "left out" in line]
    assert bool(note) == bool(left_out)
    if left_out:
        assert note[0].startswith(f"{left_out} column")


def test_digits_that_are_asked_for_are_not_dropped() -> None:
    lines = shown(WIDE, 60, digits=12)
    assert "9.25906000000e-06" not in lines[-2]
    assert "9.25906e-06" in "\n".join(lines)
    assert any("left out" in line for line in lines)


def test_words_are_folded_and_then_listed() -> None:
    columns = [Column("name", left=True, strong=True), Column("what it is", left=True, wraps=True)]
    table = table_of(columns, [["huber", "Squared error near zero, absolute error in the tails."]])
    assert len(shown(table)) == 3
    folded = shown(table, 40)
    assert max(map(len, folded)) <= 40
    assert " ".join(" ".join(folded[2:]).split()) == "huber Squared error near zero, absolute error in the tails."
    listed = shown(table, 14)
    assert listed[0] == "huber"
    assert listed[1].startswith("  what it is:")


def test_dots_where_rows_are_left_out() -> None:
    table = Table((Column("index"),), [[[0]], [[9]]], 2, gap=0, note="8 more samples: --rows all")
    assert [line.strip() for line in shown(table)[2:]] == ["0", "⋮", "9", "8 more samples: --rows all"]
    assert shown(table_of([Column("index")], [[0], [9]]), form="markdown") == ["| index |", "| --- |", "| 0 |", "| 9 |"]


def test_a_long_table_streams_and_looks_the_same() -> None:
    """Blocks are drawn as they come, none of them twice, in lines as those of a short table."""
    drawn: list[int] = []

    def blocks(count: int) -> Any:
        for start in range(0, count, 500):
            drawn.append(start)
            yield [list(range(start, start + 500)), [0.5 * at for at in range(start, start + 500)]]

    columns = (Column("index"), Column("loss", strong=True))
    pieces = written(Report(((Table(columns, blocks(5000), 5000),),), dict), "table", Screen())
    head = [next(pieces) for _ in range(3)]
    assert drawn == [0]
    lines = "".join([*head, *pieces]).splitlines()
    assert drawn == list(range(0, 5000, 500))
    assert len(lines) == 5002
    assert lines[-1].split() == ["4999", "2499.5"]
    assert len({len(line) for line in lines[2:]}) == 1
    short = shown(Table(columns, blocks(500), 500))
    assert [line.split() for line in short] == [line.split() for line in lines[:502]][:1] + [
        line.split() for line in short
    ][1:]
    assert [line.split() for line in short[2:]] == [line.split() for line in lines[2:502]]


@pytest.mark.parametrize("cell", EVIL, ids=ascii)
@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_user_text_is_text(cell: str, form: str) -> None:
    """Neither markup, nor a terminal's command, nor a line of its own."""
    for table in (table_of([Column("group", left=True)], [[cell]]), table_of([Column(cell, left=True)], [["x"]])):
        lines = shown(table, form=form)
        text = "\n".join(lines)
        assert "\x1b" not in text
        assert not any(line.lstrip().startswith("::") for line in lines)
        plain = cell.replace("\x1b", r"\x1b").replace("\n", r"\x0a").replace("::error", r"\x3a:error")
        if form == "markdown":
            plain = re.sub(r"[\\\[\]]", r"\\\g<0>", plain)
        assert plain in text


def test_nothing_is_coloured_unless_wanted() -> None:
    report = Report(((Heading("the value", "holds"), Facts((("value", 0.1),), strong="value")), (WIDE,)), dict)
    for colour in (True, False):
        assert ("\x1b[" in "".join(written(report, "table", Screen(200, colour)))) == colour


PAGE = Report(
    (
        (Signature("mse | torch"),),
        (Heading("the value", "refuted", "a.yaml:3"), Facts((("claimed", "0.10"), ("ours", 0.25)), strong="ours")),
        (Prose("One two three.", indent=2), Prose("four", item=True), Verbatim(("$ losscli", "1.0"))),
        (table_of([Column("a|b", left=True), Column("n")], [["x|y", 1], ["_z_", 0.125]]),),
    ),
    lambda: {"a": nan},
    endings=(
        Ending("a.yaml", 3, "no <good>", "refuted", ("why: 50%", "more"), 0.25),
        Ending("a", 1, "b", "holds", (), 0.5),
    ),
    summary="2 cases: 1 holds, 1 refuted",
)


def test_a_page_as_table() -> None:
    assert "".join(written(PAGE, "table", Screen())) == (
        "mse | torch\n\nrefuted  the value  a.yaml:3\nclaimed  0.10\n   ours  0.25\n\n  One two three.\n- four\n"
        "  $ losscli\n  1.0\n\n a|b      n\n ──────────\n x|y      1\n _z_  0.125\n\n2 cases: 1 holds, 1 refuted\n"
    )


def test_a_page_as_markdown() -> None:
    assert "".join(written(PAGE, "markdown", Screen())) == (
        "**2 cases: 1 holds, 1 refuted**\n\n`mse | torch`\n\n**refuted: the value** (a.yaml:3)\n\n- claimed: 0.10\n"
        "- ours: 0.25\n\nOne two three.\n\n- four\n\n```console\n$ losscli\n1.0\n```\n\n| a\\|b | n |\n| --- | --- |\n"
        "| x\\|y | 1 |\n| \\_z\\_ | 0.125 |\n"
    )


def test_a_page_as_csv_and_json() -> None:
    assert "".join(written(PAGE, "csv", Screen())) == "a|b,n\nx|y,1\n_z_,0.125\n"
    assert "".join(written(PAGE, "json", Screen())) == '{"a": "NaN"}\n'


def test_a_page_as_junit() -> None:
    """Attributes of Jenkins' junit-10.xsd only; GitLab's family has file and line."""
    root = ElementTree.fromstring("".join(write_junit(PAGE, "jenkins")))
    assert root.attrib == {"name": "losscli", "tests": "2", "failures": "1", "errors": "0", "time": "0.750"}
    assert [suite.get("name") for suite in root] == ["a.yaml", "a"]
    case = root[0][0]
    assert case.attrib == {"name": "no <good>", "classname": "a.yaml", "time": "0.250"}
    assert (case[0].tag, case[0].get("message"), case[0].text) == ("failure", "why: 50%", "why: 50%\nmore")
    gitlab = ElementTree.fromstring("".join(write_junit(PAGE, "gitlab")))[0][0]
    assert (gitlab.get("file"), gitlab.get("line")) == ("a.yaml", "3")


def test_a_column_of_a_group_is_named_by_both_in_csv() -> None:
    columns: Columns = [[1], [2]]
    table = Table((Column("index"), Column("cat", "d_input")), [columns], 1)
    assert shown(table, form="csv") == ["index,d_input_cat", "1,2"]
    assert list(csv.reader(StringIO("\n".join(shown(table, form="csv"))))) == [["index", "d_input_cat"], ["1", "2"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": nan, "b": [inf, -inf, 0.1]}, '{"a": "NaN", "b": ["Infinity", "-Infinity", 0.1]}'),
        (np.array([[1.0, nan]]), '[[1.0, "NaN"]]'),
        (np.float32(0.5), "0.5"),
        (np.int64(3), "3"),
        ({"é\x1b": None}, '{"\\u00e9\\u001b": null}'),
        ((True, 2, "x"), '[true, 2, "x"]'),
        ("##[error]x", r'"##\u005berror]x"'),
        (-0.0, "-0.0"),
    ],
    ids=ascii,
)
def test_json(value: Any, text: str) -> None:
    assert to_json(value) == text
    json.loads(text)
    assert jsonable(value) == json.loads(text)


def test_csv_quotes_where_needed() -> None:
    assert to_csv([["a", "b,c"], ["1", 'd"e']]) == 'a,"b,c"\n1,"d""e"\n'


def test_columns_by_the_thousand_are_measured_once() -> None:
    """A count of cells that become text, in place of a time: with 5000 columns some dozens may be shown."""
    columns = [Column("index"), *(Column(str(at), "∂/∂input", optional=True) for at in range(5000))]
    table = table_of(columns, [[row, *(0.1 * row for _ in range(5000))] for row in range(3)])
    lines = shown(table, 80)
    assert max(map(len, lines)) <= 80
    assert any(re.fullmatch(r"49\d\d columns left out: .*", line) for line in lines)


def test_cells_in_markdown_are_text() -> None:
    (row,) = shown(table_of([Column("key")], [["<img src=x> _u_ [x](y) `c`"]]), form="markdown")[2:]
    assert row == "| \\<img src=x\\> \\_u\\_ \\[x\\](y) \\`c\\` |"


def test_headings_fold() -> None:
    heading = Heading("an identity of many words, which no narrow terminal has room for", "does not apply")
    lines = "".join(written(Report(((heading,),), dict), "table", Screen(40))).splitlines()
    assert max(map(len, lines)) <= 40
    assert (
        " ".join(" ".join(lines).split())
        == "does not apply an identity of many words, which no narrow terminal has room for"
    )
