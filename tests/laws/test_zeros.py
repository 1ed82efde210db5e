"""Arrays that say nothing never hold: zeros, and gradients of which all but the true class is left out.

Such a claim lies within any tolerance that is as large as our numbers, so every way to write one is tried, with every
loss of the catalogue. It holds only where ours is exactly the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from losscli.losses.catalogue import losses
from losscli.schema.loss import Loss
from tests.cli.helpers import losscli as command
from tests.laws.drawing import Array, Question, draw

UNITS = 300  # a gradient of the mean is then below half a unit of `0.00`


def example(loss: Loss) -> Question:
    """Options as they stand, and inputs of ordinary size."""
    question = draw(loss, 3, (UNITS,))[0]
    tamed = {
        role: np.where(np.abs(array) > 1e3, np.sign(array), array) if array.dtype.kind == "f" else array
        for role, array in question.inputs.items()
    }
    return Question(loss, tamed, question.options, question.convention)


def given(question: Question) -> dict[str, Any]:
    """The inputs by role; of many matrices, as a mapping."""
    inputs: dict[str, Any] = {role: array for role, array in question.inputs.items() if role in question.loss.roles}
    for spec in question.loss.inputs:
        if spec.members is not None:
            inputs[spec.name] = {name: array for name, array in question.inputs.items() if name not in inputs}
    return inputs


def claims(question: Question) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Ours, and what somebody claims instead: by `per_sample`, and by the roles that have a gradient."""
    ours = losscli.compute(question.loss.name, reduction="mean", gradients=True, **given(question), **question.options)
    assert ours.gradients is not None
    right = {role: np.asarray(ours.gradients[role]) for role in ours.gradients if role in question.loss.roles}
    right["per_sample"] = np.asarray(ours.per_sample)
    return right, {name: np.zeros_like(array) for name, array in right.items()}


def true_class_alone(question: Question, right: Mapping[str, Array]) -> Mapping[str, Array]:
    """The gradients to scores without the columns of the other classes; none of a loss that has no labels."""
    target, scores = question.inputs.get("target"), question.loss.inputs[0]
    labels = target is not None and target.dtype.kind == "i" and target.ndim == 1
    if not labels or scores.forms[0].axes != "u c" or scores.name not in right:
        return {}
    slope = right[scores.name]
    left = np.zeros_like(slope)
    rows = np.arange(len(left))
    left[rows, target] = slope[rows, target]
    return {scores.name: left}


def writable(array: Array, form: str) -> Any:
    """Zeros as plain `0`, which has no decimals, or as `0.00`, which is rounder than any gradient."""
    if form == "json":
        return json.dumps(np.asarray(array).tolist())
    rows = array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)
    return "".join(",".join(f"{x:.2f}" if not x else repr(float(x)) for x in row) + "\n" for row in rows)


def judged(question: Question, folder: Path, claimed: Mapping[str, Array], form: str) -> dict[str, str]:
    """The verdict of each claim, written in a format."""
    sources = write_inputs(question, folder)
    words: list[str] = []
    for name, array in claimed.items():
        suffix = "json" if form == "csv" and array.ndim > 2 else form.split()[0]
        path = folder / f"claim-{name}.{suffix}"
        if suffix == "npy":
            np.save(path, array.astype(form.removeprefix("npy ")))
        else:
            path.write_text(writable(array, suffix), encoding="utf-8")
        words += (
            ["--claim-per-sample", path.name] if name == "per_sample" else ["--claim-gradient", f"{name}={path.name}"]
        )
    ended = command("verify", question.loss.name, *sources, "-r", "mean", "-f", "json", *words, at=folder)
    assert ended.code in (0, 1), ended.err
    return {each["role"] or "per_sample": each["verdict"] for each in ended.json["claims"]}


def in_a_suite(question: Question, folder: Path, claimed: Mapping[str, Array]) -> dict[str, str]:
    """One case a claim: a case is refuted if any of its claims is."""
    sources = write_inputs(question, folder)
    cases = [
        {
            "name": name,
            "loss": question.loss.name,
            "inputs": sources,
            "reduction": "mean",
            "expect": {"per_sample": array.tolist()} if name == "per_sample" else {"gradients": {name: array.tolist()}},
        }
        for name, array in claimed.items()
    ]
    (folder / "suite.yaml").write_text(json.dumps({"losscli": 1, "cases": cases}), encoding="utf-8")
    ended = command("suite", "suite.yaml", "-f", "json", at=folder)
    assert ended.code in (0, 1), ended.err
    return {each["name"]: each["status"] for each in ended.json["cases"]}


def write_inputs(question: Question, folder: Path) -> list[str]:
    sources = []
    for role, array in given(question).items():
        if isinstance(array, Mapping):
            np.savez(folder / f"{role}.npz", **array)
            sources.append(f"{role}.npz")
        else:
            np.save(folder / f"{role}.npy", array)
            sources.append(f"{role}.npy")
    return sources


@pytest.mark.parametrize("loss", losses(), ids=lambda loss: loss.name)
@pytest.mark.parametrize("form", ["json", "csv", "npy float64", "npy float32", "suite"])
def test_nothing_is_no_answer(loss: Loss, form: str, tmp_path: Path) -> None:
    question = example(loss)
    right, zeros = claims(question)
    for claimed in (zeros, true_class_alone(question, right)):
        if not claimed:
            continue
        found = (
            in_a_suite(question, tmp_path, claimed) if form == "suite" else judged(question, tmp_path, claimed, form)
        )
        assert found.keys() == claimed.keys()
        for name, verdict in found.items():
            same = np.array_equal(right[name], claimed[name])
            assert verdict == ("holds" if same else "refuted"), f"{name}: {verdict}, {np.abs(right[name]).max()}"


def test_some_losses_are_tried_without_the_other_classes() -> None:
    tried = [loss.name for loss in losses() if true_class_alone(question := example(loss), claims(question)[0])]
    assert len(tried) >= 6, tried
