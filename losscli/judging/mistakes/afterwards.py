"""Mistakes made with the number once it was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf, log, sqrt

from losscli.judging.mistakes.parts import Part, part

Afterwards = tuple[Part, Callable[[float], float]]


def _guarded(function: Callable[[float], float]) -> Callable[[float], float]:
    def guarded(value: float) -> float:
        try:
            return function(value)
        except (OverflowError, ValueError):
            return inf

    return guarded


_UNDO = "report the loss itself"

AFTERWARDS: Sequence[Afterwards] = tuple(
    (each, _guarded(function))
    for each, function in (
        (
            part("log_base_2", "S", "the loss is in bits: the logarithm has base 2", "use the natural logarithm"),
            lambda v: v / log(2),
        ),
        (part("perplexity", "S", "this is the perplexity, e to the loss", _UNDO, later=1), exp),
        (part("root", "S", "the square root was taken (RMSE in place of MSE)", _UNDO, later=1), sqrt),
        (part("half", "S", "there is a factor 1/2 too much", "leave the 1/2 out", later=1), lambda v: v / 2),
        (
            part(
                "double", "S", "there is a factor 2 too much, or a 1/2 is missing", "check the factor in front", later=1
            ),
            lambda v: 2 * v,
        ),
        (
            part("log_base_10", "S", "the logarithm has base 10", "use the natural logarithm", later=2),
            lambda v: v / log(10),
        ),
        (part("sign", "A", "the sign is turned round", "negate the result"), lambda v: -v),
        (part("one_minus", "A", "one minus the loss was reported", _UNDO, later=2), lambda v: 1 - v),
        (part("percent", "B", "the loss was multiplied by 100", "report it as a plain number"), lambda v: 100 * v),
        (
            part("perplexity_base_2", "B", "2 to the loss was reported, though the loss is in nats", _UNDO),
            lambda v: 2**v,
        ),
        (part("square", "B", "the loss was squared", _UNDO, later=1), lambda v: v * v),
        (
            part("per_hundred", "B", "the loss was divided by 100", "report it as a plain number", later=1),
            lambda v: v / 100,
        ),
        (
            part(
                "exp_of_minus",
                "B",
                "e to minus the loss was reported: the geometric mean of probabilities",
                _UNDO,
                later=1,
            ),
            lambda v: exp(-v),
        ),
    )
)
