"""Object rules about constants and variables: how much, and what they look like.

A scheduler has a few numbers. Whole files, keys or password tables among its data were put there
while it was compiled, from the machine that compiled it.
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify.catalogue import finding

CONSTANTS_LIMIT: Final = 64 * 1024
"""Most bytes of all constants together."""

_PATTERNS: Final[tuple[tuple[str, re.Pattern[bytes]], ...]] = (
    ("a key or certificate", re.compile(rb"-----BEGIN [A-Z]")),
    ("a table of users", re.compile(rb"(?:^|[\n\0])root:[^\n:]*:")),
    ("another program", re.compile(rb"\x7fELF[\x01\x02]|(?:^|[\n\0])#! ?/[a-z]")),
    ("an archive", re.compile(rb"\x1f\x8b\x08|\xfd7zXZ\0|PK\x03\x04|\x28\xb5\x2f\xfd[\x20-\x7f]")),
    ("a long text in base64", re.compile(rb"[A-Za-z0-9+/_-]{256,}")),
)
LIVE_SECTION: Final = ".data.live"
_LIVE: Final = struct.Struct("<QQQ")
_LIVE_SHAPE: Final = (_LIVE.size, (("value", 0, 8), ("minimum", 8, 8), ("maximum", 16, 8)))
"""Of ``struct live_parameter`` in schedtui.h."""

_VARIED: Final = 40
"""Different characters that a long text in base64 has at least; a rule of dashes has one."""

_WINDOW: Final = 1024
_ENTROPY_LIMIT: Final = 7.3
"""Bits per byte of a window. Random bytes come to 7.8, tables of numbers to less than 6."""


def size(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ029: the constants are few."""
    constants = sum(size for name, size in facts.data_sections if name.startswith(".rodata"))
    if constants > CONSTANTS_LIMIT:
        kib = -(-constants // 1024)
        yield finding("OBJ029", size=kib, limit=CONSTANTS_LIMIT // 1024)


def content(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ030: nothing in the data looks like a file of the machine that compiled it."""
    for section, data in facts.contents:
        for what in looks_like(data):
            yield finding("OBJ030", section=section, what=what)


def live(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ040: live parameters are what the node takes them for, and begin within their range."""
    for what in _live_faults(facts):
        yield finding("OBJ040", what=what)


def _live_faults(facts: ObjectFacts) -> Iterator[str]:
    size = dict(facts.data_sections).get(LIVE_SECTION, 0)
    variables = [each for each in facts.variables if each.section == LIVE_SECTION]
    if any((each.size, each.members) != _LIVE_SHAPE for each in variables):
        yield "a variable has another shape"
    elif len(variables) * _LIVE.size != size:
        yield "the section holds more than its variables"
    else:
        content = dict(facts.contents).get(LIVE_SECTION, bytes(size))
        # All begin on a multiple of their size, since all have the same.
        for value, low, high in _LIVE.iter_unpack(content):
            if not low <= value <= high:
                yield f"{value} is not within {low} to {high}"


def looks_like(data: bytes) -> Iterator[str]:
    """Yield what a piece of data looks like, in words, if it looks like anything."""
    for what, pattern in _PATTERNS:
        found = pattern.search(data)
        if found and (len(found[0]) < 256 or len(set(found[0])) >= _VARIED):
            yield what
    windows = range(0, len(data) - _WINDOW + 1, _WINDOW // 2)
    if any(_entropy(data[start : start + _WINDOW]) > _ENTROPY_LIMIT for start in windows):
        yield "compressed or encrypted bytes"


def _entropy(window: bytes) -> float:
    """Return the bits per byte that the frequencies of bytes leave open."""
    counts = Counter(window).values()
    return math.log2(len(window)) - sum(n * math.log2(n) for n in counts) / len(window)


DATA_RULES: Final = (size, content, live)
