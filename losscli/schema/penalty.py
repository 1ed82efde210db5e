"""What regularisation adds to a loss, as a bound request carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from losscli.schema.data import Data
from losscli.schema.records import record
from losscli.schema.settings import spelled


@record
class Penalty:
    """The parameters of a model that are held small, and how strongly.

    `left_out` are arrays that are not, the biases. `half` says whether the squares count half, as in most
    textbooks and in weight decay; Keras counts them whole.
    """

    l1: float
    l2: float
    arrays: Mapping[str, Data]
    left_out: Mapping[str, Data] = field(default_factory=dict)
    half: bool = True

    @property
    def decay(self) -> float:
        """The slope of the squares' part, by w: the weight decay that makes the same step of gradient descent."""
        return self.l2 if self.half else 2.0 * self.l2

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about it."""
        if not self.left_out:
            return ()
        return (
            f"biases are not penalised: {', '.join(self.left_out)} ({spelled('penalize_bias', True)} takes them in)",
        )
