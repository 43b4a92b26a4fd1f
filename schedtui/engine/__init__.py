"""The engine: every service wired together for one target, behind one port."""
