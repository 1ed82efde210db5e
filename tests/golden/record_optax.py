"""Records optax' answers in optax.json, next to this file.

    python -m tests.golden.record_optax

Needs optax, and nothing of losscli. It never reduces; gradients are JAX's, of the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from tests.golden.framework_questions import questions
from tests.golden.frameworks import Answer, Asked, write


@dataclass(frozen=True)
class Way:
    """How optax is asked: its function, its names for options, and losscli's word for how that reduces."""

    name: str | Callable[[Asked], str | None]
    words: Mapping[str, str] = field(default_factory=dict)
    reduction: str = "none"
    prepared: Callable[..., tuple[Any, ...]] = lambda **arrays: tuple(arrays.values())


def _softmax(asked: Asked) -> str | None:
    if asked.options:
        return None
    soft = asked.inputs["target"].ndim > 1
    return "softmax_cross_entropy" if soft else "softmax_cross_entropy_with_integer_labels"


def _pairs(anchor: Any, positive: Any) -> tuple[Any, ...]:
    """Both views of every sample in one array, with the sample's number as the label."""
    return jnp.concatenate([anchor, positive]), jnp.tile(jnp.arange(len(anchor)), 2)


WAYS: dict[str, Way] = {
    "mse": Way("squared_error"),
    "huber": Way("huber_loss"),
    "log_cosh": Way("log_cosh"),
    "bce_with_logits": Way("sigmoid_binary_cross_entropy"),
    "sigmoid_focal": Way("sigmoid_focal_loss"),
    "hinge": Way("hinge_loss"),
    "cross_entropy": Way(_softmax),
    "kl_div": Way("kl_divergence", reduction="batchmean"),
    "cosine_similarity": Way("cosine_similarity"),
    "triplet_margin": Way("triplet_margin_loss", {"p": "norm_degree"}),
    "info_nce": Way("ntxent", reduction="mean", prepared=_pairs),
}


def answers(asked: Asked) -> Iterator[Answer]:
    way = WAYS[asked.loss]
    name = way.name if isinstance(way.name, str) else way.name(asked)
    if name is None or asked.sample_weight is not None:
        return
    options = {way.words.get(option, option): value for option, value in asked.options.items()}
    arrays = {role: jnp.asarray(array) for role, array in asked.inputs.items()}

    def loss(smooth: dict[str, Any]) -> Any:
        found = getattr(optax.losses, name)(*way.prepared(**{**arrays, **smooth}), **options)
        return found.mean() if way.reduction == "batchmean" else found

    smooth = {role: array for role, array in arrays.items() if array.dtype.kind == "f"}
    slopes = jax.grad(lambda values: loss(values).sum())(smooth)
    arguments = "".join(f", {option}={given!r}" for option, given in options.items())
    yield Answer(
        f"optax.losses.{name}({', '.join(arrays)}{arguments})",
        way.reduction,
        np.asarray(loss({})),
        {role: np.asarray(slope) for role, slope in slopes.items()},
    )


def answered() -> Iterator[tuple[Asked, list[Answer]]]:
    """Every question with its answers."""
    jax.config.update("jax_enable_x64", True)
    for loss in WAYS:
        for asked in questions(loss):
            yield asked, list(answers(asked))


if __name__ == "__main__":
    write("optax", {"optax": optax.__version__, "jax": jax.__version__}, answered())
