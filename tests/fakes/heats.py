"""Rounds of a sweep without machines: every policy has a known factor or a known end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schedtui.model.sweep import Leaving, Place, SweepRound
from tests.fakes import samples


def place(policy: str, factor: float) -> Place:
    """A policy that goes on."""
    return Place(policy, replace(samples.effect(), factor=factor), None, "")


def gone(policy: str, why: Leaving, reason: str = "so it is") -> Place:
    """A policy that left without figures."""
    return Place(policy, None, why, reason)


@dataclass
class ScriptedHeats:
    """Gives each policy its factor; who has several gets the next one in the next round."""

    factors: dict[str, tuple[float | Leaving, ...]]
    begun: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)
    over: list[SweepRound] = field(default_factory=list)

    def begins(self, number: int, pairs: int, policies: tuple[str, ...]) -> None:
        self.begun.append((number, pairs, policies))

    async def compare(self, policy: str, number: int, pairs: int) -> Place:
        script = self.factors[policy]
        step = script[min(number, len(script)) - 1]
        return gone(policy, step) if isinstance(step, Leaving) else place(policy, step)

    def ended(self, done: SweepRound) -> None:
        self.over.append(done)
