"""What results are in plain Python, and in a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import losscli
from tests.cli.helpers import losscli as command_line


def command_s(at: Path, *words: str) -> Any:
    return json.loads(command_line(*words, "-f", "json", at=at).out)


def test_to_dict_is_the_document_of_the_command_line(tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", [1.0, 2.5])
    np.save(tmp_path / "y.npy", [1.0, 2.0])
    files = tmp_path / "p.npy", tmp_path / "y.npy"
    ours = losscli.compute("mse", *files, gradients=True).to_dict()
    shown = command_s(tmp_path, "compute", "mse", "p.npy", "y.npy", "--gradients")
    for name in ("schema", "loss", "signature", "value", "mean", "sum", "count", "standard_error", "reduction"):
        assert ours[name] == shown[name]
    assert set(ours) == set(shown)
    assert ours["gradients"] == {"input": [0.0, 0.5]} | {"target": [0.0, -0.5]}
    judged = losscli.verify("mse", *files, claim="0.25").to_dict()
    shown = command_s(tmp_path, "verify", "mse", "p.npy", "y.npy", "--claim", "0.25")
    assert set(judged) == set(shown)
    assert judged["claims"] == shown["claims"]
    assert judged["explanations"] == shown["explanations"]
    assert judged["verdict"] == "refuted"


def test_to_dict_has_types_of_python_s_own() -> None:
    unreduced = losscli.compute("cross_entropy", [[1.0, 2.0]] * 3, [1, 0, 1], weight=[1, 2], reduction="none").to_dict()
    assert json.loads(json.dumps(unreduced)) == unreduced
    assert isinstance(unreduced["value"], list)
    assert np.isnan(losscli.compute("mse", [], []).to_dict()["value"])


def test_a_notebook_shows_a_table_of_safe_text() -> None:
    shown = losscli.compute("mse", [1.0, 2.0], [1.0, 2.5])._repr_html_()
    assert shown.startswith("<table><tr><th>loss</th><td>mse | torch | mean of 2")
    assert "<th>value</th><td>0.125</td>" in shown
    assert "array of shape (2,)" in losscli.compute("mse", [1.0, 2.0], [1.0, 2.5], reduction="none")._repr_html_()
    words = losscli.compute("cross_entropy", [[1.0, 2.0]], ["<b>"], classes=["<b>", "c"])
    assert "<b>" not in words._repr_html_()
    judged = losscli.verify("mse", [1.0, 2.0], [1.0, 2.5], claim="0.25")._repr_html_()
    assert "<th>verdict</th><td>refuted</td>" in judged
