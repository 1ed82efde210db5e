"""A user's Python file: it is executed, and its functions are called, so that they spoil nothing of ours."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import numpy as np

from losscli.reading.access import admit_code, remember
from losscli.schema.faults import DataFault, LossError, ends_the_run, message_of
from losscli.schema.records import record

_TURN = RLock()  # sys.path, sys.stdout and the warnings' filter are the whole process's, and cases may run in threads
_DEBUG = "LOSSCLI_DEBUG=1 shows the traceback"


class FunctionFault(DataFault, ValueError):
    """A function that does not do what a loss does; also a ValueError, as of any kernel that cannot use its data."""


@record
class Script:
    """An executed file. `shown` is what errors call it."""

    path: Path
    shown: str
    names: Mapping[str, Any]


def executed(path: Path, shown: str) -> Script:
    """Executes a file as a module. Each time anew: a file that was edited meanwhile, or its neighbours, must count."""
    path = path.absolute()
    admit_code(path, shown)
    if path.is_dir():
        raise DataFault(f"{shown}: a directory", "name a Python file")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataFault(f"no such file: {shown}{_neighbour(path)}", "write FILE.py:FUNCTION") from None
    except OSError as error:
        raise DataFault(f"{shown}: {error.strerror or error}") from None
    module = ModuleType(f"losscli_custom_{path.stem}")
    module.__file__ = str(path)
    before = {*sys.modules, module.__name__}
    with at_home(path, heard=True):
        sys.modules[module.__name__] = module  # dataclasses look their module up there
        try:
            exec(compile(content, str(path), "exec", dont_inherit=True), module.__dict__)
        except BaseException as error:
            raise fault_of(error, path, shown) from error
        finally:
            _forget_neighbours(path.parent, before)
    return Script(path, shown, module.__dict__)


def _neighbour(path: Path) -> str:
    from losscli.reading.container import near_miss

    try:
        return near_miss(path.name, [file.name for file in path.parent.glob("*.py")])
    except OSError:
        return ""


def _forget_neighbours(folder: Path, before: set[str]) -> None:
    """Forgets the modules that came from the file's folder: another folder may have others of the same names.

    They are inputs of the run like the file itself.
    """
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name not in before and isinstance(file, str) and folder in Path(file).parents:
            del sys.modules[name]
            remember(Path(file))


@contextmanager
def at_home(path: Path, *, heard: bool) -> Iterator[None]:
    """The file's own folder can be imported from; what is printed goes to standard error, or nowhere unless `heard`."""
    with _TURN, warnings.catch_warnings(), np.errstate(all="ignore"):
        if not heard:
            warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)  # a derivative would be lost without a word
        folders = sys.path.copy()
        sys.path.insert(0, str(path.parent))
        try:
            with redirect_stdout(sys.stderr if heard and sys.stderr is not None else _Nowhere()):
                yield
        finally:
            sys.path[:] = folders


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def fault_of(error: BaseException, path: Path, shown: str) -> LossError:
    """What a user's code raised, with the last line of the file that it passed through."""
    if isinstance(error, MemoryError) or ends_the_run(error):
        raise error
    line = _line(error, path)
    where = f"{shown} line {line}" if line else shown
    message = (message_of(error).strip().splitlines() or [""])[0]
    if isinstance(error, ModuleNotFoundError) and error.name:
        cure = "install it where losscli is installed, or put it beside the file"
        return FunctionFault(f"{where}: it imports {error.name}, which is not there", cure)
    if isinstance(error, SyntaxError):
        return FunctionFault(f"{where}: {error.msg}", "write valid Python")
    if isinstance(error, SystemExit):
        return FunctionFault(f"{where}: it ends the program", "raise an exception where something is wrong")
    if isinstance(error, ValueError) and "read-only" in message:
        return FunctionFault(f"{where}: it changes its inputs ({message})", "work on a copy: x = x.copy()")
    details = f": {message}" if message else ""
    return FunctionFault(f"{where}: {type(error).__name__}{details}", f"correct the file; {_DEBUG}")


def _line(error: BaseException, path: Path) -> int | None:
    """The line of the file that the error comes from, as far as one of it was involved."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    from traceback import walk_tb

    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == str(path)]
    return lines[-1] if lines else None
