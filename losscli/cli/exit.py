"""The one place where exceptions become messages and exit codes."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from losscli.cli.console import ClosedOutput, complain, silence
from losscli.reading.access import new_run
from losscli.schema.faults import Exit, Faults, Interrupted, LossError, is_bug, lines_of

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGTERM") if hasattr(signal, name))


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns the exit code; no exception leaves it."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that nothing here uses
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    try:
        with _interruptible() as met, new_run():
            code = _ending(arguments, met)
    except Interrupted as signalled:  # on the way out
        code = signalled.exit
    return code


@contextmanager
def _interruptible() -> Iterator[list[Interrupted]]:
    """Signals raise Interrupted once, and are kept: the exception may get lost in what it interrupts."""
    met: list[Interrupted] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if met:
            os._exit(128 + number)  # who asks twice does not want to wait
        met.append(Interrupted(number))
        sys.unraisablehook = _say_nothing
        raise met[0]

    before = {
        number: signal.signal(number, interrupt)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN  # as under nohup
    }
    try:
        yield met
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_nothing(_: Any) -> None:
    """Ignores an interrupt where Python cannot raise an exception; the signal is kept all the same."""


def _ending(arguments: Sequence[str], met: list[Interrupted]) -> int:
    """The exit code. Once a signal was met, it alone decides, whatever exception it was turned into."""
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except BaseException as error:
        code = Exit.INTERRUPTED if met else _code_of(error, arguments)
    if met or code == Exit.INTERRUPTED:  # which Typer says nothing of
        complain("error: interrupted")
    return met[0].exit if met else code


def _dispatch(arguments: Sequence[str]) -> int:
    from losscli.cli import app

    try:
        return app.run(app.corrected(arguments))
    except SystemExit as ending:  # of a shell's completion, or Typer's for a closed pipe
        if isinstance(ending.__context__, OSError):
            raise ending.__context__ from None
        return int(ending.code or 0)


def _code_of(error: BaseException, arguments: Sequence[str]) -> int:
    """The exit code for an exception, and its message."""
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED
    usage = getattr(error, "format_message", None)
    if os.environ.get("LOSSCLI_DEBUG") == "1" and not isinstance(error, OSError) and usage is None:
        _trace()
    if isinstance(error, LossError):
        for fault in error.faults if isinstance(error, Faults) else (error,):
            complain(f"error: {fault.fact}", fault.cure)
        return error.exit
    if isinstance(error, OSError) and error.filename is None:  # a write to a stream
        return _broken_output(error)
    if usage is not None:
        return _of_parser(str(usage()), arguments)
    fact, *rest = lines_of(error, "this request")
    return _failed(fact, rest[0] if rest else "", Exit.BUG if is_bug(error) else Exit.DATA)


def _of_parser(message: str, arguments: Sequence[str]) -> int:
    """Reports a usage error of the parser, and returns its exit code."""
    if message.startswith("Usage: "):  # a command line without a command is answered with the help
        for line in message.splitlines():
            complain(line)
        return Exit.USAGE
    from losscli.cli.app import command_in

    command = command_in(arguments)
    loss = _loss_in(command, arguments)
    path = " ".join(filter(None, ("losscli", command, loss)))
    cure = f"`{path} --help` shows what it takes"
    if loss and (unknown := re.match(r"No such option: --([^\s=]+)", message)):
        cure = f"{_as_parameter(unknown[1], loss, arguments)}{cure}"
    return _failed(message.removesuffix(" (Possible options: --help)"), cure, Exit.USAGE)


def _as_parameter(option: str, loss: str, arguments: Sequence[str]) -> str:
    """How a parameter of a user's function is given, for an option that there is not; nothing for our losses."""
    from losscli.request.naming import names_a_function

    if not names_a_function(loss):
        return ""
    name, value = option.replace("-", "_"), ""
    for word, following in zip(arguments, (*arguments[1:], ""), strict=True):
        flag, equals, own = word.partition("=")
        if flag.startswith("--") and flag[2:].replace("-", "_") == name:
            value = own if equals else following
    value = "VALUE" if not value or value.startswith("--") else value
    return f"a parameter of {loss} is given as --set {shlex.quote(f'{name}={value}')}; "


def _loss_in(command: str, arguments: Sequence[str]) -> str:
    """The loss that the arguments of a command name, as it is written there."""
    if not command:
        return ""
    from losscli.cli.words import named_loss

    try:
        return named_loss(command, arguments)[0]
    except LossError:
        return ""


def _failed(fact: str, cure: str, code: Exit) -> int:
    complain(f"error: {fact}", cure)
    return code


def _trace() -> None:
    """The file and line that an exception comes from, for a bug report."""
    import traceback

    for line in traceback.format_exc().splitlines():
        complain(line)


def _broken_output(error: OSError) -> int:
    """The exit code if standard output cannot be written: a closed pipe is not an error, a full disk is."""
    silence(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return Exit.CLOSED_PIPE
    fact = f"standard output: {error.strerror or error}"
    return _failed(fact, "make room, or redirect it elsewhere", Exit.DATA)
