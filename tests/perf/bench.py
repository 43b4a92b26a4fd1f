"""How every bench goes: part after part, each with its time, then one table and one JSON file."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from tests.perf import record
from tests.perf.row import Row, table

Part = Callable[[], Awaitable[list[Row]]]

RECORD = "--record"
"""Keeps what comes out in ``docs/figures``."""


def run(
    command: str, parts: Mapping[str, Part], arguments: Sequence[str], kernels: tuple[str, ...] = ()
) -> int:
    """Run the named parts, all without a name; returns 0 when every goal is met.

    Args:
        command: What ``make`` calls it.
        parts: All there are, by name, in the order in which they run.
        arguments: Names of parts, ``--record``, and any of ``kernels``.
        kernels: Series that the parts look at, for the record.
    """
    known = (*parts, *kernels, RECORD)
    if unknown := sorted({*arguments} - {*known}):
        print(f"unknown: {' '.join(unknown)}; known: {' '.join(known)}", file=sys.stderr)
        return 2
    chosen = {name: part for name, part in parts.items() if name in arguments} or parts
    rows = asyncio.run(_rows(command, chosen, kernels, recorded=RECORD in arguments))
    print(table(rows))
    report = Path("build") / f"{command}.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps([row.as_json() for row in rows], indent=2) + "\n")
    print(f"raw samples: {report}", file=sys.stderr)
    return 0 if all(row.met for row in rows) else 1


async def _rows(
    command: str, parts: Mapping[str, Part], kernels: tuple[str, ...], *, recorded: bool
) -> list[Row]:
    rows: list[Row] = []
    for name, part in parts.items():
        started = time.monotonic()
        begun = record.begin(command, name, kernels) if recorded else None
        found = await part()
        if begun:
            record.keep(begun, found)
        rows += found
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
        print(table(found), file=sys.stderr)
    return rows
