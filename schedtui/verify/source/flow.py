"""Who calls whom with what, and who writes which variable: facts that many rules share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, Unit, called, header_unit, text_of

CALL: Final = "call_expression"
_WRAPPERS: Final = {"parenthesized_expression", "cast_expression"}
_CHANGES: Final = {"update_expression", "pointer_expression"}


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of a function by name."""

    name: str
    node: Node
    arguments: tuple[Node, ...]
    owner: str
    """Function that the call stands in, empty at file level."""
    ours: bool
    """Stands in a header that comes with the program."""

    def argument(self, place: int) -> Node | None:
        """Return an argument, None when there are fewer."""
        return self.arguments[place] if place < len(self.arguments) else None


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One write to a variable; ``value`` is None where it cannot be told."""

    value: Node | None
    node: Node


class Flow:
    """The functions of a candidate together with those of the public headers."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.functions: Mapping[str, Function] = {**header_unit().functions, **unit.functions}
        self.origins: dict[tuple[str, str], list[tuple[Node, str]]] = {}
        """What is behind variables, by function and name, as far as it was asked."""
        own = {n: _calls(n, f, ours=False) for n, f in unit.functions.items()}
        self._calls: Mapping[str, list[Call]] = {**_header_calls(), **own}
        self._callers: dict[str, list[Call]] = defaultdict(list)
        for calls in self._calls.values():
            for call in calls:
                self._callers[call.name].append(call)

    def calls_in(self, function: str) -> list[Call]:
        """Return the calls in a function, in reading order."""
        return self._calls.get(function, [])

    def calls_of(self, function: str) -> list[Call]:
        """Return the calls of a function."""
        return self._callers.get(function, [])

    def reached_from(self, *starts: str) -> tuple[str, ...]:
        """Return functions with a body that ``starts`` call, directly or not, and these too.

        A function that is handed to another as an argument counts as called.
        """
        found: dict[str, None] = {}
        waiting = list(reversed(starts))
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.functions:
                continue
            found[name] = None
            for call in reversed(self._calls[name]):
                handed = (text_of(a) for a in call.arguments if a.type == "identifier")
                waiting += [call.name, *handed]
        return tuple(found)

    @cached_property
    def operations(self) -> dict[str, str]:
        """Return operations and the functions that they name, of all schedulers."""
        pairs = (s.operations.items() for s in self.unit.schedulers)
        return {operation: name for items in pairs for operation, name in items}

    def reached_by(self, *operations: str) -> tuple[str, ...]:
        """Return the functions that operations reach; of all operations when none is given."""
        wanted = operations or tuple(self.operations)
        return self.reached_from(*(self.operations[o] for o in wanted if o in self.operations))

    def calls_by(self, *operations: str) -> Iterator[Call]:
        """Yield all calls in the functions that operations reach."""
        for name in self.reached_by(*operations):
            yield from self._calls[name]

    def writes_in(self, function: str) -> dict[str, list[Write]]:
        """Return the writes in a function by variable; members and targets of pointers are not."""
        return self._writes.get(function, {})

    @cached_property
    def _writes(self) -> dict[str, dict[str, list[Write]]]:
        own = {name: _writes(function.body) for name, function in self.unit.functions.items()}
        return {**_header_writes(), **own}

    def changed_in(self, function: str) -> frozenset[str]:
        """Return the variables that a function changes other than by declaring them."""
        writes = self.writes_in(function).items()
        return frozenset(n for n, ws in writes if any(not _is_new(w.node) for w in ws))

    @cached_property
    def written(self) -> frozenset[str]:
        """Return all variables that any function changes after their declaration."""
        return frozenset().union(*(self.changed_in(name) for name in self.functions))

    @cached_property
    def locals(self) -> dict[str, frozenset[str]]:
        """Return each function's parameters and local variables."""
        return {**_header_locals(), **_locals(self.unit.functions)}


def plain(node: Node) -> Node:
    """Return an expression without the brackets and casts around it."""
    while node.type in _WRAPPERS:
        inner = node.child_by_field_name("value") or next(iter(node.named_children), None)
        if inner is None:
            break
        node = inner
    return node


def target_and_value(node: Node) -> tuple[Node | None, Node | None]:
    """Return what a declaration or assignment writes to, and what it writes."""
    target = node.child_by_field_name("declarator") or node.child_by_field_name("left")
    return target, node.child_by_field_name("value") or node.child_by_field_name("right")


def counter(loop: Node) -> str:
    """Return the variable that a ``for`` loop sets first and counts, empty for other nodes."""
    if loop.type != "for_statement":
        return ""
    update = loop.child_by_field_name("update")
    changed = next(update.below("identifier"), None) if update is not None else None
    first = first_of(loop)
    name = text_of(next(first[0].below("identifier"), None)) if first else ""
    return name if changed is not None and text_of(changed) == name else ""


def first_of(loop: Node) -> tuple[Node, Node] | None:
    """Return what the first part of a ``for`` loop sets, and to what."""
    start = loop.child_by_field_name("initializer")
    if start is None:
        return None
    for node in start.below("init_declarator", "assignment_expression"):
        target, value = target_and_value(node)
        if target is not None and value is not None:
            return target, value
    return None


@cache
def _header_calls() -> Mapping[str, list[Call]]:
    return {n: _calls(n, f, ours=True) for n, f in header_unit().functions.items()}


@cache
def _header_writes() -> Mapping[str, dict[str, list[Write]]]:
    return {name: _writes(function.body) for name, function in header_unit().functions.items()}


@cache
def _header_locals() -> Mapping[str, frozenset[str]]:
    return _locals(header_unit().functions)


def _locals(functions: Mapping[str, Function]) -> dict[str, frozenset[str]]:
    return {n: frozenset(f.parameters) | _declared(f.body) for n, f in functions.items()}


def _calls(name: str, function: Function, *, ours: bool) -> list[Call]:
    return [_call(node, name, ours=ours) for node in function.body.below(CALL)]


def _call(node: Node, owner: str, *, ours: bool) -> Call:
    arguments = node.child_by_field_name("arguments")
    named = tuple(arguments.named_children) if arguments is not None else ()
    return Call(called(node), node, named, owner, ours)


def _writes(body: Node) -> dict[str, list[Write]]:
    found: dict[str, list[Write]] = defaultdict(list)
    for node in body.below("init_declarator", "assignment_expression", *_CHANGES):
        if node.type in _CHANGES:
            argument = node.child_by_field_name("argument")
            is_address = text_of(node.child_by_field_name("operator")) == "&"
            if argument is not None and (is_address or node.type == "update_expression"):
                found[text_of(plain(argument))].append(Write(None, node))
            continue
        target, value = target_and_value(node)
        if target is None:
            continue
        simple = text_of(node.child_by_field_name("operator")) in {"", "="}
        name = text_of(next(target.below("identifier"), None)) if _is_new(node) else text_of(target)
        found[name].append(Write(value if simple else None, node))
    return dict(found)


def _is_new(node: Node) -> bool:
    return node.type == "init_declarator"


def _declared(body: Node) -> frozenset[str]:
    names = (
        text_of(next(declarator.below("identifier"), None))
        for node in body.below("declaration")
        for declarator in node.children_by_field_name("declarator")
    )
    return frozenset(names)
