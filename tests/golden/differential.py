"""`python -m tests.golden.differential [--requests N] [--seed S] [LOSS …]`: random requests beside PyTorch in float64.

A request has a drawn rank, shape, reduction and options, and at most one thing that is out of the ordinary, which is
the cause that the tables count by. PyTorch computes on the same stored values in float64. Importing this needs PyTorch.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it

import losscli
from losscli.losses.catalogue import find
from tests.golden.cases import Array
from tests.golden.test_live import OF_TORCH, SPOILED, for_torch, tempered
from tests.golden.torch_answers import Answer, torch_answer
from tests.laws.drawing import Question, draw

LOSSES = tuple(loss.name for loss in OF_TORCH if hasattr(F, loss.function_name or "-"))
CLOSE = 1e-8  # relative to the largest number of the array, or of the terms
ORDINARY = 0.4  # of the requests have nothing out of the ordinary
OUTSIDE = 7  # a label of a class that is not there
Draw = np.random.Generator


@dataclass(frozen=True)
class Ended:
    """One request: what was out of the ordinary, how the two ended, and how many gradients agree, differ, or lack."""

    loss: str
    cause: str
    end: str
    detail: str = ""
    agree: int = 0
    differ: tuple[str, ...] = ()
    lacking: int = 0


# What may be out of the ordinary: each changes a question, or leaves it where it has nothing to change.


def _ordinary(question: Question, _: Draw) -> Question:
    return question


def _on_inputs(change: Callable[[Array, Draw], Array], kinds: str = "f") -> Callable[[Question, Draw], Question]:
    """Changes one input of the kind."""

    def changed(question: Question, random: Draw) -> Question:
        roles = [role for role, array in question.inputs.items() if array.dtype.kind in kinds and array.size]
        if not roles:
            return question
        role = str(random.choice(roles))
        return replace(question, inputs={**question.inputs, role: change(question.inputs[role], random)})

    return changed


def _with_one(*values: float) -> Callable[[Array, Draw], Array]:
    def changed(array: Array, random: Draw) -> Array:
        left = np.array(array)
        left.reshape(-1)[random.integers(left.size)] = random.choice(values)
        return left

    return changed


def _dtypes(question: Question, random: Draw) -> Question:
    kind, whole = random.choice(["float32", "float16"]), random.choice(["int8", "int16", "int32", "int64"])
    inputs = {role: array.astype(kind if array.dtype.kind == "f" else whole) for role, array in question.inputs.items()}
    return replace(question, inputs=inputs)


def _strides(question: Question, random: Draw) -> Question:
    def laid_out(array: Array) -> Array:
        if random.random() < 0.5 or not array.ndim:
            return np.asfortranarray(array)
        return np.ascontiguousarray(array[::-1])[::-1]

    return replace(question, inputs={role: laid_out(array) for role, array in question.inputs.items()})


def _weights(question: Question, change: Callable[[Array], Array]) -> Question:
    arrays = {name: change(np.array(v)) for name, v in question.options.items() if isinstance(v, np.ndarray) and v.size}
    return replace(question, options={**question.options, **arrays})


def _some(array: Array, random: Draw, value: Callable[[Array], Array]) -> Array:
    return np.where(random.random(array.shape) < 0.4, value(array), array)


def _labels(value: Callable[[Question], int]) -> Callable[[Question, Draw], Question]:
    def changed(question: Question, random: Draw) -> Question:
        target = question.inputs.get("target")
        if target is None or target.dtype.kind != "i":
            return question
        some = np.where(random.random(target.shape) < 0.4, value(question), target)
        return replace(question, inputs={**question.inputs, "target": some})

    return changed


def _broadcast(array: Array, random: Draw) -> Array:
    """One axis of one element, or an axis more or less."""
    axis = int(random.integers(max(array.ndim, 1)))
    if not array.ndim or random.random() < 0.3:
        return array[None]
    return array.take([0], axis) if random.random() < 0.6 else array.take(0, axis)


UNUSUAL: Mapping[str, Callable[[Question, Draw], Question]] = {
    "dtypes": _dtypes,
    "strides": _strides,
    "weights of 0": lambda q, r: _weights(q, lambda w: _some(w, r, np.zeros_like)),
    "all weights 0": lambda q, _: _weights(q, np.zeros_like),
    "negative weights": lambda q, r: _weights(q, lambda w: _some(w, r, np.negative)),
    "ignored labels": _labels(lambda q: int(q.options.get("ignore_index", -100))),
    "labels out of range": _labels(lambda _: OUTSIDE),
    "broadcast": _on_inputs(_broadcast, "fi"),
    "targets outside": lambda q, _: _targets(q),
    "NaN": _on_inputs(_with_one(np.nan)),
    "infinity": _on_inputs(_with_one(np.inf, -np.inf)),
    "1e308": _on_inputs(_with_one(1e308, -1e308)),
    "large": _on_inputs(_with_one(1e18, -1e18, 1e9, -1e30)),
    "subnormal": _on_inputs(_with_one(5e-324, -1e-310)),
    "size 0": _ordinary,  # drawn so
}


def _targets(question: Question) -> Question:
    target = question.inputs.get("target")
    if target is None or target.dtype.kind != "f":
        return question
    return replace(question, inputs={**question.inputs, "target": np.asarray(target * 2.5 - 1.25)})


def request(loss: str, random: Draw) -> tuple[Question, str, str]:
    """A question, its reduction, and what is out of the ordinary."""
    cause = "" if random.random() < ORDINARY else str(random.choice(list(UNUSUAL)))
    shape = tuple(int(n) for n in random.integers(1, 5, random.integers(0, 5)))
    if loss == "ctc" and cause == "broadcast":
        cause = ""  # PyTorch 2.13 writes beyond its arrays, and the process dies
    if cause == "size 0":
        shape = (*shape, 1)
        shape = tuple(0 if at == random.integers(len(shape)) else n for at, n in enumerate(shape))
    if loss in ("ctc", "linear_cross_entropy") and not shape:
        shape = (3,)
    known = find(loss)
    drawn = draw(known, int(random.integers(2**31)), shape)
    question = tempered(drawn[random.integers(len(drawn))])
    question = UNUSUAL.get(cause, _ordinary)(question, random)
    weight = question.options.get("weight")
    if weight is not None and not np.any(weight):
        cause = "no weight at all"  # the mean of nothing: PyTorch's gradient is nan, ours 0
    return question, str(random.choice(known.reductions)), cause or "ordinary"


def ended(loss: str, random: Draw) -> Ended:
    """Both are asked, and compared."""
    question, reduction, cause = request(loss, random)
    theirs: Answer | str
    ours: losscli.Computed | str
    wide = {
        role: array.astype(np.float64 if array.dtype.kind == "f" else np.int64)
        for role, array in question.inputs.items()
    }
    try:
        theirs = torch_answer(loss, for_torch(replace(question, inputs=wide)), question.options, reduction)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        theirs = f"{error}".splitlines()[0]
    try:
        finite = cause not in ("NaN", "infinity")
        ours = question.answer(
            reduction=reduction, gradients=True, jobs=1, nonfinite="error" if finite else "propagate"
        )
        value = np.asarray(ours.value)
    except losscli.LossError as error:
        ours = str(error).splitlines()[0]
    except Exception as error:  # a bug, whatever it is
        return Ended(loss, cause, "crash", repr(error))
    if isinstance(ours, str) or isinstance(theirs, str):
        return _refused(loss, cause, ours, theirs)
    if value.shape != theirs.value.shape or not _close(value, theirs.value, np.asarray(ours.per_sample)):
        shown = f"{question.options} {reduction}: {value!r} {theirs.value!r}"
        return Ended(loss, cause, "values differ", " ".join(shown.split())[:300])
    slopes = ours.gradients or {}
    kept = {role: slope for role, slope in theirs.gradients.items() if (loss, role) not in SPOILED}
    same = {role: _close(np.asarray(slopes[role]), slope, slope) for role, slope in kept.items() if role in slopes}
    differ = tuple(role for role, alike in same.items() if not alike)
    return Ended(loss, cause, "same", "", sum(same.values()), differ, len(kept) - len(same))


def _refused(loss: str, cause: str, ours: Any, theirs: Any) -> Ended:
    if isinstance(ours, str) and isinstance(theirs, str):
        return Ended(loss, cause, "both refuse")
    if isinstance(ours, str):
        return Ended(loss, cause, "losscli refuses", ours)
    return Ended(loss, cause, "PyTorch refuses", theirs)


def _close(ours: Array, theirs: Array, terms: Array) -> bool:
    sizes = np.abs(np.concatenate([np.ravel(theirs), np.ravel(terms)]))
    slack = CLOSE * float(sizes[np.isfinite(sizes)].max(initial=1e-300))
    return ours.shape == theirs.shape and bool(np.allclose(ours, theirs, rtol=CLOSE, atol=slack, equal_nan=True))


def of_loss(loss: str, requests: int, seed: int) -> list[Ended]:
    torch.set_num_threads(1)
    random = np.random.default_rng([seed, *loss.encode()])
    with np.errstate(all="ignore"):
        return [ended(loss, random) for _ in range(requests)]


ENDS = ("same", "both refuse", "losscli refuses", "PyTorch refuses", "values differ", "crash")


def tables(found: Sequence[Ended]) -> Iterator[str]:
    """How requests ended, in all, by what was out of the ordinary, and by loss."""
    for title, names in (("cause", ["ordinary", *UNUSUAL]), ("loss", list(dict.fromkeys(each.loss for each in found)))):
        yield _row(title, *ENDS, "gradients agree", "differ", "PyTorch's alone")
        yield _row(*["---"] * (len(ENDS) + 4))
        for name in [*names, "all"]:
            some = [each for each in found if name in (getattr(each, title), "all")]
            ends = Counter(each.end for each in some)
            gradients = sum(e.agree for e in some), sum(len(e.differ) for e in some), sum(e.lacking for e in some)
            yield _row(name, *(str(ends[end]) for end in ENDS), *map(str, gradients))
        yield ""
    yield _row("differs", "loss", "cause", "times", "for example")
    yield _row(*["---"] * 5)
    odd = [each for each in found if each.end in ("values differ", "crash") or each.differ]
    groups = Counter((",".join(each.differ) or each.end, each.loss, each.cause) for each in odd)
    for (end, loss, cause), times in groups.most_common():
        example = next(e for e in odd if (",".join(e.differ) or e.end, e.loss, e.cause) == (end, loss, cause))
        yield _row(end, loss, cause, str(times), example.detail.replace("|", "/"))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden.differential", description=__doc__)
    parser.add_argument("losses", nargs="*", metavar="LOSS", help="all 23 without")
    parser.add_argument("--requests", type=int, default=3200, help="of each loss")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    with ProcessPoolExecutor() as pool:
        asked = partial(of_loss, requests=chosen.requests, seed=chosen.seed)
        found = [each for some in pool.map(asked, chosen.losses or LOSSES) for each in some]
    sys.stdout.write("\n".join(tables(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
