"""What 200 verifications leave behind when every tenth is killed mid-way: it should be nothing."""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schedtui.engine.throwaway import GuestInspector
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.target.sandbox.places import cache_dir
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import KernelGate
from tests.perf.row import Row
from tests.vm.faults.corpus import FOLDER
from tests.vm.faults.gates import judged, plain_gates

_COUNT = 200
_EACH = 10
_IN_PROCESS = 6
_SETTLE_S = 2.0
_LONGEST_S = 60.0
_CHILD_SUBREAPER = 36
_CHECKOUT = Path(__file__).resolve().parents[2]
_PROGRAM = ("schedtui", "bpf", "policies", "themes")


@dataclass(frozen=True)
class _Place:
    """Folders that nobody but the verifications uses."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "XDG_STATE_HOME": str(self.root / "state"),
            "TMPDIR": str(self.root / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def files(self) -> set[Path]:
        """Return everything in them, but for locks, which stay by design."""
        return {path for path in self.root.rglob("*") if path.parent.name != "locks"}


async def leaks(_: tuple[str, ...]) -> list[Row]:
    """Verify cheap sources in processes of their own and look at what is left."""
    await prepare(LabOptions(), lambda _: None)
    ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    with _own_place() as place:
        sources = _sources(place.root)
        _verify(sources[-1], place, None)
        files = place.files()
        killed = sum(_round(number, sources, place) for number in range(_COUNT))
        await asyncio.sleep(_SETTLE_S)
        orphans, left = _orphans(), sorted(map(str, place.files() - files))
    opened = await _descriptors_left()
    what = f"{_COUNT} verifications, {killed} killed at a random moment"
    return [
        Row("guests and processes leaked", len(orphans), "", 0, True, _named(what, orphans)),
        Row("files leaked", len(left), "", 0, True, _named(what, left)),
        Row("file descriptors leaked by who asked", opened, "", 0, True, what),
    ]


def _named(what: str, found: list[str]) -> str:
    return f"{what}; {', '.join(found[:4])}" if found else what


@contextmanager
def _own_place() -> Iterator[_Place]:
    # Beside the cache, because hard links to what is prepared must stay on one file system.
    with tempfile.TemporaryDirectory(prefix="schedtui-leaks-", dir=cache_dir().parent) as name:
        root = Path(name)
        shutil.copytree(
            cache_dir(), root / "cache" / "schedtui", copy_function=_linked, symlinks=True
        )
        for folder in ("state", "tmp"):
            (root / folder).mkdir()
        # The program as it is now: an edit meanwhile would make every guest anew.
        for room in _PROGRAM:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(_CHECKOUT / room, root / "program" / room, ignore=ignored)
        yield _Place(root)


def _linked(source: str, target: str) -> None:
    os.link(source, target, follow_symlinks=False)


def _sources(root: Path) -> list[Path]:
    """Return files that end at different gates: rules, compile, object, kernel."""
    wanted = ("F31", "F01_", "F79b", "F64a")
    found = [path for name in wanted for path in FOLDER.glob(f"*/{name}*.bpf.c")]
    fifo = root / "fifo_rtc.bpf.c"
    fifo.write_text(next(p.source for p in load_repository() if p.name == "fifo_rtc"))
    return [*found[:4], fifo]


def _round(number: int, sources: list[Path], place: _Place) -> bool:
    """Verify one file; returns True when it was killed mid-way."""
    doomed = number % _EACH == _EACH - 1
    # The killed ones go furthest, so that the moment can be in any gate.
    source = sources[-1] if doomed else sources[number % len(sources)]
    seconds = random.Random(number).uniform(0.1, 3.0) if doomed else None  # noqa: S311
    return _verify(source, place, seconds)


def _verify(source: Path, place: _Place, kill_after_s: float | None) -> bool:
    command = [sys.executable, "-m", "schedtui", "verify", str(source), "--battery", "none"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=place.root / "program", env=place.environment, stdout=quiet, stderr=quiet
    ) as process:
        try:
            process.wait(kill_after_s or _LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    assert process.returncode in {0, 1}, (source.name, process.returncode)
    return False


async def _descriptors_left() -> int:
    """Return how many more files are open here after verifications in this very process."""
    lab = await prepare(LabOptions(), lambda _: None)
    source = next(p.source for p in load_repository() if p.name == "fifo_rtc")
    counts = []
    for _ in range(_IN_PROCESS):
        await judged(Draft("", source), [*plain_gates(), KernelGate(GuestInspector(lab))])
        counts.append(_descriptors())
    # What the first one opens may stay open for those after it.
    return counts[-1] - counts[0]


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _orphans() -> list[str]:
    """Return the processes that a killed verification left: as a subreaper, we inherit them."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = []
    for child in children:
        name = Path(f"/proc/{child}/comm").read_text().strip()
        done, _ = os.waitpid(int(child), os.WNOHANG)
        if not done:
            found.append(f"{name} ({child})")
    return found
