"""Installed programs for tests: real files that print a real help."""

from __future__ import annotations

import os
from pathlib import Path

from schedtui.engine.externals import Externals
from schedtui.model.external import External, Manifest, ProgramFile
from schedtui.model.parcel import CarriedFile
from schedtui.policy.external.bundle import Bundle
from schedtui.policy.external.programs import Trust

HELP = r"""A scheduler for tests.

Usage: scx_bpfland [OPTIONS]

Options:
      --exit-dump-len <EXIT_DUMP_LEN>
          Exit debug dump buffer length. 0 indicates default

          [default: 0]

  -s, --slice-us <SLICE_US>
          Maximum scheduling slice duration in microseconds

          [default: 5000]

  -l, --slice-us-lag <SLICE_US_LAG>
          Maximum time slice lag. \033[31mRed\033[0m [bold]text[/]

  -w, --no-wake-sync
          Disable direct dispatch during synchronous wakeups

  -m, --primary-domain <PRIMARY_DOMAIN>
          Specifies the initial set of CPUs

          Special values:
           - "auto" = automatically detect the CPUs

          [default: auto]

  -v, --verbose...
          Enable verbose output

  -V, --version
          Print scheduler version and exit

  -h, --help
          Print help (see a summary with '-h')
"""

_SCRIPT = """#!/bin/sh
case "$1" in
--help) printf '{help}' ;;
--version) echo 'scx_bpfland 9.8.7 x86_64' ;;
*) exit 3 ;;
esac
"""


def install(folder: Path, name: str, text: str = "") -> Path:
    """Put a program into a folder, which is made."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text or _SCRIPT.format(help=HELP.replace("'", "'\\''")))
    path.chmod(0o755)
    return path


def trusting(folder: Path) -> Trust:
    """Whose files are good enough in a test: this user's, below a folder of the test."""
    return Trust(os.getuid(), folder)


def found_in(folder: Path) -> Externals:
    """The external schedulers in one folder."""
    return Externals((folder,), trusting(folder))


class AnyProgram(Externals):
    """Takes a script for a program of the sandbox's kind."""

    async def ready(self, scheduler: External, arguments: tuple[str, ...]) -> Bundle:
        """Return the script alone."""
        return bundled(scheduler, arguments)


def any_program_in(folder: Path) -> AnyProgram:
    """The external schedulers in one folder, of whatever kind they are."""
    return AnyProgram((folder,), trusting(folder))


def bundled(scheduler: External, arguments: tuple[str, ...] = ()) -> Bundle:
    """Return a bundle that holds a program and nothing else."""
    program = scheduler.program
    file = CarriedFile(scheduler.name, Path(program.path).read_bytes(), executable=True)
    row = ProgramFile(scheduler.name, program.size, program.sha256)
    manifest = Manifest(scheduler.kernel_name, scheduler.name, "", arguments, (row,))
    return Bundle(scheduler, manifest, (file,))
