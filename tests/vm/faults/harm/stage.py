"""Boots guests that demonstrate harm: the sandbox's image with another first process in it."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from schedtui.target.sandbox.image import Archive
from schedtui.target.sandbox.kernel import KernelImage, unpacked
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.machine import Boot, Machine, Shape, start_machine
from schedtui.target.sandbox.saved import GuestFiles, boot
from schedtui.toolchain.bpf import compile_bpf
from tests.vm.faults.harm.guest.seen import Order, Seen

_FAULTS: Final = Path(__file__).parent.parent
_GUEST: Final = Path(__file__).parent / "guest"
_IN_GUEST: Final = "node/tests/vm/faults/harm/guest"
_DEED_SECONDS: Final = 45.0
_BOOT_SECONDS: Final = 90.0
_BORROWED: Final = ("F48", "F61a", "F64a", "F65a")
"""Faults of ``running/`` that are demonstrated too."""

_INIT: Final = b"""import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/node")
from tests.vm.faults.harm.guest.rogue import main
main()
"""


async def compiled_objects() -> dict[str, bytes]:
    """Return the objects that a rogue guest needs, by fault id; no gate has seen them."""
    sources = [*(_FAULTS / "harm").glob("F*.bpf.c"), _GUEST / "plain_fifo.bpf.c"]
    for identity in _BORROWED:
        sources += (_FAULTS / "running").glob(f"{identity}_*.bpf.c")
    return {_identity(path): await _compiled(path) for path in sources}


def _identity(path: Path) -> str:
    name = path.name.removesuffix(".bpf.c")
    fault = re.match(r"(F\d\d[a-z]?)_", name)
    return fault[1] if fault else name


async def _compiled(path: Path) -> bytes:
    result = await compile_bpf(path.read_text())
    assert result.object is not None, (path.name, result.diagnostics)
    return result.object


def rogue_image(base: bytes, objects: dict[str, bytes]) -> bytes:
    """Return the sandbox's image with the rogue in place of the node's first process."""
    archive = Archive()
    parts = _IN_GUEST.split("/")
    for depth in range(2, len(parts)):
        archive.file(f"{'/'.join(parts[:depth])}/__init__.py", b"")
    archive.tree(_GUEST, _IN_GUEST, frozenset({"__pycache__"}))
    archive.file("init.py", _INIT)
    for name, data in objects.items():
        archive.file(f"objects/{name}.o", data)
    # The kernel unpacks archives one after the other; the later file wins.
    return base + archive.finished()


class RogueGuest:
    """A booted guest whose first process does what it is told."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @property
    def console(self) -> tuple[str, ...]:
        """The newest lines of the guest's kernel log."""
        return self._machine.console

    async def do(self, deed: str) -> Seen:
        """Give a demonstration. Raises LinkError when it breaks off or the guest dies."""
        return await self._machine.link.call(deed, Order(deed), Seen, _DEED_SECONDS)

    async def died(self, seconds: float) -> str:
        """Wait for the guest to end by itself; returns its panic, empty when there was none."""
        try:
            await asyncio.wait_for(self._machine.process.wait(), seconds)
        except TimeoutError:
            return ""
        return next((line for line in self.console if "Kernel panic" in line), "")


@dataclasses.dataclass(frozen=True)
class _Worded(Boot):
    """A boot with more words on the kernel's command line."""

    words: str = ""

    @property
    def command(self) -> str:
        """The kernel's command line."""
        return super().command.replace(" -- ", f" {self.words} -- ", 1)


async def _booted_with(files: GuestFiles, shape: Shape, words: str) -> Machine:
    """Boot with more words on the kernel's command line. Raises TimeoutError."""
    with files.image.open("rb") as image, unpacked(files.kernel) as start_from:
        start = _Worded(start_from, image.fileno(), words=words)
        machine = await start_machine(files.emulator, shape, start)
    try:
        await asyncio.wait_for(machine.link.ready.wait(), _BOOT_SECONDS)
    except BaseException:
        await machine.end()
        raise
    return machine


@asynccontextmanager
async def rogue_guest(
    lab: Lab,
    kernel: KernelImage,
    folder: Path,
    objects: dict[str, bytes],
    cpus: int = 2,
    words: str = "",
) -> AsyncIterator[RogueGuest]:
    """Boot a rogue guest and end it; its image is written to ``folder``.

    ``words`` come on top of the kernel's command line.
    """
    image = folder / "rogue.cpio"
    if not image.exists():
        image.write_bytes(rogue_image(lab.files.image.read_bytes(), objects))
    files = dataclasses.replace(lab.files, kernel=kernel, image=image)
    shape = lab.shape(cpus)
    machine = await (_booted_with(files, shape, words) if words else boot(files, shape))
    try:
        await machine.link.hello("rogue", throwaway=True)
        yield RogueGuest(machine)
    finally:
        await machine.end()
