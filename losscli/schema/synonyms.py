"""The words people use for PyTorch's argument names. Accepted on input, never printed."""

from __future__ import annotations

from collections.abc import Sequence

_TRUTH = (
    "y",
    "y_true",
    "y_test",
    "true",
    "label",
    "labels",
    "label_ids",
    "actual",
    "expected",
    "observed",
    "truth",
    "ground_truth",
    "gt",
)
_SYNONYMS = {
    "input": (
        "pred",
        "preds",
        "prediction",
        "predictions",
        "predicted",
        "y_pred",
        "yhat",
        "y_hat",
        "y_prob",
        "y_score",
        "logit",
        "logits",
        "scores",
        "prob",
        "probs",
        "probability",
        "probabilities",
        "proba",
        "y_proba",
        "outputs",
    ),
    "target": (*_TRUTH, "targets"),
    "targets": (*_TRUTH, "target"),
}


def role_named(word: str, roles: Sequence[str]) -> str | None:
    """The role that a word means, in any case, among the roles of one loss; None when it means none."""
    word = word.strip()
    if word in roles:  # as it is written: a user-defined function may name an input X
        return word
    word = word.lower()
    if word in roles:
        return word
    for role in roles:
        if word in _SYNONYMS.get(role, ()):
            return role
    return _named_by_a_synonym(word, roles)


def _named_by_a_synonym(word: str, roles: Sequence[str]) -> str | None:
    """The role that a word means where roles themselves have such names, as those of a user-defined function may."""
    meant = [
        role
        for role in roles
        if any({word, role.lower()} <= {name, *synonyms} for name, synonyms in _SYNONYMS.items())  # both mean one role
    ]
    return meant[0] if len(meant) == 1 else None
