"""Arrays cut into rows, or measured along an axis, in another way than they lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from losscli.engine.layout import Layout
from losscli.schema.loss import Array
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import LazyHypothesis, PerSample, scalar, with_request, with_view
from losscli.verify.diagnosis.mistakes import area

_PAIRS = 2_000_000  # numbers up to which all pairs of rows are formed

declare = area("layout")
_RECUT = declare(
    "reshaped_not_permuted",
    "A",
    "the class axis was moved to the end with reshape (or view), which cuts the numbers into other rows",
    "use permute or moveaxis before reshape",
)
_BY_COLUMN = declare(
    "class_major_memory",
    "A",
    "the numbers lie {there} in memory, and were cut into rows as if they lay {here}",
    "reshape to the order in which they lie, then transpose: of LightGBM's raw scores reshape(C, N).T",
    later=1,
)
_OTHER_AXIS = declare(
    "{option}_{axis}",
    "A",
    "vectors were taken along axis {axis}, where they lie along axis {right}",
    "measure along axis {right}, the components of a vector",
)
_ALL_PAIRS = declare(
    "all_pairs",
    "A",
    "every row of {first} was compared with every row of {second}, not with its own alone",
    "compare row i with row i",
)


def layouts(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Other rows, other axes, and every row with every other."""
    layout = dataset.bound.layout
    if isinstance(layout, Layout) and len(layout.shape) > 1:
        yield from _recut(dataset, layout)
        yield from _by_column(dataset, layout)
    yield from _other_axes(dataset)
    yield from _of_all_rows(dataset)


def _recut(dataset: Dataset, layout: Layout) -> Iterator[LazyHypothesis]:
    """view(-1, C) where a permute was needed: rows cut from memory as it lies."""
    if layout.axis is None or layout.inner == 1:
        return
    field = dataset.bound.inputs[0]

    def view(_: Array) -> Array:
        rows: Array = field.data.array().astype(np.float64).reshape(-1, layout.length)
        return rows if dataset.kept is None else rows[dataset.kept]

    yield with_view(dataset, _RECUT, field.name, view)


def _by_column(dataset: Dataset, layout: Layout) -> Iterator[LazyHypothesis]:
    """Rows cut from numbers that lie column by column, or the other way round."""
    field = dataset.bound.inputs[0]
    if len(layout.shape) != 2 or layout.axis == 0 or 1 in layout.shape:
        return
    what = "class by class" if field.role.axes == "u c" else "column by column"

    def cut(*, back: bool) -> Array:
        whole = field.data.array().astype(np.float64)
        other: Array = whole.reshape(whole.shape[::-1]).T if back else whole.T.reshape(whole.shape)
        shaped = np.ascontiguousarray(other) if layout.axis is not None else other.reshape(-1)
        return shaped if dataset.kept is None else shaped[dataset.kept]

    there = _BY_COLUMN.of(there=what, here="sample by sample")
    yield with_view(dataset, there, field.name, lambda _: cut(back=False))
    back = _BY_COLUMN.of(later=1, there="sample by sample", here=what)
    yield with_view(dataset, back, field.name, lambda _: cut(back=True))


def _other_axes(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Vectors along another axis: by the loss's own option, else columns for rows."""
    layout, option = dataset.bound.layout, dataset.loss.axis_option
    if option and isinstance(layout, Layout) and layout.axis is not None:
        for axis in range(len(layout.shape)):
            if axis != layout.axis:
                mistake = _OTHER_AXIS.of(option=option, axis=axis, right=layout.axis)
                bound = dataset.bound_with(options={**dataset.request.options, option: axis})
                if hypothesis := with_request(dataset, (mistake,), bound):
                    yield hypothesis
    elif _of_rows_alone(dataset):
        mistake = _OTHER_AXIS.of(option="axis", axis=0, right=1)

        def compute() -> PerSample | None:
            turned = {field.name: dataset.argument(field.name).T.copy() for field in dataset.bound.inputs}
            losses = dataset.kernel_of({**dataset.arguments, **turned})
            return PerSample((mistake,), losses) if losses.any() else None  # zeros would explain any zero

        yield LazyHypothesis((mistake,), compute)


def _of_rows_alone(dataset: Dataset) -> bool:
    """Whether all inputs are rows of vectors, of one shape, and nothing else has an entry a row."""
    inputs = dataset.bound.inputs
    if dataset.loss.kind != "embedding" or dataset.bound.unit_options or len(dataset.shape) != 1:
        return False
    shapes = {dataset.argument(field.name).shape for field in inputs}
    return len(shapes) == 1 and all(field.role.axes in ("u d", "n d") for field in inputs)


def _of_all_rows(dataset: Dataset) -> Iterator[LazyHypothesis]:
    """Every vector of one input with every vector of the other."""
    inputs = dataset.bound.inputs
    if len(inputs) != 2 or not _of_rows_alone(dataset) or not dataset.loss.separable:
        return
    first, second = (dataset.argument(field.name) for field in inputs)
    if not len(first) > 1 or len(first) * first.size > _PAIRS:
        return

    def value() -> float:
        pairs = {
            inputs[0].name: np.repeat(first, len(second), axis=0),
            inputs[1].name: np.tile(second, (len(first), 1)),
        }
        losses = dataset.kernel_of({**dataset.arguments, **pairs})
        return float(losses.sum() if dataset.bound.reduction == "sum" else losses.mean())

    yield scalar(dataset, _ALL_PAIRS.of(first=inputs[0].name, second=inputs[1].name), value)
