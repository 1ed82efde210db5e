"""The recorded cases, read from torch.json and torch.npz."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
Array = NDArray[Any]

# When recorded, each value and each gradient off the kinks (and off BCE's clamp) was also computed with mpmath at 70
# digits, gradients as central differences: the worst was 1.3e-13 of the largest number in its array, most below 1e-15.
TORCH_SLACK = 1e-12


@dataclass(frozen=True)
class Case:
    """A question to PyTorch and its answer.

    Inputs and options bear PyTorch's argument names. Labels are int64 arrays, other inputs float64; an option is a
    number, a bool or an array. `reduction` None says that the call names none: `size_average` or `reduce` is among the
    options. `gradients` are those of the reduced value, with reduction none those of the sum. A role without one takes
    labels, or has no meaningful gradient there (the entropy of a target that is 0, say).

    PyTorch rounds as well, so compare within TORCH_SLACK of the largest number in the array.
    """

    id: str
    loss: str
    inputs: dict[str, Array]
    options: dict[str, object]
    reduction: str | None
    value: Array
    gradients: dict[str, Array]
    note: str = ""


@cache
def torch_cases() -> tuple[Case, ...]:
    """Ordinary questions, over every option, shape and reduction."""
    return _read("cases")


@cache
def edge_cases() -> tuple[Case, ...]:
    """Hard questions whose answer means something. The note says what; those with an accidental answer are left out."""
    return _read("edge_cases")


def _read(part: str) -> tuple[Case, ...]:
    listed = json.loads((FOLDER / "torch.json").read_text(encoding="utf-8"))[part]
    with np.load(FOLDER / "torch.npz") as file:
        pools = dict(file)

    def fetch(entry: Any) -> Any:
        """An array is listed as its pool, the start therein and its shape; everything else as itself."""
        if not isinstance(entry, list):
            return entry
        pool, start, shape = entry
        array = pools[pool][start : start + prod(shape)].reshape(shape)
        array.flags.writeable = False  # several cases share it
        return array

    def fetch_all(entries: dict[str, Any]) -> dict[str, Any]:
        return {name: fetch(entry) for name, entry in entries.items()}

    return tuple(
        Case(
            id=case["id"],
            loss=case["loss"],
            inputs=fetch_all(case["inputs"]),
            options=fetch_all(case["options"]),
            reduction=case["reduction"],
            value=fetch(case["value"]),
            gradients=fetch_all(case["gradients"]),
            note=case.get("note", ""),
        )
        for case in listed
    )
