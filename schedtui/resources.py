"""Where things are: what comes with the program, and what it keeps for its user."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def resource_dir(kind: str) -> Path:
    """Return the folder ``bpf``, ``policies`` or ``themes``. Raises FileNotFoundError.

    It is in the checkout or inside the installed wheel.
    """
    for base in (_PACKAGE / "_data", _PACKAGE.parent):
        if (base / kind).is_dir():
            return base / kind
    raise FileNotFoundError(f"this installation has no {kind} folder")


def user_dir(variable: str, usual: str) -> Path:
    """Return this user's folder for schedtui of one kind; it need not be there.

    Args:
        variable: The XDG variable that names its parent, such as ``XDG_CACHE_HOME``.
        usual: The parent below the home folder where the variable names no whole path.
    """
    base = os.environ.get(variable, "")
    return (Path(base) if base.startswith("/") else Path.home() / usual) / "schedtui"
