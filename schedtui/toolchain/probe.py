"""Finds what confines a compiler here, by compiling something that must come out differently."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_lines
from schedtui.resources import resource_dir
from schedtui.toolchain.compilers import Compiler
from schedtui.toolchain.confined import Ran
from schedtui.toolchain.confinement import SOURCE_NAME, Confinement, Job, Place
from schedtui.toolchain.errors import NoConfinementError

_FLAGS: Final = ("-nostdinc", "-fno-crash-diagnostics", "-c", "-o", "-")
_ELF: Final = b"\x7fELF"
_FIX: Final = (
    "install bubblewrap (apt-get install bubblewrap) and allow user namespaces, use a kernel with"
    " Landlock switched on (lsm=landlock,...), or prepare the sandbox (schedtui lab setup)"
)

_found: dict[tuple[Compiler, tuple[Confinement, ...]], int] = {}
"""Which of the candidates works. What is equal works alike, and may have another owner."""


async def find_confinement(compiler: Compiler, candidates: Sequence[Confinement]) -> Confinement:
    """Return the first candidate that works here; tried once for each compiler.

    Raises:
        NoConfinementError: none does; the sentence says why not.
    """
    key = (compiler, tuple(candidates))
    if key not in _found:
        _found[key] = await _tried(compiler, candidates)
    return candidates[_found[key]]


async def _tried(compiler: Compiler, candidates: Sequence[Confinement]) -> int:
    reasons: list[str] = []
    for at, candidate in enumerate(candidates):
        reason = await _objection(compiler, candidate)
        if not reason:
            return at
        reasons.append(f"{candidate.name}: {reason}")
    why = "; ".join(dict.fromkeys(reasons)) or "there is nothing to try"
    raise NoConfinementError(f"the compiler cannot be confined here ({why})", _FIX)


async def _objection(compiler: Compiler, candidate: Confinement) -> str:
    """Return why the candidate will not do, empty when it will."""
    # A file that surely exists and can be read: what the confined compiler must not find.
    witness = Path(__file__).resolve()
    unseen = f'#if __has_include("{witness}")\n#error seen\n#endif\nint unseen;\n'
    unread = f'__asm__(".incbin \\"{witness}\\"");\n'
    try:
        async with candidate.place() as place:
            works, leaks = await asyncio.gather(
                _ran(compiler, place, unseen), _ran(compiler, place, unread)
            )
    except OSError as error:
        return str(error.strerror or error)
    if works.code != 0 or not works.output.startswith(_ELF):
        return next(iter(safe_lines(works.talk, 1)), "the compiler makes no object in it")
    return "it lets files be read" if leaks.code == 0 else ""


async def _ran(compiler: Compiler, place: Place, source: str) -> Ran:
    include = (resource_dir("bpf") / "include").resolve()
    command, operands = (*compiler.command, *_FLAGS), ("--", SOURCE_NAME)
    job = Job(command, compiler.files, include, source.encode(), operands)
    return await place.run(job, place.limits.wall_s)
