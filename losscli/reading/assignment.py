"""Which word of a command stands for which role."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from losscli.reading.container import near_miss
from losscli.reading.opener import Opener, Source
from losscli.schema.faults import DataFault, UsageFault
from losscli.schema.synonyms import role_named


def sources_by_role(
    sources: Sequence[Source],
    named: Mapping[str, Source],
    roles: Sequence[str],
    optional_roles: Sequence[str],
    of_many: str,
    opener: Opener,
    other_sources: Sequence[str] = (),
    row_roles: Collection[str] = (),
) -> tuple[dict[str, Source], tuple[str, ...]]:
    """The SOURCE of each role in the order they were given in, and a note if one file for all holds more than that.

    `sources` are positional, then ROLE=SOURCE; `named` are given by role. In place of the role `of_many` stand the
    names of all arrays in its source, each with its SOURCE. `row_roles` hold several numbers a sample.
    """
    every = (*roles, *optional_roles)
    positional, by_role = _positional_and_named(sources, named, every, of_many, opener)
    missing = [role for role in roles[len(positional) :] if role not in by_role]
    if any(name not in every for name in by_role):  # its arrays have their own sources
        missing = [role for role in missing if role != of_many]
    if missing or len(positional) > len(every):
        none_for = f", and none for {', '.join(missing)}" if missing else ""
        miscounted = UsageFault(
            f"{len(roles)} sources expected ({', '.join(roles)}), got {len(sources) + len(named)}{none_for}",
            _pattern_of(positional, len(roles), opener)
            or "give each role its source, in this order or as ROLE=SOURCE, or one file that names them all",
        )
        if len(positional) != 1:
            raise miscounted
        opened = opener.open(positional[0])
        if opened.selector is not None or not opened.container.labels:
            raise miscounted
        from losscli.reading.roles import Wanted, all_in_one

        required, optional = ([r for r in some if r not in by_role] for some in (roles, optional_roles))
        given_by_role = [f"{role}={_text(source)}" for role, source in by_role.items()]
        wanted = Wanted(required, optional, of_many, row_roles, given_by_role, other_sources)
        words, notes = all_in_one(opened, wanted, opener.options, miscounted)
        return words | by_role, notes
    given: dict[str, Source] = dict(zip(every, positional, strict=False))
    for role in given:
        if role in by_role:
            raise UsageFault(f"{role} is given twice: {_text(given[role])} and {_text(by_role[role])}", "leave one out")
    given |= by_role
    if of_many in given:
        given |= _each_of(given.pop(of_many), opener)
    return given, ()


def _pattern_of(sources: Sequence[Source], expected: int, opener: Opener) -> str:
    """The cure where a shell has put the files of a pattern in its place; empty if it has not."""
    words = [_text(source) for source in sources]
    extra = len(words) - expected
    for start in range(expected) if extra > 0 else ():
        run = words[start : start + extra + 1]
        if all(map(opener.exists, run)) and (pattern := _stem(run)):
            return f"if the shell has put files in the place of a pattern, quote it: '{pattern}'"
    return ""


def _stem(names: Sequence[str]) -> str:
    """The pattern of names that begin and end alike, empty if they do not."""
    least, most = min(names), max(names)
    start = next((at for at, pair in enumerate(zip(least, most, strict=False)) if pair[0] != pair[1]), len(least))
    ends = {name[name.rfind(".") :] if "." in name else "" for name in names}
    return f"{least[:start]}*{ends.pop()}" if len(ends) == 1 and start else ""


def _each_of(source: Source, opener: Opener) -> dict[str, Source]:
    """Each array of a source by its name."""
    opened = opener.open(source)
    if opened.selector is not None or not opened.container.labels:
        fact = f"{opened.source}: one array, where many with names are expected"
        raise DataFault(fact, "give a file that names its arrays, such as an .npz")
    return {label: opened.part(label) for label in opened.container.labels}


def _text(source: Source) -> str:
    return source if isinstance(source, str) else source.source


def _positional_and_named(
    sources: Sequence[Source], named: Mapping[str, Source], roles: Sequence[str], of_many: str, opener: Opener
) -> tuple[list[Source], dict[str, Source]]:
    """Positional sources, and those given by role, or by the name of one array `of_many`."""
    positional: list[Source] = []
    by_role: dict[str, Source] = {}

    def add(role: str, source: Source) -> None:
        if role in by_role:
            raise UsageFault(f"{role} is given twice: {_text(by_role[role])} and {_text(source)}", "leave one out")
        by_role[role] = source

    for name, source in named.items():
        role = role_named(name, roles) or (name if of_many and "." in name else None)
        if role is None:
            raise UsageFault(f"{name} is no input{near_miss(name, roles)}", f"the inputs are {', '.join(roles)}")
        add(role, source)
    for source in sources:
        left, equals, right = source.partition("=") if isinstance(source, str) else ("", "", "")
        role = role_named(left, roles) if equals else None
        if role is None and equals and not opener.names_something(_text(source).split("::")[0]):
            if of_many and "." in left:
                role = left
            elif left.isidentifier():
                raise UsageFault(f"{left} is no input{near_miss(left, roles)}", f"the inputs are {', '.join(roles)}")
        if role is not None:
            add(role, right)
        elif by_role:
            first, given = next(iter(by_role.items()))
            raise UsageFault(f"{_text(source)} follows {first}={_text(given)}", "put ROLE=SOURCE last")
        else:
            positional.append(source)
    return positional, by_role
