"""What ``make`` calls: set the machine up as far as it goes, then start what was asked for."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from setup.checks import CHECKS
from setup.host import Host, RealHost, Show
from setup.steps import Steps

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
MISSING = 3

PROGRAMS = {
    "run": ("-m", "schedtui"),
    "test": ("-m", "pytest", "-n", "2", "--no-loadscope-reorder"),
    "bench": ("-m", "tests.perf"),
    "bench-verify": ("-m", "tests.perf.verify"),
    "bench-policies": ("-m", "tests.perf.policies"),
    "screenshots": ("-m", "tests.e2e.screenshots"),
}
"""What each verb becomes once everything is ready."""


def bring_up(steps: Steps, verb: str, arguments: Sequence[str]) -> int:
    """Set up for ``verb`` and start it; returns an exit code when it cannot be started."""
    dev = verb != "run"
    if not _installed(steps, tests=verb == "test") and not _go_on(steps, dev=dev):
        return _without_environment(steps)
    if verb == "check":
        return _with_tools(steps, verb)
    with ThreadPoolExecutor(1) as beside:
        tools = beside.submit(_with_tools, steps, verb) if dev else None
        ready = steps.sandbox()
    if tools and (code := tools.result()):
        return code
    if not ready and dev:
        steps.host.say("the sandbox is not ready, so this cannot run")
        return MISSING
    return steps.host.become([str(steps.python), *PROGRAMS[verb], *arguments])


def _installed(steps: Steps, *, tests: bool) -> bool:
    """Install what the program needs; system and Python packages come at the same time."""
    if not steps.environment_possible:
        steps.packages(tests=tests)
        return steps.environment() and steps.dependencies()
    with ThreadPoolExecutor(1) as beside:
        packages = beside.submit(steps.packages, tests=tests)
        python = steps.environment() and steps.dependencies()
    packages.result()
    return python


def _with_tools(steps: Steps, verb: str) -> int:
    """Install what checks and tests need, and check where that is asked; returns an exit code."""
    if not steps.tools():
        return MISSING
    return check(steps) if verb in {"check", "test"} else 0


def _go_on(steps: Steps, *, dev: bool) -> bool:
    """Tell whether an environment from earlier will do; never for tests."""
    if dev or not steps.usable():
        return False
    steps.host.say("  going on with the Python packages that are already there")
    return True


def _without_environment(steps: Steps) -> int:
    """Say what is missing: the doctor needs nothing but Python."""
    host = steps.host
    host.say("the Python packages could not be installed; what this machine has and lacks:")
    python = host.which("python3")
    if python:
        host.run([python, "-m", "schedtui", "doctor"], Show.ALL)
    host.say("connect to a package index (or set pip's index for this machine) and run it again")
    return MISSING


def check(steps: Steps) -> int:
    """Run format, rules, types and contracts; stops at the first that says no."""
    for item in CHECKS:
        started = steps.host.now()
        command = item.command(steps.checkout, steps.python.parent)
        result = steps.host.run(command) if command else None
        if result is not None and result.code != 0:
            steps.host.say(f"  {item.title}: FAILED")
            for line in result.tail:
                steps.host.say(f"      {line}")
            return 1
        steps.host.say(f"  {item.title}: ok ({steps.host.now() - started:.1f} s)")
    return 0


@contextmanager
def alone(checkout: Path) -> Iterator[None]:
    """Let one set-up of a checkout run at a time; the lock leaves no file and dies with us."""
    folder = os.open(checkout, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def newer_python(host: Host) -> str:
    """Return a Python that is new enough, empty when this machine has none."""
    return next((path for path in map(host.which, NEWER) if path), "")


def main(argv: Sequence[str]) -> int:
    """Run one verb: run, test, check, bench, bench-verify, bench-policies or screenshots."""
    host, checkout = RealHost(), Path(__file__).resolve().parent.parent
    verb, *arguments = argv or ["run"]
    if verb not in {*PROGRAMS, "check"}:
        host.say(f"unknown: {verb}; known: {', '.join([*PROGRAMS, 'check'])}")
        return 2
    if sys.version_info < OLDEST:
        better = newer_python(host)
        if better:
            return host.become([better, "-m", "setup.bootstrap", *argv])
        host.say(f"schedtui needs Python 3.11 or newer; this is {host.python}")
        return MISSING
    try:
        with alone(checkout):
            return bring_up(Steps(host, checkout), verb, arguments)
    except KeyboardInterrupt:
        host.say("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
