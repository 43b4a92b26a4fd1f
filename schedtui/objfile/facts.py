"""Everything the checks need to know of an object, read without running or loading it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.btf import Btf, read_btf
from schedtui.objfile.code import Calls, Program, calls, programs
from schedtui.objfile.elf import SHN_UNDEF, ElfFile, Section, read_elf
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.maps import Map, read_maps
from schedtui.objfile.ops import (
    SCHEDULER_TYPE,
    Operations,
    StructOps,
    read_operations,
    read_struct_ops,
)

_DATA_PREFIXES: Final = (".data", ".bss", ".rodata")
_NO_OPERATIONS: Final = Operations("", (), ())


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """One read object. Sizes in bytes."""

    sha256: str
    size: int
    programs: tuple[Program, ...]
    code_sections: tuple[str, ...]
    """Sections with instructions."""
    loaded_sections: tuple[str, ...]
    """All sections that the loader would look at."""
    struct_ops: tuple[StructOps, ...]
    ops_name: str
    ops_data: tuple[tuple[str, int], ...]
    """Integer members of the first sched_ext_ops that are not zero."""
    ops_callbacks: tuple[tuple[str, str], ...]
    """Callbacks of the first sched_ext_ops, with the program each refers to."""
    maps: tuple[Map, ...]
    license: str
    helper_calls: tuple[tuple[str, int], ...]
    """Section and id of every helper that is called, each once."""
    kfuncs: tuple[str, ...]
    """Names of the kernel functions that are called or asked for."""
    extern_variables: tuple[str, ...]
    hard_coded_kfuncs: tuple[int, ...]
    odd_instructions: int
    data_sections: tuple[tuple[str, int], ...]

    def member(self, name: str) -> int:
        """Return an integer member of the ops, 0 when it is not set."""
        return dict(self.ops_data).get(name, 0)

    @property
    def helpers(self) -> tuple[int, ...]:
        """Ids of the helpers that are called."""
        return tuple(sorted({helper for _, helper in self.helper_calls}))

    @property
    def insns(self) -> int:
        """Instructions of all programs together."""
        return sum(program.insns for program in self.programs)

    @property
    def memory(self) -> int:
        """Bytes that maps and data sections take at most."""
        return sum(m.bytes for m in self.maps) + sum(size for _, size in self.data_sections)


def read_object(data: bytes) -> ObjectFacts:
    """Read a BPF object. Raises ObjectFileError, and nothing else, for bad input."""
    elf = read_elf(data)
    btf = _types(elf)
    struct_ops = read_struct_ops(elf, btf)
    scheduler = next((s for s in struct_ops if s.type == SCHEDULER_TYPE), None)
    operations = read_operations(elf, btf, scheduler) if scheduler else _NO_OPERATIONS
    called = calls(elf)
    kfuncs, variables = _externs(elf, btf, called)
    return ObjectFacts(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        programs=programs(elf),
        code_sections=tuple(s.name for s in elf.sections if s.is_code),
        loaded_sections=tuple(s.name for s in elf.sections if s.is_loaded),
        struct_ops=struct_ops,
        ops_name=operations.name,
        ops_data=operations.data,
        ops_callbacks=operations.callbacks,
        maps=read_maps(btf),
        license=_license(elf),
        helper_calls=tuple(sorted((c.section, h) for c in called for h in c.helpers)),
        kfuncs=kfuncs,
        extern_variables=variables,
        hard_coded_kfuncs=tuple(sorted({k for c in called for k in c.hard_coded})),
        odd_instructions=sum(c.odd for c in called),
        data_sections=tuple((s.name, s.size) for s in elf.sections if _is_data(s)),
    )


def _types(elf: ElfFile) -> Btf:
    section = elf.section(".BTF")
    if section is None:
        raise ObjectFileError("the object has no type information")
    return read_btf(elf.content(section))


def _externs(
    elf: ElfFile, btf: Btf, called: tuple[Calls, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    undefined = {s.name for s in elf.symbols if s.name and s.section == SHN_UNDEF}
    undefined |= {name for c in called for name in c.externs}
    functions = btf.functions() & undefined
    return tuple(sorted(functions)), tuple(sorted(undefined - functions))


def _is_data(section: Section) -> bool:
    return section.is_loaded and section.name.startswith(_DATA_PREFIXES)


def _license(elf: ElfFile) -> str:
    section = elf.section("license")
    if section is None or section.size == 0:
        return ""
    return elf.content(section).text(0)
