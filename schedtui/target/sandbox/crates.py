"""Builds two external schedulers from their published crates, to try what others run.

Nothing is installed: the compiler for BPF comes from Debian packages that are unpacked into the
cache, and the programs stay there. Cargo itself is the user's own, as are the C compiler and make
that some crates ask for; the crates' build scripts run as this user.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.packages import PrivateApt, find_archive, unpack
from schedtui.target.sandbox.places import exclusive, sub_dir


@dataclass(frozen=True, slots=True)
class Crate:
    """One program as its authors published it."""

    name: str
    version: str


CRATES: Final = (Crate("scx_bpfland", "1.1.4"), Crate("scx_cosmos", "1.1.7"))
"""Small ones, of which each starts within seconds in an emulated guest."""

_PACKAGES: Final = ("clang-19", "libclang-19-dev", "libelf-dev", "zlib1g-dev")
_SUITE: Final = "bookworm"
_PROGRAMS: Final = {
    "cargo": "install cargo 1.85 or newer, by rustup or your distribution",
    "cc": "apt-get install gcc",
    "make": "apt-get install make",
    "pkg-config": "apt-get install pkg-config",
}
_LAST_LINES: Final = 12
_LONGEST_LINE: Final = 1 << 16


def built_folder() -> Path:
    """Return the folder of the programs that were built."""
    return sub_dir("externals") / "bin"


async def build_crates(progress: Progress, tools: Path | None = None) -> tuple[Path, ...]:
    """Return the paths of the programs, building what is not there yet.

    Args:
        progress: Told what is fetched, and once per crate that is built.
        tools: Folder of the unpacked compiler; fetched when None.

    Raises:
        TargetError: Something needed is missing, or a crate does not build.
    """
    async with exclusive("externals"):
        wanted = [crate for crate in CRATES if not _stamp(crate).exists()]
        if wanted:
            _require_programs()
            found = tools or await _tools(progress)
            for crate in wanted:
                progress(f"building {crate.name} {crate.version}: ten minutes or more on one core")
                await _build(crate, _environment(found))
                _stamp(crate).touch()
            shutil.rmtree(_build_folder(), ignore_errors=True)
    return tuple(built_folder() / crate.name for crate in CRATES)


def _stamp(crate: Crate) -> Path:
    return sub_dir("externals") / f"complete-{crate.name}-{crate.version}"


def _build_folder() -> Path:
    return sub_dir("externals") / "build"


def _require_programs() -> None:
    for program, fix in _PROGRAMS.items():
        if shutil.which(program) is None:
            raise TargetError(f"{program} is not installed: crates are built with it", fix)


async def _tools(progress: Progress) -> Path:
    folder = sub_dir("externals") / "tools"
    done = folder / "complete"
    if not done.exists():
        apt = PrivateApt(find_archive())
        await apt.update(progress)
        folder.mkdir(exist_ok=True)
        for package in _PACKAGES:
            progress(f"fetching {package}")
            for file in await apt.download_with_needs(package, _SUITE):
                await unpack(file, folder)
        done.touch()
    return folder


def _environment(tools: Path) -> Mapping[str, str]:
    llvm, libraries = tools / "usr/lib/llvm-19", tools / "usr/lib/x86_64-linux-gnu"
    include = tools / "usr/include"
    return os.environ | {
        "PATH": f"{llvm / 'bin'}:{os.environ.get('PATH', '')}",
        "LD_LIBRARY_PATH": f"{libraries}:{llvm / 'lib'}",
        "LIBCLANG_PATH": str(llvm / "lib"),
        "BPF_CLANG": str(llvm / "bin/clang"),
        "PKG_CONFIG_PATH": str(libraries / "pkgconfig"),
        "CPATH": f"{include}:{include / 'x86_64-linux-gnu'}",
        "LIBRARY_PATH": str(libraries),
        "CARGO_TARGET_DIR": str(_build_folder()),
        "CARGO_TERM_COLOR": "never",
        "CARGO_PROFILE_RELEASE_LTO": "off",
        "CARGO_PROFILE_RELEASE_STRIP": "symbols",
    }


async def _build(crate: Crate, environment: Mapping[str, str]) -> None:
    jobs = max(1, (os.cpu_count() or 1) // 2)
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "19", "cargo", "install", "--locked", "--force", "--jobs", str(jobs)),
        *("--root", str(sub_dir("externals")), f"{crate.name}@{crate.version}"),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    try:
        last = await _last_lines(process.stdout)
        code = await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if code != 0:
        told = [line for line in last if line.startswith("error")] or last[-1:] or ["nothing"]
        raise TargetError(
            f"{crate.name} {crate.version} does not build: {told[0]}",
            "check the network and that cargo is 1.85 or newer, then run it again",
        )


async def _last_lines(reader: asyncio.StreamReader | None) -> list[str]:
    """Read to the end and return the last lines, sanitised."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    rest = b""
    while reader is not None and (piece := await reader.read(_LONGEST_LINE)):
        *lines, rest = (rest + piece).split(b"\n")
        last.extend(safe_text(line) for line in lines)
        rest = rest[-_LONGEST_LINE:]
    return list(last)
