"""`losscli list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """The catalogue: name, class name, function name, family, inputs.

    Losses that installed packages add have the package's name for a family.

    Examples:

      losscli list

      losscli list regression

      losscli list keras cross --names

      losscli list -f json
    """
    from losscli.cli.console import say, show
    from losscli.losses.catalogue import losses
    from losscli.losses.installed import installed
    from losscli.report.list import chosen, report

    added = installed()
    found = chosen((*losses(), *added.losses), line.sources)
    if not found:
        raise UsageFault(f"no loss has the words {' '.join(line.sources)}", "`losscli list` shows them all")
    show(report(found, by_framework=line.settings.names), line.form(), line.settings)
    say(added.faults, (), quiet=False)
