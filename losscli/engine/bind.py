"""From named arrays to a loss that can be run: forms, shapes and options decided, all faults told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from losscli.engine.fields import Field, array_option, over_samples, over_units
from losscli.engine.layout import Layout, shape_text
from losscli.engine.settings import Settings, convention_of, option_values, reduction_of
from losscli.engine.spreading import spread
from losscli.engine.whole import Whole, resolve
from losscli.schema.data import Data, Held
from losscli.schema.faults import DataFault, LossError, UsageFault, raise_all
from losscli.schema.loss import Convention, InputSpec, Loss, Role
from losscli.schema.penalty import Penalty
from losscli.schema.records import record

_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_READABLE = ("float64", "float32", "float16", "bfloat16", "bool", *_INTEGERS)


@record
class Bound:
    """A loss together with everything it runs on."""

    loss: Loss
    layout: Layout | Whole
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
    strict: bool
    warnings: tuple[str, ...] = ()  # what making the request gave to say
    notes: tuple[str, ...] = ()
    penalty: Penalty | None = None  # what is added to the reduced loss

    @property
    def fields(self) -> tuple[Field, ...]:
        """Everything that is read chunk by chunk."""
        weight = () if self.sample_weight is None else (self.sample_weight,)
        return (*self.inputs, *self.unit_options, *weight)

    @property
    def differentiable(self) -> tuple[Field, ...]:
        return tuple(field for field in self.inputs if field.role.differentiable)


@record
class _Asked:
    """What is to be bound: the loss, its inputs by role, all its options, and the settings."""

    loss: Loss
    inputs: Mapping[str, Data]
    values: Mapping[str, Any]
    settings: Settings
    convention: Convention

    @property
    def first(self) -> Data:
        return self.inputs[self.loss.inputs[0].name]


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
    asked = _Asked(loss, inputs, values, settings, convention)
    layout, forms = _placed(asked, faults)
    if len(faults) > told:
        raise_all(faults)

    fields = [field for spec in loss.inputs for field in _input(asked, spec, layout, forms.get(spec.name), faults)]
    fixed: dict[str, Any] = {name: _constant(asked, convention, name) for name in loss.constants}
    unit_options: list[Field] = []
    for option in loss.options:
        value = values[option.name]
        if not option.option.axes or value is None:
            fixed[option.name] = value
        elif option.option.axes != "u":
            fixed[option.name] = array_option(option, value, layout, faults)
        elif laid := over_units(option.name, value, layout.unit_shape, option.option.domain, faults):
            unit_options.append(laid)
    weight = settings.sample_weight
    sample_weight = None if weight is None else over_samples("--sample-weight", weight, layout, faults)
    groups = None if settings.groups is None else over_samples("--by", settings.groups, layout, faults)
    raise_all(faults)
    return Bound(
        loss=loss,
        layout=layout,
        inputs=tuple(fields),
        unit_options=tuple(unit_options),
        fixed=fixed,
        ignored=_ignored(loss, fields, values),
        convention=convention,
        reduction=reduction,
        options=values,
        sample_weight=sample_weight,
        groups=None if groups is None else groups.data,
        propagates=settings.nonfinite == "propagate",
        strict=settings.strict,
    )


def _dtype_fault(data: Data, *, may_be_words: bool = False) -> DataFault | None:
    if data.dtype in _READABLE or (data.words and may_be_words):
        return None
    if data.words:
        return DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "write a number there")
    return DataFault(f"{data.source} holds {data.dtype}", "save it as float64, float32, float16, integers or bool")


def _constant(asked: _Asked, convention: Convention, name: str) -> float:
    """A constant of the convention, which may depend on the type of the first input."""
    value = convention.values.get(name, asked.loss.constants[name])
    return float(value(asked.first.dtype) if callable(value) else value)


def _placed(asked: _Asked, faults: list[LossError]) -> tuple[Layout | Whole, Mapping[str, Role]]:
    """How the units lie in the arrays; for data that stay whole also each input's form."""
    if asked.loss.separable:
        return _layout(asked, faults), {}
    if asked.settings.class_axis is not None:
        faults.append(UsageFault(f"{asked.loss.name} names its axes itself", "leave --class-axis out"))
    return resolve(asked.loss, asked.inputs, faults)


def _layout(asked: _Asked, faults: list[LossError]) -> Layout:
    loss, settings = asked.loss, asked.settings
    first, shape = loss.inputs[0], asked.first.shape
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
        wanted = asked.values[loss.axis_option] if len(shape) > 1 else 0
    elif letter == "u c":
        wanted = 1 if len(shape) > 1 else 0
    else:
        wanted = -1
    if not -len(shape) <= wanted < len(shape):
        name = "--class-axis" if settings.class_axis is not None else loss.axis_option
        faults.append(DataFault(f"{name} is {wanted}, but {first.name} has shape {shape_text(shape)}"))
        wanted = 0
    axis = wanted % len(shape)
    if not shape[axis]:
        faults.append(DataFault(f"{first.name} has shape {shape_text(shape)}: no {what} along axis {axis}"))
    return Layout(shape, axis)


def _input(
    asked: _Asked, spec: InputSpec, layout: Layout | Whole, form: Role | None, faults: list[LossError]
) -> list[Field]:
    """The input in the form that its shape fits; all arrays of one that consists of many."""
    if spec.members is not None:
        role = Role("*", spec.members.domain, spec.members.help)
        named = {name: data for name, data in asked.inputs.items() if name not in asked.loss.roles}
        return [Field(name, data, role, role.domain, member_of=spec.name) for name, data in named.items()]
    data, given = asked.inputs[spec.name], None
    if isinstance(layout, Layout):
        found = _form(asked, spec, layout, faults)
        if found is None:
            return []
        form, data, given = found
    assert form is not None
    if data.words:
        labelled = _labels_from_words(asked, spec, form, layout, faults)
        if labelled is None:
            return []
        data = labelled
    domain = asked.convention.domains.get(spec.name, form.domain)
    if domain.index and layout.length is not None:
        top = layout.length - 1
        domain = replace(domain, words=f"{domain.words} from {domain.low:.0f} to {top}", high=float(top))
    return [Field(spec.name, data, form, domain, given)]


def _form(
    asked: _Asked, spec: InputSpec, layout: Layout, faults: list[LossError]
) -> tuple[Role, Data, tuple[int, ...] | None] | None:
    """The form that the shape fits, the data in that shape, and the shape before they were spread."""
    data = asked.inputs[spec.name]
    open_to = [
        form
        for form in spec.forms
        if not (form.when and not asked.values[form.when]) and not (form.unless and asked.values[form.unless])
    ]
    shapes = [layout.unit_shape if form.axes == "u" else layout.shape for form in open_to]
    fitting = [form for form, shape in zip(open_to, shapes, strict=True) if data.shape == shape]
    if not fitting:
        fitting = [form for form in open_to if _is_label_column(form, data, layout)]
    if fitting:
        return fitting[0], data, None
    spreading = next((form for form in open_to if form.spreads), None)
    if spreading is not None and (wide := spread(data, layout.unit_shape)) is not None:
        return spreading, wide, data.shape
    faults.append(_misshapen(asked, spec, shapes))
    return None


def _is_label_column(form: Role, data: Data, layout: Layout) -> bool:
    """A column of labels (N, 1) is taken as (N,); nothing else is reshaped."""
    return form.axes == "u" and bool(form.domain.index or form.domain.only) and data.shape == (*layout.unit_shape, 1)


def _misshapen(asked: _Asked, spec: InputSpec, shapes: Sequence[tuple[int, ...]]) -> LossError:
    data, first = asked.inputs[spec.name], asked.loss.inputs[0].name
    expected = " or ".join(dict.fromkeys(shape_text(shape) for shape in shapes))
    fact = (
        f"{spec.name} has shape {shape_text(data.shape)}, but {first} has shape {shape_text(asked.first.shape)}"
        f" ({data.source}, {asked.first.source})"
    )
    cure = f"{asked.loss.name} wants {spec.name} of shape {expected}, and never broadcasts"
    if data.size == asked.first.size and len(shapes) == 1:
        cure += f"; both hold {data.size} numbers, so reshape one of them"
    return DataFault(fact, cure)


def _labels_from_words(
    asked: _Asked, spec: InputSpec, form: Role, layout: Layout | Whole, faults: list[LossError]
) -> Data | None:
    """Labels that are words, as class indices, by the names that --classes or the scores' header gives."""
    data, first = asked.inputs[spec.name], asked.first
    word = data.words[0]
    if not form.domain.index:
        faults.append(DataFault(f"{data.place(0)}: {word!r} is not a number", f"{spec.name} holds numbers"))
        return None
    classes = asked.settings.classes or first.names
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


def _ignored(loss: Loss, fields: Sequence[Field], values: Mapping[str, Any]) -> tuple[str, float] | None:
    """The role and the value that take a unit out; only labels are ignored, never distributions."""
    if loss.ignores is None:
        return None
    option, role = loss.ignores
    return next(((role, float(values[option])) for f in fields if f.name == role and f.role.domain.index), None)
