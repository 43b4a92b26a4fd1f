"""What is declared at file level: variables, constants and enumerators, by name."""

from __future__ import annotations

from functools import cache
from typing import Final

from schedtui.verify.source.lexer import Kind
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Unit, header_unit, read_header_text, text_of

_NO_CONSTANT: Final = {"{", "}", ";", "#", "##"}

Enumerator = tuple[Node | None, Node | None, int]
"""Its own value, else the last one written before it, and the distance to that."""


@cache
def header_constants() -> Unit:
    """Return the macros of the public headers that are plain values, as global constants."""
    lines = []
    for macro in header_unit().macros:
        kinds = {x.kind for x in macro.body}
        plain_body = kinds <= {Kind.WORD, Kind.NUMBER, Kind.MARK} and kinds & {Kind.NUMBER}
        if (
            macro.parameters is None
            and plain_body
            and not _NO_CONSTANT & {x.text for x in macro.body}
        ):
            lines.append(f"static const u64 {macro.name} = {' '.join(x.text for x in macro.body)};")
    return read_header_text("\n".join(lines))


@cache
def header_globals() -> dict[str, Node]:
    """Return variables and constants of the public headers."""
    return {**globals_of(header_unit()), **globals_of(header_constants())}


@cache
def header_enumerators() -> dict[str, Enumerator]:
    """Return enumerators of the public headers."""
    return enumerators_of(header_unit().root)


def globals_of(unit: Unit) -> dict[str, Node]:
    """Return the declarations of file level by the names they declare."""
    return {
        text_of(next(declarator.below("identifier"), None)): node
        for node in unit.root.children
        if node.type == "declaration"
        for declarator in node.children_by_field_name("declarator")
    }


def enumerators_of(root: Node) -> dict[str, Enumerator]:
    """Return, by name, its own value, else the last one before it and the distance to that."""
    found: dict[str, Enumerator] = {}
    for members in root.below("enumerator_list"):
        before: Node | None = None
        distance = 0
        for member in members.named_children:
            value = member.child_by_field_name("value")
            before, distance = (value, 0) if value is not None else (before, distance)
            found[text_of(member.child_by_field_name("name"))] = (value, before, distance)
            distance += 1
    return found
