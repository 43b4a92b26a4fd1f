/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * What every BPF program of schedtui needs: basic types, section and map macros, the helpers
 * we use, and the few kernel structures we look at.
 *
 * There is no dump of a kernel's types behind this. Each structure lists only the members we
 * touch and carries preserve_access_index, so the loader finds their true offsets in the type
 * information of the kernel that is running. One object therefore serves many kernels.
 */
#ifndef SCHEDTUI_BASE_H
#define SCHEDTUI_BASE_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)

/* ---- compiler and loader ------------------------------------------------------------- */

#define SEC(name) __attribute__((section(name), used))
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __unused __attribute__((unused))
#define __ksym __attribute__((section(".ksyms")))
#define __preserve __attribute__((preserve_access_index))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/* Does the running kernel have this structure, member, enumerator or function? */
#define bpf_core_field_exists(field) __builtin_preserve_field_info(field, 2)
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define bpf_core_enum_value_exists(type, name) __builtin_preserve_enum_value(*(type *)name, 0)
#define bpf_core_enum_value(type, name) __builtin_preserve_enum_value(*(type *)name, 1)
#define bpf_ksym_exists(symbol) (!!(symbol))

/* ---- maps ------------------------------------------------------------------------------ */

#define __uint(name, value) int (*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]

enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC = 0,
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_LRU_PERCPU_HASH = 10,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
	BPF_F_NO_PREALLOC = 1,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

/* ---- kernel structures ----------------------------------------------------------------- */

#define TASK_COMM_LEN 16
#define PF_IDLE 0x00000002
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

/*
 * Opaque to us, yet defined: the loader matches a kernel function only when the structures its
 * arguments point to are structures here too, not mere forward declarations.
 */
struct cpumask {
} __preserve;

struct mm_struct {
} __preserve;

struct sched_entity {
	u64 sum_exec_runtime;
} __preserve;

/* The part of a task that belongs to sched_ext; slice and dsq_vtime may be written. */
struct sched_ext_entity {
	u32 weight;
	u64 slice;
	u64 dsq_vtime;
} __preserve;

struct kernfs_node {
	u64 id;
	const char *name;
} __preserve;

struct cgroup {
	int level;
	struct kernfs_node *kn;
} __preserve;

struct css_set {
	struct cgroup *dfl_cgrp;
} __preserve;

struct task_struct {
	unsigned int flags;
	unsigned int __state;
	int prio;
	int static_prio;
	unsigned int policy;
	int nr_cpus_allowed;
	const struct cpumask *cpus_ptr;
	struct sched_entity se;
	struct sched_ext_entity scx;
	struct mm_struct *mm;
	s32 pid;
	s32 tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	u64 start_time;
	u64 start_boottime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	char comm[TASK_COMM_LEN];
	struct css_set *cgroups;
} __preserve;

/* ---- helpers: numbers are the kernel's stable helper ids ------------------------------- */

/* clang-format off */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) __unused = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
					 u64 flags) __unused = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) __unused = (void *)3;
static u64 (*const bpf_ktime_get_ns)(void) __unused = (void *)5;
static u32 (*const bpf_get_prandom_u32)(void) __unused = (void *)7;
static u32 (*const bpf_get_smp_processor_id)(void) __unused = (void *)8;
static long (*const bpf_probe_read_kernel)(void *to, u32 size, const void *from) __unused =
	(void *)113;
static long (*const bpf_probe_read_kernel_str)(void *to, u32 size, const void *from) __unused =
	(void *)115;
static struct task_struct *(*const bpf_get_current_task_btf)(void) __unused = (void *)158;
static void *(*const bpf_task_storage_get)(void *map, struct task_struct *task, void *value,
					   u64 flags) __unused = (void *)156;
static long (*const bpf_task_storage_delete)(void *map, struct task_struct *task) __unused =
	(void *)157;
static long (*const bpf_map_push_elem)(void *map, const void *value, u64 flags) __unused =
	(void *)87;
static long (*const bpf_map_pop_elem)(void *map, void *value) __unused = (void *)88;
static u64 (*const bpf_ktime_get_boot_ns)(void) __unused = (void *)125;
static void *(*const bpf_map_lookup_percpu_elem)(void *map, const void *key, u32 cpu) __unused =
	(void *)195;
static void *(*const bpf_per_cpu_ptr)(const void *ksym, u32 cpu) __unused = (void *)153;
static long (*const bpf_seq_write)(void *seq, const void *data, u32 size) __unused =
	(void *)127;
/* clang-format on */

/* Read a member of a kernel structure that we have no trusted pointer to. */
#define bpf_core_read(to, size, from) \
	bpf_probe_read_kernel(to, size, (const void *)__builtin_preserve_access_index(from))

/* ---- programs ---------------------------------------------------------------------------- */

/*
 * A BPF program gets its arguments as an array of 64-bit words. BPF_PROG(name, args...) lets
 * it be written like an ordinary function.
 */
#define BPF_WORD(i) (void *)ctx[i]
#define BPF_CALL_0() ctx
#define BPF_CALL_1(a) ctx, BPF_WORD(0)
#define BPF_CALL_2(a, b) BPF_CALL_1(a), BPF_WORD(1)
#define BPF_CALL_3(a, b, c) BPF_CALL_2(a, b), BPF_WORD(2)
#define BPF_CALL_4(a, b, c, d) BPF_CALL_3(a, b, c), BPF_WORD(3)
#define BPF_CALL_5(a, b, c, d, e) BPF_CALL_4(a, b, c, d), BPF_WORD(4)
#define BPF_PICK(_0, _1, _2, _3, _4, _5, picked, ...) picked
#define BPF_CALL_ARGS(...)                                                                     \
	BPF_PICK(_, ##__VA_ARGS__, BPF_CALL_5, BPF_CALL_4, BPF_CALL_3, BPF_CALL_2, BPF_CALL_1, \
		 BPF_CALL_0)(__VA_ARGS__)

#define BPF_PROG(name, args...)                                                                    \
	name(u64 *ctx);                                                                            \
	static __always_inline __typeof__(name(0)) name##_body(u64 *ctx, ##args);                  \
	__typeof__(name(0)) name(u64 *ctx)                                                         \
	{                                                                                          \
		_Pragma("GCC diagnostic push")                                                     \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") return name##_body( \
				BPF_CALL_ARGS(args));                                              \
		_Pragma("GCC diagnostic pop")                                                      \
	}                                                                                          \
	static __always_inline __typeof__(name(0)) name##_body(u64 *ctx __unused, ##args)

#endif
