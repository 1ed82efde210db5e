"""Records PyTorch's objectives and steps of gradient descent in objective.json, next to this file.

    python -m tests.golden.record_objective

Needs the `torch` extra. The questions are seeded, so the file changes only when the questions or PyTorch do.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

_STRENGTHS = ((0.0, 0.1), (0.05, 0.0), (0.01, 0.3))
_RATE = 0.25


def _model() -> Any:
    """A small network of float64 parameters: weights and biases of two layers."""
    torch.manual_seed(2026)
    layers = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    return layers.to(torch.float64)


def _penalty(named: list[Any], l1: float, l2: float, *, biases: bool) -> Any:
    """l1 Σ|w| + l2/2 Σw², as people write it in PyTorch."""
    taken = [array for name, array in named if biases or "bias" not in name]
    return sum(l1 * array.abs().sum() + 0.5 * l2 * (array**2).sum() for array in taken)


def _objectives(inputs: Any, labels: Any) -> list[dict[str, Any]]:
    found = []
    for l1, l2 in _STRENGTHS:
        for biases in (False, True):
            model = _model()
            named = list(model.named_parameters())
            with torch.no_grad():
                logits = model(inputs)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            penalty = _penalty(named, l1, l2, biases=biases)
            penalty.backward()
            gradients = {name: array.grad.tolist() for name, array in named if array.grad is not None}
            objective = {"loss": loss.item(), "penalty": penalty.item(), "objective": (loss + penalty).item()}
            found.append({"l1": l1, "l2": l2, "biases": biases, "gradients": gradients, **objective})
    return found


def _step(inputs: Any, labels: Any, l2: float, *, decay: bool) -> dict[str, Any]:
    """One step of SGD, by weight decay or by the penalty in the objective; and the gradient of the loss alone."""
    model = _model()
    loss = torch.nn.functional.cross_entropy(model(inputs), labels)
    alone = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
    named = list(model.named_parameters())
    optimizer = torch.optim.SGD(model.parameters(), lr=_RATE, weight_decay=l2 if decay else 0.0)
    (loss if decay else loss + _penalty(named, 0.0, l2, biases=True)).backward()
    optimizer.step()
    return {
        "gradients": {name: gradient.tolist() for (name, _), gradient in zip(named, alone, strict=True)},
        "after": {name: array.tolist() for name, array in named},
    }


def main() -> None:
    random = np.random.default_rng(2026)
    inputs, labels = torch.tensor(random.normal(size=(6, 4))), torch.tensor(random.integers(0, 2, 6))
    model = _model()
    with torch.no_grad():
        logits = model(inputs)
    l2 = 0.3
    document = {
        "torch": torch.__version__,
        "logits": logits.tolist(),
        "labels": labels.tolist(),
        "params": {name: array.tolist() for name, array in model.named_parameters()},
        "objectives": _objectives(inputs, labels),
        "rate": _RATE,
        "l2": l2,
        "by_weight_decay": _step(inputs, labels, l2, decay=True),
        "by_penalty": _step(inputs, labels, l2, decay=False),
    }
    text = json.dumps(document, indent=1)
    Path(__file__).with_name("objective.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
