"""The first gate: what the source says, before anything is compiled."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import ClassVar, Final

from schedtui.model.verdict import Finding, GateName, GateResult
from schedtui.verify.gate import Cost, Draft, rejects, result_of, worst_first
from schedtui.verify.rules import LEGIBLE, STAGES
from schedtui.verify.rules.intake import SOURCE_BYTES, size
from schedtui.verify.rules.rule import Subject
from schedtui.verify.source.unit import read_unit

_MOST_FINDINGS: Final = 30


class RulesGate:
    """Asks every source rule, stage by stage."""

    name = GateName.RULES
    cost: ClassVar[Cost] = Cost.INSTANT
    needs: ClassVar[tuple[str, ...]] = ()
    doing = "reading the source: includes, words, and every path of enqueue"

    async def run(self, draft: Draft) -> GateResult:
        """Judge the source."""
        started = time.monotonic()
        # The parser is quick but not instant; the screen keeps drawing meanwhile.
        asked, findings = await asyncio.to_thread(judge, draft.source, draft.name)
        lines = draft.source.count("\n") + 1
        summary = f"{lines} lines, {asked} rules"
        return result_of(self.name, started, summary, findings)


def judge(source: str, name: str = "") -> tuple[int, tuple[Finding, ...]]:
    """Ask the rules about a source; returns how many were asked and what they found.

    Args:
        source: The whole text.
        name: Name the scheduler must have, empty for any.
    """
    if len(source) > SOURCE_BYTES:
        unread = dataclasses.replace(read_unit(""), source=source)
        return 1, tuple(size(Subject(unread, name)))
    subject = Subject(read_unit(source), name)
    asked, findings = 0, list[Finding]()
    for stage in STAGES:
        for rule in stage:
            findings += rule.check(subject)
            asked += 1
        if rejects(found for found in findings if found.code not in LEGIBLE):
            break
    return asked, worst_first(findings, _MOST_FINDINGS)
