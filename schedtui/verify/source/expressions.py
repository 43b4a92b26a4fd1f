"""What evaluating an expression is certain to have done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.verify.source.deeds import FALSE, NOT_DONE, TRUE, Deed, State, is_logic, meet
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, text_of

_TRANSPARENT: Final = {"likely", "unlikely"}
_NOT_EVALUATED: Final = {
    "sizeof_expression",
    "alignof_expression",
    "offsetof_expression",
    "generic_expression",
}


class Expressions:
    """Answers for one function, from the deeds of what it calls."""

    def __init__(
        self, deeds: Mapping[str, Deed], kept: Mapping[str, str], at: Mapping[int, Deed]
    ) -> None:
        self._deeds = deeds
        self._at = at
        self._kept = kept
        self.repeated: dict[int, Node] = {}
        """Calls that were reached with the deed done and do it again, whatever their result."""

    def alone(self, node: Node | None, state: State) -> State:
        """Evaluate an expression whose result nobody looks at."""
        while node is not None and node.type == "cast_expression":
            node = node.child_by_field_name("value")
        if node is not None and node.type == "call_expression":
            return self._call(node, state, looked_at=False)
        return self.value(node, state)

    def value(self, node: Node | None, state: State) -> State:
        """Evaluate an expression whose result goes somewhere."""
        if node is None or state is None or node.type in _NOT_EVALUATED:
            return state
        if node.type == "call_expression":
            return self._call(node, state, looked_at=True)
        if node.type == "conditional_expression":
            return self._choice(node, state)
        if is_logic(node):
            return meet(*self.condition(node, state))
        for child in node.named_children:
            state = self.value(child, state)
        return state

    def _choice(self, node: Node, state: State) -> State:
        yes, no = self.condition(node.child_by_field_name("condition"), state)
        then = self.value(node.child_by_field_name("consequence"), yes)
        return meet(then, self.value(node.child_by_field_name("alternative"), no))

    def _call(self, node: Node, state: State, *, looked_at: bool) -> State:
        state = self._arguments(node, state)
        deed = self._deed(node)
        if state and deed.regardless:
            self.repeated[node.index] = node
        return state if state is None else state or (deed.regardless if looked_at else deed.always)

    def _deed(self, node: Node) -> Deed:
        return self._at.get(node.index) or self._deeds.get(called(node), NOT_DONE)

    def _arguments(self, node: Node, state: State) -> State:
        # What is not a known function may be a macro that never evaluates its arguments.
        known = called(node) in self._deeds
        return self.value(node.child_by_field_name("arguments"), state) if known else state

    def condition(self, node: Node | None, state: State) -> tuple[State, State]:
        """Return the states when the expression is true and when it is false."""
        if node is None or state is None:
            return state, state
        if text_of(node) in TRUE | FALSE:
            return (state, None) if text_of(node) in TRUE else (None, state)
        if is_logic(node):
            return self._logic(node, state)
        match node.type:
            case "parenthesized_expression":
                answer = self.condition(next(iter(node.named_children), None), state)
            case "call_expression":
                answer = self._tested_call(node, state)
            case "identifier":
                deed = self._deeds.get(self._kept.get(text_of(node), ""), NOT_DONE)
                answer = state or deed.if_true, state or deed.if_false
            case _:
                answer = self._compared(node, state)
        return answer

    def _tested_call(self, node: Node, state: bool) -> tuple[State, State]:
        arguments = node.child_by_field_name("arguments")
        if called(node) in _TRANSPARENT and arguments is not None:
            return self.condition(next(iter(arguments.named_children), None), state)
        after = self._arguments(node, state)
        deed = self._deed(node)
        if after and deed.regardless:
            self.repeated[node.index] = node
        return after or deed.if_true, after or deed.if_false

    def _logic(self, node: Node, state: State) -> tuple[State, State]:
        operator = text_of(node.child_by_field_name("operator"))
        if operator == "!":
            yes, no = self.condition(node.child_by_field_name("argument"), state)
            return no, yes
        yes, no = self.condition(node.child_by_field_name("left"), state)
        right = node.child_by_field_name("right")
        if operator == "&&":
            both, not_second = self.condition(right, yes)
            return both, meet(no, not_second)
        second, neither = self.condition(right, no)
        return meet(yes, second), neither

    def _compared(self, node: Node, state: State) -> tuple[State, State]:
        """Understand ``call == 0`` and its like; anything else tells nothing."""
        operator = text_of(node.child_by_field_name("operator"))
        zero = text_of(node.child_by_field_name("right")) in {"0", "NULL"}
        if node.type == "binary_expression" and zero and operator in {"==", ">=", "!=", "<"}:
            yes, no = self.condition(node.child_by_field_name("left"), state)
            return (no, yes) if operator in {"==", ">="} else (yes, no)
        after = self.value(node, state)
        return after, after
