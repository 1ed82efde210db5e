"""Makes the function that Typer runs: its signature has the settings of a command and the options of the loss."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field, replace
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from losscli.cli.completion import loss_names
from losscli.cli.unused import refuse_unused
from losscli.cli.words import source
from losscli.reading.formats import FILES_READ, STDIN_FORMATS
from losscli.schema.faults import LossError, UsageFault, raise_all
from losscli.schema.records import record
from losscli.schema.settings import OF_A_LOSS, SETTINGS, Setting, Settings, of_text
from losscli.schema.text import printable

if TYPE_CHECKING:
    from losscli.reading.options import ReadOptions
    from losscli.schema.loss import Loss, OptionSpec


FORMATS, SUITE_FORMATS = SETTINGS["format"].kind.choices, SETTINGS["suite_format"].kind.choices
_OF_SUFFIX = {".json": "json", ".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".txt": "table"}
_OF_ARRAYS = (".npy", ".npz")
_ANY_TEXT = ("", ".log", ".out")  # suffixes that leave the format open
_INPUT = re.compile(r"(?:[\w.]+=)?-(?:$|::)")  # a SOURCE that is standard input
_LOSS = "A loss that `losscli list` shows, or your own as FILE.py:FUNCTION (the file is executed as Python code)."
_SOURCES = "Inputs in PyTorch's order: files, numbers or lists; then any as ROLE=SOURCE."
_POSITIONAL: dict[str, tuple[str, str]] = {
    **dict.fromkeys(OF_A_LOSS, ("SOURCE...", _SOURCES)),
    "inspect": ("SOURCE...", "Files, FILE::COLUMN, numbers or lists."),
    "suite": ("PATH...", "Suite files, or folders to search for them."),
    "list": ("WORD...", "Only what has all these words in a name, the family or the summary."),
}
_OWN = "own_"  # before the name of a loss's own option, which may be that of a setting
_ARRAYS = {"c": "one number per class", "u": "broadcast", "u d": "broadcast", "*": "a list"}


@record
class Invocation:
    """A parsed command line: the loss, the sources or paths, the options of the loss, and the settings."""

    command: str
    settings: Settings
    loss: str = ""
    sources: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def reading(self) -> ReadOptions:
        """The options for reading, with the command line so far, for the cures of errors."""
        from losscli.cli.progress import progress
        from losscli.reading.options import read_options

        def watch(size: int, name: str) -> AbstractContextManager[Callable[[int], None] | None]:
            settings = self.settings
            return progress(size, settings.progress, quiet=settings.quiet, what=f"bytes of {printable(name)}")

        words = filter(None, ("losscli", self.command, self.loss))
        return replace(read_options(self.settings, command=shlex.join(words)), watch=watch)

    def form(self) -> str:
        """The output format, or `bare`."""
        settings = self.settings
        if settings.bare and settings.format is not None:
            raise UsageFault("--bare and --format exclude each other", "leave one of them out")
        return "bare" if settings.bare else chosen_format(settings.format, settings.output, command=self.command)

    def refuse_unused(self) -> None:
        """Refuses options that have no use in this command line."""
        settings, form = self.settings, "" if self.command == "suite" else self.form()
        if form != "bare" and _from_environment(settings.format, settings.output):
            form = ""
        refuse_unused(self.command, settings, self.sources, self.options, form)


def typer_command(name: str, run: Callable[[Invocation], None], loss: Loss | None) -> Callable[..., None]:
    """A function with the signature that Typer reads the command's parameters from."""
    settings = [setting for setting in SETTINGS.values() if name in setting.commands]

    def command(**given: Any) -> None:
        own = {word.removeprefix(_OWN): given[word] for word in given if word.startswith(_OWN)}
        given_settings = _settings_of(settings, given)
        sources = tuple(map(source, given.get("sources") or ()))
        loss_word, options = source(given.get("loss", "")), _options(own, given_settings.set)
        line = Invocation(name, given_settings, loss_word, sources, options)
        line.refuse_unused()
        run(line)

    in_order = sorted(settings, key=lambda setting: setting.commands != (name,))  # those that it shares come last
    parameters = [*_positional(name), *_own_options(loss), *(_parameter(setting, name, loss) for setting in in_order)]
    setattr(command, "__signature__", Signature(parameters))  # noqa: B010  functions have no such attribute for mypy
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = (run.__doc__ or "").replace("FILES_READ", FILES_READ)
    return command


def chosen_format(
    word: str | None, output: str | None = None, formats: Sequence[str] = FORMATS, command: str = ""
) -> str:
    """The output format: given by name, by the suffix of the output file, or by LOSSCLI_FORMAT.

    The environment speaks to all commands, and may name a format that only others have.
    """
    suffix = os.path.splitext(output or "")[1]
    if not word and suffix.lower() not in (*_OF_SUFFIX, *_ANY_TEXT):
        cure = f"write -o {(output or '').removesuffix(suffix)}.txt, or name a format with -f"
        if command == "compute" and suffix.lower() in _OF_ARRAYS:
            cure += f"; --save-per-sample {output} writes an array"
        raise UsageFault(f"--output {output}: {suffix} is no format of a report", cure)
    chosen = word or _OF_SUFFIX.get(suffix.lower())
    if chosen is None:
        chosen = os.environ.get("LOSSCLI_FORMAT") or formats[0]
        if chosen in {*FORMATS, *SUITE_FORMATS}.difference(formats):
            chosen = formats[0]
    if chosen not in formats:
        raise UsageFault(f"there is no format {chosen!r}", f"the formats are {', '.join(formats)}: name one with -f")
    return chosen


def _from_environment(word: str | None, output: str | None) -> bool:
    """Whether the environment chooses the format."""
    return not word and os.path.splitext(output or "")[1] in _ANY_TEXT and bool(os.environ.get("LOSSCLI_FORMAT"))


def sharing_input(reading: ReadOptions, *groups: Iterable[str | None]) -> ReadOptions:
    """The options for reading several groups of sources that may all name standard input, which is read once."""
    if sum(any(word and _INPUT.match(word) for word in group) for group in groups) < 2:
        return reading
    from io import BytesIO

    from losscli.reading.opening import input_of

    return replace(reading, input_stream=BytesIO(input_of(reading).read()))


def check_apart(*outputs: str | None) -> None:
    """Refuses two outputs to one file: the second would replace the first."""
    named = [os.path.abspath(path) for path in outputs if path is not None]
    if len(set(named)) < len(named):
        raise UsageFault("two outputs go to one file", "name different files")


def _positional(command: str) -> Iterable[Parameter]:
    """The loss and its sources, or paths."""
    if command in OF_A_LOSS:
        argument = typer.Argument(metavar="LOSS", help=_LOSS, autocompletion=loss_names)
        yield _keyword("loss", Annotated[str, argument], Parameter.empty)
    if command in _POSITIONAL:
        metavar, help_text = _POSITIONAL[command]
        argument = typer.Argument(metavar=metavar, help=help_text)
        if command == "inspect":
            yield _keyword("sources", Annotated[list[str], argument], Parameter.empty)
        else:
            yield _keyword("sources", Annotated[list[str] | None, argument], None)


def _parameter(setting: Setting, command: str, loss: Loss | None) -> Parameter:
    """A setting as Typer's parameter: text, or a switch."""
    flag = f"{setting.flag}/--no-{setting.flag[2:]}" if setting.two_way else setting.flag
    help_text = setting.help_for(command)
    flags = [*filter(None, [setting.short]), flag]
    choices = {"stdin": STDIN_FORMATS, "reduction": () if loss is None else loss.reductions}.get(setting.name, ())
    metavar = "|".join(choices) or setting.metavar or None
    option = typer.Option(*flags, metavar=metavar, help=help_text, show_default=False)
    if setting.repeats or setting.once:
        return _keyword(setting.name, Annotated[list[str] | None, option], None)
    if setting.takes_value:
        return _keyword(setting.name, Annotated[str | None, option], None)
    if setting.two_way:
        return _keyword(setting.name, Annotated[bool | None, option], None)
    return _keyword(setting.name, Annotated[bool, option], False)


def _own_options(loss: Loss | None) -> Iterable[Parameter]:
    """A loss's options: `--delta NUMBER  where the square turns into a line; must be …`."""
    for spec in () if loss is None else loss.options:
        flag, metavar, help_text = _worded(spec)
        option = typer.Option(flag, metavar=metavar or None, help=help_text, show_default=False)
        kind = bool if spec.type is bool else str
        yield _keyword(f"{_OWN}{spec.name}", Annotated[kind | None, option], None)


def _worded(spec: OptionSpec) -> tuple[str, str, str]:
    """The flag, the metavar and the help of a loss's option."""
    name, domain = f"--{spec.name.replace('_', '-')}", spec.option.domain
    if spec.option.axes:
        help_text = f"{spec.option.help}: {_ARRAYS.get(spec.option.axes, 'an array')}, {domain.words}."
        metavar = "SOURCE"
    elif domain.choices:
        metavar = "|".join((*domain.choices, *(("FILE.py:FUNCTION",) if domain.own_distance else ())))
        help_text = f"{spec.option.help}.  [default: {spec.default}]"
    elif spec.type is bool:
        name, metavar = f"{name}/--no-{name[2:]}", ""
        help_text = f"{spec.option.help}.  [default: {str(spec.default).lower()}]"
    else:
        metavar = "INTEGER" if spec.type is int else "NUMBER"
        help_text = f"{spec.option.help}: {domain.words}.  [default: {spec.default:g}]"
    return name, metavar, help_text[0].upper() + help_text[1:]


def _keyword(name: str, annotation: Any, default: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _settings_of(settings: Iterable[Setting], given: Mapping[str, Any]) -> Settings:
    """The settings that the command line gives, each from its text, with every fault at once."""
    values: dict[str, Any] = {}
    faults: list[LossError] = []
    for setting in settings:
        word = given[setting.name]
        if word is None or word == []:
            continue
        try:
            values[setting.name] = _value(setting, word)
        except LossError as fault:
            faults.append(fault)
    raise_all(faults)
    return Settings(**values)


def _value(setting: Setting, word: Any) -> Any:
    if setting.once and len(word) > 1:
        raise UsageFault(f"{setting.flag} is given {len(word)} times", "leave all but one out")
    if setting.repeats:
        return tuple(of_text(setting.name, part) for part in word)
    if not setting.takes_value:
        return word
    return of_text(setting.name, word[0] if setting.once else word)


def _options(own: Mapping[str, Any], more: Iterable[str]) -> dict[str, Any]:
    """The options of the loss that the command line sets, by name: its own, and those of --set."""
    written = {name: value for name, value in own.items() if value is not None}
    for word in more:
        name, equals, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise UsageFault(f"--set {word}: no name and value", "write --set NAME=VALUE")
        if name in written:
            raise UsageFault(f"{name} is set twice", "leave one out")
        written[name] = value
    return written
