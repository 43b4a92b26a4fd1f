"""Which policies a sweep compares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.commands.sweep_request import OFFERED
from schedtui.measure.catalogue import REQUEST_SERVICE, WORKLOADS, workload
from schedtui.measure.fitting import fitting
from schedtui.model.goal import Family
from schedtui.model.trial import WorkloadSpec
from schedtui.policy.repository import load_repository
from tests.fakes.samples import FIFO, policy

SERVICE = replace(policy("service", FIFO), requires=("sched_ext",))
GAME = replace(SERVICE, name="game", families=(Family.INTERACTIVE,))
SMT = replace(SERVICE, name="pairs", requires=("sched_ext", "several threads per core"))


def test_family_and_requirements_are_hard_filters() -> None:
    fit, left_out = fitting((GAME, SERVICE, SMT), REQUEST_SERVICE, OFFERED)
    assert fit == (SERVICE,)
    assert {each.policy: each.reason for each in left_out} == {
        "game": "it is made for interactive tasks beside batch work",
        "pairs": "it requires what the target is not known to have: several threads per core",
    }


def test_a_load_of_no_known_kind_rules_no_family_out() -> None:
    fit, left_out = fitting((GAME, SERVICE, SMT), workload("phases"), OFFERED)
    assert [each.name for each in fit] == ["game", "service"]
    assert [each.policy for each in left_out] == ["pairs"]


@pytest.mark.parametrize(
    ("load", "families"),
    [
        ("request_service", {Family.SERVICE}),
        ("service_chain", {Family.SERVICE}),
        ("uneven_batch", {Family.BATCH_SKEWED, Family.BATCH_UNIFORM}),
        ("uniform_batch", {Family.BATCH_UNIFORM}),
        ("game_compile", {Family.INTERACTIVE}),
        ("periodic", {Family.INTERACTIVE}),
        ("adversary", {Family.INTERACTIVE}),
        ("messages", set(Family)),
    ],
)
def test_a_load_of_a_known_kind_fits_its_families(load: str, families: set[Family]) -> None:
    one_each = [replace(SERVICE, name=family.value, families=(family,)) for family in Family]
    fit, _ = fitting(one_each, workload(load), OFFERED)
    assert {family for each in fit for family in each.families} == families


def test_nothing_offered_fits_nothing_that_requires_something() -> None:
    assert fitting((SERVICE,), REQUEST_SERVICE, ())[0] == ()


@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
def test_every_load_has_a_policy_of_the_repository_to_compare(spec: WorkloadSpec) -> None:
    repository = load_repository()
    fit, left_out = fitting(repository, spec, OFFERED)
    assert fit
    assert len(fit) + len(left_out) == len(repository)
    assert not [each for each in left_out if "requires" in each.reason]
