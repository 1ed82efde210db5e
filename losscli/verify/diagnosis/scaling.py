"""Mistakes made with the number once it was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, inf, log, sqrt

from losscli.verify.diagnosis.dataset import Case
from losscli.verify.diagnosis.hypotheses import Part, part

Afterwards = tuple[Part, Callable[[float], float]]


def afterwards(case: Case) -> list[Afterwards]:
    """What may have been done with the value of this loss."""
    return [(each, _guarded(function)) for each, function in _of_kind(case)]


def _of_kind(case: Case) -> Iterator[Afterwards]:
    yield from _FACTORS
    if case.in_nats:
        yield from _OF_LOGARITHMS
    if case.loss.kind == "regression":
        yield from _OF_ERRORS
    if case.loss.kind in ("embedding", "segmentation"):
        yield _ONE_MINUS


def _guarded(function: Callable[[float], float]) -> Callable[[float], float]:
    def guarded(value: float) -> float:
        try:
            return function(value)
        except (OverflowError, ValueError):
            return inf

    return guarded


_UNDO = "report the loss itself"

_FACTORS: tuple[Afterwards, ...] = (
    (part("half", "S", "there is a factor 1/2 too much", "leave the 1/2 out", later=1), lambda v: v / 2),
    (
        part("double", "S", "there is a factor 2 too much, or a 1/2 is missing", "check the factor in front", later=1),
        lambda v: 2 * v,
    ),
    (part("sign", "A", "the sign is turned round", "negate the result"), lambda v: -v),
    (part("percent", "B", "the loss was multiplied by 100", "report it as a plain number"), lambda v: 100 * v),
)
_OF_LOGARITHMS: tuple[Afterwards, ...] = (
    (
        part("log_base_2", "S", "the loss is in bits: the logarithm has base 2", "take the natural logarithm"),
        lambda v: v / log(2),
    ),
    (
        part("perplexity", "S", "this is the perplexity, e to the power of the loss", _UNDO, later=1),
        exp,
    ),
    (
        part("log_base_10", "S", "the logarithm has base 10", "take the natural logarithm", later=1),
        lambda v: v / log(10),
    ),
    (
        part("perplexity_base_2", "A", "2 to the power of the loss was reported, though the loss is in nats", _UNDO),
        lambda v: 2**v,
    ),
    (
        part(
            "exp_of_minus",
            "B",
            "e to the power of minus the loss was reported: the geometric mean of the probabilities",
            _UNDO,
            later=1,
        ),
        lambda v: exp(-v),
    ),
)
_OF_ERRORS: tuple[Afterwards, ...] = (
    (part("root", "S", "the square root was taken, as for an RMSE", _UNDO, later=1), sqrt),
    (part("square", "A", "the loss was squared", _UNDO), lambda v: v * v),
    (
        part("per_hundred", "B", "the loss was divided by 100", "report it as a plain number", later=1),
        lambda v: v / 100,
    ),
)
_ONE_MINUS: Afterwards = (
    part("one_minus", "A", "one minus the number was reported", _UNDO),
    lambda v: 1 - v,
)
