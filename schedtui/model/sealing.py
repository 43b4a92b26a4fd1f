"""Sealing of tokens: pure functions that the verifier and the node share."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import Token, TokenMode
from schedtui.model.wire import to_json

KEY_BYTES: Final = 32
"""Length of a key, in bytes."""

LONGEST_LIFE_S: Final = 15 * 60
"""No token is good for longer than this, whatever it says, in seconds."""

_DOMAIN: Final = b"schedtui token 2\n"
_OPS_DOMAIN: Final = b"schedtui operations 1\n"
_RODATA_DOMAIN: Final = b"schedtui constants 1\n"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The present by two clocks, Unix time in seconds."""

    wall: int
    """What the machine's clock says; somebody may have set it."""
    steady: int
    """What the wall clock of the session's start has become since; it only goes forward."""


def ops_sha256(name: str, members: Mapping[str, int]) -> str:
    """Return the hash of a scheduler's data members.

    The watchdog is left out, because trial and deployment set their own; a token names it by
    itself. Members that are zero count like members that are not there, since headers differ.
    """
    numbers = {key: value for key, value in members.items() if value and key != "timeout_ms"}
    return hashlib.sha256(_OPS_DOMAIN + _json({"members": numbers, "name": name})).hexdigest()


def rodata_sha256(sections: Iterable[bytes | memoryview]) -> str:
    """Return the hash of an object's sections of constants, in the order of the object."""
    digest = hashlib.sha256(_RODATA_DOMAIN)
    for section in sections:
        digest.update(len(section).to_bytes(8, "little"))
        digest.update(section)
    return digest.hexdigest()


def _json(fields: Mapping[str, object]) -> bytes:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def canonical(token: Token) -> bytes:
    """Return the one byte form of everything in ``token`` but its MAC."""
    fields = {
        field.name: to_json(getattr(token, field.name))
        for field in dataclasses.fields(token)
        if field.name != "mac"
    }
    return _DOMAIN + _json(fields)


def mac(key: bytes, token: Token) -> str:
    """Return the hex HMAC-SHA256 of ``token``. Raises ValueError for a key of wrong length."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a token key has {KEY_BYTES} bytes")
    return hmac.new(key, canonical(token), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody is about to do with a token, as the one who does it sees it."""

    mode: TokenMode
    object_bytes: bytes
    """Exactly the bytes that would be loaded."""
    timeout_ms: int
    """The watchdog that would be set."""


def check(key: bytes, token: Token, purpose: Purpose, kernel: KernelInfo, clocks: Clocks) -> str:
    """Return why ``token`` does not allow ``purpose`` here and now, empty when it does.

    The MAC is judged first, so nothing else about a forged token is told. Two things are the
    caller's duty: to burn ``token.nonce`` before loading, so that a token is used only once, and
    to compare ``token.ops_sha256`` and ``token.rodata_sha256`` with what is about to be loaded.

    Args:
        key: The key shared by verifier and node, KEY_BYTES long.
        token: What was presented.
        purpose: What is about to be done.
        kernel: The kernel that runs here.
        clocks: The present.
    """
    if len(key) != KEY_BYTES or not _same(mac(key, token), token.mac):
        return "the token's seal is not valid"
    if token.mode is not purpose.mode:
        return f"the token allows a {token.mode.value}, not a {purpose.mode.value}"
    if _expired(token, clocks):
        return "the token has expired or is dated too far ahead"
    if not _same(hashlib.sha256(purpose.object_bytes).hexdigest(), token.object_sha256):
        return "the token is for another object"
    if token.timeout_ms != purpose.timeout_ms:
        return "the token is for another watchdog"
    return _other_kernel(token, kernel)


def _expired(token: Token, clocks: Clocks) -> bool:
    # A clock set back must not revive a token; the steady clock cannot be set. A clock set
    # ahead must not prolong one, so none reaches further than its longest life.
    in_time = clocks.wall < token.expires_unix <= clocks.wall + LONGEST_LIFE_S
    return not in_time or clocks.steady >= token.expires_unix


def _other_kernel(token: Token, kernel: KernelInfo) -> str:
    # A kernel that cannot be told apart from others is no kernel a token can be bound to.
    if not kernel.btf_sha256 or not kernel.boot_id:
        return "this kernel does not say which one it is"
    same = (
        _same(token.kernel_release, kernel.release)
        and _same(token.kernel_build_id, kernel.build_id)
        and _same(token.kernel_btf_sha256, kernel.btf_sha256)
        and _same(token.boot_id, kernel.boot_id)
    )
    return "" if same else "the token is for another kernel or another boot"


def _same(one: str, other: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
