"""Settings of a policy against its defaults on the real kernel: two objects, one guest, in turn."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from schedtui.target.sandbox.lab import Lab
from tests.processes import guests
from tests.vm.test_trial_verb import called

pytestmark = pytest.mark.vm

LINE = "trial vtime_fair --set slice_us=2000 --against defaults --load messages"


def test_settings_take_turns_with_the_defaults(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    line = f"{LINE} --pairs 2 --seconds 1 --json"
    code, out, talk = called(line)
    if json.loads(out)["outcome"] == "no result":  # a guest can be lost; two in a row are a fault
        code, out, talk = called(line)
    assert not guests(os.getpid())
    body = json.loads(out)
    row = body["result"]
    assert code == body["exit_code"], talk
    assert row["rejections"] == [], talk
    assert row["baseline_parameters"] != row["parameters"]
    assert row["trial"]["control"]["pairs"][0]["candidate"]["scheduler"] == "defaults", talk
    assert len(row["trial"]["pairs"]) == 2
    # How noisy this host is today is not ours to say.
    for pair in row["trial"]["pairs"]:
        assert pair["baseline"]["scheduler"] == "defaults"
        assert pair["candidate"]["scheduler"] == row["scheduler"] == "vtime_fair"
