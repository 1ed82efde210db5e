"""Records PyTorch's answers in torch.json and torch.npz, next to this file.

    python -m tests.golden.record_torch

Needs the `torch` extra. The questions are seeded, so the files change only when the questions or PyTorch do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from tests.golden.binary import two_sided
from tests.golden.cases import FOLDER, Array
from tests.golden.classes import classification
from tests.golden.distances import distances
from tests.golden.edges import edges
from tests.golden.elements import elementwise
from tests.golden.margins import margins
from tests.golden.projections import projections
from tests.golden.questions import Question
from tests.golden.regression import likelihoods
from tests.golden.sequences import sequence_edges, sequences
from tests.golden.torch_answers import Answer, torch_answer
from tests.golden.vectors import similarity


@dataclass
class Pool:
    """All numbers of one type end to end, equal arrays once. Thousands of tiny .npz members would be mostly header."""

    runs: list[Array] = field(default_factory=list)
    length: int = 0
    starts: dict[bytes, int] = field(default_factory=dict)

    def keep(self, array: Array) -> int:
        """Where the array starts in the pool."""
        content = array.tobytes()
        if content not in self.starts:
            self.starts[content] = self.length
            self.runs.append(array.ravel())
            self.length += array.size
        return self.starts[content]


class Recorder:
    """Turns questions and answers into entries of torch.json, and their arrays into pools."""

    def __init__(self) -> None:
        self.pools = {"float64": Pool(), "int64": Pool()}

    def _kept(self, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        return [value.dtype.name, self.pools[value.dtype.name].keep(value), list(value.shape)]

    def _all_kept(self, values: Mapping[str, object]) -> dict[str, Any]:
        return {name: self._kept(value) for name, value in values.items()}

    def record(self, question: Question) -> dict[str, Any]:
        """The question with PyTorch's answer."""
        answer = torch_answer(question.loss, question.inputs, question.options, question.reduction)
        wanted = answer.gradients if question.gradients is None else question.gradients
        entry = {
            "id": question.id,
            "loss": question.loss,
            "inputs": self._all_kept(question.inputs),
            "options": self._all_kept(question.options),
            "reduction": question.reduction,
            "value": self._kept(answer.value),
            "gradients": self._all_kept({role: answer.gradients[role] for role in wanted}),
        }
        if question.note:
            return {**entry, "note": question.note}
        _refuse_accidents(question, answer)
        return entry


def _refuse_accidents(question: Question, answer: Answer) -> None:
    """An ordinary question has a finite answer; a hard one belongs among the edges."""
    roles = answer.gradients if question.gradients is None else question.gradients
    for array in (answer.value, *(answer.gradients[role] for role in roles)):
        if not np.isfinite(array).all():
            raise SystemExit(f"{question.id}: not finite")


def _lines(entries: Iterable[dict[str, Any]]) -> str:
    """One case a line, which keeps a difference readable."""
    return ",\n".join(json.dumps(entry) for entry in entries)


def main() -> None:
    recorder = Recorder()
    random = np.random.default_rng(2013)
    families = (elementwise, classification, similarity)
    cases = [recorder.record(question) for family in families for question in family(random)]
    cases += [recorder.record(question) for question in likelihoods(np.random.default_rng(2014))]
    cases += [recorder.record(question) for question in two_sided(np.random.default_rng(2015))]
    cases += [recorder.record(question) for question in margins(np.random.default_rng(2016))]
    cases += [recorder.record(question) for question in distances(np.random.default_rng(2017))]
    cases += [recorder.record(question) for question in sequences(np.random.default_rng(2018))]
    cases += [recorder.record(question) for question in projections(np.random.default_rng(2019))]
    hard = [recorder.record(question) for question in (*edges(), *sequence_edges(np.random.default_rng(2018)))]
    text = f'{{"torch": "{torch.__version__}",\n"cases": [\n{_lines(cases)}\n],\n"edge_cases": [\n{_lines(hard)}\n]}}\n'
    (FOLDER / "torch.json").write_text(text, encoding="utf-8")
    pools = {name: np.concatenate(pool.runs) for name, pool in recorder.pools.items()}
    np.savez_compressed(FOLDER / "torch.npz", allow_pickle=False, **pools)


if __name__ == "__main__":
    main()
