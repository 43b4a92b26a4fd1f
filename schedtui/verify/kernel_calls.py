"""The kernel's own list of calls beside what we read from the object.

Two readers of one object: ours, on which the lists of allowed calls rest, and the kernel's,
which is what will run. Whatever the kernel comes to and we have not seen was hidden from us.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding, InspectReport
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify.catalogue import finding
from schedtui.verify.object_helpers import helper_of
from schedtui.verify.source_place import first_call

_SHARED: Final = ".text"
"""Functions that several operations call lie here."""


def compared(report: InspectReport, facts: ObjectFacts) -> tuple[frozenset[str], frozenset[str]]:
    """Return the functions that the kernel came to, and those of the object that it did not.

    The latter are functions that this kernel lacks, which the object asks for first, or lie in
    branches that the kernel found to be dead.
    """
    seen = frozenset(name for program in report.programs for name in program.calls)
    helpers = {helper_of(number)[0] for number in facts.helpers}
    known = {name for name in {*facts.kfuncs, *helpers} if not _is_among(name, seen)}
    return seen, frozenset(known)


def unexpected(report: InspectReport, facts: ObjectFacts, source: str) -> Iterator[Finding]:
    """KRN014 and KRN015: every call that the kernel came to was read from the object too."""
    for name in report.cut_traces:
        yield finding("KRN015", program=name or "a program")
    sections = {program.name: program.section for program in facts.programs}
    for program in report.programs:
        readable = _readable(facts, sections.get(program.name, ""))
        for call in program.calls:
            if not any(_same(call, known) for known in readable):
                yield finding("KRN014", first_call(source, call), program=program.name, call=call)


def _readable(facts: ObjectFacts, section: str) -> frozenset[str]:
    """Return the names of everything that the code of a section, and shared code, calls."""
    code = [each for each in facts.code if each.section in {section, _SHARED}]
    helpers = {helper_of(number)[0] for each in code for number in each.helpers}
    return frozenset(helpers.union(*(each.externs for each in code)))


def _is_among(known: str, seen: frozenset[str]) -> bool:
    return any(_same(name, known) for name in seen)


def _same(kernel: str, ours: str) -> bool:
    """Tell whether a kernel function is the one that an object means.

    The loader leaves out what follows the last three underscores: that is how one object has
    several declarations of a function.
    """
    plain, flavour, _ = ours.rpartition("___")
    return kernel == ours or (bool(flavour and plain) and kernel == plain)
