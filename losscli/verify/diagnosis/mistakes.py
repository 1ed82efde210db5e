"""The table of mistakes: each is declared once, where its numbers are made, and registered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from losscli.schema.records import record

# How common a mistake is, S before A before B before C: lower ranks are believed first
TIERS = {"S": 0, "A": 3, "B": 6, "C": 9}
_MOST_FORMS = 3
_ANOTHER_MISTAKE = 12  # so that one rare mistake is believed before two common ones


@record
class Mistake:
    """One mistake: its identifier, a sentence about it, its cure, its rank, and the area that it is made in.

    In the table name, text and cure may hold fields such as `{option}`, which `of` fills in. `numbers` is what more
    there is to say, with numbers that would give the right value away. Mistakes of one `pool` count once for the chance
    of an accident, however many forms they have: a batch of any size is one idea. `form` is what the text says of this
    one, its number last: "batches of 32".
    """

    name: str
    text: str
    cure: str
    rank: int
    area: str
    numbers: str = ""
    pool: str = ""
    form: str = ""

    def of(self, *, later: int = 0, numbers: str = "", form: str = "", **fields: Any) -> Mistake:
        """The mistake as it was made here; `later` of two in one tier comes second."""
        fields["form"] = form
        name, text, cure = (sentence.format(**fields) for sentence in (self.name, self.text, self.cure))
        return replace(self, name=name, text=text, cure=cure, rank=self.rank + later, numbers=numbers, form=form)

    def or_as(self, other: Mistake) -> Mistake:
        """One mistake that says both forms, since these data do not tell them apart."""
        if not self.form or self.form.count(" or ") >= _MOST_FORMS:
            return self
        both = f"{self.form} or {other.form.rpartition(' ')[2]}"
        return replace(self, text=self.text.replace(self.form, both), form=both)


TABLE: dict[str, Mistake] = {}


def area(name: str) -> Callable[..., Mistake]:
    """The function that declares the mistakes of an area: their name, tier, text and cure, and how late in the tier."""

    def declare(mistake: str, tier: str, text: str, cure: str, *, later: int = 0, pooled: bool = False) -> Mistake:
        if mistake in TABLE:
            raise ValueError(f"the mistake {mistake} is declared twice: in {TABLE[mistake].area} and in {name}")
        TABLE[mistake] = Mistake(mistake, text, cure, TIERS[tier] + later, name, pool=mistake if pooled else "")
        return TABLE[mistake]

    return declare


def rank_of(mistakes: tuple[Mistake, ...]) -> int:
    """Where mistakes together stand: the fewer and the more common, the earlier."""
    return sum(mistake.rank for mistake in mistakes) + _ANOTHER_MISTAKE * max(0, len(mistakes) - 1)


def joint_name(mistakes: tuple[Mistake, ...]) -> str:
    """The identifier of mistakes that were made together."""
    return " + ".join(mistake.name for mistake in mistakes)
