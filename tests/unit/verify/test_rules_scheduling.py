"""Rules about what a scheduler does: queues, CPUs, slices, loops, calls; bad ones and good ones."""

from __future__ import annotations

import pytest

from schedtui.resources import resource_dir
from schedtui.verify.rules_gate import judge
from tests.unit.verify.sources import (
    OPERATIONS,
    scheduler,
    with_dispatch,
    with_enqueue,
    with_operation,
    with_queues,
    with_select_cpu,
)

MS = "5 * NSEC_PER_MSEC"
INSERT = f"queue_insert(p, 0, {MS}, enq_flags);"
VOID = "void SCHEDTUI_OP({}, struct task_struct *p)\n{{ {} }}\n"
DOUBLING = "static u64 f0(u64 a) { return a; }\n" + "".join(
    f"static u64 f{i}(u64 a) {{ return f{i - 1}({' + '.join([f'f{i - 1}(a)'] * 8)}); }}\n"
    for i in range(1, 11)
)
PEEK = "static u64 peek(const volatile struct live_parameter *x) { return x->value; }\n"


def with_turn(slice_ns: str, most_us: str = "50000") -> str:
    """Return a source with a live parameter, and a slice that is reckoned from it."""
    declared = (
        f"LIVE_PARAMETER turn_us = {{ 5000, 500, {most_us} }};\n"
        "static u64 turn(void) { return live(&turn_us) * NSEC_PER_USEC; }\n"
    )
    return with_enqueue(f"queue_insert(p, 0, {slice_ns}, enq_flags);", declared)


def errors(source: str) -> list[str]:
    return [f.code for f in judge(source)[1] if f.severity == "error"]


def warnings(source: str) -> list[str]:
    found = [f.code for f in judge(source)[1] if f.severity == "warning"]
    return [code for code in found if code != "SRC040"]


BAD: list[tuple[str, str]] = [
    # Live parameters: what may be set is judged, and nothing gets round the bounds.
    ("SRC055", with_turn("turn()", "50000000000")),
    ("SRC069", with_turn("turn_us.value * NSEC_PER_USEC")),
    ("SRC069", with_turn("peek(&turn_us)").replace("static u64 turn", f"{PEEK}static u64 turn")),
    ("SRC027", scheduler(name="rusty")),
    ("SRC027", scheduler(name="scx_simple")),
    ("SRC027", scheduler(name="vtime_fair")),
    # Calls.
    ("SRC043", with_enqueue(f"bpf_send_signal(9); {INSERT}")),
    ("SRC043", with_enqueue(f"KILL(9); {INSERT}", "#define KILL(n) bpf_send_signal(n)\n")),
    ("SRC043", with_enqueue(f"bpf_probe_read_kernel(&enq_flags, 8, p); {INSERT}")),
    ("SRC043", with_enqueue(f"bpf_core_read(&enq_flags, 8, &p->pid); {INSERT}")),
    ("SRC043", with_enqueue(f"void *spy = bpf_probe_read_kernel; {INSERT}")),
    ("SRC043", with_enqueue(f"bpf_seq_write(p, p, 1); {INSERT}")),
    ("SRC043", with_enqueue(f"bpf_tail_call(p, p, 1); {INSERT}")),
    ("SRC043", with_enqueue(f"no_such_function(p); {INSERT}")),
    ("SRC044", with_operation("tick", VOID.format("tick", f"queue_insert(p, 0, {MS}, 0);"))),
    ("SRC044", with_operation("running", VOID.format("running", "select_idle_cpu(p, 0, 0, 1);"))),
    ("SRC044", with_enqueue(f"scx_bpf_dispatch_nr_slots(); {INSERT}")),
    # Queues.
    ("SRC045", with_enqueue(f"queue_insert(p, 7, {MS}, enq_flags);")),
    ("SRC045", with_enqueue(f"queue_insert(p, 4 + p->pid % 4, {MS}, enq_flags);")),
    ("SRC045", with_dispatch("if (!queue_take(0)) queue_take(1);")),
    ("SRC045", with_queues("p->pid == 1 ? 0 : 5", "queue_take(0) || queue_take(1);")),
    (
        "SRC045",
        with_enqueue(
            "put(p, 9, enq_flags);",
            "static void put(struct task_struct *p, u64 queue, u64 flags)\n"
            f"{{ queue_insert(p, queue, {MS}, flags); }}\n",
        ),
    ),
    ("SRC046", with_queues("p->comm[0] == 'v' ? 1 : 0", "queue_take(0);")),
    ("SRC046", with_queues("p->pid % 2", "queue_take(0);")),
    ("SRC046", with_queues("NEVER", "queue_take(0);", before="enum { USUAL, NEVER };\n")),
    ("SRC046", with_queues("choice", "queue_take(0);", setup="u64 choice = 0; choice = 1;")),
    (
        "SRC047",
        with_enqueue(f"u32 pid = p->pid; if (bpf_map_push_elem(&kept, &pid, 0)) {INSERT}"),
    ),
    ("SRC048", with_enqueue(f"queue_insert_ordered(p, SCX_DSQ_LOCAL, {MS}, 1, enq_flags);")),
    (
        "SRC048",
        with_enqueue(
            f"queue_insert_ordered(p, TO, {MS}, 1, enq_flags);", "#define TO SCX_DSQ_GLOBAL\n"
        ),
    ),
    (
        "SRC048",
        scheduler(
            init="s32 SCHEDTUI_SLEEPABLE_OP(init)\n"
            "{ return scx_bpf_create_dsq(0, -1) ?: scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1); }\n"
        ),
    ),
    (
        "SRC049",
        with_enqueue(
            f"if (is_kthread(p)) {INSERT}\nelse queue_insert_ordered(p, 0, {MS}, now_ns(), 0);"
        ),
    ),
    (
        "SRC050",
        scheduler(
            init="s32 SCHEDTUI_SLEEPABLE_OP(init)\n{ s32 e = scx_bpf_create_dsq(0, -1);"
            " return e ? e : scx_bpf_create_dsq(0, -1); }\n"
        ),
    ),
    (
        "SRC050",
        scheduler(
            init="s32 SCHEDTUI_SLEEPABLE_OP(init)\n"
            "{ for (u32 i = 0; i < 4; i++) scx_bpf_create_dsq(0, -1); return 0; }\n"
        ),
    ),
    ("SRC051", with_enqueue(f"{INSERT} {INSERT}")),
    ("SRC051", with_enqueue(f"if (is_kthread(p)) {{ {INSERT} }} else {{ {INSERT} }} {INSERT}")),
    ("SRC051", with_dispatch(f"queue_insert(prev, 0, {MS}, 0); queue_insert(prev, 0, {MS}, 0);")),
    # Slices and loops.
    ("SRC054", with_enqueue("queue_insert(p, 0, 0, enq_flags);")),
    ("SRC054", with_enqueue("queue_insert(p, 0, NONE, enq_flags);", "#define NONE (2 - 2)\n")),
    ("SRC055", with_enqueue("queue_insert(p, 0, SCX_SLICE_INF, enq_flags);")),
    ("SRC055", with_enqueue("queue_insert(p, 0, ~0ULL, enq_flags);")),
    ("SRC055", with_enqueue("queue_insert(p, 0, (u64)-1, enq_flags);")),
    (
        "SRC055",
        with_operation("running", VOID.format("running", "p->scx.slice = 1ULL << 60;")),
    ),
    ("SRC057", with_enqueue(f"while (1) enq_flags++; {INSERT}")),
    ("SRC057", with_enqueue(f"for (;;) {{ }} {INSERT}")),
    (
        "SRC057",
        with_enqueue(
            f"count(3); {INSERT}", "static u64 count(u64 n) { return n ? count(n - 1) : 0; }\n"
        ),
    ),
    ("SRC058", with_enqueue(f"for (u32 i = 0; i < 4000000; i++) enq_flags++; {INSERT}")),
    (
        "SRC058",
        with_enqueue(
            "for (u32 i = 0; i < 1024; i++) for (u32 j = 0; j < 1024; j++) enq_flags++;" + INSERT
        ),
    ),
    ("SRC059", with_enqueue(f"bpf_loop(5000, step, p, 0); {INSERT}", "static int step;\n")),
    ("SRC059", with_enqueue(f"bpf_loop(enq_flags, step, p, 0); {INSERT}", "static int step;\n")),
    # Tasks and pointers.
    ("SRC060", with_enqueue(f"p->prio = 1; {INSERT}")),
    ("SRC060", with_enqueue(f"p->scx.weight++; {INSERT}")),
    ("SRC060", with_enqueue(f"p->comm[0] = 'x'; {INSERT}")),
    ("SRC060", with_enqueue(f"__builtin_memset(p->comm, 0, 16); {INSERT}")),
    ("SRC060", with_enqueue(f"p->real_parent->flags |= 1; {INSERT}")),
    ("SRC026", with_enqueue(f"u64 at = 7; char *x = (char *)at; {INSERT}")),
    ("SRC026", with_enqueue(f"char *x = (char *)(enq_flags + 8); {INSERT}")),
    ("SRC026", with_enqueue(f"char *x = (void *)p->se.sum_exec_runtime; {INSERT}")),
    (
        "SRC026",
        with_enqueue(
            f"struct task_struct *x = (struct task_struct *)where(); {INSERT}",
            "static u64 where(void) { return 7; }\n",
        ),
    ),
    # CPUs.
    ("SRC061", with_enqueue(f"queue_insert(p, SCX_DSQ_LOCAL_ON | 9999, {MS}, enq_flags);")),
    ("SRC061", with_select_cpu("return -22;")),
    ("SRC061", with_select_cpu("s32 cpu = 99999; return cpu;")),
    ("SRC063", with_select_cpu("return scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);")),
    (
        "SRC063",
        with_select_cpu("s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); return cpu;"),
    ),
    ("SRC067", with_enqueue(f"queue_insert(p, f10(0), {MS}, enq_flags);", DOUBLING)),
    # Forgetting by a detour.
    (
        "SRC031",
        with_enqueue(
            f"if (bpf_map_lookup_elem(&marks, &enq_flags)) return; {INSERT}",
            "static void mark(struct task_struct *p)\n"
            "{ u32 who = p->comm[0]; bpf_map_update_elem(&marks, &who, &who, 0); }\n",
        ),
    ),
    (
        "SRC031",
        with_enqueue(
            f"u64 *kept = bpf_map_lookup_elem(&marks, &enq_flags); if (kept && *kept) return;"
            f" {INSERT}",
            "static void mark(u64 key)\n"
            "{ u64 *slot = bpf_map_lookup_elem(&marks, &key); if (slot) *slot = now_ns(); }\n",
        ),
    ),
    (
        "SRC031",
        with_enqueue(
            f"if (late) return; {INSERT}",
            "static bool late;\nstatic void look(void) { late = now_ns() > 9; }\n",
        ),
    ),
    (
        "SRC031",
        with_enqueue(
            "put(p, enq_flags);",
            "static void put(struct task_struct *p, u64 enq_flags)\n"
            f"{{ if (bpf_get_prandom_u32() % 2) return; {INSERT} }}\n",
        ),
    ),
    (
        "SRC031",
        with_enqueue(
            f"u32 n = 0; count(&n); if (n > 2) return; {INSERT}",
            "static void count(u32 *n) { *n = scx_bpf_nr_cpu_ids(); }\n",
        ),
    ),
    ("SRC031", with_enqueue(f"if (p->cgroups->dfl_cgrp->kn->id == 7) return; {INSERT}")),
    ("SRC031", with_enqueue(f"if (bpf_ktime_get_boot_ns() > 9) return; {INSERT}")),
    ("SRC031", with_enqueue(f"if (VICTIM) return; {INSERT}", "#define VICTIM (p->pid == 7)\n")),
    # Passing over a queue.
    (
        "SRC034",
        with_queues(
            "p->scx.weight > 100", "if (nr_cpus < 3 && queue_take(1)) return; queue_take(0);"
        ),
    ),
    (
        "SRC034",
        with_queues(
            "p->comm[0] == 'v'",
            "if (now_ns() > 9) { if (queue_take(1)) return; } queue_take(0);",
        ),
    ),
    (
        "SRC035",
        with_operation(
            "init_task",
            "s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *a)\n"
            "{ s32 e = e; return e; }\n",
        ),
    ),
]

WARNED: list[tuple[str, str]] = [
    ("SRC052", with_queues("p->scx.weight > 100", "if (!queue_take(1)) queue_take(0);")),
    ("SRC052", with_queues("p->scx.weight > 100", "queue_take(0) || queue_take(1);")),
    (
        "SRC052",
        with_queues(
            "p->scx.weight > 100",
            "for (u32 i = 0; i < 2; i++)\n\t\tif (queue_take(i))\n\t\t\treturn;",
        ),
    ),
    (
        "SRC053",
        with_enqueue(f"queue_insert_ordered(p, 0, {MS}, 1000 - p->scx.weight, enq_flags);"),
    ),
    (
        "SRC053",
        with_enqueue(
            f"u64 key = rank(p); queue_insert_ordered(p, 0, {MS}, key, enq_flags);",
            "static u64 rank(struct task_struct *p) { return p->static_prio; }\n",
        ),
    ),
    (
        "SRC053",
        with_enqueue(f"queue_insert(p, 0, {MS}, enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_HEAD));"),
    ),
    ("SRC056", with_enqueue("queue_insert(p, 0, 20, enq_flags);")),
    ("SRC056", with_enqueue("queue_insert(p, 0, 9 * NSEC_PER_SEC, enq_flags);")),
    ("SRC062", with_select_cpu("return 0;")),
    ("SRC062", with_select_cpu("s32 home = 3; if (p->pid) return home; return 3;")),
    (
        "SRC064",
        with_enqueue(
            f"{INSERT} scx_bpf_kick_cpu(scx_bpf_task_cpu(p),"
            " SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));"
        ),
    ),
    (
        "SRC064",
        with_enqueue(
            f"queue_insert(p, 0, {MS}, enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_PREEMPT));"
        ),
    ),
    (
        "SRC064",
        with_enqueue(
            f"{INSERT} disturb(p);",
            "static void disturb(struct task_struct *p)\n{ scx_bpf_kick_cpu(scx_bpf_task_cpu(p),"
            " SCX_FLAG(kick_flags, SCX_KICK_PREEMPT)); }\n",
        ),
    ),
    ("SRC068", with_enqueue(f"for (u32 i = 0; i < nr_cpus; i++) enq_flags ^= i; {INSERT}")),
    (
        "SRC064",
        with_enqueue(
            f"{INSERT} for (u32 i = 0; i < 8; i++)"
            " scx_bpf_kick_cpu(i, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));"
        ),
    ),
    ("SRC041", with_queues("p->pid % nr_cpus", "queue_take(cpu);")),
    (
        "SRC065",
        with_enqueue(
            f"{INSERT} if (is_kthread(p)) scx_bpf_kick_cpu(0, SCX_FLAG(kick_flags, SCX_KICK_WAIT));"
        ),
    ),
    ("SRC066", with_enqueue(f"queue_insert(p, 0, {MS}, enq_flags | SCX_ENQ_HEAD);")),
    ("SRC070", with_turn("turn() + turn()")),
    ("SRC070", with_turn("turn() > 2 * NSEC_PER_MSEC ? turn() : 3 * NSEC_PER_MSEC")),
    ("SRC041", with_enqueue(f"queue_insert(p, SCX_DSQ_LOCAL_ON | 3, {MS}, enq_flags);")),
    (
        "SRC041",
        with_enqueue(
            f"s32 cpu = p->pid % 4; queue_insert(p, SCX_DSQ_LOCAL_ON | cpu, {MS}, enq_flags);"
        ),
    ),
]

QUIET: list[str] = [
    with_turn("turn()"),
    with_enqueue(
        "s32 cpu = scx_bpf_pick_any_cpu(p->cpus_ptr, 0);"
        f" queue_insert(p, SCX_DSQ_LOCAL_ON | cpu, {MS}, enq_flags);"
    ),
    with_enqueue(
        f"s32 cpu = p->pid % 4; if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {{ {INSERT} return; }}"
        f" queue_insert(p, SCX_DSQ_LOCAL_ON | cpu, {MS}, enq_flags);"
    ),
    with_select_cpu(
        "s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); return cpu >= 0 ? cpu : prev_cpu;"
    ),
    with_select_cpu(
        "s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0); if (cpu < 0) return prev_cpu; return cpu;"
    ),
    with_select_cpu("return 0 < prev_cpu ? prev_cpu : 0;"),
    with_queues("p->scx.weight > 100", "queue_take(1); queue_take(0);"),
    with_queues("is_kthread(p)", "if (!queue_take(1)) queue_take(0);"),
    with_queues("p->se.sum_exec_runtime > 9", "if (!queue_take(1)) queue_take(0);"),
    with_queues(
        "p->scx.weight > 100",
        "if (turn++ % 8 && queue_take(1)) return; queue_take(0) || queue_take(1);",
        before="static u64 turn;\n",
    ),
    with_enqueue(f"queue_insert_ordered(p, 0, {MS}, p->scx.dsq_vtime, enq_flags);"),
    with_enqueue(
        f"for (u32 i = 0; i < 64 && i < nr_cpus; i++) enq_flags ^= i;"
        f" for (u32 i = 0; i < rounds; i++) enq_flags ^= i; {INSERT}",
        "const volatile u32 rounds = 8;\n",
    ),
    with_enqueue(
        f"for (u32 i = 0; i < ARRAY_SIZE(seen); i++) enq_flags ^= seen[i]; {INSERT}",
        "static u64 seen[9];\n",
    ),
    with_queues("scx_bpf_task_cpu(p)", "queue_take(cpu);"),
    with_queues("home", "queue_take(cpu);", setup="s32 home = scx_bpf_task_cpu(p);"),
    with_enqueue(
        f"if (fifo) {INSERT} else queue_insert_ordered(p, 0, {MS}, now_ns(), 0);",
        "const volatile bool fifo = true;\n",
    ),
    with_operation("tick", VOID.format("tick", "if (p->scx.dsq_vtime > 9) p->scx.slice = 0;")),
    with_enqueue(
        f"{INSERT} if (enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP))"
        " scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));"
    ),
    with_enqueue(
        f"bpf_loop(64, step, p, 0); {INSERT}",
        "static long step(u32 i, void *data) { return i > 3; }\n",
    ),
    with_enqueue(f"struct task_struct *x = (void *)p; if (x != p) enq_flags++; {INSERT}"),
    with_enqueue(f"const u64 *words = (const u64 *)&p->comm[0]; enq_flags += !words; {INSERT}"),
    with_enqueue(
        f"if (is_kthread(p)) {{ {INSERT} return; }} {INSERT}",
        "#define TWICE(x) ((x) + (x))\nstatic u64 four(void) { return TWICE(TWICE(1)); }\n",
    ),
]


@pytest.mark.parametrize(("code", "source"), BAD)
def test_refused(code: str, source: str) -> None:
    assert code in errors(source)


@pytest.mark.parametrize(("code", "source"), WARNED)
def test_warned(code: str, source: str) -> None:
    assert code in warnings(source)
    assert errors(source) == []


@pytest.mark.parametrize("source", QUIET)
def test_nothing_to_say(source: str) -> None:
    assert errors(source) == []
    assert warnings(source) == []


def test_a_policy_keeps_its_name_with_other_parameters() -> None:
    source = (resource_dir("bpf") / "schedulers" / "vtime_fair.bpf.c").read_text("utf-8")
    assert errors(source) == []
    assert errors(source.replace("slice_us = 5000;", "slice_us = 7000;")) == []
    assert "SRC027" in errors(source.replace("PREEMPT_SAMPLES 8U", "PREEMPT_SAMPLES 9U"))


def test_the_line_of_a_call_through_a_macro() -> None:
    source = with_enqueue(f"\tKILL(9); /* here */\n\t{INSERT}", "#define KILL(n) \\\n\tspy(n)\n")
    found = next(f for f in judge(source)[1] if f.code == "SRC043")
    assert source.split("\n")[found.line - 1].endswith("/* here */")


def test_the_queue_is_named() -> None:
    source = with_queues("p->comm[0] == 'v' ? 1 : 0", "queue_take(0);")
    found = next(f for f in judge(source)[1] if f.code == "SRC046")
    assert "queue 1" in found.sentence


def test_a_policy_with_live_parameters_keeps_its_name_and_their_ranges() -> None:
    source = (resource_dir("bpf") / "schedulers" / "lottery.bpf.c").read_text("utf-8")
    assert errors(source) == []
    assert errors(source.replace("{ 3000, 500, 10000 }", "{ 700, 500, 10000 }")) == []
    assert "SRC027" in errors(source.replace("{ 3000, 500, 10000 }", "{ 3000, 500, 90000 }"))


def test_of_data_members_only_flags_are_taken() -> None:
    assert errors(scheduler(operations=f"{OPERATIONS}, .flags = SCX_OPS_ENQ_EXITING")) == []
    assert errors(scheduler(operations=f"{OPERATIONS}, .timeout_ms = 60000")) == ["SRC023"]
