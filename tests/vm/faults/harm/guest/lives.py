"""Ends and lives of schedulers: what kills them, what does not, and what the record says then."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schedtui.node.attachment import AttachError
from tests.vm.faults.harm.guest import people, scx
from tests.vm.faults.harm.guest.loader import (
    Rogue,
    by_the_node,
    in_charge,
    loader_process,
    refusal,
)
from tests.vm.faults.harm.guest.seen import Seen, seen
from tests.vm.faults.harm.guest.serving import client_gone

_FIFO: Final = "plain_fifo"
_ESCAPES: Final = b"\x1b]0;x\x07\x1b[31m"
_RELOADS: Final = 30


def second_scheduler() -> Seen:
    """F44: a second one while one is active."""
    second = Rogue("F66h")
    with in_charge(_FIFO):
        answer = refusal(second.attach)
        return seen(answer=answer, still=scx.name())


def link_update() -> Seen:
    """F45: another scheduler behind the same link."""
    first, second = Rogue(_FIFO), Rogue("F66h")
    link = first.attach()
    scx.wait_for("enabled", 3)
    answer, still = second.swap(link), scx.name()
    link.close()
    scx.wait_for("disabled", 3)
    return seen(answer=answer, still=still)


def two_in_one_object() -> Seen:
    """F46: the kernel takes the first of two, a loader that attaches all hears a refusal."""
    rogue = Rogue("F46h")
    links = [rogue.maps[0].attach_struct_ops()]
    scx.wait_for("enabled", 3)
    answer, still = refusal(rogue.maps[1].attach_struct_ops), scx.name()
    links[0].close()
    scx.wait_for("disabled", 3)
    return seen(maps=len(rogue.maps), answer=answer, still=still)


def loader_killed() -> Seen:
    """F81: the link dies with its holder."""
    with loader_process(_FIFO) as pid:
        os.kill(pid, signal.SIGKILL)
        return seen(gone_s=scx.wait_for("disabled", 5))


def loader_stopped() -> Seen:
    """F84: a loader that stands still keeps its scheduler in charge."""
    with loader_process(_FIFO) as pid:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(1)
        stopped = scx.name()
        os.kill(pid, signal.SIGKILL)
        return seen(stopped=stopped, gone_s=scx.wait_for("disabled", 5))


def cpu_offline() -> Seen:
    """F85: the kernel ends a scheduler that does not know hotplug, and says it may come back."""
    switch = Path("/sys/devices/system/cpu/cpu1/online")
    with in_charge(_FIFO) as rogue:
        try:
            switch.write_text("0")
            _, kind, code, _ = rogue.ending(3)
        finally:
            switch.write_text("1")
        return seen(kind=kind, code=hex(code))


def emergency_keys() -> Seen:
    """F86: SysRq-D changes nothing, SysRq-S ends it."""
    with in_charge(_FIFO) as rogue:
        scx.sysrq("D")
        time.sleep(0.3)
        after_dump = scx.name()
        scx.sysrq("S")
        took, kind, _, _ = rogue.ending(3)
        return seen(after_dump=after_dump, kind=kind, gone_s=took)


def no_exit_operation() -> Seen:
    """F87: without an exit operation only the kernel log knows why it ended."""
    log = scx.KernelLog()
    rogue = Rogue("F87h")
    with people.person(b"busy", people.spin):
        link = rogue.attach()
        took = scx.wait_for("disabled", 5)
        link.close()
    told = log.first("runnable task stall")
    return seen(gone_s=took, told=told, maps=" ".join(each.name for each in rogue.opened.maps))


def reloads() -> Seen:
    """F88: thirty attachments by the node's own way, one after the other."""
    before, started = scx.enable_seq(), time.monotonic()
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts, opens no path object
    for _ in range(_RELOADS):
        by_the_node(_FIFO).detach()
    left = len(os.listdir("/proc/self/fd")) - files  # noqa: PTH208
    return seen(
        grown=scx.enable_seq() - before,
        files_left=left,
        state=scx.state(),
        seconds=time.monotonic() - started,
    )


def escapes_in_a_name() -> Seen:
    """F90: the kernel hands a process name through raw; the node makes it plain."""
    name = "F90h"
    with people.person(_ESCAPES, people.spin):
        with in_charge(name, watchdog_ms=1000) as rogue:
            raw = rogue.ending(4)[3]
        attachment = by_the_node(name, watchdog_ms=1000)
        scx.wait_for("disabled", 4)
        record = attachment.exit_record()
        attachment.detach()
    message = record.message if record else ""
    # Hexadecimal, or the channel itself would have to be trusted with the bytes.
    return seen(raw=raw.hex(), message=message.encode().hex())


def total_stall() -> Seen:
    """F91: while nobody is scheduled, a real-time watcher goes on and an ordinary one does not."""
    gaps, own = people.Gaps(), 0.0
    with people.person(b"ordinary", gaps.life), in_charge("F61a", watchdog_ms=1000) as rogue:
        before, deadline = time.monotonic(), time.monotonic() + 4
        while scx.state() == "enabled" and time.monotonic() < deadline:
            time.sleep(0.005)
            own, before = max(own, time.monotonic() - before), time.monotonic()
        _, kind, _, _ = rogue.ending(2)
        time.sleep(0.2)
        return seen(kind=kind, ordinary_ms=gaps.longest_ms(), realtime_ms=own * 1000)


def taken_between() -> Seen:
    """F92: somebody else attaches between our stop and our start."""
    before = scx.enable_seq()
    by_the_node(_FIFO).detach()
    with loader_process("F66h"):
        try:
            by_the_node(_FIFO).detach()
        except AttachError as error:
            refused = str(error)
        else:
            refused = ""
        return seen(refused=refused, still=scx.name(), grown=scx.enable_seq() - before)


def taken_over() -> Seen:
    """F92: ours is ended from outside and another takes its place: ours knows."""
    ours = by_the_node(_FIFO)
    scx.sysrq("S")
    scx.wait_for("disabled", 3)
    with loader_process("F66h"):
        said, still = ours.check(), scx.name()
        ours.detach()
        return seen(said=said, still=still, after=scx.name())


LIVES: Final[dict[str, Callable[[], Seen]]] = {
    deed.__name__: deed
    for deed in (
        *(second_scheduler, link_update, two_in_one_object, loader_killed, loader_stopped),
        *(cpu_offline, emergency_keys, no_exit_operation, reloads, escapes_in_a_name),
        *(total_stall, taken_between, taken_over, client_gone),
    )
}
