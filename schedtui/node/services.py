"""Everything a node can do, put together for the kind of machine it runs on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from schedtui.model.machine import Capability, Cpu, Hello, KernelInfo
from schedtui.model.parcel import Use
from schedtui.model.protocol import PROTOCOL, HelloArgs
from schedtui.model.telemetry import LoadReport, SchedulerState
from schedtui.node.admission import Admission
from schedtui.node.attachment import AttachError, attach
from schedtui.node.brought import Brought
from schedtui.node.burnt import BurntInMemory, BurntOnDisk
from schedtui.node.deployments import Attach, Attached, Deployments, Refused
from schedtui.node.evidence import EvidenceReader
from schedtui.node.furnishing import furnish
from schedtui.node.interrupting import allow_interrupting
from schedtui.node.kernel_state import kernel_info, read_state, topology
from schedtui.node.libbpf import LibbpfError, require_libbpf
from schedtui.node.loads import COMMAND, LoadRunner
from schedtui.node.preparing import Admitted
from schedtui.node.probe import Probe, ProbeError
from schedtui.node.program import start_program
from schedtui.node.sampler import Sampler

NOBODY = 65534
OWN = Path("/own")
"""Where a guest keeps the files of a command; it sees no others."""
PROGRAMS = Path("/run/program")
"""Where a guest keeps an external scheduler."""


@dataclass
class Services:
    """What the server calls. One instance for the life of a node."""

    sampler: Sampler
    deployments: Deployments
    loads: LoadRunner | None
    kernel: KernelInfo
    cpus: tuple[Cpu, ...]
    guest: bool
    capabilities: tuple[Capability, ...]
    evidence: EvidenceReader | None = None
    """What a trial asks the kernel; in a guest only."""
    brought: Mapping[Use, Brought] = field(default_factory=dict)
    """Files that a client brings; in a guest only."""

    def greet(self, args: HelloArgs) -> Hello:
        """Take over the session's key and identity; returns what this node is."""
        if self.guest:
            # All restored guests share one boot id; the session's nonce tells them apart.
            self.kernel = replace(self.kernel, boot_id=args.nonce)
        self.deployments.admission.begin(
            _key(args.session_key), throwaway=args.throwaway, unix_s=args.unix_ns / 1e9
        )
        return Hello(
            protocol=PROTOCOL,
            target=args.target,
            kernel=self.kernel,
            cpus=self.cpus,
            capabilities=self.capabilities,
            memory_mb=_memory_mb(),
            virtual=args.virtual,
        )

    def state(self) -> SchedulerState:
        """Return who schedules, with what we know of our own deployment beside it."""
        held = self.deployments
        return replace(
            read_state(),
            ours=held.live,
            since_s=held.age_s(),
            lease_ms=int(held.seconds_left() * 1000),
            guards=held.guards(),
            last_exit=held.last_exit,
            ended=held.ended,
        )


def host_services() -> Services:
    """A node on a real machine: figures from procfs, deployment only with the rights for it."""
    return _services(None, "BPF telemetry is used in the sandbox only", None, guest=False)


def guest_services(probe_path: Path, workloads: Path) -> Services:
    """A node that is the first process of a micro-VM."""
    probe, reason = _open_probe(probe_path)
    # The battery makes real-time tasks, control groups and negative nice values; who runs a command
    # moves into the folder with its files first, and then is nobody.
    loads = LoadRunner(workloads, NOBODY, rooted=frozenset({"battery", COMMAND}))
    services = _services(probe, reason, loads, guest=True)
    services.evidence = EvidenceReader()
    return services


def _open_probe(path: Path) -> tuple[Probe | None, str]:
    try:
        probe = Probe()
        probe.open(path.read_bytes())
    except (OSError, ProbeError, LibbpfError) as error:
        return None, str(error)
    return probe, ""


def _services(
    probe: Probe | None, probe_reason: str, loads: LoadRunner | None, *, guest: bool
) -> Services:
    services: list[Services] = []
    brought = _brought() if guest else {}
    allow_interrupting()

    def state() -> SchedulerState:
        return services[0].state()

    sampler = Sampler(probe, probe_reason, state, _reporter(loads))
    deployments = Deployments(
        attach=_attacher(brought.get(Use.SCHEDULER)),
        admission=Admission(
            kernel=lambda: services[0].kernel,
            burnt=BurntInMemory() if guest else BurntOnDisk(),
        ),
        longest_wait_ms=sampler.oldest_wait_ms,
    )
    capabilities = _capabilities(probe_reason, loads is not None)
    # All of this is read before a guest is saved, so that hello after a restore reads nothing.
    services.append(
        Services(sampler, deployments, loads, kernel_info(), topology(), guest, capabilities)
    )
    services[0].brought = brought
    return services[0]


def _brought() -> Mapping[Use, Brought]:
    return {
        Use.COMMAND: Brought(Use.COMMAND, OWN, furnish),
        Use.SCHEDULER: Brought(Use.SCHEDULER, PROGRAMS),
    }


def _reporter(loads: LoadRunner | None) -> Callable[[], LoadReport | None]:
    return loads.report if loads is not None else lambda: None


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        # Without the text: it is a secret, however odd.
        raise Refused("the session key is not hexadecimal") from error


def _attacher(brought: Brought | None) -> Attach:
    def attached(admitted: Admitted) -> Attached:
        try:
            if not admitted.program:
                return attach(admitted)
            if brought is None:
                raise Refused("external schedulers are started in the sandbox only")
            return start_program(admitted, brought)
        except (AttachError, LibbpfError) as error:
            raise Refused(str(error)) from error

    return attached


def _capabilities(probe_reason: str, loads: bool) -> tuple[Capability, ...]:
    state = read_state().state
    return (
        _capability(
            "sched_ext",
            "" if state != "absent" else "this kernel is built without sched_ext",
            "boot a kernel with CONFIG_SCHED_CLASS_EXT=y (6.13 or newer), or use the sandbox",
        ),
        _capability("bpf_probe", probe_reason, "use the sandbox for run-queue depth and latency"),
        _capability(
            "schedstat",
            "" if Path("/proc/schedstat").exists() else "this kernel keeps no schedstats",
            "boot a kernel with CONFIG_SCHEDSTATS=y",
        ),
        _capability(
            "psi",
            "" if Path("/proc/pressure/cpu").exists() else "pressure stall figures are off",
            "boot with psi=1",
        ),
        _capability(
            "loads", "" if loads else "built-in loads run in the sandbox only", "--target sandbox"
        ),
        _capability("deploy", _why_no_deploy(state), "use the sandbox: --target sandbox"),
    )


def _capability(name: str, reason: str, fix: str) -> Capability:
    return Capability(name, available=not reason, reason=reason, fix=fix if reason else "")


def _why_no_deploy(state: str) -> str:
    if state == "absent":
        return "this kernel has no sched_ext"
    if os.geteuid() != 0:
        return "attaching a scheduler needs root"
    try:
        require_libbpf()
    except LibbpfError as error:
        return str(error)
    return ""


def _memory_mb() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
