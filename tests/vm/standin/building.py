"""Builds the stand-in: our object, our program, the sandbox's own libbpf."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path

from schedtui.target.sandbox.places import sub_dir
from tests.fakes.schedulers import compiled_source

_SOURCE = Path(__file__).with_name("scx_standin.c")


def build_standin(folder: Path, name: str, source: str) -> Path:
    """Return a program called ``name`` that attaches what ``source`` compiles to."""
    folder.mkdir(mode=0o755, exist_ok=True)
    data = asyncio.run(compiled_source(source))
    (folder / "object.o").write_bytes(data)
    # The compiler's cache does not see into what is included as it is.
    fresh = f"-DOBJECT_SHA256={hashlib.sha256(data).hexdigest()}"
    libraries = sub_dir("userland") / "usr/lib/x86_64-linux-gnu"
    program = folder / name
    subprocess.run(
        (
            *(
                sys.executable,
                "-m",
                "ziglang",
                "cc",
                "-target",
                "x86_64-linux-gnu.2.36",
                "-O1",
                fresh,
            ),
            *("-Wl,-rpath," + str(libraries), "-o", str(program), str(_SOURCE)),
            str(libraries / "libbpf.so.1"),
        ),
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return program
