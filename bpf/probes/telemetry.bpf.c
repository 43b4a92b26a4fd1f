/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Telemetry probe: run-queue depth, run delay and wake-up latency as the kernel sees them.
 *
 * It only observes. Two programs run often, at every wake-up and every context switch; they
 * are short because all they remember about a task lies in that task's own storage. Everything
 * else (depths, task reports) is worked out when the node asks for a sample.
 *
 * Terms: wake-up latency is the time from being made runnable by a wake-up to first running.
 * Run delay is any time a task is runnable without running, after preemption too.
 *
 * schedtui/node/probe_layout.py knows the structures below by offset; change both together.
 */
#include "schedtui_base.h"
#include "schedtui_hist.h"

char LICENSE[] SEC("license") = "GPL";

#define BPF_F_MMAPABLE 1024
#define MAX_ENDED_ROWS 128
#define CGROUP_NAME_LEN 32
#define HARDIRQ_AND_NMI 0x00ff0000
#define SERVING_SOFTIRQ 0x00000100
#define POLICY_IDLE 5
#define NICEST_PRIO 139

static u64 (*const bpf_get_current_pid_tgid)(void) __unused = (void *)14;
static long (*const bpf_loop)(u32 count, void *body, void *data, u64 flags) __unused = (void *)181;
static long (*const bpf_for_each_map_elem)(void *map, void *body, void *data,
					   u64 flags) __unused = (void *)164;
static void *(*const bpf_this_cpu_ptr)(const void *ksym)__unused = (void *)154;

/* ---- the kernel's structures, members that schedtui_base.h does not have ----------------- */

struct cfs_rq {
	u32 h_nr_queued;   /* 6.14 and newer */
	u32 h_nr_runnable; /* 6.14 and newer */
	u32 h_nr_delayed;  /* 6.13 and some 6.12 */
} __preserve;

struct rq {
	u32 nr_running;
	struct task_struct *curr;
	struct cfs_rq cfs;
} __preserve;

struct sched_info {
	unsigned long pcount; /* how often the task came to a CPU; not in every kernel */
} __preserve;

/* Two of these are int up to 7.1 and u8 from 7.2 on. Unsigned, the loader adjusts their size. */
struct task_struct___probe {
	u32 on_cpu;
	u32 on_rq;
	struct sched_info sched_info;
} __preserve;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} __preserve;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __preserve;

extern const struct rq runqueues __ksym;
/* x86 keeps the preemption count in a per-CPU variable; elsewhere wakers in interrupts are
 * reported under the name of the task they interrupted.
 */
extern const int __preempt_count __ksym __weak;

/* ---- what is shared with the node --------------------------------------------------------- */

struct name {
	u64 part[2];
};

/* The node writes the first five through its mapping of .bss, a snapshot writes the others. */
struct control {
	u64 wait_floor_ns; /* the wait report leaves out tasks that waited less */
	u32 enabled;
	u32 cpus;
	u32 priming;	  /* the next task report only marks where every task starts */
	u32 forget_waits; /* the wait report sets every worst wait back to zero */
	u32 node_tgid;	  /* the process that asks for snapshots, in the kernel's own numbering */
	u32 ended_rows;	  /* rows filled by the last snapshot */
	u64 now_ns;	  /* clock of the last snapshot */
};

/* One per CPU. Counters only grow; only their own CPU writes them, with interrupts off. */
struct cpu_stat {
	u64 switches;
	u64 left;	    /* switches away from a task (not from idle) */
	u64 left_by_itself; /* of these: the task blocked or slept */
	u64 arrived;	    /* tasks that ran here after another CPU */
	u64 forks;
	u64 delay_ns;
	u64 idle_ns;
	u64 idle_since_ns; /* 0 while busy or before it was seen */
	/* Longest wait that ended here since the node last set it to zero. */
	u64 longest_ns;
	struct name longest_name;
	u32 longest_pid;
	/* Who ran when the node's process came in, 0 when it was idle or blocked. */
	u32 displaced_pid;
	struct name displaced_name;
	/* Snapshot: filled when the node asks. */
	u64 idle_now_ns; /* idle time including the spell it is in */
	u32 depth;
	u32 running_pid; /* 0: idle */
	struct name running_name;
	u32 wakeup[SCHEDTUI_HIST_BUCKETS];    /* waits that began with a wake-up */
	u32 preempted[SCHEDTUI_HIST_BUCKETS]; /* waits of tasks that were running before */
};

/* Tasks of one name that ended since the last snapshot. */
struct ended {
	u64 count;
	u64 run_ns;	   /* over their whole lives */
	u64 longest_ns;	   /* of one of them, over its whole life */
	u64 unreported_ns; /* the part of run_ns that no task report held */
};

struct ended_row {
	struct name name;
	struct ended ended;
};

/* One line of the task report: what changed since the last one. */
struct task_report {
	u32 pid;
	u32 tgid;
	u64 delay_ns;
	u64 longest_ns;
	u64 waiting_ns; /* the wait it is in now, 0 when it runs or sleeps */
	u64 run_ns;
	u64 wakeups;
	u64 cgroup_id;
	struct name name;
	struct name waker; /* empty with waker_irq: an interrupt */
	u32 waker_irq;
	u32 pad;
	char cgroup[CGROUP_NAME_LEN];
};

/* One line of the wait report. */
struct wait_report {
	u32 pid;
	u32 tgid;
	u64 waiting_ns;
	u64 worst_ns;
	struct name name;
};

/* ---- maps ---------------------------------------------------------------------------------- */

struct task_state {
	u64 runnable_since_ns; /* 0: runs, sleeps or was not seen yet */
	u64 turns;	       /* turns_of() the task when that was set */
	u64 running_since_ns;  /* when it came to its CPU last, 0 before */
	u64 run_before_ns;     /* CPU time of its life until then */
	u64 delay_ns;
	u64 longest_ns; /* since the last task report */
	u64 worst_ns;	/* since the node last set it back */
	u64 wakeups;
	struct name waker;
	u32 waker_pid;
	u32 waker_irq;
	u32 woken; /* the wait it is in began with a wake-up */
	s32 cpu;   /* where it ran last, -1 before */
	u64 reported_delay_ns;
	u64 reported_run_ns;
	u64 reported_wakeups;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} probe_tasks SEC(".maps");

/* The node raises max_entries to the machine's number of CPUs before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_stat);
} probe_cpus SEC(".maps");

/* Ended tasks by name. Least recently used names make room: a flood of names costs nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, struct ended);
} probe_ended SEC(".maps");

/* The same for the node, copied at every snapshot, so that reading it takes no system call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_ENDED_ROWS);
	__type(key, u32);
	__type(value, struct ended_row);
} probe_ended_rows SEC(".maps");

struct control control;

/* ---- small parts ------------------------------------------------------------------------ */

static __always_inline struct cpu_stat *stat_of(u32 cpu)
{
	return bpf_map_lookup_elem(&probe_cpus, &cpu);
}

static __always_inline struct task_state *state_of(struct task_struct *task)
{
	return bpf_task_storage_get(&probe_tasks, task, NULL, 0);
}

/*
 * Storage is never made in the two frequent programs: they hold run-queue locks, and a lookup
 * without the option to create is the shorter path. Forks and task reports make it.
 */
static __always_inline struct task_state *new_state_of(struct task_struct *task)
{
	struct task_state fresh = { .cpu = -1 };

	return bpf_task_storage_get(&probe_tasks, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline bool on_cpu(const struct task_struct *task)
{
	return ((const struct task_struct___probe *)task)->on_cpu != 0;
}

static __always_inline bool on_queue(const struct task_struct *task)
{
	return ((const struct task_struct___probe *)task)->on_rq != 0;
}

/* Two words instead of sixteen bytes: this runs at every wake-up. */
static __always_inline void copy_name(struct name *to, const struct task_struct *task)
{
	to->part[0] = *(const u64 *)&task->comm[0];
	to->part[1] = *(const u64 *)&task->comm[8];
}

static __always_inline bool in_interrupt(void)
{
	const int *count;

	if (!bpf_ksym_exists(&__preempt_count))
		return false;
	count = bpf_this_cpu_ptr(&__preempt_count);
	return *count & (HARDIRQ_AND_NMI | SERVING_SOFTIRQ);
}

/*
 * How often a task has come to a CPU. Where the kernel could not give us a task's state once
 * (its lock was busy), the beginning of a wait would outlive the wait. A task that has run since
 * is not in that wait any more, so such a leftover is never taken for starvation.
 */
static __always_inline u64 turns_of(const struct task_struct *task)
{
	const struct task_struct___probe *probed = (const void *)task;

	if (!bpf_core_field_exists(probed->sched_info.pcount))
		return 0;
	return probed->sched_info.pcount;
}

static __always_inline bool waits(const struct task_state *state, const struct task_struct *task)
{
	return state->runnable_since_ns && state->turns == turns_of(task);
}

static __always_inline void begin_wait(struct task_state *state, const struct task_struct *task,
				       bool woken, u64 now)
{
	state->runnable_since_ns = now;
	state->turns = turns_of(task);
	state->woken = woken;
}

/* ---- wake-ups --------------------------------------------------------------------------- */

static __always_inline void note_waker(struct task_state *state)
{
	struct task_struct *waker;
	u32 pid;

	state->waker_irq = in_interrupt();
	if (state->waker_irq)
		return;
	waker = bpf_get_current_task_btf();
	pid = waker->pid;
	/* An idle CPU finishes wake-ups for others; it is not the waker, so keep the last one. */
	if (!pid || pid == state->waker_pid)
		return;
	state->waker_pid = pid;
	copy_name(&state->waker, waker);
}

static __always_inline int woke(struct task_struct *task)
{
	struct task_state *state;

	if (!control.enabled)
		return 0;
	state = state_of(task);
	if (!state)
		return 0;
	state->wakeups++;
	note_waker(state);
	/* A task that was about to sleep may be woken before it left its CPU: no wait. */
	if (!on_cpu(task) && !waits(state, task))
		begin_wait(state, task, true, bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	return woke(task);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *task)
{
	return woke(task);
}

/* ---- context switches -------------------------------------------------------------------- */

static __always_inline void leaves(struct cpu_stat *stat, struct task_struct *task,
				   bool still_runnable, u64 now)
{
	struct task_state *state;

	stat->left++;
	if (!still_runnable) {
		/* The frequent case needs no look at the task's state: nothing there changes. */
		stat->left_by_itself++;
		return;
	}
	state = state_of(task);
	if (state)
		begin_wait(state, task, false, now);
}

/*
 * Long waits are held against a policy, but not those of the node itself, and not those of
 * tasks that asked to come last: the fair class too lets these wait for most of a second.
 */
static __always_inline bool may_wait(const struct task_struct *task)
{
	return (u32)task->tgid == control.node_tgid || task->policy == POLICY_IDLE ||
	       task->static_prio >= NICEST_PRIO;
}

static __always_inline void note_longest(struct cpu_stat *stat, struct task_struct *task, u64 wait)
{
	if (may_wait(task))
		return;
	stat->longest_ns = wait;
	stat->longest_pid = task->pid;
	copy_name(&stat->longest_name, task);
}

static __always_inline void ends_wait(struct cpu_stat *stat, struct task_struct *task,
				      struct task_state *state, u64 now)
{
	u64 since = state->runnable_since_ns;
	u64 wait = now > since ? now - since : 0;
	u32 bucket = schedtui_bucket(wait);

	state->delay_ns += wait;
	if (wait > state->longest_ns)
		state->longest_ns = wait;
	if (wait > state->worst_ns)
		state->worst_ns = wait;
	if (wait > stat->longest_ns)
		note_longest(stat, task, wait);
	stat->delay_ns += wait;
	if (bucket >= SCHEDTUI_HIST_BUCKETS)
		return;
	if (state->woken)
		stat->wakeup[bucket]++;
	else
		stat->preempted[bucket]++;
}

static __always_inline void arrives(struct cpu_stat *stat, struct task_struct *task, u32 cpu,
				    u64 now)
{
	struct task_state *state = state_of(task);

	if (!state)
		return;
	state->running_since_ns = now;
	state->run_before_ns = task->se.sum_exec_runtime;
	/* Counted here rather than at every move: what matters is where a task runs. */
	if (state->cpu != (s32)cpu) {
		if (state->cpu >= 0)
			stat->arrived++;
		state->cpu = cpu;
	}
	if (waits(state, task))
		ends_wait(stat, task, state, now);
	state->runnable_since_ns = 0;
}

static __always_inline void note_displaced(struct cpu_stat *stat, struct task_struct *prev,
					   bool still_runnable)
{
	stat->displaced_pid = still_runnable ? prev->pid : 0;
	if (still_runnable)
		copy_name(&stat->displaced_name, prev);
}

static __always_inline void leaves_idle(struct cpu_stat *stat, u64 now)
{
	if (stat->idle_since_ns)
		stat->idle_ns += now - stat->idle_since_ns;
	stat->idle_since_ns = 0;
}

/* Each look into a task costs several instructions, so nothing is read twice here. */
SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	bool was_idle, still_runnable;
	struct cpu_stat *stat;
	u32 cpu;
	u64 now;

	if (!control.enabled)
		return 0;
	cpu = bpf_get_smp_processor_id();
	stat = stat_of(cpu);
	if (!stat)
		return 0;
	now = bpf_ktime_get_ns();
	stat->switches++;
	was_idle = !prev->pid;
	still_runnable = !was_idle && (preempt || !prev_state);
	if (was_idle)
		leaves_idle(stat, now);
	else
		leaves(stat, prev, still_runnable, now);
	if (!next->pid) {
		stat->idle_since_ns = now;
		return 0;
	}
	if ((u32)next->tgid == control.node_tgid && (u32)prev->tgid != control.node_tgid)
		note_displaced(stat, prev, still_runnable);
	arrives(stat, next, cpu, now);
	return 0;
}

/* ---- births and ends ------------------------------------------------------------------------ */

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct cpu_stat *stat;

	(void)parent;
	if (!control.enabled)
		return 0;
	stat = stat_of(bpf_get_smp_processor_id());
	if (stat)
		__sync_fetch_and_add(&stat->forks, 1); /* preemption is possible here */
	new_state_of(child);
	return 0;
}

/*
 * CPU time over the whole life of a task, exact to now. The kernel's own sum is exact while the
 * task is off its CPU and up to one tick behind while it runs.
 */
static __always_inline u64 lifetime_run_ns(const struct task_state *state, struct task_struct *task,
					   u64 now)
{
	u64 since = state->running_since_ns;

	if (on_cpu(task) && since && now > since)
		return state->run_before_ns + (now - since);
	return task->se.sum_exec_runtime;
}

/* Every ending task counts under its own name: threads as well as whole processes. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct ended *ended, none = {};
	struct task_state *state;
	struct name name;
	u64 run_ns, unreported_ns;

	if (!control.enabled)
		return 0;
	state = state_of(task);
	if (!state)
		return 0;
	run_ns = lifetime_run_ns(state, task, bpf_ktime_get_ns());
	unreported_ns = run_ns > state->reported_run_ns ? run_ns - state->reported_run_ns : 0;
	/* A zombie is still in the task report: do not count its time twice. */
	state->reported_run_ns = run_ns;
	copy_name(&name, task);
	ended = bpf_map_lookup_elem(&probe_ended, &name);
	if (!ended) {
		bpf_map_update_elem(&probe_ended, &name, &none, BPF_NOEXIST);
		ended = bpf_map_lookup_elem(&probe_ended, &name);
		if (!ended)
			return 0;
	}
	__sync_fetch_and_add(&ended->count, 1);
	__sync_fetch_and_add(&ended->run_ns, run_ns);
	__sync_fetch_and_add(&ended->unreported_ns, unreported_ns);
	if (run_ns > ended->longest_ns)
		ended->longest_ns = run_ns;
	return 0;
}

/* ---- snapshot: asked for by the node ------------------------------------------------------ */

/*
 * Since 6.12 the fair class may keep a sleeping task queued until its lag is used up. Such
 * tasks are in nr_running and do not want to run: they are no part of the depth.
 */
static __always_inline u32 sleepers_still_queued(const struct rq *rq)
{
	if (bpf_core_field_exists(rq->cfs.h_nr_runnable))
		return rq->cfs.h_nr_queued - rq->cfs.h_nr_runnable;
	if (bpf_core_field_exists(rq->cfs.h_nr_delayed))
		return rq->cfs.h_nr_delayed;
	return 0;
}

static __always_inline void note_running(struct cpu_stat *stat, const struct task_struct *task)
{
	if ((u32)task->tgid == control.node_tgid) {
		/* The node that asks is no load: leave it out and show whom it displaced. */
		stat->depth -= stat->depth > 0;
		stat->running_pid = stat->displaced_pid;
		stat->running_name = stat->displaced_name;
		return;
	}
	stat->running_pid = task->pid;
	copy_name(&stat->running_name, task);
}

static __always_inline void note_idle(struct cpu_stat *stat, bool idle)
{
	u64 now = control.now_ns, since = stat->idle_since_ns;

	stat->idle_now_ns = stat->idle_ns;
	if (!idle)
		return;
	if (since && now > since)
		stat->idle_now_ns += now - since;
	/* A CPU that has slept since before the start never switched: its idle time begins. */
	if (!since)
		stat->idle_since_ns = now;
}

static long snapshot_cpu(u32 cpu, void *data)
{
	const struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);
	struct cpu_stat *stat = stat_of(cpu);
	u32 running, sleepers;

	(void)data;
	if (!rq || !stat)
		return 1;
	running = rq->nr_running;
	sleepers = sleepers_still_queued(rq);
	stat->depth = running > sleepers ? running - sleepers : 0;
	note_running(stat, rq->curr);
	note_idle(stat, !rq->curr->pid);
	return 0;
}

static long snapshot_ended(void *map, struct name *name, struct ended *ended, void *data)
{
	u32 index = control.ended_rows;
	struct ended_row *row;

	(void)map;
	(void)data;
	if (!ended->count)
		return 0;
	row = bpf_map_lookup_elem(&probe_ended_rows, &index);
	if (!row)
		return 1;
	row->name = *name;
	row->ended.count = __sync_lock_test_and_set(&ended->count, 0);
	row->ended.run_ns = __sync_lock_test_and_set(&ended->run_ns, 0);
	row->ended.longest_ns = __sync_lock_test_and_set(&ended->longest_ns, 0);
	row->ended.unreported_ns = __sync_lock_test_and_set(&ended->unreported_ns, 0);
	control.ended_rows = index + 1;
	return 0;
}

SEC("syscall")
int snapshot(void *ctx)
{
	(void)ctx;
	control.now_ns = bpf_ktime_get_ns();
	control.node_tgid = bpf_get_current_pid_tgid() >> 32;
	control.ended_rows = 0;
	bpf_loop(control.cpus, snapshot_cpu, NULL, 0);
	bpf_for_each_map_elem(&probe_ended, snapshot_ended, NULL, 0);
	return 0;
}

/* ---- task report -------------------------------------------------------------------------- */

/* Mark where a task starts when telemetry is switched on: it may run or wait already. */
static __always_inline void prime(struct task_state *state, struct task_struct *task)
{
	u64 now = bpf_ktime_get_ns();
	bool runs = on_cpu(task);

	state->running_since_ns = runs ? now : 0;
	begin_wait(state, task, false, !runs && on_queue(task) && !task->__state ? now : 0);
	state->longest_ns = 0;
	state->worst_ns = 0;
	state->run_before_ns = task->se.sum_exec_runtime;
	state->reported_run_ns = state->run_before_ns;
	state->reported_delay_ns = state->delay_ns;
	state->reported_wakeups = state->wakeups;
}

static __always_inline u64 waiting_ns(const struct task_state *state, struct task_struct *task,
				      u64 now)
{
	u64 since = state->runnable_since_ns;

	return waits(state, task) && !on_cpu(task) && now > since ? now - since : 0;
}

static __always_inline void fill_cgroup(struct task_report *report, struct task_struct *task)
{
	struct kernfs_node *node = task->cgroups->dfl_cgrp->kn;

	report->cgroup_id = node->id;
	bpf_probe_read_kernel_str(report->cgroup, sizeof(report->cgroup), node->name);
}

/* Fill the figures and move the marks; false when the task neither ran nor waited. */
static __always_inline bool fill_figures(struct task_report *report, struct task_state *state,
					 struct task_struct *task)
{
	u64 now = bpf_ktime_get_ns();
	u64 run_ns = lifetime_run_ns(state, task, now);
	u64 waiting = waiting_ns(state, task, now);
	u64 delay_ns = state->delay_ns + waiting;

	report->waiting_ns = waiting;
	/* Rates count a wait as it grows, so that one endless wait shows in every sample. */
	report->delay_ns =
		delay_ns > state->reported_delay_ns ? delay_ns - state->reported_delay_ns : 0;
	report->run_ns = run_ns > state->reported_run_ns ? run_ns - state->reported_run_ns : 0;
	report->wakeups = state->wakeups - state->reported_wakeups;
	if (!report->run_ns && !report->delay_ns && !report->waiting_ns)
		return false;
	report->longest_ns = __sync_lock_test_and_set(&state->longest_ns, 0);
	state->reported_delay_ns = delay_ns;
	state->reported_run_ns = run_ns;
	state->reported_wakeups += report->wakeups;
	return true;
}

SEC("iter/task")
int report_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_report report = {};
	struct task_state *state;

	if (!task)
		return 0;
	state = new_state_of(task);
	if (!state)
		return 0;
	if (control.priming) {
		prime(state, task);
		return 0;
	}
	if (!fill_figures(&report, state, task))
		return 0;
	report.pid = task->pid;
	report.tgid = task->tgid;
	copy_name(&report.name, task);
	report.waker = state->waker;
	report.waker_irq = state->waker_irq;
	fill_cgroup(&report, task);
	bpf_seq_write(ctx->meta->seq, &report, sizeof(report));
	return 0;
}

/* ---- wait report: for guards and trials --------------------------------------------------- */

SEC("iter/task")
int report_waits(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct wait_report report = {};
	struct task_state *state;

	if (!task || may_wait(task))
		return 0;
	state = state_of(task);
	if (!state)
		return 0;
	report.waiting_ns = waiting_ns(state, task, bpf_ktime_get_ns());
	report.worst_ns = state->worst_ns;
	if (control.forget_waits)
		state->worst_ns = 0;
	if (report.waiting_ns <= control.wait_floor_ns && report.worst_ns <= control.wait_floor_ns)
		return 0;
	report.pid = task->pid;
	report.tgid = task->tgid;
	copy_name(&report.name, task);
	bpf_seq_write(ctx->meta->seq, &report, sizeof(report));
	return 0;
}
