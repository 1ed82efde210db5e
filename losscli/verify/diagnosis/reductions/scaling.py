"""Mistakes made with the number once it was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import exp, inf, log, nan, sqrt

from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.mistakes import Mistake, area

Rescaling = tuple[Mistake, Callable[[float], float]]


def rescalings(dataset: Dataset) -> list[Rescaling]:
    """What may have been done with the value of this loss."""
    return [(mistake, _guarded(function)) for mistake, function in _of_kind(dataset)]


def common_factors(dataset: Dataset) -> Iterator[tuple[Mistake, float]]:
    """Factors that the losses of samples and gradients alike may have too much."""
    yield from ((_SIGN, -1.0), (_DOUBLE, 2.0), (_HALF, 0.5))
    if dataset.in_nats:
        yield from ((BASE_2, 1.0 / log(2.0)), (BASE_10, 1.0 / log(10.0)))


def over_classes(dataset: Dataset) -> Iterator[tuple[Mistake, float]]:
    """Factors of the number of classes, where there are some."""
    classes = dataset.classes
    if classes > 1:
        units = dataset.units
        yield _AVERAGED.of(classes=classes, units=units), 1.0 / classes
        yield _SUMMED.of(classes=classes, units=units), float(classes)


def _of_kind(dataset: Dataset) -> Iterator[Rescaling]:
    yield from _FACTORS
    for mistake, factor in over_classes(dataset):
        yield mistake, factor.__mul__
    if dataset.in_nats:
        yield from _OF_LOGARITHMS
    if dataset.loss.kind == "regression":
        is_a_root = any(mistake.name == "root_left_out" for mistake in dataset.loss.mistakes)
        yield from (
            (_ROOT_TWICE if is_a_root and mistake is _ROOT else mistake, change) for mistake, change in _OF_ERRORS
        )
    else:
        yield _ROOT.of(later=6), sqrt
    if dataset.loss.kind in ("embedding", "segmentation"):
        yield _ONE_MINUS
    if dataset.loss.kind == "segmentation":
        for power in (0.75, 4.0 / 3.0, 2.0):
            yield _POWER.of(power=f"{power:.4g}"), partial(_raised, power)


def _raised(power: float, value: float) -> float:
    return value**power if value >= 0.0 else nan


def _guarded(function: Callable[[float], float]) -> Callable[[float], float]:
    def guarded(value: float) -> float:
        try:
            return function(value)
        except OverflowError:
            return inf
        except ValueError:  # the root of a negative number
            return nan

    return guarded


declare = area("scaling")
_UNDO = "report the loss itself"
_AVERAGED = declare(
    "averaged_over_classes",
    "A",
    "it was divided by C = {classes}, the number of classes (or components), too; N is {units}",
    "divide by the samples, not by samples times classes",
)
_SUMMED = declare(
    "summed_over_classes",
    "A",
    "it was multiplied by C = {classes}, the number of classes (or components): added up over them; N is {units}",
    "average over the classes as the loss does",
    later=2,
)

_HALF = declare("half", "S", "there is a factor 1/2 too much", "leave the 1/2 out", later=1)
_DOUBLE = declare(
    "double", "S", "there is a factor 2 too much, or a 1/2 is missing", "check the factor in front", later=1
)
_SIGN = declare("sign", "A", "the sign is reversed", "negate the result")
BASE_2 = declare("log_base_2", "S", "the loss is in bits: the logarithm has base 2", "take the natural logarithm")
BASE_10 = declare("log_base_10", "S", "the logarithm has base 10", "take the natural logarithm", later=1)

_FACTORS: tuple[Rescaling, ...] = (
    (_HALF, lambda v: v / 2),
    (_DOUBLE, lambda v: 2 * v),
    (_SIGN, lambda v: -v),
    (declare("percent", "B", "the loss was multiplied by 100", "report it as a plain number"), lambda v: 100 * v),
)
_OF_LOGARITHMS: tuple[Rescaling, ...] = (
    (BASE_2, lambda v: v / log(2)),
    (
        declare("perplexity", "S", "this is the perplexity, e to the power of the loss", _UNDO, later=1),
        exp,
    ),
    (BASE_10, lambda v: v / log(10)),
    (
        declare("perplexity_base_2", "A", "2 to the power of the loss was reported, though the loss is in nats", _UNDO),
        lambda v: 2**v,
    ),
    (
        declare(
            "exp_of_minus",
            "B",
            "e to the power of minus the loss was reported: the geometric mean of the probabilities",
            _UNDO,
            later=1,
        ),
        lambda v: exp(-v),
    ),
)
_ROOT = declare("root", "S", "the square root was taken, as for an RMSE", _UNDO, later=1)
_ROOT_TWICE = declare("root_twice", "S", "the square root was taken twice", "take the root once", later=1)
_OF_ERRORS: tuple[Rescaling, ...] = (
    (_ROOT, sqrt),
    (declare("square", "A", "the loss was squared", _UNDO), lambda v: v * v),
    (
        declare("per_hundred", "B", "the loss was divided by 100", "report it as a plain number", later=1),
        lambda v: v / 100,
    ),
)
_POWER = declare(
    "power_{power}", "B", "the loss was raised to {power}, as in a focal loss of regions", "report the loss itself"
)
_ONE_MINUS: Rescaling = (
    declare("one_minus", "A", "one minus the number was reported", _UNDO),
    lambda v: 1 - v,
)
