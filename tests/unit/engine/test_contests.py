"""Sweeps and tunings behind the engine: what they tell, in which order, and what they return."""

from __future__ import annotations

from pathlib import Path

from schedtui.engine.sweeping import SweepRequest, sweep
from schedtui.engine.trying import TrialRequest
from schedtui.engine.tuning import TuneRequest, tune
from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.control import CONTROL_PAIRS
from schedtui.measure.proposing import SampledProposer
from schedtui.measure.settings import space_of
from schedtui.model.events import PairMeasured, Verified
from schedtui.model.goal import Direction, Metric
from schedtui.model.sweep import Found, RoundBegan, RoundEnded, SweepEvent, TrialBegan
from schedtui.model.tuning import TuneOutcome
from schedtui.store.results import Results
from schedtui.verify.trial_gate import TrialAim
from tests.fakes import samples
from tests.fakes.bench import FakeBench
from tests.fakes.results import BEFORE
from tests.fakes.trying import BenchVerifier
from tests.fakes.tuning import SettingVerifier

AIM = TrialAim(
    REQUEST_SERVICE,
    str(Metric.REQUEST_P99.value),
    Direction.LOWER,
    max_pairs=4,
    control_pairs=CONTROL_PAIRS,
)


def bench(times: float) -> FakeBench:
    before = {str(name): value for name, value in BEFORE.items()}
    return FakeBench(before, before | {AIM.metric: before[AIM.metric] / times}, noise=0.003)


def course(events: list[SweepEvent]) -> list[str]:
    """What is not of a single gate, in few words."""
    words = []
    for event in events:
        match event:
            case RoundBegan():
                words.append(f"round {event.number} of {len(event.policies)}")
            case TrialBegan():
                words.append(f"{event.policy} {event.baseline}".strip())
            case RoundEnded():
                words.append(f"ended, {event.done.places[0].policy} first")
            case _:
                pass
    return words


async def test_a_sweep_tells_rounds_trials_and_the_events_of_their_gates(tmp_path: Path) -> None:
    verifier = BenchVerifier(bench(1), {"a": bench(2), "b": bench(4)})
    request = SweepRequest(
        tuple(TrialRequest(name, samples.FIFO, (), AIM, ("again",)) for name in ("a", "b")),
        (),
        AIM,
        ("all", "again"),
    )
    events: list[SweepEvent] = []
    done = await sweep(request, verifier, Results(tmp_path / "results.sqlite3"), events.append)
    assert (done.found.outcome, done.found.winner) == (Found.WINNER, "b")
    assert course(events) == [
        *("round 1 of 2", "a", "b", "ended, b first"),
        "b the default scheduler",
    ]
    assert sum(isinstance(event, Verified) for event in events) == 3
    pairs = sum(isinstance(event, PairMeasured) for event in events)
    (began, *_) = (event for event in events if isinstance(event, RoundBegan))
    assert 4 < pairs + 2 * CONTROL_PAIRS <= began.pairs_ahead


async def test_a_tuning_tells_the_same_and_ends_with_two_full_trials(tmp_path: Path) -> None:
    verifier = SettingVerifier(bench(1), worth=lambda ms: 4.0 if ms > 5 else 2.0)
    policy = samples.POLICIES[0]
    request = TuneRequest(policy, (), AIM, ("--load", "x"), ("all", "again"))
    proposer = SampledProposer(space_of(policy, ()), 2, seed=1)
    events: list[SweepEvent] = []
    store = Results(tmp_path / "results.sqlite3")
    done = await tune(request, proposer, verifier, store, events.append)
    assert done.found.outcome is TuneOutcome.BETTER
    (best,) = (f"{name}={value}" for name, value in done.found.setting)
    words = course(events)
    assert words[0] == "round 1 of 2"
    assert words[-3:] == [
        f"ended, {best} first",
        f"{best} the policy with its defaults",
        f"{best} the default scheduler",
    ]
    assert [stored.id for stored in store.rows()] == [1, 2, 3, 4]
