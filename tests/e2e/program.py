"""The program under test: how it is started, with files of its own and the user's sandbox."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "HOME", "XDG_CACHE_HOME", "SCHEDTUI_DEBUG")


@dataclass(frozen=True, slots=True)
class Ended:
    """One finished call."""

    code: int
    out: str
    err: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Program:
    """Starts schedtui, always with the same surroundings."""

    state: Path
    """Folder for the state of the program."""
    prefix: tuple[str, ...] = ()
    """Command that puts it into a network of its own, empty where that is not allowed."""

    def arguments(self, *given: str) -> list[str]:
        """Return the whole argument vector."""
        return [*self.prefix, sys.executable, "-m", "schedtui", *given]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the whole environment; the cache with the prepared sandbox is the user's."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        own = {
            "XDG_STATE_HOME": str(self.state / "state"),
            "XDG_RUNTIME_DIR": str(self.state / "run"),
            "XDG_CONFIG_HOME": str(self.state / "config"),
            "XDG_DATA_HOME": str(self.state / "data"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(HERE),
        }
        return passed | own | more

    def start(self, *given: str, **more: str) -> subprocess.Popen[str]:
        """Start it without a terminal; all three streams are pipes or nothing."""
        return subprocess.Popen(
            self.arguments(*given), env=self.environment(**more), cwd=self.state, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *given: str, seconds: float = 60, **more: str) -> Ended:
        """Run it to its end."""
        began = time.monotonic()
        with self.start(*given, **more) as process:
            out, err = finished(process, seconds)
        return Ended(process.returncode, out, err, time.monotonic() - began)


def finished(process: subprocess.Popen[str], seconds: float) -> tuple[str, str]:
    """Return all that is still to come of both streams; kills what does not end in time."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextlib.contextmanager
def own_network() -> Iterator[tuple[str, ...]]:
    """Yield a command prefix that enters a network nobody else is in.

    Sessions are reached by an abstract socket, whose name belongs to a network: without this, a
    session that the user runs at the same time would answer. Only root may make one; for others
    the prefix is empty.
    """
    if os.geteuid() != 0:
        yield ()
        return
    with subprocess.Popen(["unshare", "--net", "--", "sleep", "infinity"]) as holder:
        try:
            entered = _entered(holder)
            path = f"--net=/proc/{holder.pid}/ns/net"
            yield ("nsenter", path, "--") if entered else ()
        finally:
            holder.kill()


def _entered(holder: subprocess.Popen[bytes]) -> bool:
    """Wait until ``holder`` is in its network; False when it is not allowed one."""
    theirs, ours = Path(f"/proc/{holder.pid}/ns/net"), Path("/proc/self/ns/net").readlink()
    while holder.poll() is None:
        if theirs.readlink() != ours:
            return True
        time.sleep(0.01)
    return False
