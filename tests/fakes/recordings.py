"""Recordings of the fake machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from schedtui.model.events import Event
from schedtui.model.telemetry import Snapshot
from schedtui.store.recorder import Recorder
from tests.fakes import samples
from tests.fakes.engine import NAMES
from tests.fakes.machine import DEFAULT, OURS, FakeMachine

BEGIN = 1_750_000_000_000
"""When the first sample was taken, in milliseconds since the epoch."""


def recorded(path: Path, seconds: int = 100, told: dict[int, Event] | None = None) -> Path:
    """One sample per second of a service on 2 CPUs; ours is in charge in the second half."""
    recorder = Recorder(path, samples.hello(2))
    for second, shot in enumerate(shots(seconds)):
        recorder.add(shot)
        if told and second in told:
            recorder.tell(told[second])
    recorder.close()
    return path


def shots(seconds: int) -> list[Snapshot]:
    """The samples of it."""
    machine = FakeMachine(2, 1, NAMES)
    machine.load = "service"
    gone = replace(DEFAULT, ended="asked by the user")
    states = [DEFAULT] * (seconds // 2) + [OURS] * (seconds // 4)
    states += [gone] * (seconds - len(states))
    return [machine.snapshot(state, BEGIN + at * 1000, 1.0) for at, state in enumerate(states)]
