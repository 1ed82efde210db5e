"""Names before places: rows of two files by the column they share, and columns by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from losscli.reading.options import ReadOptions
from losscli.reading.sources import Inputs, read_inputs
from losscli.schema.faults import DataFault
from tests.reading.helpers import read, whole

FILES = {
    "sub.csv": "Id,SalePrice\n1461,1.5\n1462,2.5\n1463,4.0\n",
    "sol.csv": "Id,SalePrice\n1463,3.0\n1461,1.0\n1462,2.0\n",
    "same.csv": "Id,SalePrice\n1461,1.0\n1462,2.0\n1463,3.0\n",
    "lacking.csv": "Id,SalePrice\n1463,3.0\n1461,1.0\n1465,2.0\n",
    "p.csv": "img,bear,cat,dog\na,.7,.2,.1\nb,.1,.8,.1\nc,.2,.2,.6\n",
    "t.csv": "img,dog,bear,cat\nc,1,0,0\na,0,1,0\nb,0,0,1\n",
    "label.csv": "img,label\nc,dog\na,bear\nb,cat\n",
    "suffix.csv": "p_0,p_1,p_10,p_2\n.1,.2,.3,.4\n",
    "sorted.csv": "q_0,q_1,q_2,q_10\n.1,.2,.4,.3\n",
    "price.csv": "Id,SalePrice\n1461,208500\n1462,181500\n1463,223500\n",
    "w1.csv": "Id,w\n0,3\n1,1\n",
    "w2.csv": "Id,w\n2,2\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def inputs(folder: Path, *sources: str, key: str | None = None) -> Inputs:
    return read_inputs(sources, ("input", "target"), extras={}, options=ReadOptions(base=folder, key=key))


def values(found: Inputs, role: str) -> Any:
    return whole(found.roles[role]).tolist()


@pytest.mark.parametrize(
    ("sources", "target"),
    [
        (("sub.csv", "sol.csv"), [1, 2, 3]),
        (("sub.csv", "same.csv"), [1, 2, 3]),
        (("sub.csv", "price.csv"), [208500, 181500, 223500]),
        (("sub.csv::SalePrice", "sol.csv::SalePrice"), [1, 2, 3]),
        (("sub.csv::SalePrice", "sol.csv"), [1, 2, 3]),
        (("p.csv", "label.csv::label"), [1, 2, 0]),  # of dog, bear, cat
        (("p.csv", "t.csv"), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),  # both rows and columns
        (("p.csv::bear:dog", "t.csv::dog,bear,cat"), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    ],
)
def test_rows_are_joined_on_the_column_that_two_files_share(
    folder: Path, sources: tuple[str, str], target: list[Any]
) -> None:
    found = inputs(folder, *sources)
    assert values(found, "target") == target
    assert found.roles["input"].shape[0] == 3
    rows = f"{sources[0].split('::')[0]} and {sources[1].split('::')[0]}: rows joined on the column "
    assert any(note.startswith(rows) for note in found.notes)


def test_places_are_those_of_the_row_that_was_joined(folder: Path) -> None:
    target = inputs(folder, "sub.csv", "sol.csv").roles["target"]
    assert [target.place(row) for row in range(3)] == [f"sol.csv line {n}, column SalePrice" for n in (3, 4, 2)]


def test_other_keys_are_refused(folder: Path) -> None:
    with pytest.raises(
        DataFault, match=r"sub\.csv and lacking\.csv both have a column Id, and its values differ"
    ) as caught:
        inputs(folder, "sub.csv", "lacking.csv")
    assert caught.value.cure == (
        "give each Id a row in both files, or choose columns: sub.csv::SalePrice lacking.csv::SalePrice"
    )
    chosen = inputs(folder, "sub.csv::SalePrice", "lacking.csv::SalePrice")
    assert values(chosen, "target") == [3, 1, 2]
    assert chosen.warnings == (
        "sub.csv and lacking.csv both have a column Id, and its values differ: rows are paired by their places",
    )


def test_a_column_without_a_name_can_be_seen(folder: Path) -> None:
    """As where pandas writes its index."""
    for name, rows in (("a", "7,1\n8,2\n"), ("b", "8,2\n7,3\n"), ("c", "8,2\n9,3\n"), ("d", "8,.5\n8,.25\n")):
        (folder / f"{name}.csv").write_text(f",p\n{rows}")
    found = inputs(folder, "a.csv", "b.csv")
    assert found.notes == ("a.csv and b.csv: rows joined on the column '' (without a name)",)
    assert (found.roles["input"].key, list(found.roles["input"].keys())) == ("id", ["7", "8"])
    with pytest.raises(DataFault, match=r"both have a column '' \(without a name\), and its values differ") as caught:
        inputs(folder, "a.csv", "c.csv")
    assert caught.value.cure.startswith("give each of its values a row in both files, or ")
    with pytest.raises(
        DataFault, match=r"both have a column '' \(without a name\), and in d.csv its value 8"
    ) as caught:
        inputs(folder, "a.csv", "d.csv")
    assert caught.value.cure.startswith("keep one row of each of its values, or ")
    joined = inputs(folder, "a.csv", "b.csv", key="").roles
    assert (whole(joined["target"]).tolist(), joined["input"].key) == ([3, 2], "id")


def test_a_column_that_is_asked_for_is_data(folder: Path) -> None:
    found = inputs(folder, "sub.csv::Id", "sol.csv::Id")
    assert (values(found, "input"), values(found, "target")) == ([1461, 1462, 1463], [1463, 1461, 1462])
    assert not found.notes


def test_shards_are_joined_too(folder: Path) -> None:
    (folder / "scores.csv").write_text("Id,s\n2,.5\n0,.25\n1,.75\n")
    assert values(inputs(folder, "scores.csv", "w?.csv"), "target") == [2, 3, 1]


@pytest.mark.parametrize("other", ["p,q\n.5,1\n.25,2\n", "a,b\n1,2\n3,4\n", "x,b\n1,2\n1,4\n", "x,b\n.5,2\n1.5,4\n"])
def test_what_is_no_key_stays_data(tmp_path: Path, other: str) -> None:
    """Columns of other names, of fractions, or with a number twice."""
    (tmp_path / "one.csv").write_text("x,y\n1,2\n3,4\n")
    (tmp_path / "two.csv").write_text(other)
    found = inputs(tmp_path, "one.csv", "two.csv")
    assert found.roles["input"].shape == found.roles["target"].shape == (2, 2)


def test_columns_are_matched_by_name(folder: Path) -> None:
    found = inputs(folder, "suffix.csv", "sorted.csv")
    assert values(found, "target") == values(found, "input") == [[0.1, 0.2, 0.3, 0.4]]
    assert found.roles["target"].names == ("q_0", "q_1", "q_10", "q_2")
    assert found.roles["target"].place(2) == "sorted.csv line 2, column q_10"
    assert found.notes == ("suffix.csv and sorted.csv: columns matched by name",)


@pytest.mark.parametrize("name", ["id", "ID", "Index", "row", "row_id", "Unnamed: 0", "", "user_id", "PassengerId"])
def test_a_lone_column_of_ids_is_left_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.csv").write_text(f"{name},p,q\n7,.5,.25\n9,.75,1\n8,1,2\n")
    data = read(tmp_path, "x.csv")
    assert whole(data).tolist() == [[0.5, 0.25], [0.75, 1], [1, 2]]
    assert data.names == ("p", "q")
    shown = name or "'' (without a name)"
    assert data.notes == (f"x.csv: column {shown} looks like a row id, left out",)
    careful = read(tmp_path, "x.csv", keep_text=True)
    assert (whole(careful).tolist(), careful.notes) == (whole(data).tolist(), data.notes)


@pytest.mark.parametrize(
    "content",
    [
        "price,p\n7,.5\n9,.75\n",
        "id,p\n7,.5\n7,.75\n",
        "id,p\n.5,.5\n1,.75\n",
        "p,id\n.5,7\n.75,9\n",
        "valid,p\n1,.5\n2,1\n",
    ],
)
def test_other_first_columns_are_data(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.csv").write_text(content)
    assert read(tmp_path, "x.csv").shape == (2, 2)


def test_a_lone_column_of_ids_alone_is_data(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id\n7\n9\n")
    assert whole(read(tmp_path, "x.csv")).tolist() == [7, 9]
