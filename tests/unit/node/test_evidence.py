from __future__ import annotations

import errno
from pathlib import Path

import pytest

from schedtui.node.evidence import EvidenceReader
from schedtui.node.kernel_log import KernelLog, open_kernel_log
from schedtui.node.splats import PATTERNS, is_splat

ERROR, WARNING, INFO = 3, 4, 6

SPLATS = (
    "BUG: kernel NULL pointer dereference, address: 0000000000000018",
    "BUG: scheduling while atomic: stress/1023/0x00000002",
    "kernel BUG at kernel/sched/ext.c:1402!",
    "WARNING: CPU: 1 PID: 77 at mm/percpu.c:1744 pcpu_alloc+0x3a/0x700",
    "WARNING: kernel/sched/ext.c:1029 at scx_enable+0x10/0x20, CPU#1: loader/7",
    "UBSAN: array-index-out-of-bounds in kernel/sched/ext.c:999:13",
    "BUG: KASAN: slab-use-after-free in scx_bpf_task_cgroup+0x1f/0x40",
    "Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP",
    "Oops: 0000 [#1] PREEMPT SMP NOPTI",
    "general protection fault, maybe for address 0x0",
    "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [swapper/0:0]",
    "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1",
    "INFO: task kworker/1:2:93 blocked for more than 120 seconds.",
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "rcu: INFO: rcu_preempt self-detected stall on CPU",
    "rcu: rcu_preempt kthread starved for 5252 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5)",
    "list_add corruption. prev->next should be next (ffff), but was dead.",
    "list_del corruption, ffff->next is LIST_POISON1",
    "BUG: sleeping function called from invalid context at mm/slab.h:1",
    "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009",
    "refcount_t: underflow; use-after-free.",
    "Unable to handle kernel paging request at virtual address ffff",
    "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!",
    "loader: page allocation failure: order:10, mode:0x40cc0",
    "python3.11 invoked oom-killer: gfp_mask=0x140dca, order=0, oom_score_adj=1000",
    "Out of memory: Killed process 7 (x) total-vm:1kB",
    "Call Trace:",
    'sched_ext: Soft lockup - CPU0 stuck for 11s, disabling "x"',
)

ORDINARY = (
    'sched_ext: BPF scheduler "fifo_rtc" enabled',
    'sched_ext: BPF scheduler "fifo_rtc" disabled (unregistered from user space)',
    "sched_ext: fifo_rtc: BUG: Oops WARNING: Kernel panic said by a policy",
    'sched_ext: BPF scheduler "slow" disabled (runnable task stall)',
    "sched_ext: slow: victim[88] failed to run for 3.004s",
    "sysrq: Dump scheduler state",
    "sched: DL replenish lagged too much",
    "sched: RT throttling activated",
    "smpboot: Booting Node 0 Processor 1 APIC 0x1",
    "smpboot: CPU 1 is now offline",
    "clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x2, max_idle_ns: 4 ns",
    "rcu: Preemptible hierarchical RCU implementation.",
    "rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.",
    "x86/cpu: SGX disabled or unsupported by BIOS.",
    "RAS: Correctable Errors collector initialized.",
    "Freeing initrd memory: 64000K",
    "hrtimer: interrupt took 5028131 ns",
    "perf: interrupt took too long (2509 > 2500), lowering kernel.perf_event_max_sample_rate",
    "workqueue: flush_to_ldisc hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND",
    "python3.11[1]: warning: deprecated option",
    "Spectre V2 : WARNING-free",
)


@pytest.mark.parametrize("line", SPLATS)
def test_what_no_healthy_kernel_writes_is_a_splat(line: str) -> None:
    assert is_splat(line, ERROR)
    assert is_splat(f"[  T12] {line}", WARNING) or line.startswith("sched_ext")


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_are_none(line: str) -> None:
    assert not is_splat(line, INFO)
    assert not is_splat(line, ERROR)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_whatever_the_kernel_calls_critical_is_one_even_when_unknown(level: int) -> None:
    assert is_splat("something that nobody has seen before", level)
    assert not is_splat("sched_ext: a policy cannot choose the level of its words", level)


def test_the_list_is_not_empty_and_catches_no_empty_line() -> None:
    assert len(PATTERNS) > 20
    assert not is_splat("", INFO)


class Records:
    """A kernel log that gives what it was given; an exception is raised in its turn."""

    def __init__(self, *records: bytes | OSError) -> None:
        self._records = list(records)

    def __call__(self) -> bytes:
        if not self._records:
            raise BlockingIOError
        record = self._records.pop(0)
        if isinstance(record, OSError):
            raise record
        return record


def kernel(text: str, level: int = WARNING, number: int = 900) -> bytes:
    return f"{level},{number},5000000,-;{text}\n SUBSYSTEM=cpu\n".encode()


def test_splats_are_given_once_in_order() -> None:
    log = KernelLog(Records(kernel("hello"), kernel("WARNING: a"), kernel("BUG: b")))
    assert log.news() == (("WARNING: a", "BUG: b"), True)
    assert log.news() == ((), True)


def test_what_user_space_writes_to_the_log_is_skipped() -> None:
    user = b"12,901,5000001,-;BUG: said by a process\n"  # facility 1, level 4
    assert KernelLog(Records(user)).news() == ((), True)


def test_lost_records_are_told_and_those_after_them_still_read() -> None:
    log = KernelLog(Records(BrokenPipeError(), kernel("Oops: 0000 [#1]")))
    assert log.news() == (("Oops: 0000 [#1]",), False)
    assert log.news() == ((), True)


@pytest.mark.parametrize("record", [b"", b"no header", b";BUG: x", b"x,1,2,-;text", b"\xff" * 99])
def test_a_record_without_sense_means_that_nothing_is_known(record: bytes) -> None:
    assert KernelLog(Records(record)).news() == ((), False)


def test_a_log_that_never_ends_is_not_followed_for_ever() -> None:
    def endless() -> bytes:
        return kernel("WARNING: again")

    splats, whole = KernelLog(endless).news()
    assert not whole
    assert len(splats) == 32


def test_hostile_text_is_made_plain_and_short() -> None:
    log = KernelLog(Records(kernel("BUG: \x1b]0;title\x07" + "x" * 5000)))
    (line,), whole = log.news()
    assert whole
    assert len(line) <= 200
    assert line.isprintable()


def test_a_splat_at_the_end_of_a_long_line_is_seen() -> None:
    (line,), _ = KernelLog(Records(kernel("x " * 300 + "BUG: at last"))).news()
    assert len(line) <= 200


def test_an_unreadable_log_means_that_nothing_is_known(tmp_path: Path) -> None:
    assert KernelLog(open_kernel_log(tmp_path / "none")).news() == ((), False)
    assert KernelLog(Records(OSError(errno.EINVAL, ""))).news() == ((), False)


class Machine:
    """Folders that look like procfs and sysfs of a guest with a scheduler attached."""

    def __init__(self, root: Path) -> None:
        self.proc, self.sched_ext = root / "proc", root / "sched_ext"
        self.write("proc/meminfo", "MemTotal: 500000 kB\nMemFree: 9 kB\nMemAvailable:  87654 kB\n")
        self.write("proc/sysrq-trigger", "")
        self.write("proc/sys/kernel/bpf_stats_enabled", "0")
        self.program(7, "27", 1_500_000, 30)
        self.program(8, "27", 500_000, 12)
        self.program(9, "26", 77, 77)  # the probe's own
        self.write("proc/self/fdinfo/3", "pos:\t0\nflags:\t02\n")
        self.state("enabled", 5, "SCX_EV_SELECT_CPU_FALLBACK 3\n")

    def write(self, path: str, text: str) -> None:
        place = self.proc.parent / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def program(self, fd: int, kind: str, run_ns: int, count: int) -> None:
        rows = f"prog_type:\t{kind}\nrun_time_ns:\t{run_ns}\nrun_cnt:\t{count}\n"
        self.write(f"proc/self/fdinfo/{fd}", rows)

    def state(self, word: str, seq: int, events: str) -> None:
        self.write("sched_ext/state", word + "\n")
        self.write("sched_ext/enable_seq", f"{seq}\n")
        self.write("sched_ext/root/events", events)

    def reader(self, *records: bytes) -> EvidenceReader:
        return EvidenceReader(KernelLog(Records(*records)), self.proc, self.sched_ext)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_evidence_is_what_the_kernel_says(machine: Machine) -> None:
    evidence = machine.reader(kernel("WARNING: x")).read()
    assert evidence.events == (("SELECT_CPU_FALLBACK", 3),)
    assert (evidence.splats, evidence.log_read) == (("WARNING: x",), True)
    assert (evidence.run_ns, evidence.run_count) == (2_000_000, 42)
    assert (evidence.memory_free_kb, evidence.enable_seq) == (87654, 5)
    assert evidence.uptime_s > 0


def test_run_time_is_counted_from_the_first_call_on(machine: Machine) -> None:
    switch = machine.proc / "sys/kernel/bpf_stats_enabled"
    reader = machine.reader()
    assert switch.read_text() == "0"
    reader.read()
    assert switch.read_text() == "1"


def test_figures_move_on_and_follow_the_next_scheduler(machine: Machine) -> None:
    reader = machine.reader()
    reader.read()
    machine.program(7, "27", 9_500_000, 40)
    assert reader.read().run_ns == 10_000_000
    machine.program(11, "27", 1_000, 1)
    machine.state("enabled", 6, "")
    assert reader.read().run_count == 53
    (machine.proc / "self/fdinfo/11").unlink()
    assert reader.read().run_count == 52  # it has gone since


def test_without_a_scheduler_its_figures_are_zero(machine: Machine) -> None:
    machine.state("disabled", 5, "")
    evidence = machine.reader().read()
    assert (evidence.events, evidence.run_ns, evidence.run_count) == ((), 0, 0)


def test_a_machine_that_hides_everything_still_answers(tmp_path: Path) -> None:
    evidence = EvidenceReader(KernelLog(Records()), tmp_path / "a", tmp_path / "b").read()
    assert (evidence.memory_free_kb, evidence.enable_seq, evidence.run_ns) == (0, 0, 0)


def test_a_dump_is_one_key_to_an_open_file(machine: Machine) -> None:
    reader = machine.reader()
    reader.dump()
    reader.dump()
    assert (machine.proc / "sysrq-trigger").read_text() == "DD"
    EvidenceReader(KernelLog(Records()), machine.proc / "none", machine.sched_ext).dump()
