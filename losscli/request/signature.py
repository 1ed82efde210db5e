"""The signature line of every value: all choices that decide the number."""

from __future__ import annotations

from losscli import __version__
from losscli.engine.bind import Bound
from losscli.engine.layout import CHUNK
from losscli.engine.reduce import Reduced
from losscli.schema.data import Data
from losscli.schema.penalty import Penalty
from losscli.schema.text import plural, printable


def signature(bound: Bound, reduced: Reduced) -> str:
    """Loss and options, convention, reduction and counts, types, version: all that changes the number."""
    units = f"{bound.reduction} of {reduced.count}"
    if reduced.ignored:
        units += f", {reduced.ignored} ignored"
    penalty = [] if bound.penalty is None else [_penalty(bound.penalty)]
    return " | ".join([loss_and_options(bound), *penalty, convention(bound), units, *_data(bound)])


def signature_of_all(bound: Bound) -> str:
    """The same for all conventions of a loss: what does not depend on one."""
    units = plural(bound.layout.units, "sample")
    return " | ".join([loss_and_options(bound), "all conventions", units, *_data(bound)])


def _data(bound: Bound) -> list[str]:
    """Weights, types and version."""
    stored = bound.inputs[0].data.dtype
    weights = [] if bound.sample_weight is None else ["sample weights"]
    return [*weights, stored if stored == "float64" else f"{stored}→float64", f"losscli {__version__}"]


def _penalty(penalty: Penalty) -> str:
    """`+ l2=0.01 of 3 arrays`."""
    strengths = [f"{name}={value:g}" for name, value in (("l1", penalty.l1), ("l2", penalty.l2)) if value]
    return f"+ {' '.join(strengths) or 'l2=0'} on {plural(len(penalty.arrays), 'array')}"


def convention(bound: Bound) -> str:
    """The convention; of a user-defined function also how its gradient is computed."""
    own = bound.loss.gradient
    return bound.convention.name if own is None else f"{bound.convention.name}, gradient by {own()}"


def loss_and_options(bound: Bound) -> str:
    """`huber(delta=0.5)`: the options that differ from their defaults, numbers first, arrays by shape and hash.

    Of a user-defined function all options: a reader does not know its defaults.
    """
    scalars, arrays = [], []
    for spec in bound.loss.options:
        value = bound.options[spec.name]
        if isinstance(value, Data):
            arrays.append(f"{spec.name}=[{', '.join(map(str, value.shape))}]#{digest(value)}")
        elif spec.type is object or value != spec.default:
            scalars.append(f"{spec.name}={value}")
    written = ", ".join((*scalars, *arrays))
    return printable(f"{bound.loss.name}({written})" if written else bound.loss.name)


def digest(data: Data) -> str:
    """Six hexadecimal digits of the values as float64, the same on every machine and for every type that holds them."""
    from hashlib import sha256  # which requests without arrays need not

    checksum = sha256()
    for start in range(0, data.size, CHUNK):
        values = data.store.flat(start, min(start + CHUNK, data.size)).astype("<f8") + 0.0  # -0.0 is 0.0
        checksum.update(values.astype("<f8").tobytes())
    return checksum.hexdigest()[:6]
