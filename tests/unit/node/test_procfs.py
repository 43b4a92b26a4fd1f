"""Figures from /proc and /sys, read from folders that a test has filled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.model.telemetry import Pressure
from schedtui.node.pressure import read_pressure
from schedtui.node.procfs import ProcCpu, Procfs
from schedtui.node.sample_processes import ProcessActivity, Processes

STAT = """\
cpu  100 0 50 800 40 5 5 0 0 0
cpu0 60 0 30 400 20 5 5 0 0 0
cpu2 40 0 20 400 20 0 0 0 0 0
intr 12345 1 2 3
ctxt 987654
btime 1700000000
processes 4321
procs_running 3
"""
SCHEDSTAT = """\
version 17
timestamp 4294894285
cpu0 0 0 0 0 0 0 5367243851 526323892 864
domain0 MC 3 0 0 0
cpu2 0 0 0 0 0 0 2982340118 842749191 798
"""


@pytest.fixture
def machine(tmp_path: Path) -> Procfs:
    """A machine with CPUs 0 and 2 online."""
    proc, sys = tmp_path / "proc", tmp_path / "sys"
    (sys / "devices/system/cpu").mkdir(parents=True)
    (sys / "devices/system/cpu/online").write_text("0,2\n")
    proc.mkdir()
    (proc / "stat").write_text(STAT)
    (proc / "schedstat").write_text(SCHEDSTAT)
    (proc / "loadavg").write_text("1.78 0.53 0.12 4/129 4372\n")
    return Procfs(proc, sys)


def test_a_reading_holds_ticks_delays_switches_and_forks(machine: Procfs) -> None:
    reading = machine.read()
    assert reading.cpus == (
        ProcCpu(0, busy_ticks=100, total_ticks=520, run_delay_ns=526323892),
        ProcCpu(2, busy_ticks=60, total_ticks=480, run_delay_ns=842749191),
    )
    assert (reading.switches, reading.forks, reading.running) == (987654, 4321, 3)


def test_time_of_guests_is_not_counted_twice(machine: Procfs) -> None:
    (machine.proc / "stat").write_text("cpu0 60 0 0 40 0 0 0 0 50 0\n")
    assert machine.read().cpus == (ProcCpu(0, 60, 100, 526323892),)


def test_without_schedstat_run_delay_is_unknown(machine: Procfs) -> None:
    (machine.proc / "schedstat").unlink()
    assert [cpu.run_delay_ns for cpu in machine.read().cpus] == [None, None]


def test_without_any_file_a_reading_is_empty(tmp_path: Path) -> None:
    reading = Procfs(tmp_path / "proc", tmp_path / "sys").read()
    assert reading.cpus == ()
    assert (reading.switches, reading.forks, reading.running) == (None, None, None)


def test_nonsense_in_the_files_is_passed_over(machine: Procfs) -> None:
    (machine.proc / "stat").write_bytes(b"cpu0 1 2\ncpuX 1 2 3 4 5\ncpu1 a b c d e\n\xff\n\nctxt\n")
    (machine.proc / "schedstat").write_bytes(b"cpu0 1\ncpu2 x x x x x x x x x\n")
    (machine.proc / "loadavg").write_text("later\n")
    reading = machine.read()
    assert (reading.cpus, reading.switches, reading.running) == ((), None, None)


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0-3\n", {0, 1, 2, 3}),
        ("0\n", {0}),
        ("0,2-3,8\n", {0, 2, 3, 8}),
        ("", None),
        ("0-99999999\n", None),
        ("3-1\n", None),
        ("all\n", None),
    ],
)
def test_online_cpus(machine: Procfs, text: str, cpus: set[int] | None) -> None:
    (machine.sys / "devices/system/cpu/online").write_text(text)
    assert machine.online() == cpus


def test_online_cpus_are_unknown_without_sysfs(tmp_path: Path) -> None:
    assert Procfs(tmp_path, tmp_path).online() is None


def test_pressure_is_the_ten_second_average(tmp_path: Path) -> None:
    (tmp_path / "pressure").mkdir()
    cpu = "some avg10=1.78 avg60=0.53 avg300=0.12 total=478380\n"
    (tmp_path / "pressure/cpu").write_text(cpu)
    memory = "some avg10=2.00 avg60=0 avg300=0 total=0\nfull avg10=1.50 avg60=0 avg300=0 total=0\n"
    (tmp_path / "pressure/memory").write_text(memory)
    assert read_pressure(tmp_path) == (Pressure("cpu", 1.78, 0.0), Pressure("memory", 2.0, 1.5))


@pytest.mark.parametrize("text", ["", "some avg10=nan avg60=0\n", "some avg10=900 x\n", "\xff\n"])
def test_unreadable_pressure_is_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure/io").write_text(text)
    assert read_pressure(tmp_path) == ()


class Clock:
    """Moves only when told to, and by ``cost`` at every look."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cost = 0.0

    def __call__(self) -> float:
        self.now += self.cost
        return self.now


class Crowd:
    """Processes under a folder that looks like /proc."""

    def __init__(self, proc: Path) -> None:
        self.proc = proc
        self.clock = Clock()
        self.processes = Processes(proc, self.clock, ticks_per_s=100)

    def put(
        self,
        pid: int,
        ticks: int,
        name: bytes = b"worker",
        state: bytes = b"S",
        started: int = 7,
        delays: tuple[str, ...] = ("5000 0 1",),
    ) -> None:
        folder = self.proc / str(pid)
        middle = b" 0" * 10
        stat = b"%d (%s) %s%s %d 3 0 0 20 0 1 0 %d 9 9\n"
        (folder / "task").mkdir(parents=True, exist_ok=True)
        (folder / "stat").write_bytes(stat % (pid, name, state, middle, ticks, started))
        for number, text in enumerate(delays):
            (folder / "task" / str(pid + number)).mkdir(exist_ok=True)
            (folder / "task" / str(pid + number) / "schedstat").write_text(text)

    def after(self, seconds: float) -> tuple[ProcessActivity, ...]:
        self.clock.now += seconds
        return self.processes.activity()


@pytest.fixture
def crowd(tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


def test_the_first_look_has_nothing_to_compare_with(crowd: Crowd) -> None:
    crowd.put(10, 100)
    assert crowd.after(1) == ()


def test_processes_that_used_the_cpu_are_told_busiest_first(crowd: Crowd) -> None:
    for pid in (10, 11, 12):
        crowd.put(pid, 100)
    crowd.after(1)
    crowd.put(11, 150, name=b"eleven")
    crowd.put(12, 300, name=b"twelve")
    found = crowd.after(2)
    assert [(p.pid, p.name, p.run_share) for p in found] == [
        (12, "twelve", 1.0),
        (11, "eleven", 0.25),
    ]


def test_a_process_that_wants_the_cpu_is_told_even_if_it_got_none(crowd: Crowd) -> None:
    crowd.put(10, 100)
    crowd.after(1)
    crowd.put(10, 100, state=b"R")
    assert [(p.pid, p.run_share) for p in crowd.after(1)] == [(10, 0.0)]


def test_run_delays_of_threads_are_added_up(crowd: Crowd) -> None:
    crowd.put(10, 100, delays=("0 1000000 10", "0 5000000 20"))
    crowd.after(1)
    crowd.put(10, 110, delays=("0 1000000 10", "0 5000000 20"))
    assert crowd.after(1)[0].delay_ms_per_s is None
    crowd.put(10, 120, delays=("0 41000000 12", "0 25000000 22"))
    told = crowd.after(2)[0]
    assert told.delay_ms_per_s == pytest.approx(30.0)
    assert told.mean_wait_ms == pytest.approx(15.0)


def test_delays_are_unknown_where_the_kernel_does_not_keep_them(crowd: Crowd) -> None:
    for ticks in (100, 110, 120):
        crowd.put(10, ticks, delays=("0 0 0",))
        told = crowd.after(1)
    assert told[0].delay_ms_per_s is None


def test_a_number_that_was_given_again_is_another_process(crowd: Crowd) -> None:
    crowd.put(10, 100, started=7)
    crowd.after(1)
    crowd.put(10, 500, started=900)
    assert crowd.after(1) == ()


def test_processes_that_vanish_meanwhile_are_left_out(crowd: Crowd) -> None:
    crowd.put(10, 100)
    crowd.put(11, 100)
    crowd.after(1)
    (crowd.proc / "10/stat").unlink()
    crowd.put(11, 110)
    assert [p.pid for p in crowd.after(1)] == [11]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"[bold]x[/]", "[bold]x[/]"),
        (b"\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        (b"\xff\xfebad", "��bad"),
        (b"a) R 1 (b", "a) R 1 (b"),
        (b"x" * 4096, "x" * 63 + "…"),
    ],
)
def test_names_are_shown_literally(crowd: Crowd, raw: bytes, shown: str) -> None:
    crowd.put(10, 100, name=raw)
    crowd.after(1)
    crowd.put(10, 110, name=raw)
    assert [p.name for p in crowd.after(1)] == [shown]


def test_the_cgroup_is_the_last_part_of_its_path(crowd: Crowd) -> None:
    crowd.put(10, 100)
    crowd.after(1)
    crowd.put(10, 110)
    (crowd.proc / "10/cgroup").write_bytes(b"1:cpu:/old\n0::/user.slice/ga\x1bme.scope\n")
    assert crowd.after(1)[0].cgroup == "ga\\x1bme.scope"


def test_a_crowd_that_is_dear_to_look_through_is_looked_at_less_often(crowd: Crowd) -> None:
    crowd.put(10, 100)
    crowd.after(1)
    crowd.clock.cost = 0.04
    crowd.put(10, 110)
    first = crowd.after(1)
    assert first
    crowd.put(10, 190)
    assert crowd.after(0.5) is first
    assert crowd.after(2.0)[0].run_share > first[0].run_share


def test_this_machine_can_be_read() -> None:
    reading = Procfs().read()
    assert len(reading.cpus) == len(os.sched_getaffinity(0)) or reading.cpus
    assert reading.forks
