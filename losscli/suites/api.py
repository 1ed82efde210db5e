"""Runs suites by their paths: shared by the command, the pytest plugin and the Python API."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from fnmatch import fnmatchcase

from losscli.schema.faults import DataFault
from losscli.schema.spelling import PYTHON, asked_in
from losscli.suites.discover import suite_files
from losscli.suites.model import WHOLE_FILE, Broken, Case, SuiteRun
from losscli.suites.parse import read_suite
from losscli.suites.run import run_cases

Bar = Callable[[int], AbstractContextManager[Callable[[int], None] | None]]


def _no_bar(_total: int) -> AbstractContextManager[None]:
    return nullcontext()


def run_suite(
    path: str | os.PathLike[str],
    *more: str | os.PathLike[str],
    filter: str | None = None,  # noqa: A002  the option's name
    fail_fast: bool = False,
    full: bool = False,
    jobs: int | None = None,
    allow_outside: bool = False,
    no_code: bool = False,
) -> SuiteRun:
    """Runs suites: files, and all suites in folders.

    filter: only cases whose name this pattern (`*`, `?`, `[ab]`) matches. fail_fast: stop at the first that does not
    hold. full: keep the losses of all samples and the gradients of each case. allow_outside: cases may read files
    outside the suite's folder and the working directory. no_code: no FILE.py is executed.
    Raises LossError, or one of its subclasses, if there is nothing to run; what is wrong with a case is its outcome.
    """
    with asked_in(PYTHON):
        return run_paths(
            (path, *more),
            filter,
            fail_fast=fail_fast,
            full=full,
            jobs=jobs,
            allow_outside=allow_outside,
            no_code=no_code,
        )


def run_paths(
    paths: Sequence[str | os.PathLike[str]],
    pattern: str | None,
    *,
    fail_fast: bool,
    full: bool,
    jobs: int | None,
    allow_outside: bool,
    no_code: bool,
    bar: Bar = _no_bar,
) -> SuiteRun:
    """As `run_suite`, with a progress bar."""
    files = suite_files(paths, allow_outside=allow_outside)
    cases: list[Case | Broken] = []
    for file in files.suites:
        cases += read_suite(file.path, file.name, found_in=file.folder, allow_outside=allow_outside, code=not no_code)
    kept = cases if pattern is None else filtered(cases, pattern)
    with bar(len(kept)) as progress:
        outcomes = run_cases(kept, jobs=jobs, fail_fast=fail_fast, full=full, progress=progress)
    return SuiteRun(outcomes, files.notes)


def filtered(cases: Sequence[Case | Broken], pattern: str) -> list[Case | Broken]:
    """The cases whose names match a pattern, and files that cannot be read."""
    kept = [case for case in cases if case.name == WHOLE_FILE or fnmatchcase(case.name, pattern)]
    if not kept:
        names = ", ".join(case.name for case in cases[:5]) + (", …" if len(cases) > 5 else "")
        raise DataFault(f"no case is called {pattern}", f"there are {len(cases)}: {names}")
    return kept
