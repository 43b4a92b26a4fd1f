"""History of outcomes and the append-only audit."""
