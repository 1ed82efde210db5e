"""Which word of a command stands for which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote

from losscli.reading.container import listed, named_like_id, near_miss
from losscli.reading.opener import Shelf
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.synonyms import role_named


def _none_for(missing: Sequence[str]) -> str:
    return f", and none for {', '.join(missing)}" if missing else ""


def words_by_role(
    sources: Sequence[str], roles: Sequence[str], optional_roles: Sequence[str], of_many: str, shelf: Shelf
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The SOURCE of each role in the order they were given in, and a note if one file for all holds more than that.

    In place of the role `of_many` stand the names of all arrays in its source, each with its SOURCE.
    """
    every = (*roles, *optional_roles)
    positional, named = _sorted_out(sources, every, of_many, shelf)
    missing = [role for role in roles[len(positional) :] if role not in named]
    if any(name not in every for name in named):  # its arrays have their own sources
        missing = [role for role in missing if role != of_many]
    miscounted = UsageFault(
        f"{len(roles)} sources expected ({', '.join(roles)}), got {len(sources)}{_none_for(missing)}",
        _pattern_of(positional, len(roles), shelf)
        or "give each role its source, in this order or as ROLE=SOURCE, or one file that names them all",
    )
    if len(positional) > len(every) or (missing and len(positional) != 1):
        raise miscounted
    if missing:
        wanted = [role for role in roles if role not in named]
        words, notes = _all_in_one(
            positional[0], wanted, [r for r in every if r not in named], of_many, shelf, miscounted
        )
        return words | named, notes
    words = dict(zip(every, positional, strict=False))
    for role in words:
        if role in named:
            raise UsageFault(f"{role} is given twice: {words[role]} and {named[role]}", "leave one out")
    words |= named
    if of_many in words:
        words |= _each_of(words.pop(of_many), shelf)
    return words, ()


def _pattern_of(words: Sequence[str], expected: int, shelf: Shelf) -> str:
    """The cure where a shell has put the files of a pattern in its place; empty if it has not."""
    extra = len(words) - expected
    for start in range(expected) if extra > 0 else ():
        run = words[start : start + extra + 1]
        if all(map(shelf.exists, run)) and (pattern := _stem(run)):
            return f"if the shell has put files in the place of a pattern, quote it: '{pattern}'"
    return ""


def _stem(names: Sequence[str]) -> str:
    """The pattern of names that begin and end alike, empty if they do not."""
    least, most = min(names), max(names)
    start = next((at for at, pair in enumerate(zip(least, most, strict=False)) if pair[0] != pair[1]), len(least))
    ends = {name[name.rfind(".") :] if "." in name else "" for name in names}
    return f"{least[:start]}*{ends.pop()}" if len(ends) == 1 and start else ""


def _each_of(word: str, shelf: Shelf) -> dict[str, str]:
    """The names of all arrays of a source, and what selects each."""
    found = shelf.find(word)
    if found.selector is not None or not found.container.labels:
        raise DataFault(f"{word}: one array, where many with names are expected", "give an .npz, or a YAML mapping")
    return {label: f"{word}::{label}" for label in found.container.labels}


def _sorted_out(
    sources: Sequence[str], roles: Sequence[str], of_many: str, shelf: Shelf
) -> tuple[list[str], dict[str, str]]:
    """Positional sources, and those given by role, or by the name of one array `of_many`."""
    positional: list[str] = []
    named: dict[str, str] = {}
    for word in sources:
        left, equals, source = word.partition("=")
        role = role_named(left, roles) if equals else None
        if role is None and equals and of_many and "." in left and not shelf.names_something(word.split("::")[0]):
            role = left
        if role is None:
            if equals and left.isidentifier() and not shelf.names_something(word.split("::")[0]):
                raise UsageFault(f"{left} is no input{near_miss(left, roles)}", f"the inputs are {', '.join(roles)}")
            if named:
                raise UsageFault(f"{word} follows {'='.join(next(iter(named.items())))}", "put ROLE=SOURCE last")
            positional.append(word)
        elif role in named:
            raise UsageFault(f"{role} is given twice: {named[role]} and {source}", "leave one out")
        else:
            named[role] = source
    return positional, named


def _all_in_one(
    word: str, wanted: Sequence[str], roles: Sequence[str], of_many: str, shelf: Shelf, miscounted: UsageFault
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The roles' arrays in one file, as SOURCEs that select them; the wanted ones must all be there."""
    found = shelf.find(word)
    if found.selector is not None or not found.container.labels:
        raise miscounted
    from losscli.reading.roles import selectors_by_role

    selectors, unused = selectors_by_role(found.container, roles, shelf.options.key)
    if of_many in wanted and unused:
        selectors, unused = {**selectors, **{label: label for label in unused}}, ()
        wanted = [role for role in wanted if role != of_many]
    absent = [role for role in wanted if role not in selectors]
    if absent:
        cure = f"choose what is meant: {_chosen(word, wanted, selectors, unused, shelf.options.command)}"
        if not selectors:
            raise UsageFault(f"{miscounted.fact}; {word} has {listed(unused)}", cure)
        besides = f"; it has {listed(unused)} besides" if unused else ""
        raise DataFault(f"{word}: nothing in it is named {' or '.join(absent)}{besides}", cure)
    notes = (f"{found.container.name}: {listed(unused)} not used",) if unused else ()
    return {role: f"{word}::{selector}" for role, selector in selectors.items()}, notes


def _chosen(word: str, wanted: Sequence[str], selectors: Mapping[str, str], unused: Sequence[str], command: str) -> str:
    """The sources of all roles in their order, as a command; what is not known yet is the next column that is left."""
    left = iter([label for label in unused if not named_like_id(label)])
    labels = (selectors[role] if role in selectors else next(left, role.upper()) for role in wanted)
    sources = (f"{word}::{label}" for label in labels)
    return " ".join((*((command,) if command else ()), *(quote(source) for source in sources)))
