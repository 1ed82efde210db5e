"""Labels by name: numbers as well as words, in any order of the scores' columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from losscli.engine.evaluate import Wanted
from losscli.losses.catalogue import find
from losscli.reading.options import ReadOptions
from losscli.request.compute import compute
from losscli.request.request import from_sources
from losscli.schema.data import class_names
from losscli.schema.faults import LossError, UsageFault
from losscli.schema.settings import Settings

P = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
RIGHT = 0.3635480396729776  # -(ln 0.7 + ln 0.8 + ln 0.6) / 3


def value(folder: Path, header: str, labels: str, classes: tuple[str, ...] = ()) -> float:
    rows = "\n".join(",".join(map(str, row)) for row in P)
    (folder / "p.csv").write_text(f"{header}\n{rows}\n")
    (folder / "t.csv").write_text("label\n" + labels.replace(",", "\n") + "\n")
    request = from_sources(
        find("log_loss"), ["p.csv", "t.csv"], {}, Settings(classes=classes), ReadOptions(base=folder, header=True)
    )
    return float(compute(request.bound(), Wanted()).value or 0.0)


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("2,0,1", "2,0,1"),
        ("1,2,3", "1,2,3"),
        ("0,1,2", "0,1,2"),
        ("10,20,30", "10,20,30"),
        ("p_2,p_0,p_1", "2,0,1"),
        ("p_1,p_2,p_3", "1,2,3"),
        ("p_1,p_2,p_3", "0,1,2"),  # no column 0: the labels count the columns
        ("class 5,class 7,class 9", "5,7,9"),
        ("cat,dog,cow", "cat,dog,cow"),
        ("p_cat,p_dog,p_cow", "cat,dog,cow"),
        ("cat_prob,dog_prob,cow_prob", "cat,dog,cow"),
        ("p_cat,p_dog,p_cow", "p_cat,p_dog,p_cow"),
        ("cat,dog,cow", "0,1,2"),
        ("no,yes,maybe", "no,yes,maybe"),
    ],
)
def test_labels_are_matched_by_name(tmp_path: Path, header: str, labels: str) -> None:
    assert value(tmp_path, header, labels) == pytest.approx(RIGHT, rel=1e-15)


@pytest.mark.parametrize("header", ["a,b,c", "0,1,2", "p_0,p_1,p_2"])
def test_classes_are_obeyed(tmp_path: Path, header: str) -> None:
    assert value(tmp_path, header, "2,0,1", classes=("2", "0", "1")) == pytest.approx(RIGHT, rel=1e-15)
    assert value(tmp_path, header, "7,8,9", classes=("7", "8", "9")) == pytest.approx(RIGHT, rel=1e-15)
    assert value(tmp_path, header, "x,y,z", classes=("x", "y", "z")) == pytest.approx(RIGHT, rel=1e-15)


@pytest.mark.parametrize(
    ("header", "labels", "message"),
    [
        ("p_1,p_2,p_3", "1,2,1", "t.csv line 2, column label: the label 1 may be column 1 by its name, or 2 by its"),
        ("1,2,3", "1,0,2", "line 3, column label: no column of p.csv is named 0; they are 1, 2, 3; by its place it is"),
        ("10,20,30", "10,25,30", "line 3, column label: there is no class 25"),
        ("2,0,1", "2,0,3", "line 4, column label: there is no class 3"),
        ("cat,dog,cow", "cat,dog,hen", "there is no class 'hen'\nthe classes are cat, dog, cow"),
    ],
)
def test_refuses(tmp_path: Path, header: str, labels: str, message: str) -> None:
    with pytest.raises(LossError) as caught:
        value(tmp_path, header, labels)
    assert message in str(caught.value)


def test_both_readings_can_be_asked_for(tmp_path: Path) -> None:
    by_place = value(tmp_path, "p_1,p_2,p_3", "1,2,1", classes=("0", "1", "2"))
    by_name = value(tmp_path, "p_1,p_2,p_3", "1,2,1", classes=("1", "2", "3"))
    assert by_place == value(tmp_path, "a,b,c", "1,2,1")
    assert by_name == value(tmp_path, "a,b,c", "0,1,0")


def test_classes_without_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"the labels of t\.csv are numbers"):
        value(tmp_path, "a,b,c", "0,1,2", classes=("x", "y", "z"))
    request = from_sources(find("mse"), ["1", "2"], {}, Settings(classes=("a", "b")), ReadOptions())
    with pytest.raises(UsageFault, match="--classes names labels, and mse has none here"):
        request.bound()
    from_sources(
        find("mse"), ["1", "2"], {}, Settings(classes=("a", "b"), defaulted=("classes",)), ReadOptions()
    ).bound()


def test_an_ignored_label_has_no_name(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("2,0,1\n.5,.25,1\n.5,1,2\n")
    request = from_sources(
        find("cross_entropy"), ["x.csv", "[-100, 2]"], {}, Settings(), ReadOptions(base=tmp_path, header=True)
    )
    other = from_sources(find("cross_entropy"), ["[[.5,.25,1],[.5,1,2]]", "[-100, 0]"], {}, Settings(), ReadOptions())
    assert compute(request.bound(), Wanted()).value == compute(other.bound(), Wanted()).value
    named = from_sources(
        find("cross_entropy"),
        ["x.csv", "[1, 2]"],
        {"ignore_index": 1},
        Settings(),
        ReadOptions(base=tmp_path, header=True),
    )
    with pytest.raises(UsageFault, match="the ignored label 1 may be the class of that name, or the column"):
        named.bound()


@pytest.mark.parametrize(
    ("content", "classes", "expected"),
    [
        ("prob,y\n.2,True\n.3,False\n", (), 0.9830564281864163),  # -(ln 0.2 + ln 0.7) / 2
        ("prob,y\n.2,yes\n.3,no\n", (), 0.9830564281864163),
        ("prob,y\n.2,spam\n.3,ham\n", ("ham", "spam"), 0.9830564281864163),
        ("prob,y\n.2,True\n.3,False\n", ("True", "False"), 0.7135581778200729),  # -(ln 0.8 + ln 0.3) / 2
    ],
)
def test_words_of_yes_and_no(tmp_path: Path, content: str, classes: tuple[str, ...], expected: float) -> None:
    (tmp_path / "x.csv").write_text(content)
    request = from_sources(find("bce"), ["x.csv"], {}, Settings(classes=classes), ReadOptions(base=tmp_path))
    assert compute(request.bound(), Wanted()).value == pytest.approx(expected, rel=1e-14)


def test_one_hot_columns_of_truths(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,c\nTrue,False,False\nFalse,True,False\nFalse,False,True\n")
    request = from_sources(find("log_loss"), [str(P), "t.csv"], {}, Settings(), ReadOptions(base=tmp_path))
    assert compute(request.bound(), Wanted()).value == pytest.approx(RIGHT, rel=1e-15)


@pytest.mark.parametrize(
    ("header", "same"),
    [("cat,dog,hen", False), ("t_cat,t_dog,t_cow", True), ("0,1,2", True), ("t_1,t_2,t_3", False)],
)
def test_columns_of_other_names_are_refused(tmp_path: Path, header: str, same: bool) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1,0,0\n0,1,0\n0,0,1\n")
    (tmp_path / "p.csv").write_text("cat,dog,cow\n" + "\n".join(",".join(map(str, row)) for row in P))
    reading = ReadOptions(base=tmp_path, header=True)
    request = from_sources(find("log_loss"), ["p.csv", "t.csv"], {}, Settings(), reading)
    if same:
        assert compute(request.bound(), Wanted()).value == pytest.approx(RIGHT, rel=1e-15)
    else:
        with pytest.raises(LossError, match=r"p\.csv has the classes cat, dog, cow, t\.csv has"):
            request.bound()


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (("p_0", "p_10"), ("0", "10")),
        (("p10", "p11"), ("10", "11")),
        (("cat", "car"), ("cat", "car")),
        (("p_cat", "p_car"), ("cat", "car")),
        (("cat_p", "car_p"), ("cat", "car")),
        (("x_cat_p", "x_dog_p"), ("cat", "dog")),
        (("2", "0"), ("2", "0")),
        (("a", "b1"), ("a", "b1")),
        ((), ()),
    ],
)
def test_names_without_what_they_share(names: tuple[str, ...], short: tuple[str, ...]) -> None:
    assert class_names(names) == short
