"""Tokens: the verifier's side of sealing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import secrets
from typing import Final

from schedtui.model.machine import KernelInfo
from schedtui.model.sealing import LONGEST_LIFE_S, mac
from schedtui.model.verdict import (
    Finding,
    GateName,
    GateResult,
    ProgramStats,
    Token,
    TokenMode,
    Verdict,
)
from schedtui.model.wire import to_json

_CHAIN_DOMAIN: Final = "schedtui verdict 2\n"
_MEASURING: Final = frozenset({GateName.BATTERY, GateName.TRIAL})
"""Gates whose sentences hold figures, which chance has a part in."""


class MintError(Exception):
    """No token is given for this verdict; the message says why."""


def verdict_chain(verdict: Verdict) -> tuple[str, ...]:
    """Return the hash chain over a verdict; its last link is what a token is bound to.

    The first link is about what was judged: source, object, clamped operations, constants,
    kernel and what its verifier counted. Each gate, in order, adds a link over its own record and
    the link before it, so that none can be changed, left out, added or moved.

    Whoever judges the same on the same basis gets the same chain: no time is in it and no figure
    that was measured, only what the gates decided by them, with what they read and used.
    """
    body = to_json(_repeatable(verdict))
    if not isinstance(body, dict):
        raise MintError("this is no verdict")
    gates = body.pop("gates")
    links = [_link("", body)]
    for gate in gates if isinstance(gates, list) else []:
        links.append(_link(links[-1], gate))
    return tuple(links)


def _repeatable(verdict: Verdict) -> Verdict:
    """Return a verdict without times, and without what was measured or is told of both."""
    return dataclasses.replace(
        verdict,
        gates=tuple(map(_decided, verdict.gates)),
        programs=tuple(map(_counted, verdict.programs)),
        battery=None,
        trial=None,
    )


def _decided(result: GateResult) -> GateResult:
    told = result.findings
    if result.gate in _MEASURING:
        told = tuple(Finding(each.code, each.severity, "") for each in told)
    return dataclasses.replace(result, seconds=0.0, summary="", findings=told)


def _counted(program: ProgramStats) -> ProgramStats:
    return dataclasses.replace(program, seconds=0.0)


def _link(before: str, record: object) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{_CHAIN_DOMAIN}{before}\n{text}".encode("ascii")).hexdigest()


def mint(  # noqa: PLR0913 - every argument is bound by the seal, none has a default
    key: bytes,
    *,
    mode: TokenMode,
    object_sha256: str,
    scheduler: str,
    kernel: KernelInfo,
    verdict: Verdict,
    timeout_ms: int,
    lifetime_s: int,
    now: int,
) -> Token:
    """Return a sealed token for one attach of one object on one booted kernel.

    Args:
        key: The key of the session with the node, KEY_BYTES long.
        mode: What the token allows.
        object_sha256: Hash of the bytes to attach; must be the verdict's.
        scheduler: Name that the kernel will show.
        kernel: The kernel it may run on.
        verdict: What the gates said. A deploy needs a passed one; a trial runs before the end.
            Both need the kernel's answer, for the hashes of operations and constants; only the
            trial of an external scheduler goes without.
        timeout_ms: The kernel's watchdog that it will run under.
        lifetime_s: Seconds until it expires, at most LONGEST_LIFE_S.
        now: Unix time in seconds.

    Raises:
        MintError: the verdict does not allow it.
    """
    if not 0 < lifetime_s <= LONGEST_LIFE_S:
        raise MintError(f"a token lives for 1 to {LONGEST_LIFE_S} seconds")
    _require_said_yes(verdict, mode)
    _require_same(verdict, object_sha256, scheduler, kernel)
    token = Token(
        mode=mode,
        source_sha256=verdict.source_sha256,
        object_sha256=object_sha256,
        ops_sha256=verdict.ops_sha256,
        timeout_ms=timeout_ms,
        rodata_sha256=verdict.rodata_sha256,
        scheduler=scheduler,
        kernel_release=kernel.release,
        kernel_build_id=kernel.build_id,
        kernel_btf_sha256=kernel.btf_sha256,
        boot_id=kernel.boot_id,
        verdict_chain=verdict_chain(verdict)[-1],
        expires_unix=now + lifetime_s,
        nonce=secrets.token_hex(16),
        mac="",
    )
    return dataclasses.replace(token, mac=mac(key, token))


def _require_said_yes(verdict: Verdict, mode: TokenMode) -> None:
    if verdict.program_sha256:
        # It loads itself: there is nothing that a kernel could have been asked about before.
        if mode is TokenMode.DEPLOY:
            raise MintError("an external scheduler is only tried")
    elif not verdict.ops_sha256 or not verdict.rodata_sha256:
        raise MintError("no kernel has been asked about this object")
    if not all(gate.passed for gate in verdict.gates):
        raise MintError("a gate has said no")
    if mode is TokenMode.DEPLOY and not verdict.passed:
        raise MintError("only a passed verdict can be deployed")


def _require_same(verdict: Verdict, object_sha256: str, scheduler: str, kernel: KernelInfo) -> None:
    """Refuse a verdict that is about something else than the token would be."""
    if not object_sha256 or object_sha256 != verdict.object_sha256:
        raise MintError("the verdict is about another object")
    if scheduler != verdict.candidate:
        raise MintError("the verdict is about another scheduler")
    judged = (verdict.kernel_release, verdict.kernel_build_id, verdict.kernel_btf_sha256)
    if judged != (kernel.release, kernel.build_id, kernel.btf_sha256):
        raise MintError("the verdict is about another kernel")
