/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * What a scheduler of schedtui needs on top of schedtui_base.h: the sched_ext structures, flags
 * and kernel functions, queues, parameters, the exit record, and SCHEDTUI_OPS.
 *
 * Good for kernels 6.13 to 7.x. Three things keep it so:
 *  - structures are relocated at load time (preserve_access_index);
 *  - flags whose value changed between kernels are read from the running kernel with
 *    SCX_FLAG(), never baked in;
 *  - functions that not every kernel has are declared weak, and the wrappers below ask first.
 *    The verifier drops the other branch. The names that 6.12 used are left out: libbpf searches
 *    the kernel's whole type information for each, in vain on all others.
 */
#ifndef SCHEDTUI_H
#define SCHEDTUI_H

#include "schedtui_base.h"

/* ---- constants ----------------------------------------------------------------------------
 *
 * The values here are those of one kernel and only let the source compile. Whatever is a flag
 * goes through SCX_FLAG(), which asks the running kernel. Built-in queue ids are wire format
 * (bit 63 plus a number) and have not changed.
 */
enum scx_enq_flags {
	SCX_ENQ_WAKEUP = 1,
	SCX_ENQ_HEAD = 65536,
	SCX_ENQ_PREEMPT = 1ULL << 32,
	SCX_ENQ_REENQ = 1ULL << 40,
	SCX_ENQ_LAST = 1ULL << 41,
};

enum scx_deq_flags {
	SCX_DEQ_SLEEP = 1,
};

enum scx_wake_flags {
	SCX_WAKE_FORK = 4,
	SCX_WAKE_TTWU = 8,
	SCX_WAKE_SYNC = 16,
};

enum scx_kick_flags {
	SCX_KICK_IDLE = 1,
	SCX_KICK_PREEMPT = 2,
	SCX_KICK_WAIT = 4,
};

enum scx_ops_flags {
	SCX_OPS_KEEP_BUILTIN_IDLE = 1,
	SCX_OPS_ENQ_LAST = 2,
	SCX_OPS_ENQ_EXITING = 4,
	SCX_OPS_SWITCH_PARTIAL = 8,
};

enum scx_dsq_id_flags {
	SCX_DSQ_FLAG_BUILTIN = 1ULL << 63,
	SCX_DSQ_FLAG_LOCAL_ON = 1ULL << 62,
	SCX_DSQ_GLOBAL = SCX_DSQ_FLAG_BUILTIN | 1,
	SCX_DSQ_LOCAL = SCX_DSQ_FLAG_BUILTIN | 2,
	SCX_DSQ_LOCAL_ON = SCX_DSQ_FLAG_BUILTIN | SCX_DSQ_FLAG_LOCAL_ON,
};

#define SCX_FLAG(group, name) bpf_core_enum_value(enum scx_##group, name)

#define SCX_WEIGHT_DEFAULT 100

/* ---- structures ---------------------------------------------------------------------------- */

enum scx_exit_kind {
	SCX_EXIT_NONE = 0,
};

struct scx_exit_info {
	enum scx_exit_kind kind;
	s64 exit_code;
	const char *reason;
	char *msg;
} __preserve;

struct scx_init_task_args {
	bool fork;
} __preserve;

struct scx_exit_task_args {
	bool cancelled;
} __preserve;

struct scx_cgroup_init_args {
	u32 weight;
} __preserve;

struct scx_cpu_acquire_args;
struct scx_cpu_release_args;
struct scx_dump_ctx;

/*
 * The members we use; the loader matches them with the kernel's own structure by name. The
 * last five are data: the node sets or clamps every one of them before the kernel sees it.
 */
struct sched_ext_ops {
	s32 (*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dequeue)(struct task_struct *p, u64 deq_flags);
	void (*dispatch)(s32 cpu, struct task_struct *prev);
	void (*tick)(struct task_struct *p);
	void (*runnable)(struct task_struct *p, u64 enq_flags);
	void (*running)(struct task_struct *p);
	void (*stopping)(struct task_struct *p, bool runnable);
	void (*quiescent)(struct task_struct *p, u64 deq_flags);
	bool (*yield)(struct task_struct *from, struct task_struct *to);
	void (*set_weight)(struct task_struct *p, u32 weight);
	void (*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	void (*update_idle)(s32 cpu, bool idle);
	void (*cpu_acquire)(s32 cpu, struct scx_cpu_acquire_args *args);
	void (*cpu_release)(s32 cpu, struct scx_cpu_release_args *args);
	s32 (*init_task)(struct task_struct *p, struct scx_init_task_args *args);
	void (*exit_task)(struct task_struct *p, struct scx_exit_task_args *args);
	void (*enable)(struct task_struct *p);
	void (*disable)(struct task_struct *p);
	s32 (*cgroup_init)(struct cgroup *cgrp, struct scx_cgroup_init_args *args);
	void (*cgroup_exit)(struct cgroup *cgrp);
	void (*cgroup_set_weight)(struct cgroup *cgrp, u32 weight);
	void (*cpu_online)(s32 cpu);
	void (*cpu_offline)(s32 cpu);
	s32 (*init)(void);
	void (*exit)(struct scx_exit_info *info);
	u32 dispatch_max_batch;
	u64 flags;
	u32 timeout_ms;
	u32 exit_dump_len;
	char name[128];
};

/* ---- kernel functions ---------------------------------------------------------------------- */

extern s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym __weak;
extern s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				  bool *is_idle) __ksym __weak;
extern s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym __weak;
extern void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym __weak;
extern s32 scx_bpf_pick_idle_cpu(const struct cpumask *allowed, u64 flags) __ksym __weak;
extern s32 scx_bpf_pick_any_cpu(const struct cpumask *allowed, u64 flags) __ksym __weak;
extern bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __ksym __weak;
extern s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym __weak;
extern bool scx_bpf_task_running(const struct task_struct *p) __ksym __weak;
extern u32 scx_bpf_nr_cpu_ids(void) __ksym __weak;
extern u32 scx_bpf_dispatch_nr_slots(void) __ksym __weak;
extern int scx_bpf_cpu_node(s32 cpu) __ksym __weak;
extern u32 scx_bpf_nr_node_ids(void) __ksym __weak;
extern bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __ksym __weak;
extern bool bpf_cpumask_subset(const struct cpumask *part,
			       const struct cpumask *whole) __ksym __weak;
extern u32 bpf_cpumask_weight(const struct cpumask *mask) __ksym __weak;
extern const struct cpumask *scx_bpf_get_online_cpumask(void) __ksym __weak;
extern void scx_bpf_put_cpumask(const struct cpumask *mask) __ksym __weak;

/* A task found by pid, NULL when there is none; it must be released. For queues of pids. */
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *p) __ksym __weak;

/*
 * The control group whose CPU controller a task is under, and a group above another, NULL when
 * there is none; both must be released.
 */
extern struct cgroup *scx_bpf_task_cgroup(struct task_struct *p) __ksym __weak;
extern struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) __ksym __weak;
extern void bpf_cgroup_release(struct cgroup *cgrp) __ksym __weak;

extern void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice,
			       u64 enq_flags) __ksym __weak;
extern void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
				     u64 enq_flags) __ksym __weak;
extern bool scx_bpf_dsq_move_to_local(u64 dsq_id) __ksym __weak;

/* From 6.14 on; a clock that is cheaper than bpf_ktime_get_ns() and never goes back. */
extern u64 scx_bpf_now(void) __ksym __weak;

/* Append a task to a queue, first in, first out. */
static __always_inline void queue_insert(struct task_struct *p, u64 dsq_id, u64 slice,
					 u64 enq_flags)
{
	scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags);
}

/* Put a task into a queue ordered by key, smallest first. */
static __always_inline void queue_insert_ordered(struct task_struct *p, u64 dsq_id, u64 slice,
						 u64 key, u64 enq_flags)
{
	scx_bpf_dsq_insert_vtime(p, dsq_id, slice, key, enq_flags);
}

/*
 * Give this CPU the first task of a queue that may run here. False when there is none, so
 * affinity is honoured by the kernel itself.
 */
static __always_inline bool queue_take(u64 dsq_id)
{
	return scx_bpf_dsq_move_to_local(dsq_id);
}

static __always_inline u64 now_ns(void)
{
	return bpf_ksym_exists(scx_bpf_now) ? scx_bpf_now() : bpf_ktime_get_ns();
}

/* ---- comparisons, averages and facts about tasks --------------------------------------------- */

/* Is time a before time b? Right even when the 64-bit time line wraps. */
static __always_inline bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* The time nearest to a time that is neither before the earliest nor after the latest. */
static __always_inline u64 time_within(u64 time, u64 earliest, u64 latest)
{
	if (before(time, earliest))
		time = earliest;
	return before(latest, time) ? latest : time;
}

/* An exponential average that takes a quarter of what it has just seen; 0: nothing seen yet. */
static __always_inline u64 averaged(u64 average, u64 seen)
{
	return average ? average - (average >> 2) + (seen >> 2) : seen;
}

static __always_inline bool is_kthread(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD;
}

/* May the task run on one CPU only, by affinity? */
static __always_inline bool is_pinned(const struct task_struct *p)
{
	return p->nr_cpus_allowed == 1;
}

/* Names fill 16 bytes, padded with zeros on both sides: two words to compare. */
static __always_inline bool has_name(const struct task_struct *p, const volatile char *wanted)
{
	const u64 *comm = (const u64 *)&p->comm[0];
	const volatile u64 *name = (const volatile u64 *)wanted;

	return comm[0] == name[0] && comm[1] == name[1];
}

/* Add to a number that several CPUs change at the same time. Returns what it was before. */
static __always_inline s64 add_shared(s64 *number, s64 by)
{
	return __sync_fetch_and_add(number, by);
}

/* ---- one queue per memory node -----------------------------------------------------------------
 *
 * A single queue for the whole machine is the fairest, but its lock is fought over by every
 * CPU. One queue per memory node keeps that fight inside a socket; most machines have one
 * node and so one queue. A CPU serves its own node first and takes from others before it idles.
 */
#define NODES_MAX 8U

static u32 nr_nodes = 1;
/* CPUs that the machine could ever have: their numbers are below this. */
static u32 nr_cpus = 1;
/* CPUs that work; many a machine could have far more of them. */
static u32 online_cpus = 1;

static __always_inline u32 node_of(s32 cpu)
{
	if (nr_nodes == 1 || !bpf_ksym_exists(scx_bpf_cpu_node))
		return 0;
	return (u32)scx_bpf_cpu_node(cpu) % NODES_MAX;
}

/*
 * How many CPUs are online, at least 1. It stays true: a scheduler without operations for it ends
 * when a CPU comes or goes.
 */
static __always_inline u32 count_online_cpus(void)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	u32 count = bpf_cpumask_weight(online);

	scx_bpf_put_cpumask(online);
	return MAX(count, 1U);
}

static __always_inline void learn_machine(void)
{
	nr_cpus = MAX(scx_bpf_nr_cpu_ids(), 1U);
	online_cpus = count_online_cpus();
	if (bpf_ksym_exists(scx_bpf_cpu_node) && bpf_ksym_exists(scx_bpf_nr_node_ids))
		nr_nodes = MIN(MAX(scx_bpf_nr_node_ids(), 1U), NODES_MAX);
}

/* Make the queues base, base + 1, ... one for each node. Only from a sleepable operation. */
static __always_inline s32 create_node_queues(u64 base)
{
	for (u32 node = 0; node < NODES_MAX && node < nr_nodes; node++) {
		s32 error = scx_bpf_create_dsq(base + node, -1);

		if (error)
			return error;
	}
	return 0;
}

/* Take the next task for this CPU from its own node's queue, else from another node's. */
static __always_inline bool take_from_nodes(u64 base, s32 cpu)
{
	u32 own = node_of(cpu);

	if (queue_take(base + own))
		return true;
	for (u32 node = 0; node < NODES_MAX && node < nr_nodes; node++)
		if (node != own && queue_take(base + node))
			return true;
	return false;
}

/* ---- what all our policies do alike -------------------------------------------------------------- */

#define ROUND_NS (600ULL * NSEC_PER_MSEC)
#define SLICE_FLOOR_NS (100ULL * NSEC_PER_USEC)

/*
 * Shorten a slice so that everybody in a queue gets a turn within ROUND_NS. Without it, long
 * slices and many tasks would let the last one wait until the kernel's watchdog ends us.
 */
static __always_inline u64 slice_within_round(u64 slice, u64 queue)
{
	s32 waiting = scx_bpf_dsq_nr_queued(queue);
	u64 cpus = MAX(online_cpus / nr_nodes, 1U);
	u64 share;

	if (waiting <= 0)
		return slice;
	share = ROUND_NS * cpus / (u32)waiting;
	return MAX(MIN(slice, share), SLICE_FLOOR_NS);
}

/*
 * A waking per-CPU kernel thread does work that everything else on that CPU depends on:
 * it runs at once. Only on wake-up, so that even a busy one takes its turn afterwards.
 */
static __always_inline bool insert_urgent(struct task_struct *p, u64 slice, u64 enq_flags)
{
	if (!is_kthread(p) || !is_pinned(p) || !(enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP)))
		return false;
	queue_insert(p, SCX_DSQ_LOCAL, slice,
		     enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_HEAD) |
			     SCX_FLAG(enq_flags, SCX_ENQ_PREEMPT));
	return true;
}

/*
 * Choose a CPU by the kernel's own idle search (cache and SMT aware). When it is idle the task
 * goes straight to it and never enters a queue of ours.
 */
static __always_inline s32 select_idle_cpu(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
					   u64 slice)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle)
		queue_insert(p, SCX_DSQ_LOCAL, slice, 0);
	return cpu;
}

/*
 * A task was queued: wake an idle CPU that may run it, in case all looked busy before. Returns
 * that CPU, negative when all are busy.
 */
static __always_inline s32 kick_idle_cpu(struct task_struct *p)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_IDLE));
	return cpu;
}

/* ---- parameters ------------------------------------------------------------------------------
 *
 * A parameter is one line at file level, for example
 *     const volatile u64 slice_us = 20000;
 * It becomes a constant of the object; the verifier removes branches that it switches off.
 */
#define HINTS_MAX 16

struct name_weight {
	char name[TASK_COMM_LEN];
	u32 expected_ms;
};

/*
 * A live parameter can also be set while the policy runs, by the node alone, within bounds that
 * are in the object and so in what was approved. It is one line at file level, for example
 *     LIVE_PARAMETER slice_us = { 20000, 1000, 50000 };
 * with value, minimum and maximum. The verifier takes no value of it for granted, and live()
 * gives none outside of the bounds, whatever somebody wrote. It may give another one the next
 * time: an operation reads a live parameter once and hands the value on.
 */
struct live_parameter {
	u64 value;
	u64 minimum;
	u64 maximum;
};

#define LIVE_PARAMETER const volatile struct live_parameter SEC(".data.live")

static __always_inline u64 live(const volatile struct live_parameter *parameter)
{
	u64 value = parameter->value, minimum = parameter->minimum, maximum = parameter->maximum;

	return MAX(MIN(value, maximum), minimum);
}

/* ---- exit record -----------------------------------------------------------------------------
 *
 * Why the kernel ended this scheduler, left where the node can read it after the end: one
 * global in a section of its own, so that its layout never depends on the policy.
 * kind is written last; a reader that sees kind 0 has no record.
 */
#define EXIT_REASON_LEN 128
#define EXIT_MSG_LEN 1024

struct exit_record {
	u32 kind;
	u32 unused;
	s64 exit_code;
	char reason[EXIT_REASON_LEN];
	char msg[EXIT_MSG_LEN];
};

#define SCHEDTUI_EXIT_RECORD                                                                  \
	struct exit_record exit_record SEC(".data.exit_record");                              \
	SEC("struct_ops/schedtui_exit")                                                       \
	void BPF_PROG(schedtui_exit, struct scx_exit_info *info)                              \
	{                                                                                     \
		bpf_probe_read_kernel_str(exit_record.reason, EXIT_REASON_LEN, info->reason); \
		bpf_probe_read_kernel_str(exit_record.msg, EXIT_MSG_LEN, info->msg);          \
		exit_record.exit_code = info->exit_code;                                      \
		barrier();                                                                    \
		exit_record.kind = info->kind;                                                \
	}

/* ---- the scheduler itself ---------------------------------------------------------------------
 *
 * Write each operation as SCHEDTUI_OP(ret, name, args...) and end the file with
 *     SCHEDTUI_OPS(policy_name, .enqueue = OP(enqueue), ...);
 * That defines the one struct sched_ext_ops with the exit record and a five second watchdog.
 */
#define SCHEDTUI_OP(op, args...) SEC("struct_ops/" #op) BPF_PROG(op, ##args)
#define SCHEDTUI_SLEEPABLE_OP(op, args...) SEC("struct_ops.s/" #op) BPF_PROG(op, ##args)
#define OP(op) ((void *)op)

#define SCHEDTUI_OPS(policy, members...)                \
	SCHEDTUI_EXIT_RECORD                            \
	char schedtui_license[] SEC("license") = "GPL"; \
	SEC(".struct_ops.link")                         \
	struct sched_ext_ops policy##_ops = {           \
		members,                                \
		.exit = OP(schedtui_exit),              \
		.timeout_ms = 5000,                     \
		.name = #policy,                        \
	}

#endif
