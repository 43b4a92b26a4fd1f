"""Starts an external scheduler, proves that it is in charge, watches it and ends it.

It loads and attaches itself, so nothing here depends on what it says: in charge means that the
kernel is ``enabled``, shows a name of its kind and has counted exactly one more enable. Its links
die with its process; the way back never forks, starts a thread or opens a file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

from schedtui.model.external import Manifest, read_manifest
from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import ExitRecord, SchedulerState
from schedtui.model.text import safe_lines, safe_name, safe_text
from schedtui.model.wire import WireError
from schedtui.node.attachment import DETACH_S, AttachError
from schedtui.node.brought import Brought
from schedtui.node.endings import Endings
from schedtui.node.kernel_log import open_kernel_log
from schedtui.node.kernel_state import read_state
from schedtui.node.kernel_ticks import describe_kernel
from schedtui.node.kernel_watch import KernelWatch, NoSchedExtError
from schedtui.node.preparing import Admitted, ParameterError

STARTED_S: Final = 60.0
"""How long it may take from its start to enabled, in seconds: it has the verifier read it all."""
_ORDERLY_S: Final = 0.5
"""How long it may take to end by itself."""
_EXIT_S: Final = 0.5
_POLL_S: Final = 0.02
_PIECE: Final = 1 << 16
_KEPT_BYTES: Final = 4096
_MOST_LINES: Final = 200
_WORDS_LINES: Final = 5
"""Errors of Rust say what went wrong first and why below."""
_WORDS_LENGTH: Final = 300
_ENVIRONMENT: Final = {"PATH": "/usr/bin", "LC_ALL": "C", "NO_COLOR": "1"}


def start_program(admitted: Admitted, brought: Brought) -> Running:
    """Start what was admitted and prove that it is in charge.

    Raises AttachError or Refused; nothing of it runs then.
    """
    try:
        manifest = read_manifest(admitted.data)
        brought.require(manifest.files)
        watch = KernelWatch.open()
    except (WireError, NoSchedExtError) as error:
        raise AttachError(str(error)) from error
    if watch.state() != b"disabled":
        watch.close()
        raise AttachError("another scheduler is attached")
    before = watch.enable_seq()
    # Opened first: what the kernel says of its end must not be missed.
    endings = Endings(open_kernel_log())
    try:
        describe_kernel(os.uname().release)
        process = _started(_command(manifest, brought.folder))
    except OSError as error:
        watch.close()
        raise AttachError(f"it cannot be started: {error.strerror}") from error
    running = Running(process, manifest, watch, endings, before + 1)
    running.prove(admitted.name)
    return running


def _command(manifest: Manifest, folder: Path) -> list[str]:
    program = str(folder / manifest.program)
    if not manifest.linker:
        return [program, *manifest.arguments]
    # Its own linker and libraries: those of this machine may be older.
    linker = [str(folder / manifest.linker), "--library-path", str(folder)]
    return [*linker, program, *manifest.arguments]


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=_ENVIRONMENT,
        start_new_session=True,
    )


class Running:
    """An external scheduler and the process that holds its links."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        manifest: Manifest,
        watch: KernelWatch,
        endings: Endings,
        enable_seq: int,
    ) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        self.name = ""
        """As the kernel shows it."""
        self.enable_seq = enable_seq
        """The kernel's enable counter while it is in charge."""
        self._process = process
        self._manifest = manifest
        self._output = process.stdout
        self._said = b""
        self._watch = watch
        self._endings = endings
        self._record: ExitRecord | None = None
        self._detached = False
        os.set_blocking(self._output.fileno(), False)

    def prove(self, admitted: str) -> None:
        """Wait until the kernel has it in charge. Raises AttachError; it is then ended.

        ``admitted`` is the name that the token is for: the whole one, or how it begins.
        """
        deadline = time.monotonic() + STARTED_S
        trouble: str | None = ""
        while trouble == "":
            time.sleep(_POLL_S)
            self._listen()
            late = time.monotonic() > deadline
            trouble = self._trouble(read_state(), admitted, late=late)
        if trouble is None:
            return
        self.detach()
        words = self._why(self._record) or self._last_words()
        raise AttachError(f"{trouble} ({words})" if words else trouble, self._record)

    def _trouble(self, state: SchedulerState, admitted: str, *, late: bool) -> str | None:
        """Return why it will not be in charge, empty while that is open, None when it is."""
        if state.enable_seq > self.enable_seq:
            return "another scheduler has taken over"
        # The kernel counts an enable a moment after it says so.
        counted = state.enable_seq == self.enable_seq
        if counted and state.state == "enabled" and state.ops and not self._has_ended():
            names = {state.ops, self._manifest.kernel_name}
            if not self._is_it(state.ops) or admitted not in names:
                return f"the kernel shows {state.ops}, which was not admitted"
            self.name = state.ops
            return None
        if counted or self.exit_record() is not None:
            return "the kernel did not keep it" if state.state == "disabled" else ""
        if self._has_ended():
            return "it ended before the kernel had enabled it"
        return f"the kernel did not enable it within {STARTED_S:g} s" if late else ""

    def check(self) -> str:
        """Return why it is not in charge any more, empty while it is."""
        if self._detached:
            return "it was detached"
        self._listen()
        state = self._watch.state()
        if state != b"enabled":
            # The kernel writes its log a moment before it is back on its own scheduler.
            self._watch.wait_disabled(_EXIT_S)
            why = self._why(self.exit_record())
            return why or f"sched_ext is {safe_text(state)}"
        if self._watch.enable_seq() != self.enable_seq:
            return "another scheduler has taken over"
        return ""

    def set_live(self, parameters: Parameters) -> Parameters:
        """Refuse: its options are given when it is started. Raises ParameterError."""
        names = ", ".join(safe_name(name) for name, _ in parameters)
        raise ParameterError(f"an external scheduler has no live parameters such as {names}")

    def exit_record(self) -> ExitRecord | None:
        """Return why the kernel ended it, None while it has not."""
        whole = self._record is not None and self._record.message
        if not self._detached and not whole:
            self._record = self._endings.of(self._is_it)
        return self._record

    def detach(self) -> None:
        """End it and give the kernel back to its own scheduler. Doing it again does nothing.

        It is asked first, then killed; when that is not enough, the kernel's own emergency key is
        used. Takes at most about ``_ORDERLY_S`` + 2 * ``DETACH_S`` seconds.
        """
        if self._detached:
            return
        self._signal(signal.SIGINT)
        self._wait_ended(_ORDERLY_S)
        self._signal(signal.SIGKILL)
        # The key ends whatever schedules: never that of somebody who took over meanwhile.
        if self._in_our_time() and not self._watch.wait_disabled(DETACH_S) and self._in_our_time():
            self._watch.disable_by_sysrq()
            self._watch.wait_disabled(DETACH_S)
        self._wait_ended(_EXIT_S)
        self.exit_record()
        self._listen()
        self._detached = True
        self._process.poll()
        self._output.close()
        self._watch.close()

    def _is_it(self, name: str) -> bool:
        """Tell whether the kernel calls this one ``name``; until it shows one, any of its kind."""
        return name == self.name if self.name else self._manifest.shows(name)

    def _in_our_time(self) -> bool:
        return self._watch.enable_seq() <= self.enable_seq

    def _wait_ended(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._has_ended() and time.monotonic() < deadline:
            self._listen()
            time.sleep(_POLL_S)

    def _has_ended(self) -> bool:
        """Look without reaping: a zombie keeps its process group from being someone else's."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self._process.pid, options) is not None
        except ChildProcessError:
            return True

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _listen(self) -> None:
        """Take what it has said, so that it is never held up by a full pipe; keep the newest."""
        with contextlib.suppress(OSError):
            self._said = (self._said + os.read(self._output.fileno(), _PIECE))[-_KEPT_BYTES:]

    def _last_words(self) -> str:
        lines = [line.strip() for line in safe_lines(self._said, _MOST_LINES) if line.strip()]
        return safe_text(" / ".join(lines[-_WORDS_LINES:]), _WORDS_LENGTH)

    def _why(self, record: ExitRecord | None) -> str:
        if record is None:
            return ""
        words = ": ".join(filter(None, (record.reason, record.message)))
        return f"the kernel ended it: {words}"
