"""Mistakes in gradients: the gradient of something else, or one that lacks a term or a factor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from losscli.checks.comparison import Comparison
from losscli.engine.evaluate import Wanted, upstream
from losscli.engine.layout import Layout
from losscli.request.compute import compute
from losscli.schema.data import Held
from losscli.schema.faults import LossError
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, part
from losscli.verify.diagnosis.patterns import ArrayFinding, Factors, common_factors, explains, patterns

_NOUGHT = 1e-9  # of the largest element: what a row of a softmax's gradient may add up to


def of_gradient(refuted: Comparison, gradients: Mapping[str, Array], case: Case) -> list[ArrayFinding]:
    """Mistakes that make the claimed gradient, the most likely first."""
    claim, found = refuted.claim, []
    for mistake, gradient in _others(claim.role, gradients, case):
        if gradient.size == claim.values.size:
            gradient = gradient.reshape(claim.values.shape)
            if explains(gradient, refuted):
                found.append(ArrayFinding((mistake,), float(np.abs(claim.values - gradient).max(initial=0.0))))
    found.sort(key=lambda finding: finding.rank)
    return found or list(patterns(refuted, _factors(case), "slope"))


def _others(role: str, gradients: Mapping[str, Array], case: Case) -> Iterator[tuple[Part, Array]]:
    """The gradients of this request in other roles, under other options and conventions, and with a term left out."""
    for other, gradient in gradients.items():
        if other != role:
            text = f"this is the gradient with respect to {other}, not {role}"
            yield part(f"gradient_of_{other}", "A", text, f"differentiate with respect to {role}"), gradient
    yield from _without_truth(role, gradients[role], case)
    yield from _reduced_otherwise(role, case)
    options = case.request.options
    for spec in case.loss.options:
        if options.get(spec.name) is not None:
            rest = {name: value for name, value in options.items() if name != spec.name}
            mistake = part(f"{spec.name}_forgotten", "S", f"{spec.name} was not given", f"pass {spec.name}")
            yield from _under(mistake, role, case, options=rest)
    for name in case.loss.conventions:
        if name != case.bound.convention.name:
            text = f"this is the gradient under the convention {name}"
            mistake = part(f"convention_{name}", "A", text, f"compare with --convention {name}")
            yield from _under(mistake, role, case, convention=name)


def _reduced_otherwise(role: str, case: Case) -> Iterator[tuple[Part, Array]]:
    asked = case.bound.reduction
    for name in case.loss.reductions:
        if name in (asked, "none"):
            continue
        text = f"this is the gradient of the {name}, not of the {asked}"
        cure = f"reduce with {asked} before differentiating"
        if name == "sum":
            text += ": it was never divided by the number of samples"
        yield from _under(part(f"gradient_of_{name}", "S", text, cure), role, case, reduction=name)


def _under(mistake: Part, role: str, case: Case, **changes: Any) -> Iterator[tuple[Part, Array]]:
    bound = case.bound_with(**{"reduction": case.bound.reduction, **changes})
    if bound is None:
        return
    try:
        gradients = compute(bound, Wanted(gradients=True)).gradients or {}
    except LossError:
        return
    if role in gradients:
        yield mistake, gradients[role]


def _without_truth(role: str, ours: Array, case: Case) -> Iterator[tuple[Part, Array]]:
    """The slope of a softmax or sigmoid without the truth: p where p - target is right."""
    layout, target = case.bound.layout, case.arguments.get("target")
    if role != case.loss.roles[0] or not isinstance(layout, Layout) or not isinstance(target, np.ndarray):
        return
    up = upstream(case.bound) * (1.0 if case.chunk.weight is None else case.chunk.weight)
    if case.labels is not None:
        rows = layout.rows(Held(ours), 0, case.units).copy()
        if np.abs(rows.sum(axis=1)).max(initial=0.0) > _NOUGHT * np.abs(rows).max(initial=0.0):
            return
        counted = np.arange(case.units) if case.kept is None else np.flatnonzero(case.kept)
        rows[counted, case.labels] += up if case.shares is None else up * case.shares
        out = np.zeros(layout.shape)
        layout.put(rows, out, 0, case.units)
        text = "this is softmax alone: 1 was not taken from the probability of the true class"
        yield part("one_hot_left_out", "S", text, "take the one-hot target from the softmax"), out
    elif case.loss.kind == "binary" and not case.bound.unit_options and target.size == ours.size:
        text = "this is the probability alone: the target was not taken from it"
        added = (ours.reshape(-1) + target * up).reshape(ours.shape)
        yield part("target_left_out", "S", text, "take the target from the probability"), added


def _factors(case: Case) -> Factors:
    """Factors with a name."""
    for n in dict.fromkeys((len(case.losses), case.samples, case.units)):
        if n > 1:
            missing = "the gradient is n times too large: it was not divided by the number of samples"
            twice = "the gradient was divided by the number of samples once too often"
            yield part("mean_missing", "S", missing, "divide by the number of samples"), float(n)
            yield part("mean_twice", "S", twice, "divide once", later=1), 1.0 / n
    yield from common_factors()
