"""Numbers of another scale: rounded, standardised, or a deviation where its square is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from losscli.schema.domains import LOG
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, View, with_inputs, with_view
from losscli.verify.diagnosis.mistakes import Mistake, area

Scale = Callable[[Array, Array], Array]  # values, scaled as others are
Two = Callable[[Array, Array], tuple[Array, Array]]

declare = area("scale")
_ROUNDED = declare(
    "predictions_rounded",
    "B",
    "the predictions were rounded to whole numbers first",
    "pass the predictions as they are",
)
_TRUNCATED = declare(
    "predictions_truncated",
    "B",
    "the predictions were cast to whole numbers, which cuts off what is behind the point",
    "pass the predictions as they are",
    later=1,
)
_STANDARDISED = declare(
    "targets_standardised",
    "B",
    "predictions and targets were standardised by the targets' mean and deviation ({which}): the loss is that of"
    " scaled numbers",
    "undo the scaling before the loss (inverse_transform in scikit-learn)",
    later=1,
)
_TARGETS_ALONE = declare(
    "targets_alone_standardised",
    "B",
    "the targets were standardised ({which}), and the predictions were not",
    "give both the same scale",
    later=2,
)
_TO_UNIT_RANGE = declare(
    "targets_scaled_to_unit_range",
    "B",
    "predictions and targets were scaled by the targets' least and greatest value, to 0 and 1",
    "undo the scaling before the loss (inverse_transform in scikit-learn)",
    later=2,
)
_FOR_VARIANCE = declare(
    "{what}_for_variance",
    "A",
    "{words} was passed where the variance is expected",
    "pass the variance itself",
)
_TAKEN_FOR_LOG = declare(
    "variance_taken_for_log",
    "A",
    "the variance was taken for its logarithm: e was raised to it",
    "take the variance as it is, or pass its logarithm where that is expected",
)


_LOG_PASSED = declare(
    "log_of_{role}",
    "A",
    "the logarithm of {role} was passed, where {role} is expected as it is",
    "pass {role} without the logarithm, or say that it is one",
    later=2,
)
_EXP_PASSED = declare(
    "exp_of_{role}",
    "A",
    "{role} was passed without its logarithm, which is expected",
    "pass the logarithm of {role}, or say that it is none",
    later=2,
)


def logarithms(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Logarithms passed for plain inputs or the other way, in a divergence or where an option says which is meant."""
    for field in dataset.bound.inputs:
        role = field.role
        optional = (role.when or role.unless).startswith("log")
        logarithm = role.domain.meaning == LOG or (optional and bool(role.when))
        if optional or dataset.loss.kind == "divergence":
            mistake = (_EXP_PASSED if logarithm else _LOG_PASSED).of(role=field.name)
            yield with_view(dataset, mistake, field.name, np.exp if logarithm else np.log)


def rescaled(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Predictions, targets and variances of another scale."""
    if dataset.loss.kind != "regression":
        return
    first = dataset.bound.inputs[0].name
    yield with_view(dataset, _ROUNDED, first, np.rint)
    yield with_view(dataset, _TRUNCATED, first, np.trunc)
    if dataset.kept is None:
        yield from _standardised(dataset, first)
    known = {mistake.name for mistake in dataset.own}
    for field in dataset.bound.inputs:
        for mistake, view in _VARIANCES if field.name == "var" else ():
            if mistake.name not in known:
                yield with_view(dataset, mistake, field.name, view)


_VARIANCES: tuple[tuple[Mistake, View], ...] = (
    (_FOR_VARIANCE.of(what="log", words="the logarithm of the variance"), np.log),
    (_FOR_VARIANCE.of(what="precision", words="one divided by the variance"), lambda v: 1.0 / v),
    (_TAKEN_FOR_LOG, np.exp),
)


def _standardised(dataset: Dataset, first: str) -> Iterator[LazyHypothesis]:
    """Both or the targets alone, each column by itself."""
    second = next((field.name for field in dataset.bound.inputs if field.name == "target"), "")
    if not second or dataset.argument(first).shape != dataset.argument(second).shape or dataset.samples < 2:
        return
    columns = dataset.shape if len(dataset.shape) > 1 else dataset.argument(second).shape

    def with_both(mistake: Mistake, change: Two) -> LazyHypothesis:
        def changes() -> Mapping[str, Array]:
            left, right = change(*(dataset.argument(name).reshape(columns) for name in (first, second)))
            shape = dataset.argument(second).shape
            return {first: left.reshape(shape), second: right.reshape(shape)}

        return with_inputs(dataset, (mistake,), changes)

    for ddof, which in ((0, "over N"), (1, "over N - 1")):
        scale = _by_deviation(ddof)
        yield with_both(_STANDARDISED.of(later=ddof, which=which), _both(scale))
        yield with_both(_TARGETS_ALONE.of(later=ddof, which=which), _second_alone(scale))
    yield with_both(_TO_UNIT_RANGE, _both(_by_range))


def _both(scale: Scale) -> Two:
    return lambda first, second: (scale(first, second), scale(second, second))


def _second_alone(scale: Scale) -> Two:
    return lambda first, second: (first.copy(), scale(second, second))


def _by_deviation(ddof: int) -> Scale:
    return lambda values, of: np.asarray((values - of.mean(axis=0)) / of.std(axis=0, ddof=ddof))


def _by_range(values: Array, of: Array) -> Array:
    return np.asarray((values - of.min(axis=0)) / (of.max(axis=0) - of.min(axis=0)))
