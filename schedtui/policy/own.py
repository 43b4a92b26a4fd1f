"""The user's own policies: one folder each, beside those that come with the program."""

from __future__ import annotations

import heapq
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from schedtui.model.policy import Origin, Policy
from schedtui.model.text import safe_name, safe_text
from schedtui.policy.errors import PolicyError, reason_of
from schedtui.policy.exchange import Parcel
from schedtui.policy.plain import opened_folder, read_plain
from schedtui.policy.repository import (
    COUNT_LIMIT,
    SOURCE_LIMIT,
    TOML_LIMIT,
    is_name,
    load_repository,
    policy_of,
    source_name,
    toml_name,
)
from schedtui.resources import resource_dir, user_dir


def own_folder() -> Path:
    """Return the folder of this user's own policies; it need not be there."""
    return user_dir("XDG_DATA_HOME", ".local/share") / "policies"


@dataclass(frozen=True, slots=True)
class Repository:
    """All policies there are, sorted by name, and what could not be read of the user's own."""

    policies: tuple[Policy, ...]
    faults: tuple[str, ...]
    """One sentence each, with the file."""


def whole_repository(folder: Path | None = None) -> Repository:
    """Return the policies that come with the program and the user's own.

    What is wrong with one of the user's own leaves the others usable. None can take the name of
    one that comes with the program.

    Args:
        folder: Folder of the user's own; the usual one when None.

    Raises:
        PolicyError: A policy that comes with the program is not acceptable.
        FileNotFoundError: This installation has no policies or no sources.
    """
    built_in = load_repository()
    own, faults = _own(folder or own_folder(), {policy.name for policy in built_in})
    every = sorted((*built_in, *own), key=lambda policy: policy.name)
    return Repository(tuple(every), tuple(faults))


def parcel_of(policy: Policy, folder: Path | None = None) -> Parcel:
    """Return a policy with the bytes of its files, read again. Raises PolicyError."""
    if policy.origin is Origin.YOURS:
        tomls = sources = (folder or own_folder()) / policy.name
    else:
        tomls, sources = resource_dir("policies"), resource_dir("bpf") / "schedulers"
    toml = read_plain(tomls / toml_name(policy.name), TOML_LIMIT)
    source = read_plain(sources / source_name(policy.name), SOURCE_LIMIT)
    return Parcel(policy_of(policy.name, toml, source, policy.origin), toml, source)


def _own(folder: Path, taken: Collection[str]) -> tuple[list[Policy], list[str]]:
    policies, faults = list[Policy](), list[str]()
    try:
        names = own_names(folder)
    except PolicyError as error:
        return policies, [str(error)]
    if len(names) > COUNT_LIMIT:
        faults.append(f"{_shown(folder)}: only {COUNT_LIMIT} of the policies in it are read.")
    for name in names[:COUNT_LIMIT]:
        try:
            policies.append(_load(folder, name, taken))
        except PolicyError as error:
            faults.append(str(error))
    return policies, faults


def own_names(folder: Path) -> list[str]:
    """Return the names of what is in the folder, sorted; at most one above the limit.

    What begins with a point is not meant as a policy. Raises PolicyError.
    """
    try:
        with os.scandir(folder) as entries:
            return heapq.nsmallest(COUNT_LIMIT + 1, _visible(entries))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PolicyError(f"{_shown(folder)} cannot be read: {reason_of(error)}.") from error


def _visible(entries: Iterator[os.DirEntry[str]]) -> Iterator[str]:
    return (entry.name for entry in entries if not entry.name.startswith("."))


def _load(folder: Path, name: str, taken: Collection[str]) -> Policy:
    place = folder / name
    if not is_name(name):
        words = "a policy's folder has small letters, digits and _ only in its name"
        raise PolicyError(f"{_shown(folder)}: '{safe_name(name)}': {words}.")
    if name in taken:
        raise PolicyError(f"{_shown(place)}: a policy that comes with the program has this name.")
    try:
        with opened_folder(place, link=False) as opened:
            toml = read_plain(Path(toml_name(name)), TOML_LIMIT, opened)
            source = read_plain(Path(source_name(name)), SOURCE_LIMIT, opened)
            return policy_of(name, toml, source, Origin.YOURS)
    except OSError as error:
        raise PolicyError(f"{_shown(place)} is not a folder: {reason_of(error)}.") from error
    except PolicyError as error:
        raise PolicyError(f"{_shown(place / toml_name(name))}: {error}") from error


def _shown(path: Path) -> str:
    return safe_text(str(path))
