"""Ways to keep a compiler from everything but itself, our headers and one source.

A source that came from outside can make a compiler read files, hang on devices or eat the memory.
So the compiler is started where no file of the machine exists, nothing can be written, there is no
network and no other process, and the death of its parent is its own. The object comes out of its
standard output. Which way works on a machine is found by trying it (``probe``). A way that needs
more than this machine lives elsewhere and stands behind the same port.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, Self

from schedtui.toolchain.childless import childless_filter
from schedtui.toolchain.confined import Launch, Limits, Ran, limited, run_confined

SOURCE_NAME: Final = "scheduler.bpf.c"
INCLUDE: Final = "/schedtui/include"
"""Where our headers are, as the compiler sees it."""

SOURCE_FOLDER: Final = "/schedtui/source"
LIMITS: Final = Limits(
    wall_s=3.5,  # a verdict after five seconds: the rest is for ending what goes on, and for noise
    memory_mb=2048,
    file_mb=16,
    output_bytes=(2 << 20) + (64 << 10),  # the largest object and the list of opened files
    talk_bytes=16 << 10,
)


@dataclass(frozen=True, slots=True)
class Job:
    """One compile of the file ``SOURCE_NAME`` in the current folder."""

    command: tuple[str, ...]
    """The compiler's absolute path and its options; headers are in ``INCLUDE``."""
    files: tuple[Path, ...]
    """All the compiler needs to start, itself included."""
    include: Path
    source: bytes
    operands: tuple[str, ...] = ()
    """What comes after all options."""


class Place(Protocol):
    """Where a compiler is confined, for all compiles of one source."""

    @property
    def limits(self) -> Limits:
        """Return the limits here; ``wall_s`` is for all compiles of the source together."""
        ...

    async def run(self, job: Job, seconds: float) -> Ran:
        """Run a compile for ``seconds`` at the most. Raises OSError when it cannot be started."""
        ...


class Confinement(Protocol):
    """One way to confine a compiler."""

    @property
    def name(self) -> str:
        """Return what people call it."""
        ...

    def place(self) -> AbstractAsyncContextManager[Place]:
        """Return a place for one source; nothing of it is left at the end. Raises OSError."""
        ...


class OnThisMachine(ABC):
    """A way that starts each compiler as a process of this machine."""

    __slots__ = ()

    @property
    def limits(self) -> Limits:
        """See the port."""
        return LIMITS

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Self]:
        """See the port."""
        yield self

    @abstractmethod
    def prepared(self, job: Job) -> AbstractContextManager[Launch]:
        """Return what to start; what was made for it is gone at the end. Raises OSError."""

    async def run(self, job: Job, seconds: float) -> Ran:
        """See the port."""
        with self.prepared(job) as launch:
            return await run_confined(launch, replace(LIMITS, wall_s=seconds))


@dataclass(frozen=True, slots=True)
class Bubblewrap(OnThisMachine):
    """Namespaces made by ``bwrap``: an empty read-only tree in memory, nothing left to remove."""

    own_user: bool = True
    """Root can do without a user namespace, where the machine allows none."""

    @property
    def name(self) -> str:
        """See the port."""
        return "bubblewrap"

    @contextmanager
    def prepared(self, job: Job) -> Iterator[Launch]:
        """See above."""
        program = shutil.which("bwrap")
        if program is None:
            raise FileNotFoundError("bubblewrap is not installed")
        with _in_memory(job.source) as source, _in_memory(childless_filter()) as rules:
            options = (*self._namespaces(), *_childless(rules), *_tree(job, source))
            inside = (*options, "--", *job.command, *job.operands)
            command = limited((program, *inside), LIMITS)
            yield Launch(command, "/", environment(job), (source, rules))

    def _namespaces(self) -> tuple[str, ...]:
        user = ("--unshare-user",) if self.own_user else ()
        return (
            *user,
            *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
            *("--unshare-cgroup-try", "--hostname", "none"),
            *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        )


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    """Give an open file without a name that holds some bytes."""
    made = os.memfd_create("schedtui")
    try:
        os.write(made, data)
        os.lseek(made, 0, os.SEEK_SET)
        yield made
    finally:
        os.close(made)


def _childless(rules: int) -> tuple[str, ...]:
    return ("--seccomp", str(rules)) if childless_filter() else ()


def _tree(job: Job, source: int) -> tuple[str, ...]:
    """Return the options that make the compiler's whole world."""
    bound = [part for file in job.files for part in ("--ro-bind", str(file), str(file))]
    return (
        *bound,
        *("--ro-bind", str(job.include), INCLUDE),
        *("--ro-bind-data", str(source), f"{SOURCE_FOLDER}/{SOURCE_NAME}"),
        *("--chdir", SOURCE_FOLDER, "--remount-ro", "/"),
    )


@dataclass(frozen=True, slots=True)
class Landlock(OnThisMachine):
    """Rules of the kernel on what may be read, where namespaces are not to be had.

    Landlock keeps files from being opened, not from being seen to exist; the compiler's own file
    system overlay does that.
    """

    @property
    def name(self) -> str:
        """See the port."""
        return "Landlock"

    @contextmanager
    def prepared(self, job: Job) -> Iterator[Launch]:
        """See above."""
        launcher = Path(__file__).with_name("landlock.py")
        numbers = (LIMITS.memory_mb, LIMITS.file_mb, LIMITS.cpu_s, LIMITS.open_files)
        with _folder(job) as (folder, overlay):
            command = (
                *(sys.executable, "-I", "-S", str(launcher), folder),
                *map(str, (*numbers, childless_filter().hex(), *job.files, job.include)),
                *("--", *_overlaid(job, overlay)),
            )
            yield Launch(command, folder, environment(job), (overlay,))


@dataclass(frozen=True, slots=True)
class Unconfined(OnThisMachine):
    """Limits only: for sources of ours on machines that offer nothing better."""

    @property
    def name(self) -> str:
        """See the port."""
        return "limits only"

    @contextmanager
    def prepared(self, job: Job) -> Iterator[Launch]:
        """See above."""
        with _folder(job) as (folder, overlay):
            command = limited(_overlaid(job, overlay), LIMITS)
            yield Launch(command, folder, environment(job), (overlay,))


@contextmanager
def _folder(job: Job) -> Iterator[tuple[str, int]]:
    """Make a private folder with the source, and a map of all files that the compiler finds.

    The map names folders of this machine, so it comes in a pipe: a source cannot read it again.
    """
    with tempfile.TemporaryDirectory(prefix="schedtui-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / SOURCE_NAME).write_bytes(job.source)
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(_overlay({INCLUDE: job.include, str(folder): folder}), pipe)
            yield str(folder), reading
        finally:
            os.close(reading)


def _overlay(roots: dict[str, Path]) -> dict[str, object]:
    return {
        "version": 0,
        "case-sensitive": "true",
        "use-external-names": "false",
        "redirecting-with": "redirect-only",
        "roots": [
            {"type": "directory-remap", "name": seen, "external-contents": str(real)}
            for seen, real in roots.items()
        ],
    }


def _overlaid(job: Job, overlay: int) -> tuple[str, ...]:
    return (*job.command, "-ivfsoverlay", f"/proc/self/fd/{overlay}", *job.operands)


def environment(job: Job) -> dict[str, str]:
    """Return all variables that a compiler is started with."""
    # There is no cache of the dynamic linker where the compiler runs.
    folders = dict.fromkeys(str(file.parent) for file in job.files[1:])
    return {"LD_LIBRARY_PATH": ":".join(folders)} if folders else {}


CONFINEMENTS: Final[tuple[Confinement, ...]] = (
    Bubblewrap(),
    Bubblewrap(own_user=False),
    Landlock(),
)
"""What keeps a source from outside in on this machine, the best first."""
