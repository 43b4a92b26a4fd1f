"""Starts a compiler that can read a few files and nothing else, by Landlock and limits.

Run as a program, with the bare interpreter, by ``confinement.Landlock``:

    landlock.py FOLDER MEMORY_MB FILE_MB CPU_S OPEN_FILES FILTER READABLE... -- COMMAND...

``FOLDER`` holds the source and is the one folder of this run. ``FILTER`` is a filter of system
calls in hexadecimal digits, or empty. This process stays as the parent of
the compiler: when its standard input ends, which is when whoever started it dies, it kills the
compiler and removes the folder. Every step that confines must succeed, or nothing is started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import sys
from collections.abc import Sequence
from typing import Final

# From linux/landlock.h and linux/prctl.h; the call numbers are the same on every architecture.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1
_EXECUTE: Final = 1 << 0
_READ_FILE: Final = 1 << 2
_SET_PDEATHSIG: Final = 1
_CAPBSET_DROP: Final = 24
_SET_SECCOMP: Final = 22
_FILTER_MODE: Final = 2
_INSTRUCTION_BYTES: Final = 8
_SET_NO_NEW_PRIVS: Final = 38
_LAST_CAPABILITY: Final = 63
_NEW_NAMESPACES: Final = 0x10000000 | 0x40000000 | 0x08000000 | 0x04000000  # user, net, ipc, uts
_NOT_STARTED: Final = 126

_libc: Final = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def version() -> int:
    """Return the version of the kernel's Landlock, 0 without one."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)))


def _ruleset(known: int) -> int:
    """Return a rule set that forbids all this version can forbid."""
    files = 13 + (known >= 2) + (known >= 3) + (known >= 5)  # moves, truncation, device controls
    wanted = _Ruleset((1 << files) - 1, 0b11 if known >= 4 else 0, 0b11 if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    return _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(wanted), size, 0))


def _allow(rules: int, path: str) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = _PathBeneath(_READ_FILE | _EXECUTE, parent)
    _checked(_libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0))
    os.close(parent)


def gain_nothing() -> None:
    """Never get a right by what this process starts. Raises OSError."""
    _checked(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _restrict(readable: Sequence[str]) -> None:
    known = version()
    if known == 0:
        raise OSError("this kernel has no Landlock, or it is switched off")
    rules = _ruleset(known)
    for path in readable:
        _allow(rules, path)
    gain_nothing()
    _checked(_libc.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _give_up_rights() -> None:
    # Nobody's network and nobody's names, where the kernel lets us: Landlock alone covers TCP.
    _libc.unshare(_NEW_NAMESPACES)
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)


def limit(memory_mb: int, file_mb: int, cpu_s: int, open_files: int) -> None:
    """Limit this process and what it becomes, which then starts no other."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_FSIZE, file_mb << 20),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_NPROC, 0),  # a compiler is one process; root is held by the filter
    ):
        resource.setrlimit(kind, (most, most))


def filter_calls(code: bytes) -> None:
    """Let a filter judge all system calls from now on; an empty one is none. Raises OSError."""
    if code:
        program = _Program(len(code) // _INSTRUCTION_BYTES, code)
        _checked(_libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0))


def _become(parent: int, arguments: Sequence[str]) -> None:
    """Turn this process into the confined compiler. Raises OSError."""
    _checked(_libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        return  # it died before we asked to be told
    split = arguments.index("--")
    folder, *numbers = arguments[:5]
    calls = bytes.fromhex(arguments[5])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    _give_up_rights()
    limit(*map(int, numbers))
    _restrict((folder, *arguments[6:split]))
    filter_calls(calls)
    command = list(arguments[split + 1 :])
    os.execve(command[0], command, os.environ)  # noqa: S606 - an argument vector, no shell


def _watch(child: int) -> bool:
    """Wait for the compiler; False when whoever started us went away first."""
    poll = select.poll()
    ended = os.pidfd_open(child)
    poll.register(ended, select.POLLIN)
    poll.register(0, 0)  # a hang-up is always told
    return any(descriptor == ended for descriptor, _ in poll.poll())


def _remove(folder: str) -> None:
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            os.unlink(entry.path)  # noqa: PTH108 - pathlib takes longer to load than we run
        os.rmdir(folder)  # noqa: PTH106 - as above


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the compiler; returns its exit code, or 128 and the signal's number."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            _become(parent, arguments)
        except OSError as error:
            print(f"landlock: {error.strerror or error}", file=sys.stderr, flush=True)
        os._exit(_NOT_STARTED)
    if not _watch(child):
        os.kill(child, signal.SIGKILL)
        _remove(arguments[0])
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
