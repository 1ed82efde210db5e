"""What `losscli.verify` says to a wrong computation, counted by kind and by loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import numpy as np

import losscli
from tests.verify.public import CASES, SIZES, Case, Data, data
from tests.verify.public.right import LOSSES, in_single_precision

DIGITS = (4, 6, 0)  # of a claimed number; 0 for all of them
OUTCOMES = ("first", "listed", "nothing", "wrong")


@dataclass(frozen=True)
class Outcome:
    """How a claim was met: named first, only listed, nothing said, or something wrong named and nothing right.

    What stands in the first line as an alternative that gives the same number is named first too. Inputs that are
    refused, with the mistake still in them, count as nothing said.
    """

    case: Case
    size: str
    digits: int
    kind: str
    named: tuple[str, ...]

    @property
    def line(self) -> str:
        digits = f"{self.digits} digits" if self.digits else "all digits"
        return f"{self.case.name} {self.size} {digits}: {self.kind}, {'; '.join(self.named[:3]) or '-'}"


@cache
def made(case: Case, size: str) -> tuple[Data, Any]:
    """The data of a case, and its wrong answer."""
    drawn = data(case.data, size)
    with np.errstate(all="ignore"):
        return drawn, case.wrong(drawn)


def written(number: float, digits: int) -> str:
    return f"{number:#.{digits}g}".rstrip(".") if digits else repr(float(number))


def claims(case: Case, answer: Any, digits: int) -> dict[str, Any]:
    if case.kind == "per_sample":
        return {"claim_per_sample": answer}
    if case.kind == "gradient":
        return {"claim_gradient": answer}
    return {"claim": written(answer, digits)}


def verified(case: Case, size: str, digits: int) -> losscli.Verified | None:
    """What `verify` says; none where it refuses the inputs."""
    drawn, answer = made(case, size)
    try:
        return losscli.verify(case.loss, **drawn.asked, **claims(case, answer, digits))
    except losscli.LossError:
        return None


def right(name: str, case: Case) -> bool:
    """Whether a mistake is one of those that the case may be called; of two, in either order."""
    parts = sorted(name.split(" + "))
    return any(
        len(parts) == len(wanted) and all(fnmatchcase(*both) for both in zip(parts, wanted, strict=True))
        for wanted in (sorted(names.split(" + ")) for names in case.names)
    )


def outcome(case: Case, size: str, digits: int) -> Outcome:
    answer = verified(case, size, digits)
    explanations = () if answer is None else answer.explanations
    named = tuple(explanation.mistake for explanation in explanations)
    found = [any(right(name, case) for name in (each.mistake, *each.alternatives)) for each in explanations]
    kind = "first" if found[:1] == [True] else "listed" if any(found) else "wrong" if named else "nothing"
    return Outcome(case, size, digits, kind, named)


def outcomes(
    cases: Iterable[Case] = CASES, sizes: Iterable[str] = SIZES, digits: Iterable[int] = DIGITS
) -> Iterator[Outcome]:
    """How each case is met; a number at each count of digits, an array with all of them."""
    for case in cases:
        for size in sizes:
            for written_digits in digits if case.kind in ("value", "pair") else (0,):
                yield outcome(case, size, written_digits)


def refuted_right_answers(sizes: Iterable[str] = SIZES) -> Iterator[str]:
    """Right vectors and their means, in double and single precision, that do not hold."""
    for name, losses in LOSSES.items():
        for size in sizes:
            drawn = data(name, size)
            for precision, given in (("float64", drawn), ("float32", in_single_precision(drawn))):
                per_sample = losses(given)
                if not losscli.verify(name, **given.asked, claim_per_sample=per_sample).holds:
                    yield f"{name} {size} {precision}: the losses of all samples"
                for digits in DIGITS:
                    text = written(np.mean(per_sample, dtype=float), digits or (17 if precision == "float64" else 7))
                    if not losscli.verify(name, **given.asked, claim=text).holds:
                        yield f"{name} {size} {precision}: {text}"


def table(counted: Iterable[tuple[str, Outcome]]) -> str:
    """Shares of the outcomes, a row for each label in the order met."""
    rows: dict[str, Counter[str]] = {}
    for label, each in counted:
        rows.setdefault(label, Counter())[each.kind] += 1
    lines = [f"{'':34}{'':>6}" + "".join(f"{kind:>9}" for kind in OUTCOMES)]
    for label, counts in rows.items():
        total = counts.total()
        shares = "".join(f"{100 * counts[kind] / total:8.1f}%" for kind in OUTCOMES)
        lines.append(f"{label:34}{total:6}{shares}")
    return "\n".join(lines)


def by_kind(each: Outcome) -> str:
    kind = {"value": "numbers", "pair": "pairs", "per_sample": "vectors", "gradient": "gradients"}[each.case.kind]
    if each.case.kind in ("value", "pair"):
        return f"{kind}, {each.digits} digits" if each.digits else f"{kind}, all digits"
    return kind
