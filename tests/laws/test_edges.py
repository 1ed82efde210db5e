"""No command ends in an exception, or lets a warning of NumPy's through, whatever edge the data lie on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from losscli.checks import gradcheck
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss, Role
from tests.cli.helpers import losscli
from tests.laws.drawing import Array, draw
from tests.laws.running import bound
from tests.nasty.domains import filled

BUG = 70
COMMANDS = (("compute",), ("explain",), ("relations",), ("gradcheck",), ("verify", "--claim", "1"))
UNITS: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (2,))


def edges(loss: Loss) -> list[dict[str, Array]]:
    """Data of no axis, of no, one and two units: as drawn, all zeros, as large as the domains allow, and degenerate."""
    found: list[dict[str, Array]] = []
    for units in UNITS if loss.separable else UNITS[1:]:
        question = draw(loss, 83, units)[0]
        roles = {field.name: field.role for field in bound(question).inputs}
        drawn = {name: np.asarray(question.inputs[name]) for name in roles}
        found.append(drawn)
        for number in (0.0, 1e308):
            found.append({name: filled(array, roles[name].domain, number) for name, array in drawn.items()})
    return [*found, *degenerate(loss, drawn, roles)]


def degenerate(loss: Loss, drawn: dict[str, Array], roles: dict[str, Role]) -> Iterator[dict[str, Array]]:
    """All inputs alike; a single class; one sample ignored, and all."""
    first = next(iter(drawn))
    alike = {
        name: drawn[first] if (array.shape, roles[name].domain) == (drawn[first].shape, roles[first].domain) else array
        for name, array in drawn.items()
    }
    if any(alike[name] is not drawn[name] for name in drawn):
        yield alike
    if loss.separable and roles[first].axes == "u c":
        yield {
            name: np.zeros_like(array[..., :1] if array.ndim > 1 else array)
            if roles[name].domain.index
            else array[:, :1]
            if roles[name].axes == "u c"
            else array
            for name, array in drawn.items()
        }
    if loss.ignores and drawn["target"].ndim == 1:
        for ignored in ([-100, drawn["target"][1]], [-100, -100]):
            yield {**drawn, "target": np.array(ignored)}


def words(inputs: dict[str, Any]) -> list[str]:
    """JSON has no infinity; finite stands in for it."""
    return [f"{name}={json.dumps(np.nan_to_num(array).tolist())}" for name, array in inputs.items()]


@pytest.fixture
def few_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """gradcheck looks at fewer elements: here it is to end, and tests/laws/test_gradients.py asks what it finds."""
    monkeypatch.setattr(gradcheck, "ELEMENTS", 8)
    monkeypatch.setattr(gradcheck, "DOUBTFUL", 8)
    monkeypatch.setattr(gradcheck, "DOUBTFUL_WHOLE", 2)
    monkeypatch.setattr(gradcheck.gradcheck, "__defaults__", (4,))  # of them on the second road


@pytest.mark.usefixtures("few_elements")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_no_command_ends_in_an_exception(loss: Loss, command: tuple[str, ...]) -> None:
    for inputs in edges(loss):
        given = words(inputs)
        ended = losscli(command[0], loss.name, *given, *command[1:])
        assert ended.code != BUG, (given, ended.err)
        assert "Warning" not in ended.err, (given, ended.err)
