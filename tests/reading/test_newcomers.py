"""Messages that misled a newcomer: each says the fact now, and a cure that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_inputs
from losscli.schema.faults import DataFault
from losscli.schema.synonyms import role_named
from tests.cli.helpers import losscli
from tests.reading.helpers import read, refusal, whole

HUB = "input,target,grad,w,c0,c1,c2\n1,0,2,1,0,0,0\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hub.csv").write_text(HUB)
    (tmp_path / "ids.csv").write_text("id,input\n1,1\n2,2\n3,5\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "unused"),
    [
        (("verify", "mse", "hub.csv", "--claim", "1", "--claim-gradient", "hub.csv::grad"), "w, c0, c1, c2"),
        (("verify", "mse", "hub.csv", "--claim", "1", "--claim-gradient", "input=hub.csv::grad"), "w, c0, c1, c2"),
        (("gradcheck", "mse", "hub.csv", "--gradient", "hub.csv::grad"), "w, c0, c1, c2"),
        (("compute", "mse", "hub.csv", "--sample-weight", "hub.csv::w"), "grad, c0, c1, c2"),
    ],
)
def test_what_a_claim_or_an_option_reads_is_used(words: tuple[str, ...], unused: str, folder: Path) -> None:
    assert f"hub.csv: {unused} not used\n" in losscli(*words, at=folder).err


def test_standard_input_has_its_name_in_notes() -> None:
    assert "standard input: grad, w, c0, c1, c2 not used\n" in losscli("compute", "mse", "-", stdin=HUB.encode()).err


def test_ranges_and_lists_are_used(folder: Path) -> None:
    for beside, unused in (("hub.csv::c0:c2", "grad, w"), ("hub.csv::w,c1", "grad, c0, c2")):
        options = ReadOptions(base=folder)
        notes = read_inputs(["hub.csv"], ("input", "target"), other_sources=[beside], extras={}, options=options).notes
        assert notes == (f"hub.csv: {unused} not used",)


@pytest.mark.parametrize("delimiter", [";", "tab"])
def test_decimal_commas(delimiter: str, folder: Path) -> None:
    mark = "\t" if delimiter == "tab" else delimiter
    (folder / "x.txt").write_text(f"a{mark}b\n1,5{mark}2,5\n2{mark}3,5\n")
    said = "x.txt line 2, column a: '1,5' has a decimal comma\nwrite a decimal point, or give --decimal ,"
    assert refusal(folder, "x.txt::a", delimiter=delimiter) == said
    assert refusal(folder, "x.txt", delimiter=delimiter) == said


def test_decimal_commas_are_no_labels(folder: Path) -> None:
    (folder / "x.csv").write_text("a;b\n1,5;2,5\n2,5;3,5\n")
    ended = losscli("compute", "mse", "x.csv::a", "x.csv::b", "--delimiter", ";", at=folder)
    assert "write a decimal point" in ended.err
    assert "--classes" not in ended.err


@pytest.mark.parametrize("header", [",0,name", ",0,1,name", ",name,0"])
def test_numbers_beside_names_after_an_empty_cell_are_a_header(header: str, folder: Path) -> None:
    width = header.count(",")
    (folder / "x.csv").write_text(f"{header}\n0,{','.join(map(str, range(width)))}\n")
    assert whole(read(folder, "x.csv::name")).tolist() == [header.split(",").index("name") - 1]


def test_an_empty_cell_beside_a_decimal_may_be_data(folder: Path) -> None:
    (folder / "x.csv").write_text(",0.5,cat\n1,2.5,dog\n")
    assert "empty cell" in refusal(folder, "x.csv::1")


def test_more_names_of_roles() -> None:
    assert [role_named(word, ("input", "target")) for word in ("proba", "y_test")] == ["input", "target"]


def inputs(folder: Path, *sources: str) -> str:
    with pytest.raises(DataFault) as caught:
        read_inputs(sources, ("input", "target"), extras={}, options=ReadOptions(base=folder))
    return str(caught.value)


def test_ids_that_differ_in_part_are_named(folder: Path) -> None:
    (folder / "other.csv").write_text("id,target\n2,1\n3,2\n4,5\n")
    assert inputs(folder, "ids.csv", "other.csv") == (
        "ids.csv and other.csv both have a column id, and its values differ: other.csv lacks 1, ids.csv lacks 4\n"
        "give each id a row in both files, or choose columns: ids.csv::input other.csv::target"
    )


def test_ids_that_are_fewer_are_named(folder: Path) -> None:
    (folder / "other.csv").write_text("id,target\n2,1\n")
    assert "and its values differ: other.csv lacks 1, 3\n" in inputs(folder, "ids.csv", "other.csv")
    (folder / "w1.csv").write_text("id,input\n" + "".join(f"a{i},1\n" for i in range(9)))
    (folder / "w2.csv").write_text("id,target\na8,1\n")
    assert "w2.csv lacks a0, a1, a2 and 5 more\n" in inputs(folder, "w1.csv", "w2.csv")


@pytest.mark.parametrize(("first", "second"), [("ids.csv", "other.csv"), ("other.csv", "ids.csv")])
def test_ids_that_repeat_are_named(first: str, second: str, folder: Path) -> None:
    (folder / "other.csv").write_text("id,target\n2,1\n3,2\n2,5\n")
    said = inputs(folder, first, second)
    assert said.startswith(f"{first} and {second} both have a column id, and in other.csv its value 2 repeats\n")
    assert "keep one row of each id, or choose columns: " in said
