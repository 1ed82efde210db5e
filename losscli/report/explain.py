"""The page of a loss, made from its definition."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from losscli.report.report import (
    Cell,
    Column,
    Heading,
    Part,
    Prose,
    Report,
    Table,
    Verbatim,
    rows_document,
    table_of,
    words_table,
)
from losscli.schema.loss import Convention, InputSpec, Loss, OptionSpec, Role
from losscli.schema.records import record
from losscli.schema.text import shortest

_PART = re.compile(r"([A-Z][a-z]+): ?(.*)")
_AXES = {"u": "any shape", "u c": "(C), (N, C) or (N, C, d1, …)", "u d": "(D), (N, D) or (…, D)"}
_BEFORE_OTHERS = "Pitfalls"
_ORDER = (
    "Use",
    "Formula",
    "Inputs",
    "Options",
    "Gradient",
    "Accuracy",
    "Relations",
    _BEFORE_OTHERS,
    "Conventions",
    "Names",
    "Source",
    "Example",
)


@record
class Example:
    """A command line and what it printed."""

    command: str
    output: str


def example_words(loss: Loss) -> list[str]:
    """The words of the loss's example, as a command line has them; empty if it has none."""
    return ["compute", loss.name, *loss.example, "--bare"] if loss.example else []


def example_of(words: list[str], output: str) -> Example:
    """The example as a shell takes it."""
    return Example(shlex.join(["losscli", *words]), output)


def headline(loss: Loss) -> str:
    """The first line of the docstring."""
    return loss.summary.splitlines()[0]


def paragraphs(loss: Loss) -> dict[str, str]:
    """The docstring after its first line, by the words that start its parts; what has none is `Notes`."""
    found: dict[str, list[str]] = {}
    title = "Notes"
    for line in (line.strip() for line in loss.summary.splitlines()[1:]):
        match = _PART.fullmatch(line)
        if match:
            title, line = match[1], match[2]
        if line:
            found.setdefault(title, []).append(line)
    return {title: " ".join(lines) for title, lines in found.items()}


def report(loss: Loss, example: Example | None) -> Report:
    """All parts in their order; those of which the definition says nothing are left out."""
    prose = paragraphs(loss)
    pitfalls = [item.strip().rstrip(".") for item in prose.get("Pitfalls", "").split(";") if item.strip()]
    relations = [(identity.text, identity.where or "always") for identity in loss.relations]
    parts: dict[str, list[Part]] = {title: [Prose(text, indent=2)] for title, text in prose.items()}
    parts["Pitfalls"] = [Prose(item, indent=2, item=True) for item in pitfalls]
    parts["Options"] = _table(("option", "type", "must be", "default", "meaning"), _option_rows(loss))
    parts["Inputs"] = [*parts.get("Inputs", []), *_table(("input", "shape", "must be", "meaning"), _inputs(loss))]
    parts["Relations"] = [*parts.get("Relations", []), *_table(("identity", "holds for"), relations)]
    parts["Conventions"] = _conventions(loss)
    parts["Names"] = _names(loss)
    parts["Example"] = [] if example is None else [Verbatim((f"$ {example.command}", *example.output.splitlines()))]
    others = [title for title in prose if title not in _ORDER]
    order = [*_ORDER[: _ORDER.index(_BEFORE_OTHERS) + 1], *others, *_ORDER[_ORDER.index(_BEFORE_OTHERS) + 1 :]]
    groups: list[tuple[Part, ...]] = [(Heading(loss.name, aside=loss.family), Prose(headline(loss)))]
    groups += [(Heading(title), *parts[title]) for title in order if parts.get(title)]
    return Report(
        tuple(groups),
        rows_document([_object(loss, example)]),
        words_table(("part", "text"), _flat(loss, groups)),
    )


def _flat(loss: Loss, groups: Sequence[tuple[Part, ...]]) -> list[tuple[str, str]]:
    """The page as rows: the title of each part, and each of its texts."""
    rows = [("Name", loss.name), ("Summary", headline(loss))]
    for heading, *parts in groups[1:]:
        title = heading.text if isinstance(heading, Heading) else ""
        for part in parts:
            if isinstance(part, Table):
                lines = [zip(*block, strict=True) for block in part.blocks]
                rows += [(title, " | ".join(str(cell) for cell in line if cell)) for block in lines for line in block]
            elif isinstance(part, Verbatim):
                rows += [(title, line) for line in part.lines]
            elif isinstance(part, Prose):
                rows.append((title, part.text))
    return rows


def _table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Part]:
    columns = [Column(name, left=True, strong=not at, wraps=at > 0) for at, name in enumerate(header)]
    return [table_of(columns, rows)] if rows else []


def _object(loss: Loss, example: Example | None) -> dict[str, Any]:
    """The page for machines."""
    return {
        "name": loss.name,
        "family": loss.family,
        "summary": headline(loss),
        "paragraphs": paragraphs(loss),
        "inputs": [_named(("name", "shape", "domain", "help"), row) for row in _inputs(loss)],
        "options": [_named(("name", "type", "domain", "default", "help"), row) for row in _option_rows(loss)],
        "reductions": list(loss.reductions),
        "conventions": [
            {
                "name": each.name,
                "reduction": each.reduction,
                "values": {name: _value(value) for name, value in each.values.items()},
                "source": each.source,
                "names": list(each.names),
            }
            for each in loss.each_convention
        ],
        "relations": [
            {"relation": each.text, "other_loss": each.loss, "condition": each.where} for each in loss.relations
        ],
        "class_name": loss.class_name,
        "function_name": loss.function_name,
        "names": list(loss.names),
        "example": None if example is None else {"command": example.command, "output": example.output},
    }


def _inputs(loss: Loss) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for spec in loss.inputs:
        if spec.members is not None:
            rows.append((spec.name, "named arrays", spec.members.domain.words, spec.members.help))
        rows += [(spec.name, _shape(loss, spec, form), form.domain.words, _meaning(form)) for form in spec.forms]
    return tuple(rows)


def _meaning(form: Role) -> str:
    """What the form holds, and when it is taken."""
    if form.when or form.unless:
        return f"{form.help}, {f'with {form.when}' if form.when else f'without {form.unless}'}"
    return form.help


def _shape(loss: Loss, spec: InputSpec, form: Role) -> str:
    """The shapes that a form may have, in words."""
    if not loss.separable:
        optional = [token.rstrip("?").upper() for token in form.axes.split() if token.endswith("?")]
        names = ", ".join(token.rstrip("?").upper() if token != "..." else "…" for token in form.axes.split())
        return f"({names})" + (f", {optional[0]} only of several samples" if optional else "")
    first = loss.inputs[0]
    if spec is first:
        return _AXES[form.axes]
    spread = ", or smaller, and spread over it" if form.spreads else ""
    if form.axes == first.forms[0].axes:
        return f"that of {first.name}{spread}"
    without = "classes" if first.forms[0].axes == "u c" else "components"
    return f"that of {first.name} without the {without}{spread}"


def _option_rows(loss: Loss) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (spec.name, _type(spec), spec.option.domain.words, _value(spec.default), spec.option.help)
        for spec in loss.options
    )


def _type(spec: OptionSpec) -> str:
    arrays = {
        "c": "array, one entry a class",
        "u": "array, broadcast to the samples",
        "u d": "array, broadcast to the elements",
        "*": "list",
    }
    if spec.option.axes:
        return arrays.get(spec.option.axes, f"array ({', '.join(spec.option.axes.upper().split())})")
    named = {bool: "true or false", int: "integer", float: "number", object: "any"}
    return named.get(spec.type, "word")


def _value(value: Any) -> str:
    """An option's or a constant's value; of a constant that depends on the type of the data both of its values."""
    if callable(value):
        return f"{_value(value('float32'))} for float32, {_value(value('float64'))} for float64"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return shortest(value).removesuffix(".0")
    return "none" if value is None else str(value)


def _conventions(loss: Loss) -> list[Part]:
    rows = [
        (each.name, each.reduction, _fixed(loss, each), ", ".join(each.names), each.source)
        for each in loss.each_convention
    ]
    return _table(("convention", "reduction", "constants and options", "names", "source"), rows)


def _fixed(loss: Loss, convention: Convention) -> str:
    """What a convention sets; of torch, whose values are the defaults, all that others set otherwise."""
    values = dict(convention.values)
    if convention.name == "torch":
        set_by_others = {name for each in loss.conventions.values() for name in each.values}
        defaults = {**{spec.name: spec.default for spec in loss.options}, **loss.constants}
        values = {name: value for name, value in defaults.items() if name in set_by_others} | values
    text = ", ".join(f"{name} = {_value(value)}" for name, value in values.items())
    return text if convention.weights_divide else f"{text}{', ' if text else ''}a weighted mean divides by the count"


def _names(loss: Loss) -> list[Part]:
    """The class, the function, and every other name that finds the loss."""
    rows = [("class", loss.class_name), ("function", loss.function_name), ("also", ", ".join(loss.aliases))]
    rows += [(each.name, ", ".join(each.names)) for each in loss.conventions.values() if each.names]
    return _table(("framework or kind", "names"), [(kind, names) for kind, names in rows if names])


def _named(keys: tuple[str, ...], row: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(keys, row, strict=True))
