"""Records of a suite: cases, and the outcomes of running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from losscli.checks.claims import Tolerances
from losscli.checks.comparison import HOLDS, REFUTED
from losscli.reading.access import Limits
from losscli.reading.options import ReadOptions
from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.schema.settings import Settings
from losscli.verify.verify import Explanation, Verified

__all__ = ["ERROR", "HOLDS", "REFUTED", "WHOLE_FILE", "Broken", "Case", "Expectation", "Outcome", "SuiteRun"]

ERROR = "error"
WHOLE_FILE = "(the file)"  # the name of what is wrong with no single case


@record
class Expectation:
    """What a case claims: numbers as they are written, lists, or SOURCEs; None where it claims nothing.

    `value_span` says which characters of the file spell the value, where it is a single number there.
    """

    value: object = None
    per_sample: object = None
    gradients: Mapping[str, object] | None = None
    at_most: object = None
    at_least: object = None
    error: str | None = None
    value_span: tuple[int, int] | None = None


@record
class Case:
    """One case, its words checked, nothing read yet. Where an array may stand, a string is a SOURCE."""

    file: str
    line: int
    name: str
    loss: str
    inputs: Sequence[object] | Mapping[str, object]
    options: Mapping[str, object]
    settings: Settings
    reading: ReadOptions
    expect: Expectation
    tolerances: Tolerances
    limits: Limits


@record
class Broken:
    """A case that cannot be run, or a file that is not a suite, with the reason in lines."""

    file: str
    line: int
    name: str
    faults: tuple[str, ...]
    bug: bool = False


@record
class Outcome:
    """The outcome of one case.

    status: holds, refuted or error. `faults` say in lines why it cannot be judged, or how an expected error is missed;
    otherwise `verified` has the verdict, the numbers and the explanations. The arrays are there if all of them were
    asked for. `bug` marks an error that is losscli's own.
    """

    case: Case | Broken
    status: str
    faults: tuple[str, ...] = ()
    verified: Verified | None = None
    per_sample: Array | None = None
    gradients: Mapping[str, Array] | None = None
    seconds: float = 0.0
    bug: bool = False

    @property
    def fault(self) -> str:
        return "\n".join(self.faults)

    @property
    def name(self) -> str:
        return self.case.name

    @property
    def file(self) -> str:
        return self.case.file

    @property
    def line(self) -> int:
        return self.case.line

    @property
    def value(self) -> Any:
        """The computed value: a number, an array if the reduction is none, None if the case failed."""
        if self.verified is None:
            return None
        result = self.verified.result
        return result.per_sample if result.value is None else result.value

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        return () if self.verified is None else self.verified.explanations


@record
class SuiteRun:
    """All outcomes, in the order of files and cases, and what to know about the files."""

    cases: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return all(outcome.status == HOLDS for outcome in self.cases)

    def count(self, status: str) -> int:
        """The number of cases with a status: holds, refuted or error."""
        return sum(outcome.status == status for outcome in self.cases)
