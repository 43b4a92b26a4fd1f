"""A program's linker is started on this machine, so it must be the system's own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.linking import libraries_of


async def test_a_linker_that_others_can_change_is_not_started(tmp_path: Path) -> None:
    linker, marker = tmp_path / "linker", tmp_path / "it ran"
    linker.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    linker.chmod(0o777)
    with pytest.raises(ToolchainError, match="others than root can change it"):
        await libraries_of(Path(sys.executable), str(linker))
    assert not marker.exists()
