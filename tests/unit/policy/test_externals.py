"""External schedulers: who may be started, what helps say, what notes add."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schedtui.model.external import External, Program
from schedtui.policy.errors import PolicyError
from schedtui.policy.external.help import ask, read_options
from schedtui.policy.external.notes import (
    command_arguments,
    external,
    flag_of,
    joined,
    noted_names,
)
from schedtui.policy.external.programs import Trust, find_programs
from tests.fakes.externals import found_in, install, trusting

PROGRAM = Program("/usr/bin/scx_bpfland", "ab" * 32, 7)


def bpfland(folder: Path) -> External:
    install(folder, "scx_bpfland")
    (scheduler,) = found_in(folder).schedulers
    return scheduler


def test_only_what_nobody_else_can_change_is_found(tmp_path: Path) -> None:
    first, second, loose = tmp_path / "first", tmp_path / "second", tmp_path / "loose"
    for folder, names in (
        (first, ("scx_rusty", "scx_open", "scx_loader", "scxtop", "scx_Odd")),
        (second, ("scx_rusty", "scx_lavd")),
        (loose, ("scx_flash",)),
    ):
        for name in names:
            install(folder, name)
    (first / "scx_open").chmod(0o775)
    (first / "scx_link").symlink_to(loose / "scx_flash")
    (first / "scx_gone").symlink_to(tmp_path / "nothing")
    (first / "scx_folder").mkdir()
    loose.chmod(0o777)
    found = find_programs((first, second, loose), trusting(tmp_path))
    assert [name for name, _ in found.programs] == ["scx_lavd", "scx_rusty"]
    assert dict(found.programs)["scx_rusty"].path == str(first / "scx_rusty")
    faults = "\n".join(found.faults)
    assert f"{first}/scx_open is not used: others than root can change {first}/scx_open" in faults
    assert f"{first}/scx_link is not used: others than root can change {loose}" in faults
    assert f"{loose}/scx_flash is not used: others than root can change {loose}" in faults
    assert "scx_gone is not used: it cannot be read" in faults
    assert "scx_folder is not used: it is no program" in faults
    assert len(found.faults) == 5


def test_a_program_of_somebody_else_is_not_found(tmp_path: Path) -> None:
    path = install(tmp_path, "scx_rusty")
    stranger = path.stat().st_uid + 1
    if stranger == 1:  # root's files are everybody's to run
        path.chmod(0o777)
    found = find_programs((tmp_path,), Trust(stranger, tmp_path))
    assert found.programs == ()
    assert len(found.faults) == 1


def test_the_help_of_an_installed_program_is_read(tmp_path: Path) -> None:
    scheduler = bpfland(tmp_path)
    said = asyncio.run(ask(scheduler.program))
    assert (said.version, said.trouble) == ("scx_bpfland 9.8.7 x86_64", "")
    options = {option.flags[-1]: option for option in said.options}
    assert list(options)[:3] == ["--exit-dump-len", "--slice-us", "--slice-us-lag"]
    assert options["--slice-us"].flags == ("-s", "--slice-us")
    assert (options["--slice-us"].value, options["--slice-us"].default) == ("SLICE_US", "5000")
    assert options["--slice-us"].meaning == "Maximum scheduling slice duration in microseconds"
    assert (options["--verbose"].value, options["--no-wake-sync"].value) == ("", "")
    assert options["--primary-domain"].meaning.endswith("automatically detect the CPUs")
    hostile = options["--slice-us-lag"].meaning
    assert hostile.endswith(r"\x1b[31mRed\x1b[0m [bold]text[/]")


def test_a_help_written_by_hand_is_read() -> None:
    said = read_options(
        b"scx_simple: invalid option -- '-'\nUsage: scx_simple [-f] [-v]\n\n"
        b"  -f            Use FIFO scheduling\n"
        b"  -s SLICE_US   Override slice duration (default: 20)\n"
        b"  -h            Display this help\n"
    )
    assert [(each.flags, each.value, each.default) for each in said] == [
        (("-f",), "", ""),
        (("-s",), "SLICE_US", "20"),
        (("-h",), "", ""),
    ]
    assert said[1].meaning == "Override slice duration"


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ("#!/bin/sh\nwhile :; do echo '  -x  y'; done\n", "its help is too long"),
        ("#!/bin/sh\nkill -9 $$\n", "its help names no options"),
        ("#!/nowhere\n", "it"),
    ],
)
def test_a_program_that_gives_no_help_is_told(tmp_path: Path, script: str, trouble: str) -> None:
    path = install(tmp_path, "scx_odd", script)
    said = asyncio.run(ask(Program(str(path), "", 1)))
    assert said.options == ()
    assert said.trouble.startswith(trouble)


def test_no_help_makes_the_reader_work_for_long() -> None:
    long = b"  -" + b"a" * 4000 + b"\n"
    assert read_options(long * 3000 + b"  --x" + b" " * 390 + b"y\n") == ()
    assert len(read_options(b"  --some-flag <VALUE>\n" * 5000)) == 120


def test_notes_and_help_become_one(tmp_path: Path) -> None:
    scheduler = bpfland(tmp_path)
    assert scheduler.noted
    assert {"sticky_tasks", "slice_us"} <= {each.name for each in scheduler.parameters}
    installed = joined(scheduler, asyncio.run(ask(scheduler.program)))
    offered = {each.name: each.default for each in installed.parameters}
    assert offered == {"slice_us": 5000, "slice_us_lag": 40000, "no_wake_sync": False}
    values = {"slice_us": 300, "no_wake_sync": True}
    assert command_arguments(installed, values) == ("--slice-us", "300", "--no-wake-sync")
    assert command_arguments(installed, {"no_wake_sync": False}) == ()
    with pytest.raises(PolicyError, match="outside"):
        command_arguments(installed, {"slice_us": 1})


def test_what_is_not_known_takes_no_options() -> None:
    unknown = external("scx_mystery", PROGRAM)
    assert (unknown.noted, unknown.parameters, unknown.families) == (False, (), ())
    assert unknown.kernel_name == "mystery"


@pytest.mark.parametrize("name", noted_names())
def test_all_notes_are_complete(name: str) -> None:
    scheduler = external(name, PROGRAM)
    assert scheduler.noted
    assert scheduler.families
    assert scheduler.use_cases
    assert scheduler.limits
    assert len(scheduler.unverified) == 3
    assert all(flag_of(each).startswith("-") for each in scheduler.parameters)
