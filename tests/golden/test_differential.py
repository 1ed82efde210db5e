"""A part of `python -m tests.golden.differential`: with nothing out of the ordinary nothing differs from PyTorch."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the live comparison needs the torch extra")

from tests.golden.differential import LOSSES, UNUSUAL, of_loss, tables  # noqa: E402 - after the skip

REQUESTS, SEED = 40, 7
HARMLESS = ("ordinary", "dtypes", "strides", "weights of 0", "ignored labels", "size 0")


def test_all_of_torch_are_asked() -> None:
    assert len(LOSSES) == 23


@pytest.mark.parametrize("loss", LOSSES)
def test_as_torch(loss: str) -> None:
    found = of_loss(loss, REQUESTS, SEED)
    assert [each for each in found if each.end == "crash"] == []
    plain = [each for each in found if each.cause in HARMLESS]
    assert plain
    assert [each for each in plain if each.end in ("values differ", "losscli refuses") or each.differ] == []


def test_a_table_names_every_cause() -> None:
    lines = list(tables(of_loss("mse", 20, SEED)))
    assert all(any(line.startswith(f"| {cause} |") for line in lines) for cause in UNUSUAL)
