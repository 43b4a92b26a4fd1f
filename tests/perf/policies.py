"""``make bench-policies``: what our policies do for the loads they are made for.

Each figure is one ``schedtui trial`` as a user types it: interleaved pairs against the default
scheduler in one boot, after an A/A control. ``python -m tests.perf.policies NAME ...`` runs some;
``--record`` keeps what comes out in ``docs/figures``.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from typing import Any, Final

from schedtui.model.goal import Direction
from schedtui.model.sweep import Found
from tests.perf import bench, effects, same
from tests.perf.row import Row

_PAIRS: Final = "7"
_HINTS: Final = "hints=stage-a:62,stage-b:1250"
"""What the agent sets when it has watched this batch: a quarter above each name's mean."""


async def service() -> list[Row]:
    """Request service, 4x oversubscribed with a lock per CPU, run to completion."""
    said = await _trial("fifo_rtc", "request_service")
    return [
        _objective("service: request p99, times lower", said, 5.0),
        _guardrail("service: rate, times higher", said, "rate_per_s", 2.5),
    ]


async def batch() -> list[Row]:
    """Uneven batch: the longest first for the make-span, the shortest first for the mean."""
    longest = await _trial("longest_first", "uneven_batch", "--set", _HINTS)
    shortest = await _trial("shortest_first", "uneven_batch", "--metric", "mean_completion_ms")
    return [
        _share_of_ceiling("uneven batch: share of the ceiling", longest, 0.85),
        _objective("uneven batch: mean completion, times lower", shortest, 1 / 0.65),
    ]


async def interactive() -> list[Row]:
    """A task every millisecond beside hogs on both CPUs."""
    said = await _trial("frame_deadline", "periodic")
    return [_objective("interactive: wake-up p99, times lower", said, 10.0)]


async def game() -> list[Row]:
    """Frames at 60 Hz beside a compile."""
    said = await _trial("frame_deadline", "game_compile")
    return [_objective("game: missed frames, times fewer", said, 5.0)]


async def uniform() -> list[Row]:
    """Equal jobs on busy CPUs: every policy that is made for them, and none may win."""
    said = await _said("sweep", "--load", "uniform_batch")
    return [kept_default("uniform batch: other answers than keep the default", said)]


def kept_default(name: str, said: dict[str, Any]) -> Row:
    """Return whether a sweep kept the default; a sweep without an answer did not."""
    full = [each["place"]["objective"] for each in said["full_trials"]]
    factors = tuple(seen["factor"] for seen in full if seen)
    other = said["outcome"] != Found.KEEP
    detail = f"{said['outcome']}: {said['sentence']}"
    return Row(name, float(other), "", 0.0, at_most=True, detail=detail, samples=factors)


async def _trial(policy: str, load: str, *more: str) -> dict[str, Any]:
    return await _said("trial", policy, "--load", load, *more)


async def _said(*words: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schedtui", *words, "--pairs", _PAIRS, "--json",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    document: dict[str, Any] = json.loads(out)
    return document


def _objective(name: str, said: dict[str, Any], goal: float) -> Row:
    trial = (said["result"] or {}).get("trial")
    return _row(name, said, trial["objective"] if trial else None, goal)


def _guardrail(name: str, said: dict[str, Any], metric: str, goal: float) -> Row:
    trial = (said["result"] or {}).get("trial") or {"guardrails": []}
    found = [effect for effect in trial["guardrails"] if effect["metric"] == metric]
    return _row(name, said, found[0] if found else None, goal)


def _share_of_ceiling(name: str, said: dict[str, Any], goal: float) -> Row:
    judgement = (said["result"] or {}).get("judgement") or {}
    share, whole = judgement.get("share_of_ceiling"), _objective(name, said, goal)
    return Row(name, share or 0.0, "", goal, at_most=False, detail=whole.detail)


def _row(name: str, said: dict[str, Any], effect: dict[str, Any] | None, goal: float) -> Row:
    """Return what was measured; 0 where there is nothing, with the reason."""
    detail = f"{said['policy']}: {said['outcome']}"
    if effect is None:
        return Row(name, 0.0, "x", goal, at_most=False, detail=detail)
    detail += (
        f" [{effect['low']:.2f}, {effect['high']:.2f}], {effect['pairs']} pairs, median "
        f"{effect['baseline_median']:,.6g} -> {effect['candidate_median']:,.6g} {effect['metric']}"
    )
    factors = [_factor(pair, effect) for pair in said["result"]["trial"]["pairs"]]
    return Row(name, effect["factor"], "x", goal, False, detail, tuple(factors))


def _factor(pair: dict[str, Any], effect: dict[str, Any]) -> float:
    """Return how many times better the candidate's window is; infinite where it is 0."""
    sides = [dict(pair[side]["metrics"])[effect["metric"]] for side in ("baseline", "candidate")]
    before, after = sides if effect["direction"] == Direction.LOWER else reversed(sides)
    return before / after if after else math.inf


PARTS: Final = {
    "service": service,
    "batch": batch,
    "interactive": interactive,
    "game": game,
    "uniform": uniform,
    "effects": effects.effects,
    "same": same.false_wins,
}

if __name__ == "__main__":
    sys.exit(bench.run("bench-policies", PARTS, sys.argv[1:]))
