"""Object rules about calls: helpers, kernel functions, hidden calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify import lists
from schedtui.verify.catalogue import finding

_REFUSED: Final = (
    ("OBJ008", lists.SIGNAL_HELPERS),
    ("OBJ009", lists.MEMORY_HELPERS),
    ("OBJ010", lists.OUTPUT_HELPERS),
    ("OBJ011", lists.TAIL_CALL),
)


def helpers(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ007 to OBJ011: every helper is on the list."""
    exits = _exit_sections(facts)
    for helper in facts.helpers:
        sections = {section for section, number in facts.helper_calls if number == helper}
        only_exit = helper in lists.EXIT_HELPERS and sections <= exits
        if helper not in lists.HELPERS and not only_exit:
            yield _refused(helper)


def _exit_sections(facts: ObjectFacts) -> frozenset[str]:
    """Return the sections that hold nothing but the exit operation."""
    program = dict(facts.ops_callbacks).get("exit", "")
    homes = {p.section for p in facts.programs if p.name == program}
    shared = {p.section for p in facts.programs if p.name != program}
    return frozenset(homes - shared)


def _refused(helper: int) -> Finding:
    for code, table in _REFUSED:
        if helper in table:
            return finding(code, call=table[helper])
    return finding("OBJ007", helper=f"number {helper}")


def kfuncs(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ008, OBJ009, OBJ012: every kernel function is on the list."""
    for name in facts.kfuncs:
        if name in lists.KFUNCS:
            continue
        if name.startswith(lists.SIGNAL_KFUNCS):
            yield finding("OBJ008", call=name)
        elif name.startswith(lists.MEMORY_KFUNCS):
            yield finding("OBJ009", call=name)
        else:
            yield finding("OBJ012", function=name)


def hidden(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ013, OBJ014, OBJ024: nothing is called or reached without a name."""
    if facts.hard_coded_kfuncs:
        yield finding("OBJ013")
    for name in facts.extern_variables:
        yield finding("OBJ014", name=name)
    if facts.odd_instructions:
        yield finding("OBJ024")


CALL_RULES: Final = (helpers, kfuncs, hidden)
