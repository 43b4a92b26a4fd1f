"""Observation, Planning, Execution and Learning as typed stages."""
