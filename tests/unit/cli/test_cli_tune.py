"""``tune``: from a command line to parameters that are better, or to the word that none are."""

from __future__ import annotations

import asyncio
import io
import math
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schedtui.cli import read_options
from schedtui.commands.context import Context
from schedtui.commands.output import Output
from schedtui.commands.tune import run as run_tune_verb
from schedtui.engine.port import EngineError
from schedtui.measure.recheck import recheck
from schedtui.model.battery import Depth
from schedtui.model.policy import Policy
from schedtui.model.results import ResultRow
from tests.fakes import samples
from tests.fakes.bench import FakeBench, PeriodicBench
from tests.fakes.desk import CommandDesk
from tests.fakes.tuning import SettingVerifier, slice_ms
from tests.unit.measure.test_proposing import needs_optuna

TUNE = "tune rtc_fifo --load request_service --sampler sample --trials 6"


def peak(milliseconds: float) -> float:
    """Twice as good as the default by default (5 ms), eight times near 80 ms."""
    return 2 + 6 * math.exp(-(math.log(max(milliseconds, 0.1) / 80) ** 2))


def live_policy(*, also: bool = False) -> Policy:
    """Return the policy of the samples with its slice as a live parameter."""
    (turn,) = samples.POLICIES[0].parameters
    live = replace(turn, live=True)
    line = f"LIVE_PARAMETER slice_ns = {{ {turn.default}, {turn.minimum}, {turn.maximum} }};"
    source = re.sub("const volatile u64 slice_ns = .*;", line, samples.POLICIES[0].source)
    fixed = replace(turn, name="fixed", default=5, minimum=1, maximum=9)
    parameters = (live, fixed) if also else (live,)
    source += "const volatile u64 fixed = 5;\n" if also else ""
    return replace(samples.POLICIES[0], parameters=parameters, source=source)


class Desk(CommandDesk):
    """One user on a machine that knows what each slice is worth."""

    def __init__(self, folder: Path, *, optuna: bool = False, **machine: Any) -> None:
        self.machine = SettingVerifier(FakeBench({}, {}), **machine)
        folder.mkdir(exist_ok=True)
        super().__init__(folder, self.machine, samples.POLICIES)
        self.services.host.modules = ("optuna",) if optuna else ()

    def rows(self) -> list[ResultRow]:
        return [stored.row for stored in self.store.rows() if stored.row]

    def know(self, policy: Policy) -> None:
        self.services.known_policies = (policy,)


@pytest.mark.parametrize("sampler", ["sample", pytest.param("optuna", marks=needs_optuna)])
def test_a_better_setting_is_found_and_proved(tmp_path: Path, sampler: str) -> None:
    desk = Desk(tmp_path, worth=peak, optuna=sampler == "optuna")
    body = desk.document(f"{TUNE} --trials 12 --sampler {sampler}")
    assert (body["outcome"], desk.code) == ("better than the defaults", 0)
    found = body["setting"]["slice_ns"] / 1e6
    assert 40 < found < 160
    (full,) = body["full_trials"]
    assert full["result"]["baseline_parameters"] == [["slice_ns", 5_000_000]]
    assert full["result"]["parameters"] == [["slice_ns", body["setting"]["slice_ns"]]]
    assert full["result"]["trial"]["control"]["unfit"] == ""
    assert full["result"]["judgement"]["outcome"] == "better"
    last = body["against_default"]["result"]
    assert last["baseline_parameters"] == []
    factor = last["trial"]["objective"]["factor"]
    assert factor == pytest.approx(peak(found), rel=0.05)
    assert full["result"]["trial"]["objective"]["factor"] == pytest.approx(factor / 2, rel=0.05)


def test_rounds_set_live_parameters_and_full_trials_load_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.know(live_policy())
    body = desk.document(f"{TUNE} --trials 6")
    assert body["outcome"] == "better than the defaults"
    heats = [row for row in desk.rows() if row.sweep_round]
    loaded = {row.source_sha256 for row in heats}
    assert heats
    assert {row.live for row in heats} == {("slice_ns",)}
    assert len({row.parameters for row in heats}) == 6
    full = [row for row in desk.rows() if not row.sweep_round]
    assert [row.live for row in full] == [(), ()]
    # One source for all settings of the rounds; what is recommended was measured as it is loaded.
    assert len(loaded) == 1
    assert loaded.isdisjoint(row.source_sha256 for row in full)
    assert [recheck(row) for row in desk.rows()] == [""] * len(desk.rows())
    assert not desk.machine.holds


def test_what_is_given_is_loaded_with_live_parameters(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.know(live_policy(also=True))
    desk.document(f"{TUNE} --trials 2")
    assert all(aim.live is None for _, _, aim in desk.machine.tried)
    desk.machine.tried.clear()
    desk.document(f"{TUNE} --trials 2 --set fixed=7")
    _, source, aim = desk.machine.tried[0]
    assert aim.live is not None
    assert aim.live.baseline == (("slice_ns", 5_000_000),)
    assert source == aim.baseline_source
    assert "u64 fixed = 7;" in source


def test_without_a_better_setting_it_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=lambda _: 2.0)
    said = desk.called(TUNE)
    assert said.startswith("rtc_fifo on request_service: no better than the defaults\n")
    assert "none of 6 settings was shown to be better than the defaults; of the best, " in said
    assert "use it" not in said
    assert desk.code == 0
    body = desk.document(TUNE)
    assert (body["setting"], body["against_default"]) == (None, None)


def test_when_all_settings_are_worse_no_full_trial_is_needed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=lambda ms: 8.0 if ms == 5 else 1.0)
    body = desk.document(TUNE)
    assert (body["outcome"], body["full_trials"], desk.code) == (
        *("no better than the defaults", []),
        0,
    )
    assert {place["leaves"] for done in body["rounds"] for place in done["places"]} == {
        "worse than the defaults"
    }


@pytest.mark.parametrize("kind", [FakeBench, PeriodicBench])
def test_an_unfit_host_claims_nothing_and_ends_it_at_once(
    tmp_path: Path, kind: type[FakeBench]
) -> None:
    noise = 1.5 if kind is FakeBench else 0.003
    desk = Desk(tmp_path, worth=peak, kind=kind, more={"noise": noise})
    body = desk.document(TUNE)
    assert (body["outcome"], body["setting"], desk.code) == ("no answer", None, 3)
    assert ": host unfit: " in body["sentence"]
    assert "--pairs 20" in body["fix"]
    assert len(desk.machine.tried) == 1
    (row,) = desk.rows()
    assert (row.outcome, recheck(row)) == ("host unfit", "")
    if kind is PeriodicBench:
        assert "of the policy with its defaults differs from itself" in body["sentence"]


def test_why_a_host_is_unfit_is_told_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak, kind=PeriodicBench, more={"noise": 0.003})
    assert desk.called(TUNE).count("differs from itself") == 1
    assert desk.talk.count("differs from itself") == 1


def test_better_than_the_defaults_is_not_better_than_the_default(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=lambda ms: 0.4 if ms == 5 else 0.8)
    body = desk.document(TUNE)
    assert (body["outcome"], desk.code) == ("better than the defaults", 0)
    assert "; but against the default scheduler: worse than the default: " in body["sentence"]


def test_a_guardrail_of_the_default_scheduler_holds_for_settings_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak, rate=lambda _: 0.5)
    body = desk.document(TUNE)
    assert (body["outcome"], desk.code) == ("better than the defaults", 1)
    assert "; but against the default scheduler: guardrail broken: rate_per_s" in body["sentence"]


def test_a_setting_that_breaks_a_guardrail_leaves_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak, rate=lambda ms: 0.5 if ms > 50 else 1.0)
    body = desk.document(TUNE)
    places = {place["policy"]: place for place in body["rounds"][0]["places"]}
    greedy = {name for name, place in places.items() if place["leaves"] == "guardrail broken"}
    assert {int(name.partition("=")[2]) > 50_999_999 for name in greedy} == {True}
    assert body["setting"]["slice_ns"] < 51_000_000


def test_no_more_pairs_are_spent_on_what_cannot_win(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.called(TUNE)
    late = [row for row in desk.rows() if row.sweep_round > 1 and row.trial]
    given_up = [row for row in late if row.trial and len(row.trial.pairs) < row.max_pairs]
    assert given_up
    best = max(row.trial.objective.factor for row in late if row.trial)
    assert all(row.trial.objective.high < best for row in given_up if row.trial)


def test_every_trial_is_kept_with_what_repeats_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    body = desk.document(f"{TUNE} --trials 4 --seconds 3 --seed 9")
    rows = desk.rows()
    assert [recheck(row) for row in rows] == [""] * len(rows)
    assert len({row.parameters for row in rows if row.sweep_round == 1}) == 4
    assert {row.command for row in rows if row.sweep_round} == {tuple(body["command"])}
    assert shlex.join(body["command"]) == (
        "schedtui tune rtc_fifo --trials 4 --sampler sample --seed 9 --load request_service "
        "--metric request_p99_us --pairs 7 --seconds 3"
    )
    first, desk.machine.tried = desk.machine.tried, []
    desk.document(shlex.join(body["command"][1:]))
    assert desk.machine.tried[:5] == first[:5]


def test_the_full_trials_can_be_repeated_by_themselves(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.called(TUNE)
    against, last = desk.rows()[-2:]
    tried = desk.machine.tried[-2:]
    assert against.command[-2:] == ("--against", "defaults")
    for row in (against, last):
        desk.called(shlex.join(row.command[1:]))
        assert desk.rows()[-1].parameters == row.parameters
        assert desk.rows()[-1].baseline_source_sha256 == row.baseline_source_sha256
    assert desk.machine.tried[-2:] == tried


def test_history_tells_the_settings_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    body = desk.document(f"{TUNE} --trials 2")
    listed = desk.called("history").splitlines()
    one = body["rounds"][0]["places"][0]["policy"]
    name = f"rtc_fifo ({one}) on request_service, against its defaults"
    assert any(f"{name}: ranked in round 1 of a tuning; " in text for text in listed)
    number = body["full_trials"][0]["place"]["id"]
    whole = desk.called(f"history {number}")
    assert f"{name}: better" in whole
    assert "  baseline    the policy itself with slice_ns=5000000\n" in whole
    assert " with its defaults, " in whole
    assert "control     defaults against themselves" in whole


def test_a_baseline_with_given_parameters_is_not_called_the_defaults(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    trial = "trial rtc_fifo --load request_service --set slice_ns=60000000"
    said = desk.called(f"{trial} --against slice_ns=900000")
    assert "rtc_fifo (slice_ns=60000000) on request_service, against its baseline setting" in said
    assert " with its baseline setting, " in said
    assert "baseline setting against itself" in said
    assert "(its baseline setting " in desk.talk
    assert "default" not in said.replace("--against", "").replace("by default", "")
    assert recheck(desk.rows()[-1]) == ""
    same = desk.called(f"{trial} --against slice_ns=5000000")
    assert ", against its defaults: " in same
    assert "(its defaults " in desk.talk


def test_settings_worse_than_a_given_baseline_are_told_as_that(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=lambda ms: 8.0 if ms == 5 else 1.0)
    with_another(desk)
    body = desk.document(f"{TUNE} --set other_ns=7")
    assert {place["leaves"] for done in body["rounds"] for place in done["places"]} == {
        "worse than the baseline setting"
    }


def test_policies_show_what_was_found_as_long_as_the_policy_is_the_same(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    assert desk.document("policies show rtc_fifo")["tuned"] == []
    body = desk.document(TUNE)
    number = body["full_trials"][0]["place"]["id"]
    (known,) = desk.document("policies show rtc_fifo")["tuned"]
    assert dict(known["changed"]) == body["setting"]
    assert (known["load"], known["id"]) == ("request_service", number)
    said = desk.called("policies show rtc_fifo")
    assert "\nbetter than the defaults:\n  - slice_ns=" in said
    assert f" on request_service: request_p99_us {known['objective']['factor']:.2f}x [" in said
    assert desk.document("policies show vtime_fair")["tuned"] == []
    changed = replace(samples.POLICIES[0], source=samples.FIFO + "/* mended */")
    desk.know(changed)
    assert desk.document("policies show rtc_fifo")["tuned"] == []


def test_better_than_another_setting_is_not_better_than_the_defaults(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    line = "trial rtc_fifo --load request_service --set slice_ns=60000000 --against slice_ns=900000"
    desk.called(line)
    assert desk.rows()[-1].outcome == "better"
    assert desk.document("policies show rtc_fifo")["tuned"] == []


def test_what_was_given_on_both_sides_is_part_of_a_known_setting(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    with_another(desk)
    setting = desk.document(f"{TUNE} --set other_ns=7")["setting"]
    (known,) = desk.document("policies show rtc_fifo")["tuned"]
    assert dict(known["changed"]) == {"slice_ns": setting["slice_ns"], "other_ns": 7}
    assert known["given"] == [["other_ns", 7]]
    assert ", against other_ns=7, kernel " in desk.called("policies show rtc_fifo")


def test_a_row_that_is_not_believed_is_no_known_setting(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.called(TUNE)
    against = desk.rows()[-2]
    assert against.trial
    assert against.judgement
    other = Desk(tmp_path / "other", worth=peak)
    seen = replace(against.trial.objective, low=9.0, factor=9.5, high=10.0)
    other.store.append(replace(against, trial=replace(against.trial, objective=seen)))
    other.store.append(replace(against, sweep_round=2))
    assert other.document("policies show rtc_fifo")["tuned"] == []


def test_a_policy_is_shown_also_where_the_results_cannot_be_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    (tmp_path / "results.sqlite3").write_text("no database at all, but of some length" * 99)
    assert desk.document("policies show rtc_fifo")["tuned"] == []
    assert desk.code == 0
    assert "results.sqlite3 cannot be used" in desk.talk


def test_a_row_that_names_another_baseline_is_not_believed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.called(TUNE)
    against, last = desk.rows()[-2:]
    assert recheck(replace(against, baseline_parameters=())) != ""
    assert recheck(replace(last, baseline_parameters=last.parameters)) != ""


def with_another(desk: Desk) -> None:
    """Let the policy have one more parameter."""
    known = desk.services.known_policies[0]
    other = replace(known.parameters[0], name="other_ns", minimum=1, maximum=9, default=1)
    source = f"{known.source}\nconst volatile u64 other_ns = 1;\n"
    desk.know(replace(known, parameters=(*known.parameters, other), source=source))


def test_given_parameters_hold_on_both_sides_and_are_not_searched(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    with_another(desk)
    body = desk.document(f"{TUNE} --set other_ns=7")
    assert (body["searched"], body["given"]) == (["slice_ns"], {"other_ns": 7})
    for row in desk.rows()[:-1]:
        assert dict(row.parameters)["other_ns"] == 7
        assert row.baseline_parameters == (("slice_ns", 5_000_000), ("other_ns", 7))
    against, last = desk.rows()[-2:]
    assert against.command[-2:] == ("--against", "other_ns=7")
    assert shlex.join(last.command).endswith(
        f"--set other_ns=7 --set slice_ns={body['setting']['slice_ns']}"
    )
    assert all("other_ns = 7;" in aim.baseline_source for _, _, aim in desk.machine.tried[:-1])


def narrow(desk: Desk, most_ns: int) -> None:
    """Let the policy's slice be from its default to this."""
    known = desk.services.known_policies[0]
    (slice_ns,) = known.parameters
    desk.know(replace(known, parameters=(replace(slice_ns, minimum=5_000_000, maximum=most_ns),)))


def test_one_setting_alone_has_its_full_trials_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=lambda ms: 4.0 if ms > 5 else 2.0)
    narrow(desk, 5_100_000)
    body = desk.document(TUNE)
    assert (body["outcome"], desk.code) == ("better than the defaults", 0)
    assert (body["setting"], body["rounds"]) == ({"slice_ns": 5_100_000}, [])
    assert [each["place"]["policy"] for each in body["full_trials"]] == ["slice_ns=5100000"]
    assert body["full_trials"][0]["result"]["parameters"] == [["slice_ns", 5_100_000]]
    assert body["against_default"]["place"]["policy"] == "slice_ns=5100000"


def test_one_setting_alone_that_is_no_better_is_told_as_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    narrow(desk, 5_100_000)
    said = desk.called(TUNE)
    assert "the setting was not shown to be better than the defaults; of the best, slice" in said
    assert desk.code == 0


def test_a_range_in_which_nothing_differs_is_usage(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    narrow(desk, 5_000_001)
    assert "no setting but its defaults" in desk.document(TUNE)["error"]["sentence"]
    assert (desk.code, desk.machine.tried) == (2, [])


def test_progress_names_rounds_settings_and_the_time_left(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.called(f"{TUNE} --trials 2")
    lines = desk.talk.splitlines()
    assert lines[0] == "rtc_fifo: slice_ns; at most 2 settings, from a Latin hypercube"
    assert lines[1] == "round 1: 2 settings, 2 pairs each; about 27 pairs to come in all"
    assert lines[2].startswith("slice_ns=")
    assert lines[2].endswith(", round 1")
    pairs = [text for text in lines if text.strip().startswith(("pair ", "defaults against"))]
    assert all(text.endswith(" s more") for text in pairs[:-1])
    assert any(", full trial against the policy with its defaults" in text for text in lines)
    assert any(", full trial against the default scheduler" in text for text in lines)


def test_the_page_shows_the_search_and_both_trials(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    page = tmp_path / "tune.html"
    desk.called(f"{TUNE} --report {page}")
    text = page.read_text()
    assert "<h1>rtc_fifo on request_service: better than the defaults</h1>" in text
    assert text.count("<h2>Full trial</h2>") == 2
    assert "defaults against themselves" in text
    assert "default against itself" in text
    assert "the policy itself with slice_ns=5000000" in text


def test_what_the_machine_lacks_is_said_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.machine.broken["rtc_fifo"] = EngineError("there is no QEMU", "apt install qemu")
    body = desk.document(TUNE)
    assert body == {"error": {"sentence": "there is no QEMU", "fix": "apt install qemu"}}
    assert (desk.code, len(desk.machine.tried)) == (3, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tune nothing --load request_service", "no policy called 'nothing'; known: rtc_fifo"),
        ("tune rtc_fifo --load nothing", "tune needs --load, one of: request_service"),
        (f"{TUNE} --set slice_ns=5000000", "no number and no switch left that could be tuned"),
        (f"{TUNE} --set slice_ns=1", "outside"),
        (f"{TUNE} --set other=1", "has no parameter called 'other'"),
        (f"{TUNE} --target local", "throw-away guest"),
        (f"{TUNE} --metric makespan_ms", "has no metric 'makespan_ms'"),
        (
            "trial rtc_fifo --load request_service --against slice_ns=1",
            "outside",
        ),
    ],
)
def test_what_is_not_offered_is_usage_before_anything_starts(
    tmp_path: Path, line: str, reason: str
) -> None:
    desk = Desk(tmp_path, worth=peak)
    assert reason in desk.document(line)["error"]["sentence"]
    assert (desk.code, desk.machine.tried) == (2, [])


@pytest.mark.parametrize(
    "more", ["--trials 1", "--trials 65", "--seed 0", "--sampler luck", "again"]
)
def test_a_wrong_line_is_usage(more: str) -> None:
    with pytest.raises(SystemExit) as stop:
        read_options(shlex.split(f"{TUNE} {more}"))
    assert stop.value.code == 2


def test_a_policy_without_parameters_is_no_baseline_of_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak)
    desk.know(replace(desk.services.known_policies[0], parameters=()))
    desk.called("trial rtc_fifo --load request_service --against defaults")
    assert (desk.code, desk.machine.tried) == (2, [])


def test_without_optuna_the_sample_stands_in_and_asking_for_it_names_the_fix(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, worth=peak)
    line = "tune rtc_fifo --load request_service"
    assert desk.document(f"{line} --trials 2")["sampler"] == "sample"
    missing = desk.document(f"{line} --sampler optuna")["error"]
    assert missing["sentence"] == "Optuna is not installed"
    assert "schedtui[tune]" in missing["fix"]
    assert desk.code == 3


@needs_optuna
def test_optuna_is_used_where_it_is_installed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, worth=peak, optuna=True)
    body = desk.document("tune rtc_fifo --load request_service --trials 4")
    assert body["sampler"] == "optuna"
    assert "--sampler optuna" in shlex.join(body["command"])
    assert "proposed by Optuna" in desk.talk


def test_a_tuning_needs_no_battery_unless_asked() -> None:
    assert read_options(shlex.split(TUNE)).depth is Depth.NONE
    assert read_options(shlex.split(f"{TUNE} --battery quick")).depth is Depth.QUICK


async def test_a_cancelled_tuning_keeps_what_was_finished_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, worth=peak, more={"noise": 0.003, "window_s": 0.005})
    context = Context(
        read_options(shlex.split(TUNE)),
        Output(io.StringIO(), io.StringIO(), json=False),
        desk.services,
    )
    task = asyncio.create_task(run_tune_verb(context))
    await desk.machine.third.wait()
    await desk.machine.made[2].first_attached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not desk.machine.made[2].attached
    assert len(desk.rows()) == 2
    assert [slice_ms(source) for _, source, _ in desk.machine.tried[:2]] == [
        int(str(dict(row.parameters)["slice_ns"])) / 1_000_000 for row in desk.rows()
    ]
