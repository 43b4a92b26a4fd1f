"""What of a composition stands in its source besides the slots: names, and text in comments."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from schedtui.model.composition import Composition
from schedtui.model.policy import Parameter
from schedtui.policy.errors import PolicyError
from schedtui.policy.facts import facts_for
from schedtui.policy.fields import is_identifier
from schedtui.policy.scaffold import template
from schedtui.policy.values import check_value
from schedtui.policy.variables import RESERVED

LONGEST: Final = 6000
"""Characters of an idea."""
WIDEST: Final = 97
"""Columns: with the mark of the comment they are a line."""

_PRINTABLE: Final = range(0x20, 0x7F)
# What would end the comment, begin another one, or join lines.
_STRANGE: Final = ("*/", "/*", "\\", "??")
_WORD: Final = re.compile(r"[a-z_][a-z0-9_]*")


def require_plain(composition: Composition) -> None:
    """Refuse names and texts that would be more than that in C. Raises PolicyError."""
    if not is_identifier(composition.name) or composition.name in RESERVED:
        raise PolicyError("The name of a policy has small letters, digits and _ only.")
    idea_lines(composition.idea)
    names = [parameter.name for parameter in composition.parameters]
    if len(set(names)) != len(names):
        raise PolicyError("Two parameters have the same name.")
    for parameter in composition.parameters:
        _require_parameter(parameter)
    accesses = [fact.access for fact in facts_for(composition.parameters)]
    if len(set(accesses)) != len(accesses):
        raise PolicyError("The facts of two tables have the same name; call one of them otherwise.")


def _require_parameter(parameter: Parameter) -> None:
    name = parameter.name
    if not is_identifier(name):
        raise PolicyError("A parameter name has small letters, digits and _ only.")
    if name in RESERVED | _scaffold_words():
        raise PolicyError(f"A parameter cannot be called {name}: the scaffold has that word.")
    check_value(parameter, parameter.default)
    _require_comment(f"The meaning of {name}", parameter.meaning)


def idea_lines(idea: str) -> list[str]:
    """Return the lines of an idea, fit to stand in a comment. Raises PolicyError."""
    text = idea.strip("\n")
    if not text.strip() or len(text) > LONGEST:
        raise PolicyError(f"The idea is a text of 1 to {LONGEST} characters.")
    lines = [line.rstrip() for line in text.split("\n")]
    for at, line in enumerate(lines, start=1):
        _require_comment(f"The idea, line {at}", line)
        if len(line) > WIDEST:
            raise PolicyError(f"The idea, line {at}: wider than {WIDEST} columns.")
    return lines


def _require_comment(where: str, text: str) -> None:
    if any(ord(char) not in _PRINTABLE for char in text):
        raise PolicyError(f"{where}: only the printable characters of ASCII.")
    for mark in _STRANGE:
        if mark in text:
            raise PolicyError(f"{where}: {mark} has no place in a comment.")


@cache
def _scaffold_words() -> frozenset[str]:
    return frozenset(word for line in template() for word in _WORD.findall(line))
