"""The full-screen program over one engine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.worker import Worker

from schedtui.engine.port import Engine, EngineError
from schedtui.model.text import safe_text
from schedtui.ui.commands import COMMANDS, bindings
from schedtui.ui.desk import Desk
from schedtui.ui.doing import Doing
from schedtui.ui.filters import AsciiOnly, NoColours
from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.keymap import read_keymap
from schedtui.ui.looks import Looks
from schedtui.ui.mouse import report_mouse
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint.palette import Palette
from schedtui.ui.pursuit import Pursuit
from schedtui.ui.rates import PaintWatch, frames_waiting
from schedtui.ui.screens.live import LiveScreen
from schedtui.ui.screens.opening import OpeningScreen
from schedtui.ui.watchdog import TerminalWatchdog
from schedtui.ui.widgets.bars import GoalInput

CLOSE_CAP_S: Final = 0.4
"""Longest wait for the engine when quitting, in seconds."""
_TICK_S: Final = 0.25


class SchedtuiApp(App[int]):
    """Shows one target and carries goals to it."""

    TITLE = "schedtui"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COMMANDS), *fixed_bindings(Place.LIVE)]
    ENABLE_COMMAND_PALETTE = False
    CLOSE_TIMEOUT = 0.3

    def __init__(self, engine: Engine, *, options: ScreenOptions) -> None:
        # NO_COLOR is decided in the constructor: only with native colours is it really none.
        super().__init__(ansi_color=True if options.no_color else None)
        self.engine = engine
        self.options = options
        self.desk = Desk(options)
        self._take_keys()
        self.mouse_taken = options.mouse
        self.looks = Looks(self)
        self.live = LiveScreen()
        self.doing = Doing(self)
        self.pursuit = Pursuit(self)
        self.last_key_at = options.monotonic()
        self._paint_watch = PaintWatch()
        self._pursuing: Worker[None] | None = None
        self._sampling: Worker[None] | None = None
        self._engine_closed = False

    def _take_keys(self) -> None:
        keymap = read_keymap(self.options.own_keys)
        self.desk.commands = keymap.commands
        self.set_keymap({id_: ",".join(keys) for id_, keys in keymap.own.items()})
        if keymap.message:
            self.desk.note(keymap.message, "warn")

    @property
    def palette(self) -> Palette:
        """The styles that everything is drawn with now."""
        return self.looks.palette

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what goes over every line before it is shown."""
        ascii_only = [AsciiOnly()] if self.options.ascii_only else []
        no_colours = [NoColours()] if self.options.no_color else []
        return [*super().get_line_filters(), *ascii_only, *no_colours]

    def on_mount(self) -> None:
        """Show the start screen at once."""
        self.looks.watch()
        self.push_screen(OpeningScreen())
        self.set_interval(_TICK_S, self._tick)
        # The driver takes the mouse whenever it starts, also after the program was suspended.
        self.app_resume_signal.subscribe(self, lambda _: self._keep_mouse())
        self._keep_mouse()

    # -- opening and closing ---------------------------------------------------------------

    def open_target(self) -> None:
        """Open the engine in the background and go live."""
        self.run_worker(self._open(), group="open", exclusive=True)

    async def _open(self) -> None:
        start = self.screen
        if not isinstance(start, OpeningScreen):
            return
        try:
            hello = await self.engine.open(start.progress)
        except EngineError as error:
            start.failed(error)
            return
        self.desk.opened(hello, self.engine)
        await self.switch_screen(self.live)
        if self.desk.recorded:
            play = self.desk.view().key("pause")
            self.desk.note(f"a recording: press {play} to let it run; nothing of it can be changed")
            self.renew()
            return
        await self._set_rate(self.desk.rate_hz)
        self._sampling = self.run_worker(self._sample(), group="sample", exclusive=True)
        if hello.lack("deploy") is not None:
            words = "this target cannot be changed, only watched: press"
            self.desk.note(f"{words} {self.desk.view().key('capabilities')}", "warn")

    def use_alternative(self) -> bool:
        """Take the engine that works without what is missing."""
        if self.options.alternative is None:
            return False
        given_up, self.engine = self.engine, self.options.alternative.make()
        self.run_worker(_released(given_up), group="release")
        return True

    def quit_screen(self) -> None:
        """Leave; the engine is closed while the terminal is given back."""
        self.exit(0)

    async def on_unmount(self) -> None:
        """Close the engine whatever ended the screen."""
        await self.close_engine()

    def _handle_exception(self, error: Exception) -> None:
        """End with one sentence; the framework's own answer prints every local variable."""
        if os.environ.get("SCHEDTUI_DEBUG"):
            super()._handle_exception(error)
            return
        fault = f"{type(error).__name__}: {safe_text(str(error))}"
        hint = "(SCHEDTUI_DEBUG=1 shows where)"
        self.exit(4, 4, f"schedtui: a fault of the screen: {fault} {hint}")

    async def close_engine(self) -> None:
        """Release the target once, within a fixed time."""
        if self._engine_closed:
            return
        self._engine_closed = True
        await _released(self.engine)

    # -- samples ---------------------------------------------------------------------------

    async def _sample(self) -> None:
        """Take the newest snapshot, paint it, and only then ask for the next one."""
        try:
            async for snapshot in self.engine.snapshots():
                self.desk.sampled(snapshot)
                await self._painted()
            self.desk.trouble = "the target ended"
        except EngineError as error:
            self.desk.trouble = safe_text(error.sentence)
            self.tell_fault(error)
        self.renew()

    async def _painted(self) -> None:
        began = time.monotonic()
        done = asyncio.Event()
        self.renew()
        if self.call_after_refresh(done.set):
            await done.wait()
        took = time.monotonic() - began
        waiting = frames_waiting(self._driver)
        slower = self._paint_watch.slower(took, waiting, self.desk.rate_hz)
        if slower is not None:
            self.desk.note(f"this link is slow: {slower:g} samples per second now", "warn")
            await self._set_rate(slower)

    def change_rate(self, hertz: float) -> None:
        """Sample at ``hertz`` from now on."""
        self.run_worker(self._set_rate(hertz), group="rate", exclusive=True)

    async def _set_rate(self, hertz: float) -> None:
        self.desk.rate_hz = hertz
        try:
            await self.engine.set_rate(hertz)
        except EngineError as error:
            self.tell_fault(error)
        self.desk.touch()

    def _tick(self) -> None:
        """Keep the clock, the age of samples and spinners moving between samples."""
        self.renew()

    def renew(self) -> None:
        """Draw the live screen from what is known now, when it is the one that is shown."""
        self.desk.touch()
        # While leaving, the last events of a goal arrive when no screen is left.
        if self.screen_stack[-1:] == [self.live] and self.live.is_mounted:
            self.live.renew()

    # -- goals -----------------------------------------------------------------------------

    def pursue(self, text: str) -> bool:
        """Start a goal; returns False and says why when that makes no sense now."""
        if self.desk.story.running:
            key = self.desk.view().key("cancel")
            self.desk.note(f"a goal is being pursued: press {key} to cancel it first", "warn")
            self.renew()
            return False
        self.desk.begin(text)
        self.live.show_agent(wanted=True)
        self.live.agent.follow()
        self._pursuing = self.run_worker(self.pursuit.run(text), group="pursuit", exclusive=True)
        return True

    def cancel_pursuit(self) -> None:
        """Stop pursuing; a deployment that was approved before stays."""
        if self._pursuing is not None:
            self._pursuing.cancel()
            self._pursuing = None
        self.desk.end_story(cancelled=True)
        stays = " (what is deployed stays until rolled back)" if self.desk.ours_deployed else ""
        self.desk.note(f"cancelled the goal{stays}", "warn")

    def roll_back(self) -> None:
        """Give the kernel back, at once."""
        self.desk.note("rolling back")
        self.run_worker(self._roll_back(), group="rollback", exclusive=True)

    async def _roll_back(self) -> None:
        try:
            state = await self.engine.rollback()
        except EngineError as error:
            self.tell_fault(error)
        else:
            read = f"in charge now, read from the kernel: {safe_text(state.in_charge)}"
            self.desk.note(f"rolled back; {read} (enable_seq {state.enable_seq})", "strong")
        self.renew()

    def tell_fault(self, error: EngineError) -> None:
        """Write a fault with its fix into the action log."""
        fix = f"  fix: {safe_text(error.fix)}" if error.fix else ""
        self.desk.note(f"{safe_text(error.sentence)}{fix}", "bad")

    def toggle_mouse(self) -> None:
        """Give the mouse to the terminal, or take it back."""
        self.mouse_taken = not self.mouse_taken
        report_mouse(self._driver, wanted=self.mouse_taken)
        whose = "works here" if self.mouse_taken else "is the terminal's: text can be selected"
        self.desk.note(f"the mouse {whose}")

    def _keep_mouse(self) -> None:
        if not self.mouse_taken:
            report_mouse(self._driver, wanted=False)

    # -- keys ------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note the time of every key; drop input while a review is still on hold."""
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            held = self._on_hold(event)
            if isinstance(event, events.Key | events.Paste):
                self.last_key_at = self.options.monotonic()
            if held:
                return
        await super().on_event(event)

    def _on_hold(self, event: events.Event) -> bool:
        if isinstance(event, events.Key) and event.key in {"ctrl+c", "ctrl+q"}:
            return False
        return bool(self.screen_stack) and bool(getattr(self.screen, "on_hold", False))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let ``g`` be a letter where text is typed, and nothing on other screens."""
        if action == "command" and parameters == ("goal",):
            return self.screen is self.live and not isinstance(self.focused, GoalInput)
        return super().check_action(action, parameters)

    def action_command(self, command_id: str) -> None:
        """Run a command of the table."""
        self.doing.run(command_id)

    async def action_back(self) -> None:
        """Escape on the live screen: leave the zoom, else cancel what is being pursued."""
        if self.screen is not self.live:
            return
        if self.live.zoomed:
            self.live.toggle_zoom()
        elif self.desk.story.running:
            self.doing.run("cancel")


async def _released(engine: Engine) -> None:
    """Close an engine within a fixed time."""
    with contextlib.suppress(TimeoutError, EngineError, OSError):
        await asyncio.wait_for(engine.close(), CLOSE_CAP_S)


def run_screen(engine: Engine, options: ScreenOptions) -> int:
    """Run the full-screen program until it is left; returns the exit code.

    The engine is closed in every case. Without a terminal nothing is opened: exit code 2.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(
            "schedtui: the screen needs a terminal; try: schedtui watch, schedtui goal --json\n"
        )
        return 2
    return asyncio.run(_run(SchedtuiApp(engine, options=options)))


async def _run(app: SchedtuiApp) -> int:
    loop = asyncio.get_running_loop()

    def leave() -> None:
        app.exit(0)

    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    watchdog = TerminalWatchdog(sys.stdin.fileno(), lambda: _leave_soon(loop, leave))
    watchdog.start()
    try:
        await app.run_async()
    finally:
        await app.close_engine()
        watchdog.stop()
    return app.return_code or 0


def _leave_soon(loop: asyncio.AbstractEventLoop, leave: object) -> None:
    if callable(leave):
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(leave)
