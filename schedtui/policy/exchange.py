"""The folder in which a policy travels: its two files and a manifest, checked before use."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.exchange import Manifest, ManifestFile
from schedtui.model.policy import Origin, Policy
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.policy.errors import PolicyError, reason_of
from schedtui.policy.plain import opened_folder, read_plain
from schedtui.policy.repository import (
    SOURCE_LIMIT,
    TOML_LIMIT,
    is_name,
    policy_of,
    source_name,
    toml_name,
)

MANIFEST: Final = "manifest.json"
MANIFEST_LIMIT: Final = 4096
"""Largest manifest, in bytes."""

SCHEMA: Final = 1
"""The form of manifests that is written and read."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A policy with the very bytes that it was read from."""

    policy: Policy
    toml: bytes
    source: bytes

    @property
    def files(self) -> Mapping[str, bytes]:
        """Content of its two files by name."""
        return {
            toml_name(self.policy.name): self.toml,
            source_name(self.policy.name): self.source,
        }

    @property
    def manifest(self) -> Manifest:
        """What its manifest says."""
        return Manifest(
            SCHEMA, self.policy.name, tuple(itertools.starmap(_entry, self.files.items()))
        )


def _entry(name: str, content: bytes) -> ManifestFile:
    return ManifestFile(name, len(content), hashlib.sha256(content).hexdigest())


def with_manifest(parcel: Parcel) -> Mapping[str, bytes]:
    """Return all files of the folder in which a policy travels, by name."""
    text = json.dumps(to_json(parcel.manifest), indent=2) + "\n"
    return {**parcel.files, MANIFEST: text.encode("ascii")}


def read_parcel(folder: Path) -> Parcel:
    """Return the policy in a folder that anybody may have made; nothing in it is trusted.

    Every file is opened once, within the one folder that was opened first, and what is judged
    is what is returned.

    Raises:
        PolicyError: The folder has other files than the three, one of them is not plain or too
            large, the manifest does not fit them, or they are not a complete policy.
    """
    try:
        with opened_folder(folder, link=True) as opened:
            return _parcel(opened)
    except OSError as error:
        shown = safe_text(str(folder))
        raise PolicyError(f"{shown} cannot be opened: {reason_of(error)}.") from error


def _parcel(folder: int) -> Parcel:
    manifest = manifest_of(read_plain(Path(MANIFEST), MANIFEST_LIMIT, folder))
    toml, source = toml_name(manifest.name), source_name(manifest.name)
    _require_only(folder, {MANIFEST, toml, source})
    described = {file.name: file for file in manifest.files}
    content = {
        name: _as_described(described[name], read_plain(Path(name), limit, folder))
        for name, limit in ((toml, TOML_LIMIT), (source, SOURCE_LIMIT))
    }
    try:
        policy = policy_of(manifest.name, content[toml], content[source], Origin.YOURS)
    except PolicyError as error:
        raise PolicyError(f"{toml}: {error}") from error
    return Parcel(policy, content[toml], content[source])


def _require_only(folder: int, expected: set[str]) -> None:
    with os.scandir(folder) as entries:
        # A folder of millions of files is refused by its first ones.
        found = {entry.name for entry in itertools.islice(entries, len(expected) + 1)}
    strange = found - expected
    if strange:
        raise PolicyError(f"'{safe_text(min(strange))}' does not belong in the folder of a policy.")


def _as_described(file: ManifestFile, content: bytes) -> bytes:
    if _entry(file.name, content) != file:
        raise PolicyError(f"{file.name} is not the file that {MANIFEST} describes.")
    return content


def manifest_of(content: bytes) -> Manifest:
    """Return a manifest whose names are those of one policy.

    Raises:
        PolicyError: It is of another form, or names anything but the two files of its policy.
    """
    data = _json(content)
    schema = data.get("schema")
    if type(schema) is int and schema != SCHEMA:
        shown = safe_text(str(schema), 20)
        raise PolicyError(f"{MANIFEST} has schema {shown}; only {SCHEMA} can be read.")
    try:
        manifest = from_json(Manifest, data)
    except WireError as error:
        raise PolicyError(f"{MANIFEST} is not a manifest: {safe_text(str(error))}.") from error
    if not is_name(manifest.name):
        raise PolicyError(f"'{safe_text(manifest.name)}' in {MANIFEST} is not a policy's name.")
    if sorted(file.name for file in manifest.files) != sorted(_names(manifest.name)):
        raise PolicyError(f"{MANIFEST} must list {' and '.join(_names(manifest.name))}, no other.")
    return manifest


def _names(name: str) -> tuple[str, str]:
    return toml_name(name), source_name(name)


def _json(content: bytes) -> dict[str, object]:
    try:
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{MANIFEST} is not valid JSON with every name once.") from error
    if not isinstance(data, dict):
        raise PolicyError(f"{MANIFEST} is not a JSON object.")
    return data


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Of two values under one name, another reader might take the other one.
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
