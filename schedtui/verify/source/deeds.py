"""Deeds: what a call is certain to have done, and how such knowledge is joined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, descendants, text_of

State = bool | None
"""Deed done, not certain, or None where no path arrives."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a call is certain to have done, by what is known of its result."""

    always: bool
    """Whatever the result, when nobody looks at it."""
    if_true: bool
    if_false: bool

    @property
    def regardless(self) -> bool:
        """Done for either result."""
        return self.if_true and self.if_false


DONE: Final = Deed(always=True, if_true=True, if_false=True)
NOT_DONE: Final = Deed(always=False, if_true=False, if_false=False)
DONE_IF_ZERO: Final = Deed(always=True, if_true=False, if_false=True)


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a function: a return, or its end."""

    line: int
    done: bool
    value: str


_LOGIC: Final = {"unary_expression": {"!"}, "binary_expression": {"&&", "||"}}
TRUE: Final = {"true", "1"}
FALSE: Final = {"false", "0"}


class UnreadableStatementError(Exception):
    """A statement of a kind that the analysis does not know; ``line`` says where."""

    def __init__(self, line: int, kind: str) -> None:
        super().__init__(kind)
        self.line = line


def meet(*states: State) -> State:
    """Join paths: done only if it was done on all that arrive."""
    arriving = [state for state in states if state is not None]
    return all(arriving) if arriving else None


def is_logic(node: Node) -> bool:
    """Tell whether a node is ``!``, ``&&`` or ``||``."""
    marks = _LOGIC.get(node.type)
    return marks is not None and text_of(node.child_by_field_name("operator")) in marks


def has_result(node: Node) -> bool:
    """Tell whether a returned expression passes on what a call did."""
    return node.type == "call_expression" or is_logic(node)


def kept_results(body: Node) -> dict[str, str]:
    """Return variables that hold the result of one call and are never written again."""
    kept: dict[str, str] = {}
    written: Counter[str] = Counter()
    kinds = ("init_declarator", "assignment_expression", "update_expression", "pointer_expression")
    for node in descendants(body, *kinds):
        if node.type == "init_declarator":
            value = node.child_by_field_name("value")
            name = text_of(node.child_by_field_name("declarator"))
            written[name] += 1
            if value is not None and value.type == "call_expression":
                kept[name] = called(value)
        elif node.type == "assignment_expression":
            written[text_of(node.child_by_field_name("left"))] += 1
        else:
            written[text_of(node.child_by_field_name("argument"))] += 1
    return {name: call for name, call in kept.items() if written[name] == 1}


def starts_at_zero(first: Node, name: str) -> bool:
    """Tell whether the first part of a loop sets the variable ``name``, and only it, to 0."""
    for node in descendants(first, "init_declarator", "assignment_expression"):
        target = node.child_by_field_name("declarator") or node.child_by_field_name("left")
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        operator = text_of(node.child_by_field_name("operator"))
        return text_of(target) == name and text_of(value) == "0" and operator in {"", "="}
    return False
