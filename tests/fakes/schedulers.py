"""Compiled policies and verdicts for tests that talk to a node directly."""

from __future__ import annotations

import base64
import hashlib
import time

from schedtui.model.machine import Hello
from schedtui.model.protocol import DeployArgs, GuardLimits, Parameters
from schedtui.model.sealing import rodata_sha256
from schedtui.model.verdict import GateName, GateResult, InspectReport, TokenMode, Verdict
from schedtui.objfile.facts import read_object
from schedtui.policy.repository import load_repository
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.kernel_gate import clamped_ops_sha256
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


def constants_sha256(data: bytes) -> str:
    """Return the hash of what programs cannot write in an object, as it is in the file."""
    sections = (content for name, content in read_object(data).contents if _is_rodata(name))
    return rodata_sha256(section for section in sections if section)


def _is_rodata(section: str) -> bool:
    return section in {".rodata", ".data.live"} or section.startswith(".rodata.")


def passed_verdict(
    name: str, data: bytes, hello: Hello, report: InspectReport | None = None
) -> Verdict:
    """Return a verdict that allows ``data``, as it is or as a node has inspected it."""
    return Verdict(
        candidate=name,
        passed=True,
        gates=(GateResult(GateName.RULES, passed=True, seconds=0.0, summary="test"),),
        source_sha256=hashlib.sha256(b"the source of a test").hexdigest(),
        object_sha256=hashlib.sha256(data).hexdigest(),
        kernel_release=hello.kernel.release,
        kernel_build_id=hello.kernel.build_id,
        kernel_btf_sha256=hello.kernel.btf_sha256,
        ops_sha256=report.ops_sha256 if report else clamped_ops_sha256(read_object(data)),
        rodata_sha256=report.rodata_sha256 if report else constants_sha256(data),
    )


def deploy_args(
    name: str,
    data: bytes,
    hello: Hello,
    key: bytes,
    mode: TokenMode = TokenMode.DEPLOY,
    *,
    timeout_ms: int = 5000,
    report: InspectReport | None = None,
    parameters: Parameters = (),
) -> DeployArgs:
    """Return a deploy call with a fresh valid token."""
    token = mint(
        key,
        mode=mode,
        object_sha256=hashlib.sha256(data).hexdigest(),
        scheduler=name,
        kernel=hello.kernel,
        verdict=passed_verdict(name, data, hello, report),
        timeout_ms=timeout_ms,
        lifetime_s=60,
        now=int(time.time()),
    )
    encoded = base64.b64encode(data).decode()
    # As in a trial, which judges waits itself.
    guards = GuardLimits(max_wait_ms=0) if mode is TokenMode.TRIAL else GuardLimits()
    return DeployArgs(encoded, token, 2000, timeout_ms, guards, parameters)
