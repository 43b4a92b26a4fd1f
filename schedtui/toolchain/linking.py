"""Asks a program's own linker for its libraries; that loads them and starts nothing."""

from __future__ import annotations

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
        ToolchainError: They are not all there, or the linker does not tell.
    """
    try:
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
