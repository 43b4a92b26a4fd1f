"""A parse tree as plain objects: read once, then asked many times.

The parser's own nodes cost a call into the parser for every question, and have to be walked to
find anything. Here every node knows its place in reading order, so that "all calls below this
node" is a slice of a list.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import tree_sitter

DEEPEST: Final = 100
"""Levels that are read; what lies deeper is left out, and such a text is refused."""


class Node:
    """A node; ``children`` includes punctuation, ``named_children`` does not."""

    __slots__ = (
        "_text",
        "_tree",
        "children",
        "depth",
        "end",
        "index",
        "is_error",
        "is_missing",
        "is_named",
        "last",
        "parent",
        "role",
        "start",
        "type",
    )

    def __init__(
        self, tree: Tree, found: tree_sitter.Node, role: str | None, parent: Node | None
    ) -> None:
        self._tree = tree
        self._text: str | None = None
        self.children: list[Node] = []
        self.parent = parent
        self.role = role
        self.type = found.type
        self.start, self.end = found.start_byte, found.end_byte
        self.is_named = found.is_named
        self.is_error = self.type == "ERROR"
        self.is_missing = tree.has_error and found.is_missing
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.index = self.last = len(tree.nodes)
        """Places in reading order: of this node, and of the last one below it."""

    @property
    def text(self) -> str:
        """The source text."""
        if self._text is None:
            self._text = self._tree.source[self.start : self.end].decode("utf-8", "replace")
        return self._text

    @property
    def line(self) -> int:
        """1-based line of the first character."""
        return self._tree.line_at(self.start)

    @property
    def end_line(self) -> int:
        """1-based line of the last character."""
        return self._tree.line_at(max(self.start, self.end - 1))

    @property
    def named_children(self) -> list[Node]:
        """Children that are no punctuation."""
        return [child for child in self.children if child.is_named]

    def child_by_field_name(self, name: str) -> Node | None:
        """Return the first child in a role of the grammar, None without one."""
        return next((child for child in self.children if child.role == name), None)

    def children_by_field_name(self, name: str) -> list[Node]:
        """Return all children in a role of the grammar."""
        return [child for child in self.children if child.role == name]

    def below(self, *kinds: str) -> Iterator[Node]:
        """Yield this node and all below it whose type is one of ``kinds``, in reading order."""
        return self._tree.between(self.index, self.last, kinds)

    def holds(self, other: Node) -> bool:
        """Tell whether another node of this tree is this one or below it."""
        return self._tree is other._tree and self.index <= other.index <= self.last

    def above(self) -> Iterator[Node]:
        """Yield the nodes that this one is below, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Tree:
    """All nodes of one text, in reading order."""

    def __init__(self, source: bytes, root: tree_sitter.Node) -> None:
        self.source = source
        self.nodes: list[Node] = []
        self.has_error = root.has_error
        lengths = (len(line) + 1 for line in source.split(b"\n"))
        self._line_starts = [0, *accumulate(lengths)]
        self._places: dict[str, list[int]] = {}
        self._read(root.walk())

    def line_at(self, byte: int) -> int:
        """Return the 1-based line of a byte."""
        return bisect_right(self._line_starts, byte)

    def between(self, first: int, last: int, kinds: tuple[str, ...]) -> Iterator[Node]:
        """Yield nodes from one place to another, of some types or, without any, of all."""
        if not kinds:
            yield from self.nodes[first : last + 1]
            return
        places: list[int] = []
        for kind in kinds:
            found = self._places.get(kind, [])
            places += found[bisect_left(found, first) : bisect_left(found, last + 1)]
        for place in places if len(kinds) == 1 else sorted(places):
            yield self.nodes[place]

    def _read(self, cursor: tree_sitter.TreeCursor) -> None:
        node = self._add(cursor, None)
        while True:
            if node.depth < DEEPEST and cursor.goto_first_child():
                node = self._add(cursor, node)
                continue
            node.last = len(self.nodes) - 1
            while not cursor.goto_next_sibling():
                if node.parent is None or not cursor.goto_parent():
                    return
                node = node.parent
                node.last = len(self.nodes) - 1
            node = self._add(cursor, node.parent)

    def _add(self, cursor: tree_sitter.TreeCursor, parent: Node | None) -> Node:
        found = cursor.node
        if found is None:
            raise LookupError("a cursor that was made from a node stands on one")
        node = Node(self, found, cursor.field_name, parent)
        if parent is not None:
            parent.children.append(node)
        self.nodes.append(node)
        self._places.setdefault(node.type, []).append(node.index)
        return node
