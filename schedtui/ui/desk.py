"""What the screen knows, without any widget: the state behind the view and the commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from schedtui.engine.port import Engine
from schedtui.model.deployment import Deployment, Stage
from schedtui.model.events import Event
from schedtui.model.machine import Hello
from schedtui.model.telemetry import Snapshot
from schedtui.model.text import safe_text
from schedtui.tape.tape import Mark, MarkKind, change
from schedtui.ui import bridge
from schedtui.ui.commands import COMMANDS, Situation
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint.glyphs import ASCII, UNICODE, Glyphs
from schedtui.ui.paint.latency import SPAN_S
from schedtui.ui.player import Player
from schedtui.ui.rates import default_rate
from schedtui.ui.retelling import Retelling
from schedtui.ui.story import Story, begun
from schedtui.ui.timeline import Timeline
from schedtui.ui.view import CpuLayout, CpuMetric, LogEntry, View

LOG_KEPT: Final = 200
_DAMAGED: Final = "this part of the recording cannot be read"
_MARKED: Final = frozenset(Stage) - {Stage.APPROVED, Stage.REFUSED}


class Desk:
    """Holds the recent past, the story of the goal, the action log and the choices of the user."""

    def __init__(self, options: ScreenOptions) -> None:
        self.clock = options.clock
        self.timeline = Timeline()
        self.hello: Hello | None = None
        self.engine: Engine | None = None
        self.story = Story()
        self._options = options
        self.rate_hz = default_rate(options)
        self.trouble = ""
        self.commands = COMMANDS
        """All commands, with the user's own keys."""
        self.cpu_cursor = 0
        self.cpu_metric = CpuMetric.DEPTH
        self.cpu_layout = CpuLayout.AUTO
        self.glyphs: Glyphs = ASCII if options.ascii_only else UNICODE
        self._log: tuple[LogEntry, ...] = ()
        self._arrived = 0.0
        self.recorded = False
        """The target is a recording."""
        self.player = Player(options.clock)
        self._retelling = Retelling()
        self._view: View | None = None
        self._stage: Stage | None = None

    def opened(self, hello: Hello, engine: Engine) -> None:
        """Remember the target that was opened."""
        self.hello, self.engine, self.trouble = hello, engine, ""
        self.rate_hz = default_rate(self._options, emulated=hello.virtual == "tcg")
        past = engine.past()
        if past is not None:
            self.recorded = True
            self.timeline = Timeline(past.tape, past.marks)
            self._retelling = Retelling(past.told)
        self.touch()

    def sampled(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot."""
        self._mark_change(snapshot)
        self.timeline.add(snapshot)
        self._arrived, self.trouble = self.clock(), ""
        self._follow_deployment()
        self.touch()

    def _mark_change(self, snapshot: Snapshot) -> None:
        """Mark that another scheduler is in charge, or that a deployment reached another stage."""
        before, words = self.timeline.newest, ""
        now = self.engine.deployment() if self.engine else None
        if now is not None and now.stage is not self._stage and now.stage in _MARKED:
            words = f"{now.scheduler} {now.stage.value}"
            words = f"deployed {now.scheduler}" if now.stage is Stage.CANARY else words
        # What we deployed ourselves is known better, and sooner, than by reading the kernel.
        ours = snapshot.scheduler.ours or (before is not None and before.scheduler.ours)
        if not words and before is not None and not (ours and now is not None):
            words = change(before, snapshot)
        self._stage = now.stage if now is not None else None
        if words:
            self.timeline.mark(Mark(snapshot.unix_ms, safe_text(words), MarkKind.SCHEDULER))

    def _follow_deployment(self) -> None:
        """Let the story of a finished goal say what became of its deployment since."""
        told = self.story.deployment
        now = self.engine.deployment() if self.engine else None
        if told is None or now is None or self.story.running or now.stage is told.stage:
            return
        if now.object_sha256 == told.object_sha256:
            self.story = replace(self.story, deployment=now, deployment_at=self.clock())
            self._note_ending(now)

    def _note_ending(self, now: Deployment) -> None:
        # A rollback of this screen's own has been noted with the kernel's answer already.
        if self._log and self._log[-1].text.startswith(now.stage.value):
            return
        reason = f": {safe_text(now.reason)}" if now.reason else ""
        self.note(f"{now.scheduler} {now.stage.value}{reason}", "strong")

    def touch(self) -> None:
        """Make the next view a new one."""
        self._view = None

    def view(self) -> View:
        """Return what panels draw from; the same value until something changes."""
        if self._view is None:
            self._view = self._fresh_view()
        return self._view

    def _fresh_view(self) -> View:
        self.player.move(self.timeline)
        shown = self.timeline.shown
        damaged = self.recorded and shown is None
        behind = (self.timeline.span_ms[1] - self.timeline.shown_ms) / 1000
        return View(
            hello=self.hello,
            snapshot=shown,
            chart=self.timeline.chart(SPAN_S),
            past=self.timeline.recent(),
            marks=self.timeline.marks,
            span_ms=self.timeline.span_ms,
            story=self._retelling.at(self.timeline.shown_ms) if self.recorded else self.story,
            deployment=self.engine.deployment() if self.engine else None,
            log=self._log,
            now=self.timeline.shown_ms / 1000 if self.recorded else self.clock(),
            arrived=self._arrived,
            rate_hz=self.rate_hz,
            paused=self.timeline.paused,
            behind_s=behind,
            trouble=_DAMAGED if damaged else self.trouble,
            recorded=self.recorded,
            playing=self.player.playing,
            speed=self.player.speed,
            cpu_cursor=self.cpu_cursor,
            cpu_metric=self.cpu_metric,
            cpu_layout=self.cpu_layout,
            glyphs=self.glyphs,
            commands=self.commands,
        )

    def situation(self) -> Situation:
        """Return the facts that decide which commands make sense."""
        return Situation(
            live=self.hello is not None,
            deployable=self._lack("deploy"),
            loads=self._lack("loads"),
            ours_deployed=self.ours_deployed,
            pursuing=self.story.running,
            paused=self.timeline.paused,
            recorded=self.recorded,
            playing=self.player.playing,
            marked=bool(self.timeline.marks),
            sampled=self.timeline.newest is not None,
            rate_hz=self.rate_hz,
            colours=not self._options.no_color,
        )

    def _lack(self, name: str) -> str:
        lack = self.hello.lack(name) if self.hello else None
        return lack.reason or f"this target cannot do that ({name})" if lack else ""

    @property
    def ours_deployed(self) -> bool:
        """Tell whether something of ours is in charge, by the kernel or by our own belief."""
        newest = self.timeline.newest
        deployment = self.engine.deployment() if self.engine else None
        by_kernel = newest is not None and newest.scheduler.ours and not self.recorded
        return by_kernel or (deployment is not None and deployment.live)

    def begin(self, text: str) -> None:
        """Start the story of a goal."""
        self.story = begun(text)
        self.touch()

    def tell(self, event: Event) -> None:
        """Continue the story."""
        self.story = bridge.tell(self.story, event, self.clock())
        self.touch()

    def end_story(self, *, cancelled: bool = False, failure: str = "") -> None:
        """Close the story when no Finished came."""
        if self.story.running:
            self.story = replace(self.story, running=False, cancelled=cancelled, failure=failure)
            self.touch()

    def note(self, text: str, style: str = "text") -> None:
        """Add one line to the action log."""
        entry = LogEntry(self.clock(), style, text)
        self._log = (*self._log, entry)[-LOG_KEPT:]
        self.touch()

    def move_cpu(self, by: int) -> None:
        """Move the cursor over the CPUs."""
        shown = self.timeline.shown
        last = len(shown.cpus) - 1 if shown else 0
        self.cpu_cursor = max(0, min(last, self.cpu_cursor + by))
        self.touch()

    def next_metric(self) -> None:
        """Choose the next metric for the colour of CPUs."""
        order = list(CpuMetric)
        self.cpu_metric = order[(order.index(self.cpu_metric) + 1) % len(order)]
        self.touch()

    def next_layout(self) -> None:
        """Choose the next way to draw CPUs."""
        order = list(CpuLayout)
        self.cpu_layout = order[(order.index(self.cpu_layout) + 1) % len(order)]
        self.touch()
