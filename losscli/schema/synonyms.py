"""The words people use for PyTorch's argument names. Accepted on input, never printed."""

from __future__ import annotations

from collections.abc import Sequence

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
        "logits",
        "scores",
        "probs",
    ),
    "target": ("y", "y_true", "true", "label", "labels", "targets"),
    "targets": ("y", "y_true", "true", "label", "labels", "target"),
}


def role_named(word: str, roles: Sequence[str]) -> str | None:
    """The role that a word means, in any case, among the roles of one loss; None when it means none."""
    word = word.strip().lower()
    if word in roles:
        return word
    for role in roles:
        if word in _SYNONYMS.get(role, ()):
            return role
    return None
