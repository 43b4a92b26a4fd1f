"""Models that can be asked, behind one port."""
