"""What every file of the catalogue has, and that one file is all it takes."""

from __future__ import annotations

import re
from dataclasses import replace
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

import losscli
from losscli.engine.bind import bind
from losscli.engine.evaluate import Wanted, evaluate
from losscli.engine.reduce import reduce
from losscli.losses.catalogue import find, loss_names, losses
from losscli.schema.data import held
from losscli.schema.define import define
from losscli.schema.domains import POSITIVE, REAL
from losscli.schema.loss import Array, Loss, Option, Role, Units
from losscli.schema.settings import Settings

PROJECT = Path(losscli.__file__).parent.parent
PARTS = ("Use:", "Formula:", "Inputs:", "Gradient:", "Relations:", "Pitfalls:", "Source:")


def missing(loss: Loss, project: Path = PROJECT) -> list[str]:
    """What a loss should have and has not, each as something to do."""
    name = loss.name
    own = f"losscli/losses/{loss.family}/{name}.py"
    table = project / "tests/accuracy/table.md"
    measured = table.is_file() and f"| `{name}`" in table.read_text("utf-8")
    return [
        *([] if loss.lines or loss.steps else [f"give `define` lines= in {own}"]),
        *([] if loss.example else [f"give `define` example= in {own}"]),
        *(
            f"write {path} as in {path.replace(name, 'huber')}"
            for path in (f"tests/references/{name}.py", f"samples/{name}/case.yaml")
            if not (project / path).is_file()
        ),
        *([] if measured else [f"run `python -m tests.accuracy {name}`, which writes tests/accuracy/table.md"]),
    ]


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_a_loss_has_all_it_needs(loss: Loss) -> None:
    lacking = missing(loss)
    assert not lacking, "\n".join([loss.name, *lacking, f"then run `python -m tests {loss.name}`"])


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    bare = replace(find("mse"), lines=(), steps=None, example=())
    assert missing(bare, tmp_path) == [
        "give `define` lines= in losscli/losses/regression/mse.py",
        "give `define` example= in losscli/losses/regression/mse.py",
        "write tests/references/mse.py as in tests/references/huber.py",
        "write samples/mse/case.yaml as in samples/huber/case.yaml",
        "run `python -m tests.accuracy mse`, which writes tests/accuracy/table.md",
    ]


def test_every_reference_has_its_loss() -> None:
    references = {path.stem for path in (PROJECT / "tests/references").glob("[!_]*.py")}
    assert references == set(loss_names())


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_docstring(loss: Any) -> None:
    """One line, then the fixed parts in their order."""
    first, blank, *rest = (getdoc(loss.kernel) or "").splitlines()
    assert re.fullmatch(r"[A-Z].*\.", first)
    assert not blank
    found = [line.split()[0] for line in rest if line.startswith(PARTS)]
    assert found == list(PARTS)


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
def test_conventions(loss: Any) -> None:
    assert {"torch", "exact"} <= set(loss.conventions)
    for convention in loss.conventions.values():
        assert convention.source or not convention.values, f"{convention.name} does not say where it is written"
        assert convention.reduction in loss.reductions


def test_names_are_unique() -> None:
    taken: dict[str, str] = {}
    for loss in losses():
        for name in loss.names:
            assert taken.setdefault(name.lower().replace("_", ""), loss.name) == loss.name
            assert find(name) is loss


def test_the_engine_names_no_loss() -> None:
    words = set(re.findall(r"\w+", "\n".join(path.read_text() for path in (PROJECT / "losscli/engine").glob("*.py"))))
    named = {name for loss in losses() for name in loss.names} & words
    assert not named


def quartic(
    input: Annotated[Array, Role("u", REAL, "what the model said")],
    target: Annotated[Array, Role("u", REAL, "what happened")],
    *,
    scale: Annotated[float, Option(POSITIVE, "what an error is divided by")] = 1.0,
) -> Units:
    """The fourth power of the error."""
    error = (input - target) / scale

    def pullback(up: Array) -> dict[str, Array]:
        slope = 4.0 * error**3 / scale * up
        return {"input": slope, "target": -slope}

    return Units(error**4, pullback)


def test_a_new_loss_needs_only_its_definition() -> None:
    """Values, reductions, gradients and checked options, for a loss that nothing else knows."""
    loss = define(quartic)
    inputs = {"input": held(np.array([1.0, 4.0]), "a"), "target": held(np.array([3.0, 3.0]), "b")}
    bound = bind(loss, inputs, {"scale": 2.0}, Settings("mean"))
    found = evaluate(bound, Wanted(per_sample=True, gradients=True))
    assert found.per_sample is not None
    assert found.gradients is not None
    assert found.per_sample.tolist() == [1.0, 1.0 / 16.0]
    assert reduce(bound, found.tally).mean == 17.0 / 32.0
    assert found.gradients["input"].tolist() == [-1.0, 0.125]  # 4 e³ / 2 over 2 samples, e = -1 and 1/2
    with pytest.raises(losscli.LossError, match="scale must be greater than 0"):
        bind(loss, inputs, {"scale": 0.0}, Settings())
