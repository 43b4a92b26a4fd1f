"""Execution Verifier: ordered gates from source text to a trial; deployment tokens."""
