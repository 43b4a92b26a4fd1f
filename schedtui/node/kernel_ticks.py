"""What schedulers want to know of the kernel's configuration, where it came without one.

Programs that load BPF may ask for CONFIG_HZ; the loader looks for it in the configuration of the
running kernel. Not every kernel brings its own, but how often it ticks can be measured. For a guest
only: it has no folder of somebody's to write into.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_TIMERS: Final = Path("/proc/timer_list")
_PACKED: Final = Path("/proc/config.gz")
_NOW: Final = re.compile(r"^now at (\d{1,20}) nsecs$", re.MULTILINE)
_TICKS: Final = re.compile(r"^jiffies: (\d{1,20})$", re.MULTILINE)
_RATES: Final = (100, 250, 300, 1000)
"""All that a kernel can be configured for on x86."""
_MEASURED_S: Final = 0.25


def describe_kernel(release: str, boot: Path = Path("/boot"), packed: Path = _PACKED) -> None:
    """Write what is known where loaders look for it, once; nothing when the kernel brought its own.

    Raises OSError.
    """
    place = boot / f"config-{release}"
    if packed.exists() or place.exists():
        return
    rate = tick_rate()
    if rate:
        boot.mkdir(exist_ok=True)
        place.write_text(f"CONFIG_HZ={rate}\n")


def tick_rate(
    read: Callable[[], str] | None = None, pause: Callable[[float], None] = time.sleep
) -> int:
    """Return how often the kernel ticks in a second, measured; 0 where it does not tell."""
    read = read or _timers
    first = _moment(read())
    pause(_MEASURED_S)
    last = _moment(read())
    if first is None or last is None or last[0] <= first[0]:
        return 0
    measured = (last[1] - first[1]) * 1e9 / (last[0] - first[0])
    return min(_RATES, key=lambda rate: abs(rate - measured))


def _timers() -> str:
    try:
        return _TIMERS.read_text()
    except OSError:
        return ""


def _moment(text: str) -> tuple[int, int] | None:
    """Return a time in nanoseconds and the ticks counted by then."""
    now, ticks = _NOW.search(text), _TICKS.search(text)
    return (int(now[1]), int(ticks[1])) if now and ticks else None
