"""Prepares the words of a command line for Typer: finds the loss, and marks values that look like options."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from losscli.schema.faults import UsageFault
from losscli.schema.settings import OF_A_LOSS, SETTINGS

if TYPE_CHECKING:
    from losscli.schema.loss import Loss

_SOURCE = re.compile(r"-(\d|\.\d|inf|nan|::)", re.IGNORECASE)
_VALUE, _POSITIONAL, _UNKNOWN = "value", "positional", "unknown"
_HELP = ("-h", "--help")
_TRUTHS = ("true", "false")


def prepared(command: str, words: Sequence[str], loss: Loss | None) -> list[str]:
    """The words as Typer's parser takes them: a negative number, or standard input's selector, is no option.

    Such a word gets a leading blank, which `source` takes off. PyTorch's spelling of an option, with underscores, gets
    hyphens.
    """
    start = words.index(command) + 1
    _refuse_values_of_switches(words[start:], _arity(command, loss))
    ready = list(words)
    for at, (word, kind) in enumerate(_sorted(words[start:], _arity(command, loss)), start):
        if kind == _POSITIONAL and _SOURCE.match(word):
            ready[at] = f" {word}"
        elif kind not in (_POSITIONAL, _VALUE) and word.startswith("--"):
            ready[at] = _hyphens(word)
    return ready


def _refuse_values_of_switches(words: Sequence[str], takes_value: Mapping[str, bool]) -> None:
    """`--log-input false`, or with an equals sign, for `--no-log-input`: a UsageFault."""
    switch = ""
    for word, kind in _sorted(words, takes_value):
        name, _, value = _hyphens(word).partition("=")
        if kind == _POSITIONAL and switch:
            name, value = switch, word
        if value.lower() in _TRUTHS and takes_value.get(name) is False and kind != _VALUE:
            off = name.replace("--no-", "--") if name.startswith("--no-") else f"--no-{name[2:]}"
            wanted = name if value.lower() == "true" else off
            cure = f"write {wanted}" if wanted in takes_value else f"leave {name} out"
            raise UsageFault(f"{name} takes no value, got {value}", cure)
        switch = name if kind == "" and takes_value.get(name) is False and word.startswith("--") else ""


def source(word: str) -> str:
    """A positional word as it was written."""
    return word[1:] if word.startswith(" ") and _SOURCE.match(word[1:]) else word


def named_loss(command: str, words: Sequence[str]) -> tuple[str, Loss | None]:
    """The word that names the loss, and the loss; none for a user's function, whose options come with --set.

    It is the first positional word. After an option that is unknown, and may be the loss's, that one's value looks like
    a positional word too: then it is the first that names a loss.
    """
    if command not in OF_A_LOSS:
        return "", None
    from losscli.request.naming import loss_named, names_a_function

    rest = words[words.index(command) + 1 :]
    unknown_before = False
    for word, kind in _sorted(rest, _arity(command, None)):
        unknown_before |= kind == _UNKNOWN
        if kind != _POSITIONAL:
            continue
        if names_a_function(word):
            return word, None
        try:
            return word, loss_named(word)
        except UsageFault:
            if not unknown_before:
                raise  # before the parser can complain of options that the right loss may have
    return "", None


def completed_words() -> list[str]:
    """The command line that a shell completes."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    try:
        return shlex.split(line)[1:]
    except ValueError:  # a quote that is still open
        return line.split()[1:]


def _hyphens(word: str) -> str:
    name, equals, value = word.partition("=")
    return f"{name.replace('_', '-')}{equals}{value}"


def _arity(command: str, loss: Loss | None) -> dict[str, bool]:
    """Every option of a command, and whether it takes a value."""
    arity = dict.fromkeys(_HELP, False)
    for setting in SETTINGS.values():
        if command in setting.commands:
            arity |= dict.fromkeys(filter(None, (setting.flag, setting.short)), setting.takes_value)
            if setting.two_way:
                arity[f"--no-{setting.flag[2:]}"] = False
    for spec in () if loss is None else loss.options:
        flag = spec.name.replace("_", "-")
        arity[f"--{flag}"] = spec.type is not bool
        if spec.type is bool:
            arity[f"--no-{flag}"] = False
    return arity


def _sorted(words: Sequence[str], takes_value: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
    """Each word with its kind: an option, known or unknown, the value of an option, or positional."""
    value_follows = ended = False
    for word in words:
        if value_follows:
            value_follows = False
            yield word, _VALUE
        elif ended:
            yield word, _POSITIONAL
        elif word == "--":
            ended = True
            yield word, ""
        elif len(word) < 2 or not word.startswith("-") or _SOURCE.match(word):
            yield word, _POSITIONAL
        elif word.startswith("--"):
            name, equals, _ = _hyphens(word).partition("=")
            value_follows = takes_value.get(name, False) and not equals
            yield word, "" if name in takes_value else _UNKNOWN
        else:
            letters = [f"-{letter}" for letter in word[1:]]  # the first that takes a value takes the rest of the word
            value_follows = next((letter is letters[-1] for letter in letters if takes_value.get(letter)), False)
            yield word, "" if letters[0] in takes_value else _UNKNOWN
