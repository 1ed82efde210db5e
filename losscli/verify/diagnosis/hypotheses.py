"""What a hypothesis is made of: single mistakes, each in one factor of the way from data to number."""

from __future__ import annotations

from losscli.schema.loss import Array
from losscli.schema.records import record

# How common a mistake is, S before A before B before C: lower ranks are believed first
TIERS = {"S": 0, "A": 3, "B": 6, "C": 9}
_ANOTHER_PART = 12  # so that one rare mistake is believed before two common ones


@record
class Part:
    """One mistake: its identifier, a sentence about it, its cure, and its rank.

    `numbers` is what more there is to say, with numbers that would give the right value away.
    """

    name: str
    text: str
    cure: str
    rank: int
    numbers: str = ""


@record
class Vector:
    """The losses of all units under mistakes in how one is reckoned, or under none.

    `shares` is what each adds to the denominator of a mean, None for 1; a `scalar` stands for a mistake that leaves no
    losses of single units.
    """

    parts: tuple[Part, ...]
    losses: Array
    shares: Array | None = None
    scalar: float | None = None

    @property
    def rank(self) -> int:
        return rank_of(self.parts)


@record
class Hypothesis:
    """A number, the mistakes that make it, and the losses it was reduced from."""

    value: float
    parts: tuple[Part, ...]
    vector: Vector
    rank: int

    @property
    def name(self) -> str:
        return " + ".join(part.name for part in self.parts)


def rank_of(parts: tuple[Part, ...]) -> int:
    """Where mistakes together stand: the fewer and the more common, the earlier."""
    return sum(part.rank for part in parts) + _ANOTHER_PART * max(0, len(parts) - 1)


def part(name: str, tier: str, text: str, cure: str, *, later: int = 0, numbers: str = "") -> Part:
    """A part of a tier; `later` of two in one tier comes second."""
    return Part(name, text, cure, TIERS[tier] + later, numbers)


WEIGHT_FORGOTTEN = part(
    "sample_weight_forgotten", "S", "the weights of the samples were not applied", "pass the sample weights"
)
