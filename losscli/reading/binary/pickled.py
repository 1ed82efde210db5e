"""Pickles, read without executing anything: plain data, and calls of functions that are losscli's own.

Of the pickle machine's operations those are known that plain data need. A name in a pickle means what the caller says
it means: no module is imported. Work and memory are bounded by the length of the pickle.
"""

from __future__ import annotations

import pickle  # for the names of its operations; it reads nothing here
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MOST_STEPS = 5_000_000  # each makes one object at most
_LONGEST_INTEGER = 64  # bytes


class UnknownName(Exception):
    """Carries a name that means nothing here, and whether it is the outermost thing in the pickle."""

    def __init__(self, name: str, outermost: bool) -> None:
        super().__init__(name)
        self.outermost = outermost


class Damaged(Exception):
    """Carries why a pickle cannot be read."""


class Built:
    """An object whose state a pickle gives after the object itself."""

    def __init__(self, kind: str, *arguments: Any) -> None:
        self.kind, self.arguments = kind, arguments
        self.state: Any = None


def unpickled(content: bytes, names: Mapping[str, Any], stored: Callable[[Any], object]) -> object:
    """The object in a pickle. `names` give what each name means, `stored` what has a persistent id.

    Raises UnknownName and Damaged.
    """
    machine = _Machine(content, names, stored)
    try:
        return machine.run()
    except RecursionError:
        raise Damaged("nested too deeply") from None
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, struct.error) as error:
        raise Damaged(str(error) or type(error).__name__) from None


class _Machine:
    """The stack, those that marks have set aside, the memo, and the place in the pickle."""

    def __init__(self, content: bytes, names: Mapping[str, Any], stored: Callable[[Any], object]) -> None:
        self.content, self.names, self.stored = content, names, stored
        self.at = 0
        self.stack: list[Any] = []
        self.aside: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> object:
        for _ in range(_MOST_STEPS):
            code = self.content[self.at : self.at + 1]
            self.at += 1
            if code == pickle.STOP:
                return self.stack.pop()
            if code not in _OPERATIONS:
                raise Damaged(f"the operation {code!r} at offset {self.at - 1}" if code else "it has no end")
            _OPERATIONS[code](self)
        raise Damaged(f"more than {_MOST_STEPS:,} operations")

    def take(self, count: int) -> bytes:
        """The next bytes. A length is believed only if so many bytes are left."""
        if count > len(self.content) - self.at:
            raise Damaged(f"it ends {count - len(self.content) + self.at} bytes too early")
        self.at += count
        return self.content[self.at - count : self.at]

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def line(self) -> str:
        end = self.content.index(b"\n", self.at)
        return self.take(end + 1 - self.at)[:-1].decode()

    def integer(self, count: int) -> int:
        if count > _LONGEST_INTEGER:
            raise Damaged(f"an integer of {count} bytes")
        return int.from_bytes(self.take(count), "little", signed=True)

    def text(self, length: int) -> str:
        return self.take(length).decode("utf-8", "surrogatepass")

    def mark(self) -> None:
        self.aside.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        entries, self.stack = self.stack, self.aside.pop()
        return entries

    def last(self, count: int) -> tuple[Any, ...]:
        if len(self.stack) < count:
            raise Damaged("its stack is empty")
        entries = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return tuple(entries)

    def keep(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    def named(self, name: str) -> object:
        if name not in self.names:
            raise UnknownName(name, outermost=not self.stack and not self.aside)
        return self.names[name]

    def called(self, function: Any, arguments: Any) -> object:
        if not callable(function) or not isinstance(arguments, tuple):
            raise Damaged("it calls what is no function")
        return function(*arguments)

    def build(self) -> None:
        target, state = self.last(2)
        if isinstance(target, Built):
            target.state = state
        elif not isinstance(target, dict):  # attributes of an OrderedDict, such as the versions in a state_dict
            raise Damaged(f"it sets attributes of a {type(target).__name__}")
        self.stack.append(target)

    def put_items(self, target: object, entries: Sequence[Any]) -> object:
        if not isinstance(target, dict) or len(entries) % 2:
            raise Damaged("it puts pairs where no mapping is")
        for key, value in zip(entries[::2], entries[1::2], strict=True):
            if not isinstance(key, (str, int, float, type(None))) or (isinstance(key, int) and abs(key) >> 63):
                raise Damaged(f"a key that is a {type(key).__name__}")  # others may take forever to hash
            target[key] = value
        return target

    def put_entries(self, target: object, entries: Sequence[Any]) -> object:
        if not isinstance(target, list):
            raise Damaged("it puts entries where no list is")
        target.extend(entries)
        return target


_Operation = Callable[[_Machine], object]


def _push(make: _Operation) -> _Operation:
    def operation(m: _Machine) -> None:
        made = make(m)  # which may put another stack in place of this one
        m.stack.append(made)

    return operation


def _after_mark(put: Callable[[_Machine, object, Sequence[Any]], object]) -> _Operation:
    """Puts what follows a mark into what stands before it."""

    def operation(m: _Machine) -> None:
        entries = m.since_mark()
        m.stack.append(put(m, m.stack.pop(), entries))

    return operation


def _after_one(count: int, put: Callable[[_Machine, object, Sequence[Any]], object]) -> _Operation:
    """Puts the last entries of the stack into what stands before them."""

    def operation(m: _Machine) -> None:
        target, *entries = m.last(1 + count)
        m.stack.append(put(m, target, entries))

    return operation


_OPERATIONS: dict[bytes, _Operation] = {
    pickle.PROTO: lambda m: m.take(1),
    pickle.FRAME: lambda m: m.take(8),  # how long a frame is, which matters to streams alone
    pickle.MARK: _Machine.mark,
    pickle.POP: lambda m: m.stack.pop(),
    pickle.POP_MARK: _Machine.since_mark,
    pickle.NONE: _push(lambda _: None),
    pickle.NEWTRUE: _push(lambda _: True),
    pickle.NEWFALSE: _push(lambda _: False),
    pickle.BININT: _push(lambda m: m.number("<i")),
    pickle.BININT1: _push(lambda m: m.number("<B")),
    pickle.BININT2: _push(lambda m: m.number("<H")),
    pickle.LONG1: _push(lambda m: m.integer(m.number("<B"))),
    pickle.LONG4: _push(lambda m: m.integer(m.number("<I"))),
    pickle.BINFLOAT: _push(lambda m: m.number(">d")),
    pickle.SHORT_BINUNICODE: _push(lambda m: m.text(m.number("<B"))),
    pickle.BINUNICODE: _push(lambda m: m.text(m.number("<I"))),
    pickle.BINUNICODE8: _push(lambda m: m.text(m.number("<Q"))),
    pickle.SHORT_BINBYTES: _push(lambda m: m.take(m.number("<B"))),
    pickle.BINBYTES: _push(lambda m: m.take(m.number("<I"))),
    pickle.BINBYTES8: _push(lambda m: m.take(m.number("<Q"))),
    pickle.BYTEARRAY8: _push(lambda m: m.take(m.number("<Q"))),
    pickle.EMPTY_TUPLE: _push(lambda _: ()),
    pickle.TUPLE1: _push(lambda m: m.last(1)),
    pickle.TUPLE2: _push(lambda m: m.last(2)),
    pickle.TUPLE3: _push(lambda m: m.last(3)),
    pickle.TUPLE: _push(lambda m: tuple(m.since_mark())),
    pickle.EMPTY_LIST: _push(lambda _: []),
    pickle.LIST: _push(_Machine.since_mark),
    pickle.APPEND: _after_one(1, _Machine.put_entries),
    pickle.APPENDS: _after_mark(_Machine.put_entries),
    pickle.EMPTY_SET: _push(lambda _: []),
    pickle.ADDITEMS: _after_mark(_Machine.put_entries),
    pickle.FROZENSET: _push(_Machine.since_mark),
    pickle.EMPTY_DICT: _push(lambda _: {}),
    pickle.DICT: _push(lambda m: m.put_items({}, m.since_mark())),
    pickle.SETITEM: _after_one(2, _Machine.put_items),
    pickle.SETITEMS: _after_mark(_Machine.put_items),
    pickle.BINGET: _push(lambda m: m.memo[m.number("<B")]),
    pickle.LONG_BINGET: _push(lambda m: m.memo[m.number("<I")]),
    pickle.BINPUT: lambda m: m.keep(m.number("<B")),
    pickle.LONG_BINPUT: lambda m: m.keep(m.number("<I")),
    pickle.MEMOIZE: lambda m: m.keep(len(m.memo)),
    pickle.GLOBAL: _push(lambda m: m.named(f"{m.line()}.{m.line()}")),
    pickle.STACK_GLOBAL: _push(lambda m: m.named(".".join(m.last(2)))),
    pickle.REDUCE: _push(lambda m: m.called(*m.last(2))),
    pickle.NEWOBJ: _push(lambda m: m.called(*m.last(2))),
    pickle.BUILD: _Machine.build,
    pickle.BINPERSID: _push(lambda m: m.stored(m.stack.pop())),
}
