"""Long rows of snapshots in little room: what the screen can go back to, and recordings."""
