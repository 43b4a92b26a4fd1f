"""A real scheduler program, built from an object of ours, for tests of external schedulers."""
