"""Bring a fresh machine to the point where schedtui runs. Standard library only."""
