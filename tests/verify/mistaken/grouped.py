"""Losses averaged in groups: batches, processes, sentences, pictures, classes; rows weighed or left out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from tests.verify.mistaken.making import (
    Array,
    Draw,
    Made,
    answers,
    binary,
    classes,
    errors,
    mistake,
    sequences,
    token_losses,
)

Ends = list[tuple[int, int]]


def squares(draw: Draw, n: int = 70) -> tuple[Array, dict[str, Array]]:
    p, t = errors(draw, n)
    return (p - t) ** 2, {"input": p, "target": t}


def cut(n: int, size: int) -> Ends:
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def _batches(name: str, claim: Callable[[list[Array]], float], size: int = 32) -> None:
    @mistake("M10", name)
    def of_batches(draw: Draw) -> Made:
        losses, named = squares(draw)
        return Made("mse", named, float(claim([losses[start:stop] for start, stop in cut(70, size)])))


_batches("last_batch", lambda parts: parts[-1].mean())
_batches("last_batch_dropped", lambda parts: np.concatenate(parts[:-1]).mean())
_batches("batches_rounded_down", lambda parts: sum(part.mean() for part in parts) / 2)
_batches("mean_of_batch_sums", lambda parts: np.mean([part.sum() for part in parts]))
_batches("last_batch_as_full", lambda parts: np.mean([part.sum() / 32 for part in parts]))
_batches("multiplied_by_batch_size", lambda parts: np.concatenate(parts).mean() * 32)
_batches("sum_divided_by_64", lambda parts: np.concatenate(parts).sum() / 64)
_batches("divided_by_4", lambda parts: np.concatenate(parts).mean() / 4)


@mistake("M13", "mean_of_batch_perplexities")
def perplexities_of_batches(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False)
    losses = c.picked(c.nll)
    return c.made(np.mean([np.exp(losses[start:stop].mean()) for start, stop in cut(len(losses), 4)]))


@mistake("M10", "mean_of_rank_means")
def dealt_out(draw: Draw) -> Made:
    losses, named = squares(draw)
    return Made("mse", named, float(np.mean([losses[rank::8].mean() for rank in range(8)])))


@mistake("M10", "mean_of_piece_means")
def divided_into_pieces(draw: Draw) -> Made:
    losses, named = squares(draw)
    ends = [0, 18, 36, 53, 70]
    return Made("mse", named, float(np.mean([losses[a:b].mean() for a, b in pairwise(ends)])))


@mistake("M10", "rows_repeated")
def rows_repeated(draw: Draw) -> Made:
    losses, named = squares(draw)
    return Made("mse", named, float((losses.sum() + losses[:2].sum()) / 72))


def _tokens(name: str, claim: Callable[[Array, Array], float]) -> None:
    @mistake("M11", name)
    def of_tokens(draw: Draw) -> Made:
        scores, labels, losses = sequences(draw)
        return Made("cross_entropy", {"input": scores, "target": labels}, float(claim(losses, labels >= 0)))


def _by_sentences(losses: Array, used: Array, more: int) -> float:
    total = 0.0
    for start, stop in cut(len(losses), 2):
        rows = stop - start
        total += rows * losses[start:stop].sum() / (used[start:stop].sum() + more * rows)
    return total / len(losses)


_tokens("mean_of_column_means", lambda losses, used: (losses.sum(axis=0) / used.sum(axis=0)).mean())
_tokens("mean_of_sample_perplexities", lambda losses, used: np.exp(losses.sum(axis=1) / used.sum(axis=1)).mean())
_tokens("trainer_eval_loss", lambda losses, used: _by_sentences(losses, used, 1))


@mistake("M11", "batch_means_by_samples")
def token_means_by_sentences(draw: Draw) -> Made:
    scores, labels, losses = sequences(draw)
    scores, labels, losses = (each[: len(each) // 2 * 2 - 1] for each in (scores, labels, losses))  # a short last batch
    claim = _by_sentences(losses, labels >= 0, 0)
    return Made("cross_entropy", {"input": scores, "target": labels}, claim)


@mistake("M09", "mean_of_class_means|class_weights")
def class_means(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made(np.mean([c.picked(c.nll)[c.labels == label].mean() for label in np.unique(c.labels)]))


@mistake("M09", "sum_of_class_means")
def class_means_added(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made(sum(c.picked(c.nll)[c.labels == label].mean() for label in np.unique(c.labels)))


@mistake("M28", "class_weights_root")
def root_weights(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    weights = 1 / np.sqrt(np.bincount(c.labels)[c.labels])
    return c.made((weights * c.picked(c.nll)).sum() / weights.sum())


@mistake("M53", "divided_by_class_weights")
def by_the_class_weights(draw: Draw) -> Made:
    c = classes(draw, weights=True, ignored=False, least=3)
    return c.made((c.weights * c.picked(c.nll)).sum() / c.weight.sum())


@mistake("M13", "sum_of_exp")
def perplexities_added(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made(np.exp(c.picked(c.nll)).sum())


@mistake("M28", "class_weights_inverse")
def inverse_counts(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made((c.picked(c.nll) / np.bincount(c.labels)[c.labels]).mean())


@mistake("M12", "ignore_index_0")
def background_left_out(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made(c.picked(c.nll)[c.labels != 0].mean())


@mistake("M12", "padding_not_ignored")
def padding_scored(draw: Draw) -> Made:
    scores, labels, _ = sequences(draw)
    losses = token_losses(scores, np.maximum(labels, 0))
    return Made("cross_entropy", {"input": scores, "target": labels}, float(losses.mean()))


@mistake("M12", "class_0_costs_nothing")
def background_for_nothing(draw: Draw) -> Made:
    c = classes(draw, weights=False, ignored=False, least=3)
    return c.made((c.picked(c.nll) * (c.labels != 0)).mean())


def _answered(number: str, name: str, claim: Callable[[Array, Array], float]) -> None:
    @mistake(number, name)
    def answered(draw: Draw) -> Made:
        p, t = answers(draw, scores=False)
        return Made("bce", {"input": p, "target": t}, float(claim(binary(p, t), t)))


_answered("M30", "pos_weight_3", lambda b, t: (b * np.where(t == 1, 3.0, 1.0)).mean())
_answered("M30", "pos_weight_of_counts", lambda b, t: (b * np.where(t == 1, (1 - t).sum() / t.sum(), 1)).mean())
_answered("M46", "positives_only", lambda b, t: b[t == 1].mean())
_answered("M46", "negatives_only", lambda b, t: b[t == 0].mean())
_answered("M46", "negatives_cost_nothing", lambda b, t: (b * t).mean())
_answered("M28", "class_weights", lambda b, t: (b[t == 1].mean() + b[t == 0].mean()) / 2)


def _with_zeros(name: str, claim: Callable[[Array, Array], float]) -> None:
    @mistake("M12", name)
    def of_zeros(draw: Draw) -> Made:
        p, t = errors(draw)
        t[2:5] = 0.0
        return Made("l1", {"input": p, "target": t}, float(claim(np.abs(p - t), t != 0)))


_with_zeros("zero_targets_left_out", lambda losses, used: losses[used].mean())
_with_zeros("zero_targets_cost_nothing", lambda losses, used: (losses * used).mean())


def _of_errors(name: str, claim: Callable[[Array, Array], float], loss: str = "l1") -> None:
    @mistake("M55", name)
    def of_errors(draw: Draw) -> Made:
        p, t = errors(draw)
        return Made(loss, {"input": p, "target": t}, float(claim(p - t, t)))


_of_errors("median_for_mean", lambda e, _: np.median(np.abs(e)))
_of_errors("variance_of_losses", lambda e, _: np.abs(e).var())
_of_errors("deviation_of_losses", lambda e, _: np.abs(e).std())
_of_errors("variance_for_mean", lambda e, _: e.var(), "mse")
_of_errors("deviation_for_root", lambda e, _: e.std(), "rmse")
_of_errors("mean_error", lambda e, _: e.mean())
_of_errors("normalised_by_range", lambda e, t: np.abs(e).mean() / np.ptp(t))
_of_errors("root_of_sum", lambda e, _: np.sqrt((e**2).sum()), "rmse")
_of_errors("divided_outside_the_root", lambda e, _: np.sqrt((e**2).sum()) / len(e), "rmse")


def _roots(name: str, claim: Callable[[Array, Array], float]) -> None:
    @mistake("M15", name)
    def of_roots(draw: Draw) -> Made:
        losses, named = squares(draw)
        ends = cut(70, 32)
        roots = np.array([np.sqrt(losses[start:stop].mean()) for start, stop in ends])
        return Made("rmse", named, float(claim(roots, np.array([stop - start for start, stop in ends]))))


_roots("mean_of_batch_losses", lambda roots, _: roots.mean())
_roots("batch_losses_by_size", lambda roots, sizes: (roots * sizes).sum() / 70)
_roots("sum_of_batch_losses", lambda roots, _: roots.sum())
_roots("batch_losses_over_samples", lambda roots, _: roots.sum() / 70)
_roots("last_batch_loss", lambda roots, _: roots[-1])


def _pictures(name: str, claim: Callable[[Array], float]) -> None:
    @mistake("M15", name)
    def of_pictures(draw: Draw) -> Made:
        p, t = draw.uniform(0.05, 0.95, (6, 4, 4)), (draw.random((6, 4, 4)) < 0.4).astype(float)
        sums = [each.sum(axis=(1, 2)) for each in (p * t, p, t)]
        return Made("dice", {"input": p, "target": t}, float(claim(1 - 2 * sums[0] / (sums[1] + sums[2]))))


_pictures("mean_of_samples", lambda losses: losses.mean())
_pictures("sum_of_samples", lambda losses: losses.sum())


def _windows(name: str, ends: list[int]) -> None:
    @mistake("M10", name)
    def of_windows(draw: Draw) -> Made:
        losses, named = squares(draw, ends[-1])
        return Made("mse", named, float(np.mean([losses[a:b].mean() for a, b in pairwise(ends)])))


_windows("mean_of_window_means", [0, 38, 70])
_windows("mean_of_two_means", [0, 1, 5])
_tokens("divided_by_unshifted_count", lambda losses, used: losses.sum() / (used.sum() + len(used)))


def _short_last(name: str, claim: Callable[[Array, Array], float]) -> None:
    @mistake("M11", name)
    def of_batches_of_two(draw: Draw) -> Made:
        scores, labels, losses = (each[:3] for each in sequences(draw))
        claims = [claim(losses[start:stop], labels[start:stop] >= 0) for start, stop in cut(3, 2)]
        return Made("cross_entropy", {"input": scores, "target": labels}, float(np.mean(claims)))


_short_last("mean_of_unshifted_means", lambda losses, used: losses.sum() / (used.sum() + len(used)))
_short_last("mean_of_padded_means", lambda losses, _: losses.mean())


def _aligned(logs: Array, labels: Array) -> float:
    """-log of the probabilities of all paths of a class a frame that merge into the labels; 0 is the blank."""
    total = 0.0
    for path in np.ndindex(*[logs.shape[1]] * len(logs)):
        merged = [c for at, c in enumerate(path) if c and (not at or path[at - 1] != c)]
        if merged == labels.tolist():
            total += np.exp(logs[np.arange(len(logs)), path].sum())
    return float(-np.log(total))


def _alignments(name: str, claim: Callable[[Array], float]) -> None:
    @mistake("M57", name)
    def of_alignments(draw: Draw) -> Made:
        scores, frames = draw.normal(size=(5, 3, 3)), [5, 3, 4]
        labels = [np.array([1, 2]), np.array([2]), np.array([1, 2])]
        logs = scores - np.log(np.exp(scores).sum(axis=2, keepdims=True))
        given = scores if name == "log_softmax_left_out" else logs
        inputs = {
            "log_probs": given,
            "targets": np.concatenate(labels),
            "input_lengths": np.array(frames),
            "target_lengths": np.array([2, 1, 2]),
        }
        losses = [
            _aligned(logs[: 5 if name == "input_lengths_ignored" else frames[at], at], labels[at]) for at in range(3)
        ]
        return Made("ctc", inputs, float(claim(np.array(losses))))


_LENGTHS = np.array([2, 1, 2])
_alignments("not_divided_by_lengths", lambda losses: losses.mean())
_alignments("divided_by_lengths", lambda losses: losses.sum() / 5)
_alignments("input_lengths_ignored", lambda losses: (losses / _LENGTHS).mean())
_alignments("log_softmax_left_out", lambda losses: (losses / _LENGTHS).mean())
