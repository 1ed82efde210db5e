"""`losscli list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """List the losses, or find some by words.

    JSON and CSV add PyTorch's class and function name, the family and the inputs. The family of a loss that a package
    adds is the package's name.

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
