"""MLflow's runs: in a SQLite file, and as folders."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from losscli.reading.sources import ReadOptions, read_each
from losscli.schema.faults import DataFault
from tests.cli.helpers import losscli
from tests.reading.helpers import read, refusal, whole

# What MLflow 3 creates, but for columns and constraints that do not matter here
SCHEMA = """
CREATE TABLE "runs" (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), lifecycle_stage VARCHAR(20),
    CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE "metrics" ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
    run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
    CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan), CHECK (is_nan IN (0, 1)));
CREATE TABLE "latest_metrics" ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT,
    step BIGINT NOT NULL, is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    CONSTRAINT latest_metric_pk PRIMARY KEY ("key", run_uuid));
"""
VIEW = """CREATE VIEW metrics AS SELECT 'a' AS key, load_extension('x') AS value, 1 AS timestamp, '1' AS run_uuid,
    1 AS step, 0 AS is_nan;"""
IDS = {"base/one": "aa11" * 8, "twin": "ab22" * 8, "twin ": "ab33" * 8, "gone": "cc44" * 8}
HISTORY = [(0.5, 1), (0.25, 3), (0.75, 2)]


def database(path: Path, script: str = "") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        for name, run in IDS.items():
            stage = "deleted" if name == "gone" else "active"
            connection.execute("INSERT INTO runs VALUES (?, ?, ?)", (run, name.strip(), stage))
            logged = [("val/loss", value, step, 0) for value, step in HISTORY]
            logged += [("odd", 0.0, 1, 1), ("odd", 1.7976931348623157e308, 2, 0)]
            for at, (key, value, step, is_nan) in enumerate(logged):
                connection.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", (key, value, at, run, step, is_nan))
                latest = (key, value, at, step, is_nan, run)
                connection.execute("INSERT OR REPLACE INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)", latest)
        connection.commit()
        connection.executescript(script)
        connection.commit()


def folders(root: Path) -> None:
    for name, run in IDS.items():
        folder = root / "0" / run
        (folder / "metrics" / "val").mkdir(parents=True)
        (folder / "tags").mkdir()
        (folder / "meta.yaml").write_text(f"run_id: {run}\n")
        (folder / "tags" / "mlflow.runName").write_text(name.strip())
        lines = [f"17000000{step} {value} {step}\n" for value, step in HISTORY]
        (folder / "metrics" / "val" / "loss").write_text("".join(lines))
        (folder / "metrics" / "odd").write_text("17 nan 1\n17 inf 2\n")
    (root / "0" / "meta.yaml").write_text("experiment_id: '0'\n")
    (root / ".trash").mkdir()


@pytest.fixture(params=["mlflow.db", "mlruns"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name = str(request.param)
    (database if name == "mlflow.db" else folders)(tmp_path / name)
    return name


def test_runs_and_metrics(store: str, tmp_path: Path) -> None:
    for run in ("base/one", IDS["base/one"], "aa", IDS["twin"], "ab2"):
        assert whole(read(tmp_path, f"{store}::{run}/val/loss")).tolist() == [0.5, 0.75, 0.25]
        assert whole(read(tmp_path, f"{store}::{run}/val/loss.-1")).tolist() == 0.25
    nan, infinite = whole(read(tmp_path, f"{store}::base/one/odd")).tolist()
    assert math.isnan(nan)
    assert infinite == math.inf


def test_what_is_ambiguous(store: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, f"{store}::twin/val/loss")
    assert said.startswith(f"{store}: 2 runs are meant by 'twin'\ngive the id of one: {IDS['twin']}")
    assert refusal(tmp_path, f"{store}::ab/val/loss").startswith(f"{store}: 2 runs are meant by 'ab'")
    said = refusal(tmp_path, f"{store}::base/one/val/los")
    assert said.startswith(f"{store}: the run base/one has no metric 'val/los', did you mean 'val/loss'?")
    assert refusal(tmp_path, f"{store}::none/val/loss").startswith(f"{store}: no array 'none/val/loss'")


def test_inspect_and_claims(store: str, tmp_path: Path) -> None:
    arrays, _ = read_each(store, ReadOptions(base=tmp_path))
    assert f"{store}::base/one/val/loss" in [data.source for data in arrays]
    ended = losscli("verify", "mse", "[1]", "[0.5]", "--claim", f"{store}::base/one/val/loss.-1", at=tmp_path)
    assert ended.code == 0


def test_the_folder_of_a_run(tmp_path: Path) -> None:
    folders(tmp_path / "mlruns")
    run = f"mlruns/0/{IDS['twin']}"
    assert whole(read(tmp_path, f"{run}::val/loss")).tolist() == [0.5, 0.75, 0.25]
    assert whole(read(tmp_path, f"{run}::val/loss.-1")).tolist() == 0.25
    (tmp_path / run / "metrics" / "bad").write_text("1 2 3 4\n")
    assert "line 1: not TIMESTAMP VALUE STEP" in refusal(tmp_path, f"{run}::bad")
    (tmp_path / "secret").write_text("1 42 1\n")
    (tmp_path / run / "metrics" / "link").symlink_to(tmp_path / "secret")
    assert "no array 'link'" in refusal(tmp_path, f"{run}::link")


def test_deleted_runs_are_none(tmp_path: Path) -> None:
    database(tmp_path / "mlflow.db")
    assert "no array" in refusal(tmp_path, "mlflow.db::gone/val/loss")


@pytest.mark.parametrize(
    "script",
    [
        f"DROP TABLE metrics; {VIEW}",
        "DROP TABLE metrics;",
        "ALTER TABLE runs DROP COLUMN name;",
        "ALTER TABLE runs DROP COLUMN name; ALTER TABLE runs ADD COLUMN name AS (upper(run_uuid));",
    ],
)
def test_what_is_not_of_mlflow(tmp_path: Path, script: str) -> None:
    database(tmp_path / "x.db", script)
    said = refusal(tmp_path, "x.db::base/one/val/loss")
    assert said.startswith("x.db: looks like SQLite, which is not read, but for files of MLflow\nsqlite3 -csv")


def test_nothing_is_written_or_executed(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM metrics; END;"
    database(tmp_path / "x.db", trigger)
    before = (tmp_path / "x.db").read_bytes()
    assert whole(read(tmp_path, "x.db::aa/val/loss")).tolist() == [0.5, 0.75, 0.25]
    assert (tmp_path / "x.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.db"]


def test_damaged_files(tmp_path: Path) -> None:
    database(tmp_path / "y.db")
    content = (tmp_path / "y.db").read_bytes()
    for end in range(20, len(content), 997):
        (tmp_path / "x.db").write_bytes(content[:end])
        with suppress(DataFault):
            assert len(whole(read(tmp_path, "x.db::aa/val/loss"))) == 3
    for at in range(100, len(content), 211):
        wrong = bytearray(content)
        wrong[at] ^= 0x5A
        (tmp_path / "x.db").write_bytes(wrong)
        with suppress(DataFault):
            whole(read(tmp_path, "x.db::aa/val/loss"))


def test_values_that_are_no_numbers(tmp_path: Path) -> None:
    database(tmp_path / "x.db", "UPDATE metrics SET value = 'cat' WHERE step = 2;")
    assert "a value or a step that is no number" in refusal(tmp_path, "x.db::aa/val/loss")


def test_what_a_run_has_not_put_into_the_file_yet(tmp_path: Path) -> None:
    database(tmp_path / "x.db")
    (tmp_path / "x.db-wal").write_bytes(b"x")
    _, notes = read_each("x.db", ReadOptions(base=tmp_path))
    assert "x.db: what is only in x.db-wal so far is not seen" in notes
