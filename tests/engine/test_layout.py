"""Units in and out of arrays of any shape and class axis, against NumPy's own moveaxis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from losscli.engine.layout import Layout
from losscli.schema.data import Held


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Any shape with at least one class: binding refuses others."""
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4))
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = max(1, shape[axis])
    return Layout(tuple(shape), axis)


def rows_by_numpy(layout: Layout) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    assert layout.axis is not None
    array = np.arange(np.prod(layout.shape, dtype=int), dtype=float).reshape(layout.shape)
    return np.moveaxis(array, layout.axis, -1).reshape(layout.units, layout.length)


@given(layouts(), st.integers(1, 30))
@settings(derandomize=True, deadline=None)
def test_chunks_cover_every_unit_once_and_can_be_read(layout: Layout, elements: int) -> None:
    array = np.arange(np.prod(layout.shape, dtype=int), dtype=float).reshape(layout.shape)
    runs = list(layout.chunks(elements))
    assert [unit for start, stop in runs for unit in range(start, stop)] == list(range(layout.units))
    expected = rows_by_numpy(layout)
    for start, stop in runs:
        np.testing.assert_array_equal(layout.rows(Held(array), start, stop), expected[start:stop])


@given(layouts(), st.integers(1, 30))
@settings(derandomize=True, deadline=None)
def test_put_is_the_way_back(layout: Layout, elements: int) -> None:
    array = np.arange(np.prod(layout.shape, dtype=int), dtype=float).reshape(layout.shape)
    out = np.full(layout.shape, np.nan)
    for start, stop in layout.chunks(elements):
        layout.put(layout.rows(Held(array), start, stop), out, start, stop)
    np.testing.assert_array_equal(out, array)


@given(layouts())
@settings(derandomize=True, deadline=None)
def test_element_is_the_flat_index(layout: Layout) -> None:
    expected = rows_by_numpy(layout)  # whose elements are their own flat indices
    for unit in range(layout.units):
        for column in range(layout.length):
            assert layout.element("u c", unit, column) == expected[unit, column]


@pytest.mark.parametrize(
    ("shape", "axis", "unit_shape", "length"),
    [((), None, (), 1), ((5,), None, (5,), 1), ((5,), 0, (), 5), ((2, 3, 4), 1, (2, 4), 3), ((0, 3), 1, (0,), 3)],
)
def test_shapes(shape: tuple[int, ...], axis: int | None, unit_shape: tuple[int, ...], length: int) -> None:
    layout = Layout(shape, axis)
    assert (layout.unit_shape, layout.length, layout.units) == (unit_shape, length, int(np.prod(unit_shape)))


def test_a_unit_larger_than_a_chunk_is_still_whole() -> None:
    assert list(Layout((2, 1000), 1).chunks(10)) == [(0, 1), (1, 2)]
    assert list(Layout((2, 1000, 3), 1).chunks(10)) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
