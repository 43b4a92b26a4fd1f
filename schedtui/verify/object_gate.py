"""The third gate: what the object really contains."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

from schedtui.model.verdict import Finding, GateName, GateResult
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Draft, result_of
from schedtui.verify.object_calls import CALL_RULES
from schedtui.verify.object_ops import OPS_RULES

PROGRAM_SECTIONS: Final = ("struct_ops/", "struct_ops.s/")
_DATA_SECTIONS: Final = (".rodata", ".data", ".bss")
_OTHER_SECTIONS: Final = {"license", ".maps", ".struct_ops.link", ".struct_ops", ".eh_frame"}
INSN_LIMIT: Final = 20_000

ObjectRule = Callable[[ObjectFacts], Iterator[Finding]]


class ObjectGate:
    """Reads the object with our own strict reader and compares it with the lists."""

    name = GateName.OBJECT
    doing = "reading the object: programs, calls, maps, licence, limits"

    async def run(self, draft: Draft) -> GateResult:
        """Judge the object; its facts stay in the draft."""
        started = time.monotonic()
        if draft.object is None:
            missing = finding("OBJ001", reason="there is none")
            return result_of(self.name, started, "no object", [missing])
        try:
            facts = await asyncio.to_thread(read_object, draft.object)
        except ObjectFileError as error:
            unread = finding("OBJ001", reason=error)
            return result_of(self.name, started, "unreadable", [unread])
        draft.facts = facts
        return result_of(self.name, started, _summary(facts), judge_object(facts, draft.name))


def judge_object(facts: ObjectFacts, name: str = "") -> tuple[Finding, ...]:
    """Return what is wrong with an object; ``name`` is the name it must have, empty for any."""
    rules: tuple[ObjectRule, ...] = (_sections, _programs, _size, *CALL_RULES, *OPS_RULES)
    findings = [found for rule in rules for found in rule(facts)]
    if name and facts.ops_name and facts.ops_name != name:
        findings.append(finding("OBJ022", found=facts.ops_name, wanted=name))
    return tuple(findings)


def _sections(facts: ObjectFacts) -> Iterator[Finding]:
    for section in facts.loaded_sections:
        if section in facts.code_sections:
            if section != ".text" and not section.startswith(PROGRAM_SECTIONS):
                yield finding("OBJ005", section=section)
        elif not _is_known(section):
            yield finding("OBJ006", section=section)


def _is_known(section: str) -> bool:
    if section in _OTHER_SECTIONS or section == ".text":
        return True
    return section.startswith((*_DATA_SECTIONS, *PROGRAM_SECTIONS))


def _programs(facts: ObjectFacts) -> Iterator[Finding]:
    used = {program for _, program in facts.ops_callbacks}
    for program in facts.programs:
        if program.section.startswith(PROGRAM_SECTIONS) and program.name not in used:
            yield finding("OBJ025", program=program.name)


def _size(facts: ObjectFacts) -> Iterator[Finding]:
    if facts.insns > INSN_LIMIT:
        yield finding("OBJ023", insns=facts.insns, limit=INSN_LIMIT)


def _summary(facts: ObjectFacts) -> str:
    kib = -(-facts.memory // 1024)
    return (
        f"{len(facts.ops_callbacks)} operations, {facts.insns} insns, "
        f"{len(facts.maps)} maps, {kib} KiB of data, {len(facts.kfuncs)} kernel functions"
    )
