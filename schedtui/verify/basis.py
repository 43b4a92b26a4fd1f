"""What a gate judged and with what, as its record holds it: hashes and versions, never times."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import schedtui
from schedtui.model.text import safe_text
from schedtui.model.verdict import Basis, Digest, Tool
from schedtui.verify.gate import Draft

OWN: Final = Tool("schedtui", schedtui.__version__)
"""Rules, limits and exercises are of this version."""
_HASH_LENGTH: Final = 64


def basis_of(read: Iterable[Digest], *used: Tool) -> Basis:
    """Return the basis of a gate that read some things, and used others beside schedtui.

    What a guest says of itself is foreign text: all of it is made printable here.
    """
    hashes = (Digest(each.name, safe_text(each.sha256, _HASH_LENGTH)) for each in read)
    tools = (Tool(each.name, safe_text(each.version)) for each in used)
    return Basis(tuple(hashes), (OWN, *tools))


def basis_in_guest(draft: Draft, *used: Tool, also: Iterable[Digest] = ()) -> Basis:
    """Return the basis of a gate that had the object in a guest.

    Tokens are bound to the kernel that the kernel gate asked, so no later gate tries another one.

    Args:
        draft: Tells the object, the kernel, and what its guests are made of, as far as is known.
        used: What else the gate used.
        also: What else it read.
    """
    kernel = draft.kernel
    types = [Digest("kernel types", kernel.btf_sha256)] if kernel else []
    named = (
        [Tool("kernel", kernel.release), Tool("kernel build", kernel.build_id)] if kernel else []
    )
    return basis_of([*object_read(draft.object), *types, *also], *named, *draft.guest, *used)


def source_read(source: str, name: str = "source") -> Digest:
    """Return the record of a source that was read."""
    return Digest(name, source_sha256(source))


def object_read(data: bytes | None) -> tuple[Digest, ...]:
    """Return the record of an object that was read, none without one."""
    return (Digest("object", hashlib.sha256(data).hexdigest()),) if data else ()


def source_sha256(source: str) -> str:
    """Return the hash by which a source is known."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
