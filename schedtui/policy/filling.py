"""Judges what stands in a slot: a pure decision over named facts, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from schedtui.model.policy import Parameter
from schedtui.model.slots import SlotFilling
from schedtui.policy.errors import PolicyError
from schedtui.policy.expressions import Expressions, Rules, ask
from schedtui.policy.facts import Fact
from schedtui.policy.grammar import RefusalError, line_of, operator_of, parsed, parts, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ASSIGNING: Final = frozenset({"=", "+=", "-=", "*="})
_TYPES: Final = frozenset({"u64", "bool"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A filling that was found to be sound, and what it uses."""

    filling: SlotFilling
    facts: frozenset[Fact]
    words: frozenset[str]
    """Parameters and constants."""
    lone: str
    """The fact that it returns as it is, as a slot writes it; empty for anything else."""


def read_filling(filling: SlotFilling, parameters: Iterable[Parameter]) -> Reading:
    """Return what a filling uses.

    Raises:
        PolicyError: It is anything but a bounded, pure decision over what its slot may read. The
            sentence begins with the slot and the line within it.
    """
    try:
        return _Statements(filling, parameters).read()
    except RefusalError as refusal:
        where = f"Slot {filling.slot}, line {refusal.line}"
        raise PolicyError(f"{where}: {refusal.why}") from refusal


class _Statements:
    def __init__(self, filling: SlotFilling, parameters: Iterable[Parameter]) -> None:
        self._filling = filling
        self._expressions = Expressions(filling.slot, parameters)
        self._variables = self._expressions.variables
        self._rules: Rules = {
            "compound_statement": self._block,
            "declaration": self._declaration,
            "expression_statement": self._assignment,
            "if_statement": self._if,
            "else_clause": self._else,
            "return_statement": self._return,
        }

    def read(self) -> Reading:
        body = parsed(self._filling.code)
        self._block(body, 1)
        if not _returns(body):
            raise RefusalError(line_of(body), "not every way through it returns something.")
        self._variables.require_all_read()
        facts, words = frozenset(self._expressions.facts), frozenset(self._expressions.words)
        return Reading(self._filling, facts, words, self._lone(body))

    def _lone(self, body: Node) -> str:
        statements = parts(body)
        text = text_of(parts(statements[0])[0]) if len(statements) == 1 else ""
        return text if self._expressions.is_fact(text) else ""

    def _block(self, node: Node, depth: int) -> None:
        self._variables.enter()
        for statement in parts(node):
            self._statement(statement, depth + 1)
        self._variables.leave()

    def _statement(self, node: Node, depth: int) -> None:
        ask(self._rules, node, depth)

    def _declaration(self, node: Node, depth: int) -> None:
        constant = False
        for part in parts(node):
            if part.type == "type_qualifier" and text_of(part) == "const":
                constant = True
            elif part.type in {"type_identifier", "primitive_type"}:
                if text_of(part) not in _TYPES:
                    raise RefusalError(line_of(part), "the types of a slot are u64 and bool.")
            else:
                self._declared(part, depth, constant=constant)

    def _declared(self, node: Node, depth: int, *, constant: bool) -> None:
        inner = parts(node) if node.type == "init_declarator" else []
        if len(inner) != 2 or inner[0].type != "identifier":
            raise RefusalError(
                line_of(node), "a variable is a name with a value, as in u64 a = 1; and no more."
            )
        self._expressions.judge(inner[1], depth + 1)
        self._variables.declare(text_of(inner[0]), line_of(node), constant=constant)

    def _assignment(self, node: Node, depth: int) -> None:
        inner = parts(node)
        if len(inner) != 1 or inner[0].type != "assignment_expression":
            raise RefusalError(line_of(node), "a statement here does nothing; assign or return.")
        left, right = parts(inner[0])
        if left.type != "identifier" or operator_of(inner[0]) not in _ASSIGNING:
            raise RefusalError(line_of(node), "only variables of the slot can be assigned to.")
        self._expressions.judge(right, depth + 1)
        self._variables.assign(text_of(left), line_of(left))

    def _if(self, node: Node, depth: int) -> None:
        for part in parts(node):
            if part.type == "parenthesized_expression":
                self._expressions.judge(part, depth + 1)
            else:
                self._statement(part, depth + 1)

    def _else(self, node: Node, depth: int) -> None:
        for part in parts(node):
            self._statement(part, depth + 1)

    def _return(self, node: Node, depth: int) -> None:
        inner = parts(node)
        if len(inner) != 1:
            raise RefusalError(line_of(node), "a return here needs a value.")
        self._expressions.judge(inner[0], depth + 1)


def _returns(node: Node) -> bool:
    """Tell whether every way through a statement ends with a return."""
    if node.type == "return_statement":
        return True
    inner = parts(node)
    if node.type in {"compound_statement", "else_clause"}:
        return bool(inner) and _returns(inner[-1])
    if node.type == "if_statement":
        return len(inner) == 3 and all(_returns(part) for part in inner[1:])
    return False
