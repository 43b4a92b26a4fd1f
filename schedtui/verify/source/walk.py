"""Walks one function along all its paths and notes where a deed is certain to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from schedtui.verify.source.deeds import (
    Exit,
    State,
    UnreadableStatementError,
    has_result,
    meet,
    starts_at_zero,
)
from schedtui.verify.source.expressions import Expressions
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, line_of, number, text_of

_MOST_PASSES: Final = 10
"""Walks through one function in search of what its labels know."""

_WITHOUT_EFFECT: Final = {"comment", "type_definition", "struct_specifier", "enum_specifier"}


@dataclass(slots=True)
class _Jumps:
    """States that leave a loop or switch sideways."""

    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)


class Walk:
    """One function, walked until the states at its labels are stable."""

    def __init__(
        self, expressions: Expressions, constants: Mapping[str, int], function: Function
    ) -> None:
        self._expressions = expressions
        self._constants = constants
        self._function = function
        self._labels: dict[str, State] = {}
        self._changed = False
        self._exits: list[Exit] = []
        self._loops: list[_Jumps] = []

    def run(self) -> list[Exit]:
        """Return all ways out. Raises UnreadableStatementError."""
        body = self._function.body
        end: State = None
        for _ in range(_MOST_PASSES):
            end = self._pass(body)
            if not self._changed:
                break
        else:
            # Jumps all over: whatever a label knows is given up.
            self._labels = dict.fromkeys(self._labels, False)
            end = self._pass(body)
        if end is not None:
            self._exits.append(Exit(body.end_line, end, ""))
        return self._exits

    def _pass(self, body: Node) -> State:
        before = dict(self._labels)
        self._expressions.repeated.clear()
        self._exits = []
        end = self._statement(body, state=False)
        self._changed = before != self._labels
        return end

    # -- statements ---------------------------------------------------------------------

    def _statement(self, node: Node, state: State) -> State:
        handler = self._HANDLERS.get(node.type)
        if handler is not None:
            return handler(self, node, state)
        if node.type in _WITHOUT_EFFECT or not node.is_named:
            return state
        raise UnreadableStatementError(line_of(node), node.type)

    def _block(self, node: Node, state: State) -> State:
        for child in node.children:
            state = self._statement(child, state)
        return state

    def _expression(self, node: Node, state: State) -> State:
        return self._expressions.alone(next(iter(node.named_children), None), state)

    def _declaration(self, node: Node, state: State) -> State:
        for child in node.named_children:
            if child.type == "init_declarator":
                state = self._expressions.value(child.child_by_field_name("value"), state)
        return state

    def _if(self, node: Node, state: State) -> State:
        yes, no = self._expressions.condition(node.child_by_field_name("condition"), state)
        after_yes = self._optional(node.child_by_field_name("consequence"), yes)
        alternative = node.child_by_field_name("alternative")
        return meet(after_yes, self._optional(alternative, no))

    def _optional(self, node: Node | None, state: State) -> State:
        return state if node is None else self._statement(node, state)

    def _while(self, node: Node, state: State) -> State:
        yes, no = self._expressions.condition(node.child_by_field_name("condition"), state)
        jumps, _ = self._loop(node.child_by_field_name("body"), yes)
        return meet(no, *jumps.breaks)

    def _do(self, node: Node, state: State) -> State:
        jumps, end = self._loop(node.child_by_field_name("body"), state)
        again = meet(end, *jumps.continues)
        _, no = self._expressions.condition(node.child_by_field_name("condition"), again)
        return meet(no, *jumps.breaks)

    def _for(self, node: Node, state: State) -> State:
        first = node.child_by_field_name("initializer")
        if first is not None and first.type == "declaration":
            state = self._declaration(first, state)
        else:
            state = self._expressions.value(first, state)
        condition = node.child_by_field_name("condition")
        yes, no = (
            self._expressions.condition(condition, state)
            if condition is not None
            else (state, None)
        )
        jumps, end = self._loop(node.child_by_field_name("body"), yes)
        if self._surely_runs(first, condition):
            no = meet(end, *jumps.continues)
        return meet(no, *jumps.breaks)

    def _surely_runs(self, first: Node | None, condition: Node | None) -> bool:
        """Tell whether a loop is of the form ``i = 0; i < N`` with a known N above 0."""
        if first is None or condition is None or condition.type != "binary_expression":
            return False
        left, right = (text_of(condition.child_by_field_name(s)) for s in ("left", "right"))
        limit = number(right.strip("() ")) or self._constants.get(right, 0)
        operator = text_of(condition.child_by_field_name("operator"))
        return starts_at_zero(first, left) and operator in {"<", "<="} and limit > 0

    def _loop(self, body: Node | None, state: State) -> tuple[_Jumps, State]:
        jumps = _Jumps()
        self._loops.append(jumps)
        end = self._optional(body, state)
        self._loops.pop()
        return jumps, end

    def _switch(self, node: Node, state: State) -> State:
        start = self._expressions.value(node.child_by_field_name("condition"), state)
        jumps, current, has_default = _Jumps(), None, False
        self._loops.append(jumps)
        body = node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            if child.type == "case_statement":
                has_default |= child.child_by_field_name("value") is None
                current = self._case(child, meet(start, current))
            else:
                current = self._statement(child, current)
        self._loops.pop()
        if jumps.continues and self._loops:
            self._loops[-1].continues += jumps.continues
        return meet(current, *jumps.breaks, None if has_default else start)

    def _case(self, node: Node, state: State) -> State:
        label = node.child_by_field_name("value")
        for child in node.named_children:
            if child != label:
                state = self._statement(child, state)
        return state

    def _return(self, node: Node, state: State) -> State:
        value = next(iter(node.named_children), None)
        if state is None:
            return None
        if value is not None and has_result(value):
            yes, no = self._expressions.condition(value, state)
            self._exits.append(Exit(line_of(node), bool(yes), "true"))
            self._exits.append(Exit(line_of(node), bool(no), "false"))
        else:
            done = bool(self._expressions.value(value, state))
            self._exits.append(Exit(line_of(node), done, text_of(value)))
        return None

    def _break(self, _node: Node, state: State) -> State:
        if self._loops:
            self._loops[-1].breaks.append(state)
        return None

    def _continue(self, _node: Node, state: State) -> State:
        if self._loops:
            self._loops[-1].continues.append(state)
        return None

    def _goto(self, node: Node, state: State) -> State:
        label = text_of(node.child_by_field_name("label"))
        self._labels[label] = meet(self._labels.get(label), state)
        return None

    def _label(self, node: Node, state: State) -> State:
        name = node.child_by_field_name("label")
        state = meet(state, self._labels.get(text_of(name)))
        for child in node.named_children:
            if child != name:
                state = self._statement(child, state)
        return state

    _HANDLERS: ClassVar = {
        "compound_statement": _block,
        "expression_statement": _expression,
        "declaration": _declaration,
        "if_statement": _if,
        "else_clause": _block,
        "while_statement": _while,
        "do_statement": _do,
        "for_statement": _for,
        "switch_statement": _switch,
        "case_statement": _case,
        "return_statement": _return,
        "break_statement": _break,
        "continue_statement": _continue,
        "goto_statement": _goto,
        "labeled_statement": _label,
    }
