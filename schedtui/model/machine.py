"""What a target is: its kernel, its CPUs and what it can do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelInfo:
    """Identity of one booted kernel. Tokens are bound to all of it."""

    release: str
    build_id: str
    """GNU build id in hex, empty when the kernel does not export it."""
    btf_sha256: str
    """Hash of /sys/kernel/btf/vmlinux in hex, empty when absent."""
    boot_id: str


@dataclass(frozen=True, slots=True)
class Cpu:
    """Place of one logical CPU in the machine."""

    cpu: int
    core: int
    llc: int
    node: int


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing a node can or cannot do. ``reason`` and ``fix`` are for people."""

    name: str
    """One of ``sched_ext``, ``bpf_probe``, ``schedstat``, ``psi``, ``loads``, ``deploy``."""
    available: bool
    reason: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    """First answer of a node."""

    protocol: int
    target: str
    kernel: KernelInfo
    cpus: tuple[Cpu, ...]
    capabilities: tuple[Capability, ...]
    memory_mb: int
    virtual: str = ""
    """Accelerator when the target is a virtual machine (``tcg``, ``kvm``), else empty."""

    def can(self, name: str) -> bool:
        """Tell whether the capability called ``name`` is available."""
        return any(c.name == name and c.available for c in self.capabilities)

    def lack(self, name: str) -> Capability | None:
        """Return the missing capability called ``name``, or None when it is available."""
        for capability in self.capabilities:
            if capability.name == name:
                return None if capability.available else capability
        return Capability(name, available=False, reason="this node does not know it")
