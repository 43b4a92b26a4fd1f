"""A person's own command in the guest: it has its files, cannot change them, sees no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.measure.catalogue import command
from schedtui.model.parcel import Use
from schedtui.model.protocol import WindowArgs, WindowReport
from schedtui.target.bringing import bring
from schedtui.target.link import LinkError
from schedtui.target.sandbox.parcel import found, gather
from schedtui.target.sandbox.target import Guest

pytestmark = pytest.mark.vm

SEES_ITS_FILES_ALONE = """
read -r line < data && [ "$line" = "seen" ] || exit 10
[ -e /workloads ] && exit 11
[ -e /node ] && exit 12
[ -w data ] || [ -w . ] || [ -w /usr ] && exit 13
echo written > /tmp/result && [ -s /tmp/result ] || exit 14
[ -r /proc/self/stat ] && [ -c /dev/urandom ] || exit 15
i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done
"""


async def test_a_command_runs_with_its_own_files_and_sees_nothing_else(
    guest: Guest, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("seen\n")
    # A file of several parts as well.
    (tmp_path / "large").write_bytes(bytes(5 << 20))
    shell = str(found("sh", tmp_path))
    parcel = await gather([shell], (Path("data"), Path("large")), tmp_path)
    await bring(guest.link, Use.COMMAND, parcel.files)

    async def ran(script: str) -> dict[str, float]:
        spec = command([shell, "-c", script], str(tmp_path))
        args = WindowArgs(spec.name, spec.arguments, 20)
        return dict((await guest.link.call("window", args, WindowReport, 25)).metrics)

    metrics = await ran(SEES_ITS_FILES_ALONE)
    assert set(metrics) == {"wall_ms", "cpu_ms"}
    assert metrics["cpu_ms"] > 0
    assert 0 < metrics["wall_ms"] < 15_000
    with pytest.raises(LinkError, match="the command ended with status 127"):
        await ran("exec /no/such")
    with pytest.raises(LinkError, match="the command ended with status 9: last words"):
        await ran("echo last words >&2; exit 9")
