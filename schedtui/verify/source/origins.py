"""Where a value comes from: the expressions behind a variable, followed through assignments."""

from __future__ import annotations

from typing import Final

from schedtui.verify.source.flow import Flow, plain
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, text_of

_MOST: Final = 200


def origins(flow: Flow, node: Node, owner: str) -> list[tuple[Node, str]]:
    """Return the expressions that a value can be, and the functions they stand in.

    Variables are followed to what is assigned to them, parameters to what callers hand over,
    and calls of the candidate's functions to what these return. What cannot be followed stands
    for itself.
    """
    key = owner, text_of(node)
    if node.type == "identifier" and key in flow.origins:
        return flow.origins[key]
    found = _origins(flow, node, owner)
    if node.type == "identifier":
        flow.origins[key] = found
    return found


def _origins(flow: Flow, node: Node, owner: str) -> list[tuple[Node, str]]:
    found: list[tuple[Node, str]] = []
    seen: set[tuple[str, str]] = set()
    waiting = [(node, owner)]
    while waiting and len(found) < _MOST:
        current, where = waiting.pop()
        current = plain(current)
        behind = _behind(flow, current, where, seen)
        if behind is None:
            found.append((current, where))
        else:
            waiting += reversed(behind)
    return found


def _behind(
    flow: Flow, node: Node, owner: str, seen: set[tuple[str, str]]
) -> list[tuple[Node, str]] | None:
    """Return what is behind an expression, None when it cannot be followed."""
    if node.type == "conditional_expression":
        sides = (node.child_by_field_name(side) for side in ("consequence", "alternative"))
        return [(side, owner) for side in sides if side is not None]
    key = (owner, text_of(node)) if node.type == "identifier" else ("", called(node))
    if node.type == "identifier" and key[1] in flow.locals.get(owner, ()):
        if key in seen:
            return []
        seen.add(key)
        return _behind_variable(flow, key[1], owner)
    if node.type == "call_expression" and key[1] in flow.unit.functions:
        if key in seen:
            return []
        seen.add(key)
        body = flow.functions[key[1]].body
        returned = (r.named_children for r in body.below("return_statement"))
        return [(values[0], key[1]) for values in returned if values]
    return None


def _behind_variable(flow: Flow, name: str, owner: str) -> list[tuple[Node, str]] | None:
    writes = flow.writes_in(owner).get(name, [])
    behind = [(write.value or write.node, owner) for write in writes]
    parameters = flow.functions[owner].parameters
    if name in parameters:
        place = parameters.index(name)
        given = ((call.argument(place), call.owner) for call in flow.calls_of(owner))
        behind += [(argument, caller) for argument, caller in given if argument is not None]
    return behind or None
