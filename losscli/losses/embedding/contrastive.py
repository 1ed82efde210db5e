"""The contrastive loss."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._inputs import Vectors
from losscli.numerics.double_double import two_sum
from losscli.numerics.norms import norm
from losscli.schema.define import define, equals
from losscli.schema.domains import POSITIVE, REAL, Domain
from losscli.schema.loss import Array, Option, Role, Units

_ALIKE = Domain("0 or 1", only=(0.0, 1.0))


def contrastive(
    input1: Vectors,
    input2: Annotated[Array, Role("u d", REAL, "vectors to compare them with")],
    target: Annotated[Array, Role("u", _ALIKE, "1 for a pair that belongs together, 0 for one that does not")],
    *,
    margin: Annotated[float, Option(POSITIVE, "the distance from which on a pair apart costs nothing")] = 1.0,
) -> Units:
    """Pulls pairs that belong together to one point, and pushes the others at least the margin apart.

    Use: learning embeddings from pairs that are known to be alike or not, as in signature or face verification.
    Formula: d²/2 if target = 1, max(0, margin - d)²/2 if target = 0, with d = ‖input1 - input2‖₂.
    Inputs: two arrays (N, D) and labels (N), or one pair (D) and one label; the margin has the unit of the vectors, the
    loss its square.
    Gradient: input1 - input2 if target = 1; -(margin - d) (input1 - input2) / d up to the margin if target = 0, and 0
    at d = 0, where that has no direction.
    Relations: of pairs alike D/2 times their mse.
    Pitfalls: in the paper Y = 0 is the pair that belongs together, here and in most code it is 1;
    some code leaves the halves out, which doubles it, and some squares neither term;
    target -1 is not a pair apart: that is cosine_embedding's and hinge_embedding's label.
    Source: R. Hadsell, S. Chopra, Y. LeCun, CVPR 2006, with the label reversed. PyTorch, Keras and optax have none.
    """
    length, direction = norm(two_sum(input1, -input2), 2.0)
    distance = length.high
    missing = np.maximum((-length + margin).high, 0.0)
    alike = target == 1.0

    def pullback(up: Array) -> dict[str, Array]:
        gradient = direction() * (np.where(alike, distance, -missing) * up)[:, None]
        return {"input1": gradient, "input2": -gradient}

    return Units(0.5 * np.where(alike, distance, missing) ** 2, pullback)


def _kinks(input1: Array, input2: Array, target: Array) -> NDArray[np.bool_]:
    kinks: NDArray[np.bool_] = (input1 == input2).all(axis=1) & (target == 0.0)
    return kinks


def _as_mse(input1: Array, input2: Array, target: Array, margin: float) -> dict[str, Any]:
    alike = np.equal(target, 1)[..., None]
    return {"input": np.where(alike, input1, 0.0), "target": np.where(alike, input2, 0.0)}


def _of_pairs_apart(input1: Array, input2: Array, target: Array, margin: float) -> float:
    distance = np.linalg.norm(input1 - input2, axis=-1)
    return float(np.sum(np.where(np.equal(target, 1), 0.0, np.maximum(margin - distance, 0.0) ** 2 / 2.0)))


LOSS = define(
    contrastive,
    kind="embedding",
    aliases=("ContrastiveLoss",),
    relations=(
        equals(
            "Contrastive = MSE of the pairs alike / 2 + Σ max(0, margin - d)² / 2 of the others, all as sums",
            "mse",
            _as_mse,
            times=0.5,
            plus=_of_pairs_apart,
            reduced=("sum", "sum"),
        ),
    ),
    kinks=_kinks,
    lines=(
        "difference = input1 - input2",
        "distance = sqrt(sum(difference ** 2))",
        "loss = distance ** 2 / 2, if target == 1",
        "missing = max(0, margin - distance), if target == 0",
        "loss = missing ** 2 / 2, if target == 0",
    ),
    example=("[[0,0],[0,0]]", "[[3,4],[0.3,0.4]]", "[1,0]"),
)
