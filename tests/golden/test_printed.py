"""Numbers that frameworks printed, in float32 and with few digits, hold: as Python prints them, and in eight digits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import losscli

RECORDS = json.loads(Path(__file__).with_name("printed.json").read_text(encoding="utf-8"))["records"]


def inputs_of(record: Any) -> dict[str, Any]:
    return {
        role: np.asarray(values, np.float32 if role in record["float32"] else None)
        for role, values in record["inputs"].items()
    }


@pytest.mark.parametrize("digits", ["repr", "digits"])
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["call"])
def test_a_printed_number_holds(record: Any, digits: str) -> None:
    asked = {"convention": record["convention"], "reduction": "mean"}
    verified = losscli.verify(record["loss"], **inputs_of(record), claim=record[digits], **asked)
    assert verified.holds, (record[digits], verified.result.value)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["call"])
def test_a_number_near_it_does_not(record: Any) -> None:
    """One part in ten thousand is more than any of these frameworks rounds."""
    asked = {"convention": record["convention"], "reduction": "mean"}
    near = f"{float(record['repr']) * (1 + 1e-4):#.8g}"
    assert not losscli.verify(record["loss"], **inputs_of(record), claim=near, **asked).holds
