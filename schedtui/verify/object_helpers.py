"""Helpers, by what they let a scheduler do: those it may call, and those refused by name.

Numbers: kernel include/uapi/linux/bpf.h, ``___BPF_FUNC_MAPPER``.
"""

from __future__ import annotations

from typing import Final

from schedtui.verify.lists import Capability

HELPERS: Final[dict[Capability, dict[int, str]]] = {
    Capability.STORAGE: {
        1: "bpf_map_lookup_elem",
        2: "bpf_map_update_elem",
        3: "bpf_map_delete_elem",
        87: "bpf_map_push_elem",
        88: "bpf_map_pop_elem",
        89: "bpf_map_peek_elem",
        156: "bpf_task_storage_get",
        157: "bpf_task_storage_delete",
        195: "bpf_map_lookup_percpu_elem",
        210: "bpf_cgrp_storage_get",
        211: "bpf_cgrp_storage_delete",
    },
    Capability.TIME: {5: "bpf_ktime_get_ns", 125: "bpf_ktime_get_boot_ns"},
    Capability.CHANCE: {7: "bpf_get_prandom_u32"},
    Capability.CPUS: {8: "bpf_get_smp_processor_id"},
    Capability.LOCKS: {93: "bpf_spin_lock", 94: "bpf_spin_unlock"},
    Capability.IDENTITY: {158: "bpf_get_current_task_btf"},
    Capability.LOOPS: {181: "bpf_loop"},
}
"""Helpers that any program of a scheduler may call."""

EXIT_HELPERS: Final[dict[int, str]] = {115: "bpf_probe_read_kernel_str"}
"""Helpers that only the exit operation may call, to keep the kernel's reason."""

REFUSED_HELPERS: Final[dict[Capability, dict[int, str]]] = {
    Capability.SIGNAL: {109: "bpf_send_signal", 117: "bpf_send_signal_thread"},
    Capability.MEMORY: {
        4: "bpf_probe_read",
        36: "bpf_probe_write_user",
        45: "bpf_probe_read_str",
        58: "bpf_override_return",
        112: "bpf_probe_read_user",
        113: "bpf_probe_read_kernel",
        114: "bpf_probe_read_user_str",
        115: "bpf_probe_read_kernel_str",
        148: "bpf_copy_from_user",
        153: "bpf_per_cpu_ptr",
        154: "bpf_this_cpu_ptr",
        166: "bpf_sys_bpf",
        191: "bpf_copy_from_user_task",
    },
    Capability.OUTPUT: {
        6: "bpf_trace_printk",
        25: "bpf_perf_event_output",
        126: "bpf_seq_printf",
        127: "bpf_seq_write",
        130: "bpf_ringbuf_output",
        131: "bpf_ringbuf_reserve",
        132: "bpf_ringbuf_submit",
        133: "bpf_ringbuf_discard",
        150: "bpf_seq_printf_btf",
        177: "bpf_trace_vprintk",
        198: "bpf_ringbuf_reserve_dynptr",
        199: "bpf_ringbuf_submit_dynptr",
        200: "bpf_ringbuf_discard_dynptr",
        209: "bpf_user_ringbuf_drain",
    },
    Capability.TAIL_CALL: {12: "bpf_tail_call"},
    Capability.TIMER: {
        169: "bpf_timer_init",
        170: "bpf_timer_set_callback",
        171: "bpf_timer_start",
        172: "bpf_timer_cancel",
    },
    Capability.LOOPS: {164: "bpf_for_each_map_elem"},
    Capability.TIME: {
        118: "bpf_jiffies64",
        160: "bpf_ktime_get_coarse_ns",
        208: "bpf_ktime_get_tai_ns",
    },
    Capability.IDENTITY: {
        14: "bpf_get_current_pid_tgid",
        15: "bpf_get_current_uid_gid",
        16: "bpf_get_current_comm",
        35: "bpf_get_current_task",
        120: "bpf_get_ns_current_pid_tgid",
    },
    Capability.CGROUPS: {
        37: "bpf_current_task_under_cgroup",
        80: "bpf_get_current_cgroup_id",
        123: "bpf_get_current_ancestor_cgroup_id",
    },
    Capability.TRACING: {
        22: "bpf_perf_event_read",
        27: "bpf_get_stackid",
        55: "bpf_perf_event_read_value",
        67: "bpf_get_stack",
        119: "bpf_read_branch_records",
        141: "bpf_get_task_stack",
        173: "bpf_get_func_ip",
        175: "bpf_task_pt_regs",
        179: "bpf_kallsyms_lookup_name",
        180: "bpf_find_vma",
    },
    Capability.FILES: {147: "bpf_d_path", 161: "bpf_ima_inode_hash", 193: "bpf_ima_file_hash"},
    Capability.NETWORK: {
        13: "bpf_clone_redirect",
        23: "bpf_redirect",
        26: "bpf_skb_load_bytes",
        46: "bpf_get_socket_cookie",
        49: "bpf_setsockopt",
        57: "bpf_getsockopt",
        64: "bpf_bind",
        107: "bpf_sk_storage_get",
    },
}
"""Helpers that are refused, so that the refusal can name them. All others are refused too."""


def helper_of(number: int) -> tuple[str, Capability]:
    """Return the name of a helper and what it lets a scheduler do, allowed or not."""
    for table in (HELPERS, REFUSED_HELPERS):
        for capability, names in table.items():
            if number in names:
                return names[number], capability
    return f"number {number}", Capability.UNKNOWN
