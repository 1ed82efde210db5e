"""No command ends in an exception, or lets a warning of NumPy's through, whatever edge the data lie on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.cli.helpers import losscli
from tests.laws.drawing import Array, draw
from tests.laws.running import bound
from tests.nasty.domains import filled

BUG = 70
COMMANDS = (("compute",), ("explain",), ("relations",), ("gradcheck",), ("verify", "--claim", "1"))
UNITS: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (2,))


def edges(loss: Loss) -> list[dict[str, Array]]:
    """Data of no axis, of no, one and two units: as drawn, all zeros, and as large as the domains allow."""
    found = []
    for units in UNITS:
        if not loss.separable and not units:
            continue
        question = draw(loss, 83, units)[0]
        fields = bound(question).inputs
        found.append({field.name: np.asarray(question.inputs[field.name]) for field in fields})
        for number in (0.0, 1e308):
            found.append({field.name: filled(found[0][field.name], field.role.domain, number) for field in fields})
    return found


def words(inputs: dict[str, Any]) -> list[str]:
    """JSON has no infinity; finite stands in for it."""
    return [f"{name}={json.dumps(np.nan_to_num(array).tolist())}" for name, array in inputs.items()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_no_command_ends_in_an_exception(loss: Loss, command: tuple[str, ...]) -> None:
    for inputs in edges(loss):
        given = words(inputs)
        ended = losscli(command[0], loss.name, *given, *command[1:])
        assert ended.code != BUG, (given, ended.err)
        assert "Warning" not in ended.err, (given, ended.err)
