"""The mistakes of a loss follow from its declared kind and unit, wherever the loss comes from, never from its prose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import losscli
from losscli.losses import installed
from losscli.losses.catalogue import losses
from losscli.losses.regression.huber import huber
from losscli.losses.regression.mse import LOSS
from losscli.schema.define import define

P, T = np.random.default_rng(0).normal(size=(2, 20))
FUNCTION = '''
import numpy as np

def f(input, target):
    """{doc}"""
    return {formula}

{more}
'''


def mistakes(loss: str, claim: float) -> list[str]:
    verified = losscli.verify(loss, P, T, claim=repr(claim))
    assert verified.verdict == "refuted"
    return [each.mistake for each in verified.explanations]


def user_loss(folder: Path, more: str = "", doc: str = "", formula: str = "np.exp(0.1 * input * target)") -> str:
    path = folder / "mine.py"
    path.write_text(FUNCTION.format(doc=doc, more=more, formula=formula), encoding="utf-8")
    return f"{path}:f"


def test_prose_decides_nothing(tmp_path: Path) -> None:
    loss = user_loss(tmp_path, doc="Not measured in nats.")
    assert mistakes(loss, float(losscli.compute(loss, P, T).value) / np.log(2.0)) == []


def test_a_user_loss_in_nats(tmp_path: Path) -> None:
    loss = user_loss(tmp_path, 'f.unit = "nats"')
    assert mistakes(loss, float(losscli.compute(loss, P, T).value) / np.log(2.0)) == ["log_base_2"]


def test_a_user_loss_of_a_kind(tmp_path: Path) -> None:
    loss = user_loss(tmp_path, 'f.kind = "regression"', formula="np.abs(input - target) ** 2.5")
    assert mistakes(loss, float(losscli.compute(loss, P, T).value) ** 0.5) == ["root"]


def test_an_unknown_kind_of_a_user_loss(tmp_path: Path) -> None:
    with pytest.raises(losscli.LossError, match="kind is 'regresion'"):
        losscli.compute(user_loss(tmp_path, 'f.kind = "regresion"'), P, T)


def test_an_installed_loss_of_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package names its family, and the kind stays."""
    loss = replace(define(huber, kind="regression"), name="their_huber", family="their-package")
    monkeypatch.setattr(installed, "installed", lambda: installed.Installed((loss,), ()))
    right = float(losscli.compute("their_huber", P, T).value)
    assert mistakes("their_huber", right**0.5) == ["root"]


def test_every_loss_of_the_catalogue_declares_its_kind() -> None:
    for loss in losses():
        assert loss.kind, f"{loss.name}: give define(…, kind=…)"
        assert (loss.unit == "nats") == ("in nats" in loss.summary), f"{loss.name}: its page and unit= disagree"
    assert LOSS.kind == "regression"
