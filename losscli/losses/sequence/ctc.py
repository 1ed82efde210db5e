"""Connectionist temporal classification."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import exp, inf, log
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from losscli.losses._frameworks import exact, torch
from losscli.losses.sequence._lattice import forward, lattice, occupancy
from losscli.losses.sequence._targets import Indices, counted, misfits, padded, repeats
from losscli.schema.define import define, equals
from losscli.schema.domains import COUNT, LOG, TRUTH, WHOLE, Domain
from losscli.schema.loss import Array, Constant, Option, Role, Step, Units

_LOG = Domain("a finite number or -inf", low=-inf, meaning=LOG, typical=(-4.0, 0.0), edges=(-40.0, -1e-9))
_CLASS = Domain("a class, counted from 0", low=0.0, whole=True, typical=(0, 0))


def ctc(
    log_probs: Annotated[
        Array, Role("t n? c", _LOG, "log-probabilities of the classes, a row a frame; time comes first")
    ],
    targets: Annotated[
        Array,
        Role("n? s", WHOLE, "the labels of each sample; what stands behind its length does not count"),
        Role("s", WHOLE, "the labels of all samples, one after the other"),
    ],
    input_lengths: Annotated[Array, Role("n?", COUNT, "how many frames of each sample count")],
    target_lengths: Annotated[Array, Role("n?", COUNT, "how many labels each sample has")],
    *,
    blank: Annotated[int, Option(_CLASS, "the class that stands for no label")] = 0,
    zero_infinity: Annotated[bool, Option(TRUTH, "an infinite loss counts as 0, and so does its gradient")] = False,
    before_softmax: Annotated[
        float, Constant("1: the gradient is that of the scores whose log-softmax log_probs are; 0: that of log_probs")
    ] = 1.0,
) -> Units:
    """Negative log-likelihood of a sequence of labels, summed over all its alignments with the frames.

    Use: speech and handwriting, where the labels and their order are known, but not when each of them comes.
    Formula: -log Σ_π Π_t exp(log_probs[t, π_t]), over all paths π of one class a frame that become the target when
    runs of one class are merged and blanks are left out, in nats.
    Inputs: log_probs (T, N, C), or (T, C) for one sample; targets (N, S), or all end to end; two lengths a sample.
    The mean divides each loss by its target length, or 1 if that is 0, and then by the number of samples.
    Gradient: with p[t, c] the probability, given the target, that the path has class c at frame t: in the convention
    torch exp(log_probs) - p, which PyTorch returns for log_probs though it is the gradient with respect to the scores
    before their log_softmax; in the convention exact -p, the derivative with respect to log_probs. 0 beyond a
    sample's frames; NaN for an infinite loss, as in PyTorch.
    Accuracy: the loss is good to 2 ulps of itself or of 1, the larger of both, up to T = 1000 and in scores as large as
    1e5; a relative error below that would take exponentials of more than 53 bits where many paths together are nearly
    certain. p gathers the roundings of all frames: 4 ulps at T = 6, up to 8 at T = 20, and some 60 of even its smallest
    entries at T = 1000, or 6e-15 of 1.
    Relations: that of frames and labels in reverse; the sum of nll over the frames, where a target has as many labels
    as frames and none twice in a row, or none at all.
    Pitfalls: log_probs need a log_softmax over classes, which torch does not apply, while keras.losses.CTC and
    optax.ctc_loss take scores and apply it; batch-first scores (N, T, C) are to be transposed; Keras' mean divides by
    the number of samples alone; the blank is the first class here, in other programs often the last; too few frames
    for the labels, and one more for each repeated label, give inf, which optax replaces by some 1e5.
    Source: torch.nn.functional.ctc_loss; A. Graves et al., ICML 2006.
    """
    frames, lengths = input_lengths.astype(np.intp), target_lengths.astype(np.intp)
    labels = padded(targets, lengths)
    paths = lattice(labels, lengths, frames, blank)
    rows = np.arange(len(lengths))[:, None]
    reached = forward(paths, log_probs[:, rows, paths.states])
    value = -reached.log_likelihood
    endless = value == inf
    notes = tuple(_impossible(labels, lengths, frames, endless, zero_infinity))

    def pullback(up: Array) -> dict[str, Array]:
        occupied = occupancy(paths, reached)
        posterior = np.zeros(log_probs.shape)
        posterior[:, :, blank] = occupied[:, :, ::2].sum(axis=2)
        for at, column in enumerate(labels.T):
            posterior[:, rows[:, 0], column] += occupied[:, :, 2 * at + 1]
        going = np.arange(len(log_probs))[:, None] < frames
        given = np.where(going[:, :, None], np.exp(log_probs), 0.0) if before_softmax else 0.0
        gradient = (given - posterior) * up[:, None]
        gradient[:, endless] = 0.0
        if not zero_infinity:
            gradient[going & endless & (up != 0.0)] = np.nan
        return {"log_probs": gradient}

    return Units(np.where(endless, 0.0, value) if zero_infinity else value, pullback, notes)


def _impossible(
    labels: Indices, lengths: Indices, frames: Indices, endless: NDArray[np.bool_], zero_infinity: bool
) -> Iterator[str]:
    """Why losses are infinite: a sentence for each reason, about the first sample that has it."""
    needed = lengths + repeats(labels, lengths)
    short = needed > frames
    counted = ", counted as 0" if zero_infinity else ""
    for which, reason in (
        (endless & short, "its labels and the blanks between equal ones need {needed} frames, and it has {frames}"),
        (endless & ~short, "the log-probabilities of every alignment add up to -inf"),
    ):
        count = int(which.sum())
        if count:
            at = int(which.argmax())
            cause = reason.format(needed=needed[at], frames=frames[at])
            more = f" (as are {count - 1} more for such a reason)" if count > 1 else ""
            yield f"the loss of sample {at} is infinite{counted}{more}: {cause}"


def _steps(
    log_probs: Array,
    targets: Array,
    input_lengths: Array,
    target_lengths: Array,
    blank: int,
    zero_infinity: bool,
    at: int,
) -> Iterator[Step]:
    labels = padded(targets, target_lengths.astype(np.intp))[at, : int(target_lengths[at])].tolist()
    frames = int(input_lengths[at])
    states = [blank, *chain.from_iterable((label, blank) for label in labels)]
    yield Step("states", "a blank before, between and behind the labels", states)
    reached = [0.0] + [-inf] * (len(states) - 1)
    for frame in range(frames):
        reached = [
            _log_sum(_ways(reached, states, state, blank)) + float(log_probs[frame, at, states[state]])
            for state in range(len(states))
        ]
        if frame in (0, 1, frames - 1):
            formula = "log Σ exp(here, one before, or two before over a blank) + log_probs[t, state]"
            yield Step(f"log-probability of reaching each state at frame {frame}", formula, reached)
    likelihood = _log_sum(reached[-2:])
    yield Step("log-likelihood", "log Σ exp of the last two states", likelihood)
    if zero_infinity and likelihood == -inf:
        yield Step("loss", "0 in place of infinity", 0.0)
    else:
        yield Step("loss", "-log-likelihood", -likelihood)


def _ways(reached: list[float], states: list[int], state: int, blank: int) -> list[float]:
    ways = reached[max(state - 1, 0) : state + 1]
    if state > 1 and states[state] not in (blank, states[state - 2]):
        ways.append(reached[state - 2])
    return ways


def _log_sum(logs: list[float]) -> float:
    largest = max(logs)
    return largest if largest == -inf else largest + log(sum(exp(log_term - largest) for log_term in logs))


def _batch(targets: Array, input_lengths: Array, target_lengths: Array) -> tuple[Indices, Indices, Indices]:
    """Padded labels and both lengths of inputs as they were given, one sample without its axis among them."""
    frames, lengths = (np.atleast_1d(counts).astype(np.intp) for counts in (input_lengths, target_lengths))
    return padded(targets, lengths), frames, lengths


def _mirrored(
    log_probs: Array, targets: Array, input_lengths: Array, target_lengths: Array, **options: Any
) -> dict[str, Any]:
    labels, frames, lengths = _batch(targets, input_lengths, target_lengths)
    batch = np.array(log_probs).reshape(len(log_probs), -1, log_probs.shape[-1])
    for sample in range(len(lengths)):
        batch[: frames[sample], sample] = batch[: frames[sample], sample][::-1]
        labels[sample, : lengths[sample]] = labels[sample, : lengths[sample]][::-1]
    return {
        "log_probs": batch.reshape(log_probs.shape),
        "targets": labels if log_probs.ndim > 2 else labels[0],
        "input_lengths": input_lengths,
        "target_lengths": target_lengths,
        **options,
    }


def _as_nll(
    log_probs: Array, targets: Array, input_lengths: Array, target_lengths: Array, blank: int, **_: Any
) -> dict[str, Any]:
    """The frames of all samples below each other, with their labels, or blanks."""
    labels, frames, lengths = _batch(targets, input_lengths, target_lengths)
    batch = np.moveaxis(np.reshape(log_probs, (len(log_probs), -1, log_probs.shape[-1])), 0, 1)
    rows = batch[np.arange(batch.shape[1]) < frames[:, None]]
    target = labels[np.arange(labels.shape[1]) < lengths[:, None]] if lengths.any() else np.full(len(rows), blank)
    return {"input": rows, "target": target}


def _a_frame_a_label(targets: Array, input_lengths: Array, target_lengths: Array, **_: Any) -> bool:
    labels, frames, lengths = _batch(targets, input_lengths, target_lengths)
    return bool(lengths.any()) and np.array_equal(frames, lengths) and not repeats(labels, lengths).any()


LOSS = define(
    ctc,
    kind="sequence",
    unit="nats",
    class_name="CTCLoss",
    function_name="ctc_loss",
    conventions=(
        torch(
            "CTCLoss",
            "ctc_loss",
            does="the gradient is that of the scores before log_softmax",
            gradient="the gradient is that of the scores before log_softmax, as in PyTorch; "
            "the convention exact has that of log_probs",
        ),
        exact("the gradient is that of log_probs", before_softmax=0.0),
    ),
    relations=(
        equals("CTC reads the same backwards: frames and targets in reverse", "ctc", _mirrored),
        equals(
            "Σ CTC = Σ NLL(log_probs[t], targets[t])",
            "nll",
            _as_nll,
            when=_a_frame_a_label,
            condition="as many labels as frames, none twice in a row",
            reduced=("sum", "sum"),
        ),
        equals(
            "Σ CTC = Σ NLL(log_probs[t], blank)",
            "nll",
            _as_nll,
            when="all(target_lengths == 0)",
            condition="no labels",
            reduced=("sum", "sum"),
        ),
    ),
    divisor=lambda target_lengths: np.maximum(target_lengths, 1.0),
    check=misfits,
    counted=counted,
    steps=_steps,
    example=(
        "[[-0.36,-1.61,-2.30],[-1.20,-0.51,-2.30],[-0.69,-1.20,-1.61]]",
        "[1]",
        "3",
        "1",
    ),
    units="n",
)
