"""Everything about a verification in plain values: what JSON has, and what `to_dict()` gives in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from losscli.checks.comparison import Comparison
from losscli.request.document import document as computed

if TYPE_CHECKING:
    from losscli.verify.verify import Explanation, Verified

# What would give the right value away
_SECRETS = ("value", "sum", "mean", "standard_error", "per_sample", "gradients", "groups", "rows", "objective")


def document(verified: Verified, hint_only: bool = False) -> dict[str, Any]:
    """The document of compute, and the verdict."""
    found = computed(verified.result)
    if hint_only:
        found |= {name: None for name in _SECRETS if name in found}
    return {
        **found,
        "warnings": [*verified.warnings, *verified.result.bound.notes],
        "verdict": verified.verdict,
        "claims": [_claim_object(claim, hint_only) for claim in verified.claims],
        "explanations": [explanation_object(each, hint_only) for each in verified.explanations],
    }


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
        "text": explained(each, hint_only),
        "value": None if hint_only else each.value,
        "difference": None if hint_only else each.difference,
        "alternatives": list(each.alternatives),
        "cure": each.cure,
    }


def explained(each: Explanation, hint_only: bool) -> str:
    """The words of an explanation, and the numbers that make it sure."""
    return f"{each.text} ({each.numbers})" if each.numbers and not hint_only else each.text
