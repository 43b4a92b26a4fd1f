"""Keeps what a slot reckons to 64 bits without sign, as its page promises.

C reckons with numbers, truths and comparisons alone in an ``int``. That gives the same as 64 bits
as long as nothing leaves the range of an ``int``, and nothing below zero is divided or compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import add, mul, sub
from typing import TYPE_CHECKING, Final

from schedtui.policy.grammar import RefusalError, line_of, operator_of, parts, text_of
from schedtui.policy.numerals import number_of

if TYPE_CHECKING:
    from tree_sitter import Node

Range = tuple[int, int]
"""The smallest and the greatest value of what C does not reckon in 64 bits without sign."""

_TRUTH: Final = (0, 1)
_CPU: Final = (0, 2**32 - 1)
_INT: Final = (-(2**31), 2**31 - 1)
_INT_BITS: Final = 31
_TRUTHS: Final = frozenset({"&&", "||", "==", "!=", "<", ">", "<=", ">="})
_SHIFTS: Final = frozenset({"<<", ">>"})
_SIGN_MATTERS: Final = frozenset({"/", "%", "<", ">", "<=", ">="})
_ENDS: Final[Mapping[str, Callable[[int, int], int]]] = {"+": add, "-": sub, "*": mul}


class Widths:
    """Finds the range of expressions that have been judged."""

    def __init__(self, is_truth: Callable[[Node], bool]) -> None:
        """Begin; ``is_truth`` tells whether a name or a fact is of the type bool."""
        self._is_truth = is_truth
        self._rules: Mapping[str, Callable[[Node], Range | None]] = {
            "number_literal": _literal,
            "parenthesized_expression": lambda node: self.range_of(parts(node)[0]),
            "conditional_expression": self._choice,
            "unary_expression": self._unary,
            "binary_expression": self._binary,
            "call_expression": self._call,
        }

    def range_of(self, node: Node) -> Range | None:
        """Return the range of an expression, None for 64 bits without sign.

        Raises:
            RefusalError: C would come to another value than with 64 bits without sign.
        """
        return self._rules.get(node.type, self._word)(node)

    def _word(self, node: Node) -> Range | None:
        if text_of(node) == "ANY_CPU":
            return _CPU
        return _TRUTH if self._is_truth(node) else None

    def _choice(self, node: Node) -> Range | None:
        condition, left, right = parts(node)
        self.range_of(condition)
        return self._either(node, left, right)

    def _unary(self, node: Node) -> Range | None:
        found = self.range_of(parts(node)[0])
        if operator_of(node) == "!":
            return _TRUTH
        return None if found is None else _exact(node, found, (-1 - found[1], -1 - found[0]))

    def _binary(self, node: Node) -> Range | None:
        operator = operator_of(node)
        left, right = parts(node)
        a, b = self.range_of(left), self.range_of(right)
        if operator in _SHIFTS:
            return None if a is None else _shifted(node, a, number_of(text_of(right)) or 0)
        if operator in {"&&", "||"}:
            return _TRUTH
        if a is None or b is None:
            return _TRUTH if operator in _TRUTHS else None
        if operator in _SIGN_MATTERS and min(a[0], b[0]) < 0:
            raise _too_narrow(node)
        return _exact(node, a, b, _result(operator, a, b))

    def _either(self, node: Node, left: Node, right: Node) -> Range | None:
        a, b = self.range_of(left), self.range_of(right)
        if a is None or b is None:
            return None
        low, high = min(a[0], b[0]), max(a[1], b[1])
        if low < 0 and high > _INT[1]:
            raise _too_narrow(node)
        return low, high

    def _call(self, node: Node) -> Range | None:
        called, given = parts(node)
        name, arguments = text_of(called), parts(given)
        if name not in {"MIN", "MAX"}:
            for argument in arguments:
                self.range_of(argument)
            return _TRUTH if name == "before" else None
        found = self._either(node, arguments[0], arguments[1])
        if found is not None and found[0] < 0:
            raise _too_narrow(node)
        return found


def is_flag(variable: Node) -> bool:
    """Tell whether a variable of the slot is declared as bool, given where it is read."""
    root = variable
    while root.parent is not None:
        root = root.parent
    name, nodes = text_of(variable), [root]
    while nodes:
        node = nodes.pop()
        if node.type == "declaration" and name in _declared(node):
            return any(text_of(part) == "bool" for part in parts(node))
        nodes.extend(parts(node))
    return False


def _declared(declaration: Node) -> set[str]:
    return {text_of(parts(p)[0]) for p in parts(declaration) if p.type == "init_declarator"}


def _literal(node: Node) -> Range | None:
    text = text_of(node).lower()
    suffix = text.lstrip("0123456789abcdefx")
    if "u" in suffix and "l" in suffix:
        return None
    value = number_of(text) or 0
    # One that is short and has no sign wraps: it is taken for as large as it can be.
    return (value, value) if not suffix.startswith("u") else (value, _CPU[1])


def _result(operator: str, a: Range, b: Range) -> Range:
    if operator in _TRUTHS:
        return _TRUTH
    if operator in _ENDS:
        ends = [_ENDS[operator](x, y) for x in a for y in b]
        return min(ends), max(ends)
    if operator in {"&", "|", "^"}:
        bits = max(abs(end).bit_length() for end in (*a, *b))
        return (-(2**bits) if min(a[0], b[0]) < 0 else 0), 2**bits - 1
    return 0, a[1]


def _shifted(node: Node, shifted: Range, by: int) -> Range:
    if shifted[0] < 0 or by > _INT_BITS:
        raise _too_narrow(node)
    high = shifted[1] << by if operator_of(node) == "<<" else shifted[1]
    return _exact(node, shifted, (0, high))


def _exact(node: Node, *ranges: Range) -> Range:
    if any(low < _INT[0] or high > _INT[1] for low, high in ranges):
        raise _too_narrow(node)
    return ranges[-1]


def _too_narrow(node: Node) -> RefusalError:
    why = f"'{text_of(node)[:40]}' is not reckoned in 64 bits; write a number in it with ULL."
    return RefusalError(line_of(node), why)
