"""What the sandbox keeps: who waits for a thing that another process makes."""

from __future__ import annotations

import asyncio
import fcntl
import time
from pathlib import Path

import pytest

from schedtui.target.sandbox.places import exclusive, sub_dir


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_who_waits_can_leave_at_once() -> None:
    async def wait_in_vain() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), exclusive("thing"):
                pytest.fail("two have it")

    with (sub_dir("locks") / "thing").open("w") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        began = time.monotonic()
        # The end of the loop waits for every thread that it started.
        asyncio.run(wait_in_vain())
        assert time.monotonic() - began < 5


async def test_who_waits_gets_it_when_it_is_free() -> None:
    order: list[str] = []

    async def take(name: str) -> None:
        async with exclusive("thing"):
            order.append(f"{name} has it")
            await asyncio.sleep(0.1)
            order.append(f"{name} gives it back")

    await asyncio.gather(take("one"), take("other"))
    assert order[1] == order[0].replace("has it", "gives it back")
    assert len(order) == 4
