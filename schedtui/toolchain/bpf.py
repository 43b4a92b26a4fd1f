"""Compiles BPF C: ziglang from PyPI by default, a system clang when asked.

The source and everything the compiler writes live in a private folder that is gone when the call
ends, cancelled or not. The environment is empty but for what the compiler needs, time and memory
are limited, and no path of this machine gets into the object or the diagnostics.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.resources import resource_dir
from schedtui.toolchain.confined import Limits, run_confined
from schedtui.toolchain.errors import ToolchainError

SOURCE_NAME: Final = "scheduler.bpf.c"
_OBJECT_NAME: Final = "scheduler.bpf.o"
_DEPENDENCIES_NAME: Final = "opened.d"
_OBJECT_LIMIT: Final = 2 * 1024 * 1024
_OLDEST_CLANG: Final = 16
_LIMITS: Final = Limits(wall_s=5.0, memory_mb=2048, file_mb=16, output_bytes=16 * 1024)
_MAX_DIAGNOSTICS: Final = 40
_CACHE_SIZE: Final = 64

_FLAGS: Final = (
    *("-O2", "-g", "-std=gnu17", "-mcpu=v3", "-fno-stack-protector", "-nostdinc"),
    *("-fno-crash-diagnostics", "-fno-color-diagnostics", "-fno-caret-diagnostics"),
    *("-ferror-limit=20", "-fmacro-backtrace-limit=1", "-fbracket-depth=64"),
    *("-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"),
)


class Ending(StrEnum):
    """How a compile ended."""

    OBJECT = "object"
    REFUSED = "refused"
    """The compiler said no, with diagnostics."""
    TIMEOUT = "timeout"
    CRASH = "crash"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing the compiler said. ``line`` and ``column`` are 1-based, 0 without a place."""

    severity: str
    """``error``, ``warning`` or ``note``."""
    text: str
    line: int = 0
    column: int = 0
    file: str = ""
    """Empty for the source itself, else the name of a header of ours."""


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What came out of a compile."""

    object: bytes | None
    diagnostics: tuple[Diagnostic, ...]
    seconds: float
    compiler: str
    """Name and version."""
    ending: Ending = Ending.OBJECT
    opened: tuple[str, ...] = ()
    """Files the compiler opened, by its own account: names below ``bpf/include``, or whole."""


_known: dict[str, CompileResult] = {}


async def compile_bpf(source: str, *, compiler: str = "zig", fresh: bool = False) -> CompileResult:
    """Compile one BPF C source against ``bpf/include``.

    Args:
        source: The whole text.
        compiler: ``zig``, or ``clang`` for a system clang of at least version 16.
        fresh: Compile again even if this source was compiled before.

    Raises:
        ToolchainError: the compiler is missing or too old.
    """
    command, version = await _compiler(compiler)
    key = _cache_key(source, version)
    if not fresh and key in _known:
        return _known[key]
    result = await _compile(source, command, version)
    if result.ending is Ending.OBJECT:
        if len(_known) >= _CACHE_SIZE:
            _known.pop(next(iter(_known)))
        _known[key] = result
    return result


async def _compile(source: str, command: tuple[str, ...], version: str) -> CompileResult:
    include = _include_dir()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="schedtui-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        (folder / SOURCE_NAME).write_text(source, "utf-8")
        arguments = (*command, *_FLAGS, *_path_flags(folder, include), "-c", SOURCE_NAME)
        done = await run_confined(arguments, folder, _environment(folder), _LIMITS)
        seconds = time.monotonic() - started
        clean = _Cleaner((str(folder), str(include)))
        opened = clean.opened(folder / _DEPENDENCIES_NAME)
        diagnostics = clean.diagnostics(done.output)
        made = _read_object(folder / _OBJECT_NAME) if done.code == 0 else None
    if done.timed_out:
        return CompileResult(None, diagnostics, seconds, version, Ending.TIMEOUT, opened)
    if made is not None and len(made) > _OBJECT_LIMIT:
        return CompileResult(None, diagnostics, seconds, version, Ending.TOO_LARGE, opened)
    if made is not None:
        return CompileResult(made, diagnostics, seconds, version, Ending.OBJECT, opened)
    errors = any(d.severity == "error" for d in diagnostics)
    ending = Ending.REFUSED if errors and done.code == 1 else Ending.CRASH
    return CompileResult(None, diagnostics, seconds, version, ending, opened)


def _path_flags(folder: Path, include: Path) -> tuple[str, ...]:
    return (
        f"-ffile-prefix-map={folder}=.",
        f"-ffile-prefix-map={include}=include",
        "-fdebug-compilation-dir=.",
        *("-I", str(include)),
        *("-MD", "-MF", _DEPENDENCIES_NAME, "-o", _OBJECT_NAME),
    )


def _read_object(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_OBJECT_LIMIT + 1)
    except OSError:
        return None


def _include_dir() -> Path:
    return (resource_dir("bpf") / "include").resolve()


def _environment(folder: Path) -> dict[str, str]:
    # Everything the compiler may want to keep goes into the folder that vanishes.
    places = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "ZIG_LOCAL_CACHE_DIR", "ZIG_GLOBAL_CACHE_DIR")
    return {"PATH": os.environ.get("PATH", os.defpath), **dict.fromkeys(places, str(folder))}


def _cache_key(source: str, version: str) -> str:
    digest = hashlib.sha256(f"{version}\0{' '.join(_FLAGS)}\0".encode())
    for header in sorted(_include_dir().rglob("*.h")):
        digest.update(header.name.encode() + b"\0" + header.read_bytes() + b"\0")
    digest.update(source.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


# -- which compiler ---------------------------------------------------------------------------


async def _compiler(name: str) -> tuple[tuple[str, ...], str]:
    if name == "zig":
        return _zig()
    if name != "clang":
        raise ToolchainError(f"unknown compiler {safe_text(name, 40)!r}", "use zig or clang")
    path = shutil.which("clang")
    if path is None:
        raise ToolchainError("there is no clang on this machine", "install clang, or use zig")
    version = await _clang_version(path)
    return (path, "-target", "bpf"), f"clang {version}"


@cache
def _zig() -> tuple[tuple[str, ...], str]:
    # Imported here, because the node's rooms and `--help` never need a compiler.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        found = version("ziglang")
    except PackageNotFoundError as error:
        fix = "pip install ziglang, or use a system clang"
        raise ToolchainError("the BPF compiler (ziglang) is not installed", fix) from error
    command = (sys.executable, "-I", "-m", "ziglang", "cc", "-target", "bpfel-freestanding")
    return command, f"zig {found}"


async def _clang_version(path: str) -> str:
    with tempfile.TemporaryDirectory(prefix="schedtui-") as name:
        folder = Path(name)
        done = await run_confined((path, "--version"), folder, _environment(folder), _LIMITS)
    match = re.search(r"clang version (\d+)(\.\d+)*", done.output.decode("utf-8", "replace"))
    if match is None or done.code != 0:
        raise ToolchainError("the system clang does not tell its version", "use zig")
    if int(match[1]) < _OLDEST_CLANG:
        text = f"the system clang is version {match[1]}, at least {_OLDEST_CLANG} is needed"
        raise ToolchainError(text, "install a newer clang, or use zig")
    return match[0].removeprefix("clang version ")


# -- what it said -----------------------------------------------------------------------------

_DIAGNOSTIC: Final = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): "
    r"(?:fatal )?(?P<severity>error|warning|note): (?P<text>.*)"
)
_PLACELESS: Final = re.compile(r"(?:[\w.+-]+: )?(?:fatal )?(?P<severity>error): (?P<text>.*)")


class _Cleaner:
    """Takes the machine's paths out of what the compiler wrote."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self._prefixes = tuple(f"{folder}/" for folder in folders)

    def text(self, text: str) -> str:
        """Return text without the prefixes of our folders, and without any other long path."""
        for prefix in self._prefixes:
            text = text.replace(prefix, "")
        return re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+", ".../", text)

    def diagnostics(self, output: bytes) -> tuple[Diagnostic, ...]:
        """Return the first diagnostics, in order."""
        lines = output.decode("utf-8", "replace").splitlines()
        found = (self._diagnostic(line) for line in lines)
        return tuple(d for d in found if d is not None)[:_MAX_DIAGNOSTICS]

    def _diagnostic(self, raw: str) -> Diagnostic | None:
        line = self.text(raw)
        if match := _DIAGNOSTIC.fullmatch(line):
            file = Path(match["file"]).name
            return Diagnostic(
                match["severity"],
                safe_text(match["text"]),
                int(match["line"]),
                int(match["column"]),
                "" if file == SOURCE_NAME else safe_text(file),
            )
        match = _PLACELESS.fullmatch(line)
        return Diagnostic(match["severity"], safe_text(match["text"])) if match else None

    def opened(self, path: Path) -> tuple[str, ...]:
        """Return the files of a make-style dependency list, but for the source itself."""
        try:
            text = path.read_text("utf-8", "replace")[: 1 << 16]
        except OSError:
            return ()
        _target, _, files = text.replace("\\\n", " ").partition(":")
        names = {self._known(name) for name in files.split()}
        return tuple(sorted(safe_text(name) for name in names if name != SOURCE_NAME))

    def _known(self, name: str) -> str:
        for prefix in self._prefixes:
            name = name.removeprefix(prefix)
        return name.removeprefix("./")
