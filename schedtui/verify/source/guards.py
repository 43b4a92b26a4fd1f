"""Under which conditions a place in the text is reached, as far as the nesting tells."""

from __future__ import annotations

from collections import defaultdict
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


class EarlyLeaves:
    """The ``if`` statements of one body that can return, by the block they stand in."""

    def __init__(self, body: Node) -> None:
        self._body = body
        self._in: dict[int, list[Node]] = defaultdict(list)
        for node in body.below("return_statement"):
            for above in node.above():
                block = above.parent
                if above.type == "if_statement" and block is not None:
                    self._note(above, block)
                if above is body:
                    break

    def _note(self, statement: Node, block: Node) -> None:
        known = self._in[block.index]
        if not known or known[-1] is not statement:
            known.append(statement)

    def before(self, node: Node) -> Iterator[Node]:
        """Yield those that are passed on the way to ``node``."""
        child = node
        for above in node.above():
            for statement in self._in.get(above.index, ()):
                if statement.index >= child.index:
                    break
                yield statement
            if above is self._body:
                return
            child = above
