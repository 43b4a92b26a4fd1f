"""A guest that compiles is shared by the compiles of one source only, and never believed."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schedtui.model.protocol import HelloArgs, Nothing
from schedtui.node.channel import Channel
from schedtui.target.link import LinkError, link_over_socket
from schedtui.target.port import TargetError
from schedtui.target.sandbox.compile_guest import followed, serve
from schedtui.target.sandbox.compiling import (
    EMULATED,
    GuestConfinement,
    GuestPlace,
    compiler_archive,
    compiling_guest,
)
from schedtui.target.sandbox.lab import Lab
from schedtui.toolchain.confinement import LIMITS, Job
from tests.fakes.emulator import COMPILES, FakeEmulator
from tests.processes import descendants, left_after
from tests.unit.target.test_image import entries

pytestmark = pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux is missing")


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEmulator:
    """Return a QEMU whose guest is saved already."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "schedtui.h").write_text("int a;")
    (tmp_path / "compiler").write_text("the compiler")
    fake = FakeEmulator(tmp_path, COMPILES)
    files, shape = compiling_guest(Lab(fake.files, "tcg"), job(tmp_path))
    files.saved(shape).touch()
    return fake


@pytest.fixture
async def place(qemu: FakeEmulator) -> AsyncIterator[GuestPlace]:
    """Return a place in its guests; none of them is left."""
    lab = Lab(qemu.files, "tcg")
    before = descendants(os.getpid())

    async def found() -> Lab:
        return lab

    async with GuestConfinement(found).place() as opened:
        yield opened
    assert left_after((each for each in descendants(os.getpid()) if each not in before), 2.0) == []


def job(folder: Path, source: str = "") -> Job:
    compiler = folder / "compiler"
    return Job((str(compiler), "-c"), (compiler,), folder / "include", source.encode())


async def test_one_guest_serves_all_compiles_of_a_source(
    qemu: FakeEmulator, place: GuestPlace
) -> None:
    here = qemu.folder
    both = await asyncio.gather(*(place.run(job(here, text), 10) for text in ("one", "two")))
    assert [(ran.code, ran.output, ran.timed_out) for ran in both] == [
        (0, b"one", False),
        (0, b"two", False),
    ]
    (asked,) = qemu.asked
    assert not any(word in asked for word in ("-net", "-drive", "-kernel", "-initrd"))


async def test_a_guest_that_runs_out_of_time_is_thrown_away(
    qemu: FakeEmulator, place: GuestPlace
) -> None:
    late = await place.run(job(qemu.folder, "silent"), 0.3)
    assert late.timed_out
    assert 0.3 <= late.seconds < 3.0
    assert late.cpu_s < 0.3  # it did not compute: such a source is not at fault
    assert (await place.run(job(qemu.folder, "again"), 10)).output == b"again"
    assert len(qemu.asked) == 2


@pytest.mark.parametrize(
    ("source", "reason"),
    [("gone", "the guest was lost"), ("nonsense", "nonsense"), ("much", "more than it may")],
)
async def test_what_a_guest_says_is_not_believed(
    source: str, reason: str, qemu: FakeEmulator, place: GuestPlace
) -> None:
    with pytest.raises(OSError, match=reason):
        await place.run(job(qemu.folder, source), 10)


async def test_a_cancelled_compile_leaves_no_guest(qemu: FakeEmulator, place: GuestPlace) -> None:
    task = asyncio.create_task(place.run(job(qemu.folder, "silent"), 10))
    for _ in range(500):
        if qemu.asked:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_a_sandbox_there_is_no_place() -> None:
    async def found() -> Lab:
        raise TargetError("there is no QEMU")

    with pytest.raises(OSError, match="there is no QEMU"):
        async with GuestConfinement(found).place():
            pass


def test_only_emulation_asks_for_more_time(tmp_path: Path) -> None:
    files = FakeEmulator(tmp_path, COMPILES).files
    assert GuestPlace(Lab(files, "kvm")).limits == LIMITS
    assert GuestPlace(Lab(files, "tcg")).limits == EMULATED
    assert EMULATED.memory_mb == LIMITS.memory_mb


def test_the_compiler_sees_itself_and_the_headers_alone(qemu: FakeEmulator) -> None:
    found = entries(compiler_archive(job(qemu.folder)))
    world = {name: data for name, (_, data) in found.items() if name.startswith("compiling/")}
    compiler = f"compiling{qemu.folder / 'compiler'}"
    assert {name for name, data in world.items() if data} == {
        "compiling/schedtui/include/schedtui.h",
        compiler,
    }
    assert found[compiler][0] == 0o100755


def test_another_compiler_or_header_asks_for_another_guest(qemu: FakeEmulator) -> None:
    lab = Lab(qemu.files, "tcg")
    keys = {compiling_guest(lab, job(qemu.folder))[0].key}
    (qemu.folder / "compiler").write_text("a newer compiler")
    keys.add(compiling_guest(lab, job(qemu.folder))[0].key)
    (qemu.folder / "include" / "schedtui.h").write_text("int b;")
    keys.add(compiling_guest(lab, job(qemu.folder))[0].key)
    assert len(keys) == 3


async def test_a_guest_greets_with_the_sessions_nonce_and_does_nothing_else_but_compile(
    tmp_path: Path,
) -> None:
    ours, theirs = socket.socketpair()
    heard: list[HelloArgs] = []
    channel = Channel(theirs.fileno(), theirs.fileno())
    guest = threading.Thread(target=serve, args=(channel, tmp_path, heard.append), daemon=True)
    guest.start()
    link = await link_over_socket(ours)
    assert (await link.hello("sandbox", throwaway=True)).can("compile")
    assert len(bytes.fromhex(heard[0].seed)) == 32
    with pytest.raises(LinkError):
        await link.call("state", Nothing(), Nothing, seconds=0.2)
    guest.join(2)
    assert not guest.is_alive()
    await link.close()
    theirs.close()


def test_a_compiler_that_writes_without_end_is_ended_in_the_guest() -> None:
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        pipe = os.dup(child.stdout.fileno())
        child.stdout.close()
        kept, overflowed = followed(child.pid, {pipe: 1000}, pipe)
    assert overflowed
    assert kept[pipe] == b"y\n" * 500
