"""Tables: cut to a terminal's width, whole where nobody is watching."""

from __future__ import annotations

import pytest

from losscli.report.formats import Screen
from losscli.report.tables import Column, console, drawn, more, pairs, table

WIDE, PIPE = Screen(terminal=True, width=200, colour=False), Screen(terminal=False, width=20, colour=False)
NARROW = Screen(terminal=True, width=40, colour=False)
ROWS = [Column("index", ["0", "1"]), Column("∂/∂x", [[f"{i}.5" for i in range(30)], ["-1"] * 30], left=True)]


def shown(screen: Screen, columns: list[Column], gap: int | None = None) -> list[str]:
    paper = console(screen)
    paper.print(table(columns, screen, gap))
    return drawn(paper).splitlines()


def test_a_pipe_gets_all() -> None:
    lines = shown(PIPE, ROWS)
    assert lines[2].split() == ["0", *(f"{i}.5" for i in range(30))]
    assert "…" not in "".join(lines)


def test_a_vector_loses_its_middle_on_a_narrow_terminal() -> None:
    lines = shown(NARROW, ROWS)
    assert max(map(len, lines)) <= 40
    cells = lines[2].split()
    assert (cells[1], cells[-2:]) == ("0.5", ["…", "29.5"])


def test_a_wide_terminal_shows_it_whole() -> None:
    assert "…" not in "".join(shown(WIDE, ROWS))


def test_dots_where_samples_are_left_out() -> None:
    lines = shown(PIPE, [Column("index", ["0", "9"])], gap=0)
    assert [line.strip() for line in lines[2:] if line] == ["0", "⋮", "9"]
    assert more(8) == "8 more samples: --rows all"
    assert more(1) == "1 more sample: --rows all"
    assert more(0) == ""


@pytest.mark.parametrize("cell", ["[bold]x[/bold]", "[/x]", ":skull:", "a\x1b[31mb", "[link=file:///etc]"])
def test_cells_are_not_markup(cell: str) -> None:
    text = "\n".join(shown(PIPE, [Column("group", [cell], left=True)]))
    assert cell.replace("\x1b", r"\x1b") in text
    assert "\x1b" not in text


def test_pairs_show_every_name() -> None:
    paper = console(PIPE)
    paper.print(pairs([("value", "0.1"), ("sum", "0.2")], strong="value"))
    assert [line.split() for line in drawn(paper).splitlines()] == [["value", "0.1"], ["sum", "0.2"]]


def test_nothing_is_coloured_unless_wanted() -> None:
    for colour in (True, False):
        paper = console(Screen(terminal=True, width=80, colour=colour))
        paper.print(pairs([("value", "0.1")], strong="value"))
        assert ("\x1b[" in drawn(paper)) == colour
