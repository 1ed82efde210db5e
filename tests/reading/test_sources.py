from __future__ import annotations

import gzip
import io
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from losscli.reading.opener import Opener
from losscli.reading.sources import Inputs, ReadOptions, read_inputs
from losscli.schema.faults import DataFault, Exit, Faults, LossError, UsageFault
from tests.reading.helpers import read, refusal, same_bits, whole

TWO = ("input", "target")


def inputs(base: Path, *sources: str, roles: tuple[str, ...] = TWO, **more: Any) -> Inputs:
    optional, extras = more.pop("optional", ()), more.pop("extras", {})
    return read_inputs(sources, roles, optional_roles=optional, extras=extras, options=ReadOptions(base=base, **more))


def lists(found: Inputs) -> dict[str, Any]:
    return {role: whole(data).tolist() for role, data in found.roles.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "p.npy", np.array([1.0, 2.0]))
    np.save(tmp_path / "t.npy", np.array([3.0, 4.0]))
    (tmp_path / "run.csv").write_text("id,yhat,Label\n7,1,3\n8,2,4\n")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("p.npy", "t.npy"),
        ("p.npy", "target=t.npy"),
        ("input=p.npy", "target=t.npy"),
        ("target=t.npy", "input=p.npy"),
        ("y_true=t.npy", "Y_PRED=p.npy"),
        ("[1, 2]", "label=[3, 4]"),
        ("run.csv::yhat", "run.csv::Label"),
        ("run.csv",),
        ("run.csv::1", "t.npy"),
        ("./p.npy", "t.npy"),
        ("p*.npy", "t*.npy"),
    ],
)
def test_roles(folder: Path, words: tuple[str, ...]) -> None:
    assert lists(inputs(folder, *words)) == {"input": [1, 2], "target": [3, 4]}


def test_sources_as_they_were_named(folder: Path) -> None:
    found = inputs(folder, "run.csv::yhat", "target=t.npy").roles
    assert [data.source for data in found.values()] == ["run.csv::yhat", "t.npy"]
    found = inputs(folder, "run.csv").roles
    assert [data.source for data in found.values()] == ["run.csv::yhat", "run.csv::Label"]


def test_odd_names(folder: Path) -> None:
    for name in ("a=b.npy", "a::b.npy", "[1].npy", "-1", "0.5.npy", "ünï.npy", "x y.npy", "1e5"):
        np.save(folder / name, np.array([9.0])) if name.endswith(".npy") else (folder / name).write_text("9\n")
    for name in ("a=b.npy", "a::b.npy", "[1].npy", "./-1", "0.5.npy", "ünï.npy", "x y.npy", "./1e5"):
        assert lists(inputs(folder, name, "[9]"))["input"] == [9]
    (folder / "a::b.csv").write_text("p,q\n1,2\n")
    assert whole(read(folder, "a::b.csv::q")).tolist() == [2]
    assert whole(read(folder, "-1")).shape == ()
    assert lists(inputs(folder, "a=b.npy", "target=a=b.npy"))["target"] == [9]
    assert whole(read(folder, os.fspath(folder / "p.npy"))).tolist() == [1, 2]


USAGE: list[tuple[tuple[str, ...], str]] = [
    ((), "2 sources expected (input, target), got 0"),
    (("p.npy",), "2 sources expected (input, target), got 1, and none for target\ngive each role its source"),
    (("[1]",), "2 sources expected (input, target), got 1"),
    (("run.csv::yhat",), "2 sources expected (input, target), got 1"),
    (("p.npy", "t.npy", "p.npy"), "2 sources expected (input, target), got 3"),
    (("target=t.npy",), "2 sources expected (input, target), got 1"),
    (("p.npy", "input=p.npy"), "2 sources expected (input, target), got 2"),
    (("p.npy", "t.npy", "target=t.npy"), "target is given twice: t.npy and t.npy"),
    (("p.npy", "target=t.npy", "y=p.npy"), "target is given twice: t.npy and p.npy"),
    (("target=t.npy", "p.npy"), "p.npy follows target=t.npy\nput ROLE=SOURCE last"),
    (("p.npy", "targt=t.npy"), "targt is no input, did you mean 'target'?\nthe inputs are input, target"),
    (("p.npy", "weight=t.npy"), "weight is no input"),
]


@pytest.mark.parametrize(("words", "message"), USAGE)
def test_usage(folder: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageFault) as caught:
        inputs(folder, *words)
    assert message in str(caught.value)


def test_optional_roles_and_extras(folder: Path) -> None:
    found = inputs(folder, "p.npy", "t.npy", "[5]", optional=("var",), extras={"weight": "run.csv::id", "--by": "2"})
    assert lists(found) == {"input": [1, 2], "target": [3, 4], "var": [5]}
    assert {label: whole(data).tolist() for label, data in found.extras.items()} == {"weight": [7, 8], "--by": 2}
    assert "var" not in inputs(folder, "p.npy", "t.npy", optional=("var",)).roles


def test_all_faults_are_told_at_once(folder: Path) -> None:
    with pytest.raises(Faults) as caught:
        inputs(folder, "pp.npy", "run.csv::lable", extras={"weight": "[1,[2]]"})
    assert caught.value.exit is Exit.DATA
    assert [str(fault).splitlines()[0] for fault in caught.value.faults] == [
        "no such file: pp.npy, did you mean 'p.npy'?",
        "run.csv: no column 'lable', did you mean 'Label'?",
        "[1,[2]][1]: a list among single numbers",
    ]
    with pytest.raises(LossError) as single:
        inputs(folder, "x.csv::a", "x.csv::a")
    assert isinstance(single.value, DataFault), "the same fault twice is one"


def test_a_file_is_opened_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = open

    def counted(path: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(os.path.basename(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", counted)
    inputs(folder, "run.csv::yhat", "run.csv::Label", extras={"weight": "run.csv::id"})
    assert opened.count("run.csv") == 1


ALL_IN_ONE: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
    ("x.csv", "y,pred\n1,2\n", {"input": [2], "target": [1]}, ()),
    ("x.csv", "id,pred,y,split\n7,2,1,9\n", {"input": [2], "target": [1]}, ("x.csv: id, split not used",)),
    ("x.csv", "logits_0,y,logits_1\n1,0,2\n3,1,4\n", {"input": [[1, 2], [3, 4]], "target": [0, 1]}, ()),
    ("x.csv", "logits_1,logits_0,y\n1,2,0\n", {"input": [[2, 1]], "target": [0]}, ()),
    ("x.csv", "input_0,target\n1,0\n", {"input": [[1]], "target": [0]}, ()),
    ("x.tsv", "PRED\tTrue\n1\t0\n", {"input": [1], "target": [0]}, ()),
    ("x.yaml", "yhat: [1, 2]\nlabels: [3, 4]\nnote: nothing\n", {"input": [1, 2], "target": [3, 4]},
     ("x.yaml: note not used",)),
    ("x.json", '{"logits": [[1, 2]], "y": [0]}', {"input": [[1, 2]], "target": [0]}, ()),
]  # fmt: skip


@pytest.mark.parametrize("case", ALL_IN_ONE)
def test_one_file_for_all(tmp_path: Path, case: tuple[str, str, dict[str, Any], tuple[str, ...]]) -> None:
    name, content, expected, notes = case
    (tmp_path / name).write_text(content)
    found = inputs(tmp_path, name)
    assert lists(found) == expected
    assert found.notes == notes


def test_one_npz_for_all(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", logits=np.ones((1, 2)), labels=np.array([0]), epoch=np.array(3))
    found = inputs(tmp_path, "x.npz")
    assert lists(found) == {"input": [[1, 1]], "target": [0]}
    assert found.notes == ("x.npz: epoch not used",)


def test_one_file_for_the_rest(folder: Path) -> None:
    (folder / "x.csv").write_text("x1,x2\n1,2\n")
    found = inputs(folder, "x.csv", "target=[1]", roles=("x1", "x2", "target"))
    assert lists(found) == {"x1": [1], "x2": [2], "target": [1]}


def test_shards_that_hold_all(tmp_path: Path) -> None:
    (tmp_path / "x1.csv").write_text("pred_0,pred_1,y\n1,2,0\n")
    (tmp_path / "x2.csv").write_text("# late\ny,pred_0,pred_1\n1,3,4\n")
    found = inputs(tmp_path, "x*.csv")
    assert lists(found) == {"input": [[1, 2], [3, 4]], "target": [0, 1]}
    assert found.notes == ("x*.csv: 2 files joined, x1.csv to x2.csv", "1 comment line skipped in x2.csv")


def test_names_of_classes_come_from_the_header(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("cat,dog\n0.25,0.75\n")
    (tmp_path / "l.csv").write_text("label\ndog\n")
    found = inputs(tmp_path, "s.csv", "l.csv").roles
    assert found["input"].names == ("cat", "dog")
    assert found["target"].words == ("dog",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("pred,yhat,y\n1,2,3\n", "x.csv: pred and yhat both mean input\nsay which: input=x.csv::pred"),
        ("pred,pred,y\n1,2,3\n", "x.csv: pred and pred both mean input"),
        ("pred,pred_0,y\n1,2,3\n", "x.csv: pred and pred_0 both mean input"),
        ("pred_0,logits_0,y\n1,2,3\n", "x.csv: pred_0 and logits_0 both mean input"),
        ("pred_0,pred_2,y\n1,2,3\n", "x.csv: pred_2, but no column 1 of input"),
        ("pred,b\n1,2\n", "x.csv: no column or array is recognised as target (others: b)"),
    ],
)
def test_one_file_that_does_not_say_it_all(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(DataFault) as caught:
        inputs(tmp_path, "x.csv")
    assert message in str(caught.value)


def test_one_file_that_names_nothing_is_a_wrong_number_of_sources(tmp_path: Path) -> None:
    for content in ("1,2\n3,4\n", "a,b\n1,2\n", "p\n1\n"):
        (tmp_path / "x.csv").write_text(content)
        with pytest.raises(UsageFault, match="2 sources expected"):
            inputs(tmp_path, "x.csv")


def test_gzip_of_any_size(tmp_path: Path) -> None:
    """Compressed bytes hold NULs: more than a piece of them is read all the same."""
    numbers = np.random.default_rng(5).normal(size=120_000)
    text = "\n".join(map(repr, numbers.tolist())).encode()
    packed = gzip.compress(text, 1, mtime=0)
    assert len(packed) > 1 << 20
    (tmp_path / "x.csv.gz").write_bytes(packed)
    assert same_bits(whole(read(tmp_path, "x.csv.gz")), numbers)
    stream = io.BytesIO(packed)
    assert same_bits(whole(read(tmp_path, "-", input_stream=stream)), numbers)


@pytest.mark.parametrize(
    ("word", "cure"),
    [
        ("run.csv:p", "two colons select a column: run.csv::p"),
        ("1,2,3", "if it should be a list: '[1,2,3]'"),
        ("'[1,2,3]'", 'cmd.exe passes single quotes on; write double ones: "[1,2,3]"'),
        (
            "a.mat",
            """python -c "import numpy, scipy.io; numpy.save('array.npy', scipy.io.loadmat('a.mat')['NAME'])\"""",
        ),
        ("records.json", "make a table of such records: pandas.DataFrame(records).to_csv"),
        ("semi.csv::a", "if ';' separates the columns, give --delimiter ';'"),
        ("$(rm).mat", "scipy.io.loadmat(FILE)['NAME']"),
        ("a.db", "sqlite3 -csv -header 'a.db' 'select * from TABLE' | losscli … -::COLUMN"),
    ],
)
def test_a_refusal_says_what_would_work(tmp_path: Path, word: str, cure: str) -> None:
    (tmp_path / "run.csv").write_text("p\n1\n")
    (tmp_path / "semi.csv").write_text("a;b;c\n1;2;3\n")
    (tmp_path / "records.json").write_text('[[{"p": 1}], [{"p": 2}]]\n')
    for name in ("a.mat", "$(rm).mat"):
        (tmp_path / name).write_bytes(b"x")
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE t (a)")
    with pytest.raises(DataFault) as caught:
        read(tmp_path, word)
    assert cure in caught.value.cure


def test_the_command_that_would_work(tmp_path: Path) -> None:
    (tmp_path / "reg.csv").write_text("id,forecast,actual\n0,1.5,1\n")
    with pytest.raises(LossError) as caught:
        inputs(tmp_path, "reg.csv", command="losscli compute mse")
    assert caught.value.cure == "choose what is meant: losscli compute mse reg.csv::forecast reg.csv::actual"
    for number in range(3):
        (tmp_path / f"logits-{number}.npy").write_bytes(b"")
    with pytest.raises(UsageFault, match=r"quote it: 'logits-\*\.npy'"):
        inputs(tmp_path, "logits-0.npy", "logits-1.npy", "logits-2.npy", "reg.csv::actual")


@pytest.mark.parametrize("prediction", ["prob", "probability", "y_prob", "y_score", "outputs", "logit"])
@pytest.mark.parametrize(
    "truth", ["actual", "expected", "observed", "truth", "ground_truth", "gt", "label_ids", "Actual"]
)
def test_names_that_people_use(tmp_path: Path, prediction: str, truth: str) -> None:
    (tmp_path / "reg.csv").write_text(f"{truth},{prediction}\n1,.5\n")
    found = inputs(tmp_path, "reg.csv")
    assert [float(whole(found.roles[role])[0]) for role in ("input", "target")] == [0.5, 1.0]


def test_a_stream_that_is_refused_is_not_read_again(tmp_path: Path) -> None:
    with pytest.raises(DataFault, match="looks like SQLite") as caught:
        inputs(tmp_path, "-::a", "-::b", input_stream=io.BytesIO(b"SQLite format 3\0" + bytes(20)))
    assert "save it, and name the file" in str(caught.value)


def test_a_column_without_a_name_is_visible(tmp_path: Path) -> None:
    (tmp_path / "reg.csv").write_text(",pred,y\n0,1.5,1\n")
    assert inputs(tmp_path, "reg.csv").notes == ("reg.csv: '' (without a name) not used",)


def test_a_lone_label_of_a_role_is_a_header(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("anchor\nred\nblue\n")
    assert inputs(tmp_path, "x.csv", roles=("anchor",)).roles["anchor"].words == ("red", "blue")
    assert "may be a label or the name of the column" in refusal(tmp_path, "x.csv")


FILES: list[tuple[str, bytes, str]] = [
    ("x.npy", b"", "x.npy: empty"),
    ("x.csv", b"", "x.csv: empty"),
    ("x.yaml", b"", "x.yaml: empty"),
    ("x.npz", b"", "x.npz: empty"),
    ("x.npy", b"1,2\n", "x.npy: should be npy, but looks like text\nname the file after its format"),
    ("x.npy", b"\x80\x04N.", "x.npy: looks like a pickle, which is not read"),
    ("x.npy", b"PK\x03\x04", "x.npy: should be npy, but looks like npz"),
    ("x.csv", b"\x93NUMPY\x01\0", "x.csv: should be csv, but looks like npy"),
    ("x.csv", gzip.compress(b"1\n", mtime=0), "x.csv: should be csv, but looks like gzip"),
    ("x.csv.gz", b"1\n", "x.csv.gz: not in gzip format, though its name says so"),
    ("x.csv.gz", gzip.compress(b"1\n", mtime=0)[:-3], "x.csv.gz: the gzip data are damaged"),
    ("x.npy.gz", gzip.compress(b"1\n", mtime=0), "x.npy.gz: only text is read from .gz"),
    ("x.pt", b"PK\x03\x04", "x.pt: the archive is damaged"),
    ("x.dat", b"SQLite format 3\0", "x.dat: looks like SQLite, which cannot read it"),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES)
def test_refuses_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path, name).startswith(message)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.CSV", b"1,2\n3,4\n"),
        ("x.csv.gz", gzip.compress(b"1,2\n3,4\n", mtime=0)),
        ("x.TSV.GZ", gzip.compress(b"1\t2\n3\t4\n", mtime=0)),
        ("x.json.gz", gzip.compress(b"[[1,2],[3,4]]", mtime=0)),
        ("x.yml.gz", gzip.compress(b"- [1, 2]\n- [3, 4]\n", mtime=0)),
        ("x.gz", gzip.compress(b"1 2\n3 4\n", mtime=0)),
        ("noname", b"1 2\n3 4\n"),
        ("x.dat", b"[[1,2],[3,4]]"),
    ],
)
def test_names_of_files(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert whole(read(tmp_path, name)).tolist() == [[1, 2], [3, 4]]


def test_a_name_without_a_format(folder: Path) -> None:
    os.rename(folder / "p.npy", folder / "p.dat")
    assert whole(read(folder, "p.dat")).tolist() == [1, 2]


def test_what_the_system_refuses(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    (folder / "dir.npy").mkdir()
    assert "loop: Too many levels of symbolic links" in refusal(folder, "loop")
    assert "dir.npy: a directory\nname a file, or quote a pattern: 'dir.npy/*.npy'" in refusal(folder, "dir.npy")
    assert "no such file: x/p.npy, nor is there a folder x" in refusal(folder, "x/p.npy")
    assert "no such file: p.npy/q.npy" in refusal(folder, "p.npy/q.npy")
    assert "no such file: " in refusal(folder, "x" * 5000)
    assert "no such file: " in refusal(folder, "a\0b")
    assert "no such file: p.npz, did you mean 'p.npy'?" in refusal(folder, "p.npz")
    assert "p.npy: one array, 'x' cannot be picked from it" in refusal(folder, "p.npy::x")
    if os.geteuid():
        (folder / "p.npy").chmod(0)
        assert "p.npy: Permission denied" in refusal(folder, "p.npy")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text here, not bytes")
def test_a_name_that_is_no_text(folder: Path) -> None:
    name = os.fsdecode(b"\xff.npy")
    os.rename(folder / "p.npy", folder / name)
    assert whole(read(folder, name)).tolist() == [1, 2]
    assert "no such file: " in refusal(folder, os.fsdecode(b"\xfe.npy"))


def test_text_on_a_disk_that_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("builtins.open", broken)
    assert refusal(folder, "run.csv") == "run.csv: Input/output error"


def test_a_file_that_goes_before_it_is_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([True, True, False])
    monkeypatch.setattr(Opener, "exists", lambda *_: next(seen))
    (folder / "run.csv").unlink()
    assert refusal(folder, "run.csv") == "run.csv: No such file or directory"


def test_memory_that_does_not_suffice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("losscli.reading.text.table_pass.spans_of", exhausted)
    assert "run.csv: does not fit into memory" in refusal(folder, "run.csv")
