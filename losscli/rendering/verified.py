"""A verification in every format."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from losscli.judging.verify import HOLDS, Explanation, Judged, Verified
from losscli.rendering.computed import document
from losscli.rendering.formats import Screen
from losscli.rendering.signature import signature
from losscli.rendering.tables import console, drawn
from losscli.rendering.text import plural, printable, shortest, significant, to_csv, to_json, to_markdown

if TYPE_CHECKING:
    from rich.table import Table

# What would give the right value away
_SECRETS = ("value", "sum", "mean", "standard_error", "per_sample", "gradients", "groups", "objective")


def as_format(verified: Verified, form: str, screen: Screen, *, hint_only: bool, digits: int | None) -> str:
    """A verification in one of the formats; with `hint_only` without anything that tells the right value."""
    if form == "bare":
        return f"{verified.verdict}\n"
    if form == "json":
        return as_json(verified, hint_only=hint_only)
    if form == "csv":
        return to_csv([_HEADER, *(_sheet_row(judged, hint_only, None) for judged in verified.claims)])
    if form == "markdown":
        return _as_markdown(verified, hint_only, digits)
    return _as_table(verified, screen, hint_only, digits)


def as_json(verified: Verified, *, hint_only: bool) -> str:
    """What compute says, and the verdict."""
    found = document(verified.result)
    if hint_only:
        found |= {name: None for name in _SECRETS if name in found}
    found["warnings"] = [*verified.warnings, *verified.result.bound.notes]
    found |= {
        "verdict": verified.verdict,
        "claims": [_claim_object(judged, hint_only) for judged in verified.claims],
        "explanations": [explanation_object(each, hint_only) for each in verified.explanations],
    }
    return to_json(found) + "\n"


def _claim_object(judged: Judged, hint_only: bool) -> dict[str, Any]:
    worst: dict[str, Any] | None = None
    if judged.worst is not None:
        worst = {"index": list(judged.worst.index), "claim": judged.worst.claim}
        if not hint_only:
            worst["ours"] = judged.worst.ours
    return {
        "kind": judged.kind,
        "role": judged.role or None,
        "verdict": judged.verdict,
        "claim": judged.source if judged.claim is None else judged.claim,
        "tolerance": None if _tells(judged, hint_only) else judged.tolerance,
        "rule": judged.rule,
        "difference": None if hint_only else judged.difference,
        "differing": judged.differing,
        "elements": judged.elements,
        "worst": worst,
    }


def _tells(judged: Judged, hint_only: bool) -> bool:
    """Whether a tolerance would give our value away, of which it is a share."""
    return hint_only and "ours" in judged.rule


def explanation_object(each: Explanation, hint_only: bool = False) -> dict[str, Any]:
    """An explanation for programs; with `hint_only` without numbers."""
    return {
        "mistake": each.mistake,
        "text": _text(each, hint_only),
        "value": None if hint_only else each.value,
        "difference": None if hint_only else each.difference,
        "alternatives": list(each.alternatives),
    }


def _text(each: Explanation, hint_only: bool) -> str:
    return f"{each.text} ({each.numbers})" if each.numbers and not hint_only else each.text


def report(verified: Verified, *, hint_only: bool = False, digits: int | None = None) -> list[str]:
    """The verdict and its reasons in lines of plain text, as a test's failure message shows them."""
    lines = []
    for judged in verified.claims:
        lines.append(f"{judged.verdict}: {_name(judged)}")
        lines += [f"  {name:>10}  {text}" for name, text in _facts(judged, verified, hint_only, digits)]
    for each in verified.explanations:
        reasons = _reasons(each, hint_only, digits, first=each is verified.explanations[0])
        lines += ["", *(f"  {name:>10}  {text}" for name, text in reasons)]
    if last := _last_word(verified):
        lines += ["", last]
    return lines


def _name(judged: Judged) -> str:
    names = {
        "value": "the value",
        "per_sample": "the losses of the samples",
        "gradient": f"the gradient with respect to {judged.role}",
        "at_most": "an upper bound of the value",
        "at_least": "a lower bound of the value",
    }
    return names[judged.kind]


def _claimed(judged: Judged, digits: int | None) -> str:
    """A number as it was written, for its digits count; of many the source."""
    if judged.claim is None:
        return judged.source
    return judged.text or significant(judged.claim, digits)


def _facts(judged: Judged, verified: Verified, hint_only: bool, digits: int | None) -> list[tuple[str, str]]:
    """The census of one claim, by name."""
    bound = judged.kind in ("at_most", "at_least")
    facts = [("claimed", _claimed(judged, digits))]
    value = verified.result.value
    if judged.elements == 1 and value is not None and not hint_only:
        facts.append(("ours", significant(value, digits)))
    if judged.elements > 1:
        differing = f"{judged.differing} of {judged.elements} differ, {judged.beyond} beyond the tolerance"
        facts.append(("elements", differing))
    if judged.worst is not None and judged.beyond:
        where = ", ".join(map(str, judged.worst.index))
        ours = "" if hint_only else f", ours {significant(judged.worst.ours, digits)}"
        facts.append(("worst", f"at {where}: claimed {significant(judged.worst.claim, digits)}{ours}"))
    if not hint_only and not bound:
        passing = "" if judged.verdict == HOLDS else ", the smallest tolerance that would pass"
        facts.append(("difference", f"{judged.difference:.6g}{passing}"))
    if bound:
        facts.append(("rule", judged.rule))
    else:
        width = "" if _tells(judged, hint_only) else f"±{judged.tolerance:.6g}: "
        facts.append(("tolerance", f"{width}{judged.rule}"))
    return facts


def _reasons(each: Explanation, hint_only: bool, digits: int | None, *, first: bool) -> list[tuple[str, str]]:
    """An explanation, by name: the mistake, what it is, what it gives, and what to do about it."""
    reasons = [("mistake" if first else "or", each.mistake), ("that is", _text(each, hint_only))]
    if not hint_only and not isnan(each.value):
        near = f"{abs(each.difference):.2g} from the claim" if each.difference else "which is the claim"
        reasons.append(("it gives", f"{significant(each.value, digits)}, {near}"))
    reasons.append(("cure", each.cure))
    if each.alternatives:
        separates = f"; {each.separates}" if each.separates else ""
        reasons.append(("or it is", f"{', '.join(each.alternatives)}, with the same number{separates}"))
    return reasons


def _as_table(verified: Verified, screen: Screen, hint_only: bool, digits: int | None) -> str:
    from rich.text import Text

    paper = console(screen)
    paper.print(signature(verified.result.bound, verified.result.reduced), style="dim", soft_wrap=True)
    for judged in verified.claims:
        paper.print()
        style = "bold green" if judged.verdict == HOLDS else "bold red"
        paper.print(Text.assemble((judged.verdict, style), f"  {_name(judged)}"))
        paper.print(_named(_facts(judged, verified, hint_only, digits), strong="ours"))
    for each in verified.explanations:
        paper.print()
        reasons = _reasons(each, hint_only, digits, first=each is verified.explanations[0])
        paper.print(_named(reasons, strong=reasons[0][0]))
    if last := _last_word(verified):
        paper.print()
        paper.print(last)
    return drawn(paper)


def _named(rows: list[tuple[str, str]], strong: str) -> Table:
    """Names and texts in two columns, the first as wide in every block; long texts are folded between words."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", min_width=_NAME_WIDTH, no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, printable(text), style="bold" if name == strong else None)
    return table


_NAME_WIDTH = len("difference")
_NO_REASON = (
    "no known mistake gives this; more digits, or the losses of the samples (--claim-per-sample), may tell more"
)


_SEVERAL = "more digits, or the losses of the samples (--claim-per-sample), would tell these apart"


def _last_word(verified: Verified) -> str:
    """What would help where an explanation was looked for in vain, or more than one was found."""
    kinds = ("value", "per_sample", "gradient")
    refuted = [judged.kind for judged in verified.claims if judged.verdict != HOLDS and judged.kind in kinds]
    if not verified.explanations:
        return _NO_REASON if refuted else ""
    return _SEVERAL if len(verified.explanations) > 1 and refuted == ["value"] else ""


_HEADER = ("kind", "role", "verdict", "claim", "tolerance", "rule", "difference", "differing", "elements")


def _sheet_row(judged: Judged, hint_only: bool, digits: int | None) -> list[str]:
    claim = judged.source if judged.claim is None else significant(judged.claim, digits)
    return [
        judged.kind,
        judged.role,
        judged.verdict,
        claim,
        "" if _tells(judged, hint_only) else shortest(judged.tolerance),
        judged.rule,
        "" if hint_only else shortest(judged.difference),
        str(judged.differing),
        str(judged.elements),
    ]


def _as_markdown(verified: Verified, hint_only: bool, digits: int | None) -> str:
    parts = [
        f"`{signature(verified.result.bound, verified.result.reduced)}`",
        f"**{verified.verdict}** ({plural(len(verified.claims), 'claim')})",
        to_markdown([_HEADER, *(_sheet_row(judged, hint_only, digits) for judged in verified.claims)]).rstrip(),
    ]
    for each in verified.explanations:
        (_, name), *rest = _reasons(each, hint_only, digits, first=True)
        parts.append("\n".join([f"- **{name}**", *(f"  - {what}: {text}" for what, text in rest)]))
    if last := _last_word(verified):
        parts.append(last)
    return "\n\n".join(parts) + "\n"
