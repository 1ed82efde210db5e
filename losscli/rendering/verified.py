"""A verification in every format."""

from __future__ import annotations

from typing import Any

from losscli.judging.verify import Explanation, Judged, Verified
from losscli.rendering.computed import document
from losscli.rendering.formats import Screen
from losscli.rendering.signature import signature
from losscli.rendering.tables import console, drawn, pairs
from losscli.rendering.text import plural, shortest, significant, to_csv, to_json, to_markdown

# What would give the right value away
_SECRETS = ("value", "sum", "mean", "standard_error", "per_sample", "gradients", "groups")


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
        found |= dict.fromkeys(_SECRETS)
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
        "tolerance": judged.tolerance,
        "rule": judged.rule,
        "difference": None if hint_only else judged.difference,
        "differing": judged.differing,
        "elements": judged.elements,
        "worst": worst,
    }


def explanation_object(each: Explanation, hint_only: bool) -> dict[str, Any]:
    return {
        "mistake": each.mistake,
        "text": each.text,
        "value": None if hint_only else each.value,
        "difference": None if hint_only else each.difference,
        "alternatives": list(each.alternatives),
    }


def report(verified: Verified, *, hint_only: bool = False, digits: int | None = None) -> list[str]:
    """The verdict and its reasons in lines of plain text, as a test's failure message shows them."""
    lines = []
    for judged in verified.claims:
        lines.append(f"{judged.verdict}: {_name(judged)}")
        lines += [f"  {name:>10}  {text}" for name, text in _facts(judged, verified, hint_only, digits)]
    for each in verified.explanations:
        lines += ["", f"{each.mistake}: {each.text}", *(f"  {line}" for line in _advice(each, hint_only, digits))]
    if not verified.holds and not verified.explanations and any(j.kind == "value" for j in verified.claims):
        lines += ["", "no known mistake gives this number"]
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


def _facts(judged: Judged, verified: Verified, hint_only: bool, digits: int | None) -> list[tuple[str, str]]:
    """The census of one claim, by name."""
    bound = judged.kind in ("at_most", "at_least")
    facts = [("claimed", judged.source if judged.claim is None else significant(judged.claim, digits))]
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
        facts.append(("difference", f"{judged.difference:.6g}; so large a tolerance would pass"))
    facts.append(("rule", judged.rule if bound else f"{judged.rule}: ±{judged.tolerance:.6g}"))
    return facts


def _advice(each: Explanation, hint_only: bool, digits: int | None) -> list[str]:
    lines = [f"cure: {each.cure}"]
    if not hint_only and each.value == each.value:
        lines.append(f"it gives {significant(each.value, digits)}, {abs(each.difference):.2g} from the claim")
    if each.alternatives:
        lines.append(f"the same number comes of {', '.join(each.alternatives)}")
    if each.separates:
        lines.append(each.separates)
    return lines


def _as_table(verified: Verified, screen: Screen, hint_only: bool, digits: int | None) -> str:
    from rich.text import Text

    paper = console(screen)
    paper.print(signature(verified.result.bound, verified.result.reduced), style="dim", soft_wrap=True)
    for judged in verified.claims:
        paper.print()
        style = "bold green" if judged.verdict == "holds" else "bold red"
        paper.print(Text.assemble((judged.verdict, style), f"  {_name(judged)}"))
        paper.print(pairs(_facts(judged, verified, hint_only, digits), strong="ours"))
    for each in verified.explanations:
        paper.print()
        paper.print(Text.assemble((each.mistake, "bold"), f": {each.text}"))
        for line in _advice(each, hint_only, digits):
            paper.print(f"  {line}")
    if _unexplained(verified):
        paper.print()
        paper.print("no known mistake gives this number")
    return drawn(paper)


def _unexplained(verified: Verified) -> bool:
    """Whether an explanation was looked for in vain."""
    return not verified.explanations and any(j.verdict != "holds" and j.kind == "value" for j in verified.claims)


_HEADER = ("kind", "role", "verdict", "claim", "tolerance", "rule", "difference", "differing", "elements")


def _sheet_row(judged: Judged, hint_only: bool, digits: int | None) -> list[str]:
    claim = judged.source if judged.claim is None else significant(judged.claim, digits)
    difference = "" if hint_only else shortest(judged.difference)
    counts = [str(judged.differing), str(judged.elements)]
    return [
        judged.kind,
        judged.role,
        judged.verdict,
        claim,
        shortest(judged.tolerance),
        judged.rule,
        difference,
        *counts,
    ]


def _as_markdown(verified: Verified, hint_only: bool, digits: int | None) -> str:
    parts = [
        f"`{signature(verified.result.bound, verified.result.reduced)}`",
        f"**{verified.verdict}** ({plural(len(verified.claims), 'claim')})",
        to_markdown([_HEADER, *(_sheet_row(judged, hint_only, digits) for judged in verified.claims)]).rstrip(),
    ]
    for each in verified.explanations:
        parts.append(f"- **{each.mistake}**: {each.text}. " + "; ".join(_advice(each, hint_only, digits)))
    return "\n\n".join(parts) + "\n"
