"""The hash of array options: the same for the same numbers, in any type and layout."""

from __future__ import annotations

import numpy as np

from losscli.request.signature import digest
from losscli.schema.data import held
from tests.cli.helpers import succeeds


def test_the_same_numbers_have_one_hash() -> None:
    """The expected one is from sha256sum of struct.pack('<3d', 1, 2, 0.5)."""
    values = np.array([1.0, 2.0, 0.5])
    assert digest(held(values, "w")) == "c874c2"
    for other in (
        values.astype(np.float32),
        values.astype(np.float16),
        values.astype(">f8"),
        np.repeat(values, 2)[::2],
    ):
        assert digest(held(other, "w")) == digest(held(values, "w"))
    assert digest(held(np.array([0.0]), "w")) == digest(held(np.array([-0.0]), "w")) != digest(held(values, "w"))


def test_two_weights_have_two_signatures() -> None:
    lines = {
        succeeds("compute", "nll", "[[-1,-2]]", "[0]", "--weight", weight).out.splitlines()[0].partition(" | ")[0]
        for weight in ("[1,2]", "[1.0,2]", "[2,1]")
    }
    assert len(lines) == 2
    assert all(line.startswith("nll(weight=[2]#") for line in lines)
