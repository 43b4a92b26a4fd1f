"""Object rules about its parts: sections, programs, size, names, types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify import lists
from schedtui.verify.catalogue import finding

PROGRAM_SECTIONS: Final = ("struct_ops/", "struct_ops.s/")
INSN_LIMIT: Final = 20_000

_DATA_SECTIONS: Final = (".rodata", ".data", ".bss")
_OTHER_SECTIONS: Final = {"license", ".maps", ".struct_ops.link", ".struct_ops", ".eh_frame"}
_TEXT: Final = ".text"
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_TAG_BEGINNING: Final = "contains:"


def sections(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ005 and OBJ006: code is operations and functions, data is constants and variables."""
    code = facts.code_sections
    for section in code:
        if section != _TEXT and not section.startswith(PROGRAM_SECTIONS):
            yield finding("OBJ005", section=section)
    for section in facts.loaded_sections:
        if section not in code and not _is_known(section):
            yield finding("OBJ006", section=section)


def _is_known(section: str) -> bool:
    if section in _OTHER_SECTIONS or section == _TEXT or section.startswith(PROGRAM_SECTIONS):
        return True
    return any(section == name or section.startswith(f"{name}.") for name in _DATA_SECTIONS)


def programs(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ025: no program is there that nothing refers to."""
    used = {program for _, program in facts.ops_callbacks}
    for program in facts.programs:
        if program.section.startswith(PROGRAM_SECTIONS) and program.name not in used:
            yield finding("OBJ025", program=program.name)


def size(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ023: the kernel can check it in reasonable time."""
    if facts.insns > INSN_LIMIT:
        yield finding("OBJ023", insns=facts.insns, limit=INSN_LIMIT)


def names(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ035: maps and programs have names that C can give."""
    named = [("map", found.name) for found in facts.maps]
    named += [("program", found.name) for found in facts.programs]
    for what, name in named:
        if not _IDENTIFIER.fullmatch(name):
            yield finding("OBJ035", what=what, name=name or "(empty)")


def types(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ037 and OBJ039: types tell of the same things as symbols, and carry known words."""
    for what in facts.disagreements:
        yield finding("OBJ037", what=what)
    for tag in facts.tags:
        if tag not in lists.TAGS and not tag.startswith(_TAG_BEGINNING):
            yield finding("OBJ039", tag=tag or "(empty)")


PART_RULES: Final = (sections, programs, size, names, types)
