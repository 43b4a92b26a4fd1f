"""Workloads, interleaved trials, statistics, ceilings."""
