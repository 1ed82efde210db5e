"""Files as inputs in Python: read as the command line reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli
from tests.cli.helpers import losscli as command_line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.csv").write_text("id,yhat,y,w\n1,1.5,1,1\n2,2.5,2,1\n3,3,4,2\n")
    (tmp_path / "other.csv").write_text("id,y\n3,4\n1,1\n2,2\n")
    np.save(tmp_path / "p.npy", np.array([1.5, 2.5, 3.0], np.float32))
    return tmp_path


def test_a_path_and_a_source(folder: Path) -> None:
    source = losscli.source
    assert losscli.compute("mse", source("run.csv::yhat"), source("run.csv::y")).value == 0.5
    assert losscli.compute("mse", folder / "p.npy", source("run.csv::y")).value == 0.5
    assert losscli.compute("mse", input=Path("p.npy"), target=source("run.csv::y")).value == 0.5
    assert losscli.compute("mse", Path("p.npy"), target=source("run.csv::y")).value == 0.5
    assert losscli.compute("mse", source("run.csv::yhat"), [1, 2, 4]).value == 0.5  # by place, among arrays
    weighted = losscli.compute("mse", source("run.csv::yhat"), source("run.csv::y"), sample_weight=source("run.csv::w"))
    assert weighted.value == losscli.compute("mse", [1.5, 2.5, 3], [1, 2, 4], sample_weight=[1, 1, 2]).value


def test_one_file_for_all(folder: Path) -> None:
    (folder / "all.csv").write_text("pred,target\n1,1\n2,4\n")
    assert losscli.compute("mse", folder / "all.csv").value == 2
    (folder / "5").write_text("pred,target\n1,1\n2,4\n")
    assert losscli.compute("mse", Path("5")).value == 2  # a path, not a number


def test_rows_are_joined_as_on_the_command_line(folder: Path) -> None:
    (folder / "pred.csv").write_text("id,yhat\n1,1.5\n2,2.5\n3,3\n")
    joined = losscli.compute("mse", folder / "pred.csv", folder / "other.csv")
    assert joined.value == 0.5
    assert "rows joined on the column id" in " ".join(joined.notes)


def test_missing_values(folder: Path) -> None:
    (folder / "gaps.csv").write_text("pred,target\n1,1\n,4\n2,4\n")
    with pytest.raises(losscli.LossError, match='missing="skip"'):
        losscli.compute("mse", folder / "gaps.csv")
    assert losscli.compute("mse", folder / "gaps.csv", missing="skip").value == 2
    gaps = losscli.source("gaps.csv::pred")
    assert losscli.compute("mse", gaps, [1.0, 4.0, 4.0], missing="skip").value == 2


def test_claims(folder: Path) -> None:
    sources = losscli.source("run.csv::yhat"), losscli.source("run.csv::y")
    (folder / "claim.txt").write_text("0.5000\n")
    (folder / "train.log").write_text("loss=0.5000\n")
    np.save(folder / "each.npy", [0.25, 0.25, 1.0])
    np.save(folder / "slope.npy", [1 / 3, 1 / 3, -2 / 3])
    for claim in (Path("claim.txt"), losscli.source("claim.txt"), losscli.source(r"train.log::/loss=(\S+)/")):
        assert losscli.verify("mse", *sources, claim=claim).holds
    assert losscli.verify("mse", *sources, claim_per_sample=folder / "each.npy").holds
    assert losscli.verify("mse", *sources, claim_gradient=losscli.source("slope.npy")).holds
    assert not losscli.verify("mse", *sources, claim_per_sample=folder / "slope.npy").holds


def test_text_may_be_rounded(folder: Path) -> None:
    """Inputs of few decimals widen what a claim is allowed, as on the command line."""
    (folder / "few.csv").write_text("pred,target\n0.123,0.456\n1.789,1.234\n")
    claim = "0.2088"  # of numbers with more digits than the file has
    said = command_line("verify", "mse", "few.csv", "--claim", claim, "-f", "json", at=folder)
    (shown,) = json.loads(said.out)["claims"]
    (read,) = losscli.verify("mse", Path("few.csv"), claim=claim).claims
    assert (read.tolerance, read.verdict) == (shown["tolerance"], shown["verdict"])
    (held,) = losscli.verify("mse", [0.123, 1.789], [0.456, 1.234], claim=claim).claims
    assert read.holds > held.holds


@pytest.mark.usefixtures("folder")
def test_a_file_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from losscli.reading import opener

    opened: list[str] = []
    real = opener.Opener._open_address

    def counted(self: Any, address: str, *arguments: Any) -> Any:
        opened.append(address)
        return real(self, address, *arguments)

    monkeypatch.setattr(opener.Opener, "_open_address", counted)
    losscli.compute("mse", losscli.source("run.csv::yhat"), losscli.source("run.csv::y"))
    assert opened == ["run.csv"]


def test_parameters(folder: Path) -> None:
    np.savez(folder / "model.npz", **{"fc.weight": np.ones(3)})  # type: ignore[arg-type]
    assert losscli.compute("mse", [1.0], [1.0], l2=2.0, params=folder / "model.npz").value == 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: losscli.compute("mse", Path("gone.csv"), [1]), "no such file: gone.csv"),
        (lambda: losscli.compute("mse", Path("runn.csv"), Path("p.npy")), "did you mean 'run.csv'"),
        (lambda: losscli.compute("mse", losscli.source("run.csv::yhta"), [1]), "did you mean 'yhat'"),
        (lambda: losscli.compute("mse", Path("p.npy"), input=Path("p.npy")), "mse got input twice"),
        (lambda: losscli.source(5), "a source is written as text"),  # type: ignore[arg-type]
    ],
)
def test_refusals(call: Any, said: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        call()
    assert said in str(caught.value)
    assert "--" not in str(caught.value)


def test_how_to_read(folder: Path) -> None:
    (folder / "de.csv").write_text("id;yhat;y\n2;2,5;2\n1;1,5;1\n")
    german = losscli.source("de.csv", delimiter=";", decimal=",")
    assert losscli.compute("mse", german).value == 0.25
    column = losscli.source("de.csv::yhat", delimiter=";", decimal=",")
    assert losscli.compute("mse", column, [2.0, 1.0]).value == 0.25
    (folder / "bare.txt").write_text("1.234|5\n2.000|6\n", "utf-16-le")
    bare = losscli.source("bare.txt::0", delimiter="|", thousands=".", decimal=",", header=False, encoding="utf-16-le")
    assert losscli.compute("mse", bare, [1234, 2000]).value == 0
    np.save(folder / "brain.npy", np.array([0x3F80, 0x4000], np.uint16).view("V2"))
    assert losscli.compute("mse", losscli.source("brain.npy", bfloat16=True), [1, 4]).value == 2
    (folder / "gaps.csv").write_text("pred,target\n1,1\n,4\n2,4\n")
    assert losscli.compute("mse", losscli.source("gaps.csv", missing="skip")).value == 2
    (folder / "claim.csv").write_text("loss;n\n0,25;1\n")
    claim = losscli.source("claim.csv::loss", delimiter=";", decimal=",")
    assert losscli.verify("mse", german, claim=claim).holds


def test_key(folder: Path) -> None:
    (folder / "pred.csv").write_text("step,yhat\n3,3\n1,1.5\n2,2.5\n")
    (folder / "true.csv").write_text("step;y\n1;1\n2;2\n3;4\n")
    true = losscli.source("true.csv::y", key="step", delimiter=";")
    assert losscli.compute("mse", losscli.source("pred.csv::yhat"), true).value == 0.5
    with pytest.raises(losscli.LossError, match="the keys 'id' and 'step'"):
        losscli.compute("mse", losscli.source("pred.csv::yhat", key="id"), true)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": 5}, "delimiter must be"),
        ({"decimal": "x"}, "decimal must be"),
        ({"decimal": ",", "delimiter": ","}, "decimal and delimiter are both ','"),
        ({"missing": "drop"}, "missing must be"),
        ({"header": "yes"}, "header must be true or false"),
        ({"encoding": "klingon"}, "encoding 'klingon' is no encoding"),
    ],
)
def test_options_are_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(losscli.LossError) as caught:
        losscli.source("run.csv", **options)
    assert said in caught.value.fact


@pytest.mark.usefixtures("folder")
def test_options_of_a_file_are_given_to_its_source() -> None:
    with pytest.raises(losscli.LossError, match=r'losscli\.source\("FILE", delimiter=";"\)'):
        losscli.compute("mse", Path("run.csv"), delimiter=";")
    assert losscli.source("a", delimiter=";") == losscli.source("a", delimiter=";") != losscli.source("a")


@pytest.mark.parametrize("word", ["reg.csv", "reg.npz::yhat", "runs/x.npy"])
def test_a_text_is_no_file(word: str) -> None:
    calls: list[Any] = [
        lambda: losscli.compute("mse", word),
        lambda: losscli.compute("mse", [1.0], target=word),
        lambda: losscli.compute("mse", [1.0], [1.0], sample_weight=word),
        lambda: losscli.verify("mse", [1.0], [1.0], claim_per_sample=word),
    ]
    for call in calls:
        with pytest.raises(losscli.LossError) as caught:
            call()
        assert word in caught.value.fact
        assert "losscli.source" in caught.value.cure
        assert "pathlib.Path" in caught.value.cure
