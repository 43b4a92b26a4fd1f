"""The third gate: what the object really contains."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from schedtui.model.verdict import Finding, GateName, GateResult
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.verify.basis import basis_of, object_read
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, result_of, worst_first
from schedtui.verify.object_calls import CALL_RULES, capabilities
from schedtui.verify.object_data import DATA_RULES
from schedtui.verify.object_maps import MAP_RULES
from schedtui.verify.object_ops import OPS_RULES
from schedtui.verify.object_parts import PART_RULES

ObjectRule = Callable[[ObjectFacts], Iterator[Finding]]

RULES: Final[tuple[ObjectRule, ...]] = (
    *PART_RULES,
    *CALL_RULES,
    *OPS_RULES,
    *MAP_RULES,
    *DATA_RULES,
)
_MOST_FINDINGS: Final = 30


class ObjectGate:
    """Reads the object with our own strict reader and compares it with the lists."""

    name = GateName.OBJECT
    cost: ClassVar[Cost] = Cost.INSTANT
    needs: ClassVar[tuple[str, ...]] = ()
    doing = "reading the object: programs, calls, maps, data, licence, limits"

    async def run(self, draft: Draft) -> GateResult:
        """Judge the object; its facts stay in the draft."""
        started = time.monotonic()
        basis = basis_of(object_read(draft.object))
        if draft.object is None:
            missing = finding("OBJ001", reason="there is none")
            return result_of(self.name, started, "no object", [missing], basis)
        try:
            facts = await asyncio.to_thread(read_object, draft.object)
        except ObjectFileError as error:
            unread = finding("OBJ001", reason=error)
            return result_of(self.name, started, "unreadable", [unread], basis)
        draft.facts = facts
        findings = await asyncio.to_thread(judge_object, facts, draft.name)
        return result_of(self.name, started, _summary(facts), findings, basis)


def judge_object(facts: ObjectFacts, name: str = "") -> tuple[Finding, ...]:
    """Return what is wrong with an object; ``name`` is the name it must have, empty for any."""
    findings = [found for rule in RULES for found in rule(facts)]
    if name and facts.ops_name and facts.ops_name != name:
        findings.append(finding("OBJ022", found=facts.ops_name, wanted=name))
    return worst_first(findings, _MOST_FINDINGS)


def _summary(facts: ObjectFacts) -> str:
    kib = -(-facts.memory // 1024)
    used = ", ".join(capabilities(facts))
    return (
        f"{len(facts.ops_callbacks)} operations, {facts.insns} insns, "
        f"{len(facts.maps)} maps, {kib} KiB of data; uses {used or 'nothing'}"
    )
