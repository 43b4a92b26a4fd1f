"""Damaged and hostile sources: the rules always answer, soon, and always the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedtui.model.verdict import Finding
from schedtui.resources import resource_dir
from schedtui.verify.gate import rejects
from schedtui.verify.rules_gate import judge
from tests.figures import Figures
from tests.unit.verify.sources import scheduler, with_enqueue

LONGEST_S = 1.0
MUTATIONS = 8_000
BATCHES = 4

POLICIES = sorted((resource_dir("bpf") / "schedulers").glob("*.bpf.c"))

SMALL = (
    """#include <schedtui.h>
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, flags);
}
SCHEDTUI_OPS(tiny, .enqueue = OP(enqueue));
""",
    """#include <schedtui.h>
#define MS(x) ((x) * NSEC_PER_MSEC)
const volatile u64 turn = 5;
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 flags)
{
	if (is_kthread(p) && flags)
		queue_insert(p, SCX_DSQ_LOCAL, MS(1), 0);
	else
		queue_insert(p, SCX_DSQ_GLOBAL, MS(turn), flags);
}
SCHEDTUI_OPS(named, .enqueue = OP(enqueue));
""",
    """#include <schedtui.h>
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 flags)
{
	queue_insert_ordered(p, p->scx.weight > 9, 1000000, p->scx.dsq_vtime, flags);
}
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	for (int i = 0; i < 2; i++)
		if (queue_take(i))
			return;
}
s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(0, -1) ? -1 : scx_bpf_create_dsq(1, -1);
}
SCHEDTUI_OPS(two, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
""",
    """#include <schedtui.h>
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev, u64 flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	return cpu < 0 ? prev : cpu;
}
SCHEDTUI_OPS(picks, .select_cpu = OP(select_cpu));
""",
)
OFTEN = (6, 3, 1, 4)
"""The larger a source, the longer it takes."""

PIECES = (
    *"(){}[];,*&!?:#\\\"'<>=+-%|~.0",
    *("if (", "return ", "goto x;", "x: ", "/*", "*/", "//", "\n#define X ", "\n", "SEC(", "else "),
    *("for (;;) ", "while (1) ", "switch (p) {", "case 1:", "p->", "->pid", "0x", "99999999999999"),
    *("queue_insert(", "queue_take(", "SCHEDTUI_OPS(", "SCHEDTUI_OP(", "scx_bpf_create_dsq("),
    *(
        "(u64)",
        "(struct task_struct *)",
        "SCX_DSQ_LOCAL_ON | ",
        "sizeof(",
        "enum { A, B",
        "static ",
    ),
    *("\u202e", "\ud800", "\x00", "é", "\\\n", "??/", "%:", "[["),
)


def judged(source: str) -> tuple[Finding, ...]:
    """Return the findings, once it is sure that they came in time."""
    started = time.thread_time()
    _, found = judge(source)
    assert time.thread_time() - started < LONGEST_S, source[:80]
    return found


def mutated(dice: random.Random, source: str) -> str:
    """Return a source with one to three places changed, swapped, doubled or left out."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(source))
        end = min(len(source), at + dice.choice((0, 1, 3, 20, 80)))
        other = dice.randrange(len(source))
        piece = dice.choice(
            (dice.choice(PIECES), source[other : other + 30], "", source[at:end] * 2)
        )
        source = source[:at] + piece + source[end:]
    return source


@pytest.mark.parametrize("source", SMALL)
def test_unharmed_they_pass(source: str) -> None:
    assert not any(f.severity == "error" for f in judged(source))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutations_are_answered(batch: int, figures: Figures) -> None:
    dice = random.Random(batch)  # noqa: S311 - a repeatable series, not a secret
    with figures.mutations("source") as counted:
        for _ in range(MUTATIONS // BATCHES):
            source = mutated(dice, dice.choices(SMALL, OFTEN)[0])
            with counted.one():
                found = judged(source)
            counted.accepted += not rejects(found)
    assert 0 < counted.accepted < counted.tried // 2


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_a_policy_cut_off_anywhere_is_refused(path: Path) -> None:
    source = path.read_bytes()
    # The last words are the scheduler itself: without them there is nothing to attach.
    for end in range(0, len(source) - len(b"init));\n"), 101):
        text = source[:end].decode("utf-8", "surrogateescape")
        assert any(f.severity == "error" for f in judged(text)), text[-40:]


def test_the_same_source_gives_the_same_findings() -> None:
    dice = random.Random(3)  # noqa: S311 - a repeatable series, not a secret
    for _ in range(150):
        source = mutated(dice, dice.choice(SMALL))
        assert judged(source) == judged(source)


ORDER = """
import random
from tests.mutation import test_source_mutations as here
dice = random.Random(5)
for path in here.POLICIES:
    print(here.judged(path.read_text("utf-8")))
for _ in range(80):
    print(here.judged(here.mutated(dice, dice.choice(here.SMALL))))
print(here.judged(here.scheduler(before="static u64 b, c, a; u64 f(u64 a, u64 b) { u64 c; }")))
"""


def test_the_order_does_not_depend_on_the_process() -> None:
    told = {
        subprocess.run(  # the same program twice, with names hashed in two ways
            [sys.executable, "-c", ORDER],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=100,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert told != {b""}


def hostile() -> Iterator[str]:
    """Yield texts that grow what an analysis may stumble over: depth, width, cycles, products."""
    count = range(330)
    yield "".join(
        f"static u64 f{i}(u64 a) {{ return f{i + 1}(a) + f{i - 1}(a); }}\n" for i in count
    )
    yield "".join(f"static u64 f{i}(u64 a) {{ return f{i + 1}(a + 1); }}\n" for i in count)
    yield "".join(f"static u64 f{i}(u64 a) {{ return f{max(i - 1, 0)}(a + 1); }}\n" for i in count)
    yield "static u64 f(u64 a) { " + "".join(f"a{i + 1} = a{i};" for i in range(1500)) + "}\n"
    yield "static u64 f(u64 a) { " + "".join(f"a{i} = a{i + 1};" for i in range(1500)) + "}\n"
    yield "static u64 f(u64 a) { " + "a = a ? a : a;" * 1200 + " return a; }\n"
    yield "static u64 f(u64 a) { " + "return a; a = a + a * a; " * 700 + "}\n"
    yield "static u64 f(u64 a) { " + "".join(f"x{i}: if (a) goto x{i + 1}; " for i in count) + "}\n"
    yield "static u64 f(u64 a) { " + "".join(f"x{i}: if (a) goto x{i - 1}; " for i in count) + "}\n"
    jumps = "".join(f"x{i}: a++; if (a) goto x{i - 1}; " for i in range(1, 700))
    yield f"static u64 f(u64 a) {{ if (a) goto x699; queue_take(0); x0: a++; {jumps}return a; }}\n"
    loops = "".join(f"for (u64 i{i} = 0; i{i} < 9; i{i}++) {{ " for i in range(40))
    yield "static void f(struct task_struct *p) { " + loops + "queue_insert(p, 0, 1, 2);" + "}" * 41
    yield "enum { " + "".join(f"E{i} = E{i - 1} + E{i - 2}," for i in range(2, 900)) + " };\n"
    yield "".join(f"#define M{i} M{i + 1} + M{i - 1}\n" for i in range(600)) + "u64 a = M300;\n"
    yield (
        "".join(f"#define M{i}(x) M{i + 1}(x, x)\n" for i in range(600)) + "u64 a = M0(M0(M0(1)));"
    )
    yield "static void f(u64 a) { switch (a) { " + "case 1: a++; break; " * 900 + "} }\n"
    yield "struct s { " + "".join(f"u64 m{i}; " for i in range(1500)) + "};\n"
    yield "typedef u64 (*(*(*(*(*(*f)(void))(void))(void))(void))(void))(void);\n" * 90


def bodies() -> Iterator[str]:
    """Yield bodies of enqueue that are large but could be meant."""
    yield "".join(f"if (enq_flags == {i}) queue_insert(p, {i}, 1000000, 0); " for i in range(500))
    yield "".join(
        f"if (enq_flags == {i}) queue_insert(p, now_ns() % {i}, 1, 0);" for i in range(400)
    )
    yield "u64 q = " + "".join(f"enq_flags == {i} ? {i} * {i} : " for i in range(24)) + "0;"
    yield "u64 q = 0; " + "q = q * 3 + p->pid % 7; " * 500 + "queue_insert(p, q, q, q);"
    yield "u64 q = 0; " + "".join(f"q = {i}; " for i in range(900)) + "queue_insert(p, q, q, q);"
    many = "".join(f"q = {i}; " for i in range(500))
    yield f"u64 q = 0; {many}" + "queue_insert(p, SCX_DSQ_LOCAL_ON | q, q, 1); " * 250
    yield f"u64 q = 0; {many}" + "queue_insert_ordered(p, q, 1000000, q, 1); " * 250
    yield "".join(f"s32 c{i} = c{i - 1}; " for i in range(1, 900)) + "queue_insert(p, c899, 1, 0);"


@pytest.mark.parametrize("text", [*hostile()], ids=lambda text: text[:24])
def test_hostile_declarations(text: str) -> None:
    judged(scheduler(before=text))
    judged(text)


@pytest.mark.parametrize("body", [*bodies()], ids=lambda text: text[:24])
def test_large_bodies(body: str) -> None:
    judged(with_enqueue(body))
    judged(with_enqueue(body).replace("queue_take(0);", body.replace("queue_insert(p,", "take(")))
    takes = "".join(f"if (queue_take({i})) return; " for i in range(400))
    judged(with_enqueue(body).replace("queue_take(0);", takes))
