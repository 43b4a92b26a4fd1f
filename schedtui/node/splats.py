"""Which lines of the kernel log no healthy kernel writes.

The list fails closed: whatever the kernel itself calls critical or worse is taken for a splat
too, known or not. Lines of sched_ext carry text that a policy may have written, so they are
judged by what only the kernel can have put there.
"""

from __future__ import annotations

import re
from typing import Final

PATTERNS: Final = (
    r"\bBUG:",
    r"\bkernel BUG at\b",
    r"\bWARNING:",
    r"\b(UBSAN|KASAN|KCSAN|KMSAN|KFENCE)\b",
    r"\bOops\b",
    r"\bKernel panic\b",
    r"\bgeneral protection fault\b",
    r"\b(double fault|divide error|invalid opcode|stack segment|stack guard page)\b",
    r"\b[Uu]nable to handle\b",
    r"\b[Uu]nhandled .*\bexception\b",
    r"\b([Ss]oft|[Hh]ard) (lockup|LOCKUP)\b",
    r"\bworkqueue lockup\b",
    r"\bblocked for more than \d+ seconds\b",
    r"\bINFO: (task|rcu|possible|inconsistent|suspicious)",
    r"\brcu\w*: .*\bstall",
    r"\brcu_\w+ kthread (starved|timer wakeup didn't happen)\b",
    r"\b(list_add|list_del) (corruption|double add)\b",
    r"\bscheduling while atomic\b",
    r"\bsleeping function called from invalid context\b",
    r"\bbad: scheduling from the idle thread\b",
    r"\brefcount_t:",
    r"\bBad (page state|page map|rss-counter)\b",
    r"\bstack-protector:",
    r"\b(corrupted stack end|stack overflow)\b",
    r"\bpossible (recursive|circular) locking\b",
    r"\binconsistent lock state\b",
    r"\bsuspicious RCU usage\b",
    r"\bspinlock (lockup|bad magic|recursion|wrong)",
    r"\bpage allocation failure\b",
    r"\binvoked oom-killer\b",
    r"\bOut of memory: Killed\b",
    r"\bCall Trace:",
    r"\bend trace [0-9a-f]{8,}\b",
)
"""Regular expressions, as the kernel spells its words."""

_SPLAT: Final = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS))
_SCHED_EXT: Final = "sched_ext: "
_SCHED_EXT_SPLAT: Final = re.compile(r"sched_ext: ((soft|hard) ?lockup|rcu)\b", re.IGNORECASE)
_CRITICAL: Final = 2
"""Emergency 0, alert 1, critical 2; error is 3."""
_HALF_CHANGED: Final = re.compile(r"(\[ *[0-9.]+\] )?(Oops: )?int3: 0000 \[#")


def is_splat(text: str, level: int) -> bool:
    """Tell whether one line that the kernel wrote means that the kernel is not well.

    Args:
        text: The line without level and time.
        level: Its level, 0 (emergency) to 7 (debug).
    """
    if text.startswith(_SCHED_EXT):
        return bool(_SCHED_EXT_SPLAT.match(text))
    return level <= _CRITICAL or bool(_SPLAT.search(text))


def is_half_changed(line: str) -> bool:
    """Tell whether an oops begins here that says nothing of a policy.

    A processor came upon an instruction that the kernel was changing: an emulator's fault. Further
    inside a line the same words may be those of a policy.
    """
    return _HALF_CHANGED.match(line) is not None
