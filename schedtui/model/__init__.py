"""Frozen dataclasses and events that everything speaks. No I/O, no imports from other rooms."""
