"""The Typer application and its commands. A command is imported only if the command line names it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from losscli import __version__
from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from losscli.schema.loss import Loss

HELP = """Compute machine-learning losses from files, to the last digit, and check values that someone claims.

Examples:

  losscli compute cross_entropy logits.npy labels.csv::label

  losscli compute huber run.csv --delta 0.5 --reduction sum

  losscli compute mse '[1,2,3]' '[2,3,4]' --bare

  losscli verify cross_entropy logits.npy labels.csv::label --claim 0.2953

  losscli explain cross_entropy
"""

# Each command's name, its module, which defines `command`, and its summary
COMMANDS = (
    ("compute", "losscli.cli.commands.compute", "Compute a loss: per sample, reduced, and with gradients."),
    ("verify", "losscli.cli.commands.verify", "Check a claimed loss value, and explain a wrong one."),
    ("gradcheck", "losscli.cli.commands.gradcheck", "Check a gradient against independent derivatives."),
    ("relations", "losscli.cli.commands.relations", "Check known identities (such as RMSE² = MSE) on your data."),
    ("suite", "losscli.cli.commands.suite", "Check suites of claims, for instance in CI."),
    ("inspect", "losscli.cli.commands.inspect", "Describe arrays: shape, range, likely meaning."),
    ("explain", "losscli.cli.commands.explain", "Explain a loss; with data, compute one sample step by step."),
    ("list", "losscli.cli.commands.list", "List the losses, or find some by words."),
)
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code; usage errors and faults are raised."""
    words, command, word, loss = list(arguments), command_in(arguments), "", None
    if "_LOSSCLI_COMPLETE" in os.environ:  # a shell asks for the options of a command line that may not be complete
        from losscli.cli.words import completed_words, named_loss

        task, _, shell = os.environ["_LOSSCLI_COMPLETE"].partition("_")
        if task not in ("complete", "source") or shell not in _SHELLS:
            fact = f"_LOSSCLI_COMPLETE is {os.environ['_LOSSCLI_COMPLETE']!r}"
            raise UsageFault(fact, f"it is complete_SHELL or source_SHELL, of {', '.join(_SHELLS)}; else unset it")
        completed = completed_words()
        command = command_in(completed)
        with suppress(UsageFault):
            _, loss = named_loss(command, completed)
    elif command:
        from losscli.cli.words import named_loss, prepared

        word, loss = named_loss(command, words)
        words = prepared(command, words, loss)
    return int(_application(command, word, loss)(words, standalone_mode=False, prog_name="losscli") or 0)


def _application(command: str, word: str, loss: Loss | None) -> typer.Typer:
    """The application for one command line, which may name a loss of ours or of the user's own."""
    # Plain help: Rich would be imported for it, and help should not take longer than a blink
    app = typer.Typer(
        name="losscli",
        help=HELP,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    for name, module, summary in COMMANDS:
        if name == command:
            from losscli.cli.options import typer_command

            own = f"{word}: its parameters with defaults are options, given with --set NAME=VALUE."
            epilog = own if word and loss is None else None
            app.command(name, epilog=epilog)(typer_command(name, import_module(module).command, loss))
        else:
            app.command(name, help=summary)(_unnamed)
    return app


def command_in(words: Sequence[str]) -> str:
    """The command that a command line names; empty if there is no such command."""
    word = next((word for word in words if not word.startswith("-")), "")
    return word if any(word == name for name, *_ in COMMANDS) else ""


def corrected(arguments: Sequence[str]) -> list[str]:
    """The command line with `help COMMAND` as `COMMAND --help`; a loss in place of a command is refused."""
    words = list(arguments)
    if not words or words[0].startswith("-") or command_in(words):
        return words
    if words[0] == "help":
        return [*words[1:2], "--help"]
    if _names_a_loss(words[0]):
        cure = f"did you mean: losscli compute {shlex.join(words)}"
        raise UsageFault(f"{words[0]} is a loss, and no command", cure)
    return words


def _names_a_loss(word: str) -> bool:
    """Whether a word may stand for LOSS. Only what looks like a name of a framework's is worth importing the losses."""
    from losscli.losses.catalogue import find, loss_names

    if word.replace("-", "_") in loss_names() or ".py:" in word:
        return True
    if word.islower() and word.isalpha():
        return False
    try:
        return bool(find(word))
    except UsageFault:
        return False


def _unnamed() -> None:
    """A placeholder for a command in the list of commands."""
    raise LookupError("a command ran that the command line does not name")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"losscli {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("-V", "--version", help="Show the version and exit.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """The options before a command."""
