"""What each command of the table does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from schedtui.engine.port import EngineError
from schedtui.model.text import safe_text
from schedtui.tape.tape import Mark, MarkKind
from schedtui.ui.commands import BY_ID
from schedtui.ui.comparison import compare
from schedtui.ui.finder import finder
from schedtui.ui.paint import pages, past, units
from schedtui.ui.rates import clamped
from schedtui.ui.screens.dialog import Choice, MenuScreen, PageScreen

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp
    from schedtui.ui.screens.live import LiveScreen

_STOP = "stop the load"


class Doing:
    """Runs commands by id; a command that makes no sense now says why instead."""

    def __init__(self, app: SchedtuiApp) -> None:
        self._app = app
        self._desk = app.desk
        self.by_id: Mapping[str, Callable[[], None]] = {
            "goal": app.live.edit_goal,
            "rollback": app.roll_back,
            "load": self._choose_load,
            "cancel": app.cancel_pursuit,
            "pause": self._pause,
            "now": self._now,
            "back": lambda: self._step(-1),
            "forward": lambda: self._step(1),
            "back_10s": lambda: self._desk.timeline.jump(-10),
            "forward_10s": lambda: self._desk.timeline.jump(10),
            "back_1min": lambda: self._desk.timeline.jump(-60),
            "forward_1min": lambda: self._desk.timeline.jump(60),
            "oldest": self._oldest,
            "mark": self._mark,
            "mark_before": lambda: self._to_mark(-1),
            "mark_after": lambda: self._to_mark(1),
            "compare": self._compare,
            "faster": lambda: self._rate(2.0),
            "slower": lambda: self._rate(0.5),
            "agent": lambda: self._live.show_agent(wanted=not self._live.agent_shown),
            "next_pane": lambda: self._live.go_by(1),
            "previous_pane": lambda: self._live.go_by(-1),
            "pane_cpus": lambda: self._live.go_to(self._live.cpus),
            "pane_latency": lambda: self._live.go_to(self._live.latency),
            "pane_tasks": lambda: self._live.go_to(self._live.tasks),
            "pane_agent": lambda: self._live.go_to(self._live.agent),
            "pane_system": lambda: self._live.go_to(self._live.system),
            "zoom": app.live.toggle_zoom,
            "cpu_metric": self._desk.next_metric,
            "cpu_layout": self._desk.next_layout,
            "capabilities": self._capabilities,
            "log": self._log,
            "commands": lambda: self._show(finder()),
            "mouse": app.toggle_mouse,
            "theme": app.looks.next,
            "help": self._help,
            "quit": app.quit_screen,
            "quit_now": app.quit_screen,
        }

    @property
    def _live(self) -> LiveScreen:
        return self._app.live

    def run(self, command_id: str) -> None:
        """Do it, or write into the action log why not."""
        command = BY_ID[command_id]
        reason = command.why_not(self._desk.situation())
        if reason:
            self._desk.note(f"{command.title}: {reason}", "warn")
        else:
            self.by_id[command_id]()
            self._desk.player.again_from(self._desk.timeline)
        self._desk.touch()
        self._app.renew()

    def _pause(self) -> None:
        desk = self._desk
        if desk.recorded:
            desk.player.hold() if desk.player.playing else desk.player.play(desk.timeline)
            return
        if self._desk.timeline.paused:
            self._desk.timeline.resume()
        else:
            self._desk.timeline.pause()

    def _now(self) -> None:
        self._desk.timeline.resume()

    def _oldest(self) -> None:
        self._desk.timeline.to_start()

    def _mark(self) -> None:
        at_ms = self._desk.timeline.shown_ms
        self._desk.timeline.mark(Mark(at_ms, "marked by you", MarkKind.OWN))
        self._desk.note(f"marked {units.at_clock(at_ms)}")

    def _to_mark(self, by: int) -> None:
        if self._desk.timeline.to_mark(by) is None:
            self._desk.note(f"there is no mark {'after' if by > 0 else 'before'} this one", "warn")

    def _compare(self) -> None:
        found, glyphs = compare(self._desk.timeline), self._desk.glyphs
        if found is not None:
            painter = partial(past.comparison_page, found, glyphs)
            self._show(PageScreen("Before and after a mark", painter))

    def _step(self, by: int) -> None:
        self._desk.player.hold()
        self._desk.timeline.step(by)

    def _rate(self, times: float) -> None:
        if self._desk.recorded:
            self._desk.player.change_speed(times, self._desk.timeline)
            return
        self._app.change_rate(clamped(self._desk.rate_hz * times))

    def _help(self) -> None:
        now, commands = self._desk.situation(), self._desk.commands
        self._show(PageScreen("Help", lambda width: pages.help_page(now, width, commands)))

    def _show(self, screen: Screen[None]) -> None:
        self._app.push_screen(screen)

    def _capabilities(self) -> None:
        hello, glyphs = self._desk.hello, self._desk.glyphs
        if hello is not None:
            self._app.push_screen(
                PageScreen(
                    "What this target can do",
                    lambda width: pages.capabilities_page(hello, glyphs, width),
                )
            )

    def _log(self) -> None:
        view = self._desk.view()
        self._app.push_screen(PageScreen("Action log", lambda width: pages.log_page(view, width)))

    def _choose_load(self) -> None:
        newest = self._desk.timeline.newest
        running = newest.load.name if newest and newest.load and newest.load.running else ""
        choices = [
            Choice(
                load.name,
                safe_text(load.title) + ("  (runs now)" if load.name == running else ""),
                safe_text(load.reports),
            )
            for load in self._app.engine.loads()
        ]
        stop = "" if running else "no load runs"
        choices.append(Choice(_STOP, "Stop the load", reason=stop))
        intro = "A load runs inside the target, so that there is something to see and to improve."
        self._app.push_screen(MenuScreen("Loads", choices, intro), self._load_chosen)

    def _load_chosen(self, name: str | None) -> None:
        if name is not None:
            self._app.run_worker(self._run_load(name), group="load", exclusive=True)

    async def _run_load(self, name: str) -> None:
        engine = self._app.engine
        try:
            if name == _STOP:
                await engine.stop_load()
                self._desk.note("stopped the load")
            else:
                self._desk.note(f"starting the load {name}")
                self._app.renew()
                await engine.start_load(name)
                self._desk.note(f"started the load {name}")
        except EngineError as error:
            self._app.tell_fault(error)
        self._app.renew()
