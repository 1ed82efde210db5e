"""Options that were forgotten, or had another value: a usual one, or another framework's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from losscli.schema.data import Data
from losscli.schema.domains import TRUTH
from losscli.schema.settings import spelled
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, with_inputs, with_request
from losscli.verify.diagnosis.mistakes import TIERS, Mistake, area

declare = area("option")
OPTION_FORGOTTEN = declare("{option}_forgotten", "S", "{option} was not given{default}", "pass {option}")
_ANOTHER_VALUE = declare(
    "{option}_{value}", "A", "{option} was {value}{whose}, not {right}", "set {option} to {right}", later=1
)
_USUAL = (0.0, 0.5, 1.0, 2.0)
_ROUND = (
    *(0.05, 0.1, 0.2, 0.25, 0.3, 0.75, 0.8, 0.9, 0.95, 1.5, 3.0, 4.0, 5.0, 10.0, 20.0, 100.0),
    *(0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12),
)
ANOTHER_CONVENTION = declare(
    "convention_{convention}",
    "S",
    "this is what the convention {convention} gives{source}",
    "compare with {setting}",
)


def other_options(dataset: Dataset, *, pairs: bool) -> Iterator[LazyHypothesis]:
    """Options that were forgotten, one or two at a time, and choices that were not made."""
    given = dict(forgettable(dataset))
    for count in (1, 2) if pairs else (1,):
        for names in combinations(given, count):
            rest = {name: value for name, value in dataset.request.options.items() if name not in names}
            changed = dataset.bound_with(options=rest)
            if hypothesis := with_request(dataset, tuple(given[name] for name in names), changed):
                yield hypothesis
    yield from _round_values(dataset)
    for name, value in _choices(dataset):
        right = dataset.bound.options[name]
        right = str(right).lower() if isinstance(right, bool) else right  # a word stays: it may name a file
        mistake = _ANOTHER_VALUE.of(option=name, value=str(value).lower(), right=right, whose="")
        if hypothesis := with_request(
            dataset, (mistake,), dataset.bound_with(options={**dataset.request.options, name: value})
        ):
            yield hypothesis


def _round_values(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Options that are numbers at values that people give them, and at those of other frameworks."""
    for spec in dataset.loss.options:
        now = dataset.arguments.get(spec.name)
        if isinstance(now, bool) or not isinstance(now, int | float):
            continue
        others = {
            convention.values[spec.name]: f", as in {convention.name}"
            for convention in dataset.loss.each_convention
            if isinstance(convention.values.get(spec.name), int | float)
        }
        for value in dict.fromkeys((spec.default, *others, *_USUAL, *_ROUND)):
            if not isinstance(value, int | float) or value == now:
                continue
            domain = spec.option.domain
            if domain.choices or not domain.fits(np.array([float(value)])):
                continue
            mistake = _ANOTHER_VALUE.of(
                later=0 if value in _USUAL or value in others else TIERS["A"],
                option=spec.name,
                value=f"{value:.10g}",
                right=f"{now:.10g}",
                whose=others.get(value, ""),
            )
            yield with_inputs(dataset, (mistake,), {spec.name: type(now)(value)})


def forgettable(dataset: Dataset) -> Iterator[tuple[str, Mistake]]:
    """The options that are not at their default, and the mistake of leaving them there."""
    for spec in dataset.loss.options:
        value = dataset.request.options.get(spec.name)
        default = dataset.bound.convention.values.get(spec.name, spec.default)
        if value is None or (not isinstance(value, Data) and dataset.bound.options[spec.name] == default):
            continue
        shown = "" if isinstance(value, Data) else f" and stayed at {default}"
        yield spec.name, OPTION_FORGOTTEN.of(option=spec.name, default=shown)


def _choices(dataset: Dataset) -> Iterator[tuple[str, Any]]:
    """Yes-or-no options turned round, and words of a list that were not chosen."""
    for spec in dataset.loss.options:
        now = dataset.bound.options[spec.name]
        if spec.option.domain is TRUTH and now == spec.default:
            yield spec.name, not now
        for word in spec.option.domain.choices:
            if word != now:
                yield spec.name, word


def other_conventions(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Other frameworks' constants and defaults."""
    ours = dataset.bound.convention
    for name, convention in dataset.loss.conventions.items():
        if name == ours.name or not (convention.values or ours.values):
            continue
        source = f" ({convention.source})" if convention.source else ""
        later = 1 + (TIERS["A"] if name == "exact" else 0)
        mistake = ANOTHER_CONVENTION.of(
            later=later, convention=name, source=source, setting=spelled("convention", name)
        )
        if hypothesis := with_request(dataset, (mistake,), dataset.bound_with(convention=name)):
            yield hypothesis
