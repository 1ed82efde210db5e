"""The mistakes that the diagnosis knows, as a report."""

from __future__ import annotations

from collections.abc import Sequence

from losscli.report.report import Column, Report, rows_document, table_of, words_table
from losscli.verify.diagnosis.known import Known

_HEADER = ("name", "text", "cure", "area", "tier", "losses")
_COLUMNS = (
    Column("mistake", left=True, strong=True, wraps=True),
    Column("what was done", left=True, wraps=True),
    Column("cure", left=True, wraps=True),
    Column("area", left=True),
    Column("how common", left=True, wraps=True),
)


def report(mistakes: Sequence[Known]) -> Report:
    """A row per mistake."""
    shown = [(each.name, each.text, each.cure, ", ".join(each.losses) or each.area, each.tier) for each in mistakes]
    rows = [(each.name, each.text, each.cure, each.area, each.tier, ", ".join(each.losses)) for each in mistakes]
    return Report(((table_of(_COLUMNS, shown),),), rows_document(map(_object, mistakes)), words_table(_HEADER, rows))


def with_words(mistakes: Sequence[Known], words: Sequence[str], losses: Sequence[str]) -> list[Known]:
    """The mistakes that have all the words in a field, and those that the losses declare that the words chose.

    Of losses that declare none, those that any loss may meet.
    """
    chosen = {*losses} if words else set()

    def fits(each: Known) -> bool:
        text = "\n".join((each.name, each.text, each.cure, each.area, each.tier, *each.losses)).lower()
        return bool(chosen.intersection(each.losses)) or all(word.lower() in text for word in words)

    found = [each for each in mistakes if fits(each)]
    return found or [each for each in mistakes if chosen and not each.losses]


def _object(each: Known) -> dict[str, object]:
    return {
        "name": each.name,
        "text": each.text,
        "cure": each.cure,
        "area": each.area,
        "tier": each.tier,
        "losses": list(each.losses),
    }
