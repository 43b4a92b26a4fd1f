"""Runs the built-in workloads on the node: as a load to look at, or for one measured window.

A workload is a program of ours in one known folder, started without a shell, without
privileges, with limits and in a process group of its own. What it says is still treated as
foreign: lines are bounded, and whatever is not a report is ignored and counted.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import selectors
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from schedtui.model.telemetry import LoadReport
from schedtui.model.text import safe_text
from schedtui.node.aftermath import put_right
from schedtui.node.load_output import Metrics, ReportLines

_NAME: Final = re.compile(r"[a-z0-9_]{1,30}")
_ARGUMENT: Final = re.compile(
    r"--?[a-zA-Z][a-z0-9-]{0,15}|[0-9]{1,9}|[0-9]{1,3}\.[0-9]{1,3}|[a-z][a-z0-9_-]{0,14}"
    r"|[a-z0-9][a-z0-9-]{0,14}(,[a-z0-9][a-z0-9-]{0,14}){1,2}"
)
_IN_GUEST: Final = "--guest"

COMMAND: Final = "command"
"""The workload that runs a person's own command: its arguments are whatever that command takes."""

_MOST_COMMAND_WORDS: Final = 256
_MOST_COMMAND_BYTES: Final = 32 << 10
_COMMAND_FILE_BYTES: Final = 64 << 20
_MOST_ARGUMENTS: Final = 32
_READS_AT_ONCE: Final = 16
_END_S: Final = 0.5
_REAP_S: Final = 0.3
_LONGEST_WINDOW_S: Final = 600.0
_LIMITS: Final = (
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_NOFILE, 4096),
    (resource.RLIMIT_AS, 2 << 30),
    (resource.RLIMIT_RTPRIO, 0),
)
_PROCESS_LIMIT: Final = 1024


class LoadError(Exception):
    """A load could not be started or gave no result. The text is a sentence for people."""


class LoadRunner:
    """Keeps at most one load running, and runs windows to their end.

    Args:
        directory: Folder that holds the workload programs and nothing else.
        uid: User and group that they run as when this process is root; None: stay as is.
        cgroup_root: Where cgroup v2 may be mounted; loads then live in its folder ``load``.
        rooted: The workloads that keep root. For a guest only, which is thrown away and holds
            nothing of anybody's; they are told so, and what a killed one leaves is put right.

    ``start`` and ``run_to_end`` must be called from threads that live as long as the node: the
    kernel ends a load together with the thread that started it. All methods may be called from
    different threads; ``report``, ``pause`` and ``resume`` never block.
    """

    def __init__(
        self,
        directory: Path,
        uid: int | None,
        cgroup_root: Path = Path("/sys/fs/cgroup"),
        rooted: frozenset[str] = frozenset(),
    ) -> None:
        self._directory = directory
        self._uid = uid
        self._cgroup_root = cgroup_root
        self._rooted = rooted
        self._lock = threading.Lock()
        self._load: _Program | None = None
        self._orders = 0

    @property
    def ignored_lines(self) -> int:
        """Lines of the current load that were not reports."""
        load = self._load
        return load.ignored if load else 0

    def start(self, name: str, args: tuple[str, ...]) -> None:
        """Start the workload ``name`` as the load, ending the one that runs. Raises LoadError."""
        if name in self._rooted:
            raise LoadError(f"{name} is measured to its end, it is no load")
        path = self._checked(name, args)
        order = self._end_current()
        program = self._launch(name, path, args)
        with self._lock:
            if self._orders == order:
                self._load = program
                return
        program.end()
        raise LoadError(f"{name} was stopped while it was being started")

    def stop(self) -> None:
        """End the load within about half a second; nothing happens when none runs."""
        self._end_current()

    def pause(self) -> None:
        """Freeze the load where it stands. Raises LoadError when none runs."""
        self._running().freeze(paused=True)

    def resume(self) -> None:
        """Let a paused load go on. Raises LoadError when none runs."""
        self._running().freeze(paused=False)

    def report(self) -> LoadReport | None:
        """Return what the load last said of itself, or None when there is no load."""
        load = self._load
        return load.report() if load else None

    def run_to_end(self, name: str, args: tuple[str, ...], timeout_s: float) -> Metrics:
        """Run the workload ``name`` and return its final metrics.

        Raises:
            LoadError: It cannot be started, ended without a result, or took longer than
                ``timeout_s`` seconds.
        """
        if not 0 < timeout_s <= _LONGEST_WINDOW_S:
            raise LoadError(f"a window takes between 0 and {_LONGEST_WINDOW_S:g} s")
        program = self._launch(name, self._checked(name, args), args)
        try:
            return program.final(timeout_s)
        finally:
            program.end()
            if name in self._rooted:
                put_right(self._cgroup_root)

    def _end_current(self) -> int:
        """Take the load away and end it; returns the number of this order."""
        with self._lock:
            self._orders += 1
            order = self._orders
            load, self._load = self._load, None
        if load is not None:
            load.end()
        return order

    def _running(self) -> _Program:
        load = self._load
        if load is None or load.has_ended():
            raise LoadError("no load is running")
        return load

    def _checked(self, name: str, args: tuple[str, ...]) -> Path:
        if not _NAME.fullmatch(name) or not (self._directory / name).is_file():
            raise LoadError(f"there is no workload called {safe_text(name, 40)}")
        if name == COMMAND:
            _check_command(args)
            return self._directory / name
        refused = [arg for arg in args if not _ARGUMENT.fullmatch(arg)]
        if refused:
            raise LoadError(f"a workload does not take the option {safe_text(refused[0], 40)}")
        if len(args) > _MOST_ARGUMENTS:
            raise LoadError(f"a workload takes at most {_MOST_ARGUMENTS} options")
        return self._directory / name

    def _launch(self, name: str, path: Path, args: tuple[str, ...]) -> _Program:
        rooted = name in self._rooted
        dropped = self._uid if os.geteuid() == 0 and not rooted else None
        ours = ["--json", "--hold", *([_IN_GUEST] if rooted else [])]
        # A command's own words come last, behind everything that is said to us.
        command = [str(path), *((*ours, *args) if name == COMMAND else (*args, *ours))]
        try:
            process = _started(command, dropped)
        except OSError as error:
            raise LoadError(f"{name} cannot be started: {error.strerror}") from error
        # The program waits for a byte, so nothing of it runs before its limits are set.
        _limit(process.pid, own_user=dropped is not None, writes=name == COMMAND)
        self._join_cgroup(process.pid)
        return _Program(name, process)

    def _join_cgroup(self, pid: int) -> None:
        folder = self._cgroup_root / "load"
        if not (self._cgroup_root / "cgroup.controllers").exists():
            return
        with contextlib.suppress(OSError):  # a comfort for looking at cgroups, not a need
            folder.mkdir(exist_ok=True)
            (folder / "cgroup.procs").write_text(str(pid))


class _Program:
    """One started workload and what it has said so far."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - both were asked for as pipes
        assert process.stdout is not None  # noqa: S101
        self._name = name
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._lines = ReportLines()
        self._paused = False
        self._over = False
        self._lock = threading.RLock()
        os.set_blocking(self._stdout.fileno(), False)
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(b"\n")

    @property
    def ignored(self) -> int:
        return self._lines.ignored

    def report(self) -> LoadReport:
        if self._lock.acquire(blocking=False):  # else another thread is ending it just now
            try:
                if not self._over:
                    self._read()
                if self.has_ended():
                    self.end()
            finally:
                self._lock.release()
        metrics = self._lines.final or self._lines.second
        return LoadReport(self._name, not self._over, self._paused, metrics)

    def freeze(self, *, paused: bool) -> None:
        self._signal(signal.SIGSTOP if paused else signal.SIGCONT)
        self._paused = paused

    def final(self, timeout_s: float) -> Metrics:
        deadline = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while self._lines.final is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise LoadError(f"{self._name} did not finish within {timeout_s:g} s")
                if selector.select(left) and not self._read():
                    break
        if self._lines.final is None:
            words = self._lines.last_words or "it said nothing"
            raise LoadError(f"{self._name} ended without a result: {words}")
        return self._lines.final

    def has_ended(self) -> bool:
        """Look without reaping: a zombie keeps its process group from being someone else's."""
        if self._over:
            return True
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self._process.pid, options) is not None
        except ChildProcessError:
            return True

    def end(self) -> None:
        with self._lock:
            if self._over:
                return
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)  # a paused program could not end in order
            self._wait(_END_S)
            self._signal(signal.SIGKILL)
            self._wait(_END_S)
            self._read()
            self._over = True
            self._process.poll()
            _reap_group(self._process.pid)
            self._stdout.close()
            with contextlib.suppress(BrokenPipeError):
                self._stdin.close()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.has_ended() and time.monotonic() < deadline:
            time.sleep(0.005)

    def _signal(self, number: int) -> None:
        if self._over:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read(self) -> bool:
        """Take what is there, never more than a bounded amount; False at the end of output."""
        for _ in range(_READS_AT_ONCE):
            try:
                data = os.read(self._stdout.fileno(), 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._lines.feed(data)
        return True


def _started(command: list[str], dropped: int | None) -> subprocess.Popen[bytes]:
    groups: list[int] | None = [] if dropped is not None else None
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env={},
        start_new_session=True,
        user=dropped,
        group=dropped,
        extra_groups=groups,
    )


def _check_command(args: tuple[str, ...]) -> None:
    long = sum(len(arg.encode("utf-8", "surrogateescape")) + 1 for arg in args)
    if len(args) > _MOST_COMMAND_WORDS or long > _MOST_COMMAND_BYTES or "\0" in "".join(args):
        raise LoadError(
            f"a command has at most {_MOST_COMMAND_WORDS} words, {_MOST_COMMAND_BYTES} bytes and "
            "no null byte"
        )


def _limit(pid: int, *, own_user: bool, writes: bool) -> None:
    limits = dict(_LIMITS)
    if writes:
        limits[resource.RLIMIT_FSIZE] = _COMMAND_FILE_BYTES
    if own_user:  # a person's own processes would be counted too
        limits[resource.RLIMIT_NPROC] = _PROCESS_LIMIT
    for kind, most in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, kind, (most, most))


def _reap_group(group: int) -> None:
    """Reap what is left of a group; orphans become children of a first process of a system."""
    deadline = time.monotonic() + _REAP_S
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-group, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.005)
