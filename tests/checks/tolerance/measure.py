"""Asks about right and wrong claims of one formula, and notes every answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.checks.tolerance.asking import FORMATS, TEXTS, Answer, ask, printed, write_inputs
from tests.checks.tolerance.drawn import Array, Draw, Inputs
from tests.checks.tolerance.formulas import Formula
from tests.checks.tolerance.rights import of_numpy, rights
from tests.checks.tolerance.wrongs import mistakes, why_it_holds

SIZES = (5, 60, 700)
EXACT = ("%.6g", "%.7g", "repr", "npy float64", "npy float32")  # formats of six digits and more
DECIMALS = (3, 4, 5, 6)
SHORT = ("%.6g", "npy float32")  # in which sums are claimed


@dataclass(frozen=True)
class Seen:
    """One claim and its end. `what` is the program that made it, the decimals of the inputs, or the mistake."""

    part: str
    formula: str
    units: int
    form: str
    kind: str
    what: str
    holds: bool
    cause: str = ""
    difference: float = 0.0


def drawn(formula: Formula, units: int, seed: int = 0) -> tuple[Inputs, Draw]:
    draw = np.random.default_rng([seed, units, *formula.name.encode()])
    return formula.draw(draw, units), draw


def right(
    formula: Formula, folder: Path, sizes: Sequence[int] = SIZES, forms: Sequence[str] = FORMATS
) -> Iterator[Seen]:
    """Values, sums, vectors and gradients of several programs, written in every format."""
    for units in sizes:
        inputs, _ = drawn(formula, units)
        for claimed in rights(formula, inputs):
            sources = write_inputs(folder, claimed.given)
            for form in forms:
                answers = ask(
                    folder,
                    formula,
                    sources,
                    form,
                    value=claimed.mean,
                    vector=claimed.vector,
                    gradients=claimed.gradients,
                )
                if form in SHORT and not formula.single:
                    total = ask(folder, formula, sources, form, value=claimed.sum, reduction="sum")
                    answers += [_as_sum(each) for each in total]
                numbers = {"value": claimed.mean, "sum": claimed.sum, "per_sample": claimed.vector}
                for each in answers:
                    number = claimed.gradients.get(each.role, numbers.get(each.kind))
                    cause = "" if each.holds else _refused(each, number, form)
                    what = claimed.origin
                    yield Seen("right", formula.name, units, form, each.kind, what, each.holds, cause, each.difference)


def _as_sum(answer: Answer) -> Answer:
    return Answer("sum", answer.role, answer.holds, answer.rule, answer.difference, answer.tolerance)


def _refused(answer: Answer, number: Array | None, form: str) -> str:
    if answer.rule.startswith("exit"):
        return answer.rule
    if number is not None and not printed(number, form).any():
        return "all digits are zero"
    return "too weak" if answer.weak else "beyond the tolerance"


def wrong(formula: Formula, folder: Path, sizes: Sequence[int] = SIZES, forms: Sequence[str] = EXACT) -> Iterator[Seen]:
    """Every mistake in the value, the vector and the gradients, in formats of six digits and more."""
    for units in sizes:
        inputs, draw = drawn(formula, units)
        claimed = of_numpy("numpy", formula, inputs, inputs)
        losses = np.asarray(formula.units(np, **inputs))
        truth: dict[tuple[str, str], Array] = {("value", ""): claimed.mean}
        if claimed.vector is not None:
            truth["per_sample", ""] = claimed.vector
        truth |= {("gradient", role): slope for role, slope in claimed.gradients.items()}
        made: dict[str, dict[tuple[str, str], Array]] = {}
        for key, number in truth.items():
            for name, mistaken in mistakes(number, draw):
                made.setdefault(name, {})[key] = mistaken
        sources = write_inputs(folder, inputs)
        for name, arrays in made.items():
            for form in forms:
                answers = ask(
                    folder,
                    formula,
                    sources,
                    form,
                    value=arrays.get(("value", "")),
                    vector=arrays.get(("per_sample", "")),
                    gradients={role: array for (kind, role), array in arrays.items() if kind == "gradient"},
                )
                for each in answers:
                    key = each.kind, each.role
                    cause = each.rule
                    if each.holds:
                        claim = printed(arrays[key], form)
                        texts = [TEXTS[form](x) for x in arrays[key].flat] if form in TEXTS else None
                        cause = why_it_holds(formula, inputs, each.kind, losses, truth[key], claim, texts)
                    yield Seen("wrong", formula.name, units, form, each.kind, name, each.holds, cause, each.difference)


def of_printed(
    formula: Formula,
    folder: Path,
    decimals: Iterable[int] = DECIMALS,
    sizes: Sequence[int] = (11, 60),
    seeds: Iterable[int] = range(5),
) -> Iterator[Seen]:
    """Inputs and claims printed at as many decimals, claims computed from what was not rounded."""
    for units in sizes:
        for seed in seeds:
            inputs, _ = drawn(formula, units, seed + 1)
            claimed = of_numpy("numpy", formula, inputs, inputs)
            for places in decimals:
                sources = write_inputs(folder, inputs, places)

                def form(x: float, places: int = places) -> str:
                    return f"{x:.{places}f}"

                answers = ask(
                    folder,
                    formula,
                    sources,
                    form,
                    value=claimed.mean,
                    vector=claimed.vector,
                    gradients=claimed.gradients,
                )
                numbers = {"value": claimed.mean, "per_sample": claimed.vector}
                for each in answers:
                    number = claimed.gradients.get(each.role, numbers.get(each.kind))
                    cause = ""
                    if not each.holds:
                        cause = _of_rounding(inputs, places)
                        if number is not None and not np.round(number, places).any():
                            cause = "all digits are zero"
                        cause = cause or ("too weak" if each.weak else "beyond the tolerance")
                        cause = each.rule if each.rule.startswith("exit") else cause
                    what = f"{places} decimals"
                    yield Seen(
                        "printed", formula.name, units, what, each.kind, "numpy", each.holds, cause, each.difference
                    )


def _of_rounding(inputs: Mapping[str, Array], places: int) -> str:
    """Whether a probability was printed as 0 or as 1, which it is not, and of which the logarithm is infinite."""
    for array in inputs.values():
        short = np.round(array, places)
        chances = array.dtype.kind == "f" and ((array >= 0) & (array <= 1)).all()
        if chances and (((short == 0) & (array != 0)) | ((short == 1) & (array != 1))).any():
            return "an input printed as 0 or 1"
    return ""


def hidden(formula: Formula, folder: Path, cases: Iterable[tuple[int, int, float]]) -> Iterator[Seen]:
    """Values that are off, beside inputs of few decimals, which hide it: (decimals, units, by how much it is off)."""
    for places, units, off in cases:
        inputs, _ = drawn(formula, units)
        rounded = {role: np.round(a, places) if a.dtype.kind == "f" else a for role, a in inputs.items()}
        sources = write_inputs(folder, inputs, places)
        with np.errstate(all="ignore"):
            truth = of_numpy("numpy", formula, rounded, rounded).mean
        for each in ask(folder, formula, sources, "repr", value=np.asarray(truth * (1 + off))):
            what = f"{off:g} off"
            yield Seen("hidden", formula.name, units, f"{places} decimals", each.kind, what, each.holds, each.rule)
