"""From named arrays to a loss that can be run: forms, shapes and options decided, all faults told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.engine.layout import Layout
from losscli.engine.settings import Settings, convention_of, option_values, reduction_of
from losscli.schema.data import Data, Held
from losscli.schema.domains import NONNEGATIVE, Domain
from losscli.schema.faults import DataFault, LossError, UsageFault, raise_all
from losscli.schema.loss import Array, Convention, InputSpec, Loss, OptionSpec, Role
from losscli.schema.records import record

_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_READABLE = ("float64", "float32", "float16", "bfloat16", "bool", *_INTEGERS)
UNIT_WEIGHT = Role("u", NONNEGATIVE, "what each sample counts")


@record
class Field:
    """An array with a value, or a row of values, for every unit."""

    name: str
    data: Data
    role: Role
    domain: Domain


@record
class Bound:
    """A loss together with everything it runs on."""

    loss: Loss
    layout: Layout
    inputs: tuple[Field, ...]
    unit_options: tuple[Field, ...]  # array options that have been broadcast to the units
    fixed: Mapping[str, Any]  # all other arguments of the kernel
    ignored: tuple[str, float] | None  # the role, and its value that takes a unit out
    convention: Convention
    reduction: str
    options: Mapping[str, Any]  # all options as they stand, array options as Data, in signature order
    sample_weight: Field | None
    groups: Data | None
    propagates: bool
    warnings: tuple[str, ...] = ()  # what making the request gave to say
    notes: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """Everything that is read chunk by chunk."""
        weight = () if self.sample_weight is None else (self.sample_weight,)
        return (*self.inputs, *self.unit_options, *weight)

    @property
    def differentiable(self) -> tuple[Field, ...]:
        return tuple(field for field in self.inputs if field.role.differentiable)


def bind(loss: Loss, inputs: Mapping[str, Data], options: Mapping[str, Any], settings: Settings) -> Bound:
    """Binds a loss to its inputs, given by role, and to its options, arrays among them as Data."""
    faults: list[LossError] = []
    convention = convention_of(loss, settings.convention, faults)
    reduction = reduction_of(loss, settings.reduction, convention, faults)
    values = option_values(loss, options, convention, faults)
    told = len(faults)  # so far of words, not of arrays
    weights = [each for each in (*options.values(), settings.sample_weight) if isinstance(each, Data)]
    found = [*(_dtype_fault(data, may_be_words=True) for data in inputs.values()), *map(_dtype_fault, weights)]
    faults += [fault for fault in found if fault]
    layout = _layout(loss, inputs, values, settings, faults)
    if len(faults) > told:
        raise_all(faults)

    fields = tuple(
        bound
        for spec in loss.inputs
        if (bound := _input(loss, spec, inputs[spec.name], layout, values, inputs, settings, faults)) is not None
    )
    fixed: dict[str, Any] = {**loss.constants, **{k: v for k, v in convention.values.items() if k in loss.constants}}
    unit_options: list[Field] = []
    for spec in loss.options:
        value = values[spec.name]
        if not spec.option.axes or value is None:
            fixed[spec.name] = value
        elif spec.option.axes == "c":
            fixed[spec.name] = _class_array(spec, value, layout, faults)
        elif laid := _over_units(spec.name, value, layout.unit_shape, spec.option.domain, faults):
            unit_options.append(laid)
    weight = settings.sample_weight
    sample_weight = None if weight is None else _over_samples("--sample-weight", weight, layout, faults)
    groups = None if settings.groups is None else _over_samples("--by", settings.groups, layout, faults)
    raise_all(faults)
    return Bound(
        loss=loss,
        layout=layout,
        inputs=fields,
        unit_options=tuple(unit_options),
        fixed=fixed,
        ignored=_ignored(loss, fields, values),
        convention=convention,
        reduction=reduction,
        options=values,
        sample_weight=sample_weight,
        groups=None if groups is None else groups.data,
        propagates=settings.nonfinite == "propagate",
    )


def _dtype_fault(data: Data, *, may_be_words: bool = False) -> DataFault | None:
    if data.dtype in _READABLE or (data.words and may_be_words):
        return None
    if data.words:
        return DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "write a number there")
    return DataFault(f"{data.source} holds {data.dtype}", "save it as float64, float32, float16, integers or bool")


def _layout(
    loss: Loss, inputs: Mapping[str, Data], values: Mapping[str, Any], settings: Settings, faults: list[LossError]
) -> Layout:
    first = loss.inputs[0]
    shape = inputs[first.name].shape
    letter = first.forms[0].axes
    if letter == "u":
        if settings.class_axis is not None:
            faults.append(UsageFault(f"{loss.name} has no class axis", "leave --class-axis out"))
        return Layout(shape, None)
    what = "classes" if letter == "u c" else "components"
    if not shape:
        faults.append(DataFault(f"{first.name} is a single number, but {loss.name} needs a row of {what}"))
        return Layout((1,), 0)
    if settings.class_axis is not None:
        wanted = settings.class_axis
    elif loss.axis_option:
        wanted = values[loss.axis_option] if len(shape) > 1 else 0
    elif letter == "u c":
        wanted = 1 if len(shape) > 1 else 0
    else:
        wanted = -1
    if not -len(shape) <= wanted < len(shape):
        name = "--class-axis" if settings.class_axis is not None else loss.axis_option
        faults.append(DataFault(f"{name} is {wanted}, but {first.name} has shape {_shape(shape)}"))
        wanted = 0
    axis = wanted % len(shape)
    if not shape[axis]:
        faults.append(DataFault(f"{first.name} has shape {_shape(shape)}: no {what} along axis {axis}"))
    return Layout(shape, axis)


def _input(
    loss: Loss,
    spec: InputSpec,
    data: Data,
    layout: Layout,
    values: Mapping[str, Any],
    inputs: Mapping[str, Data],
    settings: Settings,
    faults: list[LossError],
) -> Field | None:
    """The input in the form that its shape fits."""
    forms = [f for f in spec.forms if not (f.when and not values[f.when]) and not (f.unless and values[f.unless])]
    shapes = [layout.unit_shape if form.axes == "u" else layout.shape for form in forms]
    fitting = [form for form, shape in zip(forms, shapes, strict=True) if data.shape == shape]
    if not fitting:
        fitting = [form for form in forms if _is_label_column(form, data, layout)]
    if not fitting:
        faults.append(_misshapen(loss, spec, data, shapes, inputs))
        return None
    form = fitting[0]
    if data.words:
        labelled = _labels_from_words(spec, data, form, layout, inputs[loss.inputs[0].name], settings, faults)
        if labelled is None:
            return None
        data = labelled
    domain = form.domain
    if domain.index:
        top = layout.length - 1
        words = f"{domain.words} from {domain.low:.0f} to {top}"
        domain = replace(domain, words=words, high=float(top))
    return Field(spec.name, data, form, domain)


def _is_label_column(form: Role, data: Data, layout: Layout) -> bool:
    """A column of labels (N, 1) is taken as (N,); nothing else is reshaped."""
    return bool(form.domain.index or form.domain.only) and data.shape == (*layout.unit_shape, 1)


def _misshapen(
    loss: Loss, spec: InputSpec, data: Data, shapes: Sequence[tuple[int, ...]], inputs: Mapping[str, Data]
) -> LossError:
    first = loss.inputs[0].name
    expected = " or ".join(dict.fromkeys(_shape(shape) for shape in shapes))
    fact = (
        f"{spec.name} has shape {_shape(data.shape)}, but {first} has shape {_shape(inputs[first].shape)}"
        f" ({data.source}, {inputs[first].source})"
    )
    cure = f"{loss.name} wants {spec.name} of shape {expected}, and never broadcasts"
    if data.size == inputs[first].size and len(shapes) == 1:
        cure += f"; both hold {data.size} numbers, so reshape one of them"
    return DataFault(fact, cure)


def _labels_from_words(
    spec: InputSpec,
    data: Data,
    form: Role,
    layout: Layout,
    first: Data,
    settings: Settings,
    faults: list[LossError],
) -> Data | None:
    """Labels that are words, as class indices, by the names that --classes or the scores' header gives."""
    word = data.words[0]
    if not form.domain.index:
        faults.append(DataFault(f"{data.place(0)}: {word!r} is not a number", f"{spec.name} holds numbers"))
        return None
    classes = settings.classes or first.names
    if not classes:
        fact = f"{data.place(0)}: the label {word!r} is a word, and nothing names the classes"
        faults.append(DataFault(fact, "name them in the order of the scores: --classes a,b,c"))
        return None
    if len(classes) != layout.length:
        faults.append(DataFault(f"{len(classes)} classes are named, but {first.source} has {layout.length}"))
        return None
    unknown = [word for word in data.words if word not in classes]
    if unknown:
        codes = data.store.flat(0, data.size)
        at = int(np.flatnonzero(codes == data.words.index(unknown[0]))[0])
        fact = f"{data.place(at)}: there is no class {unknown[0]!r}"
        faults.append(DataFault(fact, f"the classes are {', '.join(classes)}"))
        return None
    index = np.array([classes.index(word) for word in data.words], dtype=np.int64)
    codes = data.store.flat(0, data.size).astype(np.intp)
    return Data(data.source, "int64", Held(index[codes].reshape(data.shape)), data.place)


def _class_array(spec: OptionSpec, data: Data, layout: Layout, faults: list[LossError]) -> Array | None:
    """An array option with one entry a class, whole in memory."""
    if data.shape != (layout.length,):
        fact = f"{spec.name} has shape {_shape(data.shape)} ({data.source}), but there are {layout.length} classes"
        faults.append(DataFault(fact, f"give one number a class: shape ({layout.length},)"))
        return None
    values = data.store.flat(0, data.size).astype(np.float64)
    holds = spec.option.domain.holds(values)
    if not holds.all():
        at = int(np.flatnonzero(~holds)[0])
        faults.append(DataFault(f"{data.place(at)}: {spec.name} must be {spec.option.domain.words}, got {values[at]}"))
    return values


def _over_units(name: str, data: Data, shape: tuple[int, ...], domain: Domain, faults: list[LossError]) -> Field | None:
    """An array broadcast to the units, as PyTorch broadcasts weights."""
    if data.shape != shape:
        try:
            fits = np.broadcast_shapes(data.shape, shape) == shape
        except ValueError:
            fits = False
        if not fits:
            fact = f"{name} has shape {_shape(data.shape)} ({data.source})"
            faults.append(DataFault(fact, f"give it a shape that broadcasts to {_shape(shape)}"))
            return None
        whole = data.store.flat(0, data.size).reshape(data.shape)
        data = Data(data.source, data.dtype, Held(np.broadcast_to(whole, shape)), lambda _: data.source)
    return Field(name, data, UNIT_WEIGHT, domain)


def _over_samples(name: str, data: Data, layout: Layout, faults: list[LossError]) -> Field | None:
    """An array with an entry a unit, or one a sample (the first axis) that holds for all units of the sample."""
    shape = layout.unit_shape
    if data.shape == shape or data.shape == (*shape, 1):
        return Field(name, data, UNIT_WEIGHT, NONNEGATIVE)
    if not shape or data.shape != shape[:1]:
        wanted = " or ".join(dict.fromkeys((_shape(shape[:1]), _shape(shape))))
        fact = f"{name} has shape {_shape(data.shape)} ({data.source})"
        faults.append(DataFault(fact, f"give one entry a sample: shape {wanted}"))
        return None
    whole = data.store.flat(0, data.size).reshape(-1, *(1,) * (len(shape) - 1))
    below = layout.units // max(1, shape[0])
    place = data.place
    spread = Data(
        data.source,
        data.dtype,
        Held(np.broadcast_to(whole, shape)),
        lambda unit: place(unit // below),
        words=data.words,
    )
    return Field(name, spread, UNIT_WEIGHT, NONNEGATIVE)


def _ignored(loss: Loss, fields: Sequence[Field], values: Mapping[str, Any]) -> tuple[str, float] | None:
    """The role and the value that take a unit out; only labels are ignored, never distributions."""
    if loss.ignores is None:
        return None
    option, role = loss.ignores
    return next(((role, float(values[option])) for f in fields if f.name == role and f.role.domain.index), None)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
