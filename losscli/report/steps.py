"""A worked example as a report."""

from __future__ import annotations

from typing import Any

from losscli.checks.worked_example import Worked
from losscli.report.explain import headline, paragraphs
from losscli.report.report import Column, Heading, Part, Prose, Report, Signature, rows_document, table_of, words_table
from losscli.schema.loss import Loss
from losscli.schema.text import significant

_HEADER = ("step", "formula", "value")


def report(loss: Loss, worked: Worked, signature: str, digits: int | None) -> Report:
    """The inputs, the steps, the value of the kernel, and the gradients."""
    rows: list[tuple[str, str, Any]] = [(name, "given", value) for name, value in worked.inputs.items()]
    rows += [(step.name, step.formula, step.value) for step in worked.steps]
    if not worked.by_users_function:
        rows.append(("losscli's value", "computed so that nothing cancels", worked.value))
    else:
        rows.append(("your value", "what the function returns", worked.value))
    rows += [(f"∂loss/∂{name}", "of this sample alone", slope) for name, slope in worked.gradients.items()]
    head: list[Part] = [Heading(loss.name), Prose(headline(loss))]
    if formula := paragraphs(loss).get("Formula"):
        head.append(Prose(formula, indent=2))
    index = ",".join(map(str, worked.index)) or "0"
    steps: list[Part] = [Heading(f"Sample {index}, step by step")]
    if not worked.steps and not worked.by_users_function:
        steps.append(Prose("No steps are known for this loss.", dim=True))
    columns = (Column("step", left=True, strong=True), *(Column(name, left=True, wraps=True) for name in _HEADER[1:]))
    steps.append(table_of(columns, [(name, formula, _numbers(value, digits)) for name, formula, value in rows]))
    sheet = words_table(_HEADER, [(name, formula, _numbers(value, None)) for name, formula, value in rows])
    return Report(
        ((Signature(signature),), tuple(head), tuple(steps)),
        rows_document(dict(zip(_HEADER, row, strict=True)) for row in rows),
        sheet,
    )


def _numbers(value: Any, digits: int | None) -> str:
    """A number, or a row of them."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(plain, (list, tuple)):
        texts = [_numbers(entry, digits) for entry in plain]
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return significant(plain, digits) if isinstance(plain, float) else str(plain)
