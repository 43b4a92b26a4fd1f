from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys
from schedtui.commands.options import Options
from schedtui.commands.run import run
from tests.fakes.cli_services import ScriptedServices
services = ScriptedServices()
code = run(Options("watch", json=True), services)
print(services.made.asked, file=sys.stderr)
sys.exit(code)
"""


def start(stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stderr=subprocess.PIPE, stdout=stdout
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_the_verb_cleanly(number: signal.Signals, code: int) -> None:
    with start(subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        _, talk = process.communicate(timeout=10)
    assert process.returncode == code
    assert b"Traceback" not in talk
    assert b"'close'" in talk


def test_a_reader_that_leaves_ends_the_verb_silently() -> None:
    reading, writing = os.pipe()
    with start(writing) as process:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        _, talk = process.communicate(timeout=10)
    assert process.returncode == 141
    assert b"Traceback" not in talk
    assert b"Broken" not in talk
    assert b"'close'" in talk
