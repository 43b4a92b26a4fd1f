"""Compiled policies and verdicts for tests that talk to a node directly."""

from __future__ import annotations

import base64
import hashlib
import time

from schedtui.model.machine import Hello
from schedtui.model.protocol import DeployArgs, GuardLimits
from schedtui.model.verdict import GateName, GateResult, TokenMode, Verdict
from schedtui.policy.repository import load_repository
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.tokens import mint


async def compiled(name: str) -> bytes:
    """Return a repository policy with its defaults as an object."""
    policy = next(policy for policy in load_repository() if policy.name == name)
    return await compiled_source(policy.source)


async def compiled_source(source: str) -> bytes:
    """Return any source as an object."""
    result = await compile_bpf(source)
    assert result.object is not None, result.diagnostics
    return result.object


def passed_verdict(name: str, data: bytes, hello: Hello) -> Verdict:
    """Return a verdict that allows ``data``."""
    return Verdict(
        candidate=name,
        passed=True,
        gates=(GateResult(GateName.RULES, passed=True, seconds=0.0, summary="test"),),
        source_sha256="",
        object_sha256=hashlib.sha256(data).hexdigest(),
        kernel_release=hello.kernel.release,
        kernel_build_id=hello.kernel.build_id,
        kernel_btf_sha256=hello.kernel.btf_sha256,
    )


def deploy_args(
    name: str, data: bytes, hello: Hello, key: bytes, mode: TokenMode = TokenMode.DEPLOY
) -> DeployArgs:
    """Return a deploy call with a fresh valid token."""
    token = mint(
        key,
        mode=mode,
        object_sha256=hashlib.sha256(data).hexdigest(),
        scheduler=name,
        kernel=hello.kernel,
        verdict=passed_verdict(name, data, hello),
        lifetime_s=60,
        now=int(time.time()),
    )
    encoded = base64.b64encode(data).decode()
    # As in a trial, which judges waits itself.
    guards = GuardLimits(max_wait_ms=0) if mode is TokenMode.TRIAL else GuardLimits()
    return DeployArgs(encoded, token, lease_ms=2000, timeout_ms=5000, guards=guards)
