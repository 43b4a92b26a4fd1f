"""Bounded, pure-Python reader of BPF object files. Standard library only."""
