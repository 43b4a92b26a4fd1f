/* The kernel's type information, read and indexed once for all objects.
 *
 * libbpf reads the 6 MB that describe the kernel's types for each object that it loads, and looks
 * for each function of the kernel that the object calls by walking along all of them. In an
 * emulated guest that is two fifths of the time until a scheduler is attached, and no answer ever
 * differs: the kernel's types do not change while it runs.
 *
 * This library is loaded before libbpf, so that the three functions below are found before libbpf's
 * own of the same names. They keep the first answer; whatever is not about the kernel's types goes
 * to libbpf. The guest has itself saved after kernel_types_begin, so no restore pays for it.
 *
 * It is linked against nothing, not even a C library.
 */
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

struct btf;

/* What <linux/btf.h> calls the same. The kind is in bits 24 to 28 of info. */
struct btf_type {
	uint32_t name_off;
	uint32_t info;
	uint32_t size_or_type;
};

/* libbpf's own functions, by the names that this library hides. */
struct libbpf {
	struct btf *(*load_vmlinux_btf)(void);
	void (*free)(struct btf *types);
	int32_t (*find_by_name_kind)(const struct btf *types, const char *name, uint32_t kind);
	uint32_t (*type_cnt)(const struct btf *types);
	const struct btf_type *(*type_by_id)(const struct btf *types, uint32_t id);
	const char *(*name_by_offset)(const struct btf *types, uint32_t offset);
};

/* A kernel has some 150 000 types. One with more than three quarters of this is not indexed. */
#define SLOTS (1u << 19)
#define MOST_TYPES (SLOTS / 4 * 3)

#define NOT_FOUND (-2) /* -ENOENT, as libbpf says it */

static struct libbpf real;
static struct btf *kept;
static int indexed;
/* Open addressing; 0 is free, since no type that has a name is number 0. */
static uint32_t slots[SLOTS];

static uint32_t kind_of(const struct btf_type *type)
{
	return type->info >> 24 & 0x1f;
}

static int same(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return *one == *other;
}

/* FNV-1a. */
static uint32_t first_slot(const char *name, uint32_t kind)
{
	uint32_t hash = 2166136261u ^ kind;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash % SLOTS;
}

/* The slot of the first type with this name and kind, or the free one where it belongs. */
static uint32_t slot_of(const char *name, uint32_t kind)
{
	uint32_t slot = first_slot(name, kind);

	for (; slots[slot]; slot = (slot + 1) % SLOTS) {
		const struct btf_type *type = real.type_by_id(kept, slots[slot]);

		if (kind_of(type) == kind && same(real.name_by_offset(kept, type->name_off), name))
			break;
	}
	return slot;
}

static void index_types(void)
{
	uint32_t count = real.type_cnt(kept);

	if (count > MOST_TYPES)
		return;
	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = real.type_by_id(kept, id);
		const char *name = real.name_by_offset(kept, type->name_off);

		if (!name || !*name)
			continue;
		uint32_t slot = slot_of(name, kind_of(type));

		/* Of types with one name libbpf takes the first. */
		if (!slots[slot])
			slots[slot] = id;
	}
	indexed = 1;
}

/* Learn where libbpf's functions are; read and index the kernel's types. */
EXPORTED int kernel_types_begin(const struct libbpf *functions)
{
	real = *functions;
	kept = real.load_vmlinux_btf();
	if (kept)
		index_types();
	return indexed;
}

EXPORTED struct btf *btf__load_vmlinux_btf(void)
{
	return kept ? kept : real.load_vmlinux_btf();
}

EXPORTED void btf__free(struct btf *types)
{
	if (!kept || types != kept)
		real.free(types);
}

EXPORTED int32_t btf__find_by_name_kind(const struct btf *types, const char *name, uint32_t kind)
{
	/* No kind, and the name of no type, have a meaning of their own to libbpf. */
	if (!indexed || types != kept || !kind || same(name, "void"))
		return real.find_by_name_kind(types, name, kind);
	uint32_t id = slots[slot_of(name, kind)];

	return id ? (int32_t)id : NOT_FOUND;
}
