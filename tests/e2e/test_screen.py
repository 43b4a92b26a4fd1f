"""The real screen in a real terminal, over a real guest."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.program import Program
from tests.e2e.terminal import Terminal
from tests.processes import Process, left_after

pytestmark = pytest.mark.vm

GOAL: Final = "cut the p99 latency of the request service, throughput must not drop"
GOAL_LINE: Final = " goal \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
HOLD: Final = "keys do nothing yet"
DEFAULT: Final = "kernel default (EEVDF)"
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*?\b(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)\b[0-9;:]*m")


def live(program: Program, width: int = 120, height: int = 32, **more: str) -> Terminal:
    """Return a terminal in which the screen starts."""
    environment = program.environment(**more)
    return Terminal(program.arguments(), environment, width=width, height=height)


def opened(terminal: Terminal) -> str:
    """Wait for live figures from BPF."""
    return terminal.wait_until(
        lambda screen: "source bpf" in screen and DEFAULT in screen, "live figures", 30
    )


def start_load(terminal: Terminal) -> str:
    """Start the request service by its keys and wait until its workers wait for a CPU."""
    terminal.keys("l")
    terminal.wait_for("Request service", 5)
    terminal.keys("1")
    return terminal.wait_for("service-worker", 15)


def give_goal(terminal: Terminal) -> None:
    """Type the goal into the goal line."""
    terminal.keys("g")
    terminal.text(GOAL)
    terminal.wait_for(GOAL, 5)
    terminal.keys("Enter")


def shows(text: str) -> Callable[[str], bool]:
    """Return a test for a screen with ``text`` on it."""
    return lambda screen: text in screen


def header_says(pattern: str) -> Callable[[str], bool]:
    """Return a test for the line that says who is in charge."""
    return lambda screen: re.search(pattern, screen.splitlines()[1]) is not None


def figures_of_cpu_0(screen: str) -> str:
    """Return the row of CPU 0: depth, utilisation, run delay, latency, switches."""
    row = next(line for line in screen.splitlines() if re.match(r" [ ▸]\s+0 ", line))
    return row[:58]


def assert_left_well(terminal: Terminal, code: int, was_there: list[Process]) -> None:
    """Check that the program ended with ``code`` and that nothing of it is left."""
    screen = terminal.wait_ended(3)
    assert f"[ended {code}]" in screen
    assert "[terminal same]" in screen
    assert "Traceback" not in screen
    assert terminal.modes == "0 0 1"
    assert not left_after(was_there, 2)


@pytest.mark.timeout(360)
def test_whole_life_from_goal_to_rollback(program: Program) -> None:
    with live(program) as terminal:
        opened(terminal)
        idle = start_load(terminal)
        terminal.wait_until(
            lambda screen: figures_of_cpu_0(screen) != figures_of_cpu_0(idle), "moving figures", 5
        )
        give_goal(terminal)
        _follow_stages(terminal)
        short_hash = _try_to_type_ahead(terminal)
        _approve(terminal, short_hash)
        _promoted_with_effect(terminal)
        terminal.keys("r")
        terminal.wait_until(header_says(re.escape(DEFAULT)), "the kernel's own scheduler", 5)
        assert "read from the kernel" in terminal.wait_for("rolled back", 5)
        running = terminal.processes()
        assert [p.name for p in running if p.name.startswith("qemu")]
        terminal.keys("q")
        assert_left_well(terminal, 0, running)


def _follow_stages(terminal: Terminal) -> None:
    terminal.wait_for("Observation", 10)
    terminal.wait_for("▸ Gates", 30)
    terminal.wait_for("▸ Trial", 150)
    gates = terminal.screen()
    assert all(f"✓ {gate}" in gates for gate in ("rules", "compile", "object", "kernel"))
    terminal.keys("Home")
    terminal.wait_for("▸ How the goal was read", 5)
    for section in ("▸ Observed", "▸ Weighed", "▸ Plan"):
        terminal.press_until(("PageDown",), shows(section), section, 5)
    terminal.keys("End")


def _review_in_spite_of_typing(terminal: Terminal) -> str:
    """Press what would approve until the review opens; return the screen it opens with.

    A trial may honestly say no on a machine that stands still for seconds, as a shared one does
    now and then; two in a row are a fault.
    """
    early = ("Enter", "y", "Tab", "C-y")

    def over(screen: str) -> bool:
        return HOLD in screen or "pursuing a goal" not in screen

    screen = terminal.press_until(early, over, "review", 120)
    if HOLD not in screen:
        terminal.keys("1")
        give_goal(terminal)
        terminal.wait_for("pursuing a goal", 5)
        screen = terminal.press_until(early, over, "review", 120)
    assert HOLD in screen, f"no review:\n{screen}"
    return screen


def _try_to_type_ahead(terminal: Terminal) -> str:
    """Type what would approve, before and while the review opens; return the hash to type."""
    screen = _review_in_spite_of_typing(terminal)
    match = re.search(r"type ([0-9a-f]{4}) here", screen)
    assert match is not None
    terminal.keys("Tab", *match[1], "C-y", "Enter", "y")
    assert HOLD in terminal.screen()
    ready = terminal.wait_for("to approve: tab", 5)
    assert f"type {match[1]} here  ____" in ready
    assert all(f"✓ {gate}" in ready for gate in ("rules", "compile", "object", "kernel", "trial"))
    return match[1]


def _approve(terminal: Terminal, short_hash: str) -> None:
    terminal.keys("C-y")
    terminal.keys("Tab")
    terminal.text("zzzz")
    terminal.keys("C-y")
    time.sleep(0.5)  # were one of them a yes, the review would be gone by now
    assert f"type {short_hash} here  ____" in terminal.screen()
    terminal.text(short_hash)
    terminal.wait_for("ctrl+y deploys exactly these bytes", 5)
    terminal.keys("C-y")


def _promoted_with_effect(terminal: Terminal) -> None:
    for stage in ("canary", "promoted"):
        terminal.wait_until(header_says(rf"fifo_rtc +ours +{stage}"), f"{stage} in the header", 30)
    effect = re.compile(r"before .* request p99 .* after .* request p99 ")
    terminal.wait_until(lambda screen: bool(effect.search(screen)), "before and after", 20)


def test_small_terminal_shows_one_pane_and_a_sentence_when_too_small(program: Program) -> None:
    with live(program, 80, 24) as terminal:
        screen = opened(terminal)
        lines = screen.splitlines()
        assert lines[0].startswith(" schedtui")
        assert all(len(line) <= 80 for line in lines)
        assert lines[-2].startswith(GOAL_LINE)
        assert "g goal" in lines[-1]
        for key, shown in (("2", "p50"), ("5", "enable_seq"), ("4", "Agent"), ("1", "util")):
            terminal.keys(key)
            terminal.wait_for(shown, 5)
        terminal.resize(50, 12)
        small = terminal.wait_for("schedtui needs 60 x 15", 5)
        assert "Traceback" not in small
        terminal.resize(80, 24)
        terminal.wait_for(GOAL_LINE, 5)
        running = terminal.processes()
        terminal.keys("q")
        assert_left_well(terminal, 0, running)


def test_no_color_is_without_colour(program: Program) -> None:
    with live(program, NO_COLOR="1") as terminal:
        opened(terminal)
        start_load(terminal)
        assert COLOUR.findall(terminal.coloured()) == []
        terminal.keys("?")
        terminal.wait_for("Help", 5)
        assert COLOUR.findall(terminal.coloured()) == []
        running = terminal.processes()
        terminal.keys("C-c")
        assert_left_well(terminal, 0, running)


def test_colours_are_found_where_there_are_some(program: Program) -> None:
    with live(program) as terminal:
        opened(terminal)
        assert COLOUR.findall(terminal.coloured())
        running = terminal.processes()
        terminal.keys("q")
        assert_left_well(terminal, 0, running)


def has_ctrl_c(pid: int) -> bool:
    """Tell whether Python runs our program there and does something of its own at Ctrl-C."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    # What starts it has it on its command line too.
    ours = command == b"%s\0-m\0schedtui\0" % os.fsencode(sys.executable)
    return ours and bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)


def first_line_has_run(terminal: Terminal) -> None:
    """Wait until Python, which complains about Ctrl-C while it starts, has got to our first line.

    That takes Ctrl-C away from it. Whoever looks too late to see that comes after it all the same.
    """
    deadline = time.monotonic() + 2
    while not (started := terminal.processes()) and time.monotonic() < deadline:
        time.sleep(0.001)
    for wanted in (True, False):
        while has_ctrl_c(started[0].pid) is not wanted and time.monotonic() < deadline:
            time.sleep(0.001)


@pytest.mark.parametrize("moment", [0, 0.05, 0.1, 0.2, 0.4])
def test_ctrl_c_before_the_first_frame(program: Program, moment: float) -> None:
    with live(program) as terminal:
        first_line_has_run(terminal)
        time.sleep(moment)
        running = terminal.processes()
        terminal.keys("C-c")
        screen = terminal.wait_ended(3)
        assert "Traceback" not in screen
        assert re.search(r"\[ended (130|-2|0)\]", screen)
        assert "[terminal same]" in screen
        assert not left_after(running, 2)


def test_ctrl_c_while_opening(program: Program) -> None:
    with live(program) as terminal:
        terminal.wait_for("From one plain sentence", 10)
        running = terminal.processes()
        terminal.keys("C-c")
        assert_left_well(terminal, 0, running)


def in_trial(terminal: Terminal) -> list[Process]:
    """Carry a goal into its trial; return all processes, both guests among them."""
    opened(terminal)
    start_load(terminal)
    give_goal(terminal)
    terminal.wait_until(
        lambda _: sum(p.name.startswith("qemu") for p in terminal.processes()) == 2,
        "a second guest for the gates",
        30,
    )
    return terminal.processes()


def test_ctrl_c_while_pursuing(program: Program) -> None:
    with live(program) as terminal:
        running = in_trial(terminal)
        terminal.keys("C-c")
        assert_left_well(terminal, 0, running)


def test_closed_terminal_ends_everything(program: Program) -> None:
    with live(program) as terminal:
        running = in_trial(terminal)
        terminal.close()
        assert not left_after(running, 5)


def test_without_a_terminal(program: Program) -> None:
    ended = program.run()
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("schedtui: the screen needs a terminal")
    assert ended.err.count("\n") == 1
