"""The JSON Schema of suites: it takes what the reader takes, and refuses what the reader refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from losscli.reading.text.structured import load_yaml
from tests.cli.helpers import SAMPLES, losscli, succeeds


def _complaints(value: Any, schema: Any, at: str = "") -> list[str]:
    """What a document violates of the few words of JSON Schema that ours is written in; any other is a complaint."""
    known = {"type", "const", "properties", "required", "additionalProperties", "items", "minItems", "minProperties"}
    known |= {"minLength", "minimum", "description", "title", "$schema", "enum"}
    found = [f"{at}: no rule for {word}" for word in schema.keys() - known]
    types = schema.get("type", [])
    names: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    wanted = [names[each] for each in ([types] if isinstance(types, str) else types)]
    if wanted and (
        not any(isinstance(value, each) for each in wanted) or (isinstance(value, bool) and bool not in wanted)
    ):
        return [*found, f"{at}: {value!r} is no {types}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: {value!r} is too small")
    if isinstance(value, dict):
        found += [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in value]
        found += [f"{at}: no items"] if len(value) < schema.get("minProperties", 0) else []
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                found += _complaints(inner, schema["properties"][key], f"{at}/{key}")
            elif schema.get("additionalProperties", True) is False:
                found.append(f"{at}: {key} is unknown")
    if isinstance(value, list):
        found += [f"{at}: no items"] if len(value) < schema.get("minItems", 0) else []
        for number, inner in enumerate(value if "items" in schema else []):
            found += _complaints(inner, schema["items"], f"{at}/{number}")
    return found


@pytest.mark.parametrize("path", [SAMPLES / "published.yaml", *sorted(SAMPLES.glob("*/case.yaml"))], ids=str)
def test_the_schema_describes_the_samples(path: Path) -> None:
    schema = succeeds("suite", "--schema").json
    assert _complaints(load_yaml(path, path.name), schema) == []


@pytest.mark.parametrize(
    "text",
    [
        "losscli: 2\ncases: [{name: a}]",
        "losscli: 1\ncases: []",
        "losscli: 1",
        "losscli: 1\nother: 2\ncases: [{name: a}]",
        "losscli: 1\ncases: [{loss: mse}]",
        "losscli: 1\ncases: [{name: a, reducton: sum}]",
        "losscli: 1\ncases: [{name: a, expect: {vlue: 1}}]",
        "losscli: 1\ncases: [{name: a, expect: {}}]",
        "losscli: 1\ncases: [{name: a, tolerance: {rtol: -1}}]",
        "losscli: 1\ndefaults: {name: a}\ncases: [{name: a}]",
    ],
)
def test_the_schema_refuses(text: str, tmp_path: Path) -> None:
    """And so does the reader."""
    schema = succeeds("suite", "--schema").json
    assert _complaints(load_yaml(text.encode(), "text"), schema)
    (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
    assert losscli("suite", "checks.yaml", at=tmp_path).code == 3
