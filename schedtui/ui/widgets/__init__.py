"""Dense live widgets drawn by lines."""
