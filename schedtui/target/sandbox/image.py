"""The guest's whole file system: one cpio archive in memory, built from parts we know."""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from schedtui.target.sandbox.native_parts import NativeParts

_PYTHON = "usr/lib/python3.11"
_GUEST_TAG = "cpython-311"
_UNCHECKED_HASH = 1
"""Kind of compiled file that Python takes as it is: times of files mean nothing in an archive."""
_UNUSED_MODULES = frozenset({
    "__pycache__", "test", "tests", "idlelib", "lib2to3", "pydoc_data", "ensurepip", "distutils",
    "tkinter", "turtledemo", "venv", "unittest", "wsgiref", "xmlrpc", "curses", "dbm", "sqlite3",
    "asyncio", "concurrent", "turtle.py", "_pydecimal.py", "pickletools.py", "pydoc.py",
    "email", "html", "http", "xml", "multiprocessing", "zoneinfo",
    "config-3.11-x86_64-linux-gnu",
})  # fmt: skip
"""Parts of the standard library that the node never imports; less to read at every restore."""

_UNUSED_LIBRARIES = (
    "gconv", "audit", "perl", "libmvec", "libnsl", "libthread_db", "libexpatw", "_codecs_", "_test",
    "_ssl", "_sqlite3", "_decimal", "_curses", "_tkinter", "_lzma", "_bz2", "_asyncio",
)  # fmt: skip


@dataclass
class Archive:
    """A newc cpio archive that grows. Entries have no times and no owners."""

    _parts: list[bytes] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)
    _inode: int = 0

    def folder(self, path: str) -> None:
        """Add a folder and its parents."""
        for parent in reversed([path, *_parents(path)]):
            if parent not in self._folders:
                self._folders.add(parent)
                self._entry(parent, 0o40755, b"")

    def file(self, path: str, content: bytes, *, executable: bool = False) -> None:
        """Add a regular file."""
        for parent in reversed(_parents(path)):
            self.folder(parent)
        self._entry(path, 0o100755 if executable else 0o100644, content)

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        for parent in reversed(_parents(path)):
            self.folder(parent)
        self._entry(path, 0o120777, target.encode())

    def console(self) -> None:
        """Add /dev/console, which the kernel opens before anything is mounted."""
        self.folder("dev")
        self._entry("dev/console", 0o20600, b"", (5, 1))

    def tree(self, source: Path, path: str, unused: frozenset[str] = frozenset()) -> None:
        """Add a file, link or folder with everything below it."""
        if source.is_symlink():
            self.link(path, str(source.readlink()))
        elif source.is_dir():
            for child in sorted(source.iterdir()):
                if child.name not in unused and not child.name.startswith(_UNUSED_LIBRARIES):
                    self.tree(child, f"{path}/{child.name}", unused)
        else:
            content = source.read_bytes()
            self.file(path, content, executable=os.access(source, os.X_OK))
            if source.suffix == ".py" and sys.implementation.cache_tag == _GUEST_TAG:
                self._compiled(path, content)

    def _compiled(self, path: str, content: bytes) -> None:
        """Add a module as compiled by this Python: compiling costs an emulated guest seconds."""
        try:
            code = compile(content, f"/{path}", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return
        head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little")
        module = PurePosixPath(path)
        name = f"{module.parent}/__pycache__/{module.stem}.{_GUEST_TAG}.pyc"
        self.file(name, head + importlib.util.source_hash(content) + marshal.dumps(code))

    def finished(self) -> bytes:
        """Return the archive."""
        self._entry("TRAILER!!!", 0, b"")
        return b"".join(self._parts)

    def _entry(
        self, path: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)
    ) -> None:
        self._inode += 1
        name = path.encode() + b"\0"
        numbers = (self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name), 0)
        header = b"070701" + b"".join(b"%08x" % number for number in numbers) + name
        self._parts.append(_padded(header))
        self._parts.append(_padded(content))


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:i]) for i in range(len(parts), 0, -1)]


@dataclass(frozen=True, slots=True)
class ImageParts:
    """Everything the guest is made of."""

    userland: Path
    package: Path
    """Folder of the schedtui package, of which model, objfile and node go in."""
    native: NativeParts
    probe: bytes
    """The telemetry probe, compiled; empty leaves the guest with procfs."""


NODE_ROOMS = ("model", "objfile", "node")


def build_image(parts: ImageParts) -> bytes:
    """Return the guest's initramfs."""
    archive = Archive()
    for folder in ("proc", "sys", "tmp", "run"):
        archive.folder(folder)
    archive.console()
    for path in ("lib", "lib64", "usr/lib/x86_64-linux-gnu"):
        archive.tree(parts.userland / path, path)
    archive.tree(parts.userland / "usr/bin/python3.11", "usr/bin/python3.11")
    archive.tree(parts.userland / _PYTHON, _PYTHON, _UNUSED_MODULES)
    archive.file("node/schedtui/__init__.py", b"")
    for room in NODE_ROOMS:
        archive.tree(parts.package / room, f"node/schedtui/{room}", frozenset({"__pycache__"}))
    archive.file("node/kernel_types.so", parts.native.kernel_types.read_bytes())
    archive.file("init.py", _INIT)
    archive.folder("workloads")
    for name, program in parts.native.workloads:
        archive.file(f"workloads/{name}", program.read_bytes(), executable=True)
    if parts.probe:
        archive.file("node/telemetry.bpf.o", parts.probe)
    return archive.finished()


_INIT = b"""import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/node")
from schedtui.node.guest import main
main()
"""
