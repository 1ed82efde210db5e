"""Settings: what a user may say besides the loss and its inputs, each declared once.

The options of the command line and their help, the keys of a suite and its JSON Schema, the keywords of the Python API
and every check derive from `Settings`. No NumPy is imported here: `losscli compute --help` reads this page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields, replace
from math import inf
from typing import Any

from losscli.schema.faults import LossError, UsageFault, raise_all
from losscli.schema.records import record

_LONGEST = 10**30


@record
class Kind:
    """What may stand for a setting.

    `words` finish the sentence "must be …"; `fits` tests a value of YAML or Python, `schema` says the same in JSON
    Schema, and `of_text` makes the value of a command line's word, with a ValueError where it cannot. `bound` says in
    words which bound a value of the right type exceeds, empty if none.
    """

    words: str
    schema: Mapping[str, object]
    fits: Callable[[Any], bool]
    of_text: Callable[[str], Any] = str
    bound: Callable[[Any], str] = lambda _: ""

    def fault(self, value: Any) -> str:
        """What the value must be and is not, empty if it fits: `1 or greater, got 0`."""
        words = self.bound(value) if self.fits(value) else self.words
        return f"{words}, got {shown(value)}" if words else ""


def shown(value: object) -> str:
    """A value in a message, short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "an integer of many digits" if isinstance(value, int) and abs(value) > _LONGEST else repr(value)


def is_number(value: object) -> bool:
    """Whether a value is a number of Python's or NumPy's, not a text that reads like one."""
    return hasattr(value, "__float__") and not isinstance(value, (bool, str))


def _is_array(value: object) -> bool:
    return isinstance(value, (str, list)) or is_number(value)


def _exceeds(value: Any) -> str:
    """The bound of an amount, such as a tolerance or a penalty's strength, that a number exceeds."""
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        number = inf
    return "finite" if number == inf else "" if number >= 0 else "0 or greater"


def choice(*words: str) -> Kind:
    """One of a few words."""
    named = f"{', '.join(words[:-1])} or {words[-1]}"
    return Kind(named, {"type": "string", "enum": list(words)}, lambda value: value in words)


def whole(least: int | None = None, most: int | None = None) -> Kind:
    """A whole number between bounds."""

    def bound(value: Any) -> str:
        if (least is None or value >= least) and (most is None or value <= most):
            return ""
        return f"{least} or greater" + ("" if most is None else f", and at most {most}")

    limits = {"minimum": least, "maximum": most}
    return Kind(
        "an integer",
        {"type": "integer", **{name: limit for name, limit in limits.items() if limit is not None}},
        lambda value: hasattr(value, "__index__") and not isinstance(value, bool),
        int,
        bound,
    )


def _rows(text: str) -> int | None:
    return None if text.strip().lower() == "all" else int(text)


WORD = Kind("a word", {"type": "string", "minLength": 1}, lambda value: isinstance(value, str) and bool(value))
TEXT = Kind("a text", {"type": "string"}, lambda value: isinstance(value, str))
SWITCH = Kind("true or false", {"type": "boolean"}, lambda value: isinstance(value, bool))
NUMBER = Kind("a number", {"type": "number"}, lambda value: is_number(value) and value == value, float)
AMOUNT = Kind("a number", {"type": "number", "minimum": 0}, is_number, float, _exceeds)
ARRAY = Kind("a number, a list or a SOURCE", {"type": ["number", "string", "array"]}, _is_array)
CLAIM = Kind("a claim", ARRAY.schema, lambda _: True)
WORDS = Kind(
    "a list of words",
    {"type": ["string", "array"], "items": {"type": "string"}},
    lambda value: (
        isinstance(value, str)
        or (isinstance(value, (list, tuple)) and bool(value) and all(isinstance(each, str) for each in value))
    ),
    lambda text: tuple(name.strip() for name in text.split(",")) if text else (),
)
PARAMETERS = Kind(
    "a SOURCE, or a mapping of names to arrays",
    {"type": ["string", "object"], "minLength": 1, "minProperties": 1},
    lambda value: isinstance(value, (str, dict)) and bool(value),
)
COUNT = whole(1)
ROWS = Kind("a number or all", {}, COUNT.fits, _rows, COUNT.bound)

OF_A_LOSS = ("compute", "verify", "gradcheck", "relations", "explain")  # the commands that name a loss
_READING = (*OF_A_LOSS, "inspect")
_TABLES = (*_READING, "list")
_PYTHON = ("compute", "verify")


@record
class Setting:
    """One setting: what it may be, what it does, and where it applies.

    name: the field's name, and with it the option's, the suite key's and the keyword's. flag: the option, where that
    differs. short: its letter. help: what it does, for the command line. commands: those that have the option; of
    those in `more`, the help says more. suite: what the suite's schema says of the key, empty if there is none. python:
    the functions that have the keyword. repeats: whether the option may be given more than once; if not, and `once`, a
    second one is an error instead of the last one counting. two_way: whether a switch has a `--no-` form.
    """

    kind: Kind
    help: str
    metavar: str = ""
    name: str = ""
    flag: str = ""
    short: str = ""
    commands: tuple[str, ...] = OF_A_LOSS
    more: Mapping[str, str] = field(default_factory=dict)
    suite: str = ""
    python: tuple[str, ...] = ()
    repeats: bool = False
    once: bool = False
    two_way: bool = False

    @property
    def takes_value(self) -> bool:
        return self.kind is not SWITCH


def _setting(default: Any, kind: Kind, help_text: str, metavar: str = "", **more: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(kind, help_text, metavar, **more)})


@record
class Settings:
    """Everything that a request, its claims and its report may be told. A field's name is its option's and its key's.

    `sample_weight` and `by` are SOURCEs until the request reads them, then Data; in Python they come as arrays. The
    last two fields are no user's: which settings nobody wrote for this request, so that they may be without use, and
    whether elements stay samples where the convention takes the mean of rows first.
    """

    reduction: str | None = _setting(
        None,
        WORD,
        "How the losses of the samples become one number; the convention's if not given.",
        "none|mean|sum|batchmean",
        short="-r",
        suite="none, mean, sum or batchmean, as the loss allows",
        python=_PYTHON,
    )
    convention: str | None = _setting(
        None,
        WORD,
        "Whose defaults and constants: torch, keras, sklearn, optax, or exact (no clamp, no epsilon){}.  [default:"
        " that of the loss's name, or torch]",
        "NAME",
        more={"compute": "; all shows each"},
        suite="whose defaults and constants: torch, exact, keras, sklearn, optax",
        python=_PYTHON,
    )
    size_average: bool | None = _setting(
        None,
        SWITCH,
        "Deprecated; use --reduction.",
        two_way=True,
        suite="deprecated; use reduction",
        python=_PYTHON,
    )
    reduce: bool | None = _setting(
        None,
        SWITCH,
        "Deprecated; use --reduction.",
        two_way=True,
        suite="deprecated; use reduction",
        python=_PYTHON,
    )
    class_axis: int | None = _setting(
        None,
        whole(),
        "The axis of the classes, or of a vector's components.  [default: as in PyTorch]",
        "AXIS",
        suite="the axis of the classes, or of a vector's components",
        python=_PYTHON,
    )
    sample_weight: Any = _setting(
        None, ARRAY, "What each sample counts.", "SOURCE", suite="what each sample counts", python=_PYTHON
    )
    nonfinite: str = _setting(
        "error",
        choice("error", "propagate"),
        "What to do with nan, and with infinities where they are no data.  [default: error]",
        "error|propagate",
        suite="error or propagate",
        python=_PYTHON,
    )
    strict: bool = _setting(
        False,
        SWITCH,
        "Data that look like something else are an error, not a warning.",
        suite="data that look like something else are an error",
    )
    set: tuple[str, ...] = _setting(
        (),
        TEXT,
        "An option of the loss by name; how those of FILE.py:FUNCTION are given. May be repeated.",
        "NAME=VALUE",
        repeats=True,
    )
    l1: float | None = _setting(
        None,
        AMOUNT,
        "Add l1 · Σ|w| over the parameters: the value is then the objective.",
        "X",
        suite="add l1 · Σ|w| over the parameters",
        python=_PYTHON,
    )
    l2: float | None = _setting(
        None,
        AMOUNT,
        "Add l2/2 · Σw² over the parameters (l2 · Σw² with --convention keras).",
        "X",
        suite="add l2/2 · Σw² over the parameters; l2 · Σw² in the convention keras",
        python=_PYTHON,
    )
    params: Any = _setting(
        None,
        PARAMETERS,
        "The parameters by name: .npz, .safetensors, a YAML or JSON mapping. Biases are left out.",
        "SOURCE",
        suite="the parameters by name: a SOURCE, or a mapping of names to numbers and lists",
        python=_PYTHON,
    )
    penalize_bias: bool = _setting(
        False,
        SWITCH,
        "Penalise arrays with bias in their name too.",
        suite="penalise arrays with bias in their name too",
        python=_PYTHON,
    )
    classes: tuple[str, ...] = _setting(
        (),
        WORDS,
        "The labels of the classes, words or numbers, in the order of the scores.",
        "A,B,C",
        suite="the names of the classes, where labels are words",
        python=_PYTHON,
    )

    per_sample: bool | None = _setting(
        None, SWITCH, "Show single samples.  [default: not in JSON]", two_way=True, commands=("compute",)
    )
    gradients: bool | None = _setting(
        None,
        SWITCH,
        "Show gradients.  [default: not in JSON and CSV]",
        two_way=True,
        commands=("compute",),
        python=("compute",),
    )
    rows: int | None = _setting(10, ROWS, "How many samples to show.  [default: 10]", "N|all", commands=("compute",))
    worst: int = _setting(0, whole(0), "Show the K largest losses instead.", "K", commands=("compute",))
    by: Any = _setting(None, ARRAY, "Count and mean of each class or group.", "SOURCE", commands=("compute",))
    save_per_sample: str | None = _setting(
        None, TEXT, "Write all samples' losses: .npy, .npz, .csv.", "FILE", commands=("compute",)
    )
    save_gradients: str | None = _setting(
        None, TEXT, "Write the gradients: .npy of one input, .npz, .csv.", "FILE", commands=("compute",)
    )

    claim: Any = _setting(
        None,
        CLAIM,
        "The value that somebody claims.",
        "NUMBER|SOURCE|LOGFILE::/REGEX/",
        once=True,
        commands=("verify",),
        python=("verify",),
    )
    claim_per_sample: Any = _setting(
        None,
        CLAIM,
        "The claimed losses of all samples.",
        "SOURCE",
        once=True,
        commands=("verify",),
        python=("verify",),
    )
    claim_gradient: Any = _setting(
        None,
        CLAIM,
        "A claimed gradient; may be repeated.",
        "[ROLE=]SOURCE",
        repeats=True,
        commands=("verify",),
        python=("verify",),
    )
    at_most: float | None = _setting(
        None, NUMBER, "The value is X or less.", "X", commands=("verify",), python=("verify",)
    )
    at_least: float | None = _setting(
        None, NUMBER, "The value is X or more.", "X", commands=("verify",), python=("verify",)
    )
    rtol: float | None = _setting(
        None,
        AMOUNT,
        "|difference| ≤ atol + rtol · |ours|, not the digits' rule.",
        "X",
        commands=("verify",),
        suite="|difference| ≤ atol + rtol · |ours|, in place of the digits",
        python=("verify",),
    )
    atol: float | None = _setting(
        None, AMOUNT, "See --rtol.", "X", commands=("verify",), suite="see rtol", python=("verify",)
    )
    precision: str = _setting(
        "single",
        choice("single", "double"),
        "double: allow no rounding but that of float64.  [default: single]",
        "single|double",
        commands=("verify",),
        suite="single, or double: no rounding is allowed but that of float64",
        python=("verify",),
    )
    exact_inputs: bool = _setting(
        False,
        SWITCH,
        "Inputs read from text are exact, not rounded.",
        commands=("verify",),
        suite="inputs read from text are exact, not rounded",
        python=("verify",),
    )
    hint_only: bool = _setting(False, SWITCH, "Name the mistake, but never the right value.", commands=("verify",))
    gradient: tuple[str, ...] = _setting(
        (),
        TEXT,
        "A gradient of yours, to compare with ours.",
        "[ROLE=]SOURCE",
        repeats=True,
        commands=("gradcheck",),
    )
    sample: str | None = _setting(
        None, TEXT, "The sample to work out: 3, or 3,1.  [default: the first]", "I", commands=("explain",)
    )

    suite_format: str | None = _setting(
        None,
        TEXT,
        "[default: $LOSSCLI_FORMAT, or table]",
        "table|json|markdown|github",
        flag="--format",
        short="-f",
        commands=("suite",),
    )
    junit: str | None = _setting(None, TEXT, "Write JUnit XML too, for a CI server.", "FILE", commands=("suite",))
    filter: str | None = _setting(
        None, TEXT, "Only cases whose name matches.", "GLOB", commands=("suite",), python=("run_suite",)
    )
    fail_fast: bool = _setting(
        False, SWITCH, "Stop at the first case that does not hold.", commands=("suite",), python=("run_suite",)
    )
    full: bool = _setting(
        False,
        SWITCH,
        "JSON holds the losses of all samples and the gradients.",
        commands=("suite",),
        python=("run_suite",),
    )
    update: bool = _setting(
        False, SWITCH, "Rewrite expected single values that are refuted; show the difference.", commands=("suite",)
    )
    allow_outside: bool = _setting(
        False,
        SWITCH,
        "Cases may read files outside the suite's and the working directory.",
        commands=("suite",),
        python=("run_suite",),
    )
    no_code: bool = _setting(
        False, SWITCH, "Refuse FILE.py, whose code would run.", commands=("suite",), python=("run_suite",)
    )
    schema: bool = _setting(False, SWITCH, "Print the JSON Schema of suites, and exit.", commands=("suite",))

    key: str | None = _setting(
        None, WORD, "Join text files on this column.", "COLUMN", suite="join text files on this column"
    )
    header: bool | None = _setting(
        None,
        SWITCH,
        "The first row of a text file is a header, or is data.  [default: seen from the file]",
        two_way=True,
        commands=_READING,
        suite="whether the first row of a text file is a header",
    )
    delimiter: str | None = _setting(
        None,
        WORD,
        "What stands between the cells of a text file.  [default: from the suffix, or seen]",
        "CHARACTER",
        commands=_READING,
        suite="what stands between the cells of a text file",
    )
    stdin: str | None = _setting(
        None,
        TEXT,
        "The format of standard input.  [default: seen from its content]",
        "csv|tsv|npy|npz|json|yaml",
        commands=_READING,
    )
    bfloat16: bool = _setting(
        False,
        SWITCH,
        "Two-byte raw .npy files hold bfloat16.",
        commands=_READING,
        suite="two-byte raw .npy files hold bfloat16",
    )

    jobs: int | None = _setting(
        None,
        COUNT,
        "Threads.  [default: the cores this process may use]",
        "N",
        commands=(*OF_A_LOSS, "suite"),
        python=(*_PYTHON, "run_suite"),
    )
    progress: bool | None = _setting(
        None,
        SWITCH,
        "Show progress on standard error.  [default: on a terminal]",
        two_way=True,
        commands=(*OF_A_LOSS, "suite"),
    )
    quiet: bool = _setting(False, SWITCH, "No warnings.", short="-q", commands=(*_READING, "suite"))
    format: str | None = _setting(
        None, TEXT, "[default: $LOSSCLI_FORMAT, or table]", "table|json|csv|markdown", short="-f", commands=_TABLES
    )
    bare: bool = _setting(False, SWITCH, "Only the number, in the shortest text that reads back the same.", short="-b")
    digits: int | None = _setting(
        None,
        whole(1, 1000),  # a float64 written out in full has fewer
        "Significant digits; never of JSON or CSV, which hold all.",
        "N",
    )
    output: str | None = _setting(
        None, TEXT, "Write to a file instead of standard output.", "FILE", short="-o", commands=(*_TABLES, "suite")
    )

    defaulted: tuple[str, ...] = ()
    elements: bool = False


def _declared() -> Iterable[Setting]:
    for each in fields(Settings):
        if setting := each.metadata.get("setting"):
            yield replace(setting, name=each.name, flag=setting.flag or f"--{each.name.replace('_', '-')}")


SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _declared()}


def check(name: str, value: Any, spelled: str = "") -> None:
    """A UsageFault unless a value is one that the setting may have; None is no value."""
    if value is not None and (fault := SETTINGS[name].kind.fault(value)):
        raise UsageFault(f"{spelled or name} must be {fault}")


def of_text(name: str, text: str) -> Any:
    """The value of a setting from the command line's text."""
    setting = SETTINGS[name]
    try:
        value = setting.kind.of_text(text)
    except ValueError:
        raise UsageFault(f"{setting.flag} must be {setting.kind.words}, got {text!r}") from None
    check(name, value, setting.flag)
    return value


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Settings of values that come from Python, checked together."""
    faults: list[LossError] = []
    for name, value in values.items():
        try:
            check(name, value)
        except LossError as fault:
            faults.append(fault)
    raise_all(faults)
    return Settings(**values)
