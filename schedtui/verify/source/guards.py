"""Under which conditions a place in the text is reached, as far as the nesting tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.verify.source.flow import counter, plain
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import text_of

_CONDITIONAL: Final = {
    "if_statement",
    "while_statement",
    "for_statement",
    "switch_statement",
    "conditional_expression",
}
CONDITIONS: Final = (*sorted(_CONDITIONAL), "do_statement")


def guards(node: Node, inside: Node) -> Iterator[tuple[Node, str]]:
    """Yield every condition above ``node`` below ``inside`` that decides over it, and its side.

    The side is ``consequence``, ``alternative``, ``body`` or, for ``&&`` and ``||``, the operator.
    """
    child = node
    for above in node.above():
        if above is inside:
            return
        if above.type in _CONDITIONAL:
            condition = above.child_by_field_name("condition")
            if condition is not None and child is not condition and _decides(above, child):
                yield condition, child.role or "body"
        elif above.type == "binary_expression" and child.role == "right":
            operator = text_of(above.child_by_field_name("operator"))
            left = above.child_by_field_name("left")
            if operator in {"&&", "||"} and left is not None:
                yield left, operator
        child = above


def _decides(above: Node, child: Node) -> bool:
    return above.type != "for_statement" or child.role == "body"


def conditions(body: Node) -> Iterator[Node]:
    """Yield all conditions in a body, the left sides of ``&&`` and ``||`` included.

    Of ``for`` loops only what does not count: where a count ends is not a decision.
    """
    for node in body.below(*CONDITIONS):
        condition = node.child_by_field_name("condition")
        if condition is not None and node.type == "for_statement":
            yield from _not_counting(condition, counter(node))
        elif condition is not None:
            yield condition
    loops = [n.child_by_field_name("condition") for n in body.below("for_statement")]
    for node in body.below("binary_expression"):
        left = node.child_by_field_name("left")
        is_logic = text_of(node.child_by_field_name("operator")) in {"&&", "||"}
        if (
            left is not None
            and is_logic
            and not any(c is not None and c.holds(left) for c in loops)
        ):
            yield left


def _not_counting(condition: Node, name: str) -> Iterator[Node]:
    waiting = [condition]
    while waiting:
        node = plain(waiting.pop())
        if text_of(node.child_by_field_name("operator")) in {"&&", "||"}:
            waiting += node.named_children
        elif name not in {text_of(word) for word in node.below("identifier")}:
            yield node


def leaves_early_before(node: Node, inside: Node) -> Iterator[Node]:
    """Yield the ``if`` statements before ``node``, in blocks around it, that can return."""
    child = node
    for above in node.above():
        if above.type == "compound_statement":
            for statement in above.children:
                if statement.index >= child.index:
                    break
                if statement.type == "if_statement" and any(statement.below("return_statement")):
                    yield statement
        if above is inside:
            return
        child = above
