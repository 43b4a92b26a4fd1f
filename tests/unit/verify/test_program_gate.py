"""External schedulers at the gates: started once, named by the kernel, only ever tried."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.verdict import GateResult, Token, TokenMode, Verdict
from schedtui.verify.gate import Draft
from schedtui.verify.program_gate import ProgramGate
from schedtui.verify.tokens import MintError
from schedtui.verify.verifier import verify
from tests.fakes.externals import bundled, found_in, install
from tests.fakes.samples import KERNEL
from tests.unit.verify.test_tokens import minted, verdict


class Machine:
    """Starts nothing: says what the test wants."""

    kernel = KERNEL

    def __init__(self, trouble: TrialError | None = None) -> None:
        self.trouble = trouble
        self.asked: Verdict | None = None

    async def started_and_ended(self, verdict_so_far: Verdict) -> str:
        """See the port."""
        self.asked = verdict_so_far
        if self.trouble:
            raise self.trouble
        return "bpfland_1.1.4"


def draft(folder: Path) -> Draft:
    install(folder, "scx_bpfland")
    (scheduler,) = found_in(folder).schedulers
    bundle = bundled(scheduler)
    return Draft("bpfland", "", "scx_bpfland", bundle.object, bundle=bundle)


async def judged(machine: Machine, candidate: Draft) -> tuple[Verdict, GateResult]:
    @asynccontextmanager
    async def opened(_: Draft) -> AsyncIterator[Machine]:
        yield machine

    said, _ = await verify(candidate, [ProgramGate(opened)], lambda _: None)
    return said, said.gates[0]


async def test_what_the_kernel_shows_is_what_is_tried(tmp_path: Path) -> None:
    machine, candidate = Machine(), draft(tmp_path)
    said, gate = await judged(machine, candidate)
    assert said.passed
    assert (said.candidate, said.kernel_release) == ("bpfland_1.1.4", KERNEL.release)
    assert gate.summary == "in charge as bpfland_1.1.4, and ended"
    assert [found.code for found in gate.findings] == ["KRN024"] * 3
    assert said.source_sha256 == ""
    assert candidate.bundle
    assert said.program_sha256 == candidate.bundle.scheduler.program.sha256
    assert machine.asked
    assert (machine.asked.candidate, machine.asked.kernel_build_id) == ("bpfland", KERNEL.build_id)


async def test_one_that_does_not_come_into_charge_is_rejected(tmp_path: Path) -> None:
    said, gate = await judged(Machine(TrialError("it ended")), draft(tmp_path))
    assert not said.passed
    assert gate.findings[0].code == "KRN023"
    assert "did not come into charge: it ended" in gate.findings[0].sentence
    assert not gate.inconclusive


async def test_a_lost_machine_says_nothing_of_it(tmp_path: Path) -> None:
    said, gate = await judged(Machine(InconclusiveError("no guest")), draft(tmp_path))
    assert (said.passed, gate.inconclusive) == (False, True)
    assert [found.code for found in gate.findings] == ["KRN011"]


def test_a_token_for_one_is_for_a_trial_only() -> None:
    external = dataclasses.replace(
        verdict(), ops_sha256="", rodata_sha256="", program_sha256="ab" * 32
    )
    token: Token = minted(TokenMode.TRIAL, judged=external)
    assert (token.ops_sha256, token.rodata_sha256) == ("", "")
    with pytest.raises(MintError, match="is only tried"):
        minted(TokenMode.DEPLOY, judged=external)
