"""What the Execution Verifier says, and the token that lets an object run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from schedtui.model.battery import BatteryResult
from schedtui.model.trial import TrialResult


class Severity(StrEnum):
    """Weight of a finding. Only an error rejects."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a gate found."""

    code: str
    """Stable code such as ``SRC003``."""
    severity: Severity
    sentence: str
    """For a person."""
    hint: str = ""
    """For the repair loop, at most 60 words."""
    line: int = 0
    """1-based line of the candidate's source, 0 when it has none."""


class GateName(StrEnum):
    """The gates in the order they run, cheapest first."""

    RULES = "rules"
    COMPILE = "compile"
    OBJECT = "object"
    KERNEL = "kernel"
    BATTERY = "battery"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Digest:
    """One thing that a gate read."""

    name: str
    """What it is, such as ``source`` or ``object``."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing that a gate judged with."""

    name: str
    """What it is, such as ``compiler`` or ``kernel``."""
    version: str
    """Which one it is."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a gate judged, and with what: on the same basis it says the same again."""

    read: tuple[Digest, ...] = ()
    used: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class GateResult:
    """Outcome of one gate."""

    gate: GateName
    passed: bool
    seconds: float
    summary: str
    """What was seen, one line, e.g. ``142 insns, 9 ms``."""
    findings: tuple[Finding, ...] = ()
    inconclusive: bool = False
    """The gate could not decide: this no does not say that the candidate is at fault."""
    basis: Basis = field(default_factory=Basis)


@dataclass(frozen=True, slots=True)
class ProgramStats:
    """What the kernel verifier said of one BPF program."""

    name: str
    processed_insns: int
    """Instructions that it followed, those of every path counted."""
    seconds: float
    """Time it took, the writing of its log included."""
    total_states: int = 0
    peak_states: int = 0
    max_states_per_insn: int = 0
    stack_bytes: int = 0
    """Stack of all functions of the program together."""
    xlated_bytes: int = 0
    """Size as the kernel keeps it, after it cut dead branches."""
    jited_bytes: int = 0
    """Size as machine code, 0 where the kernel has no compiler for it."""
    tag: str = ""
    """The kernel's own hash of the program, hex."""
    calls: tuple[str, ...] = ()
    """Names of all helpers and kernel functions that it came to on some path, sorted."""


@dataclass(frozen=True, slots=True)
class InspectReport:
    """A load without attach, as the kernel answered it."""

    ok: bool
    programs: tuple[ProgramStats, ...]
    error: str
    """What libbpf or the kernel refused, one line, empty when ok."""
    log: tuple[str, ...]
    """Last lines of the verifier log of the program that failed, sanitised."""
    failed_program: str = ""
    seconds: float = 0.0
    by_loader: bool = False
    """It was our own loader that refused; the kernel has not seen the object."""
    ops_sha256: str = ""
    """Hash of the data members as they were clamped, see ``sealing.ops_sha256``."""
    rodata_sha256: str = ""
    """Hash of the constants with the parameters in them, see ``sealing.rodata_sha256``."""
    cut_traces: tuple[str, ...] = ()
    """Programs whose trace was longer than the buffer, so that their calls are unknown."""
    libbpf: str = ""
    """Version of the library that loaded it, empty when it was not asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All gates together. ``sha256`` of the object is what a token is bound to."""

    candidate: str
    passed: bool
    gates: tuple[GateResult, ...]
    source_sha256: str
    object_sha256: str
    kernel_release: str
    kernel_build_id: str
    kernel_btf_sha256: str
    programs: tuple[ProgramStats, ...] = ()
    trial: TrialResult | None = None
    battery: BatteryResult | None = None
    ops_sha256: str = ""
    """Hash of the clamped data members that the kernel was asked about."""
    rodata_sha256: str = ""
    """Hash of the constants that the kernel was asked about, parameters included."""
    compiler: str = ""
    """Name and version of what made the object."""
    program_sha256: str = ""
    """Of an external scheduler's program. Its object is the manifest of all that is started; of
    what it loads, nothing was seen."""


class TokenMode(StrEnum):
    """What a token allows."""

    TRIAL = "trial"
    """Attach in a throw-away guest only."""
    DEPLOY = "deploy"


@dataclass(frozen=True, slots=True)
class Token:
    """Permission to attach one exact object once, exactly as it was verified."""

    mode: TokenMode
    source_sha256: str
    object_sha256: str
    ops_sha256: str
    """The data members after clamping, all but the watchdog."""
    timeout_ms: int
    """The watchdog."""
    rodata_sha256: str
    """The constants, parameters included."""
    scheduler: str
    kernel_release: str
    kernel_build_id: str
    kernel_btf_sha256: str
    boot_id: str
    verdict_chain: str
    """Head of the hash chain over the verdict's gates, see ``verify.tokens.verdict_chain``."""
    expires_unix: int
    nonce: str
    mac: str
    """Hex HMAC-SHA256 over all other fields."""
