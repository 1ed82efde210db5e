"""The options of every command that computes, declared once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from typer.core import TyperOption

from losscli.reading.formats import STDIN_FORMATS
from losscli.schema.faults import UsageFault
from losscli.schema.records import record

if TYPE_CHECKING:
    from losscli.reading.options import ReadOptions
    from losscli.request.request import Wording


FORMATS = ("table", "json", "csv", "markdown")
SUITE_FORMATS = ("table", "json", "markdown", "github")
_OF_SUFFIX = {".json": "json", ".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".txt": "table"}
_MOST_DIGITS = 1000  # a float64 written out in full has fewer
_INPUT = re.compile(r"(?:[\w.]+=)?-(?:$|::)")  # a SOURCE that is standard input


@record
class Common:
    """What the common options say. A field's name is its option's."""

    reduction: str | None = None
    size_average: bool | None = None
    reduce: bool | None = None
    convention: str | None = None
    class_axis: int | None = None
    sample_weight: str | None = None
    nonfinite: str = "error"
    strict: bool = False
    set: tuple[str, ...] = ()
    l1: float | None = None
    l2: float | None = None
    params: str | None = None
    penalize_bias: bool = False
    key: str | None = None
    classes: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    stdin: str | None = None
    bfloat16: bool = False
    jobs: int | None = None
    progress: bool | None = None
    quiet: bool = False
    format: str | None = None
    bare: bool = False
    digits: int | None = None
    output: str | None = None

    def wording(self, by: str | None = None) -> Wording:
        from losscli.request.request import Wording

        return Wording(
            reduction=self.reduction,
            size_average=self.size_average,
            reduce=self.reduce,
            convention=self.convention,
            class_axis=self.class_axis,
            sample_weight=self.sample_weight,
            by=by,
            nonfinite=self.nonfinite,
            classes=self.classes,
            strict=self.strict,
            l1=self.l1,
            l2=self.l2,
            params=self.params,
            penalize_bias=self.penalize_bias,
        )

    def reading(self, command: str = "") -> ReadOptions:
        """How to read; with the command that names the sources, for cures."""
        from losscli.reading.options import ReadOptions

        return ReadOptions(
            key=self.key,
            header=self.header,
            delimiter=self.delimiter,
            stdin=self.stdin,
            bfloat16=self.bfloat16,
            command=command,
        )

    def refuse_penalty(self, command: str) -> None:
        """For commands that are about the loss alone."""
        if self.params is not None or self.l1 is not None or self.l2 is not None or self.penalize_bias:
            raise UsageFault(f"{command} is about the loss, without a penalty", "leave --l1, --l2 and --params out")

    def form(self) -> str:
        """How to show a result: a format's name, or bare."""
        if self.bare and self.format is not None:
            raise UsageFault("--bare and --format exclude each other", "leave one of them out")
        return "bare" if self.bare else chosen_format(self.format, self.output)

    def shown_digits(self) -> int | None:
        """How many digits to show, checked."""
        if self.digits is not None and not 1 <= self.digits <= _MOST_DIGITS:
            raise UsageFault(f"--digits must be 1 or greater, and at most {_MOST_DIGITS}, got {self.digits}")
        return self.digits


def chosen_format(word: str | None, output: str | None = None, formats: Sequence[str] = FORMATS) -> str:
    """The format that was asked for: by its name, by an output file's suffix, or in the environment.

    The environment speaks to all commands, and may name a format that only others have.
    """
    chosen = word or _OF_SUFFIX.get(os.path.splitext(output or "")[1].lower())
    if chosen is None:
        chosen = os.environ.get("LOSSCLI_FORMAT") or formats[0]
        if chosen in {*FORMATS, *SUITE_FORMATS}.difference(formats):
            chosen = formats[0]
    if chosen not in formats:
        raise UsageFault(f"there is no format {chosen!r}", f"the formats are {', '.join(formats)}: name one with -f")
    return chosen


def sharing_input(reading: ReadOptions, *groups: Iterable[str | None]) -> ReadOptions:
    """How to read where several groups of words, each read apart, may name standard input: it is read but once."""
    if sum(any(word and _INPUT.match(word) for word in group) for group in groups) < 2:
        return reading
    from io import BytesIO

    from losscli.reading.opening import input_of

    return replace(reading, input_stream=BytesIO(input_of(reading).read()))


def only_one(words: Sequence[str] | None, option: str) -> str | None:
    """The word of an option that may be given once; the parser would drop all but the last."""
    if words and len(words) > 1:
        raise UsageFault(f"{option} is given {len(words)} times", "leave all but one out")
    return words[0] if words else None


def check_apart(*outputs: str | None) -> None:
    """Refuses two outputs in one file, of which only one would stay."""
    named = [os.path.abspath(path) for path in outputs if path is not None]
    if len(set(named)) < len(named):
        raise UsageFault("two outputs go to one file", "name different files")


def at_least(least: int, number: int | None, option: str) -> int | None:
    """A count from the command line, checked."""
    if number is not None and number < least:
        raise UsageFault(f"{option} must be {least} or greater, got {number}")
    return number


_FLAGS: dict[str, str] = {
    "size_average": "--size-average/--no-size-average",
    "reduce": "--reduce/--no-reduce",
    "header": "--header/--no-header",
    "progress": "--progress/--no-progress",
    "strict": "--strict",
    "penalize_bias": "--penalize-bias",
    "bfloat16": "--bfloat16",
    "quiet": "-q,--quiet",
    "bare": "-b,--bare",
}
_WITH_VALUES: dict[str, tuple[str, str]] = {
    "reduction": ("-r,--reduction", "none|mean|sum|batchmean"),
    "convention": ("--convention", "NAME"),
    "class_axis": ("--class-axis", "AXIS"),
    "set": ("--set", "NAME=VALUE"),
    "l1": ("--l1", "X"),
    "l2": ("--l2", "X"),
    "params": ("--params", "SOURCE"),
    "sample_weight": ("--sample-weight", "SOURCE"),
    "nonfinite": ("--nonfinite", "error|propagate"),
    "key": ("--key", "COLUMN"),
    "classes": ("--classes", "A,B,C"),
    "delimiter": ("--delimiter", "CHARACTER"),
    "stdin": ("--stdin", "|".join(STDIN_FORMATS)),
    "jobs": ("--jobs", "N"),
    "format": ("-f,--format", "table|json|csv|markdown"),
    "digits": ("--digits", "N"),
    "output": ("-o,--output", "FILE"),
}
_ALL = "; all shows each"  # which only compute does
_HELP: dict[str, str] = {
    "reduction": "How the losses of the samples become one number; the convention's if not given.",
    "size_average": "Deprecated; use --reduction.",
    "reduce": "Deprecated; use --reduction.",
    "convention": "Whose defaults and constants: torch, keras, sklearn, optax, or exact (no clamp, no epsilon)"
    f"{_ALL}.  [default: that of the loss's name, or torch]",
    "class_axis": "The axis of the classes, or of a vector's components.  [default: as in PyTorch]",
    "sample_weight": "What each sample counts.",
    "nonfinite": "What to do with nan, and with infinities where they are no data.  [default: error]",
    "strict": "Data that look like something else are an error, not a warning.",
    "l1": "Add l1 · Σ|w| over the parameters: the value is then the objective.",
    "l2": "Add l2/2 · Σw² over the parameters (l2 · Σw² with --convention keras).",
    "params": "The parameters by name: .npz, .safetensors, a YAML or JSON mapping. Biases are left out.",
    "penalize_bias": "Penalise arrays with bias in their name too.",
    "set": "An option of the loss by name; how those of FILE.py:FUNCTION are given. May be repeated.",
    "key": "Join text files on this column.",
    "classes": "The labels of the classes, words or numbers, in the order of the scores.",
    "header": "The first row of a text file is a header, or is data.  [default: seen from the file]",
    "delimiter": "What stands between the cells of a text file.  [default: from the suffix, or seen]",
    "stdin": "The format of standard input.  [default: seen from its content]",
    "bfloat16": "Two-byte raw .npy files hold bfloat16.",
    "jobs": "Threads.  [default: the cores this process may use]",
    "progress": "Show progress on standard error.  [default: on a terminal]",
    "quiet": "No warnings.",
    "format": "[default: $LOSSCLI_FORMAT, or table]",
    "bare": "Only the number, in the shortest text that reads back the same.",
    "digits": "Significant digits; never of JSON or CSV, which hold all.",
    "output": "Write to a file instead of standard output.",
}
_REPEATED, _NUMBERS = ("set",), ("l1", "l2")
_INTEGERS = ("class_axis", "jobs", "digits")


def common_options(command: str | None) -> list[TyperOption]:
    """The options as the parser wants them, for a command."""
    found = []
    for field in fields(Common):
        name = field.name
        flag = _FLAGS.get(name)
        declared, metavar = (flag, None) if flag else _WITH_VALUES[name]
        three_ways = flag is not None and "/" in flag
        found.append(
            TyperOption(
                param_decls=[name, *(declared.split(",") if not three_ways else [declared])],
                type=int if name in _INTEGERS else float if name in _NUMBERS else None if flag else str,
                default=field.default,
                is_flag=flag is not None or None,
                multiple=name in _REPEATED,
                metavar=metavar,
                help=_HELP[name].replace(_ALL, "" if command != "compute" else _ALL),
                expose_value=False,
                callback=_keep,
                rich_help_panel=None,
            )
        )
    return found


COMMON = "losscli.common"


def _keep(context: Any, parameter: Any, value: Any) -> Any:
    context.meta.setdefault(COMMON, {})[parameter.name] = value
    return value


def common_of(context: Any) -> Common:
    """What the common options of a command said."""
    return Common(**context.meta.get(COMMON, {}))
