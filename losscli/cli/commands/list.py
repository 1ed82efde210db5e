"""`losscli list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from losscli.cli.options import Invocation


def command(line: Invocation) -> None:
    """List all losses.

    JSON and CSV add PyTorch's class and function name, the family and the inputs. The family of a loss that a package
    adds is the package's name.

    Examples:

      losscli list

      losscli list -f json
    """
    from losscli.cli.console import say, show
    from losscli.losses.catalogue import losses
    from losscli.losses.installed import installed
    from losscli.report.list import report

    added = installed()
    show(report((*losses(), *added.losses)), line.form(), line.settings.output)
    say(added.faults, (), quiet=False)
