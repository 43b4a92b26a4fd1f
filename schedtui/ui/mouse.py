"""Gives the mouse back to the terminal while the screen runs, so that text can be selected."""

from __future__ import annotations

from typing import Final

from textual.driver import Driver

# Only what makes a terminal report: how it writes positions is the driver's business.
_REPORTS: Final = (1000, 1003)


def report_mouse(driver: Driver | None, *, wanted: bool) -> None:
    """Ask the terminal to report the mouse, or to keep it to itself."""
    if driver is not None:
        driver.write("".join(f"\x1b[?{mode}{'h' if wanted else 'l'}" for mode in _REPORTS))
        driver.flush()
