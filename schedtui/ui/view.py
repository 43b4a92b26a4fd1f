"""What the screen draws from: one immutable value per tick, shared by all panels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.deployment import Deployment
from schedtui.model.machine import Hello
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.tape.index import Point
from schedtui.tape.tape import Mark
from schedtui.ui.commands import COMMANDS, Command, first_key
from schedtui.ui.paint.glyphs import UNICODE, Glyphs
from schedtui.ui.story import NO_STORY, Story


class CpuMetric(StrEnum):
    """What the colour of a CPU stands for."""

    DEPTH = "depth"
    DELAY = "run delay"
    P99 = "p99"
    BUSY = "utilisation"
    MIGRATIONS = "migrations"


class CpuLayout(StrEnum):
    """How CPUs are drawn."""

    AUTO = "auto"
    ROWS = "rows"
    HEATMAP = "heatmap"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the action log."""

    at: float
    """Seconds since the epoch."""
    style: str
    text: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything that panels may show."""

    hello: Hello | None = None
    snapshot: Snapshot | None = None
    chart: tuple[Point, ...] = ()
    """The last minute up to ``snapshot``, oldest first."""
    past: tuple[tuple[CpuSample, ...], ...] = ()
    """The CPUs of the last samples up to ``snapshot``, oldest first."""
    marks: tuple[Mark, ...] = ()
    span_ms: tuple[int, int] = (0, 0)
    """When the oldest and the newest kept sample were taken."""
    story: Story = NO_STORY
    deployment: Deployment | None = None
    log: tuple[LogEntry, ...] = ()
    now: float = 0.0
    """Seconds since the epoch."""
    arrived: float = 0.0
    """When the newest snapshot arrived, same clock."""
    rate_hz: float = 4.0
    paused: bool = False
    recorded: bool = False
    """All of it is a recording; nothing is live."""
    playing: bool = False
    """The recording runs."""
    speed: float = 1.0
    """How fast it would run."""
    behind_s: float = 0.0
    """Age of what is shown while paused, in seconds."""
    trouble: str = ""
    """Why no new snapshot comes, empty when all is well."""
    cpu_cursor: int = 0
    cpu_metric: CpuMetric = CpuMetric.DEPTH
    cpu_layout: CpuLayout = CpuLayout.AUTO
    glyphs: Glyphs = UNICODE

    commands: tuple[Command, ...] = COMMANDS

    def key(self, command_id: str) -> str:
        """Return the key of a command, as this user has it."""
        return first_key(self.commands, command_id)

    @property
    def ours_in_charge(self) -> bool:
        """Tell whether the kernel says that our scheduler is in charge."""
        return self.snapshot is not None and self.snapshot.scheduler.ours
