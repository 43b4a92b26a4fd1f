"""The built-in workloads: their programs, their options and what each of them reports."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from typing import Final

from schedtui.model.goal import Metric
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec

_SECONDS_OPTION: Final = "-r"

_SETTLE_S: Final = 0.25
"""Beginning of a window that most programs do not count; batches and phases begin with it."""

REQUEST_SERVICE: Final = WorkloadSpec(
    name="request_service",
    title="Request service, 4x oversubscribed",
    arguments=("-m", "2", "-t", "4", "-n", "5", "-F", "64", _SECONDS_OPTION, "4"),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.REQUEST_P99,
    reports="request latency: from a worker running after its wake-up to the end of its request, "
    "its sleep and its wait for the lock of its CPU included; wake-up latency: from the "
    "wake-up call to the worker running; rate: finished requests per second",
)

UNEVEN_BATCH: Final = WorkloadSpec(
    name="uneven_batch",
    title="Uneven batch: 39 short jobs and one long",
    arguments=("--short", "39", "--short-ms", "50", "--long", "1", "--long-ms", "1000"),
    seconds=0.0,
    objective=Metric.MAKESPAN,
    reports="make-span: from the common start to the end of the last job; mean completion: mean "
    "over all jobs of the time from the common start to the job's own end; as a load, "
    "both of the latest finished round",
)

UNIFORM_BATCH: Final = WorkloadSpec(
    name="uniform_batch",
    title="Uniform batch: 16 equal jobs, all CPUs busy",
    arguments=("--jobs", "16", "--job-ms", "250"),
    seconds=0.0,
    objective=Metric.MAKESPAN,
    reports="make-span and mean completion, as the uneven batch does; no scheduler that leaves no "
    "CPU idle can shorten this make-span",
)

GAME_COMPILE: Final = WorkloadSpec(
    name="game_compile",
    title="Game at 60 frames per second beside a compile",
    arguments=("--hz", "60", "--work-us", "4000", "--jobs", "8", _SECONDS_OPTION, "5"),
    seconds=5.0,
    settle_s=_SETTLE_S,
    objective=Metric.MISSED_FRAMES,
    reports="missed frames: share of frames not finished when the next was due; frame time: from "
    "a frame being due to its end; wake-up latency: how late the frame thread ran after "
    "its timer was due; jobs: compile jobs finished per second",
)

MESSAGES: Final = WorkloadSpec(
    name="messages",
    title="Message passing in two groups",
    arguments=("-g", "2", "-t", "4", _SECONDS_OPTION, "4"),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.RATE,
    reports="rate: messages of 100 bytes received per second, over all receivers",
)

FORK_STORM: Final = WorkloadSpec(
    name="fork_storm",
    title="Storm of short-lived processes",
    arguments=("--parents", "2", "--at-once", "2", "--work-us", "500", _SECONDS_OPTION, "4"),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.RATE,
    reports="rate: children forked, run to their end and reaped per second; start: from the call "
    "of fork to the child running; life: from the call of fork to the child being reaped",
)

SERVICE_CHAIN: Final = WorkloadSpec(
    name="service_chain",
    title="Chain of four services",
    arguments=(
        *("--chains", "1", "--stages", "4", "--in-flight", "8", "--work-us", "200"),
        *(_SECONDS_OPTION, "4"),
    ),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.REQUEST_P99,
    reports="request latency: from the client sending a request to the first stage to the client "
    "reading the answer of the last one, the queues between the stages included; service: CPU "
    "time of all stages for one request; rate: answers per second",
)

BARRIER_STEPS: Final = WorkloadSpec(
    name="barrier_steps",
    title="Steps with a barrier, four workers",
    arguments=("--workers", "4", "--work-us", "2000", _SECONDS_OPTION, "4"),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.RATE,
    reports="rate: steps per second; step time: from the release of all workers to the arrival "
    "of the last one at the barrier; straggler ratio: of each step, the slowest worker's time "
    "divided by the median worker's",
)

PERIODIC: Final = WorkloadSpec(
    name="periodic",
    title="Task every millisecond beside hogs",
    arguments=(
        *("--tasks", "1", "--period-us", "1000", "--work-us", "100", "--hogs", "4"),
        *(_SECONDS_OPTION, "4"),
    ),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.WAKEUP_P99,
    reports="wake-up latency: how late the periodic task ran after its timer was due; missed "
    "periods: share of periods whose work was not finished when the next one was due; rate: "
    "periods finished per second, in time or not",
)

PHASES: Final = WorkloadSpec(
    name="phases",
    title="Phases: burning, messages, idle",
    arguments=("--pairs", "2", "--phase-ms", "250", _SECONDS_OPTION, "6"),
    seconds=6.0,
    objective=Metric.RATE,
    reports="rate: round trips of a byte between two tasks, over all pairs, per second of message "
    "phase; burnt: CPU time per CPU-bound phase over all tasks; wake-up latency: how late a task "
    "ran after the end of the idle phase was due",
)

ADVERSARY: Final = WorkloadSpec(
    name="adversary",
    title="Victim beside tasks that only yield",
    arguments=(
        *("--mode", "yield", "--abusers", "4", "--pause-us", "2000", "--work-us", "200"),
        *(_SECONDS_OPTION, "4"),
    ),
    seconds=4.0,
    settle_s=_SETTLE_S,
    objective=Metric.WAKEUP_P99,
    reports="wake-up latency: how late the victim, which sleeps 2 ms and then works 0.2 ms, ran "
    "after its timer was due; progress: share of its rounds that it finished, of those it would "
    "have finished undisturbed; abuse: yields per second, over all abusers",
)

WORKLOADS: Final = (
    REQUEST_SERVICE,
    UNEVEN_BATCH,
    UNIFORM_BATCH,
    GAME_COMPILE,
    MESSAGES,
    FORK_STORM,
    SERVICE_CHAIN,
    BARRIER_STEPS,
    PERIODIC,
    PHASES,
    ADVERSARY,
)


def workload(name: str) -> WorkloadSpec:
    """Return the built-in workload called ``name``; raises KeyError when there is none."""
    for spec in WORKLOADS:
        if spec.name == name:
            return spec
    raise KeyError(name)


COMMAND: Final = "command"
"""Name of the workload, and of the program, that runs a command of a person's own."""


def command(words: Sequence[str], folder: str) -> WorkloadSpec:
    """Return the workload that runs a person's own command to its end in each window.

    Args:
        words: The absolute path of its program, then its arguments.
        folder: Where it runs.
    """
    return WorkloadSpec(
        name=COMMAND,
        title=f"Own command: {safe_text(shlex.join(words))}",
        arguments=("--in", folder, "--", *words),
        seconds=0.0,
        objective="wall_ms",
        reports="wall: from the start of the command to its end being noticed; CPU: time that it "
        "and its children used; a command that fails gives no result",
    )


_TELLING_NAMES: Final = {
    REQUEST_SERVICE.name: "service-worker,service-message",
    GAME_COMPILE.name: "game,make,cc",
    MESSAGES.name: "msg-sender,msg-receiver",
}
"""Process names that say what a task does. What is measured has them only when it is asked for: a
policy that goes by names would be measured by what it was told."""


def named(spec: WorkloadSpec) -> WorkloadSpec:
    """Return ``spec`` with process names that say what a task does, where it knows some."""
    names = _TELLING_NAMES.get(spec.name)
    if names is None:
        return spec
    return dataclasses.replace(spec, arguments=("--names", names, *spec.arguments))


def load_arguments(spec: WorkloadSpec) -> tuple[str, ...]:
    """Return the options for endless use as a load, to be looked at, instead of one window."""
    spec = named(spec)
    if not spec.seconds:
        return (*spec.arguments, "--loop")
    at = spec.arguments.index(_SECONDS_OPTION)
    return spec.arguments[:at] + spec.arguments[at + 2 :]


def shortened(spec: WorkloadSpec, seconds: int) -> WorkloadSpec:
    """Return ``spec`` with a window of at most ``seconds``; unchanged if it ends by itself."""
    return lasting(spec, seconds) if spec.seconds > seconds else spec


def lasting(spec: WorkloadSpec, seconds: int) -> WorkloadSpec:
    """Return ``spec`` with a window of ``seconds``. Raises ValueError if it ends by itself."""
    at = spec.arguments.index(_SECONDS_OPTION) + 1
    arguments = (*spec.arguments[:at], str(seconds), *spec.arguments[at + 1 :])
    return dataclasses.replace(spec, arguments=arguments, seconds=float(seconds))


def window_timeout_s(spec: WorkloadSpec) -> float:
    """Return seconds after which a window is taken for stuck, start and a slow guest included."""
    return max(15.0, 3 * spec.seconds + 5.0)
