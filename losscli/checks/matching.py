"""Our numbers that a claim speaks of, in the claim's shape."""

from __future__ import annotations

from shlex import quote

import numpy as np

from losscli.checks.claims import BOUNDS, Claim
from losscli.engine.layout import shape_text
from losscli.request.compute import Result
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Array
from losscli.schema.settings import spelled


def matching(claim: Claim, result: Result) -> Array:
    """Our value, losses of samples, or gradient, as the claim has them."""
    if claim.kind == "gradient":
        ours = _gradient(claim, result)
    elif claim.kind == "per_sample" or result.value is None:
        ours = np.zeros(()) if result.per_sample is None else result.per_sample
    else:
        ours = np.asarray(result.value)
    if claim.kind in BOUNDS:
        return ours
    shape = claim.values.shape
    if shape == ours.shape or _without_ones(shape) == _without_ones(ours.shape):
        return ours.reshape(shape)
    what = {"per_sample": "losses of the samples", "gradient": f"gradient of {claim.role}"}.get(claim.kind, "value")
    fact = f"the claimed {what} has shape {shape_text(shape)} ({claim.source}), but ours has {shape_text(ours.shape)}"
    single = claim.kind == "value" and not shape
    reduced = f"say how the losses were reduced: {spelled('reduction', 'mean')}"
    if claim.kind == "value" and len(shape) == 1 and not ours.shape and "::" in claim.source:
        raise DataFault(fact, f"claim one number, such as the last: {quote(f'{claim.source}.-1')}")
    raise DataFault(fact, reduced if single else "claim as many numbers as there are")


def _gradient(claim: Claim, result: Result) -> Array:
    gradients = result.gradients or {}
    if claim.role not in gradients:
        raise UsageFault(
            f"there is no gradient with respect to {claim.role}", f"there are those of {', '.join(gradients) or 'none'}"
        )
    return gradients[claim.role]


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [length for length in shape if length != 1]
