"""The data members of a scheduler's operations, set by us before the kernel sees them.

Each data member is set or clamped in libbpf's shadow copy of the structure; its layout is read
from the object's own type information, never assumed. Any data member that is not known must be
zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.model.sealing import ops_sha256
from schedtui.node.btf_view import KIND_POINTER, KIND_STRUCT, BtfView
from schedtui.node.libbpf import MAP_STRUCT_OPS, BpfObject, Map
from schedtui.node.ops_rules import OpsError, clamped, legal_name

__all__ = ["OpsError", "clamp_ops", "scheduler_map"]

_OPERATIONS: Final = ("sched_ext_ops", KIND_STRUCT)
_REQUIRED: Final = ("timeout_ms", "name")
_MEMBERS_LIMIT: Final = 128
_ODD_SHAPE: Final = "the scheduler's operations have an unexpected shape"


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    offset: int
    size: int
    pointer: bool


def scheduler_map(opened: BpfObject) -> Map:
    """Return the one struct_ops map of an object.

    Raises OpsError unless there is exactly one and its attachment dies with its holder.
    """
    found = [each for each in opened.maps if each.type == MAP_STRUCT_OPS]
    if len(found) != 1:
        raise OpsError(f"the object defines {len(found)} schedulers; exactly one is needed")
    if not found[0].is_link:
        raise OpsError("the scheduler must be in section .struct_ops.link")
    return found[0]


def clamp_ops(opened: BpfObject, ops: Map, *, name: str, timeout_ms: int) -> str:
    """Set the data members of ``ops`` before the object is loaded; returns their hash.

    The structure's name must be ``name`` unless ``name`` is empty. Nothing is written unless all
    of it is acceptable. Raises OpsError when the object is not acceptable, LibbpfError when this
    libbpf cannot show the structure.
    """
    shadow = ops.initial()
    members = _by_name(_members(opened, ops, len(shadow)))
    for wanted in _REQUIRED:
        if wanted not in members:
            raise OpsError(f"the scheduler's operations have no {wanted}")
    found = legal_name(bytes(_place(shadow, members.pop("name"))))
    if name and found != name:
        raise OpsError("the scheduler's name is not the one that was approved")
    numbers = {each.name: each for each in members.values() if not each.pointer}
    values = clamped(_numbers(shadow, numbers), timeout_ms)
    for key, value in values.items():
        _place(shadow, numbers[key])[:] = value.to_bytes(numbers[key].size, "little")
    # What is there now counts: members that share bytes would undo each other.
    if _numbers(shadow, numbers) != values:
        raise OpsError(_ODD_SHAPE)
    return ops_sha256(found, values)


def _by_name(members: Iterable[_Member]) -> dict[str, _Member]:
    found: dict[str, _Member] = {}
    for member in members:
        if found.setdefault(member.name, member) is not member:
            raise OpsError("the scheduler's operations name a member twice")
    return found


def _numbers(shadow: memoryview, members: dict[str, _Member]) -> dict[str, int]:
    places = {name: _place(shadow, member) for name, member in members.items()}
    return {name: int.from_bytes(place, "little") for name, place in places.items()}


def _place(shadow: memoryview, member: _Member) -> memoryview:
    place = shadow[member.offset : member.offset + member.size]
    if len(place) != member.size:
        raise OpsError(_ODD_SHAPE)
    return place


def _members(opened: BpfObject, ops: Map, size: int) -> Iterator[_Member]:
    """Yield the members of the structure that ``ops`` really is, by the object's own BTF."""
    if not ops.value_type:
        raise OpsError("the scheduler's operations have no type")
    types = BtfView(opened)
    shape = types.type(ops.value_type)
    if (types.name(shape.name_at), shape.kind) != _OPERATIONS:
        raise OpsError("the scheduler is not a struct sched_ext_ops")
    if shape.size != size or shape.count > _MEMBERS_LIMIT or shape.bitfields:
        raise OpsError(_ODD_SHAPE)
    for name, number, bit in shape.rows():
        pointer = types.plain(number).kind == KIND_POINTER
        yield _Member(types.name(name), bit // 8, types.size(number), pointer)
