"""`losscli list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from losscli.schema.faults import UsageFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from losscli.cli.options import Invocation
    from losscli.schema.loss import Loss


def command(line: Invocation) -> None:
    """List the losses, or find some by words; or the mistakes that `verify` names.

    JSON and CSV add PyTorch's class and function name, the family and the inputs. The family of a loss that a package
    adds is the package's name.

    Examples:

      losscli list

      losscli list regression

      losscli list keras cross --names

      losscli list -f json

      losscli list --mistakes softmax
    """
    from losscli.cli.console import say, show
    from losscli.losses.catalogue import losses
    from losscli.losses.installed import installed
    from losscli.report.list import chosen, report

    added, settings = installed(), line.settings
    every = (*losses(), *added.losses)
    found = chosen(every, line.sources)
    if settings.mistakes:
        _show_mistakes(line, every, [loss.name for loss in found])
        say(added.faults, (), quiet=False)
        return
    if not found:
        raise UsageFault(f"no loss has the words {' '.join(line.sources)}", "`losscli list` shows them all")
    show(report(found, by_framework=settings.names), line.form(), settings)
    say(added.faults, (), quiet=False)


def _show_mistakes(line: Invocation, every: Sequence[Loss], chosen: Sequence[str]) -> None:
    """The table of mistakes: those with the words, and those of the losses that the words choose."""
    from losscli.cli.console import show
    from losscli.report.mistakes import report, with_words
    from losscli.verify.diagnosis.known import known_mistakes

    if line.settings.names:
        raise UsageFault("--names and --mistakes exclude each other", "leave one of them out")
    found = with_words(known_mistakes(every), line.sources, chosen)
    if not found:
        raise UsageFault(
            f"no mistake has the words {' '.join(line.sources)}", "`losscli list --mistakes` shows them all"
        )
    show(report(found), line.form(), line.settings)
