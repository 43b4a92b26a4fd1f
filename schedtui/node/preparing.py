"""An object made ready for loading: what is loaded to be judged is what is loaded to run.

The verifier's inspection and the deployment both go through here, so that the hashes one of
them reports are the hashes the other one finds.
"""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.protocol import Parameters
from schedtui.node.libbpf import PROGRAM_STRUCT_OPS, BpfObject, Map
from schedtui.node.live import LiveParameters, find_live
from schedtui.node.ops_rules import OpsError
from schedtui.node.ops_shadow import clamp_ops, scheduler_map
from schedtui.node.rodata import ParameterError, set_parameters

__all__ = ["Admitted", "OpsError", "ParameterError", "Prepared", "prepare"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a token admits: these bytes, to be loaded so that these hashes come out."""

    data: bytes
    name: str
    timeout_ms: int
    """The kernel's watchdog, clamped to 1000..5000."""
    parameters: Parameters
    ops_sha256: str
    rodata_sha256: str
    program: bool = False
    """The bytes are the manifest of an external scheduler, which loads itself."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An object that is open, clamped and parameterised, but not loaded."""

    ops: Map
    ops_sha256: str
    rodata_sha256: str
    """Of what no program can write: the constants, and the live parameters as they begin."""
    live: LiveParameters


def prepare(opened: BpfObject, *, name: str, timeout_ms: int, parameters: Parameters) -> Prepared:
    """Set everything that is set before a load.

    Args:
        opened: An object that is not loaded yet.
        name: The scheduler's name that it must have, empty for any.
        timeout_ms: The watchdog; it is clamped.
        parameters: What constants and live parameters begin with.

    Raises:
        OpsError: it holds something else than one scheduler that dies with its holder.
        ParameterError: a parameter does not fit.
        LibbpfError: this libbpf cannot show what is in it.
    """
    _only_a_scheduler(opened)
    ops = scheduler_map(opened)
    ops_hash = clamp_ops(opened, ops, name=name, timeout_ms=timeout_ms)
    live = find_live(opened)
    live.begin_with(tuple(each for each in parameters if each[0] in live.names))
    constants = tuple(each for each in parameters if each[0] not in live.names)
    return Prepared(ops, ops_hash, set_parameters(opened, constants), live)


def _only_a_scheduler(opened: BpfObject) -> None:
    """Refuse what would be loaded or kept beside a scheduler; leaving it out is not enough."""
    for program in opened.programs:
        if program.type != PROGRAM_STRUCT_OPS:
            raise OpsError("the object holds a program that is no operation of a scheduler")
    if any(each.pinned for each in opened.maps):
        raise OpsError("the object holds a map that would outlive the scheduler")
