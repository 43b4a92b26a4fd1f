"""Planning and execution with a model that only proposes."""
