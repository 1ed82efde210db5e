"""The one place where exceptions become messages and exit codes."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from losscli.cli.streams import complain
from losscli.schema.faults import Exit, Faults, LossError


def run(arguments: Sequence[str]) -> int:
    """Runs the command line to its end, and returns the exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads that nothing here uses
    signal.signal(signal.SIGTERM, _interrupt)
    if sys.stdout is None:
        return _failed("standard output is closed", "redirect it, or give --output FILE", Exit.DATA)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except OSError as error:
        code = _broken_output(error)
    return code


def _dispatch(arguments: Sequence[str]) -> int:
    from losscli.cli.app import application

    debug = os.environ.get("LOSSCLI_DEBUG") == "1"
    try:
        code = int(application(arguments)(list(arguments), standalone_mode=False, prog_name="losscli") or 0)
        if code == Exit.INTERRUPTED:  # Typer catches an interrupt, and says nothing
            raise KeyboardInterrupt
        return code
    except LossError as fault:
        if debug:
            _trace()
        for each in fault.faults if isinstance(fault, Faults) else (fault,):
            complain(f"error: {each.fact}", each.cure)
        return fault.exit
    except OSError as error:
        if error.filename is None:  # a write to a stream
            raise
        return _failed(f"{error.filename}: {error.strerror}", "", Exit.DATA)
    except KeyboardInterrupt:
        return _failed("interrupted", "", Exit.INTERRUPTED)
    except MemoryError:
        return _failed("there is not enough memory for this request", "", Exit.DATA)
    except SystemExit:  # Typer's ending for a closed pipe
        raise BrokenPipeError(errno.EPIPE, "closed pipe") from None
    except Exception as error:
        if debug:
            _trace()
        return _of_parser(error)


def _of_parser(error: Exception) -> int:
    """A usage error that the parser found, or a bug."""
    message = getattr(error, "format_message", None)
    if message is None:
        kind = type(error).__name__
        return _failed(f"this is a bug in losscli: {kind}: {error}", "LOSSCLI_DEBUG=1 shows where", Exit.BUG)
    if message().startswith("Usage: "):  # a command line without a command is answered with the help
        for line in str(message()).splitlines():
            complain(line)
        return Exit.USAGE
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "losscli"
    return _failed(str(message()), f"`{path} --help` shows what it takes", Exit.USAGE)


def _failed(fact: str, cure: str, code: Exit) -> int:
    complain(f"error: {fact}", cure)
    return code


def _trace() -> None:
    """Where an exception comes from, for whoever looks for a bug."""
    import traceback

    traceback.print_exc()


def _broken_output(error: OSError) -> int:
    """Standard output that cannot be written to: a reader that has left is no error, a full disk is."""
    closed = isinstance(error, BrokenPipeError)
    try:
        # What is still buffered must not be tried again when Python leaves
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return Exit.CLOSED_PIPE if closed else Exit.DATA
    if closed:
        return Exit.CLOSED_PIPE
    return _failed(f"standard output: {error.strerror}", "make room, or redirect it elsewhere", Exit.DATA)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
