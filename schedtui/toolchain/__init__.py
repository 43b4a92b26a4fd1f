"""Compilers: BPF objects and static workload programs, from sources of ours."""
