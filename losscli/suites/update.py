"""Updates suite files: refuted single values are replaced in the text, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

from losscli.checks.claims import Digits
from losscli.checks.comparison import Comparison
from losscli.schema.faults import DataFault
from losscli.schema.number_text import is_number
from losscli.schema.records import record
from losscli.suites.model import REFUTED, Case, Outcome

_BOM = "\ufeff"


@record
class Edit:
    """The replacement of one expected value: a range of characters, and the new text."""

    outcome: Outcome
    start: int
    stop: int
    text: str


@record
class Update:
    """The update of one suite file."""

    file: str
    before: str
    after: str
    edits: tuple[Edit, ...]


@record
class Remainder:
    """A case that an update cannot fix, and its refuted claims."""

    outcome: Outcome
    claims: tuple[Comparison, ...]


def updates(outcomes: Sequence[Outcome]) -> list[Update]:
    """The new texts of the files with refuted single values."""
    by_file: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_file.setdefault(outcome.file, []).append(outcome)
    candidates = [_update(file, of_file) for file, of_file in by_file.items() if any(map(_span, of_file))]
    return [update for update in candidates if update.edits]


def remaining(outcomes: Sequence[Outcome], done: Sequence[Update]) -> list[Remainder]:
    """The cases that are still refuted after the updates."""
    rewritten = {id(edit.outcome) for update in done for edit in update.edits}
    remainders = []
    for outcome in outcomes:
        if outcome.status == REFUTED:
            refuted = refuted_claims(outcome)
            claims = tuple(claim for claim in refuted if not (claim.claim.kind == "value" and id(outcome) in rewritten))
            if claims or not refuted:  # without any claim it was to end with an error
                remainders.append(Remainder(outcome, claims))
    return remainders


def refuted_claims(outcome: Outcome) -> list[Comparison]:
    """The refuted claims of one case."""
    return [] if outcome.verified is None else [claim for claim in outcome.verified.claims if not claim.holds]


def rewritten(value: float, before: str) -> str:
    """A number with as many significant digits as the text that it replaces."""
    text = f"{value:#.{Digits.of(before).count}g}"
    mantissa, mark, exponent = text.partition("e")
    if mantissa.endswith(".") and "." not in before:
        mantissa = mantissa[:-1]
    return mantissa + mark + exponent


def _span(outcome: Outcome) -> tuple[int, int] | None:
    return outcome.case.expect.value_span if isinstance(outcome.case, Case) else None


def _update(file: str, outcomes: Sequence[Outcome]) -> Update:
    whole = Path(file).read_bytes().decode("utf-8")
    mark, text = whole[: whole.startswith(_BOM)], whole.removeprefix(_BOM)
    edits = tuple(_edits(file, text, outcomes))
    after = text
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        after = after[: edit.start] + edit.text + after[edit.stop :]
    return Update(file, whole, mark + after, edits)


def _edits(file: str, text: str, outcomes: Sequence[Outcome]) -> Iterator[Edit]:
    spans = [_span(outcome) for outcome in outcomes]
    for outcome, span in zip(outcomes, spans, strict=True):
        value = outcome.value
        if span is None or not isinstance(value, float) or not isfinite(value):
            continue
        claimed = next((refuted for refuted in refuted_claims(outcome) if refuted.claim.kind == "value"), None)
        if claimed is None or claimed.misfit or spans.count(span) > 1:  # an alias: other cases rely on it
            continue
        start, stop = span
        before = text[start:stop]
        quote = before[:1] if before[:1] in ("'", '"') else ""
        number = before.removeprefix(quote).removesuffix(quote)
        if not is_number(number):
            continue  # a SOURCE, or a number behind an anchor
        if float(number) != float(claimed.claim.values):
            raise DataFault(f"{file}: changed since it was read", "run the suite again")
        yield Edit(outcome, start, stop, f"{quote}{rewritten(value, number)}{quote}")
