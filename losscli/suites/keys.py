"""The keys of a suite file and what may stand there: one table for the reader and for the schema that editors use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from losscli.reading.container import near_miss
from losscli.reading.yaml_text import Block
from losscli.schema.domains import check_amount
from losscli.schema.faults import UsageFault
from losscli.schema.records import record


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_array(value: object) -> bool:
    return isinstance(value, (str, list)) or _is_number(value)


def _is_amount(value: Any) -> bool:
    try:
        check_amount("", value)
    except UsageFault:
        return False
    return True


@record
class Kind:
    """What may stand at a key: in words, as a test, and as JSON Schema."""

    words: str
    fits: Callable[[object], bool]
    schema: Mapping[str, object]


WORD = Kind("a word", lambda value: isinstance(value, str) and bool(value), {"type": "string", "minLength": 1})
NAME = Kind(
    "a word",
    lambda value: _is_number(value) or (isinstance(value, str) and bool(value.strip())),
    {"type": ["string", "number"], "minLength": 1},
)
SWITCH = Kind("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
INTEGER = Kind("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool), {"type": "integer"})
NUMBER = Kind("a number", lambda value: _is_number(value) and value == value, {"type": "number"})
AMOUNT = Kind(
    "a number that is not negative",
    lambda value: _is_number(value) and _is_amount(value),
    {"type": "number", "minimum": 0},
)
BOUND = Kind(
    "a number or a SOURCE", lambda value: isinstance(value, str) or NUMBER.fits(value), {"type": ["number", "string"]}
)
ARRAY = Kind("a number, a list or a SOURCE", _is_array, {"type": ["number", "string", "array"]})
WORDS = Kind(
    "a list of words",
    lambda value: (
        isinstance(value, str)
        or (isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value))
    ),
    {"type": ["string", "array"], "items": {"type": "string"}},
)
INPUTS = Kind(
    "a list of sources, or a mapping of roles to sources",
    lambda value: isinstance(value, (list, dict)) and bool(value),
    {"type": ["array", "object"], "minItems": 1, "minProperties": 1},
)
PARAMETERS = Kind(
    "a SOURCE, or a mapping of names to arrays",
    lambda value: isinstance(value, (str, dict)) and bool(value),
    {"type": ["string", "object"], "minLength": 1, "minProperties": 1},
)
MAPPING = Kind("a mapping", lambda value: isinstance(value, dict), {"type": "object"})
CLAIMS = Kind(
    "a mapping", lambda value: isinstance(value, dict) and bool(value), {"type": "object", "minProperties": 1}
)

EXPECT: dict[str, tuple[Kind, str]] = {
    "value": (ARRAY, "the reduced value; its digits count, quoted or not"),
    "per_sample": (ARRAY, "the losses of all samples"),
    "gradients": (CLAIMS, "the gradients by role"),
    "at_most": (BOUND, "the value is so much or less"),
    "at_least": (BOUND, "the value is so much or more"),
    "error": (WORD, "words in the message of the error that the case must end with"),
}
TOLERANCES: dict[str, tuple[Kind, str]] = {
    "rtol": (AMOUNT, "|difference| ≤ atol + rtol · |ours|, in place of the digits"),
    "atol": (AMOUNT, "see rtol"),
}
CASE: dict[str, tuple[Kind, str]] = {
    "name": (NAME, "what the case is called; once in a file"),
    "loss": (WORD, "a name that `losscli list` shows"),
    "inputs": (INPUTS, "by position or by role: numbers, lists, or SOURCEs relative to this file"),
    "options": (MAPPING, "the loss's options by PyTorch's argument names"),
    "reduction": (WORD, "none, mean, sum or batchmean, as the loss allows"),
    "size_average": (SWITCH, "deprecated; use reduction"),
    "reduce": (SWITCH, "deprecated; use reduction"),
    "convention": (WORD, "whose defaults and constants: torch, exact, keras, sklearn, optax"),
    "class_axis": (INTEGER, "the axis of the classes, or of a vector's components"),
    "sample_weight": (ARRAY, "what each sample counts"),
    "nonfinite": (WORD, "error or propagate"),
    "l1": (AMOUNT, "add l1 · Σ|w| over the parameters"),
    "l2": (AMOUNT, "add l2/2 · Σw² over the parameters; l2 · Σw² in the convention keras"),
    "params": (PARAMETERS, "the parameters by name: a SOURCE, or a mapping of names to numbers and lists"),
    "penalize_bias": (SWITCH, "penalise arrays with bias in their name too"),
    "strict": (SWITCH, "data that look like something else are an error"),
    "classes": (WORDS, "the names of the classes, where labels are words"),
    "key": (WORD, "join text files on this column"),
    "header": (SWITCH, "whether the first row of a text file is a header"),
    "delimiter": (WORD, "what stands between the cells of a text file"),
    "bfloat16": (SWITCH, "two-byte raw .npy files hold bfloat16"),
    "expect": (CLAIMS, "what is claimed"),
    "tolerance": (MAPPING, "in place of the digits"),
    "precision": (WORD, "single, or double: no rounding is allowed but that of float64"),
    "exact_inputs": (SWITCH, "inputs read from text are exact, not rounded"),
}
_LONGEST = 10**30
TOP = ("losscli", "defaults", "cases")


def faults_of(found: Mapping[str, object], known: Mapping[str, tuple[Kind, str]], where: str = "") -> list[str]:
    """What is wrong with the keys of a mapping: unknown ones, with a hint, and values of the wrong kind."""
    faults = []
    for key, value in found.items():
        place = f"{line_of(found, key)}: " if line_of(found, key) else ""
        if key not in known:
            hint = near_miss(key, known) or f"; there are {', '.join(known)}"
            faults.append(f"{place}unknown key {key!r}{where}{hint}")
        elif value is not None and not known[key][0].fits(value):
            faults.append(f"{place}{key} must be {known[key][0].words}, got {_shown(value)}")
    return faults


def line_of(found: Mapping[str, object], key: str) -> str:
    """`line 7`: where a key stands, empty if nobody knows."""
    line = found.lines.get(key) if isinstance(found, Block) else None
    return f"line {line}" if line else ""


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "an integer of many digits" if isinstance(value, int) and abs(value) > _LONGEST else repr(value)


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
