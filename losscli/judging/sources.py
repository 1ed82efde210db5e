"""Claims in a user's words: numbers, sources, and patterns in logs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from losscli.judging.claims import Claim, claim_of
from losscli.reading.logs import last_match, split_pattern
from losscli.reading.numerals import is_number, misread
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_source
from losscli.schema.faults import DataFault
from losscli.schema.loss import Loss
from losscli.schema.synonyms import role_named


def claim_from(word: str, kind: str, reading: ReadOptions, role: str = "") -> Claim:
    """The claim that a word of a command, or of a suite, makes."""
    word = word.strip()
    if (log := split_pattern(word)) is not None:
        text, place = last_match(*log, reading.base)
        return _number(text.strip(), kind, role, place)
    if is_number(word):
        return _number(word, kind, role, "claim")
    claim = claim_of(read_source(word, replace(reading, keep_text=True)), kind, role)
    if kind == "value" and claim.values.size == 1:
        text_of = claim.text
        return replace(claim, values=claim.values.reshape(()), text=text_of)
    return claim


def gradient_from(word: str, loss: Loss, reading: ReadOptions, parameters: Collection[str] = ()) -> Claim:
    """The claim of `[ROLE=]SOURCE`: the gradient in the first input, unless it names another, or a parameter."""
    left, equals, source = word.partition("=")
    role = left if equals and left in parameters else role_named(left, loss.roles) if equals else None
    if role is None:
        role, source = next((spec.name for spec in loss.inputs if spec.differentiable), loss.roles[0]), word
    return claim_from(source, "gradient", reading, role)


def _number(text: str, kind: str, role: str, source: str) -> Claim:
    if not is_number(text):
        fact, cure = misread(text)
        raise DataFault(f"{source}: {fact}", cure)
    return Claim(kind, source, np.asarray(float(text)), "text", role, lambda _: text)
