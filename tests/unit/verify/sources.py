"""Sources for the tests of the gates: one good scheduler, made of parts that can be replaced."""

from __future__ import annotations

HEAD = "#include <schedtui.h>\n\nconst volatile u64 slice_us = 20000;\n"

ENQUEUE = """
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, 0, slice_us * 1000, enq_flags);
}
"""

DISPATCH = """
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_take(0);
}
"""

INIT = """
s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(0, -1);
}
"""

OPERATIONS = ".enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init)"


def scheduler(
    *,
    head: str = HEAD,
    before: str = "",
    enqueue: str = ENQUEUE,
    dispatch: str = DISPATCH,
    init: str = INIT,
    name: str = "sample",
    operations: str = OPERATIONS,
) -> str:
    """Return a whole source, the good one unless a part is replaced."""
    last = f"\nSCHEDTUI_OPS({name}, {operations});\n"
    return head + before + enqueue + dispatch + init + last


def with_enqueue(body: str, before: str = "") -> str:
    """Return a source whose enqueue has the given body."""
    head = "\nvoid SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n"
    return scheduler(before=before, enqueue=f"{head}{{\n{body}\n}}\n")


def with_dispatch(body: str) -> str:
    """Return a source whose dispatch has the given body."""
    head = "\nvoid SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)\n"
    return scheduler(dispatch=f"{head}{{\n{body}\n}}\n")


def with_operation(name: str, code: str) -> str:
    """Return a source with one more operation."""
    return scheduler(before=code, operations=f"{OPERATIONS}, .{name} = OP({name})")


TWO_QUEUES = """
s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	for (u32 i = 0; i < 2; i++) {
		s32 error = scx_bpf_create_dsq(i, -1);

		if (error)
			return error;
	}
	return 0;
}
"""


def with_queues(chosen: str, taken: str, setup: str = "", before: str = "") -> str:
    """Return a source with the queues 0 and 1: which one enqueue chooses, what dispatch does."""
    insert = f"queue_insert(p, {chosen}, 5 * NSEC_PER_MSEC, enq_flags);"
    head = "\nvoid SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n"
    dispatch = "\nvoid SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)\n"
    return scheduler(
        before=before,
        enqueue=f"{head}{{\n{setup}\n{insert}\n}}\n",
        dispatch=f"{dispatch}{{\n{taken}\n}}\n",
        init=TWO_QUEUES,
    )


def with_select_cpu(body: str) -> str:
    """Return a source whose select_cpu has the given body."""
    head = "s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)\n"
    return with_operation("select_cpu", f"{head}{{\n{body}\n}}\n")
