"""Ctrl-C while the program starts, at points that it tells by itself: silence, no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).resolve().parents[3]
LONG: Final = ("watch", "--target", "local", "--json")
"""Goes on until it is stopped."""


def installed() -> list[str]:
    """Return what the installed command does."""
    entry = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]["scripts"]["schedtui"]
    module, _, function = entry.partition(":")
    return ["-c", f"import sys\nfrom {module} import {function}\nsys.exit({function}())"]


@pytest.mark.parametrize("start", [["-m", "schedtui"], installed()], ids=["module", "command"])
@pytest.mark.parametrize(
    "imported", ["argparse", "schedtui.cli", "schedtui.commands.run", "schedtui.engine.session"]
)
def test_ctrl_c_while_it_starts(start: list[str], imported: str) -> None:
    # Python then says what it has imported as soon as it has.
    command = [sys.executable, "-X", "importtime", *start, *LONG]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=HERE
    ) as program:
        assert program.stderr is not None
        assert any(line.split("|")[-1].strip() == imported for line in program.stderr)
        program.send_signal(signal.SIGINT)
        rest = program.stderr.read()
    assert "Traceback" not in rest
    assert program.returncode in {-signal.SIGINT, 128 + signal.SIGINT}
