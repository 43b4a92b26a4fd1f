"""The live screen: the target as it is now, the goal line, and the story of the goal."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from schedtui.ui.commands import BY_ID, bindings
from schedtui.ui.layout import SMALLEST, Shape, shape_for
from schedtui.ui.widgets.bars import (
    GoalBar,
    GoalInput,
    HeaderBar,
    KeyBar,
    LogBar,
    TabBar,
    VerdictBar,
)
from schedtui.ui.widgets.panel import LinePanel, Pane
from schedtui.ui.widgets.panes import AgentPane, CpuPane, LatencyPane, SystemPane, TaskPane

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

_BARS_HEIGHT: Final = 6
"""Header, verdict, log, goal and keys."""
_NODES: Final = ("header", "tabs", "body", "verdict", "log", "goal-bar", "keys", "small")
_TASKS_WANT: Final = 6
_SYSTEM_WANTS: Final = 15


class LiveScreen(Screen[None]):
    """Panes side by side as the terminal allows, with the fixed lines around them."""

    AUTO_FOCUS: ClassVar[str | None] = "#cpus"
    # Textual's screen has its own use for tab, which would come before the application's.
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings((BY_ID["next_pane"], BY_ID["previous_pane"]))
    ]
    CSS: ClassVar[str] = """
    LiveScreen { background: $background; layout: vertical; }
    LiveScreen HeaderBar { height: 2; }
    LiveScreen TabBar { height: 1; }
    LiveScreen VerdictBar, LiveScreen LogBar, LiveScreen KeyBar, LiveScreen GoalBar { height: 1; }
    LiveScreen #body { height: 1fr; }
    LiveScreen #left { width: 68fr; }
    LiveScreen #middle { width: 54fr; }
    LiveScreen #right { width: 68fr; }
    LiveScreen #left, LiveScreen #middle { margin: 0 1 0 0; }
    LiveScreen Pane { height: 1fr; width: 1fr; }
    LiveScreen GoalPrompt { width: 8; height: 1; }
    LiveScreen GoalInput {
        width: 1fr; height: 1; border: none; padding: 0 1;
        background: $background; color: $foreground;
    }
    LiveScreen GoalInput:focus { background: $panel; }
    LiveScreen #small {
        width: 1fr; height: 1fr; content-align: center middle;
        background: $background; color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.cpus = CpuPane("CPUs", 1, id="cpus")
        self.latency = LatencyPane("Wake-up latency", 2, id="latency")
        self.tasks = TaskPane("Most delayed tasks", 3, id="tasks")
        self.agent = AgentPane("Agent", 4, id="agent")
        self.system = SystemPane("Scheduler", 5, id="system")
        self.panes: tuple[Pane, ...] = (
            self.cpus, self.latency, self.tasks, self.agent, self.system)  # fmt: skip
        self.tabs = TabBar(self.panes)
        self.zoomed = False
        self.agent_wanted = False

    @property
    def schedtui(self) -> SchedtuiApp:
        """The application, with its type."""
        return cast("SchedtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Place everything once; ``rearrange`` decides what is visible."""
        yield HeaderBar(id="header")
        yield self.tabs
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield self.cpus
                yield self.tasks
            with Vertical(id="middle"):
                yield self.latency
                yield self.system
            with Vertical(id="right"):
                yield self.agent
        yield VerdictBar(id="verdict")
        yield LogBar(id="log")
        yield GoalBar(id="goal-bar")
        yield KeyBar(id="keys")
        quit_key = self.schedtui.desk.view().key("quit")
        size = f"{SMALLEST[0]} x {SMALLEST[1]}"
        words = f"schedtui needs {size} cells; nothing is lost, {quit_key} quits"
        yield Static(words, id="small", markup=False)

    def on_mount(self) -> None:
        """Arrange for the first size."""
        self.rearrange()

    def on_resize(self, _: events.Resize) -> None:
        """Arrange for the new size; all state stays."""
        self.rearrange()

    def on_screen_resume(self) -> None:
        """Catch up after a dialog."""
        self.renew()

    @property
    def current(self) -> Pane:
        """The pane that is shown when only one fits."""
        return self.tabs.current

    def rearrange(self) -> None:
        """Show the panes that fit."""
        shape = shape_for(self.size.width, self.size.height)
        small = shape is Shape.TOO_SMALL
        # Only our own nodes: a screen also holds Textual's tooltip and notices.
        for name in _NODES:
            self.query_one(f"#{name}").display = small is (name == "small")
        if small:
            return
        alone = shape is Shape.ONE or self.zoomed
        self.tabs.display = alone
        for pane in self.panes:
            pane.display = self._alone_now(pane) if alone else self._beside(pane, shape)
        for column in ("left", "middle", "right"):
            node = self.query_one(f"#{column}")
            node.display = any(child.display for child in node.children)
        self._share_heights()
        if self.focused is None or not self.focused.display:
            self.current.focus()

    def _alone_now(self, pane: Pane) -> bool:
        """Tell whether ``pane`` is shown when there is room for one; few CPUs leave some over."""
        room = self.size.height - _BARS_HEIGHT - 1
        spare = room - self.cpus.wanted_height(room) >= _TASKS_WANT
        with_tasks = self.current is self.cpus and spare and not self.zoomed
        return pane is self.current or (pane is self.tasks and with_tasks)

    def _beside(self, pane: Pane, shape: Shape) -> bool:
        if shape is Shape.THREE:
            return True
        if pane is self.agent:
            return self.agent_wanted
        return not self.agent_wanted or pane in {self.cpus, self.tasks}

    def _share_heights(self) -> None:
        """Give CPUs and latency the lines they need, when something else is below them."""
        room = self.size.height - _BARS_HEIGHT - (1 if self.tabs.display else 0)
        most = room - _TASKS_WANT if self._alone else room // 2
        rows = max(9, self.cpus.wanted_height(most))
        chart = max(9, min(room - _SYSTEM_WANTS, int(room * 0.6)))
        self.cpus.styles.height = rows if self.tasks.display else "1fr"
        self.latency.styles.height = chart if self.system.display else "1fr"

    def renew(self) -> None:
        """Draw everything from a fresh view."""
        if self.cpus.display:
            self._share_heights()
        with self.app.batch_update():
            for panel in self.query(LinePanel):
                if panel.display:
                    panel.renew()

    def go_to(self, pane: Pane) -> None:
        """Make ``pane`` the current one; show it when it is hidden."""
        self.tabs.current = pane
        if not pane.display and not self._alone:
            self.agent_wanted = pane is self.agent
        self.rearrange()
        pane.focus()
        self.renew()

    @property
    def _alone(self) -> bool:
        return self.zoomed or shape_for(self.size.width, self.size.height) is Shape.ONE

    def go_by(self, by: int) -> None:
        """Go to the next visible pane, or to the next one when they are shown alone."""
        order = [pane for pane in self.panes if self._alone or pane.display]
        here = order.index(self.current) if self.current in order else 0
        self.go_to(order[(here + by) % len(order)])

    def toggle_zoom(self) -> None:
        """Give the screen to the current pane, or share it again."""
        self.zoomed = not self.zoomed
        self.rearrange()
        self.renew()

    def show_agent(self, *, wanted: bool) -> None:
        """Show or hide the pane that follows the goal."""
        self.agent_wanted = wanted
        if wanted or self.current is self.agent:
            self.tabs.current = self.agent if wanted else self.cpus
        self.rearrange()
        if not isinstance(self.focused, GoalInput):
            self.current.focus()
        self.renew()

    @property
    def agent_shown(self) -> bool:
        """Tell whether the agent pane can be seen now."""
        return bool(self.agent.display)

    def edit_goal(self, text: str | None = None) -> None:
        """Put the cursor into the goal line, with ``text`` in it when given."""
        line = self.query_one(GoalInput)
        if text is not None:
            line.value = text
            line.cursor_position = len(text)
        # At once, not with the next message: keys that follow belong to the goal line.
        self.set_focus(line)

    @on(GoalInput.Left)
    def _leave_goal(self) -> None:
        self.current.focus()

    @on(Input.Submitted, "#goal")
    def _submit_goal(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text and self.schedtui.pursue(text):
            event.input.clear()
            self.current.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane that was clicked becomes the current one."""
        if isinstance(event.widget, Pane) and event.widget is not self.tabs.current:
            self.tabs.current = event.widget
            self.tabs.renew()
