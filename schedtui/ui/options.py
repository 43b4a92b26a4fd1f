"""How the screen is opened: everything that the command line or the environment decides."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from schedtui.engine.port import Engine
from schedtui.ui.themes import DEFAULT_THEME


@dataclass(frozen=True, slots=True)
class Alternative:
    """What still works when the wanted target cannot be had."""

    title: str
    """For people, e.g. ``watch this machine (no deployment)``."""
    make: Callable[[], Engine]


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """Choices for one run of the screen.

    Attributes:
        theme: Name of a theme; an unknown one gives the default and a message.
        ascii_only: Draw with ASCII signs only.
        rate_hz: Samples per second, 0.5 to 10; None chooses by the kind of link.
        no_color: Use no colour at all.
        mouse: Take the mouse at the start; a command gives it back and takes it again.
        user: Who approves, as it is written into the approval.
        alternative: Offered on the start screen when opening fails.
        own_keys: The user's own key file, which need not be there.
        own_themes: Folder with the user's own theme files.
        clock: Wall clock in seconds since the epoch.
        monotonic: Clock of the hold before an approval, in seconds.
    """

    theme: str = DEFAULT_THEME
    ascii_only: bool = False
    rate_hz: float | None = None
    no_color: bool = False
    over_ssh: bool = False
    mouse: bool = True
    user: str = "user"
    alternative: Alternative | None = None
    own_keys: Path | None = None
    own_themes: Path | None = None
    clock: Callable[[], float] = field(default=time.time, repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)


def user_name() -> str:
    """Return the login name, or ``user`` when this machine does not know one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"


def from_environment(environ: Mapping[str, str], theme: str = DEFAULT_THEME) -> ScreenOptions:
    """Return the options that the environment asks for (NO_COLOR, SSH_CONNECTION, TERM)."""
    return ScreenOptions(
        theme=theme,
        no_color="NO_COLOR" in environ,
        over_ssh="SSH_CONNECTION" in environ,
        user=user_name(),
    )
