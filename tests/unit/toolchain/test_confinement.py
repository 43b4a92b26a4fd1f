"""What each confinement keeps a program from, and that it never outlives whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import Ending, compile_bpf
from schedtui.toolchain.childless import childless_filter
from schedtui.toolchain.compilers import Compiler, find_compiler
from schedtui.toolchain.confinement import (
    CONFINEMENTS,
    LIMITS,
    Bubblewrap,
    Confinement,
    Job,
    Landlock,
    Unconfined,
)
from schedtui.toolchain.errors import NoConfinementError
from schedtui.toolchain.landlock import version
from schedtui.toolchain.native import PROGRAMS, build
from schedtui.toolchain.probe import find_confinement
from tests.unit.toolchain.hostile import GROWING
from tests.unit.toolchain.leftovers import all_gone, descendants, orphans_come_here

GOOD = "#include <schedtui.h>\nint add(int a) { return a + 1; }\n"
SIGNALS_ARE_SCOPED = 6
"""The version of Landlock that keeps signals in."""


@pytest.fixture(params=CONFINEMENTS, ids=["namespaces", "namespaces without user", "landlock"])
async def confinement(request: pytest.FixtureRequest) -> Confinement:
    """Return each confinement that works on this machine."""
    return await working(await find_compiler("zig"), request.param)


async def working(compiler: Compiler, wanted: Confinement) -> Confinement:
    """Return a confinement that works on this machine; skips the test where it does not."""
    try:
        return await find_confinement(compiler, (wanted,))
    except NoConfinementError as error:
        pytest.skip(error.sentence)


@pytest.fixture
async def prober(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small static program that tries to get out."""
    sources = Path(__file__).with_name("prober")
    folder = tmp_path_factory.getbasetemp() / "prober"
    return (await build(folder, print, replace(PROGRAMS, sources=sources)))["prober"]


async def answers(program: Path, confinement: Confinement, *arguments: str) -> dict[str, int]:
    """Return what the kernel answers to each of the prober's attempts."""
    include = resource_dir("bpf") / "include"
    job = Job((str(program), *arguments), (program,), include, b"int a;")
    async with confinement.place() as place:
        ran = await place.run(job, LIMITS.wall_s)
    assert ran.code == 0, ran
    return {what: int(answer) for what, answer in map(str.split, ran.output.decode().splitlines())}


async def test_a_program_inside_reaches_nothing(
    confinement: Confinement, prober: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("for nobody")
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = (str(secret), str(server.getsockname()[1]), str(os.getpid()))
        inside = await answers(prober, confinement, *told)
        outside = await answers(prober, Unconfined(), *told)
    Path("/tmp/made-by-prober").unlink()  # noqa: S108 - the name is in the program
    assert not any(outside.values()), outside
    if isinstance(confinement, Landlock) and version() < SIGNALS_ARE_SCOPED:
        inside["signal"] = errno.EPERM
    assert inside.pop("source") == 0
    assert all(inside.values()), inside


async def test_each_makes_the_same_bytes(confinement: Confinement) -> None:
    best = await compile_bpf(GOOD, fresh=True, ours=True, confinements=())
    result = await compile_bpf(GOOD, fresh=True, confinements=(confinement,))
    assert result.ending is Ending.OBJECT
    assert result.object == best.object
    assert result.confinement == confinement.name


async def test_cancelling_leaves_nothing(
    confinement: Confinement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with orphans_come_here():
        task = asyncio.create_task(
            compile_bpf(GROWING["assembler repeats"], confinements=(confinement,))
        )
        await _compiling(os.getpid())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert list(tmp_path.iterdir()) == []


_VICTIM = """
import asyncio, sys, tempfile
from schedtui.toolchain.bpf import compile_bpf
from schedtui.toolchain.confinement import CONFINEMENTS
from tests.unit.toolchain.hostile import GROWING
way = CONFINEMENTS[int(sys.argv[1])]
tempfile.tempdir = sys.argv[2]
asyncio.run(compile_bpf(GROWING["assembler repeats"], confinements=(way,)))
"""


async def test_killing_us_kills_the_compiler_and_leaves_nothing(
    confinement: Confinement, tmp_path: Path
) -> None:
    way = str(CONFINEMENTS.index(confinement))
    root = str(Path(__file__).parents[3])
    with orphans_come_here():
        us = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _VICTIM, way, str(tmp_path), cwd=root
        )
        below = await _compiling(us.pid)
        us.send_signal(signal.SIGKILL)
        await us.wait()
        assert await all_gone(below)
    assert list(tmp_path.iterdir()) == []


async def _compiling(root: int) -> set[int]:
    """Wait until a compile that lasts is under way; returns the processes below ``root``."""
    for _ in range(400):
        below = descendants(root)
        if any(_seconds_of_cpu(pid) > 0.4 for pid in below):
            return below
        await asyncio.sleep(0.02)
    raise AssertionError("no compile started")


def _seconds_of_cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


async def test_limits_alone_are_no_confinement() -> None:
    with pytest.raises(NoConfinementError, match="limits only: it lets files be read"):
        await find_confinement(await find_compiler("zig"), (Unconfined(),))


async def test_missing_bubblewrap_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoConfinementError, match="bubblewrap is not installed"):
        await _probed_anew(Bubblewrap())


async def _probed_anew(confinement: Confinement) -> Confinement:
    """Probe what was perhaps probed before, under a compiler of another name."""
    found = await find_compiler("zig")
    renamed = type(found)(found.command, found.files, "another")
    return await find_confinement(renamed, (confinement,))


@dataclass(frozen=True)
class OwnedBubblewrap(Bubblewrap):
    """One of several that are equal; each belongs to somebody else."""

    owner: str = field(default="", compare=False)


async def test_whoever_asks_gets_its_own_though_it_was_tried_for_another() -> None:
    compiler = await find_compiler("zig")
    for owner in ("one", "two"):
        found = await working(compiler, OwnedBubblewrap(owner=owner))
        assert isinstance(found, OwnedBubblewrap)
        assert found.owner == owner


_WITHOUT_NAMESPACES = """
echo 0 > /proc/sys/user/max_user_namespaces
exec setpriv --bounding-set=-all --inh-caps=-all "$@"
"""
_NEXT_BEST = """
import asyncio
from schedtui.toolchain.bpf import compile_bpf
print(asyncio.run(compile_bpf("int a;")).confinement)
"""


async def test_landlock_takes_over_where_namespaces_are_off() -> None:
    if not version():
        pytest.skip("this kernel has no Landlock")
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("setpriv") is None:
        pytest.skip("there is no unshare to try it with")
    shell = ("sh", "-c", _WITHOUT_NAMESPACES, "sh", sys.executable, "-c", _NEXT_BEST)
    process = await asyncio.create_subprocess_exec(
        *(unshare, "--user", "--map-root-user", *shell),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    if b"unshare failed" in complaint:
        pytest.skip("this machine allows no user namespaces, so nothing takes over")
    assert said.decode().split() == ["Landlock"], complaint


def test_a_machine_whose_calls_are_not_known_gets_no_filter() -> None:
    assert childless_filter("x86_64") != childless_filter("aarch64")
    assert childless_filter("riscv64") == b""
