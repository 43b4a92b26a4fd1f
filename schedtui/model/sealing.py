"""Sealing of tokens: pure functions that the verifier and the node share."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from typing import Final

from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import Token, TokenMode
from schedtui.model.wire import to_json

KEY_BYTES: Final = 32
"""Length of a key, in bytes."""

LONGEST_LIFE_S: Final = 15 * 60
"""No token is good for longer than this, whatever it says, in seconds."""

_DOMAIN: Final = b"schedtui token 1\n"


def canonical(token: Token) -> bytes:
    """Return the one byte form of everything in ``token`` but its MAC."""
    fields = {
        field.name: to_json(getattr(token, field.name))
        for field in dataclasses.fields(token)
        if field.name != "mac"
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _DOMAIN + text.encode("ascii")


def mac(key: bytes, token: Token) -> str:
    """Return the hex HMAC-SHA256 of ``token``. Raises ValueError for a key of wrong length."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a token key has {KEY_BYTES} bytes")
    return hmac.new(key, canonical(token), hashlib.sha256).hexdigest()


def check(
    key: bytes,
    token: Token,
    *,
    object_bytes: bytes,
    kernel: KernelInfo,
    now: int,
    mode: TokenMode,
) -> str:
    """Return why ``token`` does not allow ``object_bytes`` here and now, empty when it does.

    The MAC is judged first, so nothing else about a forged token is told. That a token is used
    only once is the caller's duty: burn ``token.nonce`` before loading.

    Args:
        key: The key shared by verifier and node, KEY_BYTES long.
        token: What was presented.
        object_bytes: Exactly the bytes that would be loaded.
        kernel: The kernel that runs here.
        now: Unix time in seconds.
        mode: What is about to be done.
    """
    if len(key) != KEY_BYTES or not _same(mac(key, token), token.mac):
        return "the token's seal is not valid"
    if token.mode is not mode:
        return f"the token allows a {token.mode.value}, not a {mode.value}"
    if not now < token.expires_unix <= now + LONGEST_LIFE_S:
        return "the token has expired or is dated too far ahead"
    if not _same(hashlib.sha256(object_bytes).hexdigest(), token.object_sha256):
        return "the token is for another object"
    return _other_kernel(token, kernel)


def _other_kernel(token: Token, kernel: KernelInfo) -> str:
    # A kernel that cannot be told apart from others is no kernel a token can be bound to.
    if not kernel.btf_sha256 or not kernel.boot_id:
        return "this kernel does not say which one it is"
    same = (
        _same(token.kernel_build_id, kernel.build_id)
        and _same(token.kernel_btf_sha256, kernel.btf_sha256)
        and _same(token.boot_id, kernel.boot_id)
    )
    return "" if same else "the token is for another kernel or another boot"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
