"""Parses what stands in a slot, and refuses what could mean one thing here and another there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LONGEST: Final = 2000
"""Characters of one filling."""
MOST_LINES: Final = 60
WIDEST: Final = 92
"""Columns of a line, a tab counted as eight."""

_HEAD: Final = "static u64 slot(void)\n{\n"
_HEAD_LINES: Final = 2
_PRINTABLE: Final = range(0x20, 0x7F)
# Each has a second spelling in C, or joins lines; no expression over times needs one.
_STRANGE: Final = {"#": "#", "\\": "a backslash", "@": "@", "$": "$", "`": "`", '"': "a string"}
_SECOND_SPELLINGS: Final = ("??", "<:", ":>", "<%", "%>", "%:")


class RefusalError(ValueError):
    """A filling is refused; says why, and at which 1-based line of it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def line_of(node: Node) -> int:
    """Return the 1-based line of the filling that a node begins on."""
    return max(1, node.start_point.row - _HEAD_LINES + 1)


def text_of(node: Node) -> str:
    """Return the source text of a node."""
    return (node.text or b"").decode("ascii", "replace")


def operator_of(node: Node) -> str:
    """Return the operator of an expression, empty without one."""
    operator = node.child_by_field_name("operator")
    return text_of(operator) if operator is not None else ""


def parts(node: Node) -> list[Node]:
    """Return the children of a node that are neither comments nor punctuation."""
    return [child for child in node.named_children if child.type != "comment"]


def parsed(code: str) -> Node:
    """Return the block that a filling is the whole content of. Raises RefusalError."""
    _require_plain(code)
    statements = as_statements(code)
    text = f"{_HEAD}{statements}\n}}\n".encode("ascii")
    root = _parser().parse(text).root_node
    for bad in _broken(root):
        raise RefusalError(line_of(bad), "this is not C that can be read.")
    functions = [node for node in root.children if node.type != "comment"]
    body = functions[0].child_by_field_name("body") if functions else None
    if len(functions) != 1 or body is None or body.end_byte != len(text) - 1:
        raise RefusalError(1, "it ends the block that it stands in.")
    return body


def as_statements(code: str) -> str:
    """Return a filling as statements: a lone expression is what is returned."""
    if is_statements(code):
        return code
    # A comment at the end must not swallow what ends the statement.
    ending = "\n;" if "//" in code else ";"
    return f"return {code.strip()}{ending}"


def is_statements(code: str) -> bool:
    """Tell whether a filling is written as statements, not as one expression."""
    return ";" in code


def _require_plain(code: str) -> None:
    if not code.strip():
        raise RefusalError(1, "it is empty.")
    if len(code) > LONGEST:
        raise RefusalError(1, f"it is longer than {LONGEST} characters.")
    lines = code.split("\n")
    if len(lines) > MOST_LINES:
        raise RefusalError(1, f"it has more than {MOST_LINES} lines.")
    for at, line in enumerate(lines, start=1):
        _require_plain_line(at, line)


def _require_plain_line(at: int, line: str) -> None:
    if any(char != "\t" and ord(char) not in _PRINTABLE for char in line):
        raise RefusalError(at, "only the printable characters of ASCII and tabs are allowed.")
    if len(line.expandtabs(8)) > WIDEST:
        raise RefusalError(at, f"the line is wider than {WIDEST} columns.")
    for mark, name in _STRANGE.items():
        if mark in line:
            raise RefusalError(at, f"{name} has no place in a slot.")
    for spelling in _SECOND_SPELLINGS:
        if spelling in line:
            raise RefusalError(at, f"{spelling} is a second spelling of another mark of C.")


def _broken(root: Node) -> Iterator[Node]:
    if not root.has_error:
        return
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and (node.is_error or node.is_missing):
            yield node
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return


@cache
def _parser() -> Parser:
    # Most who read policies compose nothing: they do not wait for a parser.
    import tree_sitter_c
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c.language()))
