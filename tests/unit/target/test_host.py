"""What a host does to a guest while something is measured, from its kernel's counters."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.target.sandbox.host import Host, disturbance, this_host


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
        (self.proc / "77/stat").write_text(f"77 (a) b) S 1 1 1 0 -1 0 0 0 0 0 {own} {own} 0 0\n")
        line = f"some avg10=9.00 avg60=9.00 avg300=9.00 total={pressure_us}\nfull total=3\n"
        (self.proc / "pressure/cpu").write_text(line)


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
