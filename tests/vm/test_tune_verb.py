"""``schedtui tune`` on the real kernel: two objects of one policy take turns in one guest."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from schedtui.target.sandbox.lab import Lab
from tests.processes import guests
from tests.vm.test_trial_verb import called

pytestmark = pytest.mark.vm

LINE = "tune vtime_fair --load request_service --trials 2 --pairs 2 --seconds 1 --sampler sample"


@pytest.mark.timeout(600)  # on a quiet host it goes on to its full trials
def test_settings_take_turns_with_the_defaults(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    code, out, talk = called(f"{LINE} --json")
    assert not guests(os.getpid())
    body = json.loads(out)
    assert code == body["exit_code"], talk
    assert (code == 3) is (body["outcome"] == "no answer" or bool(body["fix"])), talk
    listed = json.loads(called("history --json")[1])
    assert listed, talk
    for each in listed:
        shown, out, _ = called(f"history {each['id']} --json")
        row = json.loads(out)["result"]
        assert shown == 0
        assert row["rejections"] == [], talk
        # How noisy this host is today is not ours to say; a lost guest leaves a row without pairs.
        label = "defaults" if row["baseline_parameters"] else "default"
        for pair in row["trial"]["pairs"] if row["trial"] else ():
            assert pair["baseline"]["scheduler"] == label
            assert pair["candidate"]["scheduler"] == row["scheduler"] == "vtime_fair"
    first = json.loads(called("history 1 --json")[1])["result"]
    assert first["baseline_parameters"] != first["parameters"]
    assert first["trial"]["control"]["pairs"][0]["candidate"]["scheduler"] == "defaults", talk
    assert len(first["trial"]["pairs"]) == 2
    assert first["trial"]["machine"]["accelerator"] == lab.accelerator
