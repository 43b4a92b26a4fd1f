"""schedtui: from one plain sentence to a proved, approved, reversible Linux scheduler."""

__version__ = "0.1.0"
