"""Asks a program's own linker for its libraries; that loads them and starts nothing.

The linker itself is started, and a program can name any: only one that belongs to the system is
asked.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.linked import listed_libraries
from schedtui.toolchain.confined import Launch, Limits, limited, run_confined
from schedtui.toolchain.errors import ToolchainError

_LIMITS: Final = Limits(
    wall_s=10.0, memory_mb=4096, file_mb=1, output_bytes=256 << 10, talk_bytes=4 << 10
)


async def libraries_of(program: Path, linker: str) -> tuple[tuple[str, Path], ...]:
    """Return the libraries of a program, by the name they are looked for as.

    Raises:
        ToolchainError: They are not all there, or the linker does not tell or is not asked.
    """
    try:
        _require_the_systems(Path(linker))
        command = limited((linker, "--list", str(program)), _LIMITS)
        ran = await run_confined(Launch(command, "/"), _LIMITS)
        if ran.code != 0 or ran.timed_out or ran.overflowed:
            said = safe_text(ran.talk.strip()) or "no reason given"
            raise ToolchainError(f"its libraries cannot be found: {said}")
        found = tuple(listed_libraries(ran.output.decode("utf-8", "replace")))
    except OSError as error:
        reason = safe_text(error.strerror or str(error))
        raise ToolchainError(f"its libraries cannot be found: {reason}") from error
    except ObjectFileError as error:
        raise ToolchainError(safe_text(str(error))) from error
    return tuple((name, Path(path)) for name, path in found)


def _require_the_systems(linker: Path) -> None:
    held = linker.stat()
    if held.st_uid != 0 or held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        shown = safe_text(str(linker))
        raise ToolchainError(f"its linker {shown} is not asked: others than root can change it")
