"""The application and its commands. What a command needs to run is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from losscli import __version__
from losscli.cli.computing import compute
from losscli.cli.listing import list_losses
from losscli.cli.loss_command import LossCommand

HELP = """Computes machine-learning losses from files, to the last digit.

Examples:

  losscli compute cross_entropy logits.npy labels.csv::label

  losscli compute huber run.csv --delta 0.5 --reduction sum

  losscli compute mse '[1,2,3]' '[2,3,4]' --bare

  losscli list
"""

# Plain help: Rich would be imported for it, and help should not take longer than a blink
app = typer.Typer(
    name="losscli",
    help=HELP,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


app.command("compute", cls=LossCommand)(compute)
app.command("list")(list_losses)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"losscli {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Holds the options that stand before a command."""
