"""Policies on their way from one user to another, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.verdict import Finding


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of an exported policy."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Says which policy a folder holds and what is in its files, byte for byte."""

    schema: int
    """Version of this form."""
    name: str
    files: tuple[ManifestFile, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A policy that was written into a new folder."""

    name: str
    folder: str
    files: tuple[ManifestFile, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """The answer to an import: taken in, or refused and why."""

    imported: bool
    sentence: str
    """What was done and what is still ahead, or the reason of the refusal."""
    name: str = ""
    """Name of the policy, empty when the folder never got as far as having one."""
    folder: str = ""
    """Where it is now, empty when it was refused."""
    findings: tuple[Finding, ...] = ()
    """What the source rules found; without an error among them they reject nothing."""
