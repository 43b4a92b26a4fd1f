"""Everything the checks need to know of an object, read without running or loading it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.agreement import disagreements
from schedtui.objfile.btf import Btf, Kind, read_btf
from schedtui.objfile.code import Calls, Program, calls, programs
from schedtui.objfile.elf import ElfFile, Section, read_elf
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.maps import Map, read_maps
from schedtui.objfile.ops import (
    SCHEDULER_TYPE,
    Operations,
    StructOps,
    read_operations,
    read_struct_ops,
)
from schedtui.objfile.variables import Variable, read_variables

_DATA_PREFIXES: Final = (".data", ".bss", ".rodata")
_NO_OPERATIONS: Final = Operations("", (), ())


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """One read object. Sizes in bytes."""

    sha256: str
    size: int
    programs: tuple[Program, ...]
    code: tuple[Calls, ...]
    """What each section with instructions calls and refers to."""
    loaded_sections: tuple[str, ...]
    """All sections that the loader would look at."""
    struct_ops: tuple[StructOps, ...]
    operations: Operations
    """Content of the first sched_ext_ops."""
    maps: tuple[Map, ...]
    license: str
    kfuncs: tuple[str, ...]
    """Names of the kernel functions that are called or asked for."""
    extern_variables: tuple[str, ...]
    data_sections: tuple[tuple[str, int], ...]
    contents: tuple[tuple[str, bytes], ...]
    """Bytes of the data sections that have any."""
    variables: tuple[Variable, ...]
    tags: tuple[str, ...]
    """Words that types and declarations carry for the kernel's verifier."""
    disagreements: tuple[str, ...]
    """Where types and symbols tell of different things, in words."""

    def member(self, name: str) -> int:
        """Return an integer member of the ops, 0 when it is not set."""
        return dict(self.ops_data).get(name, 0)

    @property
    def ops_name(self) -> str:
        """Name of the scheduler."""
        return self.operations.name

    @property
    def ops_data(self) -> tuple[tuple[str, int], ...]:
        """Integer members of the first sched_ext_ops that are not zero."""
        return self.operations.data

    @property
    def ops_callbacks(self) -> tuple[tuple[str, str], ...]:
        """Callbacks of the first sched_ext_ops, with the program each refers to."""
        return self.operations.callbacks

    @property
    def code_sections(self) -> tuple[str, ...]:
        """Sections with instructions."""
        return tuple(called.section for called in self.code)

    @property
    def helper_calls(self) -> tuple[tuple[str, int], ...]:
        """Section and id of every helper that is called, each once."""
        return tuple(sorted({(c.section, h) for c in self.code for h in c.helpers}))

    @property
    def helpers(self) -> tuple[int, ...]:
        """Ids of the helpers that are called."""
        return tuple(sorted({helper for _, helper in self.helper_calls}))

    @property
    def hard_coded_kfuncs(self) -> tuple[int, ...]:
        """Ids of kernel functions that are called by number."""
        return tuple(sorted({kfunc for c in self.code for kfunc in c.hard_coded}))

    @property
    def odd_instructions(self) -> int:
        """Instructions of a form that no compiler writes into an object."""
        return sum(called.odd for called in self.code)

    @property
    def insns(self) -> int:
        """Instructions of all code together."""
        return sum(called.insns for called in self.code)

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
    kfuncs, variables = _externs(elf, btf)
    data_sections = [section for section in elf.sections if _is_data(section)]
    return ObjectFacts(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        programs=programs(elf),
        code=calls(elf),
        loaded_sections=tuple(s.name for s in elf.sections if s.is_loaded),
        struct_ops=struct_ops,
        operations=read_operations(elf, btf, scheduler) if scheduler else _NO_OPERATIONS,
        maps=read_maps(btf),
        license=_license(elf),
        kfuncs=kfuncs,
        extern_variables=variables,
        data_sections=tuple((s.name, s.size) for s in data_sections),
        contents=tuple((s.name, elf.content(s).data) for s in data_sections),
        variables=read_variables(btf),
        tags=tuple(sorted({t.name for t in btf.of(Kind.TYPE_TAG, Kind.DECL_TAG)})),
        disagreements=disagreements(elf, btf),
    )


def _types(elf: ElfFile) -> Btf:
    section = elf.section(".BTF")
    if section is None:
        raise ObjectFileError("the object has no type information")
    return read_btf(elf.content(section))


def _externs(elf: ElfFile, btf: Btf) -> tuple[tuple[str, ...], tuple[str, ...]]:
    undefined = {symbol.name for symbol in elf.undefined}
    functions = btf.functions() & undefined
    return tuple(sorted(functions)), tuple(sorted(undefined - functions))


def _is_data(section: Section) -> bool:
    return section.is_loaded and section.name.startswith(_DATA_PREFIXES)


def _license(elf: ElfFile) -> str:
    section = elf.section("license")
    if section is None or section.size == 0:
        return ""
    return elf.content(section).text(0)
