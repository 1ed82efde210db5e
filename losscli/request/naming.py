"""Which loss a word means: one of the catalogue, or a function in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from losscli.losses.catalogue import find
from losscli.reading.formats import promised_format
from losscli.schema.faults import UsageFault
from losscli.schema.loss import Loss

_FRAMEWORKS = {"keras.": "keras", "tf.keras.": "keras", "sklearn.": "sklearn", "optax.": "optax"}


def loss_named(word: str, base: Path | None = None) -> Loss:
    """The loss of that name, or of `FILE.py:FUNCTION`, whose file is executed; a relative path starts at `base`.

    A dotted name that begins with its framework brings the framework's convention.
    """
    if not names_a_function(word):
        if "::" in word or any(promised_format(word)) or word.startswith(("[", "(", "tensor(", "array(")):
            shown = word if len(word) <= 40 else f"{word[:37]}..."
            raise UsageFault(f"there is no loss {shown!r}", f"the loss comes first, then the sources: mse {shown} …")
        loss, start = find(word), word.strip().lower()
        framework = next((name for prefix, name in _FRAMEWORKS.items() if start.startswith(prefix)), "")
        if framework and framework not in loss.conventions:
            cure = f"{loss.name} is PyTorch's; `losscli explain {loss.name}` says what others do otherwise"
            raise UsageFault(f"{word}: {loss.name} is not computed as {framework} does", cure)
        return replace(loss, brings=framework) if framework else loss
    from losscli.custom.loss import custom_loss  # which most requests need not

    return custom_loss(word, base)


def names_a_function(word: str) -> bool:
    """Whether a word is meant as `FILE.py:FUNCTION`, complete or not."""
    return ".py:" in word or word.endswith(".py")
