"""Faults and the exit codes they end in."""

from __future__ import annotations

import pytest

from losscli.schema.faults import DataFault, Exit, Faults, LossError, UsageFault, raise_all

WRONG, BAD = UsageFault("delta is -1", "give more than 0"), DataFault("x.csv line 2: empty cell")


def test_a_fault_states_the_fact_then_the_cure() -> None:
    assert str(WRONG) == "delta is -1\ngive more than 0"
    assert str(BAD) == "x.csv line 2: empty cell"


@pytest.mark.parametrize("fault", [WRONG, BAD])
def test_during_keeps_kind_and_cure(fault: LossError) -> None:
    placed = fault.during("suite.yaml line 3")
    assert type(placed) is type(fault)
    assert (placed.fact, placed.cure) == (f"suite.yaml line 3: {fault.fact}", fault.cure)


@pytest.mark.parametrize(
    ("faults", "code"),
    [([BAD, BAD], Exit.DATA), ([WRONG, WRONG], Exit.USAGE), ([BAD, WRONG], Exit.USAGE), ([WRONG, BAD], Exit.USAGE)],
)
def test_of_several_kinds_usage_wins(faults: list[LossError], code: Exit) -> None:
    assert Faults(faults).exit is code
    assert Faults(faults).during("here").exit is code


def test_raise_all() -> None:
    raise_all([])
    with pytest.raises(DataFault) as one:
        raise_all([BAD])
    assert one.value is BAD
    with pytest.raises(Faults) as two:
        raise_all([BAD, WRONG])
    assert two.value.faults == (BAD, WRONG)
    assert str(two.value) == f"{BAD}\n{WRONG}"


def test_nested_faults_are_told_one_by_one() -> None:
    nested = Faults([WRONG, Faults([BAD, BAD])])
    assert nested.faults == (WRONG, BAD, BAD)
    assert [fault.fact for fault in nested.during("s").faults] == [f"s: {f.fact}" for f in nested.faults]


@pytest.mark.parametrize("kind", [UsageFault, DataFault, Faults])
def test_all_are_loss_errors(kind: type[Exception]) -> None:
    assert issubclass(kind, LossError)
