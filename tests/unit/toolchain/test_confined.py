"""Running one program with limits, and ending all it started."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from schedtui.toolchain.confined import Launch, Limits, limited, run_confined
from tests.unit.toolchain.leftovers import all_gone

LIMITS = Limits(wall_s=10, memory_mb=1024, file_mb=1, output_bytes=100, talk_bytes=50)


def python(code: str, folder: Path) -> Launch:
    """Return a launch of a Python program."""
    return Launch((sys.executable, "-I", "-c", code), str(folder))


async def test_children_end_with_the_time(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    limits = Limits(wall_s=1.5, memory_mb=1024, file_mb=1, output_bytes=100, talk_bytes=100)
    ran = await run_confined(python(code, tmp_path), limits)
    assert ran.timed_out
    assert ran.code < 0
    assert await all_gone({int(ran.output)})


BUSY = "import time\nwhile time.process_time() < 0.8: pass\n"
CHILD = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {!r}]).wait()\n"
STAYS = f"{BUSY}time.sleep(60)\n"


@pytest.mark.parametrize("code", [BUSY, CHILD.format(BUSY)], ids=["own", "child's"])
async def test_what_it_computed_is_seen(code: str, tmp_path: Path) -> None:
    ran = await run_confined(python(code, tmp_path), LIMITS)
    assert not ran.timed_out
    assert 0.2 < ran.cpu_s < 1.5


@pytest.mark.parametrize("code", [STAYS, CHILD.format(STAYS)], ids=["own", "child's"])
async def test_what_it_computed_before_it_was_ended_is_seen(code: str, tmp_path: Path) -> None:
    limits = Limits(wall_s=2.5, memory_mb=1024, file_mb=1, output_bytes=100, talk_bytes=100)
    ran = await run_confined(python(code, tmp_path), limits)
    assert ran.timed_out
    assert 0.6 < ran.cpu_s < 2


async def test_waiting_is_no_computing(tmp_path: Path) -> None:
    ran = await run_confined(python("import time; time.sleep(1)", tmp_path), LIMITS)
    assert ran.cpu_s < 0.5


async def test_too_much_output_ends_it(tmp_path: Path) -> None:
    started = time.monotonic()
    ran = await run_confined(python("while True: print('x' * 999)", tmp_path), LIMITS)
    assert ran.overflowed
    assert not ran.timed_out
    assert len(ran.output) == LIMITS.output_bytes
    assert time.monotonic() - started < LIMITS.wall_s / 2


async def test_too_much_talk_is_thrown_away(tmp_path: Path) -> None:
    ran = await run_confined(python("import sys; sys.stderr.write('x' * 999999)", tmp_path), LIMITS)
    assert (ran.code, len(ran.talk), ran.overflowed) == (0, LIMITS.talk_bytes, False)


async def test_nothing_of_our_environment_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", "PLANTED")
    ran = await run_confined(python("import os; print(os.environ)", tmp_path), LIMITS)
    assert ran.code == 0
    assert b"PLANTED" not in ran.output


async def test_limits_hold(tmp_path: Path) -> None:
    for code in ("bytearray(2 << 30)", "open('f', 'wb').write(bytes(2 << 20))"):
        launch = python(code, tmp_path)
        ran = await run_confined(Launch(limited(launch.command, LIMITS), launch.folder), LIMITS)
        assert ran.code != 0, code


def test_without_prlimit_there_are_no_limits_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="prlimit"):
        limited(("true",), LIMITS)
