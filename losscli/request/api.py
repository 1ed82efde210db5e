"""The Python API: the same requests, made of arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from losscli.engine.evaluate import Wanted
from losscli.reading.matching import columns_matched
from losscli.reading.missing import without_missing
from losscli.reading.opener import Opened
from losscli.reading.options import ReadOptions
from losscli.request import compute as carrying_out
from losscli.request.arrays import data_of
from losscli.request.document import document, html_table, plain
from losscli.request.frames import frame_columns
from losscli.request.naming import loss_named
from losscli.request.python_sources import FileSource, Read, read_parameters, with_sources_read
from losscli.request.request import Request, settled, with_own_distance, with_reduction
from losscli.schema.data import Data, without_flags
from losscli.schema.faults import DataFault, LossError, UsageFault
from losscli.schema.kinds import shown
from losscli.schema.loss import Array, Loss
from losscli.schema.penalty import Penalty
from losscli.schema.settings import SETTINGS, Settings, settings_of
from losscli.schema.spelling import PYTHON, asked_in
from losscli.schema.synonyms import role_named

_SHARED = [setting.name for setting in SETTINGS.values() if {"compute", "verify"} <= {*setting.where.python}]


class Computed:
    """A computed loss.

    value: the reduced value, with a penalty the objective; or with reduction="none" an array shaped like PyTorch's.
    gradients: {role: array shaped like that input}, None unless asked for.
    sum, mean, count, ignored, denominator: of all samples, whatever the reduction.
    objective: the loss, the penalty and its parts, None without a penalty.
    warnings, notes: what to know about these numbers, and how the inputs were read.
    to_dict(): all of it in plain Python types, as the command line's JSON has it.
    per_sample, standard_error: made on first access, so that a mean alone stays cheap.
    """

    def __init__(self, request: Request, jobs: int | None, *, gradients: bool) -> None:
        self._bound, self._jobs = request.bound(), jobs
        unreduced = self._bound.reduction == "none"
        result = self._evaluate(Wanted(gradients=gradients, per_sample=unreduced, jobs=jobs))
        self._result = result
        self.value: Any = result.per_sample if result.value is None else result.value
        self.gradients = cast("Mapping[str, Array]", result.gradients)  # for those who asked, to index it
        self.sum, self.mean = result.reduced.sum, result.reduced.mean
        self.count, self.ignored = result.reduced.count, result.reduced.ignored
        self.denominator = result.reduced.denominator
        self.warnings = tuple(result.warnings)
        self.notes = tuple(self._bound.notes)
        self.objective = result.objective
        if result.per_sample is not None:
            self.per_sample = result.per_sample

    @cached_property
    def per_sample(self) -> Array:
        """The loss of every sample, 0 where it is ignored."""
        values = self._evaluate(Wanted(per_sample=True, jobs=self._jobs)).per_sample
        return np.zeros(()) if values is None else values

    @cached_property
    def standard_error(self) -> float | None:
        """The standard error of the mean."""
        return self._evaluate(Wanted(spread=True, jobs=self._jobs)).reduced.standard_error

    def _evaluate(self, wanted: Wanted) -> carrying_out.Result:
        with asked_in(PYTHON):
            return carrying_out.compute(self._bound, wanted)

    def __float__(self) -> float:
        return float(self.value)

    def to_dict(self) -> dict[str, Any]:
        """What the command line's JSON has, in plain Python types: arrays as lists, NaN as it is."""
        with asked_in(PYTHON):
            found: dict[str, Any] = plain(document(self._result))
            return {**found, "standard_error": self.standard_error}

    def _repr_html_(self) -> str:
        with asked_in(PYTHON):
            signature = self._result.signature
        shown = "" if np.ndim(self.value) == 0 else f"array of shape {np.shape(self.value)}"
        warned = (("warning", warning) for warning in self.warnings)
        return html_table((("loss", signature), ("value", shown or self.value), ("count", self.count), *warned))

    def __repr__(self) -> str:
        return f"Computed({self._bound.loss.name}, {self._bound.reduction}, {self.value!r})"


def compute(
    loss: str,
    *inputs: Any,
    reduction: str | None = None,
    gradients: bool = False,
    convention: str | None = None,
    sample_weight: Any = None,
    class_axis: int | None = None,
    nonfinite: str = "error",
    missing: str = "error",
    strict: bool = False,
    classes: Sequence[str] = (),
    jobs: int | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    l1: float | None = None,
    l2: float | None = None,
    params: Mapping[str, Any] | Path | FileSource | None = None,
    penalize_bias: bool = False,
    **named: Any,
) -> Computed:
    """Computes a loss.

    loss: any of its names, such as "cross_entropy" or "nn.CrossEntropyLoss"; or "FILE.py:FUNCTION", which executes the
    file, for a function of your own, of the inputs and its parameters with defaults, which are its options.
    inputs: arrays, or what `numpy.asarray` takes, in PyTorch's order or by role name: tensors, columns and frames; one
    frame whose columns are named as the inputs are; or files, as a `pathlib.Path` or a
    `losscli.source("run.csv::yhat")`, which are read as the command line reads them.
    missing: "skip" leaves out the rows that lack an element (masked, None, pandas.NA, NaN in what pandas has) instead
    of refusing them.
    strict: data that look like something else, and negative weights, are an error, not a warning.
    classes: the names of the classes in the order of the scores, where labels are words.
    named: inputs by role, and the loss's options by PyTorch's argument names.
    l1, l2, params: a penalty l1 · Σ|w| + l2/2 · Σw² on arrays by name, or a file of them, without biases unless
    penalize_bias.
    Raises LossError, or one of its subclasses, if the request cannot be carried out.
    """
    settings = shared_settings(locals())
    with asked_in(PYTHON):
        request = request_of(loss, inputs, named, **settings)
        return Computed(request, jobs, gradients=gradients)


def shared_settings(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that `compute` and `verify` share: all that decides the number, but for the data."""
    return {name: arguments[name] for name in _SHARED}


def request_of(loss: str, inputs: tuple[Any, ...], named: Mapping[str, Any], **given: Any) -> Request:
    """A request made of arrays in memory, and of settings."""
    if not isinstance(loss, str):
        name = getattr(loss, "__name__", type(loss).__name__ if hasattr(loss, "forward") else "")
        if not name:
            raise UsageFault(f"the loss must be a name, got {shown(loss)}", "name it first, then its inputs")
        raise UsageFault(f"the loss is {name} itself, not a name", f'name it, "{name}", its options as keywords')
    settings, warnings = with_reduction(_settings_of(given))
    named_loss = loss_named(loss)
    read = with_sources_read(named_loss, inputs, named, settings.sample_weight, settings.missing)
    weight = None if read.weight is None else data_of(read.weight, "sample_weight", settings.missing)
    penalty = _penalty_on(settings)
    read = _with_frame_read(named_loss, read, settings.missing)
    by_role, written = _sorted_out(named_loss, read.inputs, read.named, settings.missing)
    by_role, weight, skipped = _without_missing(by_role, weight)
    named_loss, options = with_own_distance(named_loss, written)
    by_role, matched = columns_matched(by_role)
    with_data = settled(named_loss, by_role, options, settings)
    notes = (*read.notes, *skipped, *matched, *with_data.notes, *(() if penalty is None else penalty.notes))
    return Request(
        loss=with_data.loss,
        inputs=by_role,
        options=with_data.options,
        settings=settings,
        sample_weight=None if weight is None else without_flags(weight),
        warnings=(*warnings, *read.warnings),
        notes=notes,
        penalty=penalty,
    )


def _with_frame_read(loss: Loss, read: Read, missing: str) -> Read:
    """The call with columns in the place of its only positional value, if that is a frame of several inputs."""
    given = {role for name in read.named if loss.option(name) is None and (role := role_named(name, loss.roles))}
    lacking = [role for role in loss.roles if role not in given]
    if len(read.inputs) != 1 or len(lacking) < 2:
        return read
    frame = frame_columns(read.inputs[0], "frame", missing)
    if frame is None:
        return read
    from losscli.reading.roles import Wanted, all_in_one  # which most requests need not

    wanted = Wanted(lacking, (), loss.of_many, (), (), ())
    lacks = UsageFault(f"{loss.name} needs {', '.join(lacking)}")
    try:
        columns, notes = all_in_one(Opened(frame.name, frame), wanted, ReadOptions(), lacks)
    except LossError as fault:
        if "::" not in fault.cure:  # which is written for a shell
            raise
        choice = ", ".join(f'{role}=frame["COLUMN"]' for role in lacking)
        raise type(fault)(fault.fact, f"say which column is which: {choice}") from None
    data = {role: replace(column.data(missing), source=role) for role, column in columns.items()}
    named: dict[str, Any] = {role: data[role] for role in lacking if role in data}
    if many := {name: array for name, array in data.items() if name not in loss.roles}:
        named[loss.of_many] = many
    return replace(read, inputs=(), named={**read.named, **named}, notes=(*read.notes, *notes))


def _settings_of(given: Mapping[str, Any]) -> Settings:
    """The settings of a call, checked, but for arrays and the names of classes, which are what they are."""
    unchecked = ("sample_weight", "params", "classes")
    settings = settings_of({name: value for name, value in given.items() if name not in unchecked})
    weight, params, classes = (given.get(name) for name in unchecked)
    classes = (classes,) if isinstance(classes, str) else tuple(classes or ())
    return replace(settings, sample_weight=weight, params=params, classes=classes)


def _penalty_on(settings: Settings) -> Penalty | None:
    """The penalty on arrays in memory."""
    if not settings.penalizes:
        return None
    from losscli.request.penalty import penalty_of  # which most requests need not

    params = settings.params
    if isinstance(params, FileSource | Path):
        params = read_parameters(params)
    if not isinstance(params, Mapping | None):
        raise UsageFault(
            f"params is {type(params).__name__}", "give a mapping of names to arrays, such as a state_dict"
        )
    arrays = None if params is None else {name: data_of(array, name) for name, array in params.items()}
    return penalty_of(settings.l1, settings.l2, arrays, settings.penalize_bias)


def _without_missing(
    by_role: dict[str, Data], weight: Data | None
) -> tuple[dict[str, Data], Data | None, tuple[str, ...]]:
    """The inputs and the weights without the rows that one of them lacks, and a note of how many these are."""
    every = by_role if weight is None else {**by_role, "sample weight": weight}
    if all(array.missing is None for array in every.values()):
        return by_role, weight, ()
    kept, notes = without_missing(every, list(every))
    return {role: kept[role] for role in by_role}, kept.get("sample weight"), notes


def _sorted_out(
    loss: Loss, inputs: tuple[Any, ...], named: Mapping[str, Any], missing: str
) -> tuple[dict[str, Data], dict[str, Any]]:
    """What is an input and what an option."""
    if len(inputs) > len(loss.roles):
        raise UsageFault(f"{loss.name} takes {len(loss.roles)} inputs ({', '.join(loss.roles)}), got {len(inputs)}")
    by_role: dict[str, Data] = {}
    options: dict[str, Any] = {}
    for positional, value in zip(loss.roles, inputs, strict=False):
        by_role |= _arrays(loss, positional, value, missing)
    for name, value in named.items():
        spec = loss.option(name)
        if spec is not None:
            options[name] = data_of(value, name) if spec.option.axes and value is not None else value
        elif loss.of_many and "." in name:
            by_role[name] = data_of(value, name, missing)  # one of its arrays, as a state_dict names it
        elif (role := role_named(name, loss.roles)) is None:
            options[name] = value  # unknown: binding says so, with all other faults
        elif role in by_role:
            raise UsageFault(f"{loss.name} got {role} twice")
        else:
            by_role |= _arrays(loss, role, value, missing)
    if lacking := [role for role in loss.roles if role not in by_role and role != loss.of_many]:
        near = {word: get_close_matches(word, lacking, n=1) for word in options if loss.option(word) is None}
        hints = [f"did you mean {close[0]} by {word}?" for word, close in near.items() if close]
        cure = "; ".join((*hints, f"its inputs are {', '.join(loss.roles)}"))
        raise UsageFault(f"{loss.name} needs {', '.join(lacking)}", cure)
    return by_role, options


def _arrays(loss: Loss, role: str, value: Any, missing: str) -> dict[str, Data]:
    """The array of a role; of one that consists of many, all of them under their names."""
    if role != loss.of_many:
        return {role: data_of(value, role, missing)}
    if not isinstance(value, Mapping):
        raise DataFault(f"{role} is {type(value).__name__}", "give a mapping of names to arrays, such as a state_dict")
    return {name: data_of(array, name, missing) for name, array in value.items()}
