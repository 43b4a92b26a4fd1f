"""Judges the expressions of a slot: numbers, words that it may use, and facts it may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from schedtui.model.policy import Parameter, ParameterType
from schedtui.model.slots import SlotName
from schedtui.policy.facts import Fact, facts_for
from schedtui.policy.grammar import RefusalError, line_of, operator_of, parts, text_of
from schedtui.policy.numerals import number_of
from schedtui.policy.slots import CONSTANTS, FUNCTIONS, SLOT_CONSTANTS
from schedtui.policy.variables import Variables
from schedtui.policy.widths import Widths, is_flag

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST: Final = 40
"""Levels of nesting."""
DEEPEST_CALLS: Final = 3
"""Calls within calls: MIN and MAX write each argument twice."""

_OPERATORS: Final = frozenset(
    {"+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "&&", "||"}
    | {"==", "!=", "<", ">", "<=", ">="}
)
_DIVIDING: Final = frozenset({"/", "%"})
_SHIFTING: Final = frozenset({"<<", ">>"})

_NAMES: Final = {
    "for_statement": "a loop",
    "while_statement": "a loop",
    "do_statement": "a loop",
    "goto_statement": "goto",
    "switch_statement": "switch",
    "gnu_asm_expression": "assembler",
    "string_literal": "a string",
    "char_literal": "a character",
    "pointer_expression": "a pointer",
    "subscript_expression": "an index",
    "cast_expression": "a cast",
    "update_expression": "++ or --",
    "comma_expression": "a comma between expressions",
    "assignment_expression": "an assignment inside of an expression",
    "sizeof_expression": "sizeof",
    "function_definition": "another function",
    "labeled_statement": "a label",
}


Rules = Mapping[str, "Callable[[Node, int], None]"]
"""What is asked of each kind of node; the number is the depth at which it stands."""


def ask(rules: Rules, node: Node, depth: int) -> None:
    """Judge a node by the rule for its kind; refuse kinds without one. Raises RefusalError."""
    if depth > DEEPEST:
        raise RefusalError(line_of(node), "it is nested too deeply.")
    rule = rules.get(node.type)
    if rule is None:
        what = _NAMES.get(node.type, f"'{text_of(node)[:40]}'")
        raise RefusalError(line_of(node), f"{what} has no place in a slot.")
    rule(node, depth)


class Expressions:
    """Judges expressions, and knows afterwards what they used."""

    def __init__(self, slot: SlotName, parameters: Iterable[Parameter]) -> None:
        """Begin with nothing used; what can be used depends on the slot and the parameters."""
        known = tuple(parameters)
        self.facts = set[Fact]()
        self.words = set[str]()
        self._slot = slot
        self._readable = {f.access: f for f in facts_for(known) if slot in f.slots}
        scalars = {p.name for p in known if p.type is not ParameterType.NAMES}
        self._tables = {p.name for p in known} - scalars
        self._truths = {p.name for p in known if p.type is ParameterType.BOOLEAN}
        self._truths |= {"true", "false"}
        self._usable = scalars | CONSTANTS.keys() | _constants_of(slot).keys()
        taken = self._usable | self._tables | FUNCTIONS.keys() | {"task", "other"}
        self.variables = Variables(frozenset(taken))
        self._calls = 0
        self._rules: Rules = {
            "parenthesized_expression": self._inner,
            "conditional_expression": self._choice,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "number_literal": self._number,
            "true": self._truth,
            "false": self._truth,
            "call_expression": self._call,
            "identifier": self._word,
            "field_expression": self._fact,
        }

    def judge(self, node: Node, depth: int) -> None:
        """Judge one whole expression. Raises RefusalError."""
        self._judge(node, depth)
        Widths(self._is_truth).range_of(node)

    def _judge(self, node: Node, depth: int) -> None:
        ask(self._rules, node, depth)

    def _is_truth(self, node: Node) -> bool:
        fact = self._readable.get(_access(node))
        if fact is not None:
            return fact.type == "bool"
        word = text_of(node)
        return word in self._truths or (word not in self._usable and is_flag(node))

    def is_fact(self, text: str) -> bool:
        """Tell whether a text is a fact that the slot can read."""
        return text in self._readable

    def _inner(self, node: Node, depth: int) -> None:
        for part in parts(node):
            self._judge(part, depth + 1)

    def _choice(self, node: Node, depth: int) -> None:
        if len(parts(node)) != 3:
            raise RefusalError(line_of(node), "a choice has both values: a ? b : c.")
        self._inner(node, depth)

    def _unary(self, node: Node, depth: int) -> None:
        if operator_of(node) not in {"!", "~"}:
            raise RefusalError(line_of(node), "numbers have no sign here; subtract instead.")
        self._inner(node, depth)

    def _binary(self, node: Node, depth: int) -> None:
        operator = operator_of(node)
        if operator not in _OPERATORS:
            raise RefusalError(line_of(node), f"'{operator[:4]}' has no place in a slot.")
        right = parts(node)[-1]
        value = number_of(text_of(right)) if right.type == "number_literal" else None
        if operator in _SHIFTING and not (value is not None and value < 64):
            raise RefusalError(line_of(node), "a shift is by a number from 0 to 63.")
        if operator in _DIVIDING and value == 0:
            raise RefusalError(line_of(node), "this divides by 0.")
        self._inner(node, depth)

    def _number(self, node: Node, _: int) -> None:
        if number_of(text_of(node)) is None:
            why = "numbers are whole, from 0 to 2^64 - 1, in decimal or hexadecimal digits."
            raise RefusalError(line_of(node), why)

    def _truth(self, node: Node, _: int) -> None:
        self.words.add(text_of(node))

    def _call(self, node: Node, depth: int) -> None:
        inner = parts(node)
        name = text_of(inner[0])
        if inner[0].type != "identifier" or name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise RefusalError(line_of(node), f"a slot can call {known} and nothing else.")
        arguments = parts(inner[1])
        if len(arguments) != FUNCTIONS[name][0]:
            raise RefusalError(line_of(node), f"{name} takes {FUNCTIONS[name][0]} arguments.")
        self._calls += 1
        if self._calls > DEEPEST_CALLS:
            raise RefusalError(line_of(node), "calls within calls are too deep; use a variable.")
        for argument in arguments:
            self._judge(argument, depth + 1)
        self._calls -= 1

    def _word(self, node: Node, _: int) -> None:
        word = text_of(node)
        if word in self._usable:
            self.words.add(word)
        elif word in self._tables:
            why = f"{word} is a table; read task->{word}_ms for the name of a task."
            raise RefusalError(line_of(node), why)
        else:
            self.variables.read(word, line_of(node))

    def _fact(self, node: Node, _: int) -> None:
        access = _access(node)
        fact = self._readable.get(access)
        if fact is None:
            known = ", ".join(sorted(self._readable))
            why = f"{access[:40]} is not among what this slot can read: {known}."
            raise RefusalError(line_of(node), why)
        self.facts.add(fact)


def _access(node: Node) -> str:
    return "".join(text_of(child) for child in node.children if child.type != "comment")


def _constants_of(slot: SlotName) -> Mapping[str, str]:
    express = SLOT_CONSTANTS[SlotName.CLASSIFY]
    return {**express, **SLOT_CONSTANTS.get(slot, {})}
