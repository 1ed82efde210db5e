"""Wrong values of cross_entropy of sequences: padding, shifts and the order of the axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.verify.public.making import Data, nll, one_hot, softmax, value


def _tokens(d: Data, scores: Any = None, labels: Any = None) -> tuple[Any, Any]:
    """-log softmax of each label (N, L), and which count."""
    scores, labels = (d.input if scores is None else scores), (d.target if labels is None else labels)
    rows = np.moveaxis(scores, 1, 2).reshape(-1, d.c)
    return nll(rows, np.maximum(labels, 0).ravel()).reshape(labels.shape), labels >= 0


@value("cross_entropy/sequences", "reshaped_not_permuted", "GitHub, weirme/FCSN#32: view in place of permute")
def view_for_permute(d: Data) -> Any:
    """The class axis was moved to the end with view, which cuts the numbers into other rows."""
    losses = nll(d.input.reshape(-1, d.c), np.maximum(d.target, 0).ravel())
    return losses[d.target.ravel() >= 0].mean()


@value(
    "cross_entropy/sequences",
    "mean_of_sample_means|mean_of_sentence_means|mean_of_batch_means",
    "GitHub, meta-pytorch/torcheval#154",
)
def mean_of_sentences(d: Data) -> Any:
    """The mean of each sentence was taken, then the mean of these: short sentences count as much as long ones."""
    losses, used = _tokens(d)
    return ((losses * used).sum(axis=1) / used.sum(axis=1)).mean()


@value("cross_entropy/sequences", "ignored_counted", "GitHub, ufal/neuralmonkey#806: Fix computation of perplexity")
def padding_in_the_mean(d: Data) -> Any:
    """Padding adds no loss, but was counted when the mean was taken."""
    losses, used = _tokens(d)
    return (losses * used).mean()


@value(
    "cross_entropy/sequences",
    "divided_by_samples|batchmean_for_mean",
    "GitHub, ml-explore/mlx-lm#1413: sum over the tokens of a sentence",
)
def tokens_added(d: Data) -> Any:
    """The tokens were added up, and the sum divided by the number of sentences."""
    losses, used = _tokens(d)
    return (losses * used).sum() / len(losses)


@value("cross_entropy/sequences", "shifted_*", "GitHub, karpathy/llm.c#799: labels shifted a second time")
def shifted_twice(d: Data) -> Any:
    """The scores of each position were compared with the next label, though the labels were shifted already."""
    losses, used = _tokens(d, d.input[:, :, :-1], d.target[:, 1:])
    return losses[used].mean()


@value(
    "cross_entropy/sequences", "mean_of_batch_means", "GitHub, huggingface/transformers#39241: depends on batch size"
)
def trainer_batches(d: Data) -> Any:
    """The token means of batches of 2 sentences were averaged, though their tokens are not equally many."""
    losses, used = _tokens(d)
    starts = range(0, len(losses), 2)
    return np.mean([losses[at : at + 2][used[at : at + 2]].mean() for at in starts])


@value(
    "cross_entropy/sequences", "softmax_over_last_axis", "GitHub, d2l-en#2274: softmax over the last axis of (N, C, L)"
)
def softmax_over_positions(d: Data) -> Any:
    """Softmax went over the positions, not over the classes."""
    logs = np.log(softmax(d.input, 2))
    losses = -(logs * one_hot(np.maximum(d.target, 0), d.c).transpose(0, 2, 1)).sum(axis=1)
    return losses[d.target >= 0].mean()


@value(
    "cross_entropy/sequences",
    "divided_by_unshifted_count|trainer_eval_loss",
    "GitHub, huggingface/transformers#39241: Eval loss depends on batch size",
)
def trainer_eval_loss(d: Data) -> Any:
    """Batches of 2 were divided by the number of labels before the shift, one more a sentence, and then averaged."""
    losses, used = _tokens(d)
    starts = range(0, len(losses), 2)
    sums = [(losses[at : at + 2] * used[at : at + 2]).sum() for at in starts]
    counts = [used[at : at + 2].sum() + len(used[at : at + 2]) for at in starts]
    rows = [len(used[at : at + 2]) for at in starts]
    return sum(row * total / count for row, total, count in zip(rows, sums, counts, strict=True)) / len(losses)


@value("cross_entropy/sequences", "mean_of_exp|mean_of_sample_perplexities", "GitHub, macournoyer/neuralconvo#67")
def perplexities_of_sentences(d: Data) -> Any:
    """The perplexity of each sentence was taken, then their mean."""
    losses, used = _tokens(d)
    return np.exp((losses * used).sum(axis=1) / used.sum(axis=1)).mean()


@value("cross_entropy/sequences", "labels_dropped|padding_not_ignored", "GitHub, axolotl#3988: stop scoring padding")
def padding_scored(d: Data) -> Any:
    """Padding was scored as if it were the class 0."""
    return _tokens(d)[0].mean()
