"""Signs of life for a person who waits: some, not all."""

from __future__ import annotations

from schedtui.commands.following import EVERY_S, Following
from schedtui.model.events import GateProgress, StageStarted
from schedtui.model.verdict import GateName


def test_a_long_gate_shows_life_every_few_seconds() -> None:
    now = 100.0
    following = Following(lambda: now)
    told: list[str] = []
    for second in range(20):
        now = 100.0 + second
        note = f"2 CPUs: forks, about {20 - second} s left"
        told += following.lines(GateProgress(GateName.BATTERY, second, 20, note))
    assert 3 <= len(told) <= 20 / EVERY_S
    assert "of 20" in told[0]
    assert "s left" in told[0]


def test_other_events_are_told_as_ever() -> None:
    assert Following().lines(StageStarted("Goal", "reading")) == ("Goal: reading",)
