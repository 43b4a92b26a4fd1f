"""The sandbox: a throw-away micro-VM with a real sched_ext kernel."""
