"""Policies of a user's own: a shipped one under another name, as files that tests may spoil."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from schedtui.resources import resource_dir


def toml(name: str = "mine") -> bytes:
    """Return the description of a policy that is complete under this name."""
    return (
        (resource_dir("policies") / "longest_first.toml")
        .read_bytes()
        .replace(b"longest_first", _ascii(name))
    )


def source(name: str = "mine") -> bytes:
    """Return a source that the source rules pass under this name."""
    file = resource_dir("bpf") / "schedulers" / "longest_first.bpf.c"
    return file.read_bytes().replace(b"longest_first", _ascii(name))


def kept(folder: Path, name: str = "mine") -> Path:
    """Put a policy into a user's own folder; returns where it is."""
    place = folder / name
    place.mkdir(parents=True)
    (place / f"{name}.toml").write_bytes(toml(name))
    (place / f"{name}.bpf.c").write_bytes(source(name))
    return place


def manifest(files: dict[str, bytes], name: str = "mine", **other: Any) -> dict[str, Any]:
    """Return the manifest that fits these files."""
    rows = [
        {"name": file, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for file, content in files.items()
    ]
    return {"schema": 1, "name": name, "files": rows, **other}


def sent(folder: Path, name: str = "mine", **changed: bytes) -> Path:
    """Make a folder as an export of this policy would, with ``toml`` or ``source`` changed."""
    files = {
        f"{name}.toml": changed.get("toml", toml(name)),
        f"{name}.bpf.c": changed.get("source", source(name)),
    }
    folder.mkdir()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(manifest(files, name), indent=2))
    return folder


def _ascii(name: str) -> bytes:
    return name.encode("ascii")
