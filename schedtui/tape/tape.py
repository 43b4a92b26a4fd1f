"""A row of samples that can be read at any place, wherever it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from schedtui.model.events import Event
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.tape.index import Index


class MarkKind(StrEnum):
    """Who set a mark."""

    OWN = "own"
    """The person at the keys."""
    SCHEDULER = "scheduler"
    """Somebody else is in charge from here on, or a deployment was promoted."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth going back to."""

    at_ms: int
    text: str
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a goal, and when it was told."""

    at_ms: int
    event: Event


class Tape(Protocol):
    """Samples by number, from ``index.first`` to before ``index.end``."""

    @property
    def index(self) -> Index:
        """What is known without unpacking."""
        ...

    def snapshot(self, number: int) -> Snapshot:
        """Return one sample. Raises WireError when it cannot be read."""
        ...

    def cpus(self, number: int) -> tuple[CpuSample, ...]:
        """Return its CPUs, without the names of what ran there. Raises WireError."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """What was recorded of a target: nothing of it can be changed."""

    tape: Tape
    marks: tuple[Mark, ...] = ()
    told: tuple[Told, ...] = ()
    """In order of time."""


def change(before: Snapshot, now: Snapshot) -> str:
    """Return in words what happened to the scheduler between two samples, empty for nothing."""
    old, new = before.scheduler, now.scheduler
    if (old.ours, old.in_charge) == (new.ours, new.in_charge):
        return ""
    if new.ours:
        return f"deployed {new.ops}"
    if old.ours:
        why = f": {new.ended}" if new.ended else ""
        return f"{old.ops} ended{why}"
    return f"{new.in_charge} in charge"
