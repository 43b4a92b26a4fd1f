"""What kind of thing an expression is: a number, a pointer, a task, or not known."""

from __future__ import annotations

from functools import cache
from typing import Final

from schedtui.verify.source.flow import Flow
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, header_unit, text_of

TASK: Final = "task_struct"
_POINTERS: Final = (
    "pointer_declarator",
    "array_declarator",
    "abstract_pointer_declarator",
    "function_declarator",
)
_NUMBER_TYPES: Final = {
    *("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "bool", "size_t", "_Bool"),
    *("__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64"),
    *("uintptr_t", "intptr_t", "ptrdiff_t"),
}
_KINDS: Final = ("primitive_type", "sized_type_specifier")
_DECLARATIONS: Final = ("declaration", "parameter_declaration", "field_declaration")
_INNER: Final = {
    "parenthesized_expression": None,
    "unary_expression": "argument",
    "update_expression": "argument",
    "assignment_expression": "left",
}


class Types:
    """Answers by declarations; what is declared in two ways is not known."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._numbers: dict[tuple[str, str], bool] = {}
        self._tasks: dict[tuple[str, str], bool] = {}
        if flow.unit is not header_unit():
            self._know(_header_types())
        self._declared(flow.unit.root, "")
        for name, function in flow.unit.functions.items():
            self._declared(function.body.parent or function.body, name)

    def _know(self, other: Types) -> None:
        self._numbers, self._tasks = dict(other._numbers), dict(other._tasks)

    def _declared(self, root: Node, owner: str) -> None:
        for node in root.below(*_DECLARATIONS):
            kind = node.child_by_field_name("type")
            scope = "." if node.type == "field_declaration" else owner
            if kind is None or (not owner and scope == "" and not _is_outer(node)):
                continue
            for declarator in node.children_by_field_name("declarator"):
                self._note(declarator, kind, scope)

    def _note(self, declarator: Node, kind: Node, scope: str) -> None:
        target = declarator.child_by_field_name("declarator")
        is_pointer = declarator.type in _POINTERS or (
            declarator.type == "init_declarator" and target is not None and target.type in _POINTERS
        )
        name = text_of(next(declarator.below("identifier", "field_identifier"), None))
        number = not is_pointer and _is_number_type(kind)
        key = scope, name
        self._numbers[key] = number and self._numbers.get(key, True)
        task = is_pointer and text_of(kind.child_by_field_name("name")) == TASK
        self._tasks[key] = task or self._tasks.get(key, False)

    def is_task(self, name: str, owner: str) -> bool:
        """Tell whether a variable points to a task."""
        return self._tasks.get((owner, name), False)

    def is_number(self, node: Node | None, owner: str) -> bool:
        """Tell whether an expression is certainly a number, not a pointer, and not 0."""
        if node is None:
            return False
        handler = {
            "number_literal": lambda: text_of(node) != "0",
            "identifier": lambda: self._variable(text_of(node), owner),
            "field_expression": lambda: self._numbers.get(
                (".", text_of(node.child_by_field_name("field"))), False
            ),
            "binary_expression": lambda: self._both(node, owner),
            "conditional_expression": lambda: self._either(node, owner),
            "call_expression": lambda: self._returned(called(node)),
            "cast_expression": lambda: self._cast(node, owner),
        }.get(node.type)
        if handler is not None:
            return handler()
        if node.type in _INNER:
            role = _INNER[node.type]
            inner = (
                node.child_by_field_name(role) if role else next(iter(node.named_children), None)
            )
            return self.is_number(inner, owner)
        return False

    def _variable(self, name: str, owner: str) -> bool:
        local = self._numbers.get((owner, name))
        return self._numbers.get(("", name), False) if local is None else local

    def _both(self, node: Node, owner: str) -> bool:
        sides = (node.child_by_field_name(side) for side in ("left", "right"))
        return all(self.is_number(side, owner) or text_of(side) == "0" for side in sides)

    def _either(self, node: Node, owner: str) -> bool:
        sides = (node.child_by_field_name(side) for side in ("consequence", "alternative"))
        return any(self.is_number(side, owner) for side in sides)

    def _cast(self, node: Node, owner: str) -> bool:
        kind = node.child_by_field_name("type")
        if kind is None or any(kind.below(*_POINTERS)):
            return self.is_number(node.child_by_field_name("value"), owner)
        return True

    def _returned(self, name: str) -> bool:
        function = self._flow.unit.functions.get(name)
        definition = function.body.parent if function is not None else None
        if definition is None:
            return False
        kind = definition.child_by_field_name("type")
        declarator = definition.child_by_field_name("declarator")
        is_pointer = declarator is not None and declarator.type in _POINTERS[:1]
        return kind is not None and not is_pointer and _is_number_type(kind)


@cache
def _header_types() -> Types:
    return Types(Flow(header_unit()))


def _is_number_type(kind: Node) -> bool:
    is_void = text_of(kind) == "void"
    return (kind.type in _KINDS and not is_void) or text_of(kind) in _NUMBER_TYPES


def _is_outer(node: Node) -> bool:
    return node.type == "declaration" and (
        node.parent is None or node.parent.type == "translation_unit"
    )
