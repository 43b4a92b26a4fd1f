"""Live parameters as a source declares and reads them."""

from __future__ import annotations

from typing import Final

from schedtui.verify.source.flow import CALL, Flow
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Unit, called, text_of

READER: Final = "live"
"""Function of schedtui.h that reads one."""

TYPE: Final = "LIVE_PARAMETER"
"""What schedtui.h calls one."""
_LOOPS: Final = ("for_statement", "while_statement", "do_statement")


def live_parameters(unit: Unit) -> dict[str, tuple[Node, ...]]:
    """Return, by name, what is written as value, minimum and maximum of each."""
    found: dict[str, tuple[Node, ...]] = {}
    for node in unit.root.children:
        if node.type != "declaration" or text_of(node.child_by_field_name("type")) != TYPE:
            continue
        for declarator in node.children_by_field_name("declarator"):
            name = text_of(next(declarator.below("identifier"), None))
            values = next(declarator.below("initializer_list"), None)
            found[name] = tuple(values.named_children) if values is not None else ()
    return found


def read_by(call: Node) -> str:
    """Return the name of the live parameter that a call reads, empty for other calls."""
    if call.type != CALL or called(call) != READER:
        return ""
    arguments = call.child_by_field_name("arguments")
    given = text_of(arguments.named_children[0]) if arguments and arguments.named_children else ""
    return given.removeprefix("&").strip() if given.startswith("&") else ""


def reads(flow: Flow, operation: str, name: str) -> int:
    """Return how often a function may read a live parameter, with those that it calls; 2 is many.

    Branches are added up: whoever reads in both can read before. So are rounds of a loop.
    """
    counts: dict[str, int] = {}
    # Callees come first but where functions call each other in a ring.
    order = tuple(reversed(flow.reached_from(operation)))
    while (now := _counted(flow, order, name, counts)) != counts:
        counts = now
    return counts.get(operation, 0)


def _counted(
    flow: Flow, order: tuple[str, ...], name: str, before: dict[str, int]
) -> dict[str, int]:
    counts = dict(before)
    for function in order:
        found = 0
        for call in flow.calls_in(function):
            once = int(read_by(call.node) == name) or counts.get(call.name, 0)
            again = once and any(above.type in _LOOPS for above in call.node.above())
            found += 2 if again else once
        counts[function] = min(found, 2)
    return counts
