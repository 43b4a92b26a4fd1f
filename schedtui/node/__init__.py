"""The privileged side: one process that speaks JSON lines. Standard library only."""
