"""Sources are compiled in a throw-away guest, where this machine can confine no compiler."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

import pytest

from schedtui.resources import resource_dir
from schedtui.target.sandbox.compiling import GuestConfinement
from schedtui.target.sandbox.lab import Lab
from schedtui.toolchain.bpf import compile_bpf
from schedtui.toolchain.compilers import find_compiler
from schedtui.toolchain.confinement import Confinement
from schedtui.toolchain.probe import find_confinement
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft
from tests.processes import guests, left_after

pytestmark = [pytest.mark.vm, pytest.mark.timeout(180)]

READS_A_FILE = '#include "/etc/passwd"\n'


@pytest.fixture(scope="session")
def ways(lab: Lab) -> Sequence[Confinement]:
    """Return the sandbox's way alone, tried already; that saves its guest where there is none."""

    async def found() -> Lab:
        return lab

    async def tried() -> Sequence[Confinement]:
        return [await find_confinement(await find_compiler("zig"), (GuestConfinement(found),))]

    return asyncio.run(tried())


async def test_a_guest_makes_the_same_bytes_and_keeps_files_out(
    ways: Sequence[Confinement],
) -> None:
    gate = CompileGate(confinements=ways)
    source = (resource_dir("bpf") / "schedulers" / "fifo_rtc.bpf.c").read_text()
    draft = Draft("fifo_rtc", source)
    said = await gate.run(draft)
    assert said.passed, said
    assert said.summary.endswith("confined by a throw-away guest")
    assert draft.object == (await compile_bpf(source, fresh=True, ours=True)).object
    refused = await gate.run(Draft("hostile", READS_A_FILE))
    assert [finding.code for finding in refused.findings] == ["CMP001"]
    assert "passwd' file not found" in refused.findings[0].sentence
    assert "root:" not in repr(refused)
    assert left_after(guests(os.getpid()), 2.0) == []
