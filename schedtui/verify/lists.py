"""What schedulers may call and use: lists, and the reasons for what is refused by name.

Helper numbers: kernel include/uapi/linux/bpf.h, ``___BPF_FUNC_MAPPER``.
"""

from __future__ import annotations

from typing import Final

HELPERS: Final[dict[int, str]] = {
    1: "bpf_map_lookup_elem",
    2: "bpf_map_update_elem",
    3: "bpf_map_delete_elem",
    5: "bpf_ktime_get_ns",
    7: "bpf_get_prandom_u32",
    8: "bpf_get_smp_processor_id",
    87: "bpf_map_push_elem",
    88: "bpf_map_pop_elem",
    89: "bpf_map_peek_elem",
    93: "bpf_spin_lock",
    94: "bpf_spin_unlock",
    125: "bpf_ktime_get_boot_ns",
    156: "bpf_task_storage_get",
    157: "bpf_task_storage_delete",
    158: "bpf_get_current_task_btf",
    181: "bpf_loop",
    195: "bpf_map_lookup_percpu_elem",
    210: "bpf_cgrp_storage_get",
    211: "bpf_cgrp_storage_delete",
}
"""Helpers that any program of a scheduler may call."""

EXIT_HELPERS: Final[dict[int, str]] = {115: "bpf_probe_read_kernel_str"}
"""Helpers that only the exit operation may call, to keep the kernel's reason."""

SIGNAL_HELPERS: Final[dict[int, str]] = {109: "bpf_send_signal", 117: "bpf_send_signal_thread"}

MEMORY_HELPERS: Final[dict[int, str]] = {
    4: "bpf_probe_read",
    36: "bpf_probe_write_user",
    45: "bpf_probe_read_str",
    58: "bpf_override_return",
    112: "bpf_probe_read_user",
    113: "bpf_probe_read_kernel",
    114: "bpf_probe_read_user_str",
    115: "bpf_probe_read_kernel_str",
    148: "bpf_copy_from_user",
    166: "bpf_sys_bpf",
    191: "bpf_copy_from_user_task",
}

OUTPUT_HELPERS: Final[dict[int, str]] = {
    6: "bpf_trace_printk",
    25: "bpf_perf_event_output",
    126: "bpf_seq_printf",
    127: "bpf_seq_write",
    130: "bpf_ringbuf_output",
    131: "bpf_ringbuf_reserve",
    132: "bpf_ringbuf_submit",
    133: "bpf_ringbuf_discard",
    177: "bpf_trace_vprintk",
    198: "bpf_ringbuf_reserve_dynptr",
    209: "bpf_user_ringbuf_drain",
}

TAIL_CALL: Final[dict[int, str]] = {12: "bpf_tail_call"}

KFUNCS: Final = frozenset(
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
        *("scx_bpf_reenqueue_local___v2", "scx_bpf_task_set_slice", "scx_bpf_task_set_dsq_vtime"),
        *("scx_bpf_select_cpu_dfl", "scx_bpf_select_cpu_and", "__scx_bpf_select_cpu_and"),
        *("scx_bpf_kick_cpu", "scx_bpf_test_and_clear_cpu_idle", "scx_bpf_pick_idle_cpu"),
        *("scx_bpf_pick_any_cpu", "scx_bpf_pick_idle_cpu_node", "scx_bpf_pick_any_cpu_node"),
        *("scx_bpf_get_idle_cpumask", "scx_bpf_get_idle_smtmask", "scx_bpf_put_idle_cpumask"),
        *("scx_bpf_get_idle_cpumask_node", "scx_bpf_get_idle_smtmask_node"),
        *("scx_bpf_get_possible_cpumask", "scx_bpf_get_online_cpumask", "scx_bpf_put_cpumask"),
        *("scx_bpf_task_running", "scx_bpf_task_cpu", "scx_bpf_task_cgroup", "scx_bpf_cpu_curr"),
        *("scx_bpf_nr_cpu_ids", "scx_bpf_nr_node_ids", "scx_bpf_cpu_node", "scx_bpf_now"),
        *("scx_bpf_cpuperf_cap", "scx_bpf_cpuperf_cur", "scx_bpf_cpuperf_set", "scx_bpf_events"),
        *("scx_bpf_error_bstr", "scx_bpf_exit_bstr", "scx_bpf_dump_bstr"),
        *("bpf_task_from_pid", "bpf_task_acquire", "bpf_task_release", "bpf_task_under_cgroup"),
        *("bpf_cgroup_from_id", "bpf_cgroup_acquire", "bpf_cgroup_release", "bpf_cgroup_ancestor"),
        *("bpf_rcu_read_lock", "bpf_rcu_read_unlock", "bpf_obj_new_impl", "bpf_obj_drop_impl"),
        *("bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy"),
        *("bpf_iter_scx_dsq_new", "bpf_iter_scx_dsq_next", "bpf_iter_scx_dsq_destroy"),
        *("bpf_list_push_back_impl", "bpf_list_push_front_impl", "bpf_list_pop_front"),
        *("bpf_list_pop_back", "bpf_rbtree_add_impl", "bpf_rbtree_remove", "bpf_rbtree_first"),
        *("bpf_cpumask_create", "bpf_cpumask_acquire", "bpf_cpumask_release"),
        *("bpf_cpumask_first", "bpf_cpumask_first_zero", "bpf_cpumask_first_and"),
        *("bpf_cpumask_set_cpu", "bpf_cpumask_clear_cpu", "bpf_cpumask_test_cpu"),
        *("bpf_cpumask_test_and_set_cpu", "bpf_cpumask_test_and_clear_cpu"),
        *("bpf_cpumask_setall", "bpf_cpumask_clear", "bpf_cpumask_and", "bpf_cpumask_or"),
        *("bpf_cpumask_xor", "bpf_cpumask_equal", "bpf_cpumask_intersects"),
        *("bpf_cpumask_subset", "bpf_cpumask_empty", "bpf_cpumask_full", "bpf_cpumask_copy"),
        *("bpf_cpumask_any_distribute", "bpf_cpumask_any_and_distribute", "bpf_cpumask_weight"),
    }
)
"""Kernel functions that a scheduler may call."""

SIGNAL_KFUNCS: Final = ("bpf_send_signal", "bpf_task_work_", "crash_kexec", "bpf_throw")
"""Beginnings of names that act on processes or the machine."""

MEMORY_KFUNCS: Final = ("bpf_copy_from_user", "bpf_probe_read", "bpf_rdonly_cast", "bpf_dynptr_")
"""Beginnings of names that reach into memory."""

MAP_KINDS: Final = frozenset(
    {
        *("hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash"),
        *("queue", "stack", "task_storage", "cgrp_storage"),
    }
)

GPL_LICENSES: Final = frozenset(
    {
        *("GPL", "GPL v2", "GPL and additional rights"),
        *("Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"),
    }
)
"""Kernel include/linux/license.h."""
