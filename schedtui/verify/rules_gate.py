"""The first gate: what the source says, before anything is compiled."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import time
from importlib.metadata import version
from typing import ClassVar, Final

from schedtui.model.verdict import Digest, Finding, GateName, GateResult, Tool
from schedtui.toolchain.bpf import headers_sha256
from schedtui.verify.basis import basis_of, source_read
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
        read = source_read(draft.source), Digest("headers", headers_sha256())
        return result_of(self.name, started, summary, findings, basis_of(read, *_parsers()))


@functools.cache
def _parsers() -> tuple[Tool, ...]:
    return tuple(Tool(name, version(name)) for name in ("tree-sitter", "tree-sitter-c"))


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
