"""Hostile sources, straight through the compile gate: each is a finding, soon, and nothing stays.

The rules gate, which refuses nearly all of them before, is left out here on purpose.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schedtui.model.verdict import GateResult
from schedtui.toolchain.bpf import compile_bpf
from schedtui.toolchain.compilers import find_compiler
from schedtui.toolchain.confinement import CONFINEMENTS, Confinement, Landlock
from schedtui.toolchain.landlock import version
from schedtui.toolchain.probe import find_confinement
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft
from tests.unit.toolchain.hostile import ORACLES, QUIET_READING, REFUSED, SECRET_TEXT
from tests.unit.toolchain.leftovers import orphans_come_here

NEXT_BEST: tuple[Confinement, ...] = (Landlock(),)
SLOW = {"blocking: own output", *(name for name in REFUSED if name.startswith("growing"))}
"""Tried once is enough: these end by their limits, which are the same in each confinement."""
LONGEST_S = 7.0
"""The product's own limit is 4.8 s: both compiles together are ended after 3.5 s and gone 1.3 s
later at the most. What is left is for a machine that does other things as well."""
WAYS = {"best": CONFINEMENTS, "Landlock": NEXT_BEST}


@dataclass(frozen=True)
class Planted:
    """A host folder with a secret file and a pipe, beside the one for temporary files."""

    folder: Path
    temporary: Path

    @property
    def secret(self) -> Path:
        return self.folder / "secret.h"

    def source(self, text: str) -> str:
        """Return a hostile source that names the planted files."""
        text = text.replace("SECRET", str(self.secret)).replace("FOLDER", str(self.folder))
        return text.replace("FIFO", str(self.folder / "pipe"))


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planted]:
    """Plant the files, and see that no process and no temporary file is left."""
    found = Planted(tmp_path / "host", tmp_path / "temporary")
    found.folder.mkdir()
    found.temporary.mkdir()
    found.secret.write_text(f"{SECRET_TEXT}\n" * 9)
    os.mkfifo(found.folder / "pipe")
    monkeypatch.setattr(tempfile, "tempdir", str(found.temporary))
    with orphans_come_here():
        yield found
    assert list(found.temporary.iterdir()) == []


async def judged(source: str, ways: tuple[Confinement, ...]) -> tuple[GateResult, Draft, float]:
    """Return what the gate says, the draft after it, and the seconds it took."""
    if ways is NEXT_BEST and not version():
        pytest.skip("this kernel has no Landlock")
    draft = Draft("hostile", source)
    # Found once for each machine, and no part of what a source costs.
    await find_confinement(await find_compiler("zig"), ways)
    started = time.monotonic()
    result = await CompileGate(confinements=ways).run(draft)
    return result, draft, time.monotonic() - started


def all_text(result: GateResult, draft: Draft) -> bytes:
    """Return all bytes that leave the gate."""
    return repr(result).encode() + (draft.object or b"")


@pytest.mark.parametrize("name", REFUSED)
async def test_hostile_source_is_a_finding_in_time(name: str, planted: Planted) -> None:
    result, draft, seconds = await judged(planted.source(REFUSED[name]), CONFINEMENTS)
    assert not result.passed
    assert draft.object is None
    assert all(found.code.startswith("CMP") for found in result.findings)
    assert seconds <= LONGEST_S
    text = all_text(result, draft)
    assert b"PLANTED" not in text
    assert b"root:" not in text
    assert str(planted.folder).encode() not in text


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in SLOW])
async def test_hostile_source_under_landlock(name: str, planted: Planted) -> None:
    result, draft, seconds = await judged(planted.source(REFUSED[name]), NEXT_BEST)
    assert not result.passed
    assert draft.object is None
    assert seconds <= LONGEST_S
    assert b"PLANTED" not in all_text(result, draft)
    assert b"root:" not in all_text(result, draft)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", QUIET_READING)
async def test_lines_of_a_named_file_stay_out_of_the_object(
    name: str, way: str, planted: Planted
) -> None:
    source = planted.source(QUIET_READING[name])
    result, draft, _ = await judged(source, WAYS[way])
    assert result.passed
    assert b"PLANTED" not in (draft.object or b"")
    # And this is what happens to a source that is compiled among the machine's files.
    open_to_all = await compile_bpf(source, fresh=True, ours=True, confinements=())
    assert b"PLANTED" in (open_to_all.object or b"")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ORACLES)
async def test_nobody_learns_whether_a_file_exists(name: str, way: str, planted: Planted) -> None:
    source = planted.source(ORACLES[name])
    there, draft, _ = await judged(source, WAYS[way])
    made = draft.object
    planted.secret.unlink()
    missing, draft, _ = await judged(source, WAYS[way])
    assert there.findings == missing.findings
    assert made == draft.object


async def test_confinement_is_what_keeps_a_file_out(planted: Planted) -> None:
    source = planted.source(REFUSED["reading: incbin"])
    open_to_all = await compile_bpf(source, fresh=True, ours=True, confinements=())
    assert SECRET_TEXT.encode() in (open_to_all.object or b"")
