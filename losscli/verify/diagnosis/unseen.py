"""What may make a number other than ours and cannot be seen in the files: said where no mistake explains it."""

from __future__ import annotations

import re

import numpy as np

from losscli.checks.comparison import Comparison
from losscli.request.compute import Result
from losscli.schema.settings import spelled

_OF_EVALUATION = re.compile(r"val|test|eval", re.IGNORECASE)
_TYPED = "claim"  # the source of a claim that was written, and comes from no file


def unseen(comparison: Comparison, result: Result) -> str:
    """A sentence on what these files do not hold, by the kind of claim and where it comes from.

    A function got the data themselves: there it is the step of the worst sample that helps. Empty if nothing does.
    """
    if comparison.claim.computed:
        worst = comparison.worst if comparison.claim.kind == "per_sample" else None
        sample = ",".join(map(str, worst.index)) if worst is not None else ""
        name = result.bound.loss.name
        step = f"losscli explain {name} … {spelled('sample', sample)}"
        return f"`{step}` shows each step of the worst sample" if sample else ""
    return f"not in these files, so not tried: {_causes(comparison, result)}"


def _causes(comparison: Comparison, result: Result) -> str:
    claim = comparison.claim
    if not np.isfinite(claim.values).all():
        return "weights that became infinite or nan in training, data that were nan or infinite there"
    if claim.kind == "gradient":
        return "gradient clipping, accumulation over several steps, a loss scale of mixed precision"
    if claim.kind == "per_sample" or not comparison.single:
        return "dropout and augmentation, which make other predictions of the same rows"
    if claim.source != _TYPED:
        if _OF_EVALUATION.search(claim.source):
            return "which checkpoint a log's value is of, and augmentation"
        return "weights that move during an epoch, of which a training log shows the mean; dropout; augmentation"
    larger = float(claim.values) > float(comparison.ours)
    if result.bound.penalty is None and larger:
        options = f"{spelled('l2')} with {spelled('params')}"
        return f"a penalty on the parameters ({options} adds it), dropout, augmentation"
    return "dropout, augmentation, weights that moved during the epoch"
