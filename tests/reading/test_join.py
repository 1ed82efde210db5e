from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.sources import Inputs, ReadOptions, read_inputs
from losscli.schema.faults import DataFault, LossError
from tests.reading.helpers import whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.csv").write_text("id,p,q\nb,1.50,10\na,2,20\nc,3,30\n")
    (tmp_path / "t.csv").write_text("# shuffled\nid,label\nc,x\nb,y\na,x\n")
    (tmp_path / "w.csv").write_text("w,id\n7,a\n8,b\n9,c\n")
    return tmp_path


def join(base: Path, *sources: str, extras: dict[str, str] | None = None, **options: Any) -> Inputs:
    read_options = ReadOptions(base=base, key="id", **options)
    return read_inputs(sources, ["input", "target"], extras=extras or {}, options=read_options)


def test_the_first_source_gives_the_order(folder: Path) -> None:
    found = join(folder, "p.csv::p", "t.csv", extras={"--sample-weight": "w.csv"})
    assert whole(found.roles["input"]).tolist() == [1.5, 2, 3]
    target = found.roles["target"]
    assert [target.words[i] for i in whole(target)] == ["y", "x", "x"]
    assert whole(found.extras["--sample-weight"]).tolist() == [8, 7, 9]
    found = join(folder, "target=t.csv", "input=p.csv::p")
    assert whole(found.roles["input"]).tolist() == [3, 1.5, 2]


def test_rows_of_several_columns(folder: Path) -> None:
    data = join(folder, "w.csv", "p.csv", keep_text=True).roles["target"]
    assert whole(data).tolist() == [[2, 20], [1.5, 10], [3, 30]]
    assert data.names == ("p", "q")
    assert data.place(2) == "p.csv line 2, column p"
    assert data.text is not None
    assert [data.text(2), data.text(5)] == ["1.50", "30"]


def test_shards_join_as_one(folder: Path) -> None:
    (folder / "s1.csv").write_text("id,s\nc,30\n")
    (folder / "s2.csv").write_text("id,s\na,10\nb,20\n")
    assert whole(join(folder, "p.csv::p", "s?.csv").roles["target"]).tolist() == [20, 10, 30]
    assert whole(join(folder, "s?.csv", "p.csv::p").roles["target"]).tolist() == [3, 2, 1.5]


def test_one_file_for_all_has_its_keys_checked(folder: Path) -> None:
    (folder / "x.csv").write_text("id,pred,y\na,1,2\nb,3,4\n")
    found = join(folder, "x.csv")
    assert whole(found.roles["target"]).tolist() == [2, 4]
    assert found.notes == ()
    (folder / "x.csv").write_text("id,pred,y\na,1,2\na,3,4\n")
    with pytest.raises(DataFault, match=r"x\.csv line 3: the key 'a' occurs twice, first at x\.csv line 2"):
        join(folder, "x.csv")


def test_extras_that_cannot_join(folder: Path) -> None:
    (folder / "c.csv").write_text("class_weight\n1\n2\n")
    found = join(folder, "p.csv::p", "t.csv", extras={"weight": "[1, 2]", "pos_weight": "c.csv", "more": "w.csv"})
    assert whole(found.extras["weight"]).tolist() == [1, 2]
    assert whole(found.extras["pos_weight"]).tolist() == [1, 2]
    assert whole(found.extras["more"]).tolist() == [8, 7, 9]
    with pytest.raises(DataFault, match=r"c\.csv: no column 'id'"):
        join(folder, "p.csv::p", "t.csv", extras={"--sample-weight": "c.csv"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,label\na,1\nb,2\n", "p.csv line 4: the key 'c' has no row in x.csv\n"),
        ("id,label\na,1\n", "p.csv line 2: the key 'b' has no row in x.csv, and 1 more\n"),
        ("id,label\na,1\nb,2\nc,3\nd,4\n", "x.csv line 5: the key 'd' has no row in p.csv\n"),
        ("id,label\na,1\nb,2\nc,3\na,4\n", "x.csv line 5: the key 'a' occurs twice, first at x.csv line 2\n"),
        ("label,key\n1,a\n", "x.csv: no column 'id'\nit has label, key"),
        ("id\na\n", "x.csv: no column but the key id"),
    ],
)
def test_refuses(folder: Path, content: str, message: str) -> None:
    (folder / "x.csv").write_text(content)
    with pytest.raises(LossError) as caught:
        join(folder, "p.csv::p", "x.csv")
    assert message in f"{caught.value}\n"


def test_refuses_other_formats(folder: Path) -> None:
    np.save(folder / "x.npy", np.zeros(3))
    for source in ("x.npy", "[1, 2, 3]"):
        with pytest.raises(DataFault, match="--key joins rows of tables, and this is none"):
            join(folder, "p.csv::p", source)
        with pytest.raises(DataFault, match="--key joins rows of tables, and this is none"):
            join(folder, source, "p.csv::p")
