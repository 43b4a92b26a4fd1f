"""External schedulers from the command line, beside the repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schedtui.measure.catalogue import WORKLOADS
from tests.fakes.bench import FakeBench
from tests.fakes.cli_services import ScriptedServices, ScriptedVerifier
from tests.fakes.externals import any_program_in, found_in, install
from tests.fakes.results import result_row
from tests.unit.cli.test_cli_policies import policies
from tests.unit.cli.test_cli_sweep import Desk, bench
from tests.unit.cli.test_cli_verbs import Call


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


# in trials and sweeps -------------------------------------------------------------------------


def desk(folder: Path, **benches: FakeBench) -> Desk:
    """One user with some policies and one external scheduler."""
    install(folder / "bin", "scx_bpfland")
    install(folder / "bin", "scx_mystery")
    user = Desk(folder, **benches)
    user.services.known_externals = any_program_in(folder / "bin")
    return user


def test_a_trial_starts_it_with_the_options_that_were_set(tmp_path: Path) -> None:
    offered = ScriptedServices(known_loads=WORKLOADS)
    install(tmp_path, "scx_bpfland")
    offered.known_externals = any_program_in(tmp_path)
    verifier = ScriptedVerifier()
    offered.checker = verifier
    call = Call(
        offered,
        verb="trial",
        subject="scx_bpfland",
        load="request_service",
        settings=("slice_us=300", "no_wake_sync=true"),
        json=True,
    )
    assert call.code == 1
    arguments = "--slice-us 300 --no-wake-sync"
    assert verifier.seen == [("scx_bpfland", arguments, "request_service")]
    assert len(call.document["unverified"]) == 3


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("--set slice_us=1", "outside 100 to 1000000 us"),
        ("--set sticky_tasks=true", "has no parameter called 'sticky_tasks'"),
        ("--set exit-dump-len=7", "has no parameter called"),
        ("--against defaults", "takes no --against"),
    ],
)
def test_no_other_option_reaches_it(tmp_path: Path, asked: str, word: str) -> None:
    user = desk(tmp_path, good=bench(2))
    user.called(f"trial scx_bpfland --load request_service {asked}")
    assert user.code == 2
    assert word in user.talk
    assert user.course() == []


def test_a_sweep_compares_those_that_fit(tmp_path: Path) -> None:
    user = desk(tmp_path, good=bench(2), scx_bpfland=bench(8), scx_mystery=bench(9))
    user.services.known_policies = user.services.known_policies[:1]
    body = user.document("sweep --load request_service")
    assert (body["outcome"], body["winner"]) == ("winner", "scx_bpfland")
    assert body["policies"] == ["good", "scx_bpfland"]
    assert body["left_out"] == [
        {
            "policy": "scx_mystery",
            "reason": "nothing is known of it: name it to have it compared",
        }
    ]
    assert len(body["unverified"]) == 3
    assert "of external schedulers is not verified: Its source is not known" in user.talk
    own = user.document("sweep --load request_service --policies good,scx_mystery")
    assert own["winner"] == "scx_mystery"


def test_history_shows_the_program_and_no_source(tmp_path: Path) -> None:
    user = desk(tmp_path, good=bench(2))
    row = replace(result_row("scx_bpfland"), program_sha256="ab" * 32, source_sha256="")
    user.store.append(row)
    lines = user.called("history 1").splitlines()
    assert f"  program     {'ab' * 32}" in lines
    assert f"  manifest    {row.object_sha256}" in lines
    assert not any(line.startswith("  source") for line in lines)
