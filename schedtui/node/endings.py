"""Why the kernel ended a scheduler that keeps no record for us: from the kernel's own log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from schedtui.model.telemetry import ExitRecord
from schedtui.model.text import safe_text
from schedtui.node.kernel_log import Line, ReadRecord, read_line

_DISABLED: Final = re.compile(r'sched_ext: BPF scheduler "([^"]{1,128})" disabled \((.{1,128})\)')
_KINDS: Final = {
    "unregistered from user space": 64,
    "unregistered from BPF": 65,
    "unregistered from the main kernel": 66,
    "disabled by sysrq-S": 67,
    "runtime error": 1024,
    "scx_bpf_error": 1025,
    "runnable task stall": 1026,
}
"""The kernel's scx_exit_kind by the words it has for them."""
_ERROR_LEVEL: Final = 3
_OTHER_ERROR: Final = 1024
_OTHER_END: Final = 64
_MOST_RECORDS: Final = 5000


class Endings:
    """Follows the log from where it is now.

    Args:
        read_record: The kernel log, see ``kernel_log.open_kernel_log``.
    """

    def __init__(self, read_record: ReadRecord) -> None:
        self._read_record = read_record
        self._found: tuple[str, ExitRecord] | None = None

    def of(self, meant: Callable[[str], bool]) -> ExitRecord | None:
        """Return how a scheduler of a name that is ``meant`` ended, None while the log is silent.

        Never waits. The kernel says why in a line after the one that says that it ended: until that
        has come the message is empty, and asking again may bring it.
        """
        for _ in range(_MOST_RECORDS):
            try:
                line = read_line(self._read_record())
            except BrokenPipeError:  # some were lost; those after them can still be read
                continue
            except OSError:
                break
            if line is not None and line.by_kernel and self._says_why(line, meant):
                break
        return self._found[1] if self._found else None

    def _says_why(self, line: Line, meant: Callable[[str], bool]) -> bool:
        """Take a line in; tell whether it says why, after which nothing more is to come."""
        ended = _DISABLED.fullmatch(line.text)
        if ended is not None and meant(ended[1]):
            self._found = ended[1], _record(ended[2], line.level)
        if self._found is None:
            return False
        name, found = self._found
        head = f"sched_ext: {name}: "
        if not line.text.startswith(head):
            return False
        why = safe_text(line.text.removeprefix(head))
        self._found = name, ExitRecord(found.kind, 0, found.reason, why)
        return True


def _record(reason: str, level: int) -> ExitRecord:
    other = _OTHER_ERROR if level <= _ERROR_LEVEL else _OTHER_END
    return ExitRecord(_KINDS.get(reason, other), 0, safe_text(reason), "")
