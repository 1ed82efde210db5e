"""A verification in every format."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from losscli.checks.comparison import Comparison, rounded_up
from losscli.report.compute import document
from losscli.report.formats import Screen
from losscli.report.tables import console, drawn
from losscli.report.text import to_csv, to_json, to_markdown
from losscli.request.signature import signature
from losscli.schema.text import plural, printable, shortest, significant
from losscli.verify.verify import Explanation, Verified

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
        return to_csv([_HEADER, *(_sheet_row(each, hint_only, None) for each in verified.claims)])
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
        "claims": [_claim_object(each, hint_only) for each in verified.claims],
        "explanations": [explanation_object(each, hint_only) for each in verified.explanations],
    }
    return to_json(found) + "\n"


def _claim_object(each: Comparison, hint_only: bool) -> dict[str, Any]:
    worst: dict[str, Any] | None = None
    if (found := each.worst) is not None:
        worst = {"index": list(found.index), "claim": found.claim}
        if not hint_only:
            worst["ours"] = found.ours
    return {
        "kind": each.claim.kind,
        "role": each.claim.role or None,
        "verdict": each.verdict,
        "claim": float(each.claim.values) if each.single else each.claim.source,
        "text": each.text or None,
        "tolerance": None if hint_only else each.tolerance,  # of which ours is a part
        "rule": each.rule,
        "difference": None if hint_only else each.difference,
        "differing": each.differing,
        "elements": each.elements,
        "worst": worst,
    }


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
    for each in verified.claims:
        lines.append(f"{each.verdict}: {_name(each)}")
        lines += [f"  {name:>10}  {text}" for name, text in _facts(each, hint_only, digits)]
    for explanation in verified.explanations:
        reasons = _reasons(explanation, hint_only, digits, first=explanation is verified.explanations[0])
        lines += ["", *(f"  {name:>10}  {text}" for name, text in reasons)]
    if last := _last_word(verified):
        lines += ["", last]
    return lines


def _name(each: Comparison) -> str:
    names = {
        "value": "the value",
        "per_sample": "the losses of the samples",
        "gradient": f"the gradient with respect to {each.claim.role}",
        "at_most": "an upper bound of the value",
        "at_least": "a lower bound of the value",
    }
    return names[each.claim.kind]


def _claimed(each: Comparison, digits: int | None) -> str:
    """A number as it was written, for its digits count; of many the source."""
    if not each.single:
        return each.claim.source
    return each.text or significant(float(each.claim.values), digits)


def _facts(each: Comparison, hint_only: bool, digits: int | None) -> list[tuple[str, str]]:
    """What came of one claim, by name."""
    facts = [("claimed", _claimed(each, digits))]
    if each.single and not hint_only:
        facts.append(("ours", significant(float(each.ours), digits)))
    if each.elements > 1:
        facts.append(("elements", f"{each.differing} of {each.elements} differ, {each.beyond} beyond the tolerance"))
    if (worst := each.worst) is not None and each.beyond:
        where = ", ".join(map(str, worst.index))
        ours = "" if hint_only else f", ours {significant(worst.ours, digits)}"
        facts.append(("worst", f"at {where}: claimed {significant(worst.claim, digits)}{ours}"))
    if each.bound:
        return [*facts, ("rule", each.rule)]
    if not hint_only and isfinite(each.difference):
        facts.append(("difference", _difference(each)))
    return [*facts, ("tolerance", each.rule if hint_only else _tolerance(each))]


def _difference(each: Comparison) -> str:
    difference = f"{each.difference:.3g}"
    same = f", the same to {plural(each.agreement, 'digit')}" if each.agreement else ""
    passing = "" if each.holds else f"; the smallest tolerance that would pass: --atol {rounded_up(each.difference)}"
    return f"{difference}{same}{passing}"


def _tolerance(each: Comparison) -> str:
    """The tolerance of the number, or of the worst of an array, and the parts that it is the sum of."""
    text = f"±{each.tolerance:.3g}: {each.rule}"
    if len(each.window.parts) < 2:
        return text
    widths = " + ".join(f"{part.widths.flat[each.at]:.2g}" for part in each.window.parts) if each.elements else ""
    return f"{text} ({widths})"


def _reasons(each: Explanation, hint_only: bool, digits: int | None, *, first: bool) -> list[tuple[str, str]]:
    """An explanation, by name: the mistake, what it is, what it gives, and what to do about it."""
    reasons = [("mistake" if first else "or", each.mistake), ("that is", _text(each, hint_only))]
    if not hint_only and each.value is not None:
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
    for each in verified.claims:
        paper.print()
        style = "bold green" if each.holds else "bold red"
        paper.print(Text.assemble((each.verdict, style), f"  {_name(each)}"))
        paper.print(_named(_facts(each, hint_only, digits), strong="ours"))
    for explanation in verified.explanations:
        paper.print()
        reasons = _reasons(explanation, hint_only, digits, first=explanation is verified.explanations[0])
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
    refuted = [each.claim.kind for each in verified.claims if not (each.holds or each.bound or each.weak)]
    if not verified.explanations:
        return (_NO_REASON if refuted == ["value"] else _NO_REASON.partition(";")[0]) if refuted else ""
    return _SEVERAL if len(verified.explanations) > 1 and refuted == ["value"] else ""


_HEADER = ("kind", "role", "verdict", "claim", "tolerance", "rule", "difference", "differing", "elements")


def _sheet_row(each: Comparison, hint_only: bool, digits: int | None) -> list[str]:
    return [
        each.claim.kind,
        each.claim.role,
        each.verdict,
        _claimed(each, digits),
        "" if hint_only else shortest(each.tolerance),
        each.rule,
        "" if hint_only else shortest(each.difference),
        str(each.differing),
        str(each.elements),
    ]


def _as_markdown(verified: Verified, hint_only: bool, digits: int | None) -> str:
    parts = [
        f"`{signature(verified.result.bound, verified.result.reduced)}`",
        f"**{verified.verdict}** ({plural(len(verified.claims), 'claim')})",
        to_markdown([_HEADER, *(_sheet_row(each, hint_only, digits) for each in verified.claims)]).rstrip(),
    ]
    for explanation in verified.explanations:
        (_, name), *rest = _reasons(explanation, hint_only, digits, first=True)
        parts.append("\n".join([f"- **{name}**", *(f"  - {what}: {text}" for what, text in rest)]))
    if last := _last_word(verified):
        parts.append(last)
    return "\n\n".join(parts) + "\n"
