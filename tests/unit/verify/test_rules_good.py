"""Ordinary schedulers as people write them: none is refused, and none is nagged."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.resources import resource_dir
from schedtui.verify.rules_gate import judge

POLICIES = sorted((resource_dir("bpf") / "schedulers").glob("*.bpf.c"))

SELECT = """
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, 5 * NSEC_PER_MSEC);
}
"""

PER_CPU = """#include <schedtui.h>
#define CPUS_MAX 256U

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, (u32)scx_bpf_task_cpu(p) % CPUS_MAX, 5 * NSEC_PER_MSEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (queue_take((u32)cpu % CPUS_MAX))
		return;
	for (u32 i = 0; i < CPUS_MAX && i < nr_cpus; i++)
		if (queue_take(i))
			return;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	for (u32 i = 0; i < CPUS_MAX; i++) {
		s32 error = scx_bpf_create_dsq(i, -1);

		if (error)
			return error;
	}
	return 0;
}

SCHEDTUI_OPS(per_cpu, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
"""

LEVELS_WITH_AGEING = """#include <schedtui.h>
#define LEVELS 3U
#define TURNS 16U

static u64 turns;

static __always_inline u64 level_of(struct task_struct *p)
{
	if (p->scx.weight > 200)
		return 0;
	return p->scx.weight < 50 ? 2 : 1;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, level_of(p), 4 * NSEC_PER_MSEC, enq_flags);
}

/* Every 16th turn begins with another level, so that none waits for ever. */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	u64 first = ++turns % TURNS ? 0 : turns / TURNS % LEVELS;

	for (u32 i = 0; i < LEVELS; i++)
		if (queue_take((first + i) % LEVELS))
			return;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = 0;

	for (u32 i = 0; i < LEVELS && !error; i++)
		error = scx_bpf_create_dsq(i, -1);
	return error;
}

SCHEDTUI_OPS(levels, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
"""

STORED_VTIME = (
    """#include <schedtui.h>
#define WAITING 0ULL

struct account {
	u64 vtime;
	u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, s32);
	__type(value, struct account);
} accounts SEC(".maps");

static u64 timeline;
"""
    + SELECT
    + """
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	struct account *account = bpf_task_storage_get(&accounts, p, NULL, 0);

	if (!account) {
		queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
		return;
	}
	if (before(account->vtime, timeline - NSEC_PER_SEC))
		account->vtime = timeline - NSEC_PER_SEC;
	queue_insert_ordered(p, WAITING, 5 * NSEC_PER_MSEC, account->vtime, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	struct account *account = bpf_task_storage_get(&accounts, p, NULL, 0);

	if (account) {
		account->since = now_ns();
		if (before(timeline, account->vtime))
			timeline = account->vtime;
	}
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable)
{
	struct account *account = bpf_task_storage_get(&accounts, p, NULL, 0);

	if (account)
		account->vtime += (now_ns() - account->since) * 100 / MAX(p->scx.weight, 1U);
}

s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct account *account =
		bpf_task_storage_get(&accounts, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (account)
		account->vtime = timeline;
	return 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(stored_vtime, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
		.dispatch = OP(dispatch), .running = OP(running), .stopping = OP(stopping),
		.init_task = OP(init_task), .init = OP(init));
"""
)

CGROUPS = """#include <schedtui.h>
#define GROUPS 64U

struct group {
	u64 vtime;
	u32 weight;
	u32 unused;
};

static struct group groups[GROUPS];

static __always_inline struct group *group_of(u64 id)
{
	return &groups[id % GROUPS];
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	struct group *group = group_of(p->cgroups->dfl_cgrp->kn->id);

	queue_insert_ordered(p, 0, 5 * NSEC_PER_MSEC, group->vtime, enq_flags);
	group->vtime += 5 * NSEC_PER_MSEC * 100 / MAX(group->weight, 1U);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_take(0);
}

s32 SCHEDTUI_SLEEPABLE_OP(cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	group_of(cgrp->kn->id)->weight = args->weight;
	return 0;
}

void SCHEDTUI_OP(cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	group_of(cgrp->kn->id)->weight = weight;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(0, -1);
}

SCHEDTUI_OPS(by_cgroup, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
		.cgroup_init = OP(cgroup_init), .cgroup_set_weight = OP(cgroup_set_weight),
		.init = OP(init));
"""

QUEUE_MAP = """#include <schedtui.h>
#define BATCH 8
#define ORDERED 0ULL

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (is_kthread(p) || bpf_map_push_elem(&waiting, &pid, 0))
		queue_insert(p, ORDERED, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	s32 pid;

	for (u32 i = 0; i < BATCH; i++) {
		struct task_struct *p;

		if (bpf_map_pop_elem(&waiting, &pid))
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		queue_insert(p, ORDERED, 5 * NSEC_PER_MSEC, 0);
		bpf_task_release(p);
	}
	queue_take(ORDERED);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(ORDERED, -1);
}

SCHEDTUI_OPS(queue_map, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
"""

DIRECT = """#include <schedtui.h>

const volatile u64 slice_us = 3000;

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle) {
		queue_insert(p, SCX_DSQ_LOCAL, slice_us * NSEC_PER_USEC, 0);
		return cpu;
	}
	if (bpf_cpumask_test_cpu(0, p->cpus_ptr) && is_pinned(p))
		return 0;
	return cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0) {
		queue_insert(p, SCX_DSQ_LOCAL_ON | cpu, slice_us * NSEC_PER_USEC, enq_flags);
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_IDLE));
		return;
	}
	queue_insert(p, SCX_DSQ_GLOBAL, slice_us * NSEC_PER_USEC, enq_flags);
}

SCHEDTUI_OPS(direct, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
"""

WEIGHTED_TURNS = """#include <schedtui.h>

/* Everybody in turn; the heavier, the longer the turn. */
static __always_inline u64 turn(const struct task_struct *p)
{
	u64 slice = (u64)(p->scx.weight) * 50 * NSEC_PER_USEC;

	return MIN(MAX(slice, NSEC_PER_MSEC), 40 * NSEC_PER_MSEC);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, 1, slice_within_round(turn(p), 1), enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_take(1);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(1, -1);
}

SCHEDTUI_OPS(weighted_turns, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
"""

DEADLINES = """#include <schedtui.h>

enum queue { URGENT = 10, USUAL };

/* The heavier a task, the sooner its deadline; what waits long comes first in any case. */
static __always_inline u64 deadline(struct task_struct *p)
{
	u64 patience = 100 * NSEC_PER_MSEC * 100 / MAX(p->scx.weight, 1U);

	return now_ns() + MIN(patience, NSEC_PER_SEC);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);

	if (waking && p->se.sum_exec_runtime < NSEC_PER_SEC)
		queue_insert_ordered(p, URGENT, 2 * NSEC_PER_MSEC, deadline(p), enq_flags);
	else
		queue_insert_ordered(p, USUAL, 8 * NSEC_PER_MSEC, deadline(p), enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_take(URGENT) || queue_take(USUAL);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = scx_bpf_create_dsq(URGENT, -1);

	return error ? error : scx_bpf_create_dsq(USUAL, -1);
}

SCHEDTUI_OPS(deadlines, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
"""

DEMOTING = (
    """#include <schedtui.h>
#define LEVELS 4U
#define ALLOWANCE_NS (20 * NSEC_PER_MSEC)

static u64 started;

/* Who used up the allowance of a level goes one down; every second all begin anew. */
static __always_inline u64 level_of(struct task_struct *p)
{
	u64 used = p->se.sum_exec_runtime - p->scx.dsq_vtime;

	if ((now_ns() - started) / NSEC_PER_SEC % 2)
		return 0;
	return MIN(used / ALLOWANCE_NS, LEVELS - 1);
}
"""
    + SELECT
    + """
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (insert_urgent(p, NSEC_PER_MSEC, enq_flags))
		return;
	queue_insert(p, level_of(p), 5 * NSEC_PER_MSEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	for (u32 level = 0; level < LEVELS; level++)
		if (queue_take(level))
			break;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = p->se.sum_exec_runtime;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	started = now_ns();
	for (u32 level = 0; level < LEVELS; level++) {
		s32 error = scx_bpf_create_dsq(level, -1);

		if (error)
			return error;
	}
	return 0;
}

SCHEDTUI_OPS(demoting, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
		.dispatch = OP(dispatch), .enable = OP(enable), .init = OP(init));
"""
)

BY_NODE = """#include <schedtui.h>
#define FIRST 8ULL

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = FIRST + node_of(scx_bpf_task_cpu(p));

	queue_insert_ordered(p, queue, slice_within_round(5 * NSEC_PER_MSEC, queue),
			p->scx.dsq_vtime, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	take_from_nodes(FIRST, cpu);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable)
{
	p->scx.dsq_vtime += 5 * NSEC_PER_MSEC - MIN(p->scx.slice, 5 * NSEC_PER_MSEC);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return create_node_queues(FIRST);
}

SCHEDTUI_OPS(by_node, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
		.stopping = OP(stopping), .init = OP(init));
"""

GOOD = {
    "per-CPU queues": PER_CPU,
    "levels with ageing": LEVELS_WITH_AGEING,
    "virtual time in task storage": STORED_VTIME,
    "cgroup weights": CGROUPS,
    "queue map": QUEUE_MAP,
    "direct dispatch": DIRECT,
    "turns by weight": WEIGHTED_TURNS,
    "deadlines": DEADLINES,
    "demotion with a new start": DEMOTING,
    "queues by memory node": BY_NODE,
}


@pytest.mark.parametrize("source", GOOD.values(), ids=GOOD)
def test_nothing_is_refused(source: str) -> None:
    _, found = judge(source)
    # That cgroup weights are not looked at is true of most of them.
    assert [f for f in found if f.code != "SRC040"] == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_our_own_policies_have_only_the_limit_they_state(path: Path) -> None:
    source = path.read_text("utf-8")
    assert {f.code for f in judge(source)[1]} <= {"SRC040"}
