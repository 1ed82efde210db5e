"""Arrays in memory as stores, and their places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.schema.data import Held, by_index, held
from losscli.schema.synonyms import role_named


@given(
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from("CFTB"),
    st.sampled_from(["<f8", ">f8", "<f4", ">i2", "bool"]),
    st.data(),
)
@settings(derandomize=True, deadline=None)
def test_any_layout_is_read_in_c_order(shape: list[int], layout: str, dtype: str, data: st.DataObject) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    expected = array.reshape(-1).tolist()
    seen = {
        "C": array,
        "F": np.asfortranarray(array),
        "T": array.T.copy().T,
        "B": np.repeat(array, 2, axis=0)[::2] if shape else array,
    }[layout]
    start = data.draw(st.integers(0, array.size))
    stop = data.draw(st.integers(start, array.size))
    run = Held(seen).flat(start, stop)
    assert run.tolist() == expected[start:stop]
    assert run.dtype.isnative
    assert run.ndim == 1


def test_a_broadcast_array_is_read_without_being_copied_whole() -> None:
    wide = np.broadcast_to(np.arange(3.0)[:, None], (3, 1 << 40))
    assert Held(wide[:, :4]).flat(2, 9).tolist() == [0, 0, 1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("shape", "flat", "place"),
    [((), 0, "x"), ((5,), 3, "x[3]"), ((2, 3), 5, "x[1, 2]"), ((2, 3, 4), 23, "x[1, 2, 3]")],
)
def test_places(shape: tuple[int, ...], flat: int, place: str) -> None:
    assert by_index("x", shape)(flat) == place
    assert held(np.zeros(shape), "x").place(flat) == place


def test_held() -> None:
    data = held(np.zeros((2, 3), np.float32), "x.npy")
    assert (data.source, data.dtype, data.shape, data.size) == ("x.npy", "float32", (2, 3), 6)


@pytest.mark.parametrize(
    ("word", "roles", "role"),
    [
        ("input", ("input", "target"), "input"),
        (" Y_Pred ", ("input", "target"), "input"),
        ("LOGITS", ("input", "target"), "input"),
        ("labels", ("input", "target"), "target"),
        ("targets", ("input", "target"), "target"),
        ("target", ("log_probs", "targets"), "targets"),
        ("y", ("x1", "x2"), None),
        ("anchor", ("anchor", "positive"), "anchor"),
        ("pred", ("anchor", "positive"), None),
        ("", ("input", "target"), None),
    ],
)
def test_synonyms(word: str, roles: tuple[str, ...], role: str | None) -> None:
    assert role_named(word, roles) == role
