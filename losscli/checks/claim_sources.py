"""Claims in a user's words: numbers, sources, and patterns in logs."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from shlex import quote

from losscli.checks.almost_numbers import almost
from losscli.checks.claims import BOUNDS, Claim, FunctionClaim, claim_of, number_claim
from losscli.reading.formats import TEXT, promised_format
from losscli.reading.logs import last_match, shown, split_pattern
from losscli.reading.options import ReadOptions
from losscli.reading.sources import read_number, read_source
from losscli.reading.text.printed import number_text
from losscli.request.naming import names_a_function
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.loss import Loss
from losscli.schema.settings import of_text
from losscli.schema.synonyms import role_named

_WORD = re.compile(r"[\w+-]*+(?:\.\d[\w+-]*+)?+")  # no SOURCE, unless there is a file of that name


def claim_from(
    word: str, kind: str, reading: ReadOptions, role: str = "", notes: list[str] | None = None
) -> Claim | FunctionClaim:
    """The claim that a word of a command, or of a suite, makes; what to know about it is added to the notes."""
    word = word.strip()
    if (log := split_pattern(word)) is not None:
        match = last_match(*log, reading)
        if notes is not None and match.count > 1:
            notes.append(f"{log[0]}: {match.count} matches of {shown(log[1])}, and the last counts: {match.place}")
        if number_text(match.text.strip()) is None:  # what it is stays unsaid: a pattern may have found a secret
            fact = f"{match.place}: what {shown(log[1])} finds there is no number"
            raise DataFault(fact, "put only the number in the group")
        return number_claim(match.text, kind, role, match.place)
    if kind not in BOUNDS and names_a_function(word):
        return FunctionClaim(kind, word, role, reading.base)
    if kind in BOUNDS and _WORD.fullmatch(word) and not Path(reading.base or "", word).exists():
        of_text(kind, word)  # a fault of usage unless it is a number
    if kind in ("value", *BOUNDS) and number_text(word) is not None:
        return number_claim(word, kind, role)
    if kind == "value" and almost(word) and not Path(reading.base or "", word).exists():
        return number_claim(word, kind, role)  # a fault that says what to write
    try:
        read = read_number if kind in ("value", *BOUNDS) else read_source
        claim = claim_of(read(word, replace(reading, keep_text=True)), kind, role)
    except DataFault as fault:
        address = word.partition("::")[0]
        if kind != "value" or promised_format(address)[0] not in (None, TEXT) or f"{address} line " not in fault.fact:
            raise
        cure = rf"if it is a log, name the number in it: '{address}::/loss=(\S+)/'"
        raise DataFault(fault.fact, f"{fault.cure}; {cure}" if fault.cure else cure) from None
    if kind in BOUNDS and claim.values.size != 1:
        cure = f"select one of them, such as the last: {quote(f'{word}.-1')}" if "::" in word else "select one of them"
        raise DataFault(f"{claim.source}: {claim.values.size} numbers, and a bound is one", cure)
    if kind in ("value", *BOUNDS) and claim.values.size == 1:
        return replace(claim, values=claim.values.reshape(()))
    return claim


def gradient_from(
    word: str, loss: Loss, reading: ReadOptions, parameters: Collection[str] = ()
) -> Claim | FunctionClaim:
    """The claim of `[ROLE=]SOURCE`: the gradient in the first input, unless it names another, or a parameter.

    A function may itself say of which inputs its gradients are.
    """
    left, equals, source = word.partition("=")
    named = bool(equals) and left.replace(".", "_").isidentifier()
    roles = [spec.name for spec in loss.inputs if spec.differentiable]
    role = left if named and left in parameters else role_named(left, loss.roles) if named else (*roles, "")[0]
    if role is None or (role not in roles and role not in parameters and not loss.of_many):
        known = ", ".join((*roles, *parameters)) or "none"
        raise UsageFault(f"{loss.name} has no gradient with respect to {left!r}", f"it has: {known}")
    if not named and names_a_function(word):
        return FunctionClaim("gradient", word, base=reading.base)
    source = source if named else word
    return claim_from(source, "gradient", reading, role)
