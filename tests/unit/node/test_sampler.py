"""Snapshots from scripted probe readings, and from /proc when there is no probe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.model.histogram import bucket_of, upper_edge_ns
from schedtui.model.telemetry import LoadReport, SchedulerState, Snapshot
from schedtui.model.wire import from_json, to_json
from schedtui.node.probe import Probe, ProbeError
from schedtui.node.probe_layout import (
    CPU_HEAD,
    CPU_SIZE,
    ENDED_ROW,
    TASK_REPORT,
    WAIT_REPORT,
    EndedReading,
    Wait,
    ended_readings,
    task_readings,
    waits,
)
from schedtui.node.probe_layout import (
    cpu_reading as parse_cpu,
)
from schedtui.node.procfs import Procfs
from schedtui.node.sample_waits import BLIND_WAIT_MS
from schedtui.node.sampler import Sampler
from tests.fakes.probe import ScriptedProbe, counts, cpu_reading, reading, task

STATE = SchedulerState("enabled", ops="fifo", enable_seq=3)
LOAD = LoadReport("service", running=True)


@pytest.fixture
def machine(tmp_path: Path) -> Procfs:
    (tmp_path / "sys/devices/system/cpu").mkdir(parents=True)
    (tmp_path / "sys/devices/system/cpu/online").write_text("0-1\n")
    (tmp_path / "proc").mkdir()
    return Procfs(tmp_path / "proc", tmp_path / "sys")


def sampler_of(machine: Procfs, probe: ScriptedProbe | None, reason: str = "") -> Sampler:
    return Sampler(probe, reason, lambda: STATE, lambda: LOAD, machine)


def two_samples(machine: Procfs, *readings: object) -> Snapshot:
    sampler = sampler_of(machine, ScriptedProbe(*readings))  # type: ignore[arg-type]  # readings
    sampler.sample()
    return sampler.sample()


def test_the_first_sample_only_shows_depths(machine: Procfs) -> None:
    busy = cpu_reading(0, depth=3, switches=900, delay_ns=10**9, wakeup=counts(5000))
    snapshot = sampler_of(machine, ScriptedProbe(reading(50, [busy]))).sample()
    assert (snapshot.seq, snapshot.interval_s, snapshot.source) == (1, 0.0, "bpf")
    assert snapshot.cpus[0].depth == 3
    assert snapshot.cpus[0].run_delay_ms_per_s is None
    assert snapshot.wakeup is None


def test_rates_are_differences_over_the_time_between(machine: Procfs) -> None:
    before = cpu_reading(
        0, switches=100, arrived=10, delay_ns=10**9, idle_ns=10**9, left=50, left_by_itself=20
    )
    after = cpu_reading(
        0,
        switches=300,
        arrived=14,
        delay_ns=2 * 10**9,
        idle_ns=2 * 10**9,
        left=150,
        left_by_itself=45,
        forks=6,
        depth=2,
        running_pid=42,
        running_name="cc1",
    )
    snapshot = two_samples(machine, reading(10, [before]), reading(12, [after]))
    cpu = snapshot.cpus[0]
    assert snapshot.interval_s == 2.0
    assert (cpu.utilisation, cpu.run_delay_ms_per_s) == (0.5, 500.0)
    assert (cpu.switches_per_s, cpu.migrations_per_s) == (100.0, 2.0)
    assert (cpu.depth, cpu.running) == (2, "cc1 (42)")
    assert (snapshot.voluntary_share, snapshot.forks_per_s) == (0.25, 3.0)
    assert (snapshot.scheduler, snapshot.load) == (STATE, LOAD)
    assert snapshot.source_note == ""


def test_wakeup_latency_and_run_delay_come_from_the_interval_alone(machine: Procfs) -> None:
    old = [10_000_000] * 50
    before = cpu_reading(0, wakeup=counts(*old), preempted=counts(*old))
    after = cpu_reading(
        0, wakeup=counts(*old, 2000, 2000), preempted=counts(*old, 4_000_000, 4_000_000)
    )
    other = cpu_reading(1, wakeup=counts(2000))
    snapshot = two_samples(
        machine, reading(1, [before, cpu_reading(1)]), reading(2, [after, other])
    )
    assert snapshot.wakeup is not None
    assert snapshot.run_delay is not None
    assert (snapshot.wakeup.count, snapshot.run_delay.count) == (3, 5)
    assert snapshot.wakeup.max_us == upper_edge_ns(bucket_of(2000)) / 1000
    assert snapshot.run_delay.max_us == upper_edge_ns(bucket_of(4_000_000)) / 1000
    assert snapshot.wakeup_counts[bucket_of(2000)] == 3
    assert snapshot.cpus[1].wakeup is not None
    assert snapshot.cpus[1].wakeup.count == 1


def test_a_quiet_interval_has_no_latency(machine: Procfs) -> None:
    cpu = cpu_reading(0, wakeup=counts(7))
    snapshot = two_samples(machine, reading(1, [cpu]), reading(2, [cpu]))
    assert snapshot.wakeup is None
    assert snapshot.run_delay is None
    assert sum(snapshot.wakeup_counts) == 0
    assert snapshot.voluntary_share is None


def test_counters_that_wrap_are_no_trouble(machine: Procfs) -> None:
    last = (1 << 32) - 1
    before = cpu_reading(0, wakeup=counts(start=last))
    after = cpu_reading(0, wakeup=counts(2000, 2000, start=last))
    snapshot = two_samples(machine, reading(1, [before]), reading(2, [after]))
    assert snapshot.wakeup is not None
    assert snapshot.wakeup.count == 2


def test_a_counter_that_went_back_is_no_negative_rate(machine: Procfs) -> None:
    before = cpu_reading(0, switches=10, delay_ns=9, idle_ns=9 * 10**9, forks=4)
    snapshot = two_samples(machine, reading(1, [before]), reading(2, [cpu_reading(0)]))
    cpu = snapshot.cpus[0]
    assert (cpu.switches_per_s, cpu.run_delay_ms_per_s, snapshot.forks_per_s) == (0.0, 0.0, 0.0)
    assert cpu.utilisation == 1.0


def test_only_online_cpus_are_shown(machine: Procfs) -> None:
    cpus = [cpu_reading(cpu) for cpu in range(4)]
    probe = ScriptedProbe(*(reading(at, cpus) for at in (1, 2, 3)))
    sampler = sampler_of(machine, probe)
    online = machine.sys / "devices/system/cpu/online"
    assert [cpu.cpu for cpu in sampler.sample().cpus] == [0, 1]
    online.write_text("0,3\n")
    assert [cpu.cpu for cpu in sampler.sample().cpus] == [0, 3]
    online.unlink()
    assert [cpu.cpu for cpu in sampler.sample().cpus] == [0, 1, 2, 3]


def test_the_most_delayed_tasks_come_first_without_the_node(machine: Procfs) -> None:
    tasks = [task(f"t{i}", 100 + i, delay_ns=i * 10**6) for i in range(30)]
    tasks += [task("node", 7, delay_ns=10**9), task("calm", 8, run_ns=10**9)]
    snapshot = two_samples(machine, reading(1), reading(2, [], tasks, node_tgid=7))
    assert len(snapshot.tasks) == 20
    assert snapshot.tasks[0].name == "t29"
    assert snapshot.tasks[-1].name == "t10"


def test_a_task_shows_what_it_did_and_the_wait_it_is_in(machine: Procfs) -> None:
    busy = task(
        "cc1",
        5,
        delay_ns=10**9,
        longest_ns=3 * 10**6,
        waiting_ns=8 * 10**6,
        run_ns=5 * 10**8,
        wakeups=6,
        waker="make",
        cgroup="build.scope",
    )
    sample = two_samples(machine, reading(1), reading(3, [], [busy])).tasks[0]
    assert (sample.pid, sample.name, sample.waker) == (5, "cc1", "make")
    assert (sample.delay_ms_per_s, sample.max_delay_ms) == (500.0, 8.0)
    assert (sample.running_share, sample.wakeups_per_s) == (0.25, 3.0)
    assert sample.cgroup == "build.scope"


def test_names_add_up_their_tasks_and_those_that_ended(machine: Procfs) -> None:
    tasks = [task("cc1", 5, run_ns=10**9), task("cc1", 6, run_ns=10**9), task("ld", 7, delay_ns=5)]
    ended = EndedReading(
        "cc1", ends=3, run_ns=9 * 10**9, longest_ns=4 * 10**9, unreported_ns=2 * 10**9
    )
    names = two_samples(machine, reading(1), reading(3, [], tasks, [ended])).names
    assert [name.name for name in names] == ["cc1"]
    assert (names[0].tasks, names[0].running_share, names[0].finished) == (5, 2.0, 3)
    assert (names[0].finished_run_ms, names[0].longest_run_ms) == (9000.0, 4000.0)


def test_twelve_names_are_kept_the_busiest_first(machine: Procfs) -> None:
    tasks = [task(f"n{i:02}", i, run_ns=1 + i) for i in range(20)]
    names = two_samples(machine, reading(1), reading(2, [], tasks)).names
    assert [name.name for name in names] == [f"n{i:02}" for i in range(19, 7, -1)]


def test_a_snapshot_survives_the_wire(machine: Procfs) -> None:
    cpu = cpu_reading(0, wakeup=counts(900, 5000))
    snapshot = two_samples(machine, reading(1, [cpu_reading(0)]), reading(2, [cpu]))
    assert from_json(Snapshot, to_json(snapshot)) == snapshot


def stat_of(machine: Procfs, busy: int, idle: int, forks: int = 10) -> None:
    (machine.proc / "stat").write_text(f"cpu0 {busy} 0 0 {idle} 0 0\nprocesses {forks}\n")


def test_without_a_probe_samples_come_from_proc_and_say_why(machine: Procfs) -> None:
    sampler = sampler_of(machine, None, "no BPF here")
    stat_of(machine, 100, 100)
    (machine.proc / "schedstat").write_text("cpu0 0 0 0 0 0 0 0 1000000 5\n")
    first = sampler.sample()
    stat_of(machine, 175, 125, forks=20)
    (machine.proc / "schedstat").write_text("cpu0 0 0 0 0 0 0 0 9000000 5\n")
    second = sampler.sample()
    assert (first.source, first.source_note, first.interval_s) == ("procfs", "no BPF here", 0.0)
    assert second.cpus[0].utilisation == 0.75
    assert second.cpus[0].run_delay_ms_per_s == pytest.approx(8 / second.interval_s)
    assert second.forks_per_s == pytest.approx(10 / second.interval_s)
    assert second.cpus[0].wakeup is None
    assert (second.wakeup_counts, second.voluntary_share) == ((), None)
    assert from_json(Snapshot, to_json(second)) == second


def test_depth_from_proc_is_shown_for_a_single_cpu_only(machine: Procfs) -> None:
    (machine.proc / "loadavg").write_text("0 0 0 4/99 1\n")
    sampler = sampler_of(machine, None)
    stat_of(machine, 1, 1)
    sampler.sample()
    assert sampler.sample().cpus[0].depth == 3
    (machine.proc / "stat").write_text("cpu0 1 0 0 1 0\ncpu1 1 0 0 1 0\n")
    assert [cpu.depth for cpu in sampler.sample().cpus] == [None, None]


def test_a_cpu_that_comes_online_starts_at_rest(machine: Procfs) -> None:
    sampler = sampler_of(machine, None)
    stat_of(machine, 1, 1)
    sampler.sample()
    (machine.proc / "stat").write_text("cpu0 3 0 0 1 0\ncpu1 900 0 0 5 0\n")
    assert [cpu.utilisation for cpu in sampler.sample().cpus] == [1.0, 0.0]


def test_a_probe_that_cannot_start_is_replaced_by_proc(machine: Procfs) -> None:
    probe = ScriptedProbe()
    probe.broken = "the kernel said no"
    snapshot = sampler_of(machine, probe).sample()
    assert (snapshot.source, snapshot.source_note) == ("procfs", "the kernel said no")


def test_a_probe_that_breaks_later_is_replaced_by_proc_for_good(machine: Procfs) -> None:
    sampler = sampler_of(machine, ScriptedProbe(reading(1, [cpu_reading(0)])))
    sources = [sampler.sample().source for _ in range(3)]
    assert sources == ["bpf", "procfs", "procfs"]
    assert not sampler.sees_waits


def test_stopping_switches_the_probe_off_until_it_is_needed_again(machine: Procfs) -> None:
    probe = ScriptedProbe(reading(1), reading(2), reading(9))
    sampler = sampler_of(machine, probe)
    sampler.sample()
    sampler.sample()
    sampler.stop()
    assert (probe.started, probe.stopped) == (1, 1)
    assert sampler.sample().interval_s == 0.0
    assert probe.started == 2


def wait(name: str, pid: int, waiting_ms: float = 0, worst_ms: float = 0) -> Wait:
    return Wait(pid, name, int(waiting_ms * 1e6), int(worst_ms * 1e6))


def test_the_oldest_wait_is_one_still_under_way(machine: Procfs) -> None:
    probe = ScriptedProbe()
    probe.present = (wait("a", 1, waiting_ms=30), wait("b", 2, worst_ms=900))
    assert sampler_of(machine, probe).oldest_wait_ms() == 30.0


def test_nothing_waits(machine: Procfs) -> None:
    sampler = sampler_of(machine, ScriptedProbe())
    assert (sampler.oldest_wait_ms(), sampler.longest_wait_ms(reset=False)) == (0.0, 0.0)
    assert sampler.starved(0) == ()


def test_the_oldest_wait_is_not_looked_up_again_at_once(machine: Procfs) -> None:
    probe = ScriptedProbe()
    sampler = sampler_of(machine, probe)
    for _ in range(50):
        sampler.oldest_wait_ms()
    assert probe.passes < 50


def test_the_longest_wait_counts_ended_tasks_and_present_waits(machine: Procfs) -> None:
    probe = ScriptedProbe()
    probe.present = (wait("a", 1, waiting_ms=30, worst_ms=50),)
    probe.ended = (wait("gone", 9, worst_ms=70),)
    sampler = sampler_of(machine, probe)
    assert sampler.longest_wait_ms(reset=True) == 70.0
    assert sampler.longest_wait_ms(reset=False) == 30.0


def test_who_starved_can_be_asked_after_the_reset(machine: Procfs) -> None:
    probe = ScriptedProbe()
    sampler = sampler_of(machine, probe)
    probe.ended = (wait("before", 3, worst_ms=900),)
    sampler.longest_wait_ms(reset=True)
    probe.present = (wait("a", 1, waiting_ms=300), wait("b", 2, worst_ms=800), wait("c", 4, 10))
    sampler.longest_wait_ms(reset=True)
    assert sampler.starved(200) == ("b (2)", "a (1)")


def test_blindness_is_not_taken_for_health(machine: Procfs) -> None:
    probe = ScriptedProbe()
    sampler = sampler_of(machine, probe)
    assert sampler.oldest_wait_ms() == 0.0
    probe.broken = "out of memory"
    assert sampler.longest_wait_ms(reset=True) == BLIND_WAIT_MS
    assert sampler.oldest_wait_ms() == BLIND_WAIT_MS


def test_without_any_probe_no_wait_is_seen(machine: Procfs) -> None:
    sampler = sampler_of(machine, None, "no BPF here")
    assert (sampler.oldest_wait_ms(), sampler.longest_wait_ms(reset=True)) == (0.0, 0.0)
    assert not sampler.sees_waits


HOSTILE = [
    (b"[bold]x[/]", "[bold]x[/]"),
    (b"\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
    (b"\xff\xfe\x80", "���"),
    ("\u202etxt".encode(), "\\u{202e}txt"),
]


@pytest.mark.parametrize(("raw", "shown"), HOSTILE)
def test_names_from_the_kernel_are_made_plain(raw: bytes, shown: str) -> None:
    row = TASK_REPORT.pack(1, 1, 0, 0, 0, 0, 0, 0, raw, raw, 0, 0, raw)
    found = next(task_readings(row))
    assert (found.name, found.waker, found.cgroup) == (shown, shown, shown)
    assert next(waits(WAIT_REPORT.pack(1, 1, 5, 6, raw))) == Wait(1, shown, 5, 6)
    assert next(ended_readings(ENDED_ROW.pack(raw, 1, 2, 3, 4), 1)).name == shown
    head = CPU_HEAD.pack(*[0] * 9, raw, 0, 0, raw, 0, 0, 9, raw)
    assert parse_cpu(0, head.ljust(CPU_SIZE, b"\0")).running_name == shown


def test_a_task_woken_by_an_interrupt_has_no_waker_to_blame() -> None:
    row = TASK_REPORT.pack(1, 1, 0, 0, 0, 0, 0, 0, b"a", b"left over", 1, 0, b"")
    assert next(task_readings(row)).waker == "interrupt"


def test_half_a_row_at_the_end_is_ignored() -> None:
    row = WAIT_REPORT.pack(1, 1, 5, 6, b"a")
    assert len(list(waits(row * 2 + row[:7]))) == 2


def test_an_object_that_is_not_the_probe_is_refused() -> None:
    with pytest.raises(ProbeError, match=r"cannot be used|needs root"):
        Probe().open(b"not an object file")


def test_a_closed_probe_says_so() -> None:
    probe = Probe()
    probe.close()
    with pytest.raises(ProbeError, match="not open"):
        probe.start()


def test_this_machine_can_be_sampled_without_a_probe() -> None:
    sampler = Sampler(None, "no probe in this test", lambda: STATE, lambda: None)
    sampler.sample()
    snapshot = sampler.sample()
    assert snapshot.cpus
    assert all(0.0 <= cpu.utilisation <= 1.0 for cpu in snapshot.cpus)
    assert all(sample.pid != os.getpid() for sample in snapshot.tasks)
