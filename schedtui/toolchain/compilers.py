"""Which compiler: ziglang from PyPI by default, a system clang when asked."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.toolchain.confined import Launch, Limits, Ran, limited, run_confined
from schedtui.toolchain.errors import ToolchainError

_OLDEST_CLANG: Final = 16
_ASK_LIMITS: Final = Limits(10.0, 2048, 1, output_bytes=1 << 16, talk_bytes=1 << 14)


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler for BPF."""

    command: tuple[str, ...]
    """Absolute path and first arguments."""
    files: tuple[Path, ...]
    """All it needs to start: itself first, then its libraries."""
    version: str
    """Name and version."""


async def find_compiler(name: str) -> Compiler:
    """Return ``zig``, or ``clang`` for a system clang of at least version 16.

    Raises:
        ToolchainError: the compiler is missing or too old.
    """
    if name == "zig":
        return _zig()
    if name != "clang":
        raise ToolchainError(f"unknown compiler {safe_text(name, 40)!r}", "use zig or clang")
    found = shutil.which("clang")
    if found is None:
        raise ToolchainError("there is no clang on this machine", "install clang, or use zig")
    program = Path(found).resolve()
    version = await _clang_version(program)
    files = (program, *await _libraries(program))
    return Compiler((str(program), "-target", "bpf"), files, f"clang {version}")


@cache
def _zig() -> Compiler:
    # Imported here, because the node's rooms and `--help` never need a compiler.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415
    from importlib.util import find_spec  # noqa: PLC0415

    try:
        found, package = version("ziglang"), find_spec("ziglang")
    except PackageNotFoundError as error:
        raise _no_zig() from error
    if package is None or package.origin is None:
        raise _no_zig()
    program = Path(package.origin).resolve().with_name("zig")
    # The clang inside zig is one process without a cache, which needs no writable folder.
    return Compiler((str(program), "clang", "-target", "bpfel"), (program,), f"zig {found}")


def _no_zig() -> ToolchainError:
    fix = "pip install ziglang, or use a system clang"
    return ToolchainError("the BPF compiler (ziglang) is not installed", fix)


async def _clang_version(program: Path) -> str:
    done = await _asked(str(program), "--version")
    match = re.search(r"clang version (\d+)(\.\d+)*", done.output.decode("utf-8", "replace"))
    if match is None or done.code != 0:
        raise ToolchainError("the system clang does not tell its version", "use zig")
    if int(match[1]) < _OLDEST_CLANG:
        text = f"the system clang is version {match[1]}, at least {_OLDEST_CLANG} is needed"
        raise ToolchainError(text, "install a newer clang, or use zig")
    return match[0].removeprefix("clang version ")


async def _libraries(program: Path) -> tuple[Path, ...]:
    """Return what a system program is loaded with; for a script, its interpreter with all its."""
    interpreter = _interpreter(program)
    if interpreter is not None:
        return (interpreter, *await _libraries(interpreter))
    ldd = shutil.which("ldd")
    if ldd is None:
        raise ToolchainError("ldd, which names clang's libraries, is not installed", "use zig")
    text = (await _asked(ldd, str(program))).output.decode("utf-8", "replace")
    return tuple(map(Path, re.findall(r"(?:=> |^\s*)(/\S+) \(0x", text, re.MULTILINE)))


def _interpreter(program: Path) -> Path | None:
    with program.open("rb") as file:
        first = file.readline(256)
    words = first[2:].split() if first.startswith(b"#!") else []
    return Path(words[0].decode("utf-8", "replace")) if words else None


async def _asked(*command: str) -> Ran:
    try:
        return await run_confined(Launch(limited(command, _ASK_LIMITS), "/"), _ASK_LIMITS)
    except OSError as error:
        raise ToolchainError(f"{safe_text(command[0])} cannot be started", "use zig") from error
