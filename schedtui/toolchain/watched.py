"""Runs a compiler that ends, with all it started, when whoever wanted it goes away.

Run as a program, with the bare interpreter, by ``native``:

    watched.py FOLDER COMMAND...

``FOLDER`` is where it works. Whoever starts this keeps its standard input open, and need do nothing
else: when that ends, by will or because they were killed, the compiler is killed and the folder
removed. The kernel's own way to die with a parent does not reach what a compiler starts.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
from collections.abc import Sequence


def _started(command: list[str]) -> int:
    """Start a command as the head of a process group, with nothing to read."""
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    return os.posix_spawn(command[0], command, os.environ, file_actions=[nothing], setpgroup=0)


def _ended_first(child: int) -> bool:
    """Wait for a command; False when whoever started us went away before."""
    poll = select.poll()
    ended = os.pidfd_open(child)
    poll.register(ended, select.POLLIN)
    poll.register(0, 0)  # a hang-up is always told
    return any(descriptor == ended for descriptor, _ in poll.poll())


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code, or 128 and the signal's number."""
    folder, *command = arguments
    child = _started(command)
    in_time = _ended_first(child)
    # It has not been waited for yet, so its group cannot be anybody else's.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not in_time:
        shutil.rmtree(folder, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
