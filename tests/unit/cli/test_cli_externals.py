"""External schedulers from the command line, beside the repository."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.cli_services import ScriptedServices
from tests.fakes.externals import found_in, install
from tests.unit.cli.test_cli_policies import policies


def services(folder: Path) -> ScriptedServices:
    install(folder, "scx_bpfland")
    return ScriptedServices(known_externals=found_in(folder))


def test_they_are_listed_and_found_as_external(tmp_path: Path) -> None:
    call = policies(services(tmp_path), "list")
    assert call.out.splitlines()[-1].split()[:2] == ["scx_bpfland", "external"]
    listed = policies(services(tmp_path), "list", json=True).document
    assert [(each["name"], each["origin"]) for each in listed][-1] == ("scx_bpfland", "external")
    found = policies(services(tmp_path), "search", "interactive desktop")
    assert "scx_bpfland: bpfland: interactive tasks" in found.out
    assert "(external)" in found.out


def test_one_is_shown_with_its_help_and_what_cannot_be_verified(tmp_path: Path) -> None:
    call = policies(services(tmp_path), "show", "scx_bpfland")
    assert call.code == 0
    assert "slice_us = 5000 us (100 to 1000000): Longest turn of a task." in call.out
    assert "-m, --primary-domain <PRIMARY_DOMAIN> (default auto): " in call.out
    assert "  - Its source is not known: no rule, compiler or object gate has seen" in call.out
    assert f"program: {tmp_path}/scx_bpfland\n  scx_bpfland 9.8.7 x86_64\n" in call.out
    assert "\x1b" not in call.out
    shown = policies(services(tmp_path), "show", "scx_bpfland", json=True).document
    assert len(shown["program"]["sha256"]) == 64
    assert shown["help"]["version"] == "scx_bpfland 9.8.7 x86_64"
    assert len(shown["unverified"]) == 3


def test_a_loose_one_is_named_and_none_is_exported(tmp_path: Path) -> None:
    offered = services(tmp_path)
    assert policies(offered, "export", "scx_bpfland", folder=tmp_path / "x").code == 2
    (tmp_path / "scx_bpfland").chmod(0o757)
    call = policies(services_of(tmp_path), "list")
    assert call.talk.startswith(f"schedtui: {tmp_path}/scx_bpfland is not used: others than root")
    assert "scx_bpfland" not in call.out


def services_of(folder: Path) -> ScriptedServices:
    return ScriptedServices(known_externals=found_in(folder))
