"""Compiles BPF C, kept away from the machine it happens on.

The compiler sees itself, our headers and the source, and nothing else (``confinement``). Time and
memory are limited, and no path of this machine gets into the object or the diagnostics.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.resources import resource_dir
from schedtui.toolchain.compilers import Compiler, find_compiler
from schedtui.toolchain.confined import Limits, Ran
from schedtui.toolchain.confinement import (
    CONFINEMENTS,
    INCLUDE,
    LIMITS,
    SOURCE_NAME,
    Confinement,
    Job,
    Place,
    Unconfined,
)
from schedtui.toolchain.diagnostics import Diagnostic, read_diagnostics, read_opened
from schedtui.toolchain.errors import NoConfinementError
from schedtui.toolchain.probe import find_confinement

__all__ = [
    "SOURCE_NAME",
    "CompileResult",
    "Diagnostic",
    "Ending",
    "OpenCompiler",
    "compile_bpf",
    "open_compiler",
]

_OBJECT_LIMIT: Final = 2 * 1024 * 1024
_CACHE_SIZE: Final = 64
_ELF: Final = b"\x7fELF"

_FLAGS: Final = (
    *("-O2", "-g", "-gdwarf-4", "-std=gnu17", "-mcpu=v3", "-ffreestanding", "-nostdinc"),
    *("-fno-stack-protector", "-fno-crash-diagnostics", "-fno-color-diagnostics"),
    *("-fno-caret-diagnostics", "-ferror-limit=20", "-fmacro-backtrace-limit=1"),
    *("-fbracket-depth=64", "-Wall", "-Wextra", "-Werror", "-Wdate-time"),
    *("-Wno-unused-parameter", "-I", INCLUDE, f"-ffile-prefix-map={INCLUDE}=include"),
    *("-fdebug-compilation-dir=.", "-c"),
    # Both on standard output: the list of opened files first, then the object.
    *("-MD", "-MT", "opened", "-MF", "-", "-o", "-"),
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
    listed: bool = True
    """False when it gave no account: it does not when an included file is missing."""
    confinement: str = ""
    """What kept it from the machine's files."""
    cpu_seconds: float = 0.0
    """CPU time that was seen. Who waits for a busy machine takes longer, and uses no more."""
    headers_sha256: str = ""
    """Hash of all headers that it could include."""
    allowed_s: float = LIMITS.wall_s
    """How long all compiles of one source together may take there."""


_known: dict[str, CompileResult] = {}


async def compile_bpf(
    source: str,
    *,
    compiler: str = "zig",
    fresh: bool = False,
    ours: bool = False,
    confinements: Sequence[Confinement] = CONFINEMENTS,
) -> CompileResult:
    """Compile one BPF C source against ``bpf/include``.

    Args:
        source: The whole text.
        compiler: ``zig``, or ``clang`` for a system clang of at least version 16.
        fresh: Compile again even if this source was compiled before.
        ours: The source is part of schedtui: without any confinement, limits are enough.
        confinements: Ways to confine the compiler; the first that works here is taken.

    Raises:
        NoConfinementError: none of them works on this machine.
        ToolchainError: the compiler is missing or too old.
    """
    found = await find_compiler(compiler)
    headers = headers_sha256()
    key = _cache_key(source, found.version, headers)
    if not fresh and key in _known:
        return _known[key]
    confinement = await _confinement(found, confinements, ours=ours)
    async with _opened(found, confinement) as opened:
        result = await opened.compile(source)
    if result.ending is Ending.OBJECT:
        if len(_known) >= _CACHE_SIZE:
            _known.pop(next(iter(_known)))
        _known[key] = result
    return result


async def _confinement(
    compiler: Compiler, confinements: Sequence[Confinement], *, ours: bool
) -> Confinement:
    try:
        return await find_confinement(compiler, confinements)
    except NoConfinementError:
        if ours:
            return Unconfined()
        raise


class OpenCompiler:
    """A compiler in the place where it is confined, for one source."""

    def __init__(self, compiler: Compiler, confinement: Confinement, place: Place) -> None:
        self._compiler = compiler
        self._confinement = confinement
        self._place = place

    async def compile(self, source: str, seconds: float | None = None) -> CompileResult:
        """Compile, for ``seconds`` at the most; None is all the time that a source has.

        Raises:
            NoConfinementError: the compiler does not start there any more.
        """
        limits = self._place.limits
        most_s = limits.wall_s if seconds is None else seconds
        headers = headers_sha256()
        with _told_when_lost(self._confinement):
            ran = await self._place.run(_job(self._compiler, source), most_s)
        made = _result(ran, self._compiler.version, self._confinement.name, limits)
        return replace(made, headers_sha256=headers)


@asynccontextmanager
async def open_compiler(
    compiler: str = "zig", confinements: Sequence[Confinement] = CONFINEMENTS
) -> AsyncIterator[OpenCompiler]:
    """Give a confined compiler for all compiles of one source.

    Raises:
        NoConfinementError: none of the confinements works.
        ToolchainError: the compiler is missing or too old.
    """
    found = await find_compiler(compiler)
    async with _opened(found, await find_confinement(found, confinements)) as opened:
        yield opened


@asynccontextmanager
async def _opened(compiler: Compiler, confinement: Confinement) -> AsyncIterator[OpenCompiler]:
    async with AsyncExitStack() as stack:
        with _told_when_lost(confinement):
            place = await stack.enter_async_context(confinement.place())
        yield OpenCompiler(compiler, confinement, place)


@contextmanager
def _told_when_lost(confinement: Confinement) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = safe_text(str(error.strerror or error))
        sentence = f"{confinement.name} worked before and does not any more ({why})"
        raise NoConfinementError(sentence) from error


def _job(compiler: Compiler, source: str) -> Job:
    text = source.encode("utf-8", "surrogatepass")
    command = (*compiler.command, *_FLAGS)
    return Job(command, compiler.files, _include_dir(), text, ("--", SOURCE_NAME))


def _result(ran: Ran, compiler: str, confinement: str, limits: Limits) -> CompileResult:
    rule, found, rest = ran.output.partition(b"\n" + _ELF)
    made = _ELF + rest if found else b""
    ending = _ending(ran, made)
    return CompileResult(
        object=made if ending is Ending.OBJECT else None,
        diagnostics=read_diagnostics(ran.talk),
        seconds=ran.seconds,
        compiler=compiler,
        ending=ending,
        opened=read_opened(rule),
        listed=rule.startswith(b"opened:"),
        confinement=confinement,
        cpu_seconds=min(ran.cpu_s, ran.seconds),
        allowed_s=limits.wall_s,
    )


def _ending(ran: Ran, made: bytes) -> Ending:
    if ran.timed_out:
        return Ending.TIMEOUT
    if ran.overflowed or len(made) > _OBJECT_LIMIT:
        return Ending.TOO_LARGE
    if ran.code == 0 and made:
        return Ending.OBJECT
    errors = any(d.severity == "error" for d in read_diagnostics(ran.talk))
    return Ending.REFUSED if errors and ran.code == 1 else Ending.CRASH


def _include_dir() -> Path:
    return (resource_dir("bpf") / "include").resolve()


def headers_sha256() -> str:
    """Return one hash of all headers that a source can include, by name."""
    digest = hashlib.sha256()
    for header in sorted(_include_dir().rglob("*.h")):
        digest.update(header.name.encode() + b"\0" + header.read_bytes() + b"\0")
    return digest.hexdigest()


def _cache_key(source: str, version: str, headers: str) -> str:
    digest = hashlib.sha256(f"{version}\0{' '.join(_FLAGS)}\0{headers}\0".encode())
    digest.update(source.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
