"""What goes wrong when a penalty is added to a loss: the claims that such mistakes make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import sqrt

from losscli.request.penalty import Objective, objective_of
from losscli.schema.data import Data
from losscli.schema.penalty import Penalty
from losscli.schema.records import record
from losscli.verify.verify import Explanation, Verified


@record
class _Slip:
    """A mistake, its cure, and the number that it makes of the objective."""

    name: str
    text: str
    cure: str
    value: float


def explained_by_penalty(verified: Verified) -> tuple[Explanation, ...]:
    """The mistakes with the penalty that make the claimed objective, in the order of how common they are."""
    objective, penalty = verified.result.objective, verified.result.bound.penalty
    refuted = [each for each in verified.claims if each.claim.kind == "value" and not (each.holds or each.weak)]
    if objective is None or penalty is None or not refuted:
        return ()
    claimed, ours, width = (float(x) for x in (refuted[0].claim.values, refuted[0].ours, refuted[0].window.widths))
    slips = _slips(objective, penalty, verified.result.reduced.count)
    found = [slip for slip in slips if abs(slip.value - claimed) <= width < abs(slip.value - ours)]
    if not found:
        return ()
    first, *others = found
    difference = abs(first.value - claimed)
    names = tuple(slip.name for slip in others if slip.value == first.value)
    return (Explanation(first.name, first.text, first.cure, first.value, difference, alternatives=names),)


def _slips(objective: Objective, penalty: Penalty, count: int) -> Iterator[_Slip]:
    loss = objective.loss

    def total(other: Penalty) -> float:
        return objective_of(other, loss, gradients=False).objective

    yield _Slip("penalty_forgotten", "this is the loss without its penalty", "add the penalty to the loss", loss)
    if penalty.l2:
        half = "the squares were counted whole" if penalty.half else "the squares were counted half"
        convention = "L2 is l2/2 · Σw²" if penalty.half else "this convention's L2 is l2 · Σw², without a half"
        yield _Slip("factor_of_l2", half, convention, total(replace(penalty, half=not penalty.half)))
    if penalty.left_out:
        everything = replace(penalty, arrays={**penalty.arrays, **penalty.left_out}, left_out={})
        names = ", ".join(penalty.left_out)
        yield _Slip("biases_penalised", f"biases were penalised: {names}", "leave them out", total(everything))
    weights = {name: data for name, data in penalty.arrays.items() if "bias" not in name.lower()}
    if 0 < len(weights) < len(penalty.arrays):
        yield _Slip(
            "biases_left_out", "biases were left out", "penalise them too", total(replace(penalty, arrays=weights))
        )
    yield _Slip("penalty_alone", "this is the penalty without the loss", "add the loss", objective.penalty)
    if penalty.l1 != penalty.l2:
        exchanged = replace(penalty, l1=penalty.l2, l2=penalty.l1)
        yield _Slip("l1_and_l2_exchanged", "l1 and l2 are exchanged", "see which is which", total(exchanged))
    if penalty.l2:
        root = _norm(penalty.arrays, penalty.l2)
        yield _Slip("norm_not_squared", "the norm was added, not its square", "square it", loss + objective.l1 + root)
    if count > 1:
        text = "the penalty was divided by the number of samples, as the losses are"
        yield _Slip("penalty_averaged", text, "divide the loss alone", loss + objective.penalty / count)


def _norm(arrays: Mapping[str, Data], l2: float) -> float:
    """l2 times the length of all parameters as one vector: what torch.norm gives."""
    squares = objective_of(Penalty(0.0, 2.0, arrays), 0.0, gradients=False).penalty
    return l2 * sqrt(squares)
