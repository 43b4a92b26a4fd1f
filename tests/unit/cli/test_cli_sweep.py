"""``sweep``: from a command line to the baseline that a proposal must beat."""

from __future__ import annotations

import asyncio
import io
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from schedtui.cli import read_options
from schedtui.commands.context import Context
from schedtui.commands.output import Output
from schedtui.commands.pace import SweepPace
from schedtui.commands.sweep import run as run_sweep_verb
from schedtui.engine.port import EngineError
from schedtui.measure.recheck import recheck
from schedtui.measure.trial import InconclusiveError
from schedtui.model.battery import Depth
from schedtui.model.events import ControlMeasured, GateStarted, PairMeasured
from schedtui.model.goal import Family, Metric
from schedtui.model.policy import Policy
from schedtui.model.results import ResultRow
from schedtui.model.trial import WorkloadSpec
from schedtui.model.verdict import Finding, GateName, Severity
from tests.fakes import samples
from tests.fakes.bench import FakeBench, PeriodicBench
from tests.fakes.desk import CommandDesk
from tests.fakes.results import BEFORE
from tests.fakes.trying import BenchVerifier

SWEEP = "sweep --load request_service"


def bench(
    times: float, rate: float = 250.0, kind: type[FakeBench] = FakeBench, **more: Any
) -> FakeBench:
    """A policy with a p99 that is so many times better."""
    after = BEFORE | {Metric.REQUEST_P99: BEFORE[Metric.REQUEST_P99] / times, Metric.RATE: rate}
    return kind(BEFORE, after, **({"noise": 0.003} | more))


@dataclass
class Lost(FakeBench):
    """Its machine is lost in the first window from ``lost_after`` windows on."""

    lost_after: int = 0

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        if len(self.specs) >= self.lost_after:
            raise InconclusiveError("the guest's kernel panicked")
        return await super().window(spec)


class Desk(CommandDesk):
    """One user with a repository of policies, each with a bench of its own."""

    def __init__(self, folder: Path, **benches: FakeBench) -> None:
        policies = tuple(samples.policy(name, samples.FIFO) for name in sorted(benches))
        super().__init__(folder, BenchVerifier(bench(1.0), dict(benches)), policies)

    def change(self, name: str, **said: Any) -> None:
        known = self.services.known_policies
        self.services.known_policies = tuple(
            replace(policy, **said) if policy.name == name else policy for policy in known
        )

    def called(self, line: str = SWEEP) -> str:
        return super().called(line)

    def document(self, line: str = SWEEP) -> Any:
        return super().document(line)

    def rows(self) -> list[ResultRow]:
        return [stored.row for stored in self.store.rows() if stored.row]

    def course(self) -> list[tuple[str, int]]:
        """Who was tried in which order, with the most pairs of each trial."""
        return [(name, aim.max_pairs) for name, _, aim in self.verifier.tried]


def fates(body: Any) -> dict[str, str | None]:
    """What was heard last of every policy."""
    places = [place for done in body["rounds"] for place in done["places"]]
    places += [full["place"] for full in body["full_trials"]]
    return {place["policy"]: place["leaves"] for place in places}


def test_the_best_policy_wins_by_its_full_trial(tmp_path: Path) -> None:
    desk = Desk(tmp_path, fair=bench(1.5), good=bench(8), useless=bench(1), weak=bench(1.2))
    body = desk.document()
    assert (body["outcome"], body["winner"], desk.code) == ("winner", "good", 0)
    assert body["sentence"].startswith("good is better than the default: request_p99_us ")
    assert desk.course() == [
        *(("fair", 2), ("good", 2), ("useless", 2), ("weak", 2)),
        *(("good", 4), ("fair", 4)),
        ("good", 7),
    ]
    assert fates(body) == {
        "good": None,
        "fair": "not in the better half",
        "weak": "not in the better half",
        "useless": "not in the better half",
    }
    assert body["full_trials"][0]["result"]["trial"]["control"]["unfit"] == ""


def test_a_command_of_ones_own_has_its_files_in_every_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = {"wall_ms": 100.0, "cpu_ms": 9.0}, {"wall_ms": 20.0, "cpu_ms": 9.0}
    desk = Desk(tmp_path, a=FakeBench(before, before), b=FakeBench(before, after))
    body = desk.document("sweep --command true")
    assert (body["winner"], body["metric"]) == ("b", "wall_ms")
    assert body["command"][:4] == ["env", "-C", str(tmp_path), "schedtui"]
    carried = {aim.parcel.hashes for _, _, aim in desk.verifier.tried}
    assert len(carried) == 1
    assert carried == {row.carried for row in desk.rows()}
    assert Path(carried.pop()[0][0]).name == "true"


def test_rounds_take_exactly_their_pairs_and_one_control_in_all(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8), b=bench(2), c=bench(1))
    desk.called()
    aims = [aim for _, _, aim in desk.verifier.tried]
    assert [(aim.min_pairs, aim.max_pairs, aim.control_pairs, aim.control_for) for aim in aims] == [
        (2, 2, 3, 7),
        *[(2, 2, 0, 0)] * 2,
        *[(4, 4, 0, 0)] * 2,
        (3, 7, 3, 0),
    ]
    ranked = [row for row in desk.rows() if row.sweep_round]
    assert [len(row.trial.pairs) for row in ranked if row.trial] == [2, 2, 2, 4, 4]


def test_every_trial_is_kept_and_follows_from_its_pairs(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8), b=bench(2))
    body = desk.document()
    rows = desk.rows()
    assert [(row.policy, row.sweep_round, row.outcome) for row in rows] == [
        ("a", 1, "ranked"),
        ("b", 1, "ranked"),
        ("a", 0, "better"),
    ]
    assert [recheck(row) for row in rows] == ["", "", ""]
    assert [place["id"] for place in body["rounds"][0]["places"]] == [1, 2]
    assert body["full_trials"][0]["place"]["id"] == 3
    assert body["full_trials"][0]["result"] == desk.document("history 3")["result"]
    listed = desk.called("history")
    assert "b on request_service: ranked in round 1 of a sweep; request_p99_us" in listed
    assert "a on request_service: better; request_p99_us" in listed


def test_the_kept_commands_ask_for_the_same_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(1, rate=900), b=bench(1, rate=400), c=bench(1))
    line = f"{SWEEP} --policies b,a --metric rate_per_s --pairs 5 --seconds 3"
    body = desk.document(line)
    first, desk.verifier.tried = desk.verifier.tried, []
    assert body["policies"] == ["a", "b"]
    assert shlex.join(body["command"]) == (
        "schedtui sweep --policies a,b --load request_service "
        "--metric rate_per_s --pairs 5 --seconds 3"
    )
    again = desk.document(shlex.join(body["command"][1:]))
    assert again["command"] == body["command"]
    assert desk.verifier.tried == first
    assert {row.command for row in desk.rows() if row.sweep_round} == {tuple(body["command"])}
    (full,) = (row for row in desk.rows()[:3] if not row.sweep_round)
    assert shlex.join(full.command).startswith(f"schedtui trial {full.policy} --load ")


def test_a_policy_that_breaks_a_guardrail_leaves_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, greedy=bench(20, rate=100), a=bench(2), b=bench(1))
    body = desk.document()
    assert body["winner"] == "a"
    last = body["rounds"][0]["places"][-1]
    assert (last["policy"], last["leaves"]) == ("greedy", "guardrail broken")
    assert "rate_per_s 0.40x" in last["reason"]
    assert desk.course().count(("greedy", 4)) == 0


@pytest.mark.parametrize("code", ["CMP007", "CMP008", "CMP009"])
def test_who_could_not_be_judged_is_set_aside(tmp_path: Path, code: str) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(9))
    desk.verifier.stopped["b"] = Finding(code, Severity.ERROR, "Nobody knows.")
    places = {place["policy"]: place for place in desk.document()["rounds"][0]["places"]}
    assert (places["b"]["leaves"], places["b"]["reason"]) == ("set aside", "Nobody knows.")


def test_who_is_thrown_out_or_found_out_by_a_gate_leaves_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(9, ejected_after=3), c=bench(9), d=bench(9))
    desk.verifier.stopped["c"] = Finding("KRN001", Severity.ERROR, "The kernel refuses it.")
    desk.verifier.stopped["d"] = Finding("KRN011", Severity.ERROR, "The kernel was not asked.")
    body = desk.document()
    assert (body["winner"], desk.code) == ("a", 0)
    places = {place["policy"]: place for place in body["rounds"][0]["places"]}
    assert places["b"]["leaves"] == "rejected"
    assert "threw it out" in places["b"]["reason"]
    assert (places["c"]["leaves"], places["c"]["id"]) == ("rejected", None)
    assert places["c"]["reason"] == "The kernel refuses it."
    assert places["d"]["leaves"] == "set aside"


def test_a_lost_guest_sets_its_policy_aside_with_the_reason(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(9, kind=Lost), c=bench(9))
    desk.verifier.broken["c"] = EngineError("the guest went away")
    body = desk.document()
    assert (body["winner"], desk.code) == ("a", 0)
    places = {place["policy"]: place for place in body["rounds"][0]["places"]}
    assert (places["b"]["leaves"], places["c"]["leaves"]) == ("set aside", "set aside")
    assert "kernel panicked" in places["b"]["reason"]
    assert places["c"]["reason"] == "the guest went away"
    assert [row.policy for row in desk.rows() if row.no_result] == ["b"]


@pytest.mark.parametrize("metric", ["request_p99_us", "rate_per_s"])
def test_when_all_lose_the_default_is_kept(tmp_path: Path, metric: str) -> None:
    desk = Desk(tmp_path, a=bench(0.5, rate=125), b=bench(0.4, rate=100))
    body = desk.document(f"{SWEEP} --metric {metric}")
    assert (body["outcome"], body["winner"]) == ("keep the default", None)
    assert body["sentence"] == "none of 2 policies was shown to be better than the default"
    assert body["full_trials"] == []


def test_no_difference_keeps_the_default_and_is_an_answer(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(1), b=bench(1))
    body = desk.document()
    assert (body["outcome"], desk.code) == ("keep the default", 0)
    (full,) = body["full_trials"]
    assert full["place"]["leaves"] == "not shown to be better"
    assert full["result"]["judgement"]["outcome"] == "no difference"


def test_when_all_are_refused_the_answer_is_no(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(2, ejected_after=3), b=bench(2, rate=100))
    body = desk.document()
    assert (body["outcome"], body["exit_code"], desk.code) == ("keep the default", 1, 1)


@pytest.mark.parametrize("kind", [FakeBench, PeriodicBench])
def test_an_unfit_host_claims_no_winner(tmp_path: Path, kind: type[FakeBench]) -> None:
    noise = 1.5 if kind is FakeBench else 0.003
    desk = Desk(tmp_path, a=bench(8, rate=2000, kind=kind, noise=noise))
    body = desk.document()
    assert (body["outcome"], body["winner"], desk.code) == ("no answer", None, 3)
    assert body["sentence"].startswith("a: host unfit: ")
    assert "--pairs 20" in body["fix"]


@pytest.mark.parametrize("names", [("a",), ("a", "b")])
def test_why_a_host_is_unfit_is_told_once(tmp_path: Path, names: tuple[str, ...]) -> None:
    why = "request_p99_us of the default scheduler differs from itself"
    desk = Desk(tmp_path, **{name: bench(8, kind=PeriodicBench) for name in names})
    assert desk.called().count(why) == 1
    assert desk.talk.count(why) == 1
    (row,) = desk.rows()
    assert desk.called("history 1").count(why) == 1
    page = desk.document("history 1")["result"]["judgement"]
    assert (why in page["sentence"], row.outcome) == (True, "host unfit")


def test_the_page_shows_the_rounds_and_the_trial_that_decided(tmp_path: Path) -> None:
    desk = Desk(tmp_path, good=bench(8), useless=bench(1), thrown=bench(9, ejected_after=3))
    page = tmp_path / "sweep.html"
    body = desk.document(f"{SWEEP} --report {page}")
    assert desk.talk.endswith(f"report: {page}\n")
    text = page.read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>request_service: winner</h1>" in text
    assert f"<p>{body['sentence']}</p>" in text
    assert text.index("Round 1, 2 pairs each") < text.index("<h2>Full trial</h2>")
    assert "<td>good</td>" in text
    assert "threw it out" in text
    assert "Raw windows of the control" in text
    assert shlex.join(body["command"]) in text
    assert "script" not in text.replace("default-src", "")


def test_a_page_without_a_full_trial_says_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8, kind=Lost))
    page = tmp_path / "sweep.html"
    desk.called(f"{SWEEP} --report {page}")
    text = page.read_text()
    assert "<h1>request_service: no answer</h1>" in text
    assert "kernel panicked" in text


def test_a_page_that_cannot_be_written_loses_no_answer(tmp_path: Path) -> None:
    @dataclass
    class Occupying(FakeBench):
        async def attach(self) -> None:
            (tmp_path / "page.html").mkdir(exist_ok=True)
            await super().attach()

    desk = Desk(tmp_path, only=bench(8, kind=Occupying))
    body = desk.document(f"{SWEEP} --report {tmp_path / 'page.html'}")
    assert (body["winner"], desk.code) == ("only", 3)
    assert "cannot be written" in body["error"]["sentence"]


def test_a_page_that_cannot_be_made_is_usage_before_anything_starts(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8))
    desk.called(f"{SWEEP} --report {tmp_path / 'nowhere' / 'page.html'}")
    assert (desk.code, desk.verifier.tried) == (2, [])


def test_an_unfit_host_ends_the_sweep_at_its_first_trial(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(8, kind=PeriodicBench), c=bench(2))
    desk.verifier.stopped["a"] = Finding("KRN001", Severity.ERROR, "The kernel refuses it.")
    body = desk.document()
    assert desk.course() == [("a", 2), ("b", 2)]
    assert (body["outcome"], body["full_trials"], desk.code) == ("no answer", [], 3)
    assert body["sentence"].startswith("b: host unfit: ")
    assert fates(body) == {"a": "rejected", "b": "host unfit"}
    (row,) = desk.rows()
    assert (row.outcome, recheck(row)) == ("host unfit", "")


def test_a_load_that_fails_without_a_policy_speaks_against_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8, missing_after=2), b=bench(8, missing_after=2))
    body = desk.document()
    assert (body["outcome"], desk.code) == ("no answer", 3)
    assert set(fates(body).values()) == {"set aside"}
    assert "did not report request_p99_us" in body["sentence"]


def test_a_control_for_other_pairs_bears_no_claim(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8), b=bench(2))
    desk.called()
    first = desk.rows()[0]
    assert (first.control_for, recheck(first)) == (7, "")
    assert recheck(replace(first, control_for=20)) != ""
    assert recheck(replace(first, sweep_round=0)) != ""


def test_when_the_first_cannot_be_used_the_runner_up_has_its_full_trial(tmp_path: Path) -> None:
    windows_of_its_round = (1 + 2 * 3) + (2 + 2 * 2)
    lost = bench(8, kind=Lost, lost_after=windows_of_its_round)
    desk = Desk(tmp_path, a=lost, b=bench(3))
    said = desk.called()
    assert said.startswith("request_service: winner\n  answer      b is better than the default")
    assert "\n  full trial  a on request_service: no result\n" in said
    assert "\n  full trial  b on request_service: better\n" in said
    assert desk.course() == [("a", 2), ("b", 2), ("a", 7), ("b", 7)]
    assert desk.code == 0


def test_when_every_guest_is_lost_there_is_no_answer(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8, kind=Lost), b=bench(8, kind=Lost))
    body = desk.document()
    assert (body["outcome"], desk.code) == ("no answer", 3)
    assert "kernel panicked" in body["sentence"]
    assert body["fix"].startswith("run it again")


def test_what_is_missing_for_the_first_is_missing_for_all(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8), b=bench(2))
    desk.verifier.broken["a"] = EngineError("there is no QEMU", "apt install qemu-system-x86")
    body = desk.document()
    expected = {"sentence": "there is no QEMU", "fix": "apt install qemu-system-x86"}
    assert (body, desk.code) == ({"error": expected}, 3)
    assert len(desk.verifier.tried) == 1


@pytest.mark.parametrize(("broken", "fix"), [("a", ""), ("c", ""), ("c", "wait a little")])
def test_a_verifier_that_breaks_off_sets_one_policy_aside(
    tmp_path: Path, broken: str, fix: str
) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(3), c=bench(2))
    desk.verifier.broken[broken] = EngineError("the guest went away", fix)
    body = desk.document()
    last = body["rounds"][0]["places"][-1]
    assert (last["policy"], last["leaves"]) == (broken, "set aside")
    assert (last["reason"], last["id"]) == ("the guest went away", None)
    assert (body["winner"], desk.code) == ("b", 0)


def test_one_policy_goes_to_its_full_trial_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, only=bench(8))
    body = desk.document()
    assert (body["winner"], body["rounds"]) == ("only", [])
    assert desk.course() == [("only", 7)]


def test_hard_filters_come_first_and_are_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(2), game=bench(9), smt=bench(9))
    desk.change("game", families=(Family.INTERACTIVE,))
    desk.change("smt", requires=("two threads per core",))
    body = desk.document()
    assert body["policies"] == ["a"]
    assert [each["policy"] for each in body["left_out"]] == ["game", "smt"]
    assert {name for name, _ in desk.course()} == {"a"}
    said = desk.called()
    assert "  left out    game: it is made for interactive tasks beside batch work\n" in said
    named = desk.document(f"{SWEEP} --policies game,a")
    assert (named["policies"], named["winner"]) == (["a", "game"], "game")


def test_the_answer_is_told_with_rounds_and_evidence(tmp_path: Path) -> None:
    desk = Desk(tmp_path, good=bench(8, noise=0.0), useless=bench(1))
    said = desk.called()
    lines = said.splitlines()
    assert lines[0] == "request_service: winner"
    assert lines[1].startswith("  answer      good is better than the default: request_p99_us ")
    assert "  round 1     2 pairs each, best first" in lines
    assert any("useless: 1.00x [" in text and "not in the better half" in text for text in lines)
    assert any("good: 8.00x [" in text and "goes on" in text for text in lines)
    assert "  full trial  good on request_service: better" in lines
    assert any(text.startswith("  control     default against itself") for text in lines)
    assert lines[-1].startswith("  all again   schedtui sweep --policies good,useless --load")


def test_progress_names_rounds_and_the_time_left_and_claims_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, good=bench(8), useless=bench(1))
    desk.called()
    ranking, _, deciding = desk.talk.partition("good, full trial against the default scheduler\n")
    first, second, *_ = ranking.splitlines()
    assert first == "round 1: 2 policies, 2 pairs each; about 17 pairs to come in all"
    assert second == "good, round 1"
    pairs = [text for text in ranking.splitlines() if text.strip().startswith("pair ")]
    assert len(pairs) == 4
    assert ranking.count("default against itself, pair") == 3
    assert all(text.endswith(" s more") for text in pairs)
    assert not any("better," in text for text in pairs)
    assert any("default against itself" in text for text in deciding.splitlines())
    assert "better, 3 pairs" in deciding


def test_the_time_left_follows_the_pace() -> None:
    now = [100.0]
    pace = SweepPace(lambda: now[0])
    pace.expect(3)
    now[0] = 110.0
    assert pace.left(GateStarted(GateName.RULES, "reading")) == ""
    assert pace.left(PairMeasured(samples.pair(0), None)) == "; about 20 s more"
    now[0] = 130.0
    assert pace.left(ControlMeasured(samples.pair(0), None)) == "; about 15 s more"
    assert pace.left(PairMeasured(samples.pair(1), None)) == ""


def test_equal_policies_keep_the_order_of_the_repository(tmp_path: Path) -> None:
    alike = {name: bench(2, noise=0.0) for name in ("c", "a", "b", "d")}
    desk = Desk(tmp_path, **alike)
    body = desk.document()
    first = [(name, 2) for name in "abcd"]
    assert desk.course() == [*first, ("a", 4), ("b", 4), ("a", 7)]
    assert body["winner"] == "a"


def test_a_row_that_cannot_be_kept_loses_no_answer(tmp_path: Path) -> None:
    @dataclass
    class Spoiling(FakeBench):
        async def attach(self) -> None:
            store = tmp_path / "results.sqlite3"
            store.write_text("this is no database, and it is longer than the header of one" * 9)
            await super().attach()

    desk = Desk(tmp_path, only=bench(8, kind=Spoiling))
    body = desk.document()
    assert (body["outcome"], body["winner"], body["exit_code"]) == ("winner", "only", 3)
    assert "results.sqlite3 cannot be used: " in body["error"]["sentence"]
    assert desk.code == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("sweep --load nothing", "sweep needs --load, one of: request_service"),
        (f"{SWEEP} --metric makespan_ms", "has no metric 'makespan_ms'"),
        (f"{SWEEP} --policies a,nothing", "there is no policy called 'nothing'; known: a, b"),
        (f"{SWEEP} --policies ,", "--policies: no policy; known: a, b"),
        (f"{SWEEP} --policies b", "b cannot be compared here: it requires what the target"),
        (
            f"{SWEEP} --policies a --set slice_ns=9",
            "is not of the form POLICY.NAME=VALUE; policies: a",
        ),
        (f"{SWEEP} --policies a --set b.slice_ns=9", "is not of the form POLICY.NAME=VALUE"),
        (f"{SWEEP} --policies a --set a.slice_ns=9", "outside"),
        (f"{SWEEP} --policies a --set a.nothing=9", "has no parameter called 'nothing'"),
        (f"{SWEEP} --target local", "throw-away guest"),
        ("sweep --load game_compile", "no policy fits game_compile; name some with --policies"),
    ],
)
def test_what_is_not_offered_is_usage_before_anything_starts(
    tmp_path: Path, line: str, reason: str
) -> None:
    desk = Desk(tmp_path, a=bench(2), b=bench(2))
    desk.change("b", requires=("two threads per core",))
    assert reason in desk.document(line)["error"]["sentence"]
    assert desk.code == 2
    assert desk.verifier.tried == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("more", ["--pairs 1", "--pairs 21", "a", "--report"])
def test_a_wrong_line_is_usage(more: str) -> None:
    with pytest.raises(SystemExit) as stop:
        read_options(shlex.split(f"{SWEEP} {more}"))
    assert stop.value.code == 2


def test_a_sweep_needs_no_battery_unless_asked() -> None:
    assert read_options(shlex.split(SWEEP)).depth is Depth.NONE
    assert read_options(shlex.split(f"{SWEEP} --battery quick")).depth is Depth.QUICK


def test_a_repository_policy_is_tried_with_its_defaults(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8))
    known: Policy = desk.services.known_policies[0]
    desk.called()
    (row,) = desk.rows()
    assert row.parameters == (("slice_ns", known.parameter("slice_ns").default),)


def test_a_parameter_is_set_for_its_policy_alone_and_repeated(tmp_path: Path) -> None:
    desk = Desk(tmp_path, a=bench(8), b=bench(2))
    body = desk.document(f"{SWEEP} --set a.slice_ns=7000000")
    values = {row.policy: dict(row.parameters)["slice_ns"] for row in desk.rows()}
    assert values == {"a": 7_000_000, "b": 5_000_000}
    assert all(
        ("slice_ns = 7000000;" in source) == (n == "a") for n, source, _ in desk.verifier.tried
    )
    assert body["command"][-2:] == ["--set", "a.slice_ns=7000000"]
    assert desk.rows()[-1].command[-2:] == ("--set", "slice_ns=7000000")
    assert desk.document(shlex.join(body["command"][1:]))["command"] == body["command"]


async def test_a_cancelled_sweep_keeps_what_was_finished_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    slow = bench(4, window_s=0.02)
    desk = Desk(tmp_path, a=bench(8), b=slow)
    context = Context(
        read_options(shlex.split(SWEEP)),
        Output(io.StringIO(), io.StringIO(), json=False),
        desk.services,
    )
    task = asyncio.create_task(run_sweep_verb(context))
    await slow.first_attached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not slow.attached
    assert [row.policy for row in desk.rows()] == ["a"]
