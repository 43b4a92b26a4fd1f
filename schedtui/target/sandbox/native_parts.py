"""What a guest holds that is compiled for this kind of machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schedtui.target.port import Progress
from schedtui.target.sandbox.places import sub_dir
from schedtui.toolchain.native import KERNEL_TYPES, build, built


@dataclass(frozen=True, slots=True)
class NativeParts:
    """Built files, each below a folder that is named by what it was made of."""

    workloads: tuple[tuple[str, Path], ...]
    kernel_types: Path
    """``node/native/kernel_types.c``, built for the guest's C library."""

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return (*(path for _, path in self.workloads), self.kernel_types)


async def build_native(progress: Progress) -> NativeParts:
    """Build what is not there yet. Raises ToolchainError."""
    return _parts(
        await build(sub_dir("workloads"), progress),
        await build(sub_dir("native"), progress, KERNEL_TYPES),
    )


def built_native() -> NativeParts | None:
    """Return what ``build_native`` would, None when something is not built yet."""
    workloads = built(sub_dir("workloads"))
    libraries = built(sub_dir("native"), KERNEL_TYPES)
    return _parts(workloads, libraries) if workloads and libraries else None


def _parts(workloads: dict[str, Path], libraries: dict[str, Path]) -> NativeParts:
    return NativeParts(tuple(sorted(workloads.items())), libraries["kernel_types"])
