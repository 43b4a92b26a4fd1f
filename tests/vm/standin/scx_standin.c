/* SPDX-License-Identifier: Apache-2.0
 *
 * A scheduler program as somebody else would write one: it loads and attaches the object that is
 * built into it and holds the link until it is told to end. Tests start it as an external
 * scheduler.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of libbpf, as far as it is used here. */
struct bpf_object;
struct bpf_map;
struct bpf_link;
struct bpf_object *bpf_object__open_mem(const void *bytes, size_t size, const void *options);
int bpf_object__load(struct bpf_object *object);
struct bpf_map *bpf_object__next_map(const struct bpf_object *object, const struct bpf_map *map);
int bpf_map__type(const struct bpf_map *map);
struct bpf_link *bpf_map__attach_struct_ops(const struct bpf_map *map);
int bpf_link__destroy(struct bpf_link *link);

#define MAP_TYPE_STRUCT_OPS 26

__asm__(".section .rodata\n"
	".globl object_begin\nobject_begin:\n.incbin \"object.o\"\n"
	".globl object_end\nobject_end:\n.previous\n");
extern const char object_begin[], object_end[];

static volatile sig_atomic_t told;

static void end(int number)
{
	(void)number;
	told = 1;
}

static struct bpf_link *attach(void)
{
	struct bpf_object *object =
		bpf_object__open_mem(object_begin, object_end - object_begin, NULL);
	struct bpf_map *map = NULL;

	if (!object || bpf_object__load(object))
		return NULL;
	while ((map = bpf_object__next_map(object, map)) != NULL)
		if (bpf_map__type(map) == MAP_TYPE_STRUCT_OPS)
			return bpf_map__attach_struct_ops(map);
	return NULL;
}

int main(int count, char **words)
{
	const char *order = count > 1 ? words[1] : "";
	unsigned seconds = count > 2 ? (unsigned)atoi(words[2]) : 0;
	struct bpf_link *link;

	if (!strcmp(order, "--help")) {
		puts("Usage: scx_standin [OPTIONS]\n\nOptions:\n"
		     "      --stubborn\n          Do not end when told to\n\n"
		     "      --for <SECONDS>\n          End after a while\n\n          [default: "
		     "0]");
		return 0;
	}
	signal(SIGINT, strcmp(order, "--stubborn") ? end : SIG_IGN);
	link = strcmp(order, "--idle") ? attach() : NULL;
	if (!link) {
		fputs("nothing is attached \033[31m\n", stderr);
		return 1;
	}
	if (seconds)
		alarm(seconds);
	while (!told)
		pause();
	bpf_link__destroy(link);
	return 0;
}
