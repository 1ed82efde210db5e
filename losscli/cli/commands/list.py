"""`losscli list`."""

from __future__ import annotations

from losscli.cli.arguments import FormatWord, OutputWord
from losscli.cli.options import chosen_format


def command(
    form: FormatWord = None,
    output: OutputWord = None,
) -> None:
    """The catalogue: name, class name, function name, family, inputs.

    Losses that installed packages add have the package's name for a family.

    Examples:

      losscli list

      losscli list -f json
    """
    from losscli.cli.console import emit, say, screen
    from losscli.losses.catalogue import losses
    from losscli.losses.installed import installed
    from losscli.report.list import as_format

    added = installed()
    emit(as_format((*losses(), *added.losses), chosen_format(form, output), screen(output)), output)
    say(added.faults, (), quiet=False)
