"""The one table of commands: bindings, footer, help and palette are all made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding

from schedtui.ui.keynames import key_word


class Danger(StrEnum):
    """What a command can change."""

    NONE = "looks only"
    TARGET = "changes the target"
    UNDO = "puts things back"


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts that decide which commands make sense now."""

    live: bool = True
    """The target is open."""
    deployable: str = ""
    """Why nothing can be deployed on this target, empty when it can."""
    loads: str = ""
    """Why no load can be started, empty when it can."""
    ours_deployed: bool = False
    pursuing: bool = False
    paused: bool = False
    recorded: bool = False
    """The target is a recording."""
    playing: bool = False
    """The recording runs."""
    marked: bool = False
    """There is a mark in the past that is kept."""
    sampled: bool = True
    rate_hz: float = 4.0
    colours: bool = True
    """Colours may be used."""


@dataclass(frozen=True, slots=True)
class Need:
    """When a command makes sense.

    Attributes:
        words: That, for people: ``while a goal is pursued``.
        reason: Returns why it makes no sense now, or an empty text.
    """

    words: str
    reason: Callable[[Situation], str]

    def __call__(self, now: Situation) -> str:
        """Return why the command makes no sense now, or an empty text."""
        return self.reason(now)


def needs(words: str) -> Callable[[Callable[[Situation], str]], Need]:
    """Make a need of the function below that gives the reason."""
    return lambda reason: Need(words, reason)


_RECORDED: Final = "this is a recording: nothing of it can be changed"


@needs("always")
def _always(_: Situation) -> str:
    return ""


@needs("once the target is open")
def _when_live(now: Situation) -> str:
    return "" if now.live else "the target is not open yet"


@needs("while no other goal is pursued")
def _goal(now: Situation) -> str:
    if now.recorded:
        return _RECORDED
    if now.pursuing:
        return "a goal is being pursued: cancel it first"
    return _when_live(now)


@needs("where the target can run loads")
def _load(now: Situation) -> str:
    return _when_live(now) or (_RECORDED if now.recorded else now.loads)


@needs("while something of ours is deployed")
def _rollback(now: Situation) -> str:
    if now.recorded:
        return _RECORDED
    return _when_live(now) or ("" if now.ours_deployed else "nothing of ours is deployed")


@needs("while a goal is pursued")
def _cancel(now: Situation) -> str:
    return "" if now.pursuing else "no goal is being pursued"


@needs("once a sample has arrived")
def _sampled(now: Situation) -> str:
    return _when_live(now) or ("" if now.sampled else "no sample has arrived yet")


@needs("while the past is shown")
def _past(now: Situation) -> str:
    return _sampled(now) or ("" if now.paused else "what is shown is the newest sample")


@needs("once there is a mark")
def _marked(now: Situation) -> str:
    return _sampled(now) or ("" if now.marked else "there is no mark yet")


@needs("below 10 samples per second")
def _faster(now: Situation) -> str:
    if now.recorded:
        return ""
    return _when_live(now) or ("" if now.rate_hz < 10 else "10 samples per second are the most")


@needs("above one sample in 2 s")
def _slower(now: Situation) -> str:
    if now.recorded:
        return ""
    return _when_live(now) or ("" if now.rate_hz > 0.5 else "one sample in 2 s is the least")


@needs("unless NO_COLOR is set")
def _coloured(now: Situation) -> str:
    return "" if now.colours else "NO_COLOR asks for no colours"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    Attributes:
        id: Stable name, also for key maps.
        keys: Keys in Textual's notation, the first one is shown.
        title: Two or three words for the footer and the palette.
        help: One sentence for the help screen.
        why_not: When it makes sense; called, it gives the reason why not now, or an empty text.
        rank: Place in the footer; 0 keeps it out of the footer.
        past: Place in the footer while the past is shown; 0 keeps it out.
        everywhere: Also works while a dialog is open.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    danger: Danger = Danger.NONE
    why_not: Need = _when_live
    rank: int = 0
    past: int = 0
    everywhere: bool = False


COMMANDS: Final[tuple[Command, ...]] = (
    Command("goal", ("g",), "goal", "Say in one sentence what this machine should be good at.",
            "Do", Danger.TARGET, _goal, 1),
    Command("rollback", ("r",), "roll back", "Give the kernel back to its own scheduler, at once.",
            "Do", Danger.UNDO, _rollback, 2, 8, everywhere=True),
    Command("load", ("l",), "load", "Start or stop a built-in load, to have something to see.",
            "Do", Danger.TARGET, _load, 3),
    Command("cancel", ("c",), "cancel", "Stop pursuing the goal. What was deployed before stays.",
            "Do", Danger.UNDO, _cancel, 4),
    Command("pause", ("space",), "pause",
            "Hold the figures or let them run; sampling goes on. Plays and holds a recording.",
            "Time", why_not=_sampled, rank=5, past=7),
    Command("now", ("n",), "now",
            "Back to the newest sample, and on with it; in a recording, its end.",
            "Time", why_not=_past, past=1),
    Command("back", ("left_square_bracket",), "back", "Hold and go one sample back.",
            "Time", why_not=_sampled, past=2),
    Command("forward", ("right_square_bracket",), "on", "Hold and go one sample forward.",
            "Time", why_not=_past, past=3),
    Command("back_10s", ("less_than_sign",), "10 s back", "Hold and go ten seconds back.",
            "Time", why_not=_sampled, past=11),
    Command("forward_10s", ("greater_than_sign",), "10 s on", "Go ten seconds forward.",
            "Time", why_not=_past, past=12),
    Command("back_1min", ("left_curly_bracket",), "min back", "Hold and go one minute back.",
            "Time", why_not=_sampled, past=4),
    Command("forward_1min", ("right_curly_bracket",), "min on", "Go one minute forward.",
            "Time", why_not=_past, past=5),
    Command("oldest", ("0",), "oldest", "Hold the oldest sample that is kept.",
            "Time", why_not=_sampled),
    Command("mark", ("k",), "mark", "Mark the shown moment; deployments mark by themselves.",
            "Time", why_not=_sampled, past=9),
    Command("mark_before", ("left_parenthesis",), "mark before", "Hold the mark before.",
            "Time", why_not=_marked, past=13),
    Command("mark_after", ("right_parenthesis",), "mark after", "Go to the mark after.",
            "Time", why_not=_marked, past=14),
    Command("compare", ("w",), "compare",
            "The minute before a mark beside the minute after it.",
            "Time", why_not=_marked, past=10),
    Command("faster", ("plus", "equals_sign"), "faster",
            "Sample twice as often; a recording runs twice as fast.",
            "Time", why_not=_faster),
    Command("slower", ("minus",), "slower", "Sample half as often; a recording runs half as fast.",
            "Time", why_not=_slower),
    Command("agent", ("a",), "agent", "Show or hide the pane that follows the goal.",
            "Look", rank=6),
    Command("next_pane", ("tab",), "next pane", "Go to the next pane.", "Look"),
    Command("previous_pane", ("shift+tab",), "previous pane", "Go to the pane before.", "Look"),
    Command("pane_cpus", ("1",), "CPUs", "Go to the CPUs; arrow keys choose one.", "Look"),
    Command("pane_latency", ("2",), "latency", "Go to the wake-up latency.", "Look"),
    Command("pane_tasks", ("3",), "tasks", "Go to the most delayed tasks.", "Look"),
    Command("pane_agent", ("4",), "agent pane", "Go to the pane that follows the goal.", "Look"),
    Command("pane_system", ("5",), "scheduler", "Go to scheduler, load and pressure.", "Look"),
    Command("zoom", ("z",), "zoom", "Give the screen to one pane, or share it again.", "Look"),
    Command("cpu_metric", ("m",), "CPU metric", "Choose the figure that CPUs are coloured by.",
            "Look"),
    Command("cpu_layout", ("v",), "CPU layout", "Draw CPUs as rows or as a heatmap.", "Look"),
    Command("capabilities", ("d",), "doctor",
            "What this target can do, what is missing, and the fix.", "Look"),
    Command("log", ("h",), "action log", "Everything that was done in this session.", "Look"),
    Command("commands", ("ctrl+p", "colon"), "all commands", "Search all commands by name.",
            "Look"),
    Command("mouse", ("M",), "mouse",
            "Give the mouse to the terminal, to select text, or take it back.",
            "Look", why_not=_always),
    Command("theme", ("t",), "theme", "Next colour theme.", "Look", why_not=_coloured),
    Command("help", ("question_mark", "f1"), "help", "All keys, and why some do nothing now.",
            "Look", why_not=_always, rank=7, past=6),
    Command("quit", ("q",), "quit", "Close this program. What it deployed is rolled back.",
            "Leave", Danger.UNDO, _always, rank=8, past=8, everywhere=True),
    Command("quit_now", ("ctrl+c", "ctrl+q"), "quit", "Close this program from anywhere.",
            "Leave", Danger.UNDO, _always, everywhere=True),
)  # fmt: skip

BY_ID: Final = {command.id: command for command in COMMANDS}

PRIORITY: Final = frozenset({"goal", "quit_now"})
"""Commands whose keys are taken before any widget sees them: to quit from anywhere, and so that
the first key after ``g`` already goes into the goal line."""


def key_words(command: Command) -> str:
    """Return all keys of a command for people."""
    return " ".join(key_word(key) for key in command.keys)


def first_key(commands: Iterable[Command], command_id: str) -> str:
    """Return the key to name for a command, for people. Raises KeyError for an unknown one."""
    keys = {command.id: command.keys for command in commands}
    return key_word(keys[command_id][0])


def bindings(commands: tuple[Command, ...]) -> list[Binding]:
    """Return one binding per key."""
    return [
        Binding(
            key,
            f"app.command('{command.id}')",
            command.title,
            show=False,
            priority=command.id in PRIORITY,
            id=command.id,
        )
        for command in commands
        for key in command.keys
    ]


def everywhere() -> tuple[Command, ...]:
    """Return the commands that also work while a dialog is open."""
    return tuple(command for command in COMMANDS if command.everywhere)
