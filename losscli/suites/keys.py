"""The keys of a suite file and their values: one table for parsing and for the JSON Schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from losscli.reading.container import near_miss
from losscli.reading.text.yaml_text import Block
from losscli.schema.kinds import ARRAY, NUMBER, WORD, Kind, is_number
from losscli.schema.settings import SETTINGS

NAME = Kind(
    "a word",
    {"type": ["string", "number"], "minLength": 1},
    lambda value: is_number(value) or (isinstance(value, str) and bool(value.strip())),
)
BOUND = Kind(
    "a number or a SOURCE",
    {"type": ["number", "string"]},
    lambda value: isinstance(value, str) or NUMBER.fits(value),
)
INPUTS = Kind(
    "a list of sources, or a mapping of roles to sources",
    {"type": ["array", "object"], "minItems": 1, "minProperties": 1},
    lambda value: isinstance(value, (list, dict)) and bool(value),
)
MAPPING = Kind("a mapping", {"type": "object"}, lambda value: isinstance(value, dict))
CLAIMS = Kind(
    "a mapping that is not empty",
    {"type": "object", "minProperties": 1},
    lambda value: isinstance(value, dict) and bool(value),
)
_IN_TOLERANCE = ("rtol", "atol")

EXPECT: dict[str, tuple[Kind, str]] = {
    "value": (ARRAY, "the reduced value; its digits count, quoted or not; as any claim also FILE.py:FUNCTION"),
    "per_sample": (ARRAY, "the losses of all samples"),
    "gradients": (CLAIMS, "the gradients by role"),
    "at_most": (BOUND, "the value is so much or less"),
    "at_least": (BOUND, "the value is so much or more"),
    "error": (WORD, "words in the message of the error that the case must end with"),
}
_SETTINGS = {setting.name: (setting.kind, setting.description) for setting in SETTINGS.values() if setting.where.suite}
TOLERANCES: dict[str, tuple[Kind, str]] = {name: _SETTINGS[name] for name in (*_IN_TOLERANCE, "precision")}
CASE: dict[str, tuple[Kind, str]] = {
    "name": (NAME, "what the case is called; once in a file"),
    "loss": (WORD, "a name that `losscli list` shows"),
    "inputs": (INPUTS, "by position or by role: numbers, lists, or SOURCEs relative to this file"),
    "options": (MAPPING, "the loss's options by PyTorch's argument names"),
    **{name: declared for name, declared in _SETTINGS.items() if name not in _IN_TOLERANCE},
    "expect": (MAPPING, "what is claimed"),
    "tolerance": (MAPPING, "in place of the digits"),
}
TOP = ("losscli", "defaults", "cases")


def faults_of(
    mapping: Mapping[str, object],
    known: Mapping[str, tuple[Kind, str]],
    where: str = "",
    options: Collection[str] = (),
) -> list[str]:
    """The faults of a mapping: unknown keys, with a hint, and values of a wrong kind; `options` are the loss's."""
    faults = []
    for key, value in mapping.items():
        place = f"{line_of(mapping, key)}: " if line_of(mapping, key) else ""
        if key not in known:
            parts = (("expect", EXPECT), ("tolerance", TOLERANCES), ("options", options))
            part = next((f"; put it under {part}" for part, keys in parts if key in keys), "")
            hint = part or near_miss(key, known) or f"; there are {', '.join(known)}"
            faults.append(f"{place}unknown key {key!r}{where}{hint}")
        elif value is not None and (fault := known[key][0].fault(value)):
            faults.append(f"{place}{key} must be {fault}")
    return faults


def line_of(mapping: Mapping[str, object], key: str) -> str:
    """`line 7`: the line of a key; empty if it is unknown."""
    line = mapping.lines.get(key) if isinstance(mapping, Block) else None
    return f"line {line}" if line else ""


def json_schema() -> dict[str, object]:
    """The JSON Schema of a suite file, for editors."""
    keys = {**_properties(CASE), "expect": _closed(EXPECT, minProperties=1), "tolerance": _closed(TOLERANCES)}
    case = {"type": "object", "properties": keys, "additionalProperties": False}
    defaults = {key: value for key, value in keys.items() if key != "name"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "losscli suite",
        "type": "object",
        "required": ["losscli", "cases"],
        "additionalProperties": False,
        "properties": {
            "losscli": {"const": 1, "description": "the version of this format"},
            "defaults": {**case, "properties": defaults, "description": "any key of a case except name"},
            "cases": {"type": "array", "minItems": 1, "items": {**case, "required": ["name"]}},
        },
    }


def _closed(known: Mapping[str, tuple[Kind, str]], **more: object) -> dict[str, object]:
    return {"type": "object", "properties": _properties(known), "additionalProperties": False, **more}


def _properties(known: Mapping[str, tuple[Kind, str]]) -> dict[str, object]:
    return {key: {**kind.schema, "description": text} for key, (kind, text) in known.items()}
