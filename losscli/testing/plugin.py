"""The pytest plugin: every `*.losscli.yaml` is collected, and each of its cases is a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from losscli.suites.model import Broken, Case, Outcome

_ENDINGS = (".losscli.yaml", ".losscli.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini setting that corresponds to `losscli suite --allow-outside`."""
    what = "cases may read files outside the suite's folder and the working directory"
    parser.addini("losscli_allow_outside", what, type="bool", default=False)


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Collects suite files. They are read on collection, so that a project without suites imports nothing."""
    if not file_path.name.endswith(_ENDINGS):
        return None
    collector: pytest.Collector = SuiteFile.from_parent(parent, path=file_path)
    return collector


class SuiteFile(pytest.File):
    """A suite file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The cases, including those that cannot be run, which fail."""
        from losscli.schema.spelling import PYTEST, asked_in
        from losscli.suites.parse import read_suite

        outside = bool(self.config.getini("losscli_allow_outside"))
        with asked_in(PYTEST):
            cases = read_suite(self.path, self.nodeid, found_in=self.path.parent, allow_outside=outside)
        for case in cases:
            item: SuiteItem = SuiteItem.from_parent(self, name=case.name, case=case)
            yield item


class SuiteItem(pytest.Item):
    """A case of a suite."""

    def __init__(self, *, case: Case | Broken, **rest: Any) -> None:
        super().__init__(**rest)
        self._case = case

    def runtest(self) -> None:
        """Fails unless every expectation of the case holds."""
        from losscli.schema.spelling import PYTEST, asked_in
        from losscli.suites.run import run_case

        with asked_in(PYTEST):
            outcome = run_case(self._case)
        if outcome.status != "holds":
            raise CaseFailed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of verify, without a traceback of losscli's code."""
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The case's line, which pytest counts from 0."""
        return self.path, self._case.line - 1, self.name


class CaseFailed(Exception):
    """A case that does not hold."""

    def __init__(self, outcome: Outcome) -> None:
        from losscli.report.suite import in_one_line, message
        from losscli.schema.text import printable

        place = f"{outcome.file}:{outcome.line}: {outcome.status}: {outcome.name}"
        first, report = in_one_line(outcome), message(outcome)  # pytest's summary shows the first line
        lines = [*report, place] if report[:1] == [first] else [first, place, *report]
        super().__init__("\n".join(map(printable, lines)))
