"""Asks `losscli verify`: claims are written as a user would, in files and on the command line, run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from tests.checks.tolerance.drawn import Array, Inputs
from tests.checks.tolerance.formulas import Formula
from tests.cli.helpers import losscli

Cell = Callable[[Any], str]
TEXTS: Mapping[str, Cell] = {
    "%.4f": lambda x: f"{x:.4f}",
    "%.6g": lambda x: f"{x:.6g}",
    "%.7g": lambda x: f"{x:.7g}",
    "%.4e": lambda x: f"{x:.4e}",
    "8 digits": lambda x: f"{x:#.8g}",
    "repr": lambda x: str(x),  # the shortest of its own type
    "item": lambda x: repr(float(x)),  # a float32 as a Python float
}
BINARY: Mapping[str, type] = {"npy float64": np.float64, "npy float32": np.float32}
FORMATS = (*TEXTS, *BINARY)


@dataclass(frozen=True)
class Answer:
    """What losscli says about one claim; `rule` is its message where it refused the request."""

    kind: str
    role: str
    holds: bool
    rule: str
    difference: float = 0.0
    tolerance: float = 0.0

    @property
    def weak(self) -> bool:
        return self.rule.startswith("too weak")


def write_inputs(folder: Path, inputs: Inputs, decimals: int | None = None) -> list[str]:
    """The sources in the order of the roles: .npy; with decimals text, where they are no labels."""
    words, state = [], {}
    for role, array in inputs.items():
        if "." in role:
            state[role] = array
            continue
        if decimals is None or array.dtype.kind != "f":
            np.save(folder / f"{role}.npy", array)
            words.append(f"{role}.npy")
        else:
            words.append(_text(folder, role, array, lambda x: f"{x:.{decimals}f}"))
    if state:
        np.savez(folder / "state.npz", **cast("dict[str, Any]", state))
        words.append("state.npz")
    return words


def ask(
    folder: Path,
    formula: Formula,
    sources: list[str],
    form: str | Cell,
    *,
    value: Any = None,
    vector: Array | None = None,
    gradients: Mapping[str, Array] | None = None,
    reduction: str = "mean",
    more: tuple[str, ...] = (),
) -> list[Answer]:
    """All claims in one request."""
    claims: dict[tuple[str, str], Array] = {} if value is None else {("value", ""): np.asarray(value)}
    claims |= {} if vector is None else {("per_sample", ""): vector}
    claims |= {("gradient", role): array for role, array in (gradients or {}).items()}
    words = claim_words(folder, formula, form, claims)
    words = ["verify", formula.loss, *sources, "-r", reduction, "-f", "json", *words, *more]
    ended = losscli(*words, at=folder)
    if ended.code not in (0, 1):
        return [Answer("all", "", False, f"exit {ended.code}: {ended.err.splitlines()[0]}")]
    return [
        Answer(
            each["kind"],
            each["role"] or "",
            each["verdict"] == "holds",
            each["rule"],
            *(np.nan if isinstance(each[key], str | None) else each[key] for key in ("difference", "tolerance")),
        )
        for each in ended.json["claims"]
    ]


def claim_words(folder: Path, formula: Formula, form: str | Cell, claims: Mapping[tuple[str, str], Array]) -> list[str]:
    """The options of the loss, and claims by kind and role, whose arrays are written into the folder."""
    words = _options(formula)
    for (kind, role), array in claims.items():
        if kind == "value":
            words.append(f"--claim={_single(folder, array[()], form)}")
        elif kind == "per_sample":
            words += ["--claim-per-sample", _written(folder, "claimed", array, form)]
        else:
            words += ["--claim-gradient", f"{role}={_written(folder, f'slope-{role}', array, form)}"]
    return words


def printed(array: Array, form: str | Cell) -> Array:
    """The numbers that stand in the claim, once it is written."""
    if isinstance(form, str) and form in BINARY:
        return np.asarray(array).astype(BINARY[form]).astype(np.float64)
    cell = TEXTS[form] if isinstance(form, str) else form
    return np.array([float(cell(x)) for x in np.asarray(array).flat]).reshape(np.shape(array))


def _options(formula: Formula) -> list[str]:
    return [
        word
        for name, value in formula.options.items()
        for word in (
            f"--no-{name.replace('_', '-')}"
            if value is False
            else f"--{name.replace('_', '-')}={json.dumps(np.asarray(value).tolist())}",
        )
    ]


def _single(folder: Path, value: Any, form: str | Cell) -> str:
    if isinstance(form, str) and form in BINARY:
        np.save(folder / "value.npy", np.asarray(value, BINARY[form]))
        return "value.npy"
    return (TEXTS[form] if isinstance(form, str) else form)(value)


def _written(folder: Path, name: str, array: Array, form: str | Cell) -> str:
    if isinstance(form, str) and form in BINARY:
        np.save(folder / f"{name}.npy", array.astype(BINARY[form]))
        return f"{name}.npy"
    return _text(folder, name, array, TEXTS[form] if isinstance(form, str) else form)


def _text(folder: Path, name: str, array: Array, cell: Cell) -> str:
    """CSV up to two axes, JSON beyond."""
    if array.ndim <= 2:
        rows = array.reshape(len(array), -1)
        path = folder / f"{name}.csv"
        path.write_text("".join(",".join(map(cell, row)) + "\n" for row in rows), encoding="utf-8")
    else:
        path = folder / f"{name}.json"
        path.write_text(_nested(array, cell), encoding="utf-8")
    return path.name


def _nested(array: Array, cell: Cell) -> str:
    if not array.ndim:
        return cell(array[()])
    return f"[{', '.join(_nested(row, cell) for row in array)}]"
