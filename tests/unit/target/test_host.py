"""What a host does to a guest while something is measured, from its kernel's counters."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.target.sandbox.host import Host, Look, disturbance, this_host
from schedtui.target.sandbox.neighbours import busiest


class Kernel:
    """The files of a host's kernel, in a folder."""

    def __init__(self, proc: Path) -> None:
        self.proc = proc
        self.seconds = 100.0
        (proc / "77/task/78").mkdir(parents=True)
        (proc / "77/task/79").mkdir()
        (proc / "pressure").mkdir()
        self.host = Host(77, (78, 79), proc, lambda: self.seconds)

    def counts(self, *, ran_ms: int, waited_ms: int, stat: str, own: int, pressure_us: int) -> None:
        """Write them; both threads have the same."""
        for thread in (78, 79):
            times = f"{ran_ms * 10**6} {waited_ms * 10**6} 42\n"
            (self.proc / f"77/task/{thread}/schedstat").write_text(times)
        (self.proc / "stat").write_text(f"cpu  {stat}\ncpu0 1 2\n")
        self.uses(77, "a) b", own)
        line = f"some avg10=9.00 avg60=9.00 avg300=9.00 total={pressure_us}\nfull total=3\n"
        (self.proc / "pressure/cpu").write_text(line)

    def uses(self, pid: int, name: str, ticks: int, started: int = 5) -> None:
        """Write what one process has used, as much in either mode."""
        (self.proc / f"{pid}").mkdir(exist_ok=True)
        times = f"S 1 1 1 0 -1 0 0 0 0 0 {ticks} {ticks} 0 0 20 0 1 0 {started} 9 9\n"
        (self.proc / f"{pid}/stat").write_text(f"{pid} ({name}) {times}")


def test_shares_between_two_looks(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    kernel.counts(ran_ms=10, waited_ms=5, stat="10 0 10 100 0 0 0 5 0 0", own=7, pressure_us=10)
    before = kernel.host.look()
    kernel.seconds += 4
    # 800 ticks more: 400 idle, 40 stolen, 360 busy, of which 2 x 100 are the guest's.
    kernel.counts(
        ran_ms=1510,
        waited_ms=505,
        stat="210 0 170 400 100 0 0 45 99 0",
        own=107,
        pressure_us=1_000_010,
    )
    seen = disturbance(before, kernel.host.look())
    assert seen is not None
    assert seen.delayed == pytest.approx(0.25)
    assert seen.stolen == pytest.approx(0.05)
    assert seen.others == pytest.approx(0.2)
    assert seen.pressure == pytest.approx(0.25)
    assert seen.score == pytest.approx(1 - 0.75 * 0.95)


def test_a_host_that_counts_nothing_is_not_called_quiet_nor_noisy(tmp_path: Path) -> None:
    host = Host(77, (78,), tmp_path, lambda: 1.0)
    assert disturbance(host.look(), host.look()) is None
    (tmp_path / "stat").write_text("cpu x\n")
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure/cpu").write_text("some\n")
    assert disturbance(host.look(), host.look()) is None
    assert Host(77, (), tmp_path).look().delayed_ns is None


def test_the_host_is_named_by_processor_cpus_and_kernel(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: A \x1b[1mfast one\n")
    said = this_host(tmp_path)
    assert said.startswith("A \\x1b[1mfast one, ")
    assert "CPUs, Linux " in said
    assert this_host(tmp_path / "none").endswith(said.partition("one, ")[2])


def test_the_busiest_neighbour_is_named_where_one_stands_out(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)

    def counts() -> Look:
        kernel.counts(ran_ms=1, waited_ms=1, stat="1 0 1 1 0 0 0 1 0 0", own=900, pressure_us=1)
        return kernel.host.look()

    kernel.uses(10, "old", 5000)
    kernel.uses(11, "cc1", 100, started=7)
    before = counts()
    kernel.uses(10, "old", 5001)
    kernel.uses(11, "cc1", 30, started=8)  # another process has got the number
    kernel.uses(12, "cc\x1b1", 20)
    kernel.uses(13, "cc\x1b1", 20)
    after = counts()
    assert busiest(before.processes, after.processes, 77) == "cc\\x1b1"
    seen = disturbance(before, after)
    assert seen is not None
    assert seen.busiest == "cc\\x1b1"
    for pid in range(20, 30):
        kernel.uses(pid, f"one-of-many-{pid}", 20)
    assert busiest(before.processes, counts().processes, 77) == ""
    assert busiest(before.processes, before.processes, 77) == ""
