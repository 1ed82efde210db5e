"""The changes themselves: that they are what they say, and that every explanation still belongs to one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutate.__main__ import Tally, in_turn
from tests.mutate.changes import mutants
from tests.mutate.equivalents import EQUIVALENTS
from tests.mutate.targets import ROOT, targets

LOSS = '''
def loss(x, y):
    """A sentence - with a minus and 3 words."""
    shifted = x - x.max(axis=1)
    kept = np.where(y > 0.0, shifted * 0.5, -shifted)
    return f"{x - y}", kept[:, 0]
'''


def test_changes_of_a_small_loss(tmp_path: Path) -> None:
    path = tmp_path / "loss.py"
    path.write_text(LOSS, encoding="utf-8")
    assert [mutant.id.removeprefix("loss.loss: ") for mutant in mutants(path)] == [
        "sign: x - x.max(axis=1) -> x + x.max(axis=1)",
        "dropped term: x - x.max(axis=1) -> x",
        "dropped term: x - x.max(axis=1) -> x.max(axis=1)",
        "function: x.max(axis=1) -> x.min(axis=1)",
        "swapped: np.where(y > 0.0, shifted * 0.5, -shifted) -> np.where(y > 0.0, -shifted, shifted * 0.5)",
        "comparison: y > 0.0 -> y >= 0.0",
        "constant: 0.0 -> 1.0",
        "inverse: shifted * 0.5 -> shifted / 0.5",
        "dropped factor: shifted * 0.5 -> shifted",
        "dropped factor: shifted * 0.5 -> 0.5",
        "constant: 0.5 -> 1.0",
        "sign: -shifted -> shifted",
    ]


def test_a_change_is_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "loss.py"
    path.write_text(LOSS, encoding="utf-8")
    before = LOSS.splitlines()
    for mutant in mutants(path):
        after = mutant.source.splitlines()
        assert [at for at, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new] == [mutant.line]


@pytest.mark.parametrize("name", targets())
def test_every_change_is_python_and_has_a_name_of_its_own(name: str) -> None:
    found = mutants(ROOT / targets()[name].path)
    assert len({mutant.id for mutant in found}) == len(found)
    for mutant in found[::7]:
        ast.parse(mutant.source)


def test_every_target_has_tests() -> None:
    """No file is left out: not for want of a test file, and not one of those that are promised."""
    known = targets()
    promised = [
        *ROOT.glob("losscli/losses/*/*.py"),
        *ROOT.glob("losscli/engine/*.py"),
        *ROOT.glob("losscli/numerics/*.py"),
        *ROOT.glob("losscli/verify/diagnosis/**/*.py"),
    ]
    promised.append(ROOT / "losscli/checks/comparison.py")
    assert {target.path for target in known.values()} == {
        path.relative_to(ROOT) for path in promised if path.stem != "__init__"
    }
    for target in known.values():
        paths = [word for word in (*target.quick, *target.more) if not word.startswith("-")]
        assert paths, target.name
        assert all((ROOT / path).exists() for path in paths), target.name


def test_every_beginning_has_a_share_of_each_file() -> None:
    tallies = [Tally(target, mutants(ROOT / target.path)) for target in list(targets().values())[:6]]
    order = in_turn(tallies, seed=1)
    assert len(order) == sum(len(tally.mutants) for tally in tallies)
    for tally in tallies:
        begun = sum(each is tally for each, _ in order[: len(order) // 3])
        assert abs(begun - len(tally.mutants) / 3) <= 1
    assert in_turn(tallies, seed=1) == order


def test_every_explanation_is_of_a_change() -> None:
    known = {mutant.id for target in targets().values() for mutant in mutants(ROOT / target.path)}
    assert set(EQUIVALENTS) <= known
    assert all(EQUIVALENTS.values())
