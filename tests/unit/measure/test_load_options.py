"""Options of loads, as a person sets them for a measurement."""

from __future__ import annotations

import pytest

from schedtui.measure.catalogue import WORKLOADS, lasting, workload
from schedtui.measure.load_options import with_options
from schedtui.measure.objectives import metrics_of, usual_guardrails
from schedtui.measure.wording import load_name
from schedtui.model.goal import Metric
from schedtui.model.trial import WorkloadSpec

SERVICE = workload("request_service")


def service(text: str) -> WorkloadSpec:
    return with_options(SERVICE, text.split())


def test_what_is_set_stands_for_the_usual_and_the_rest_stays() -> None:
    spec = service("-t 16 -R 800 -L")
    assert spec.arguments == (
        *("-t", "16", "-R", "800", "-L"),
        *("-m", "2", "-n", "5", "-F", "64", "-r", "4"),
    )
    assert load_name(spec) == "request_service -t 16 -R 800 -L"
    assert lasting(spec, 2).arguments[-2:] == ("-r", "2")
    assert service("") == SERVICE
    assert load_name(SERVICE) == "request_service"


def test_what_a_latency_means_follows_from_the_options() -> None:
    assert "being due" in service("-R 800").reports
    assert service("-A 70").reports == service("-R 800").reports
    assert "without locks" in service("-C").reports
    assert service("-s 0").reports == SERVICE.reports


def test_what_serves_no_request_is_not_judged_by_one() -> None:
    spec = service("-p 4096")
    assert spec.objective == Metric.WAKEUP_P99
    assert metrics_of(spec) == (Metric.WAKEUP_P99, Metric.RATE, "wakeup_p50_us")
    rails = [rail.metric for rail in usual_guardrails(spec, spec.objective)]
    assert rails == [Metric.RATE]
    usual = [rail.metric for rail in usual_guardrails(SERVICE, Metric.WAKEUP_P99)]
    assert usual == [Metric.RATE, Metric.REQUEST_P99]


@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
def test_every_load_takes_names(spec: WorkloadSpec) -> None:
    told = with_options(spec, ("--names", "red,blue"))
    assert told.arguments == ("--names", "red,blue", *spec.arguments)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-r 9", "request_service takes no option '-r'; it takes: -m, -t"),
        ("-R 800 -A 50", "only one of -R, -A is possible"),
        ("-R", "-R takes a number from 1 to 1000000"),
        ("-A 101", "-A takes a number from 1 to 100"),
        ("-t 1000000000000", "-t takes a number from 1 to 1024"),
        ("-t ²", "-t takes a number"),
        ("--names Red", "--names takes names of at most 15 small letters"),
        ("\x1b[31m", r"takes no option '\x1b[31m'"),
    ],
)
def test_other_options_are_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - its sentence is looked at
        service(text)
    assert sentence in str(raised.value)
