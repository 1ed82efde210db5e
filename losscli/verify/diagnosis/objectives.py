"""Claimed objectives, a loss with a penalty: mistakes with the penalty, then those of the loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from operator import attrgetter

from losscli.request.penalty import Objective, objective_of
from losscli.schema.data import Data
from losscli.schema.penalty import Penalty
from losscli.verify.diagnosis.hypotheses import Group, Hypothesis
from losscli.verify.diagnosis.mistakes import Mistake, area, rank_of

_DIGITS_FOR_PAIRS = 6

declare = area("penalty")
_FORGOTTEN = declare("penalty_forgotten", "S", "this is the loss without its penalty", "add the penalty to the loss")
_FACTOR_OF_L2 = declare("factor_of_l2", "S", "the squares were counted {counted}", "{cure}", later=1)
_BIASES_PENALISED = declare("biases_penalised", "S", "biases were penalised: {names}", "leave them out", later=2)
_BIASES_LEFT_OUT = declare("biases_left_out", "S", "biases were left out", "penalise them too", later=2)
_ALONE = declare("penalty_alone", "A", "this is the penalty without the loss", "add the loss")
_EXCHANGED = declare("l1_and_l2_exchanged", "A", "l1 and l2 are exchanged", "see which is which", later=1)
_NORM = declare("norm_not_squared", "A", "the norm was added, not its square", "square it", later=2)
_AVERAGED = declare(
    "penalty_averaged",
    "B",
    "the penalty was divided by the number of samples, as the losses are",
    "divide the loss alone",
)


def objective_groups(
    objective: Objective, penalty: Penalty, count: int, of_loss: Sequence[Hypothesis], digits: int
) -> Iterator[Group]:
    """Objectives under mistakes with the penalty, the most likely first; then those that mistakes of the loss make.

    With enough digits both: one mistake with the penalty and one of the loss.
    """
    wrong = list(_wrong(objective, penalty, count))
    yield [Hypothesis((mistake,), number, "value", mistake.rank) for mistake, number in wrong]
    yield [replace(hypothesis, numbers=hypothesis.numbers + objective.penalty) for hypothesis in of_loss]
    if digits >= _DIGITS_FOR_PAIRS:
        pairs = [
            _both(mistake, number - objective.loss, hypothesis)
            for mistake, number in wrong
            for hypothesis in of_loss
            if mistake is not _ALONE and len(hypothesis.mistakes) == 1
        ]
        yield sorted(pairs, key=attrgetter("rank"))


def _both(mistake: Mistake, wrong_penalty: float, of_loss: Hypothesis) -> Hypothesis:
    mistakes = (*of_loss.mistakes, mistake)
    numbers = of_loss.numbers + wrong_penalty
    return replace(of_loss, mistakes=mistakes, numbers=numbers, rank=rank_of(mistakes))


def _wrong(objective: Objective, penalty: Penalty, count: int) -> Iterator[tuple[Mistake, float]]:
    loss = objective.loss

    def total(wrong: Penalty) -> float:
        return objective_of(wrong, loss, gradients=False).objective

    yield _FORGOTTEN, loss
    if penalty.l2:
        counted = "whole" if penalty.half else "half"
        cure = "L2 is l2/2 · Σw²" if penalty.half else "this convention's L2 is l2 · Σw², without a half"
        yield _FACTOR_OF_L2.of(counted=counted, cure=cure), total(replace(penalty, half=not penalty.half))
    if penalty.left_out:
        everything = replace(penalty, arrays={**penalty.arrays, **penalty.left_out}, left_out={})
        yield _BIASES_PENALISED.of(names=", ".join(penalty.left_out)), total(everything)
    weights = {name: data for name, data in penalty.arrays.items() if "bias" not in name.lower()}
    if 0 < len(weights) < len(penalty.arrays):
        yield _BIASES_LEFT_OUT, total(replace(penalty, arrays=weights))
    yield _ALONE, objective.penalty
    if penalty.l1 != penalty.l2:
        yield _EXCHANGED, total(replace(penalty, l1=penalty.l2, l2=penalty.l1))
    if penalty.l2:
        yield _NORM, loss + objective.l1 + _norm(penalty.arrays, penalty.l2)
    if count > 1:
        yield _AVERAGED, loss + objective.penalty / count


def _norm(arrays: Mapping[str, Data], l2: float) -> float:
    """l2 times the length of all parameters as one vector: what torch.norm gives."""
    squares = objective_of(Penalty(0.0, 2.0, arrays), 0.0, gradients=False).penalty
    return l2 * sqrt(squares)
