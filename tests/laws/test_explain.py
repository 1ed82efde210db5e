"""Every loss has a page, an example that prints what the page says, and steps that lead to the kernel's value."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from losscli.checks.worked_example import entries, steps_of
from losscli.engine.bind import Bound
from losscli.engine.evaluate import Wanted, evaluate
from losscli.losses.catalogue import losses
from losscli.schema.faults import LossError
from losscli.schema.loss import Loss
from tests.cli.helpers import losscli, succeeds
from tests.laws.drawing import draw
from tests.laws.running import bound

WITH_STEPS = [loss for loss in losses() if loss.lines or loss.steps]
CLOSE = 1e-11  # of the largest number on the way: plain arithmetic, where the kernel avoids cancellation


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_page(loss: Loss) -> None:
    row = succeeds("explain", loss.name, "-f", "json").json["rows"][0]
    page = succeeds("explain", loss.name).out
    assert (row["name"], row["family"]) == (loss.name, loss.family)
    for text in (row["summary"], *(each.text for each in loss.relations), *loss.names):
        assert text in page
    assert {each["name"] for each in row["options"]} == {spec.name for spec in loss.options}
    if loss.example:
        command, *output = page[page.index("$ losscli compute") :].splitlines()
        _, *words = shlex.split(command.removeprefix("$ "))
        assert losscli(*words).out.split() == [number for line in output for number in line.split()]
        assert row["example"]["output"] == losscli(*words).out


def runnable(loss: Loss) -> list[Bound]:
    found = []
    for question in draw(loss, 3, (4,)):
        whole = bound(question)
        try:
            evaluate(whole, Wanted())
        except LossError:
            continue  # drawn options that contradict the inputs
        found.append(whole)
    return found


@pytest.mark.parametrize("loss", WITH_STEPS, ids=lambda loss: loss.name)
def test_the_last_step_is_the_loss(loss: Loss) -> None:
    checked = 0
    for whole in runnable(loss):
        losses_found = evaluate(whole, Wanted(per_sample=True)).per_sample
        assert losses_found is not None
        for unit, expected in enumerate(losses_found.reshape(-1).tolist()):
            steps = steps_of(whole, entries(whole, unit))
            numbers = np.concatenate([np.ravel(np.asarray(step.value, dtype=np.float64)) for step in steps])
            largest = np.abs(numbers[np.isfinite(numbers)]).max(initial=1.0)
            assert float(steps[-1].value) == pytest.approx(expected, rel=1e-9, abs=CLOSE * largest, nan_ok=True), (
                whole.options,
                [(step.name, step.value) for step in steps],
            )
            checked += 1
    assert checked
