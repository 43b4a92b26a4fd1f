"""Every source rule with a source that it must refuse, and sources that must pass."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from schedtui.resources import resource_dir
from schedtui.verify.codes import ALL
from schedtui.verify.rules_gate import judge
from tests.unit.verify import test_rules_scheduling
from tests.unit.verify.sources import (
    HEAD,
    OPERATIONS,
    scheduler,
    with_dispatch,
    with_enqueue,
    with_operation,
    with_queues,
)

INSERT = "queue_insert(p, 0, 1000, enq_flags);"
INIT_TASK = "\ns32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args)\n"


MULTIPLYING = "#define M0 1\n" + "".join(
    f"#define M{i} M{i - 1} + M{i - 1}\n" for i in range(1, 61)
)


def codes(source: str, name: str = "") -> list[str]:
    return [found.code for found in judge(source, name)[1]]


def errors(source: str, name: str = "") -> list[str]:
    return [f.code for f in judge(source, name)[1] if f.severity == "error"]


def lines(source: str, code: str) -> list[str]:
    """Return the source lines that findings of a code point at."""
    text = source.split("\n")
    return [text[f.line - 1].strip() for f in judge(source)[1] if f.code == code]


BAD: list[tuple[str, str]] = [
    ("SRC001", scheduler() + "\ud800"),
    ("SRC002", scheduler() + "/*" + "x" * 70_000 + "*/"),
    ("SRC002", scheduler() + "\n" * 2100),
    ("SRC002", scheduler(before="static u8 x;" * 5000)),
    ("SRC003", scheduler(before="/* \u202e reversed */")),
    ("SRC003", scheduler(before="/* \x1b[2J */")),
    ("SRC003", scheduler(before="/* zero\u200bwidth */")),
    ("SRC003", scheduler(before="int x;\r\n")),
    ("SRC003", scheduler(before="int x;\x00\n")),
    ("SRC004", scheduler(before="static int p\u0430ram;\n")),
    ("SRC004", scheduler() + "/* no end"),
    ("SRC004", scheduler(before='static const char *x = "no end;\n')),
    ("SRC004", scheduler(before="static int \\u0061sm;\n")),
    ("SRC005", scheduler(head="#include <linux/sched.h>\n")),
    ("SRC005", scheduler(head='#include "/etc/passwd"\n')),
    ("SRC005", scheduler(head='#define H "/etc/passwd"\n#include H\n')),
    ("SRC005", scheduler(head="#include <schedtui.h> x\n")),
    ("SRC005", scheduler(head='#include "../include/schedtui.h"\n')),
    ("SRC006", scheduler(head=HEAD + '%:include "/etc/passwd"\n')),
    ("SRC006", scheduler(before="static int a<:4:>;\n")),
    ("SRC006", scheduler(before="/* odd ??/\n */\n")),
    ("SRC007", scheduler(head='#inc\\\nlude "/etc/passwd"\n' + HEAD)),
    ("SRC007", scheduler(before="static int a\\\nsm;\n")),
    ("SRC007", scheduler(before="// comment \\\nint hidden;\n")),
    ("SRC007", scheduler(before="/* comment *\\\n/ int hidden; /* */\n")),
    ("SRC007", scheduler(before="#define X 1 + a\\\nsm\n")),
    ("SRC008", scheduler(before="#pragma clang __debug parser_crash\n")),
    ("SRC008", scheduler(before='static const char x[] = {\n#embed "/etc/passwd"\n};\n')),
    ("SRC008", scheduler(before="#if 0\n#endif\n")),
    ("SRC008", scheduler(before='#line 7 "other.c"\n')),
    ("SRC008", scheduler(before="#include_next <schedtui.h>\n")),
    ("SRC008", scheduler(before="#undef queue_insert\n")),
    ("SRC008", scheduler(before='#import "x.h"\n')),
    ("SRC008", scheduler(before='# 1 "other.c"\n')),
    ("SRC008", scheduler(before="#ident x\n")),
    ("SRC006", scheduler(before="??=pragma once\n")),
    ("SRC009", scheduler(before="static int n = __COUNTER__;\n")),
    ("SRC009", scheduler(before="static const char x[] = __DATE__;\n")),
    ("SRC009", scheduler(before="static int n = __has_builtin(x);\n")),
    ("SRC009", scheduler(before='#define E __has_embed("/etc/passwd")\n')),
    ("SRC008", scheduler(before="# 12\n")),
    ("SRC008", scheduler(before="/* x */ # /* y */ pragma once\n")),
    ("SRC009", scheduler(before='asm(".incbin \\"/etc/passwd\\"");\n')),
    ("SRC009", scheduler(before='__asm__(".incbin \\"/etc/passwd\\"");\n')),
    ("SRC009", scheduler(before='_Pragma("once")\n')),
    ("SRC009", scheduler(before="#define A asm\n")),
    ("SRC009", scheduler(before="#define H __has_include\n")),
    ("SRC009", scheduler(before="static int x __attribute__((unused));\n")),
    ("SRC009", with_enqueue(f"__builtin_trap(); {INSERT}")),
    ("SRC009", scheduler(before="extern void bpf_send_signal_task(void);\n")),
    ("SRC009", scheduler(before="static const char x[] = __TIME__;\n")),
    ("SRC009", scheduler(before="[[clang::annotate(1)]] static int x;\n")),
    ("SRC009", scheduler(before="[ /* x */ [gnu::used]] static int x;\n")),
    ("SRC010", scheduler(before="#define OUT return\n")),
    ("SRC010", scheduler(before="#define BLOCK { int x; }\n")),
    ("SRC010", scheduler(before="#define GLUE(a, b) a ## b\n")),
    ("SRC010", scheduler(before="#define OPEN (1 +\n")),
    ("SRC010", scheduler(before="#define SWAP 1) + (2\n")),
    ("SRC011", scheduler(before="#define queue_insert(a, b, c, d) 0\n")),
    ("SRC011", scheduler(before="#define if 0\n")),
    ("SRC011", with_enqueue(f"u64 queue_insert = 0; {INSERT}")),
    ("SRC011", scheduler(before="static int put(int queue_take) { return 0; }\n")),
    ("SRC011", scheduler(before="static int put(void) { return 0; }\n#define put() 1\n")),
    ("SRC011", with_enqueue(f"if (enq_flags) {{ u64 slice_us = 1; }} {INSERT}")),
    ("SRC011", with_enqueue(f"{{ u64 enq_flags = 1; }} {INSERT}")),
    ("SRC011", scheduler(before="#define ONE 1\n#define ONE 2\n")),
    ("SRC012", scheduler(before="int x = ;\n")),
    ("SRC012", with_enqueue(f"{INSERT} if (")),
    ("SRC012", "hello, this is no C at all"),
    ("SRC013", with_enqueue("u64 x = " + "(" * 200 + "1" + ")" * 200 + ";" + INSERT)),
    ("SRC014", scheduler(before=f"{MULTIPLYING}static u64 much = M60;\n")),
    ("SRC014", scheduler(before="#define M(x) x x x x x x x x x x\nM(M(M(M(M(M(a))))));\n")),
    ("SRC020", HEAD),
    ("SRC020", scheduler() + f"SCHEDTUI_OPS(second, {OPERATIONS});\n"),
    ("SRC021", scheduler(name="Sample")),
    ("SRC021", scheduler(name="a" * 31)),
    ("SRC023", scheduler(operations=f"{OPERATIONS}, .tick = OP(tick)")),
    ("SRC024", scheduler(before='SEC("kprobe/do_exit") int spy(void *ctx) { return 0; }\n')),
    ("SRC024", scheduler(before='#define PLACE ".struct_ops"\nSEC(PLACE) int x;\n')),
    ("SRC025", with_enqueue(f"u64 x = ({{ return; 1; }}); {INSERT}")),
    ("SRC025", with_enqueue(f"void (*call)(void) = NULL; call(); {INSERT}")),
    ("SRC025", with_enqueue(f"(*p->call)(p); {INSERT}")),
    ("SRC026", with_enqueue(f"long *x = (long *)0xffff888000000000; {INSERT}")),
    ("SRC030", with_enqueue("")),
    ("SRC030", with_enqueue(f"if (enq_flags & 1) {INSERT}")),
    ("SRC030", with_enqueue(f"if (p->nr_cpus_allowed == 1) return; {INSERT}")),
    ("SRC030", with_enqueue(f"while (enq_flags--) {INSERT}")),
    ("SRC030", with_enqueue(f"for (u64 i = 0; i < enq_flags; i++) {INSERT}")),
    ("SRC030", with_enqueue(f"int i = 5; for (int ai = 0; i < 3; i++) {INSERT}")),
    ("SRC030", with_enqueue(f"switch (enq_flags) {{ case 0: {INSERT} break; }}")),
    (
        "SRC030",
        with_enqueue(f"switch (enq_flags) {{ case 0: {INSERT} break; default: break; }}"),
    ),
    ("SRC030", with_enqueue(f"if (enq_flags) goto out; {INSERT}\nout:\n\treturn;")),
    ("SRC030", with_enqueue("sizeof(queue_insert(p, 0, 1000, enq_flags), 1);")),
    ("SRC030", with_enqueue(f"enq_flags && ({INSERT[:-1]}, 1);")),
    ("SRC030", with_enqueue(f"0 ? {INSERT[:-1]} : (void)0;")),
    (
        "SRC030",
        with_enqueue(
            "try_it(p, enq_flags);",
            "static bool try_it(struct task_struct *p, u64 enq_flags)\n"
            f"{{ if (enq_flags) {{ {INSERT} return true; }} return false; }}\n",
        ),
    ),
    (
        "SRC030",
        with_enqueue(
            "if (!try_it(p, enq_flags)) return;",
            "static bool try_it(struct task_struct *p, u64 enq_flags)\n"
            f"{{ if (enq_flags) {{ {INSERT} return false; }} return true; }}\n",
        ),
    ),
    (
        "SRC030",
        with_enqueue(
            "again(p, enq_flags);",
            "static void again(struct task_struct *p, u64 f) { again(p, f); return; }\n",
        ),
    ),
    ("SRC030", with_enqueue("NOTHING(queue_insert(p, 0, 1, 0));", "#define NOTHING(x) 0\n")),
    ("SRC031", with_enqueue(f"if (p->comm[0] == 'v') return; {INSERT}")),
    ("SRC031", with_enqueue(f"if (p->pid == 4711) return; {INSERT}")),
    ("SRC031", with_enqueue(f"if (scx_bpf_nr_cpu_ids() > 2) return; {INSERT}")),
    ("SRC031", with_enqueue(f"u64 t = now_ns(); if (t > 4000) return; {INSERT}")),
    (
        "SRC031",
        with_enqueue(
            f"if (chosen(p)) return; {INSERT}",
            "static bool chosen(struct task_struct *p) { return p->comm[0] == 'v'; }\n",
        ),
    ),
    ("SRC034", with_dispatch("if (now_ns() > 4000) return; queue_take(0);")),
    ("SRC034", with_dispatch("if (scx_bpf_nr_cpu_ids() < 3) queue_take(0);")),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ return -12; }\n")),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ return p->pid == 7 ? -1 : 0; }\n")),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ s32 e = 0; e = -1; return e; }\n")),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ s32 e = 0; e--; return e; }\n")),
    (
        "SRC035",
        with_operation(
            "init_task",
            "static s32 refuse(void) { return -1; }\n" + INIT_TASK + "{ return refuse(); }\n",
        ),
    ),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ return bpf_get_prandom_u32(); }\n")),
    ("SRC035", with_operation("init_task", INIT_TASK + "{ return scx_bpf_create_dsq(0, 0); }\n")),
    (
        "SRC035",
        with_operation(
            "init_task",
            "static s32 one(int n) { return one(n); }\n" + INIT_TASK + "{ return one(1); }\n",
        ),
    ),
    ("SRC036", scheduler(init="", operations=".enqueue = OP(enqueue), .dispatch = OP(dispatch)")),
    (
        "SRC036",
        scheduler(init="s32 SCHEDTUI_SLEEPABLE_OP(init)\n{ return 0; }\n"),
    ),
    ("SRC037", scheduler(dispatch="", operations=".enqueue = OP(enqueue), .init = OP(init)")),
    (
        "SRC038",
        with_operation(
            "tick",
            "void SCHEDTUI_SLEEPABLE_OP(tick, struct task_struct *p)\n{ p->scx.slice = 0; }\n",
        ),
    ),
    ("SRC042", with_enqueue(f"queue_take(0); {INSERT}")),
    ("SRC039", scheduler(init="s32 SCHEDTUI_OP(init)\n{ return scx_bpf_create_dsq(0, -1); }\n")),
]

WARNED: list[tuple[str, str]] = [
    (
        "SRC032",
        with_enqueue(
            "u32 pid = p->pid; bpf_map_push_elem(&waiting, &pid, 0);",
            "static void next(u32 *pid) { bpf_map_pop_elem(&waiting, pid); }\n",
        ).replace("queue_take(0);", "u32 pid = 0; next(&pid); queue_take(0);"),
    ),
    ("SRC033", with_dispatch("if (prev) return; queue_take(0);")),
    ("SRC040", scheduler()),
    (
        "SRC041",
        with_enqueue("queue_insert(p, SCX_DSQ_LOCAL_ON | 3, 1000, enq_flags);"),
    ),
]

GOOD: list[str] = [
    scheduler(),
    scheduler(head='#include "schedtui.h"\nconst volatile u64 slice_us = 1;\n'),
    scheduler(before="#define MS(x) ((x) * NSEC_PER_MSEC)\n#define LONG_ONE \\\n\t(MS(2) + 1)\n"),
    scheduler(before='static const char note[] = "asm #pragma %: ??";\n/* asm, #if */\n'),
    with_enqueue(f"if (enq_flags & 1) {INSERT} else {INSERT}"),
    with_enqueue(f"if (is_kthread(p)) {{ {INSERT} return; }} {INSERT}"),
    with_enqueue(f"if (p->pid == 1) {{ queue_insert(p, 0, 1, 0); }} else {{ {INSERT} }}"),
    with_enqueue(f"for (int i = 0; i < 3; i++) {{ {INSERT} break; }}"),
    with_enqueue(f"do {{ {INSERT} }} while (0);"),
    with_enqueue(f"switch (enq_flags) {{ case 0: case 1: {INSERT} break; default: {INSERT} }}"),
    with_enqueue(f"while (true) {{ if (enq_flags) {{ {INSERT} return; }} enq_flags++; }}"),
    with_enqueue(f"if (enq_flags) goto out; enq_flags++;\nout:\n\t{INSERT}"),
    with_enqueue(f"enq_flags ? {INSERT[:-1]} : {INSERT[:-1]};"),
    with_enqueue(
        f"bool done = try_it(p, enq_flags); if (!done) {INSERT}",
        "static bool try_it(struct task_struct *p, u64 enq_flags)\n"
        f"{{ if (enq_flags) {{ {INSERT} return true; }} return false; }}\n",
    ),
    with_enqueue(
        f"if (likely(try_it(p, enq_flags)) || enq_flags == 7) {{ {INSERT} return; }} {INSERT}",
        "static bool try_it(struct task_struct *p, u64 enq_flags)\n"
        f"{{ if (enq_flags) {{ {INSERT} return true; }} return false; }}\n",
    ),
    with_enqueue(
        "put(p, enq_flags);",
        f"static void put(struct task_struct *p, u64 enq_flags) {{ {INSERT} }}\n",
    ),
    with_enqueue(
        f"u32 pid = p->pid; if (bpf_map_push_elem(&waiting, &pid, 0) != 0) {INSERT}"
    ).replace("queue_take(0);", "u32 pid; bpf_map_pop_elem(&waiting, &pid); queue_take(0);"),
    with_queues("enq_flags & 1", "if (!queue_take(0)) queue_take(1);"),
    with_queues("enq_flags & 1", "for (int i = 0; i < 2; i++) if (queue_take(i)) return;"),
    with_operation("init_task", INIT_TASK + "{ s32 e = 0; return e; }\n"),
    with_operation("init_task", INIT_TASK + "{ return p->pid == 7 ? 0 : (0); }\n"),
    with_operation(
        "init_task",
        "static s32 fine(void) { return 0; }\n" + INIT_TASK + "{ return fine(); }\n",
    ),
    with_operation(
        "cgroup_init",
        "s32 SCHEDTUI_SLEEPABLE_OP(cgroup_init, struct cgroup *c, void *args)\n"
        "{ return scx_bpf_create_dsq(c->kn->id, -1); }\n",
    ),
    with_enqueue(f"for (int i = 0; i < 3; i++) enq_flags++;\nfor (int i = 0; i < 3; i++) {INSERT}"),
]


@pytest.mark.parametrize(("code", "source"), BAD)
def test_refused(code: str, source: str) -> None:
    assert code in errors(source)


@pytest.mark.parametrize(("code", "source"), WARNED)
def test_warned(code: str, source: str) -> None:
    assert code in codes(source)
    assert errors(source) == []


@pytest.mark.parametrize("source", GOOD)
def test_passes(source: str) -> None:
    assert errors(source) == []


def test_every_source_code_has_a_bad_source() -> None:
    tables = (BAD, WARNED, test_rules_scheduling.BAD, test_rules_scheduling.WARNED)
    tried = {code for table in tables for code, _ in table} | {"SRC022"}
    assert tried == {entry.code for entry in ALL if entry.code.startswith("SRC")}


def test_name_must_be_the_candidates() -> None:
    assert errors(scheduler(), "sample") == []
    assert errors(scheduler(), "other") == ["SRC022"]


@pytest.mark.parametrize("path", sorted((resource_dir("bpf") / "schedulers").glob("*.bpf.c")))
def test_our_own_policies_pass(path: Path) -> None:
    assert errors(path.read_text("utf-8"), path.name.removesuffix(".bpf.c")) == []


def test_line_of_the_forgotten_path() -> None:
    source = with_enqueue(f"\tif (enq_flags & 1)\n\t\treturn; /* here */\n\t{INSERT}")
    assert lines(source, "SRC030") == ["return; /* here */"]


def test_line_after_macros_and_comments() -> None:
    noise = (
        "/* one\n two */\n#define LONG_ONE \\\n\t1\n"
        'struct {\n\t__uint(type,\n\t\t1);\n} m SEC(\n\t".maps");\n'
    )
    source = scheduler(before=noise, enqueue=with_enqueue("\tint x = 0; /* body */\n\treturn;"))
    assert "SRC020" in errors(source)
    source = with_enqueue("\treturn; /* here */", before=noise)
    assert lines(source, "SRC030") == ["return; /* here */"]


@pytest.mark.parametrize(
    "text",
    [
        "/*" * 30_000,
        '"\\' * 30_000,
        '"' + '\\"' * 30_000,
        "(" * 60_000,
        "!" * 60_000,
        "a+" * 30_000,
        "{" * 60_000,
        "else if (x) " * 5_000,
        "#define X (" * 5_000,
        "#" * 60_000,
        "SEC(" * 15_000,
        "SCHEDTUI_OPS(a," * 4_000,
        "void f(void) { while (1) " * 2_000,
        "1 ? " * 15_000,
        "\\\n" * 1_900,
        "goto a; a: " * 5_000,
    ],
    ids=lambda t: t[:12],
)
def test_hostile_shapes_end_in_a_finding(text: str) -> None:
    started = time.process_time()
    assert errors(scheduler(before=text[: 64 * 1024 - 2000])) != []
    assert time.process_time() - started < 5


def test_mutated_sources_never_raise() -> None:
    dice = random.Random(6)  # noqa: S311 - a repeatable series, not a secret
    good = (resource_dir("bpf") / "schedulers" / "fifo_rtc.bpf.c").read_text("utf-8")
    pieces = [
        *"(){};,*&!?:#\\\"'<>",
        "if (",
        "return",
        "goto x;",
        "/*",
        "*/",
        "\n#define X ",
        "SEC(",
    ]
    refused = 0
    for _ in range(250):
        text = good
        for _ in range(dice.choice((1, 1, 3))):
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(pieces) + text[at + dice.choice((0, 1, 20)) :]
        refused += bool(errors(text))
    assert 100 < refused <= 250
