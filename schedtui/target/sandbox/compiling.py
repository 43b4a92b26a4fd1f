"""Confines a compiler to a throw-away guest, where this machine can confine none itself.

A guest that holds the compiler and our headers is booted once, saved as other guests are, and
restored for each source, so nothing of one source is there for the next. Its memory and its answers
are bounded; QEMU dies with us and leaves no file. The guest's kernel, and QEMU's own confinement
behind it, stand between a source and this machine.

Where the guest is emulated, a compiler takes some fifty times as long when it runs first and a
dozen times after that, so such a guest has limits of time of its own. They are kept from outside:
the clock is ours, and the CPU time is what QEMU used for the compile. So neither what a restore
takes nor what a guest says of itself counts for or against a source.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import schedtui
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.compile_calls import WORLD, CompileArgs, Compiled
from schedtui.target.sandbox.image import Archive
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.machine import Machine, Shape
from schedtui.target.sandbox.places import exclusive, file_sha256, sub_dir
from schedtui.target.sandbox.saved import GuestFiles, restore, save
from schedtui.toolchain.childless import childless_filter
from schedtui.toolchain.confined import Limits, Ran
from schedtui.toolchain.confinement import (
    INCLUDE,
    LIMITS,
    SOURCE_FOLDER,
    SOURCE_NAME,
    Job,
    environment,
)
from schedtui.toolchain.spent import tree_cpu_s

EMULATED: Final = replace(LIMITS, wall_s=90.0)
"""Limits in an emulated guest; both compiles of a scheduler take some ten seconds of CPU time."""
_MEMORY_MB: Final = 1024
"""The compiler lies in memory twice while the guest boots: in the archive and out of it."""
_GUEST_MACHINE: Final = "x86_64"
_PARTS: Final = (
    "target/__init__.py",
    "target/sandbox/__init__.py",
    "target/sandbox/compile_calls.py",
    "target/sandbox/compile_guest.py",
    "toolchain/__init__.py",
    "toolchain/landlock.py",
)
"""What goes into such a guest beside the node's rooms."""
_INIT: Final = b"""import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/node")
from schedtui.target.sandbox.compile_guest import main
main()
"""


@dataclass(frozen=True, slots=True)
class GuestConfinement:
    """Compiles in throw-away guests of the sandbox."""

    find_lab: Callable[[], Awaitable[Lab]] = field(compare=False)
    """Prepares the sandbox. Raises TargetError."""

    @property
    def name(self) -> str:
        """See the port."""
        return "a throw-away guest"

    @asynccontextmanager
    async def place(self) -> AsyncIterator[GuestPlace]:
        """See the port."""
        with _told_plainly():
            place = GuestPlace(await self.find_lab())
        try:
            yield place
        finally:
            await place.close()


class GuestPlace:
    """One guest for all compiles of one source; only the first of them is slow."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._machine: Machine | None = None
        self._turn = asyncio.Lock()

    @property
    def limits(self) -> Limits:
        """See the port."""
        return EMULATED if self._lab.accelerator == "tcg" else LIMITS

    async def run(self, job: Job, seconds: float) -> Ran:
        """See the port. Compiles take turns; waiting for one's turn takes no time of it."""
        async with self._turn:
            if self._machine is None:
                with _told_plainly():
                    self._machine = await _opened(self._lab, job)
            ran = await _ran(self._machine, _call(job, self.limits), seconds)
            if ran.timed_out:
                await self.close()
            return ran

    async def close(self) -> None:
        """Throw the guest away."""
        machine, self._machine = self._machine, None
        if machine is not None:
            await machine.end()


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except TargetError as error:
        raise OSError(error.sentence) from error


def compiling_guest(lab: Lab, job: Job) -> tuple[GuestFiles, Shape]:
    """Return what the guest that holds a job's compiler and headers is kept as, and its shape."""
    shape = Shape(cpus=1, memory_mb=_MEMORY_MB, accelerator=lab.accelerator)
    return replace(lab.files, key=_key(lab, job)), shape


async def _opened(lab: Lab, job: Job) -> Machine:
    """Return a guest that waits for a source. Raises TargetError."""
    files, shape = compiling_guest(lab, job)
    async with exclusive("compiling"):
        if not files.saved(shape).exists():
            with _image(lab, job) as image:
                await save(replace(files, image=image), shape, timed=False)
    try:
        return await _greeted(await restore(files, shape), lab.accelerator)
    except TargetError:
        # Whoever comes next makes it anew.
        files.saved(shape).unlink(missing_ok=True)
        raise


async def _greeted(machine: Machine, accelerator: str) -> Machine:
    try:
        await machine.link.hello("sandbox", throwaway=True, virtual=accelerator)
    except BaseException as error:
        await machine.end()
        if isinstance(error, LinkError):
            raise TargetError(f"the guest that compiles did not answer: {error}") from error
        raise
    return machine


def _key(lab: Lab, job: Job) -> str:
    """Return the name of all that such a guest is made of."""
    digest = hashlib.sha256(lab.files.key.encode() + _INIT)
    for file in job.files:
        # A compiler has hundreds of megabytes: reading them takes longer than compiling.
        about = file.stat()
        digest.update(f"{file} {about.st_size} {about.st_mtime_ns}\n".encode())
    for path in (*_headers(job), *(_package() / part for part in _PARTS)):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _headers(job: Job) -> list[Path]:
    return sorted(path for path in job.include.rglob("*") if path.is_file())


def _package() -> Path:
    return Path(schedtui.__file__).resolve().parent


@contextmanager
def _image(lab: Lab, job: Job) -> Iterator[Path]:
    """Give the path of a file without a name: the node's archive, and one with the compiler."""
    descriptor = os.open(sub_dir("images"), os.O_TMPFILE | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # The kernel unpacks archives one after the other; what comes later replaces.
        file.write(lab.files.image.read_bytes())
        file.write(compiler_archive(job))
        file.flush()
        yield Path(f"/proc/self/fd/{descriptor}")


def compiler_archive(job: Job) -> bytes:
    """Return what a guest that compiles has beside the node: the compiler's world and its own."""
    archive = Archive()
    archive.file("init.py", _INIT)
    for part in _PARTS:
        archive.file(f"node/schedtui/{part}", (_package() / part).read_bytes())
    archive.folder(WORLD + SOURCE_FOLDER)
    for header in _headers(job):
        inside = f"{WORLD}{INCLUDE}/{header.relative_to(job.include)}"
        archive.file(inside, header.read_bytes())
    for file in job.files:
        archive.file(f"{WORLD}{file}", file.read_bytes(), executable=True)
    return archive.finished()


def _call(job: Job, limits: Limits) -> CompileArgs:
    return CompileArgs(
        command=(*job.command, *job.operands),
        environment=tuple(environment(job).items()),
        folder=SOURCE_FOLDER,
        name=SOURCE_NAME,
        source=base64.b64encode(job.source).decode("ascii"),
        memory_mb=limits.memory_mb,
        file_mb=limits.file_mb,
        cpu_s=limits.cpu_s,
        open_files=limits.open_files,
        output_bytes=limits.output_bytes,
        talk_bytes=limits.talk_bytes,
        filter=childless_filter(_GUEST_MACHINE).hex(),
    )


async def _ran(machine: Machine, call: CompileArgs, seconds: float) -> Ran:
    """Have a greeted guest compile. Raises OSError when the guest is lost."""
    pid = machine.process.pid
    began, used = time.monotonic(), tree_cpu_s(pid)
    try:
        done = await machine.link.call("compile", call, Compiled, seconds)
    except LinkError as error:
        if time.monotonic() - began < seconds:
            raise OSError(f"the guest was lost: {machine.failure or error.sentence}") from error
        done = None
    took, cpu_s = time.monotonic() - began, tree_cpu_s(pid) - used
    if done is None:
        return Ran(-signal.SIGKILL, b"", b"", timed_out=True, cpu_s=cpu_s, seconds=took)
    output, talk = _decoded(done.output, call.output_bytes), _decoded(done.talk, call.talk_bytes)
    return Ran(done.code, output, talk, False, done.overflowed, cpu_s, took)


def _decoded(text: str, most: int) -> bytes:
    """Return what a guest sent, which need not keep to what it was told. Raises OSError."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise OSError("the guest answered with nonsense") from error
    if len(data) > most:
        raise OSError("the guest answered with more than it may")
    return data
