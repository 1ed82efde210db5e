"""Markdown: tables, lists and code, for pull requests and job summaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from losscli.report.report import Column, Facts, Heading, Part, Prose, Report, Signature, Table
from losscli.report.writers.texts import cell_texts, shown
from losscli.schema.text import printable

_SIGN = re.compile(r"[\\`*\[\]<>#|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def write_markdown(report: Report, digits: int | None) -> Iterator[str]:
    """The parts, separated by blank lines."""
    between = ""
    if report.summary:
        yield f"**{escaped(report.summary)}**\n"
        between = "\n"
    for group in report.groups:
        for part in group:
            yield between
            yield from _part(part, digits)
            between = "\n"


def escaped(text: str) -> str:
    """User text that stands in Markdown as itself; between letters an underscore does."""
    return _SIGN.sub(r"\\\g<0>", printable(text))


def _part(part: Part, digits: int | None) -> Iterator[str]:
    if isinstance(part, Signature):
        yield f"`{printable(part.text).replace('`', chr(39))}`\n"
    elif isinstance(part, Heading):
        title = f"{part.verdict}: {part.text}" if part.verdict else part.text
        yield f"**{escaped(title)}**{f' ({escaped(part.aside)})' if part.aside else ''}\n"
    elif isinstance(part, Facts):
        yield from (f"- {escaped(name)}: {escaped(shown(value, digits))}\n" for name, value in part.rows)
    elif isinstance(part, Prose):
        yield f"{'- ' if part.item else ''}{escaped(part.text)}\n"
    elif isinstance(part, Table):
        yield from _table(part, digits)
    else:
        yield "```console\n"
        yield from (f"{printable(line)}\n" for line in part.lines)
        yield "```\n"


def _table(table: Table, digits: int | None) -> Iterator[str]:
    yield _row(_title(column) for column in table.columns)
    yield "|" + " --- |" * len(table.columns) + "\n"
    row = 0
    for columns in table.blocks:
        texts = [
            cell_texts(cells, digits or column.digits) for cells, column in zip(columns, table.columns, strict=True)
        ]
        for cells in zip(*texts, strict=True):
            yield _row(cells)
            if row == table.gap:
                yield _row("⋮" for _ in cells)
            row += 1
    if table.note:
        yield f"\n{escaped(table.note)}\n"


def _title(column: Column) -> str:
    return " ".join(filter(None, (column.group, column.name)))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |\n"
