"""Object rules about calls: helpers, kernel functions, hidden calls, loops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify.catalogue import finding
from schedtui.verify.lists import Capability
from schedtui.verify.object_helpers import EXIT_HELPERS, HELPERS, helper_of
from schedtui.verify.object_kfuncs import ALLOWED, capability_of

TURNS_LIMIT: Final = 4096
"""Most turns of one counted loop of the kernel."""

_REFUSED: Final = {
    Capability.SIGNAL: "OBJ008",
    Capability.MEMORY: "OBJ009",
    Capability.OUTPUT: "OBJ010",
    Capability.TAIL_CALL: "OBJ011",
    Capability.TIMER: "OBJ038",
}
"""What has a refusal of its own."""


def helpers(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ007 to OBJ011, OBJ038: every helper is on the list."""
    exits = exit_sections(facts)
    allowed = {number for table in HELPERS.values() for number in table}
    for helper in facts.helpers:
        sections = {section for section, number in facts.helper_calls if number == helper}
        only_exit = helper in EXIT_HELPERS and sections <= exits
        if helper not in allowed and not only_exit:
            name, capability = helper_of(helper)
            yield _refused("OBJ007", name, capability)


def exit_sections(facts: ObjectFacts) -> frozenset[str]:
    """Return the sections that hold nothing but the exit operation."""
    program = dict(facts.ops_callbacks).get("exit", "")
    homes = {p.section for p in facts.programs if p.name == program}
    shared = {p.section for p in facts.programs if p.name != program}
    return frozenset(homes - shared)


def kfuncs(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ008 to OBJ012, OBJ038: every kernel function is on the list."""
    for name in facts.kfuncs:
        if name not in ALLOWED:
            yield _refused("OBJ012", name, capability_of(name))


def _refused(general: str, name: str, capability: Capability) -> Finding:
    code = _REFUSED.get(capability, general)
    if code == general:
        return finding(code, call=name, capability=capability.value)
    return finding(code, call=name)


def hidden(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ013, OBJ014, OBJ024: nothing is called or reached without a name."""
    if facts.hard_coded_kfuncs:
        yield finding("OBJ013")
    for name in facts.extern_variables:
        yield finding("OBJ014", name=name)
    if facts.odd_instructions:
        yield finding("OBJ024")


def loops(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ033 and OBJ034: counted loops are short, or at least mentioned."""
    for code in facts.code:
        known = [turns for turns in code.loops if turns is not None]
        if known and max(known) > TURNS_LIMIT:
            yield finding("OBJ033", section=code.section, turns=max(known), limit=TURNS_LIMIT)
        if len(known) < len(code.loops):
            yield finding("OBJ034", section=code.section, limit=TURNS_LIMIT)


def capabilities(facts: ObjectFacts) -> tuple[Capability, ...]:
    """Return what the object's calls let it do, allowed or not, each once, in a fixed order."""
    exits = exit_sections(facts)
    used = {capability_of(name) for name in facts.kfuncs}
    for section, number in facts.helper_calls:
        recording = number in EXIT_HELPERS and section in exits
        used.add(Capability.EXIT_RECORD if recording else helper_of(number)[1])
    return tuple(capability for capability in Capability if capability in used)


CALL_RULES: Final = (helpers, kfuncs, hidden, loops)
