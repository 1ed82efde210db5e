"""A verification as a report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite

from losscli.checks.comparison import Comparison
from losscli.report.report import Cell, Facts, Heading, Part, Prose, Report, Signature, words_table
from losscli.schema.settings import spelled
from losscli.schema.text import plural, significant
from losscli.verify.document import document, explained
from losscli.verify.verify import Explanation, Verified

_ALTERNATIVES = 4  # that are named; JSON has all
_HEADER = ("kind", "role", "verdict", "claim", "tolerance", "rule", "difference", "differing", "elements", "mistakes")


def report(verified: Verified, *, hint_only: bool = False, digits: int | None = None) -> Report:
    """The verdict on each claim, and the explanations; with `hint_only` nothing that tells the right value."""
    groups = [(Signature(verified.result.signature),), *parts(verified, hint_only=hint_only, digits=digits)]
    rows = [_sheet_row(claim, verified.explanations, hint_only) for claim in verified.claims]
    return Report(tuple(groups), partial(document, verified, hint_only), words_table(_HEADER, rows))


def parts(verified: Verified, *, hint_only: bool = False, digits: int | None = None) -> list[tuple[Part, ...]]:
    """The verdict on each claim, refuted ones first, the explanations, and what would help further."""
    groups: list[tuple[Part, ...]] = []
    for claim in sorted(verified.claims, key=lambda claim: claim.holds):
        heading = Heading(_name(claim), claim.verdict)
        groups.append((heading, Facts(_facts(claim, hint_only, digits), strong="ours")))
    for explanation in verified.explanations:
        reasons = _reasons(explanation, hint_only, digits, first=explanation is verified.explanations[0])
        groups.append((Facts(reasons, strong=reasons[0][0]),))
    if last := _last_word(verified):
        groups.append((Prose(last),))
    return groups


def lines(verified: Verified) -> list[str]:
    """The same in lines of plain text, as a test's failure message shows them."""
    text: list[str] = []
    for group in parts(verified):
        if not isinstance(group[0], Heading):
            text.append("")
        for part in group:
            if isinstance(part, Heading):
                text.append(f"{part.verdict}: {part.text}")
            elif isinstance(part, Facts):
                text += [f"  {name:>10}  {fact}" for name, fact in part.rows]
            elif isinstance(part, Prose):
                text.append(part.text)
    return text


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
    """The claimed number as written, or the source of an array."""
    if not each.single:
        return each.claim.source
    return each.text or significant(float(each.claim.values), digits)


def _facts(each: Comparison, hint_only: bool, digits: int | None) -> tuple[tuple[str, str], ...]:
    """The facts of one claim, by name."""
    by = f", by {each.claim.source}" if each.claim.computed and each.single else ""
    facts = [("claimed", _claimed(each, digits) + by)]
    if each.single and not hint_only:
        facts.append(("ours", significant(float(each.ours), digits)))
    if each.elements > 1:
        facts.append(("elements", f"{each.differing} of {each.elements} differ, {each.beyond} beyond the tolerance"))
    if (worst := each.worst) is not None and each.beyond:
        where = ", ".join(map(str, worst.index))
        ours = "" if hint_only else f", ours {significant(worst.ours, digits)}"
        facts.append(("worst", f"at {where}: claimed {significant(worst.claim, digits)}{ours}"))
    if each.bound:
        return (*facts, ("rule", each.rule))
    if not hint_only and isfinite(each.difference):
        facts.append(("difference", _difference(each)))
    return (*facts, ("tolerance", each.rule if hint_only else _tolerance(each)))


def _difference(each: Comparison) -> str:
    difference = f"{each.difference:.3g}"
    same = f", the same to {plural(each.agreement, 'digit')}" if each.agreement else ""
    if each.holds or each.misfit:
        return f"{difference}{same}"
    smallest = spelled("atol", float(each.smallest_tolerance))
    return f"{difference}{same}; the smallest tolerance that would pass: {smallest}"


def _tolerance(each: Comparison) -> str:
    """The tolerance of a number, or of the worst element of an array, and its parts."""
    text = f"±{each.tolerance:.3g}: {each.rule}"
    if len(each.window.parts) < 2:
        return text
    widths = " + ".join(f"{part.widths.flat[each.at]:.2g}" for part in each.window.parts) if each.elements else ""
    return f"{text} ({widths})"


def _reasons(each: Explanation, hint_only: bool, digits: int | None, *, first: bool) -> tuple[tuple[str, str], ...]:
    """An explanation by name: the mistake, its meaning, the value it gives, its cure."""
    reasons = [("mistake" if first else "or else", each.mistake), ("that is", explained(each, hint_only))]
    if not hint_only and each.value is not None:
        near = f"{abs(each.difference):.2g} from the claim" if each.difference else "which is the claim"
        reasons.append(("it gives", f"{significant(each.value, digits)}, {near}"))
    reasons.append(("cure", each.cure))
    if each.alternatives:
        separates = f"; {each.separates}" if each.separates else ""
        more = len(each.alternatives) - _ALTERNATIVES
        others = ", ".join(each.alternatives[:_ALTERNATIVES]) + (f" and {more} more" if more > 0 else "")
        numbers = "numbers" if each.value is None else "number"
        reasons.append(("or", f"{others}: the same {numbers} on these data{separates}"))
    return tuple(reasons)


def _last_word(verified: Verified) -> str:
    """A hint if no explanation was found, or more than one."""
    open_claims = [each for each in verified.claims if not (each.holds or each.bound or each.weak)]
    refuted = [each.claim.kind for each in open_claims if isfinite(each.difference)]
    more = f"more digits, or the losses of the samples ({spelled('claim_per_sample')})," if refuted == ["value"] else ""
    if not verified.explanations:
        return "no known mistake gives this" + (f"; {more} may tell more" if more else "") if open_claims else ""
    return f"{more} would tell these apart" if more and len(verified.explanations) > 1 else ""


def _sheet_row(each: Comparison, explanations: Sequence[Explanation], hint_only: bool) -> list[Cell]:
    return [
        each.claim.kind,
        each.claim.role,
        each.verdict,
        _claimed(each, None),
        None if hint_only else each.tolerance,
        each.rule,
        None if hint_only else each.difference,
        each.differing,
        each.elements,
        None if each.holds else "; ".join(explanation.mistake for explanation in explanations) or None,
    ]
