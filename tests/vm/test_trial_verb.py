"""``schedtui trial`` on the real kernel: gates, A/A control, pairs, kept row and page."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from schedtui.cli import read_options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.target.sandbox.lab import Lab
from tests.e2e.processes import guests

pytestmark = pytest.mark.vm


def called(line: str) -> tuple[int, str, str]:
    out, talk = io.StringIO(), io.StringIO()
    options = read_options(line.split())
    code = run(options, None, Output(out, talk, options.json))
    return code, out.getvalue(), talk.getvalue()


def test_a_policy_is_tried_kept_and_reported(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    page = tmp_path / "page.html"
    line = f"trial fifo_rtc --load request_service --pairs 3 --seconds 1 --json --report {page}"
    code, out, talk = called(line)
    assert not guests(os.getpid())
    body = json.loads(out)
    row = body["result"]
    trial = row["trial"]
    assert [gate["gate"] for gate in body["gates"]] == [
        *("rules", "compile", "object", "kernel", "trial")
    ], talk
    # How noisy this host is today is not ours to say: what must hold is that all fits together.
    fit = row["judgement"]["fit"]
    assert fit is (trial["control"]["unfit"] == "")
    assert code == body["exit_code"] == (0 if fit else 3), talk
    assert body["outcome"] in ({"better", "undecided"} if fit else {"host unfit"})
    assert trial["objective"]["factor"] > 1.5
    assert trial["machine"]["cpus"] == 2
    assert trial["machine"]["accelerator"] == lab.accelerator
    assert row["kernel_build_id"]
    assert row["compiler"].startswith("zig ")
    assert row["judgement"]["ceiling"]["factor"] > 1
    for pair in trial["control"]["pairs"]:
        assert {pair["baseline"]["scheduler"], pair["candidate"]["scheduler"]} == {"default"}
    for pair in trial["pairs"]:
        assert pair["baseline"]["scheduler"] == "default"
        assert pair["candidate"]["scheduler"] == row["scheduler"] == "fifo_rtc"
    assert page.read_text().count('class="pair"><title>') == len(trial["pairs"])
    code, out, _ = called("history 1 --json")
    assert (code, json.loads(out)["result"]) == (0, row)
