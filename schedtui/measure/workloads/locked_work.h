/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request is made of: a spin lock for each CPU, and matrices to multiply under it.
 */
#ifndef SCHEDTUI_LOCKED_WORK_H
#define SCHEDTUI_LOCKED_WORK_H

#include "workload.h"

enum { MAX_CPUS = 1024 };

struct cpu_lock {
	_Alignas(CACHE_LINE) _Atomic int held;
};

static struct cpu_lock locks[MAX_CPUS];
static size_t side; /* of a matrix */

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* A lock per CPU serialises the workers of one CPU, as per-CPU data does in real services. */
static inline struct cpu_lock *lock_this_cpu(void)
{
	for (;;) {
		int cpu = sched_getcpu();
		struct cpu_lock *lock = &locks[(unsigned int)cpu % MAX_CPUS];

		while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire))
			relax();
		if (sched_getcpu() == cpu)
			return lock;
		atomic_store_explicit(&lock->held, 0, memory_order_release);
	}
}

static inline void multiply(uint64_t *matrices)
{
	const uint64_t *left = matrices, *right = left + side * side;
	uint64_t *product = matrices + 2 * side * side;

	for (size_t row = 0; row < side; row++) {
		for (size_t column = 0; column < side; column++) {
			uint64_t sum = 0;

			for (size_t i = 0; i < side; i++)
				sum += left[row * side + i] * right[i * side + column];
			product[row * side + column] = sum;
		}
	}
	/* Nobody reads the product; without this the compiler would drop the work. */
	__asm__ volatile("" : : "r"(product) : "memory");
}

static inline size_t side_of(long kilobytes)
{
	size_t words = (size_t)kilobytes * 1024 / sizeof(uint64_t) / 3, root = 1;

	while ((root + 1) * (root + 1) <= words)
		root++;
	return root;
}

#endif
