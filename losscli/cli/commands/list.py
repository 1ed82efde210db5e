"""`losscli list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """The catalogue: name, class name, function name, family, inputs.

    Losses that installed packages add have the package's name for a family.

    Examples:

      losscli list

      losscli list -f json
    """
    from losscli.cli.console import say, show
    from losscli.losses.catalogue import losses
    from losscli.losses.installed import installed
    from losscli.report.list import report

    added = installed()
    show(report((*losses(), *added.losses)), line.form(), line.settings)
    say(added.faults, (), quiet=False)
