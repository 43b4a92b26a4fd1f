"""The real workload programs, copied for each test run to where an unprivileged user may go."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from schedtui.target.sandbox.places import sub_dir
from schedtui.toolchain.native import build
from tests.processes import living

Metrics = dict[str, float]
"""Figures of a report by name."""

Brief = Callable[..., Metrics]
"""``briefly`` for one program."""

_BRIEF_S: Final = (0.5, 2.0, 6.0)  # the first quarter of a second is warm-up
_START_S: Final = 5.0
_USAGE: Final = 2


@functools.cache
def workload_programs() -> Path:
    """Return the folder with the built programs; removed when the test run ends."""
    folder = tempfile.TemporaryDirectory(prefix="schedtui-programs-")
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    root.chmod(0o755)
    # Built where the sandbox has them too: building them takes most of a minute of computing.
    for name, path in asyncio.run(build(sub_dir("workloads"), lambda _: None)).items():
        shutil.copy(path, root / name)
    return root


def lines_of(programs: Path, name: str, *args: str, **more: Any) -> list[dict[str, Any]]:
    """Return all reports of a program that must end well; ``more`` goes to ``subprocess.run``."""
    done = subprocess.run(
        [programs / name, "--json", *args], capture_output=True, timeout=30, check=True, **more
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def final(programs: Path, name: str, *args: str, **more: Any) -> Metrics:
    """Return the figures of the whole run."""
    *seconds, last = lines_of(programs, name, *args, **more)
    assert last["kind"] == "final"
    assert all(line["kind"] == "second" for line in seconds)
    metrics: Metrics = last["metrics"]
    return metrics


@contextlib.contextmanager
def running(
    programs: Path, name: str, *args: str, one_cpu: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs until told to end, in a process group of its own."""
    with subprocess.Popen(
        [programs / name, "--json", "--hold", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            if one_cpu:  # it waits for a byte, so all that it starts will be bound as well
                os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
            assert process.stdin is not None
            process.stdin.write(b"\n")
            process.stdin.flush()
            yield process
        finally:
            process.kill()


def briefly(
    programs: Path, name: str, *args: str, one_cpu: bool = False, figures: Sequence[str] = ()
) -> Metrics:
    """Return the figures of a run that is told to end half a second after it has begun.

    A machine may stand still that long: when one of ``figures`` is 0 or is missing, for want of
    anything to measure, another run gets more time.
    """
    seen: Metrics = {}
    for seconds in _BRIEF_S:
        with running(programs, name, *args, one_cpu=one_cpu) as process:
            _await_tasks(process)
            time.sleep(seconds)
            process.terminate()
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 0, out
        last = json.loads(out.splitlines()[-1])
        assert last["kind"] == "final"
        seen = last["metrics"]
        if all(seen.get(figure) for figure in figures):
            break
    return seen


def _await_tasks(process: subprocess.Popen[bytes]) -> None:
    threads = Path(f"/proc/{process.pid}/task")
    soon(lambda: sum(1 for _ in threads.iterdir()) > 1 or bool(group_of(process)), _START_S)


def is_refused(programs: Path, name: str, *args: str) -> bool:
    """Tell whether a program refuses its options at once and explains them."""
    done = subprocess.run([programs / name, *args], capture_output=True, timeout=30, check=False)
    return done.returncode == _USAGE and b"--names" in done.stderr and not done.stdout


def compared_again(test: Callable[..., None]) -> Callable[..., None]:
    """Let a test compare two runs up to three times: a busy machine may spoil one of them."""

    @functools.wraps(test)
    def again(*args: Any, **more: Any) -> None:
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                return test(*args, **more)
        return test(*args, **more)

    return again


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Tell whether a condition comes to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.01)
    return condition()


def group_of(process: subprocess.Popen[bytes]) -> dict[int, str]:
    """Return the name of each live process in the group of a running program, but its own."""
    members = (each for each in living() if each.group == process.pid != each.pid)
    return {each.pid: each.name for each in members}
