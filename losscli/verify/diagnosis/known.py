"""All mistakes that the diagnosis knows, as a table: those that any loss may meet, and those of single losses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages

from losscli.schema.loss import Loss
from losscli.schema.records import record
from losscli.verify import diagnosis
from losscli.verify.diagnosis.mistakes import TABLE, TIERS

_HOW_COMMON = {"S": "very common", "A": "common", "B": "rare", "C": "very rare"}
_TIER_OF = {start // 3: tier for tier, start in TIERS.items()}
_FIELD = re.compile(r"\{(\w+)\}")
_ALL_FIELDS = re.compile(r"(?:\{\w+\})+")
_OF_A_LOSS = "loss"  # the area of what a loss declares itself


@record
class Known:
    """One mistake: `losses` that declare it themselves, empty for one of the table; `tier` in words."""

    name: str
    text: str
    cure: str
    area: str
    tier: str
    losses: tuple[str, ...] = ()


def known_mistakes(losses: Sequence[Loss]) -> list[Known]:
    """The table, area by area, then the mistakes that losses declare, those that several share once."""
    for module in walk_packages(diagnosis.__path__, f"{diagnosis.__name__}."):
        import_module(module.name)  # each declares its own
    common = [
        Known(
            _FIELD.sub(lambda field: field[1].upper(), row.name),
            _readable(row.text),
            _readable(row.cure),
            row.area,
            _HOW_COMMON[_TIER_OF[min(row.rank // 3, max(_TIER_OF))]],
        )
        for row in sorted(TABLE.values(), key=lambda row: (row.area, row.rank))
    ]
    own: dict[tuple[str, str], Known] = {}
    for loss in losses:
        for mistake in loss.mistakes:
            key = (mistake.name, mistake.text)
            tier = _HOW_COMMON[mistake.tier]
            known = own.get(key) or Known(mistake.name, mistake.text, mistake.cure, _OF_A_LOSS, tier)
            own[key] = replace(known, losses=(*known.losses, loss.name))
    return [*common, *own.values()]


def _readable(sentence: str) -> str:
    """A sentence with its fields in angle brackets; of one that is a field alone, what stands for it."""
    if _ALL_FIELDS.fullmatch(sentence):
        return "as the case is"
    glued = re.sub(r"(?<=[^\s(:])\{\w+\}(?=$|[;:,)])", "", sentence)  # an ending that only some cases have
    return _FIELD.sub(lambda field: f"<{field[1]}>", glued)
