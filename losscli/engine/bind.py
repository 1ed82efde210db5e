"""From named arrays to a loss that can be run: forms, shapes and options decided, all faults raised together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from losscli.engine.arrays import Field, array_option, over_samples, over_units
from losscli.engine.broadcast import as_documented, common_shape, laid_over
from losscli.engine.labels import check_columns, named_labels, named_words
from losscli.engine.layout import Layout, shape_text
from losscli.engine.options import convention_of, option_values, reduction_of
from losscli.engine.rows import by_rows
from losscli.engine.unchunked import Whole, resolve
from losscli.schema.data import Data
from losscli.schema.faults import DataFault, LossError, UsageFault, raise_all
from losscli.schema.loss import Convention, InputSpec, Loss, Role
from losscli.schema.penalty import Penalty
from losscli.schema.records import record
from losscli.schema.settings import Settings, spelled

_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_READABLE = ("float64", "float32", "float16", "bfloat16", "bool", *_INTEGERS)
_SMALLER = {
    "axis": ", or the same with one axis of length 1",
    "variance": ", the same with one axis of length 1 or without the last, or one number",
    "each other": ", or a shape that broadcasts with it",
}

_COLUMN = "a vector is taken as a column of samples; {} itself would take it as one row, and its mean first"


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
    row: int = 1  # how many elements a unit is the mean of

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
    given: Mapping[str, tuple[int, ...]]  # the shapes of those inputs that were laid over a larger one
    notes: list[str]

    @property
    def first(self) -> Data:
        return self.inputs[self.loss.inputs[0].name]


def bind(
    loss: Loss,
    inputs: Mapping[str, Data],
    options: Mapping[str, Any],
    settings: Settings,
    sample_weight: Data | None = None,
    groups: Data | None = None,
) -> Bound:
    """Binds a loss to its inputs, given by role, and to its options, arrays among them as Data."""
    faults: list[LossError] = []
    convention = convention_of(loss, settings.convention, faults)
    reduction = reduction_of(loss, settings.reduction, convention, faults)
    values = option_values(loss, options, convention, faults)
    of_words = len(faults)  # so far of words, not of arrays
    weights = [value for value in (*options.values(), sample_weight) if isinstance(value, Data)]
    dtype_faults = [*(_dtype_fault(data, may_be_words=True) for data in inputs.values()), *map(_dtype_fault, weights)]
    faults += [fault for fault in dtype_faults if fault]
    notes: list[str] = []
    laid = _laid_out(loss, inputs)
    given = {name: inputs[name].shape for name in laid if laid[name] is not inputs[name]}
    asked = _Asked(loss, laid, values, settings, convention, given, notes)
    layout: Layout | Whole
    forms: Mapping[str, Role] = {}  # of each input, where data stay whole
    if loss.separable:
        layout = _layout(asked, faults)
    else:
        if _writes_class_axis(settings):
            faults.append(UsageFault(f"{loss.name} names its axes itself", f"leave {spelled('class_axis')} out"))
        layout, forms = resolve(loss, laid, faults)
    row = 1
    if isinstance(layout, Layout) and layout.axis is None and convention.averages_rows and not settings.elements:
        if len(layout.shape) > 1 and layout.shape[-1]:
            loss, layout, row = by_rows(loss), Layout(layout.shape, len(layout.shape) - 1), layout.shape[-1]
            asked = replace(asked, loss=loss)
        elif reduction in ("none", "sum") and layout.shape:
            notes.append(_COLUMN.format(convention.name))
    if len(faults) > of_words:
        raise_all(faults)

    fields = [field for spec in loss.inputs for field in _input(asked, spec, layout, forms.get(spec.name), faults)]
    fixed: dict[str, Any] = {name: _constant(asked, convention, name) for name in loss.constants}
    unit_options: list[Field] = []
    for option in loss.options:
        value = values[option.name]
        if not option.option.axes or value is None:
            fixed[option.name] = value
        elif option.option.axes not in ("u", "u d"):
            fixed[option.name] = array_option(option, value, layout, faults)
        elif field := over_units(
            option.name, value, layout, "u d" if row > 1 else option.option.axes, option.option.domain, faults
        ):
            unit_options.append(field)
    weight = None if sample_weight is None else over_samples(spelled("sample_weight"), sample_weight, layout, faults)
    grouping = None if groups is None else over_samples(spelled("by"), groups, layout, faults)
    labelled = any(field.role.domain.index or asked.inputs[field.name].words for field in fields)
    if settings.classes and "classes" not in settings.defaulted and not (faults or labelled):
        fact = f"{spelled('classes')} names labels, and {loss.name} has none here"
        faults.append(UsageFault(fact, f"leave {spelled('classes')} out"))
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
        sample_weight=weight,
        groups=None if grouping is None else grouping.data,
        propagates=settings.nonfinite == "propagate",
        strict=settings.strict,
        notes=tuple(notes),
        row=row,
    )


def _laid_out(loss: Loss, inputs: Mapping[str, Data]) -> Mapping[str, Data]:
    """The inputs in shapes that fit together: broadcast to a common shape, or a row of one label as (1, C)."""
    together = [spec.name for spec in loss.inputs if any(form.spreads == "each other" for form in spec.forms)]
    shape = common_shape([inputs[name].shape for name in together]) if together else None
    if shape is not None:
        wide = {
            n: laid_over(inputs[n], (1,) * (len(shape) - len(inputs[n].shape)) + inputs[n].shape, shape)
            for n in together
            if inputs[n].shape != shape
        }
        return {**inputs, **wide}
    first = loss.inputs[0]
    row = inputs.get(first.name)
    if row is None or len(row.shape) != 1 or first.forms[0].axes != "u c":
        return inputs
    for spec in loss.inputs[1:]:
        if spec.forms[0].makes_batch and inputs[spec.name].shape == (1,):
            return {**inputs, first.name: laid_over(row, (1, *row.shape), (1, *row.shape))}
    return inputs


def _dtype_fault(data: Data, *, may_be_words: bool = False) -> DataFault | None:
    if data.dtype in _READABLE or (data.words and may_be_words):
        return None
    if data.words:
        return DataFault(f"{data.place(0)}: {data.words[0]!r} is not a number", "write a number there")
    return DataFault(f"{data.source} holds {data.dtype}", "save it as float64, float32, float16, integers or bool")


def _writes_class_axis(settings: Settings) -> bool:
    """Whether the request itself names the axis, which then must be of use, and not defaults of a suite."""
    return settings.class_axis is not None and "class_axis" not in settings.defaulted


def _constant(asked: _Asked, convention: Convention, name: str) -> float:
    """A constant of the convention, which may depend on the type of the first input."""
    value = convention.values.get(name, asked.loss.constants[name])
    return float(value(asked.first.dtype) if callable(value) else value)


def _layout(asked: _Asked, faults: list[LossError]) -> Layout:
    loss, settings = asked.loss, asked.settings
    first, shape = loss.inputs[0], asked.first.shape
    letter = first.forms[0].axes
    if letter == "u":
        if _writes_class_axis(settings):
            faults.append(UsageFault(f"{loss.name} has no class axis", f"leave {spelled('class_axis')} out"))
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
        name = spelled("class_axis" if settings.class_axis is not None else loss.axis_option)
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
    data, given, aligned = asked.inputs[spec.name], asked.given.get(spec.name), None
    if isinstance(layout, Layout):
        matched = _form(asked, spec, layout, faults)
        if matched is None:
            return []
        form, aligned = matched
        if aligned is not None:
            given, data = data.shape, laid_over(data, aligned, layout.unit_shape)
    assert form is not None
    try:
        data = _by_name(asked, spec, data, form, layout)
    except LossError as fault:
        faults.append(fault)
        return []
    domain = asked.convention.domains.get(spec.name, form.domain)
    if domain.index and layout.length is not None:
        top = layout.length - 1
        domain = replace(domain, words=f"{domain.words} from {domain.low:.0f} to {top}", high=float(top))
    if given is not None and aligned is None:
        aligned = (1,) * (len(data.shape) - len(given)) + given
    return [Field(spec.name, data, form, domain, given, aligned or ())]


def _form(
    asked: _Asked, spec: InputSpec, layout: Layout, faults: list[LossError]
) -> tuple[Role, tuple[int, ...] | None] | None:
    """The form that the shape fits, and for data that are smaller than the units their shape aligned to them."""
    shape = asked.inputs[spec.name].shape
    open_to = [
        form
        for form in spec.forms
        if not (form.when and not asked.values[form.when]) and not (form.unless and asked.values[form.unless])
    ]
    shapes = [layout.unit_shape if form.axes == "u" else layout.shape for form in open_to]
    fitting = [form for form, wanted in zip(open_to, shapes, strict=True) if shape == wanted]
    if fitting:
        return fitting[0], None
    for form in open_to:
        labels = form.axes == "u" and (form.domain.index or form.domain.only)
        if labels and shape == (*layout.unit_shape, 1):  # taken as (N,); nothing else is reshaped
            asked.notes.append(
                f"{spec.name} has shape {shape_text(shape)}: a column of labels, taken as {shape_text(shape[:-1])}"
            )
            return form, None
        if form.spreads and (aligned := as_documented(form.spreads, shape, layout.unit_shape)) is not None:
            return form, aligned
    faults.append(_misshapen(asked, spec, shapes, open_to))
    return None


def _misshapen(asked: _Asked, spec: InputSpec, shapes: Sequence[tuple[int, ...]], forms: Sequence[Role]) -> LossError:
    data, first = asked.inputs[spec.name], asked.loss.inputs[0].name
    expected = " or ".join(dict.fromkeys(shape_text(shape) for shape in shapes))
    fact = (
        f"{spec.name} has shape {shape_text(data.shape)}, but {first} has shape {shape_text(asked.first.shape)}"
        f" ({data.source}, {asked.first.source})"
    )
    smaller = next((_SMALLER[form.spreads] for form in forms if form.spreads), ", and never broadcasts")
    cure = f"{asked.loss.name} wants {spec.name} of shape {expected}{smaller}"
    if len(asked.first.shape) > 2 and data.shape == asked.first.shape[:-1] and shapes and data.shape not in shapes:
        cure += f"; if the classes are the last axis: {spelled('class_axis', -1)}"
    if data.size == asked.first.size and len(shapes) == 1:
        cure += f"; both hold {data.size} numbers, so reshape one of them"
    if asked.loss.for_classes and len(asked.first.shape) > 1 and data.shape == asked.first.shape[:1]:
        cure += f"; {asked.loss.for_classes} takes a row of classes a sample"
    labels = any(form.axes == "u" and form.domain.index for form in forms)
    flat, count = asked.first.shape, data.size
    if labels and len(flat) == len(data.shape) == 1 and 1 < count < flat[0] and flat[0] % count == 0:
        classes = flat[0] // count
        cure += (
            f"; {flat[0]} = {count} × {classes}: reshape {first} to ({count}, {classes}) if it lies sample by sample"
        )
        cure += f", or if it lies class by class to ({classes}, {count}), and transpose it"
    without_classes = (data.shape[:1] + data.shape[2:], data.shape[:-1])
    if labels and len(data.shape) > 1 and asked.first.shape in without_classes:
        cure += f"; are the two swapped? {asked.loss.name} takes {first} first, then {spec.name}"
    return DataFault(fact, cure)


def _by_name(asked: _Asked, spec: InputSpec, data: Data, form: Role, layout: Layout | Whole) -> Data:
    """The input, with labels and class columns matched by name where the columns of the scores have names."""
    loss, scores, classes = asked.loss, asked.first, asked.settings.classes
    if (
        not isinstance(layout, Layout)
        or layout.axis != len(layout.shape) - 1
        or loss.inputs[0].forms[0].axes != "u c"
        or spec.name == loss.inputs[0].name
    ):
        return named_words(data, form, scores, layout.length, classes) if data.words else data
    if form.axes == "u c":
        check_columns(data, scores)
    option, role = loss.ignores or ("", "")
    ignored = float(asked.values[option]) if role == spec.name else None
    return named_labels(data, form, scores, layout.length, classes, ignored)


def _ignored(loss: Loss, fields: Sequence[Field], values: Mapping[str, Any]) -> tuple[str, float] | None:
    """The role and the value that take a unit out; only labels are ignored, never distributions."""
    if loss.ignores is None:
        return None
    option, role = loss.ignores
    return next(((role, float(values[option])) for f in fields if f.name == role and f.role.domain.index), None)
