"""Pages of a loss, and of one sample's steps, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from losscli.checks.worked_example import Worked
from losscli.report.explain import Example, Section, as_object, headline, page, paragraphs
from losscli.report.formats import Screen
from losscli.report.grid import grid
from losscli.report.tables import console, drawn
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.schema.loss import Loss
from losscli.schema.text import printable, significant

_PROSE, _WIDEST = 100, 140  # columns of text and of rows, where there is no terminal
_STEPS = ("step", "formula", "value")


def as_format(loss: Loss, example: Example | None, form: str, screen: Screen) -> str:
    """The page of a loss."""
    sections = page(loss, example)
    if form == "json":
        return to_json({"schema": 1, "rows": [as_object(loss, example)]}) + "\n"
    if form == "csv":
        return to_csv([("part", "text"), ("Name", loss.name), ("Summary", headline(loss)), *_flat(sections)])
    if form == "markdown":
        return _as_markdown(loss, sections)
    return _as_table(loss, sections, screen)


def steps_as_format(loss: Loss, found: Worked, form: str, screen: Screen, digits: int | None) -> str:
    """The steps of one sample's number."""
    rows = _steps(found)
    if form == "json":
        objects = [{"step": name, "formula": formula, "value": value} for name, formula, value in rows]
        return to_json({"schema": 1, "rows": objects}) + "\n"
    texts = [(name, formula, _numbers(value, None if form == "csv" else digits)) for name, formula, value in rows]
    if form == "csv":
        return to_csv([_STEPS, *texts])
    if form == "markdown":
        return f"# {printable(loss.name)}, sample {_index(found)}\n\n{to_markdown([_STEPS, *texts])}"
    from rich.text import Text

    paper = console(screen)
    paper.print(Text.assemble((printable(loss.name), "bold"), f"  {printable(headline(loss))}"))
    formula = paragraphs(loss).get("Formula")
    if formula:
        _prose(paper, formula, screen)
    paper.print()
    paper.print(Text(f"Sample {_index(found)}, step by step"))
    if not found.steps:
        paper.print(Text("This loss does not say by which steps it comes about.", style="dim"))
    paper.print(grid([(f"  {name}", formula, text) for name, formula, text in texts], ("bold", "dim")))
    return drawn(paper)


def _steps(found: Worked) -> list[tuple[str, str, Any]]:
    """What is given, the steps, the kernel's value, and the gradients."""
    rows: list[tuple[str, str, Any]] = [(name, "given", value) for name, value in found.inputs.items()]
    rows += [(step.name, step.formula, step.value) for step in found.steps]
    rows.append(("losscli's value", "computed so that nothing cancels", found.value))
    rows += [(f"∂loss/∂{name}", "of this sample alone", slope) for name, slope in found.gradients.items()]
    return rows


def _numbers(value: Any, digits: int | None) -> str:
    """A number, or a row of them."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(plain, (list, tuple)):
        return (
            f"[{', '.join(_numbers(each, digits) for each in plain)}]"
            if len(plain) != 1
            else _numbers(plain[0], digits)
        )
    if isinstance(plain, (bool, str)) or plain is None:
        return str(plain)
    return str(plain) if isinstance(plain, int) else significant(float(plain), digits)


def _index(found: Worked) -> str:
    return ",".join(map(str, found.index)) or "0"


def _as_table(loss: Loss, sections: Sequence[Section], screen: Screen) -> str:
    from rich.text import Text

    paper = console(screen)
    paper.print(Text.assemble((printable(loss.name), "bold"), f"  {loss.family}" if loss.family else ""))
    paper.print(Text(printable(headline(loss))))
    for section in sections:
        paper.print()
        paper.print(Text(section.title, style="bold"))
        if section.prose:
            _prose(paper, section.prose, screen)
        for item in section.items:
            _prose(paper, item, screen, first="  - ", indent="    ")
        if section.header:
            _entries(paper, section, screen)
        else:
            for (line,) in section.rows:
                paper.print(Text(f"  {printable(line)}"), soft_wrap=True)
    return drawn(paper)


def _entries(paper: Any, section: Section, screen: Screen) -> None:
    """A row an entry, its name first: side by side where there is room, else below each other."""
    from rich.text import Text

    rows = [tuple(f"  {cell}" if not at else cell for at, cell in enumerate(row)) for row in section.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * len(widths) <= (screen.width if screen.terminal else _WIDEST):
        paper.print(grid(rows, ("bold",)))
        return
    for name, *cells in section.rows:
        paper.print(Text(f"  {printable(name)}", style="bold"))
        for label, cell in zip(section.header[1:], cells, strict=True):
            if cell:
                _prose(paper, f"{label}: {cell}", screen, indent="    ")


def _prose(paper: Any, text: str, screen: Screen, indent: str = "  ", first: str | None = None) -> None:
    from rich.text import Text

    width = min(screen.width, 120) if screen.terminal else _PROSE
    start = indent if first is None else first
    safe = printable(text)
    for line in wrap(safe, max(20, width), initial_indent=start, subsequent_indent=indent, break_on_hyphens=False):
        paper.print(Text(printable(line)))  # a line may begin where none did before


def _as_markdown(loss: Loss, sections: Sequence[Section]) -> str:
    parts = [f"# {printable(loss.name)}\n", f"{printable(headline(loss))}\n"]
    for section in sections:
        parts.append(f"## {section.title}\n")
        if section.prose:
            parts.append(f"{printable(section.prose)}\n")
        if section.items:
            parts.append("".join(f"- {printable(item)}\n" for item in section.items))
        if section.header:
            parts.append(to_markdown([section.header, *section.rows]))
        elif section.rows:
            lines = "\n".join(printable(line) for (line,) in section.rows)
            parts.append(f"```console\n{lines}\n```\n")
    return "\n".join(parts)


def _flat(sections: Sequence[Section]) -> list[tuple[str, str]]:
    found = []
    for section in sections:
        found += [(section.title, text) for text in (section.prose, *section.items) if text]
        found += [(section.title, " | ".join(cell for cell in row if cell)) for row in section.rows]
    return found
