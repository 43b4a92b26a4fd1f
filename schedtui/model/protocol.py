"""Messages between a client and a node: newline-delimited JSON over any byte stream.

A request is ``{"id": 7, "call": "state", "args": {...}}``; its answer is ``{"id": 7, "ok": ...}``
or ``{"id": 7, "error": {"sentence": ...}}``; a pushed event is ``{"event": "sample", "data":
...}``. Everything a node sends after ``hello`` carries the client's ``nonce``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from schedtui.model.parcel import Use
from schedtui.model.verdict import Token

PROTOCOL: Final = 3

LINE_LIMIT: Final = 4 << 20
"""Longest line in bytes, either way. An object of 2 MiB in base64 fits."""

LEASE_MS: Final = 1650
"""A deployment ends when its client has not renewed it for so long. With the node's looks at it ten
times a second, of which two must find it over, and the detach, the kernel is on its own scheduler
within 2 s of a client's death."""

RENEW_MS: Final = LEASE_MS // 5
"""How often a client renews. Two in a row may be missing, or one late by most of a second."""

READY: Final = "ready"
"""Event a node sends once when it has started; a guest is saved at that moment."""

Parameters = tuple[tuple[str, int], ...]
"""Constants of an object and the values to load them with; a boolean is 0 or 1."""


@dataclass(frozen=True, slots=True)
class HelloArgs:
    """First call. A restored guest repeats clock and randomness, so both are given to it."""

    protocol: int
    nonce: str
    unix_ns: int
    seed: str
    """32 bytes of fresh randomness in hex."""
    session_key: str = field(repr=False)
    """Key that tokens of this session are made with, hex. Accepted once."""
    throwaway: bool
    """True for a guest that exists for one trial only: it accepts trial tokens."""
    target: str
    virtual: str = ""


@dataclass(frozen=True, slots=True)
class WatchArgs:
    """Push a sample ``hertz`` times a second; 0 stops."""

    hertz: float


@dataclass(frozen=True, slots=True)
class InspectArgs:
    """Load an object without attaching it and report what the verifier said."""

    object_base64: str
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Limits the node itself enforces while a policy is deployed."""

    max_wait_ms: float = 2500.0
    """Longest time any task may be runnable without running; 0 leaves waits to the client."""


@dataclass(frozen=True, slots=True)
class BringArgs:
    """The next piece of a file, into a guest."""

    use: Use
    path: str
    """As the use has it."""
    offset: int
    """How much of the file was brought before, in bytes."""
    packed_base64: str
    """At most BRING_BYTES of it, packed by zlib."""
    executable: bool = False


BRING_BYTES: Final = 512 << 10
"""Most of a file that one call brings."""


@dataclass(frozen=True, slots=True)
class DeployArgs:
    """Attach an object under a lease."""

    object_base64: str
    token: Token
    lease_ms: int
    timeout_ms: int
    """The kernel's watchdog for this policy; the loader sets it, never the policy."""
    guards: GuardLimits
    parameters: Parameters = ()
    program: bool = False
    """The object is the manifest of an external scheduler whose files were brought."""


@dataclass(frozen=True, slots=True)
class SetArgs:
    """Set live parameters of the policy that is deployed: all of these, or none."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class LiveValues:
    """What the live parameters of the deployed policy are now."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class LoadArgs:
    """Start a built-in load."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PauseArgs:
    """Stop or continue the running load where it stands."""

    paused: bool


@dataclass(frozen=True, slots=True)
class WindowArgs:
    """Run a workload to its end and return what it reports."""

    name: str
    arguments: tuple[str, ...]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class WindowReport:
    """One finished window with the waits the node saw during it."""

    metrics: tuple[tuple[str, float], ...]
    longest_wait_ms: float
    starved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Arguments of a call without arguments, and the answer of one without answer."""
