"""What the data members of a scheduler's operations become before the kernel sees them.

A policy must not choose its own watchdog, and some numbers make the kernel allocate whatever
they say. Pure rules: the node applies them to the real structure, the verifier to what it read
from the object file, and both must come to the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

TIMEOUT_MS: Final = (1000, 5000)
"""Allowed range of the kernel's watchdog, in milliseconds."""
BATCH_LIMIT: Final = 128
DUMP_LIMIT: Final = 65536

_KEEP_BUILTIN_IDLE, _ENQ_LAST, _ENQ_EXITING = 1, 2, 4
_ENQ_MIGRATION_DISABLED, _ALLOW_QUEUED_WAKEUP = 16, 32
FLAGS_ALLOWED: Final = (
    _KEEP_BUILTIN_IDLE | _ENQ_LAST | _ENQ_EXITING | _ENQ_MIGRATION_DISABLED | _ALLOW_QUEUED_WAKEUP
)

LEGAL_NAME: Final = re.compile(r"[a-z0-9_]{1,30}")

_KNOWN: Final = frozenset(
    {"timeout_ms", "dispatch_max_batch", "exit_dump_len", "flags", "hotplug_seq"}
)


class OpsError(Exception):
    """The object's scheduler is not of the one kind that is accepted."""


def clamped(members: Mapping[str, int], timeout_ms: int) -> dict[str, int]:
    """Return the value that each integer member must have when it is loaded.

    Raises OpsError when a member that is not known here is set.
    """
    unknown = sorted(name for name, value in members.items() if value and name not in _KNOWN)
    if unknown:
        raise OpsError(f"the scheduler sets the data member {unknown[0]}, which is not allowed")
    return {name: _rule(name, value, timeout_ms) for name, value in members.items()}


def _rule(name: str, value: int, timeout_ms: int) -> int:
    match name:
        case "timeout_ms":
            return min(max(timeout_ms, TIMEOUT_MS[0]), TIMEOUT_MS[1])
        case "dispatch_max_batch":
            return min(value, BATCH_LIMIT)
        case "exit_dump_len":
            return min(value, DUMP_LIMIT)
        case "flags":
            return value & FLAGS_ALLOWED
        case _:
            # The sequence number of CPU hot-plugging is of one moment; nothing else is set.
            return 0


def legal_name(raw: bytes) -> str:
    """Return the name in a ``name`` member. Raises OpsError for one that hides or shows too much.

    The kernel would take more; we show the name, compare it and put it into tokens.
    """
    name, _, rest = raw.partition(b"\0")
    text = name.decode("latin-1")
    if not LEGAL_NAME.fullmatch(text):
        raise OpsError("the scheduler's name is not made of 1 to 30 of a-z, 0-9 and _")
    if any(rest):
        raise OpsError("the scheduler's name goes on behind its end")
    return text
