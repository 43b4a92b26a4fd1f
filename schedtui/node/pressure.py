"""Pressure stall information (PSI): how long tasks waited for CPU, memory and IO."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from schedtui.model.telemetry import Pressure

_RESOURCES: Final = ("cpu", "memory", "io")


def read_pressure(proc: Path) -> tuple[Pressure, ...]:
    """Return the 10 s averages under ``proc``/pressure; resources it cannot read are left out."""
    found = (_read_one(f"{proc}/pressure/{resource}", resource) for resource in _RESOURCES)
    return tuple(each for each in found if each is not None)


def _read_one(path: str, resource: str) -> Pressure | None:
    # Plain system calls: this is read in every sample, and costs half of what a file object does.
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        lines = os.read(fd, 1024).decode("ascii", "replace").splitlines()
    except OSError:
        return None
    finally:
        os.close(fd)
    shares = {kind: share for kind, share in map(_share, lines) if share is not None}
    if "some" not in shares:
        return None
    return Pressure(resource, shares["some"], shares.get("full", 0.0))


def _share(line: str) -> tuple[str, float | None]:
    kind, _, rest = line.partition(" avg10=")
    try:
        share = float(rest.split(" ", 1)[0])
    except ValueError:
        return kind, None
    # Also turns away "nan", which a comparison never accepts.
    return kind, share if 0.0 <= share <= 100.0 else None
