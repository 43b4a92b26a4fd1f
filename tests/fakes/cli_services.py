"""Services for the verbs that start nothing: a scripted engine, lab, terminal and host."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from schedtui.commands.options import Options
from schedtui.commands.services import Lab, Probes, Results, Terminal, Verifier
from schedtui.engine.externals import Externals
from schedtui.engine.own_policies import OwnPolicies
from schedtui.engine.port import Approver, Engine, EngineError, Progress
from schedtui.model import events as ev
from schedtui.model.deployment import ApprovalRequest, Deployment, Stage
from schedtui.model.goal import Direction, Family, GoalSpec, Metric, WorkloadProfile
from schedtui.model.lab import LabStatus
from schedtui.model.machine import Capability, Cpu, Hello, KernelInfo
from schedtui.model.plan import Candidate, Layer, Plan
from schedtui.model.policy import Parameter, ParameterType, Policy
from schedtui.model.protocol import Parameters
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.screen import KeyTable, ThemeTable
from schedtui.model.telemetry import CpuSample, LoadReport, SchedulerState, Snapshot
from schedtui.model.trial import WorkloadSpec
from schedtui.model.verdict import Finding, GateName, GateResult, Severity, Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.ui.key_table import key_table
from schedtui.ui.theme_table import theme_table
from schedtui.verify.trial_gate import TrialAim

OBJECT = "9f31" + "0" * 60

GOAL = GoalSpec(
    text="cut the p99",
    objective=Metric.REQUEST_P99,
    direction=Direction.LOWER,
    guardrails=(),
    subjects=("request service",),
    families=(Family.SERVICE,),
    reading=("`p99` names the request latency",),
)
PROFILE = WorkloadProfile(
    seconds=2.0,
    family=Family.SERVICE,
    confidence=0.8,
    utilisation=0.99,
    saturation=4.0,
    wakeup_p99_us=2800.0,
    run_delay_p99_us=None,
    switches_per_s=5000.0,
    voluntary_share=None,
    forks_per_s=0.0,
    names=(),
    signals=("4 runnable per CPU",),
    unseen=(),
)
CANDIDATE = Candidate(
    name="fifo_rtc",
    policy="fifo_rtc",
    source="int x;",
    source_sha256="ab" * 32,
    base_name="",
    base_source="",
    parameters=(),
    author="offline rules",
)
PLAN = Plan(
    layer=Layer.CONFIGURE,
    policy="fifo_rtc",
    base="",
    parameters=(),
    workload="service",
    goal=GOAL,
    profile=PROFILE,
    considered=(),
    expected_low=2.0,
    expected_high=5.0,
    ceiling=None,
    why=("workers are preempted while they hold a lock",),
    risks=("cpu.weight is not honoured",),
)
PASSED = GateResult(GateName.RULES, passed=True, seconds=0.1, summary="0 findings")
FAILED = GateResult(
    GateName.RULES,
    passed=False,
    seconds=0.1,
    summary="1 finding",
    findings=(Finding("SRC003", Severity.ERROR, "no loop bound", "bound the loop", 7),),
)


def verdict(*, passed: bool) -> Verdict:
    return Verdict(
        candidate="fifo_rtc",
        passed=passed,
        gates=(PASSED if passed else FAILED,),
        source_sha256=CANDIDATE.source_sha256,
        object_sha256=OBJECT,
        kernel_release="7.0.13",
        kernel_build_id="aa",
        kernel_btf_sha256="bb",
    )


REQUEST = ApprovalRequest(
    candidate=CANDIDATE,
    plan=PLAN,
    verdict=verdict(passed=True),
    target="sandbox",
    blast_radius="all tasks of the sandbox",
    canary_s=5.0,
    undo="schedtui rollback",
    risks=PLAN.risks,
)
LOAD = WorkloadSpec(
    name="service",
    title="an oversubscribed request service",
    arguments=(),
    seconds=3.0,
    objective="request_p99_us",
    reports="time from request to answer",
)
POLICY = Policy(
    name="fifo_rtc",
    title="Run to completion",
    description="First come, first served.",
    families=(Family.SERVICE,),
    tags=("fifo",),
    use_cases=("oversubscribed services",),
    limits=("ignores cpu.weight",),
    requires=("sched_ext",),
    parameters=(
        Parameter("slice_ns", ParameterType.INTEGER, 100, "ns", "longest turn", 1, 1000),
        Parameter("weights", ParameterType.NAMES, (), "", "expected run times"),
    ),
    source_name="fifo_rtc.bpf.c",
    source="int x;",
)
DEFAULT = SchedulerState(state="disabled")


def snapshot(seq: int, running: str = "[bold]x[/]") -> Snapshot:
    return Snapshot(
        seq=seq,
        unix_ms=1_700_000_000_000 + seq * 1000,
        interval_s=1.0,
        source="procfs",
        source_note="BPF is not to be had",
        cpus=(CpuSample(0, 0.5, 3, None, None, 1200.0, None, running),),
        wakeup=None,
        run_delay=None,
        wakeup_counts=(),
        tasks=(),
        pressure=(),
        scheduler=DEFAULT,
        load=LoadReport("service", running=True, metrics=(("request_p99_us", 134000.0),)),
    )


@dataclass
class ScriptedEngine:
    """Does what its fields say and remembers what it was asked."""

    approves: bool = True
    """Whether the pursuit gets as far as the approval."""
    rejects: bool = False
    opening_error: EngineError | None = None
    state_error: EngineError | None = None
    ends_while_held: Stage | None = None
    ticks: int = 1_000_000
    asked: list[str] = field(default_factory=list)
    current: Deployment | None = None
    live: dict[str, int] = field(default_factory=lambda: {"slice_us": 3000, "brief_us": 500})

    async def open(self, progress: Progress) -> Hello:
        self.asked.append("open")
        progress("starting")
        if self.opening_error:
            raise self.opening_error
        kernel = KernelInfo("7.0.13", "aa", "bb", "cc")
        lack = Capability("sched_ext", available=False, reason="not built in", fix="boot another")
        return Hello(1, "local", kernel, (Cpu(0, 0, 0, 0),), (lack,), 512)

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        for seq in range(self.ticks):
            if self.ends_while_held and seq and self.current:
                self.current = replace(self.current, stage=self.ends_while_held, reason="so")
            yield snapshot(seq)
            await asyncio.sleep(0.002)

    def past(self) -> None:
        """Return none: this target is live."""

    async def set_rate(self, hertz: float) -> None:
        self.asked.append(f"rate {hertz:g}")

    def loads(self) -> tuple[WorkloadSpec, ...]:
        return (LOAD,)

    async def start_load(self, name: str) -> None:
        if name != LOAD.name:
            raise EngineError(f"there is no load called {name}", "schedtui loads list")
        self.asked.append(f"load {name}")

    async def stop_load(self) -> None:
        self.asked.append("stop load")

    def policies(self) -> tuple[Policy, ...]:
        return (POLICY,)

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[ev.Event]:
        self.asked.append(f"pursue {text}")
        yield ev.StageStarted("Observation", "watching")
        yield ev.GoalRead(GOAL)
        yield ev.Observed(PROFILE)
        yield ev.Planned(PLAN)
        yield ev.CandidateMade(CANDIDATE)
        yield ev.GateFinished(FAILED if self.rejects else PASSED)
        yield ev.Verified(verdict(passed=not self.rejects))
        if self.rejects:
            yield ev.Finished(1, "rejected by the rules")
            return
        yield ev.ApprovalAsked(REQUEST)
        approval = await approver(REQUEST)
        yield ev.ApprovalAnswered(approval is not None, approval.by if approval else "")
        if approval is None:
            yield ev.Finished(1, "not approved")
            return
        self.asked.append(f"approved {approval.object_sha256[:4]} {approval.how}")
        canary = Deployment("fifo_rtc", Stage.CANARY, OBJECT, "sandbox")
        for left in (2.0, 1.0):
            yield ev.DeploymentChanged(replace(canary, canary_left_s=left))
        self.current = Deployment("fifo_rtc", Stage.PROMOTED, OBJECT, "sandbox")
        yield ev.DeploymentChanged(self.current)
        yield ev.LiveEffect("request_p99_us", 134000.0, 25000.0)
        yield ev.Finished(0, "deployed")

    async def state(self) -> SchedulerState:
        if self.state_error:
            raise self.state_error
        if self.current and self.current.live:
            return SchedulerState("enabled", "fifo_rtc", 3, ours=True, since_s=4.0)
        return DEFAULT

    def deployment(self) -> Deployment | None:
        return self.current

    async def set_live(self, parameters: Parameters) -> Parameters:
        for name, value in parameters:
            if name not in self.live:
                raise EngineError(f"the policy has no live parameter {name}", missing=False)
            self.live[name] = value
        return tuple(self.live.items())

    async def rollback(self) -> SchedulerState:
        self.asked.append("rollback")
        if self.current and self.current.live:
            self.current = replace(self.current, stage=Stage.ROLLED_BACK)
        return DEFAULT

    async def close(self) -> None:
        self.asked.append("close")


@dataclass
class ScriptedVerifier:
    passes: bool = True
    complete: bool = True
    seen: list[tuple[str, str, str]] = field(default_factory=list)

    async def verify(self, name: str, source: str, load: str) -> AsyncIterator[ev.Event]:
        self.seen.append((name, source, load))
        yield ev.GateFinished(PASSED if self.passes else FAILED)
        if self.complete:
            yield ev.Verified(verdict(passed=self.passes))

    async def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[ev.Event]:
        """Reject before the trial, whatever it is."""
        self.seen.append((name, source, aim.workload.name))
        yield ev.GateFinished(FAILED)
        if self.complete:
            yield ev.Verified(verdict(passed=False))

    def holding(self) -> AbstractAsyncContextManager[None]:
        return contextlib.nullcontext()

    async def trial_program(self, bundle: Bundle, aim: TrialAim) -> AsyncIterator[ev.Event]:
        """As for a source, remembering the files instead."""
        arguments = " ".join(bundle.manifest.arguments)
        self.seen.append((bundle.scheduler.name, arguments, aim.workload.name))
        yield ev.GateFinished(FAILED)
        yield ev.Verified(verdict(passed=False))


@dataclass
class ListedResults:
    """Keeps rows in memory."""

    kept: list[StoredRow] = field(default_factory=list)

    def prepare(self) -> None:
        return

    def append(self, row: ResultRow) -> int:
        self.kept.append(StoredRow(len(self.kept) + 1, row, ""))
        return len(self.kept)

    def rows(self) -> tuple[StoredRow, ...]:
        return tuple(self.kept)


NOT_READY = LabStatus(
    ready=False,
    kernel="",
    accelerator="",
    libbpf="",
    folder="",
    megabytes=0.0,
    problem="there is no kernel yet",
    fix="schedtui lab setup",
)
READY = LabStatus(
    ready=True,
    kernel="7.0.13 from Debian",
    accelerator="tcg",
    libbpf="1.4.6",
    folder="/cache",
    megabytes=180.0,
)


@dataclass
class ScriptedLab:
    now: LabStatus = READY
    error: EngineError | None = None
    prepared: int = 0

    def status(self) -> LabStatus:
        return self.now

    async def prepare(self, progress: Progress) -> LabStatus:
        self.prepared += 1
        progress("fetching a kernel")
        if self.error:
            raise self.error
        self.now = READY
        return READY

    async def externals(self, progress: Progress) -> tuple[str, ...]:
        progress("building scx_bpfland")
        if self.error:
            raise self.error
        return ("/cache/bin/scx_bpfland", "/cache/bin/scx_cosmos")

    async def shell(self, progress: Progress) -> int:
        progress("booting")
        return 0


@dataclass
class ScriptedTerminal:
    present: bool = False
    answer: str = ""
    questions: list[str] = field(default_factory=list)

    async def ask(self, question: str) -> str:
        self.questions.append(question)
        return self.answer


@dataclass
class ScriptedHost:
    """A host made of answers."""

    version: tuple[int, int, int] = (3, 11, 2)
    programs: dict[str, str] = field(default_factory=dict)
    """First line of ``--version`` by program."""
    files: dict[str, str] = field(default_factory=dict)
    modules: Sequence[str] = ("ziglang",)
    libraries: Sequence[str] = ()

    def python(self) -> tuple[int, int, int]:
        return self.version

    def which(self, program: str) -> str:
        return f"/usr/bin/{program}" if program in self.programs else ""

    def first_line(self, *command: str) -> str:
        return self.programs.get(command[0], "")

    def file_text(self, path: str) -> str:
        return self.files.get(path, "")

    def has_module(self, name: str) -> bool:
        return name in self.modules

    def library(self, name: str) -> str:
        return f"lib{name}.so" if name in self.libraries else ""


@dataclass
class ScriptedServices:
    made: ScriptedEngine = field(default_factory=ScriptedEngine)
    checker: Verifier = field(default_factory=ScriptedVerifier)
    store: Results = field(default_factory=ListedResults)
    known_policies: tuple[Policy, ...] = (POLICY,)
    known_loads: tuple[WorkloadSpec, ...] = (LOAD,)
    known_externals: Externals = field(default_factory=lambda: Externals(()))
    sandbox: ScriptedLab = field(default_factory=ScriptedLab)
    keyboard: ScriptedTerminal = field(default_factory=ScriptedTerminal)
    host: ScriptedHost = field(default_factory=ScriptedHost)
    fault: Exception | None = None
    """Raised by the repository, as a fault of the program would be."""
    own_folder: Path = Path("/nowhere")
    own_keys: Path = Path("/nowhere/keys.toml")
    own_themes: Path = Path("/nowhere/themes")
    own_state: Path = Path("/nowhere")
    tty: bool = False
    session: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex}")
    """Sessions of tests must not meet sessions of people."""
    shown: list[Options] = field(default_factory=list)

    def engine(self, options: Options) -> Engine:
        return self.made

    def policies(self) -> tuple[Policy, ...]:
        if self.fault:
            raise self.fault
        return self.known_policies

    def own_policies(self) -> OwnPolicies:
        return OwnPolicies(self.own_folder)

    def externals(self) -> Externals:
        return self.known_externals

    def loads(self) -> tuple[WorkloadSpec, ...]:
        return self.known_loads

    def keys(self) -> KeyTable:
        return key_table(self.own_keys)

    def themes(self) -> ThemeTable:
        return theme_table(self.own_themes)

    def session_name(self, options: Options) -> str:
        return self.session

    def verifier(self, options: Options) -> Verifier:
        return self.checker

    def results(self) -> Results:
        return self.store

    def state_folder(self) -> Path:
        return self.own_state

    def lab(self, options: Options) -> Lab:
        return self.sandbox

    def terminal(self) -> Terminal:
        return self.keyboard

    def probes(self) -> Probes:
        return self.host

    def screen(self, engine: Engine, options: Options) -> int:
        self.shown.append(options)
        return 0

    def screen_possible(self) -> bool:
        return self.tty
