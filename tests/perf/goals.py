"""The headless goal, whole, as a user types it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.perf.row import Row


async def _goal(text: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schedtui", "goal", text, "--target", "sandbox", "--yes", "--json",
        "--model", "offline",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    document: dict[str, Any] = json.loads(out)
    return document


def _row(name: str, effect: dict[str, Any], goal: float) -> Row:
    detail = (
        f"[{effect['low']:.2f}, {effect['high']:.2f}], {effect['pairs']} pairs, median "
        f"{effect['baseline_median']:,.0f} -> {effect['candidate_median']:,.0f} {effect['metric']}"
    )
    return Row(name, effect["factor"], "x", goal, at_most=False, detail=detail)


async def service() -> list[Row]:
    """Oversubscribed service: request P99 and rate against EEVDF."""
    said = await _goal("cut the p99 latency of the request service, throughput must not drop")
    trial = said["trial"]
    return [
        _row("service: request p99, times lower", trial["objective"], 3.0),
        _row("service: rate, times higher", trial["guardrails"][0], 1.0),
    ]


async def batch() -> list[Row]:
    """Skewed batch: make-span against EEVDF; 15 % lower is 1.18 times."""
    said = await _goal("finish the whole batch of jobs sooner")
    return [_row("skewed batch: make-span, times lower", said["trial"]["objective"], 1 / 0.85)]


async def game() -> list[Row]:
    """Game beside a compile: missed frames against EEVDF."""
    said = await _goal("my game must not stutter while I compile")
    return [_row("game: missed frames, times fewer", said["trial"]["objective"], 1.5)]
