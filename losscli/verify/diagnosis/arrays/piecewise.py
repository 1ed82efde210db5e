"""A rule for arrays: right but in some rows, and there wrong in one way. An array tells where it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from math import comb

import numpy as np

from losscli.schema.loss import Array
from losscli.schema.records import record
from losscli.verify.diagnosis.arrays.patterns import made
from losscli.verify.diagnosis.arrays.predicates import Place, Truths, places, tails
from losscli.verify.diagnosis.dataset import Dataset
from losscli.verify.diagnosis.hypotheses import Hypothesis
from losscli.verify.diagnosis.mistakes import Mistake, area
from losscli.verify.diagnosis.rules import Target

_FEWEST = 8  # elements without exception
_FITTED = 4  # wrong elements of which a number may be read off
_SETS = 50  # of so many wrong elements there must be, for one to be no accident

declare = area("array")
_WHERE = declare(
    "{form}_where_{place}",
    "B",
    "wrong exactly where {words} ({count} of {all} {what}): {said}; right elsewhere",
    "{cure}",
)

Rows = Callable[[Array], Array]  # one row, or one number, a unit, of an array in the claim's shape, or the way back


@record
class _Form:
    """What stands in the place of the right numbers, its name and its sentence."""

    name: str
    said: str
    numbers: Array
    cure: str = "look at what is done there, and nowhere else"
    later: int = 0
    secret: str = ""


def piecewise(
    target: Target, dataset: Dataset, known: Sequence[Hypothesis], rows: Rows, back: Rows
) -> Iterator[Hypothesis]:
    """Ours but in one place, and there ours in another form, or the numbers of another mistake."""
    shape = rows(target.ours).shape
    ours, claimed, own, widths = (
        rows(numbers).reshape(len(rows(numbers)), -1)
        for numbers in (target.ours, target.claimed, target.own, target.widths)
    )
    wrong = ~((np.abs(claimed - ours) <= own) | (claimed == ours) | (np.isnan(claimed) & np.isnan(ours)))
    count = int(wrong.sum())
    if ours.size < _FEWEST or not 2 <= count < ours.size or _sets(ours.size, count) < _SETS:
        return
    candidates: list[Place] | None = None
    for form in chain(_forms(ours, dataset), _of_mistakes(known, rows), _fitted(ours, claimed, wrong)):
        fits = (np.abs(claimed - form.numbers) <= widths) | (claimed == form.numbers)
        if (wrong & ~fits).any():
            continue
        if candidates is None:
            candidates = _all_places(places(dataset, ours.reshape(shape), target.role), wrong)
        fitting = [place for place in candidates if not (place.holds & ~fits).any()]
        for place in fitting or ([] if dataset.everything else _all_places(tails(wrong, dataset), wrong)):
            if not (place.holds & ~fits).any():
                numbers = np.where(place.holds, form.numbers, ours).reshape(shape)
                yield made(target, _mistake(form, place, by_row=shape == ours.shape[:1]), back(numbers))


def _sets(size: int, count: int) -> int:
    """How many sets of so many elements there are, as far as it matters."""
    return comb(min(size, 1000), min(count, size - count, 4))


def _all_places(candidates: Iterable[Place], wrong: Truths) -> list[Place]:
    """The places that hold everything that is wrong, and something that is right; of equal ones the first."""
    found: list[Place] = []
    for place in candidates:
        if (wrong & ~place.holds).any() or place.holds.all():
            continue
        if not any(np.array_equal(place.holds, other.holds) for other in found):
            found.append(place)
    return found


def _mistake(form: _Form, place: Place, *, by_row: bool) -> Mistake:
    whole = by_row or bool((place.holds == place.holds[:, :1]).all())
    holds = place.holds[:, 0] if whole else place.holds
    return _WHERE.of(
        form=form.name,
        place=place.name,
        words=place.words,
        count=int(holds.sum()),
        all=holds.size,
        what="rows" if whole else "entries",
        said=form.said,
        cure=form.cure,
        later=form.later,
        numbers=form.secret,
    )


def _forms(ours: Array, dataset: Dataset) -> Iterator[_Form]:
    """What a person makes of the right numbers."""
    yield _Form("zero", "0 stands there", np.zeros(ours.shape))
    yield _Form("sign_turned", "the sign is turned round", -ours)
    yield _Form("sign_left_out", "the sign was left out", np.abs(ours))
    n, c = dataset.counts[1], dataset.classes
    for name, said, factor in (
        ("double", "twice what it should be, a ½ may be missing", 2.0),
        ("half", "half of what it should be", 0.5),
        ("times_n", f"{n} times what it should be, N is {n}", float(n)),
        ("divided_by_n", f"divided by {n}, the number of samples", 1.0 / n),
        ("times_classes", f"{c} times what it should be, C is {c}", float(c)),
        ("divided_by_classes", f"divided by {c}, the number of classes", 1.0 / c),
    ):
        if factor != 1.0:
            yield _Form(name, said, factor * ours)
    yield _Form("one_minus", "1 minus the right number stands there", 1.0 - ours)


def _fitted(ours: Array, claimed: Array, wrong: Truths) -> Iterator[_Form]:
    """A factor, an offset and a constant that are read off the claim, where there is enough to read."""
    if wrong.sum() < _FITTED:
        return
    used = wrong & (ours != 0.0)
    if used.any():
        ratio = float(np.median(claimed[used] / ours[used]))
        said = "the same multiple of what it should be"
        yield _Form("constant_ratio", said, ratio * ours, later=2, secret=f"{ratio:.6g} times")
    constant = float(np.median(claimed[wrong]))
    said = f"{constant:.6g} stands there, whatever the data are"
    yield _Form("constant", said, np.full(ours.shape, constant), later=2)
    offset = float(np.median((claimed - ours)[wrong]))
    yield _Form("constant_offset", "off by the same amount", ours + offset, later=2, secret=f"{offset:+.6g}")


def _of_mistakes(known: Sequence[Hypothesis], rows: Rows) -> Iterator[_Form]:
    for hypothesis in known:
        if len(hypothesis.mistakes) == 1:
            numbers = rows(np.asarray(hypothesis.numbers))
            mistake = hypothesis.mistakes[0]
            yield _Form(mistake.name, mistake.text, numbers.reshape(len(numbers), -1), cure=mistake.cure, later=1)
