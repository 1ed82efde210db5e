"""Settings: what a user may say besides the loss, its inputs and its own options, each declared once.

The options of the command line and their help, the keys of a suite and its JSON Schema, the keywords of the Python API
and every check derive from `Settings`. No NumPy is imported here: `losscli compute --help` reads this page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, fields, replace
from typing import Any

from losscli.schema.faults import LossError, UsageFault, raise_all
from losscli.schema.kinds import (
    AMOUNT,
    ARRAY,
    CLAIM,
    COUNT,
    DELIMITER,
    FILE,
    NUMBER,
    PARAMETERS,
    ROWS,
    SWITCH,
    TEXT,
    THOUSANDS,
    WORD,
    WORDS,
    Kind,
    choice,
    whole,
)
from losscli.schema.records import record
from losscli.schema.spelling import written_out

OF_A_LOSS = ("compute", "verify", "gradcheck", "relations", "explain")  # the commands that name a loss


@record
class Where:
    """Where settings apply: the commands that have the option, the functions of Python with the keyword, and suites."""

    commands: tuple[str, ...] = OF_A_LOSS
    python: tuple[str, ...] = ()
    suite: bool = False


_NUMBERS = Where(python=("compute", "verify"), suite=True)  # what decides a number
_MISSING = Where((*OF_A_LOSS, "inspect"), ("compute", "verify"), suite=True)
_OBJECTIVE = Where(("compute", "verify"), ("compute", "verify"), suite=True)
_WORDED = Where(suite=True)
_COMPUTE = Where(("compute",))
_VERIFY = Where(("verify",))
_CLAIMS = Where(("verify",), ("verify",))
_TOLERANCES = Where(("verify",), ("verify",), suite=True)
_SUITE = Where(("suite",))
_RUN_SUITE = Where(("suite",), ("run_suite",))
_READING = Where((*OF_A_LOSS, "inspect"))
_SUITE_READING = Where((*OF_A_LOSS, "inspect"), suite=True)
_RUNNING = Where((*OF_A_LOSS, "suite"))
_OUTPUT = Where((*OF_A_LOSS, "inspect", "list"))
_SHOWN = Where((*OF_A_LOSS, "inspect", "list", "suite"))


@record
class Setting:
    """One setting: what it may be, what it does, and where it applies.

    name: the field's name, and with it the option's, the suite key's and the keyword's. flag: the option, where that
    differs. short: its letter. key: where it stands in a case, where that differs. help: what it does; `{}` stands for
    what only `compute` does, which is in `of_compute`.
    repeats: whether the option may be given more than once; `once`: whether a second one is an error, where elsewhere
    the last counts. two_way: whether a switch has a `--no-` form.
    """

    where: Where
    kind: Kind
    help: str
    metavar: str = ""
    name: str = ""
    flag: str = ""
    short: str = ""
    key: str = ""
    of_compute: str = ""
    repeats: bool = False
    once: bool = False
    two_way: bool = False

    @property
    def takes_value(self) -> bool:
        return self.kind is not SWITCH

    @property
    def commands(self) -> tuple[str, ...]:
        return self.where.commands

    @property
    def in_suite(self) -> str:
        """Where the setting stands in a case of a suite; empty if nowhere."""
        return self.key or (self.name if self.where.suite else "")

    def help_for(self, command: str) -> str:
        """What the command's help says."""
        return self.help.format(self.of_compute if command == "compute" else "")

    @property
    def description(self) -> str:
        """What the suite's schema says of the key."""
        text = re.sub(r" *\[default: .*", "", self.help_for("suite")).replace("--", "").rstrip(".")
        return text[0].lower() + text[1:]


def _setting(default: Any, where: Where, kind: Kind, help_text: str, metavar: str = "", **more: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(where, kind, help_text, metavar, **more)})


def _switch(where: Where, help_text: str, **more: Any) -> Any:
    return _setting(False, where, SWITCH, help_text, **more)


def _two_way(where: Where, help_text: str) -> Any:
    """A switch that may be left to the default."""
    return _setting(None, where, SWITCH, help_text, two_way=True)


@record
class Settings:
    """All settings of a request, its claims and its report. A field's name is its option's and its key's.

    Arrays are as the user gave them: a SOURCE, a list or a number of a suite, or what Python has. The last two fields
    are no user's: which settings nobody wrote for this request, so that they may be without use, and whether elements
    stay samples where the convention takes the mean of rows first.
    """

    # A row each, by hand:
    # fmt: off
    reduction: str | None = _setting(None, _NUMBERS, WORD,
        "How to reduce the losses of the samples.  [default: that of the convention]",
        "none|mean|sum|batchmean", short="-r")
    convention: str | None = _setting(None, _NUMBERS, WORD,
        "Whose defaults and constants: torch, keras, sklearn, optax, or exact (no clamp, no epsilon){}."
        "  [default: that of the loss's name, or torch]", "NAME", of_compute="; all shows each")
    size_average: bool | None = _two_way(_NUMBERS, "Deprecated; use --reduction.")
    reduce: bool | None = _two_way(_NUMBERS, "Deprecated; use --reduction.")
    class_axis: int | None = _setting(None, _NUMBERS, whole(),
        "Axis of the classes, or of the components of a vector.  [default: as in PyTorch]", "AXIS")
    sample_weight: object = _setting(None, _NUMBERS, ARRAY, "Weight of each sample.", "SOURCE")
    nonfinite: str = _setting("error", _NUMBERS, choice("error", "propagate"),
        "How to treat NaN, and infinities that are not valid input.  [default: error]")
    missing: str = _setting("error", _MISSING, choice("error", "skip"),
        "What to do with empty cells, NA and null: refuse them, or leave out their rows.  [default: error]")
    strict: bool = _switch(_NUMBERS, "Refuse data that do not look like what the loss expects, instead of warning.")
    set: tuple[str, ...] = _setting((), Where(), TEXT,
        "Set an option of the loss by name; the way to set those of FILE.py:FUNCTION. May be repeated.", "NAME=VALUE",
        repeats=True)
    l1: float | None = _setting(None, _OBJECTIVE, AMOUNT,
        "Add the penalty l1 · Σ|w| over --params; the value is then loss plus penalty.", "X")
    l2: float | None = _setting(None, _OBJECTIVE, AMOUNT,
        "Add the penalty l2/2 · Σw² over --params (l2 · Σw² with --convention keras).", "X")
    params: object = _setting(None, _OBJECTIVE, PARAMETERS,
        "Parameters to penalise: a file of arrays by name, or FILE::NAME. Biases are left out.", "SOURCE")
    penalize_bias: bool = _switch(_OBJECTIVE, "Penalise biases (arrays with bias in their name) too.")
    classes: tuple[str, ...] = _setting((), _NUMBERS, WORDS,
        "Class names, words or numbers, in the order of the scores.", "A,B,C")

    per_sample: bool | None = _two_way(_COMPUTE, "Show the loss of each sample.  [default: not in JSON]")
    gradients: bool | None = _two_way(Where(("compute",), ("compute",)),
        "Show the gradients.  [default: not in JSON and CSV]")
    rows: int | None = _setting(None, _COMPUTE, ROWS, "Number of samples to show.  [default: 10, in CSV all]", "N|all")
    worst: int | None = _setting(None, _COMPUTE, COUNT, "Show the K samples with the largest losses.", "K")
    by: str | None = _setting(None, _COMPUTE, ARRAY, "Show count and mean of each class or group.", "SOURCE")
    save_per_sample: str | None = _setting(None, _COMPUTE, FILE,
        "Write the losses of all samples: .npy, .npz, .csv.", "FILE")
    save_gradients: str | None = _setting(None, _COMPUTE, FILE,
        "Write the gradients: .npy (one input), .npz, .csv.", "FILE")

    claim: Any = _setting(None, _CLAIMS, CLAIM,
        "Claimed value; like any claim also FILE.py:FUNCTION, which is called with the inputs.",
        "NUMBER|SOURCE|LOGFILE::/REGEX/",
        once=True, key="expect.value")
    claim_per_sample: Any = _setting(None, _CLAIMS, CLAIM, "Claimed losses of all samples.", "SOURCE", once=True,
        key="expect.per_sample")
    claim_gradient: Any = _setting(None, _CLAIMS, CLAIM, "Claimed gradient. May be repeated.", "[ROLE=]SOURCE",
        repeats=True, key="expect.gradients")
    at_most: float | None = _setting(None, _CLAIMS, NUMBER, "Claim that the value is at most X.", "X",
        key="expect.at_most")
    at_least: float | None = _setting(None, _CLAIMS, NUMBER, "Claim that the value is at least X.", "X",
        key="expect.at_least")
    rtol: float | None = _setting(None, _TOLERANCES, AMOUNT,
        "Relative tolerance: |difference| ≤ atol + rtol · |value|, instead of the claim's digits.", "X",
        key="tolerance.rtol")
    atol: float | None = _setting(None, _TOLERANCES, AMOUNT, "Absolute tolerance; see --rtol.", "X",
        key="tolerance.atol")
    precision: str = _setting("single", _TOLERANCES, choice("single", "double"),
        "Precision the claim was computed in; double allows only the rounding of float64.  [default: single]")
    exact_inputs: bool = _switch(_TOLERANCES, "Take decimals in input text as exact, not as rounded.")
    hint_only: bool = _switch(_VERIFY, "Name the mistake without showing the right value.")
    gradient: tuple[str, ...] = _setting((), Where(("gradcheck",)), TEXT,
        "Your gradient, to check as well. May be repeated.", "[ROLE=]SOURCE", repeats=True)
    sample: str | None = _setting(None, Where(("explain",)), TEXT,
        "Index of the sample: 3, or 3,1.  [default: the first]", "I")

    suite_format: str | None = _setting(None, _SUITE, choice("table", "json", "markdown", "github"),
        "[default: $LOSSCLI_FORMAT, or table]", flag="--format", short="-f")
    junit: str | None = _setting(None, _SUITE, FILE, "Write a JUnit XML report too, for a CI server.", "FILE")
    junit_family: str = _setting("jenkins", _SUITE, choice("jenkins", "gitlab"),
        "JUnit dialect; gitlab has the file and line of each case.  [default: jenkins]", "jenkins|gitlab")
    filter: str | None = _setting(None, _RUN_SUITE, TEXT, "Run only the cases whose name matches.", "GLOB")
    fail_fast: bool = _switch(_RUN_SUITE, "Stop at the first case that does not hold.")
    full: bool = _switch(_RUN_SUITE, "Include the losses of all samples and the gradients in JSON.")
    update: bool = _switch(_SUITE, "Rewrite refuted single values in the suite files, and show what changed.")
    allow_outside: bool = _switch(_RUN_SUITE, "Let cases read files outside the suite's and the working directory.")
    no_code: bool = _switch(_RUN_SUITE, "Refuse losses and claims of the form FILE.py:FUNCTION, whose code would run.")
    schema: bool = _switch(_SUITE, "Print the JSON Schema of suites, and exit.")

    key: str | None = _setting(None, _WORDED, TEXT, "Join the rows of several files on this column.", "COLUMN")
    header: bool | None = _two_way(_SUITE_READING,
        "Whether the first row of a text table is a header.  [default: detected]")
    delimiter: str | None = _setting(None, _SUITE_READING, DELIMITER,
        "Column separator of a text table.  [default: from the suffix, or detected]", "CHARACTER")
    decimal: str = _setting(".", _SUITE_READING, choice(".", ","),
        "Decimal mark of numbers in a text table.  [default: .]")
    thousands: str | None = _setting(None, _SUITE_READING, THOUSANDS,
        "What separates groups of three digits in a text table.  [default: nothing]", "CHARACTER")
    encoding: str | None = _setting(None, _SUITE_READING, TEXT,
        "Encoding of a text file, such as latin-1.  [default: UTF-8]", "NAME")
    stdin: str | None = _setting(None, _READING, TEXT,
        "Format of standard input.  [default: detected]", "FORMAT")  # the CLI lists them
    bfloat16: bool = _switch(_SUITE_READING, "Read raw two-byte .npy files as bfloat16.")

    jobs: int | None = _setting(None, Where((*OF_A_LOSS, "suite"), ("compute", "verify", "run_suite")), COUNT,
        "Number of threads.  [default: one per available core]", "N")
    progress: bool | None = _two_way(_RUNNING, "Show progress on standard error.  [default: on a terminal]")
    quiet: bool = _switch(Where((*OF_A_LOSS, "inspect", "suite")), "Hide warnings and notes.", short="-q")
    format: str | None = _setting(None, _OUTPUT, choice("table", "json", "csv", "markdown"),
        "[default: $LOSSCLI_FORMAT, or table]", short="-f")
    bare: bool = _switch(Where(("compute", "verify")),
        "Print only the value, in the shortest text that reads back as the same float64.", short="-b")
    digits: int | None = _setting(None, Where(), whole(1, 1000),  # a float64 written out in full has fewer
        "Number of significant digits; JSON and CSV always have all.", "N")
    names: bool = _switch(Where(("list",)), "Show the names of each loss in the frameworks.")
    mistakes: bool = _switch(Where(("list",)),
        "List the mistakes that `verify` knows instead: what was done, its cure and how common it is.")
    color: str = _setting("auto", _SHOWN, choice("auto", "always", "never"),
        "Colour in tables.  [default: auto, on a terminal without NO_COLOR]", "auto|always|never")
    output: str | None = _setting(None, _SHOWN, FILE,
        "Write the result to a file instead of standard output.", "FILE", short="-o")
    # fmt: on

    defaulted: tuple[str, ...] = ()
    elements: bool = False

    @property
    def penalizes(self) -> bool:
        """Whether a penalty is asked for."""
        return any(value is not None for value in (self.l1, self.l2, self.params)) or self.penalize_bias


def _declared() -> Iterable[Setting]:
    for declared in fields(Settings):
        if setting := declared.metadata.get("setting"):
            flag = setting.flag or f"--{declared.name.replace('_', '-')}"
            metavar = setting.metavar or "|".join(setting.kind.choices)
            yield replace(setting, name=declared.name, flag=flag, metavar=metavar)


SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _declared()}


def spelled(name: str, value: Any = None) -> str:
    """A setting, or an option of a loss, alone or with a value: `--class-axis 1`, `class_axis: 1`, `class_axis=1`.

    That is what a message calls it, so that a user finds it, and can copy it, where the request was written.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        return written_out(name, f"--{name.replace('_', '-')}", name, value)
    return written_out(name, setting.flag, setting.in_suite, value)


def check(name: str, value: Any) -> None:
    """A UsageFault unless a value is one that the setting may have; None is no value."""
    if value is not None and (fault := SETTINGS[name].kind.fault(value)):
        raise UsageFault(f"{spelled(name)} must be {fault}")


def of_text(name: str, text: str) -> Any:
    """The value of a setting from the command line's text."""
    setting = SETTINGS[name]
    try:
        value = setting.kind.of_text(text)
    except ValueError as reason:
        raise UsageFault(f"{spelled(name)} must be {setting.kind.words}, got {text!r}", str(reason)) from None
    check(name, value)
    return value


def without_use(name: str, value: Any, reason: str) -> UsageFault:
    """The fault of an option that is written, and has no use for a reason."""
    option = spelled(name, False if value is False else None)
    return UsageFault(f"{option} has no use here: {reason}", f"leave {option} out")


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
