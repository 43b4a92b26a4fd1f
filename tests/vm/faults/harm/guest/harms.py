"""Harm that the kernel's verifier allows: each is done here, with every gate of ours off."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.vm.faults.harm.guest import people, scx
from tests.vm.faults.harm.guest.loader import Rogue, in_charge, loader_process, refusal
from tests.vm.faults.harm.guest.seen import Seen, seen

_VICTIM: Final = b"victim"
_PYTHON: Final = "/usr/bin/python3.11"
_SPLATS: Final = ("WARNING:", "BUG:", "allocation failure", "vmalloc error")


def _killed_by(name: str) -> Seen:
    with people.person(_VICTIM, people.spin) as pid, in_charge(name) as rogue:
        fate = people.fate(pid, 4)
        return seen(fate=fate, state=scx.state(), kind=rogue.exit()[0])


def kill_by_kfunc() -> Seen:
    """SIGKILL by bpf_send_signal_task."""
    return _killed_by("F75h")


def kill_by_helper() -> Seen:
    """SIGKILL by helper 109."""
    return _killed_by("F75i")


def read_environment() -> Seen:
    """The secret in another process's environment ends up in a map."""
    secret = f"SECRET={secrets.token_hex(16)}"

    def life() -> None:
        renamed = "import os\nopen('/proc/self/comm', 'w').write('victim')\n"
        # It ends by itself when its parent is killed.
        renamed += "while os.getppid() != 1: pass"
        name, _, value = secret.partition("=")
        subprocess.run([_PYTHON, "-I", "-c", renamed], env={name: value}, check=False)

    with people.person(b"parent", life), in_charge("F76h") as rogue:
        stolen, deadline = b"", time.monotonic() + 5
        while secret.encode() not in stolen and time.monotonic() < deadline:
            time.sleep(0.05)
            stolen = rogue.opened.map(".data.stolen").lookup_index(0)
        return seen(found=secret.encode() in stolen, state=scx.state(), kind=rogue.exit()[0])


def refuse_forks() -> Seen:
    """One process cannot make children, and the kernel calls the scheduler healthy."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def life() -> None:
        while True:
            try:
                child = os.fork()
            except OSError:
                os.write(writer, b"-")
            else:
                if child == 0:
                    os._exit(0)
                os.waitpid(child, 0)
                os.write(writer, b"+")
            time.sleep(0.02)

    with people.person(_VICTIM, life):
        before = _told(reader)
        with in_charge("F77h") as rogue:
            # A fork that began before may still succeed.
            time.sleep(0.2)
            os.read(reader, 65536)
            during, state, kind = _told(reader), scx.state(), rogue.exit()[0]
    refused, allowed = during.count(b"-"), during.count(b"+")
    return seen(before=before.count(b"+"), refused=refused, allowed=allowed, state=state, kind=kind)


def _told(reader: int) -> bytes:
    time.sleep(0.6)
    return os.read(reader, 65536)


def hidden_programs() -> Seen:
    """Programs of other kinds load beside a scheduler, and act once attached."""
    with in_charge("F32h") as rogue:
        loaded = [program.section for program in rogue.opened.programs if program.fd >= 0]
        link = rogue.opened.program("count_switches").attach()
        time.sleep(0.3)
        raw = rogue.opened.map(".data.watched").lookup_index(0)
        link.close()
        switches = int.from_bytes(raw[:8], "little")
        return seen(loaded=" ".join(sorted(loaded)), switches=switches, state=scx.state())


def _attach_outcome(name: str) -> Seen:
    log = scx.KernelLog()
    rogue = Rogue(name)
    answer = refusal(lambda: rogue.attach().close())
    time.sleep(0.2)
    return seen(attach=answer, splat=log.first(*_SPLATS), state=scx.state())


def batch_int_max() -> Seen:
    """dispatch_max_batch is the size of an allocation that nobody checks."""
    return _attach_outcome("F43h")


def dump_two_gib() -> Seen:
    """exit_dump_len is the size of another one."""
    return _attach_outcome("F42h")


def panic() -> Seen:
    """The same batch brings a machine down that panics on warnings. Does not come back."""
    Path("/proc/sys/kernel/panic_on_warn").write_text("1")
    return _attach_outcome("F43h")


def legacy_section() -> Seen:
    """A scheduler without a link outlives its loader."""
    with loader_process("F83h") as pid:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        time.sleep(0.5)
        survived = scx.name()
        scx.sysrq("S")
        return seen(survived=survived, gone_s=scx.wait_for("disabled", 3))


def pinned_link() -> Seen:
    """A pinned link outlives its loader too, until its name is removed."""
    pin = Path("/sys/fs/bpf/pinned")
    with loader_process("plain_fifo", str(pin)) as pid:
        deadline = time.monotonic() + 2
        while not pin.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        time.sleep(0.5)
        survived = scx.name()
        pin.unlink()
        return seen(survived=survived, gone_s=scx.wait_for("disabled", 3))


def time_bomb() -> Seen:
    """All is well for longer than a short trial lasts, then nobody runs."""
    gaps = people.Gaps()
    with people.person(_VICTIM, gaps.life), in_charge("F64a", watchdog_ms=1000) as rogue:
        started = time.monotonic()
        time.sleep(3)
        state, longest = scx.state(), gaps.longest_ms()
        _, kind, _, _ = rogue.ending(5)
        struck = time.monotonic() - started
        return seen(state=state, longest_ms=longest, struck_s=struck, kind=kind)


def cpu_count_bomb() -> Seen:
    """All is well on two CPUs, nobody runs on four."""
    gaps = people.Gaps()
    with people.person(_VICTIM, gaps.life), in_charge("F65a", watchdog_ms=1000) as rogue:
        took, kind, _, _ = rogue.ending(2.5)
        return seen(seconds=took, kind=kind, cpus=os.cpu_count() or 0)


def delay_below_the_watchdog() -> Seen:
    """A victim waits a second and a half again and again, and the kernel sees nothing."""
    gaps = people.Gaps()
    with people.person(_VICTIM, gaps.life), in_charge("F66h", watchdog_ms=5000) as rogue:
        time.sleep(4)
        return seen(longest_ms=gaps.longest_ms(), state=scx.state(), kind=rogue.exit()[0])


def partial() -> Seen:
    """A sound partial canary beside saturating default load: before 7.0 it is thrown out."""

    def life() -> None:
        scx.become_ext()
        people.spin()

    with people.crowd(8), people.person(_VICTIM, life), in_charge("F89h") as rogue:
        took, kind, _, message = rogue.ending(5)
        return seen(seconds=took, kind=kind, message=message.decode("ascii", "replace"))


HARMS: Final[dict[str, Callable[[], Seen]]] = {
    deed.__name__: deed
    for deed in (
        *(kill_by_kfunc, kill_by_helper, read_environment, refuse_forks, hidden_programs),
        *(batch_int_max, dump_two_gib, legacy_section, pinned_link, time_bomb),
        *(cpu_count_bomb, delay_below_the_watchdog, partial, panic),
    )
}
