"""Which values an expression can have: spans of integers, as far as the text tells.

Every answer is an over-estimate: the true value lies in one of the spans. What the text does not
tell is UNKNOWN, any number from 0 up. Unsigned wrap-around is not modelled, but for constants.
"""

from __future__ import annotations

from typing import ClassVar, Final

from schedtui.verify.source.declared import (
    enumerators_of,
    globals_of,
    header_enumerators,
    header_globals,
)
from schedtui.verify.source.flow import Flow, Write, counter, first_of, plain, target_and_value
from schedtui.verify.source.live import READER, live_parameters, read_by
from schedtui.verify.source.spans import (
    BOOLEAN,
    UNKNOWN,
    Spans,
    combine,
    exactly,
    negated,
    union,
    until,
)
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import (
    called,
    number,
    text_of,
)

_DEEPEST: Final = 24
_STEPS: Final = 20_000
"""Most sub-expressions that are looked at for all questions about one source."""

_SMALL: Final[Spans] = ((1, 4096),)
"""What the size of a thing in memory is taken for."""

_TRANSPARENT: Final = {"likely", "unlikely", "READ_ONCE"}
_TRUTHS: Final = {"==", "!=", "<", ">", "<=", ">=", "&&", "||"}
_SPECIAL: Final = {"SCX_SLICE_INF": (1 << 64) - 1, "SCX_SLICE_DFL": 20_000_000}

Bound = dict[str, Spans]


class Values:
    """Answers for one source."""

    def __init__(self, flow: Flow, *, defaults: bool) -> None:
        """Take parameters at their defaults if ``defaults``, else as unknown."""
        self._flow = flow
        self._defaults = defaults
        self._known: dict[tuple[int, str], Spans] = {}
        self._variables: dict[tuple[str, str], Spans] = {}
        self._depth = 0
        self._steps = _STEPS
        self._globals = {**header_globals(), **globals_of(flow.unit)}
        self._enumerators = {**header_enumerators(), **enumerators_of(flow.unit.root)}

    @property
    def exhausted(self) -> bool:
        """So much was asked that later answers are UNKNOWN although the text tells."""
        return self._steps <= 0

    def of(self, node: Node | None, owner: str, bound: Bound | None = None) -> Spans:
        """Return the values of an expression in a function.

        Args:
            node: The expression.
            owner: Name of the function that it stands in.
            bound: Variables of that function whose values are known otherwise.
        """
        if node is None or self._depth >= _DEEPEST or self._steps <= 0:
            return UNKNOWN
        key = id(node), owner
        if not bound and key in self._known:
            return self._known[key]
        self._steps -= 1
        self._depth += 1
        if not bound:
            self._known[key] = UNKNOWN  # What depends on itself is unknown.
        answer = self._of(plain(node), owner, bound or {})
        if not bound:
            self._known[key] = answer
        self._depth -= 1
        return answer

    def _of(self, node: Node, owner: str, bound: Bound) -> Spans:
        handler = self._HANDLERS.get(node.type)
        return handler(self, node, owner, bound) if handler is not None else UNKNOWN

    def _number(self, node: Node, _owner: str, _bound: Bound) -> Spans:
        value = number(text_of(node))
        return UNKNOWN if value is None else exactly(value)

    def _word(self, node: Node, _owner: str, _bound: Bound) -> Spans:
        return exactly(int(node.type == "true"))

    def _choice(self, node: Node, owner: str, bound: Bound) -> Spans:
        sides = (node.child_by_field_name(s) for s in ("consequence", "alternative"))
        return union(*(self.of(side, owner, bound) for side in sides))

    def _unary(self, node: Node, owner: str, bound: Bound) -> Spans:
        operator = text_of(node.child_by_field_name("operator"))
        inner = self.of(node.child_by_field_name("argument"), owner, bound)
        return negated(operator, inner)

    def _binary(self, node: Node, owner: str, bound: Bound) -> Spans:
        operator = text_of(node.child_by_field_name("operator"))
        if operator in _TRUTHS:
            return BOOLEAN
        left = self.of(node.child_by_field_name("left"), owner, bound)
        return combine(operator, left, self.of(node.child_by_field_name("right"), owner, bound))

    def _call(self, node: Node, owner: str, bound: Bound) -> Spans:
        arguments = node.child_by_field_name("arguments")
        given = [self.of(a, owner, bound) for a in (arguments.named_children if arguments else ())]
        name = called(node)
        if name == READER:
            return self._live(node)
        if name in _TRANSPARENT and len(given) == 1:
            return given[0]
        if name == "ARRAY_SIZE":
            return self._entries(node)
        if name in {"MIN", "MAX"} and len(given) == 2:
            return combine(name, given[0], given[1])
        function = self._flow.functions.get(name)
        if function is None:
            return UNKNOWN
        written = self._flow.writes_in(name)
        pairs = zip(function.parameters, given, strict=False)
        inside = {parameter: value for parameter, value in pairs if parameter not in written}
        results = [
            n.named_children[0] for n in function.body.below("return_statement") if n.named_children
        ]
        return union(*(self.of(r, name, inside) for r in results)) if results else UNKNOWN

    def _live(self, call: Node) -> Spans:
        """Return what it may be set to; of defaults, how it begins and both ends of its range."""
        written = live_parameters(self._flow.unit).get(read_by(call), ())
        if len(written) != 3:
            return UNKNOWN
        value, low, high = (self.of(each, "") for each in written)
        return union(value, low, high) if self._defaults else ((low[0][0], high[-1][1]),)

    def _entries(self, node: Node) -> Spans:
        """Return how many entries an array of file level has."""
        array = text_of(next(reversed([*node.below("identifier")]), None))
        declaration = self._globals.get(array)
        for declarator in declaration.below("array_declarator") if declaration else ():
            if text_of(declarator.child_by_field_name("declarator")) == array:
                size = declarator.child_by_field_name("size")
                return _SMALL if size is None else self.of(size, "")
        return _SMALL

    def _size(self, _node: Node, _owner: str, _bound: Bound) -> Spans:
        return _SMALL

    # -- names --------------------------------------------------------------------------

    def _name(self, node: Node, owner: str, bound: Bound) -> Spans:
        name = text_of(node)
        if name in bound:
            return bound[name]
        if name in self._flow.locals.get(owner, ()):
            return self._local(node, name, owner, bound)
        if name in self._enumerators:
            return self._enumerator(name)
        if name in _SPECIAL:
            return exactly(_SPECIAL[name])
        return self._global(name)

    def _local(self, node: Node, name: str, owner: str, bound: Bound) -> Spans:
        loop = next((n for n in node.above() if counter(n) == name), None)
        if loop is not None:
            return self.counted(loop, owner, bound)
        key = owner, name
        if bound:
            return self._variable(name, owner, bound)
        if key not in self._variables:
            self._variables[key] = UNKNOWN  # What depends on itself is unknown.
            self._variables[key] = self._variable(name, owner, bound)
        return self._variables[key]

    def _variable(self, name: str, owner: str, bound: Bound) -> Spans:
        writes = self._flow.writes_in(owner).get(name, [])
        found = [self._written(write, owner, bound) for write in writes]
        function = self._flow.functions[owner]
        if name in function.parameters:
            place = function.parameters.index(name)
            calls = self._flow.calls_of(owner)
            found += [self.of(call.argument(place), call.owner) for call in calls] or [UNKNOWN]
        return union(*found) if found else UNKNOWN

    def _written(self, write: Write, owner: str, bound: Bound) -> Spans:
        return UNKNOWN if write.value is None else self.of(write.value, owner, bound)

    def _global(self, name: str) -> Spans:
        declaration = self._globals.get(name)
        if declaration is None or name in self._flow.written:
            return UNKNOWN
        words = {text_of(q) for q in declaration.below("type_qualifier")}
        if "volatile" in words and not self._defaults:
            return UNKNOWN
        for declarator in declaration.children_by_field_name("declarator"):
            target, value = target_and_value(declarator)
            if text_of(target) == name and declarator.type == "init_declarator":
                return self.of(value, "")
            if text_of(declarator) == name:
                return exactly(0)
        return UNKNOWN

    def _enumerator(self, name: str) -> Spans:
        value, before, distance = self._enumerators[name]
        if value is not None:
            start = self.of(value, "")
        else:
            start = exactly(0) if before is None else self.of(before, "")
        return combine("+", start, exactly(distance))

    # -- loops --------------------------------------------------------------------------

    def counted(self, loop: Node, owner: str, bound: Bound | None = None) -> Spans:
        """Return the values that the counter of a ``for`` loop has inside of it."""
        start = self.of(_first_value(loop), owner, bound)
        limits = self._limits(loop.child_by_field_name("condition"), counter(loop), owner, bound)
        return until(start, limits)

    def _limits(
        self, condition: Node | None, name: str, owner: str, bound: Bound | None
    ) -> list[int]:
        """Return last values that a condition allows; the smallest holds."""
        if condition is None:
            return []
        node = plain(condition)
        operator = text_of(node.child_by_field_name("operator"))
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator == "&&":
            return [x for n in (left, right) for x in self._limits(n, name, owner, bound)]
        if operator not in {"<", "<=", "!="} or left is None or text_of(plain(left)) != name:
            return []
        highest = [high for _, high in self.of(right, owner, bound)]
        known = [high - (operator != "<=") for high in highest if high is not None]
        return [max(known)] if len(known) == len(highest) else []

    _HANDLERS: ClassVar = {
        "number_literal": _number,
        "true": _word,
        "false": _word,
        "null": _word,
        "identifier": _name,
        "unary_expression": _unary,
        "binary_expression": _binary,
        "conditional_expression": _choice,
        "call_expression": _call,
        "sizeof_expression": _size,
    }


def _first_value(loop: Node) -> Node | None:
    first = first_of(loop)
    return first[1] if first else None
