"""Where BPF sources, policies and themes are: in the checkout or inside the installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def resource_dir(kind: str) -> Path:
    """Return the folder ``bpf``, ``policies`` or ``themes``. Raises FileNotFoundError."""
    for base in (_PACKAGE / "_data", _PACKAGE.parent):
        if (base / kind).is_dir():
            return base / kind
    raise FileNotFoundError(f"this installation has no {kind} folder")
