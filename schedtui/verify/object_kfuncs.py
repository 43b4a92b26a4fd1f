"""Kernel functions, by what they let a scheduler do: those it may call, and the rest."""

from __future__ import annotations

from typing import Final

from schedtui.verify.lists import Capability

KFUNCS: Final[dict[Capability, frozenset[str]]] = {
    Capability.QUEUES: frozenset(
        {
            *("scx_bpf_create_dsq", "scx_bpf_destroy_dsq", "scx_bpf_dsq_nr_queued"),
            *("scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_insert___v2"),
            *("__scx_bpf_dsq_insert_vtime", "scx_bpf_dispatch", "scx_bpf_dispatch_vtime"),
            *("scx_bpf_dsq_move_to_local", "scx_bpf_dsq_move_to_local___v2", "scx_bpf_consume"),
            *("scx_bpf_dsq_move", "scx_bpf_dsq_move_vtime", "scx_bpf_dsq_peek"),
            *("scx_bpf_dsq_move_set_slice", "scx_bpf_dsq_move_set_vtime"),
            *("scx_bpf_dispatch_from_dsq", "scx_bpf_dispatch_vtime_from_dsq"),
            *("scx_bpf_dispatch_from_dsq_set_slice", "scx_bpf_dispatch_from_dsq_set_vtime"),
            *("scx_bpf_dispatch_nr_slots", "scx_bpf_dispatch_cancel", "scx_bpf_reenqueue_local"),
            *("scx_bpf_reenqueue_local___v2", "scx_bpf_task_set_slice"),
            *("scx_bpf_task_set_dsq_vtime", "bpf_iter_scx_dsq_new", "bpf_iter_scx_dsq_next"),
            *("bpf_iter_scx_dsq_destroy",),
        }
    ),
    Capability.CPUS: frozenset(
        {
            *("scx_bpf_select_cpu_dfl", "scx_bpf_select_cpu_and", "__scx_bpf_select_cpu_and"),
            *("scx_bpf_kick_cpu", "scx_bpf_test_and_clear_cpu_idle", "scx_bpf_pick_idle_cpu"),
            *("scx_bpf_pick_any_cpu", "scx_bpf_pick_idle_cpu_node", "scx_bpf_pick_any_cpu_node"),
            *("scx_bpf_get_idle_cpumask", "scx_bpf_get_idle_smtmask", "scx_bpf_put_idle_cpumask"),
            *("scx_bpf_get_idle_cpumask_node", "scx_bpf_get_idle_smtmask_node"),
            *("scx_bpf_get_possible_cpumask", "scx_bpf_get_online_cpumask"),
            *("scx_bpf_put_cpumask", "scx_bpf_nr_cpu_ids", "scx_bpf_nr_node_ids"),
            *("scx_bpf_cpu_node", "bpf_cpumask_create", "bpf_cpumask_acquire"),
            *("bpf_cpumask_release", "bpf_cpumask_first", "bpf_cpumask_first_zero"),
            *("bpf_cpumask_first_and", "bpf_cpumask_set_cpu", "bpf_cpumask_clear_cpu"),
            *("bpf_cpumask_test_cpu", "bpf_cpumask_test_and_set_cpu"),
            *("bpf_cpumask_test_and_clear_cpu", "bpf_cpumask_setall", "bpf_cpumask_clear"),
            *("bpf_cpumask_and", "bpf_cpumask_or", "bpf_cpumask_xor", "bpf_cpumask_equal"),
            *("bpf_cpumask_intersects", "bpf_cpumask_subset", "bpf_cpumask_empty"),
            *("bpf_cpumask_full", "bpf_cpumask_copy", "bpf_cpumask_any_distribute"),
            *("bpf_cpumask_any_and_distribute", "bpf_cpumask_weight"),
        }
    ),
    Capability.SPEED: frozenset(
        {"scx_bpf_cpuperf_cap", "scx_bpf_cpuperf_cur", "scx_bpf_cpuperf_set"}
    ),
    Capability.TIME: frozenset({"scx_bpf_now"}),
    Capability.IDENTITY: frozenset(
        {
            *("scx_bpf_task_running", "scx_bpf_task_cpu", "scx_bpf_cpu_curr", "scx_bpf_events"),
            *("bpf_task_from_pid", "bpf_task_acquire", "bpf_task_release"),
        }
    ),
    Capability.CGROUPS: frozenset(
        {
            *("scx_bpf_task_cgroup", "bpf_task_under_cgroup", "bpf_cgroup_from_id"),
            *("bpf_cgroup_acquire", "bpf_cgroup_release", "bpf_cgroup_ancestor"),
        }
    ),
    Capability.ENDING: frozenset({"scx_bpf_error_bstr", "scx_bpf_exit_bstr", "scx_bpf_dump_bstr"}),
    Capability.LOCKS: frozenset({"bpf_rcu_read_lock", "bpf_rcu_read_unlock"}),
    Capability.LOOPS: frozenset({"bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy"}),
    Capability.STORAGE: frozenset(
        {
            *("bpf_obj_new_impl", "bpf_obj_drop_impl", "bpf_list_push_back_impl"),
            *("bpf_list_push_front_impl", "bpf_list_pop_front", "bpf_list_pop_back"),
            *("bpf_rbtree_add_impl", "bpf_rbtree_remove", "bpf_rbtree_first"),
        }
    ),
}
"""Kernel functions that a scheduler may call."""

REFUSED_KFUNCS: Final[tuple[tuple[Capability, tuple[str, ...]], ...]] = (
    (
        Capability.SIGNAL,
        ("bpf_send_signal", "bpf_task_work_", "crash_kexec", "bpf_throw"),
    ),
    (
        Capability.MEMORY,
        (
            *("bpf_copy_from_user", "bpf_probe_", "bpf_rdonly_cast", "bpf_dynptr_", "bpf_arena_"),
            *("bpf_per_cpu_ptr", "bpf_this_cpu_ptr", "bpf_cast_to_kern_ctx"),
        ),
    ),
    (
        Capability.OUTPUT,
        ("bpf_trace_", "bpf_stream_", "bpf_ringbuf_", "bpf_seq_", "bpf_perf_event_"),
    ),
    (Capability.TAIL_CALL, ("bpf_tail_call",)),
    (Capability.TIMER, ("bpf_timer_", "bpf_wq_")),
    (
        Capability.NETWORK,
        ("bpf_xdp_", "bpf_skb_", "bpf_sk_", "bpf_sock", "bpf_ct_", "bpf_fou_", "bpf_xfrm_"),
    ),
    (
        Capability.FILES,
        ("bpf_get_file", "bpf_put_file", "bpf_path_", "bpf_get_task_exe_", "bpf_get_dentry_"),
    ),
    (Capability.OTHER_SCHEDULERS, ("scx_bpf_sub_",)),
    (Capability.QUEUES, ("scx_bpf_dsq_", "scx_bpf_reenqueue_")),
    (Capability.IDENTITY, ("bpf_task_", "bpf_iter_task_", "bpf_iter_css_")),
    (Capability.CGROUPS, ("bpf_cgroup_",)),
    (Capability.LOOPS, ("bpf_iter_",)),
)
"""Beginnings of names and what such functions do; the first that fits counts."""


def capability_of(name: str) -> Capability:
    """Return what a kernel function lets a scheduler do, allowed or not."""
    for capability, names in KFUNCS.items():
        if name in names:
            return capability
    for capability, prefixes in REFUSED_KFUNCS:
        if name.startswith(prefixes):
            return capability
    return Capability.UNKNOWN


ALLOWED: Final = frozenset(name for names in KFUNCS.values() for name in names)
