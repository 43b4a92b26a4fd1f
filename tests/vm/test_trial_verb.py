"""``schedtui trial`` on the real kernel: gates, A/A control, pairs, kept row and page."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from schedtui.cli import read_options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.target.sandbox.lab import Lab
from tests.processes import guests

pytestmark = pytest.mark.vm

COUNTED = Path("/proc/self/schedstat").exists()
"""Whether this host's kernel says for how long tasks have waited."""


def called(line: str) -> tuple[int, str, str]:
    out, talk = io.StringIO(), io.StringIO()
    options = read_options(line.split())
    code = run(options, None, Output(out, talk, options.json))
    return code, out.getvalue(), talk.getvalue()


def expected_code(row: dict[str, Any]) -> int:
    """Return the exit code that follows from what was kept."""
    judgement = row["judgement"]
    if row["rejections"]:
        return 1
    if judgement is None or not judgement["fit"]:
        return 3
    held = all(rail["held"] for rail in judgement["guardrails"])
    return 0 if held and judgement["outcome"] != "worse" else 1


def test_a_policy_is_tried_kept_and_reported(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    page = tmp_path / "page.html"
    line = f"trial fifo_rtc --load request_service --pairs 2 --seconds 1 --json --report {page}"
    code, out, talk = called(line)
    if json.loads(out)["outcome"] == "no result":  # a guest can be lost; two in a row are a fault
        code, out, talk = called(line)
    assert not guests(os.getpid())
    body = json.loads(out)
    row = body["result"]
    trial = row["trial"]
    assert (row["rejections"], row["no_result"]) == ([], ""), talk
    assert [gate["gate"] for gate in body["gates"]] == [
        *("rules", "compile", "object", "kernel", "trial")
    ], talk
    # How noisy and how fast this host is today is not ours to say, nor, so, what the outcome is:
    # what must hold is that all fits together.
    assert code == body["exit_code"] == expected_code(row), talk
    assert row["kernel_build_id"]
    assert row["compiler"].startswith("zig ")
    assert page.read_text().startswith("<!DOCTYPE html>")
    shown, out, _ = called(f"history {body['id']} --json")
    assert (shown, json.loads(out)["result"]) == (0, row)
    assert row["judgement"]["fit"] is (trial["control"]["unfit"] == "")
    if body["outcome"] == "better":
        assert trial["objective"]["factor"] >= 1 + row["judgement"]["minimum_detectable"]
    assert trial["machine"]["cpus"] == 2
    assert trial["machine"]["accelerator"] == lab.accelerator
    assert trial["machine"]["emulator"] == lab.emulator
    assert trial["machine"]["image"] == lab.image
    assert "CPUs, Linux " in trial["machine"]["host"]
    for pair in (*trial["control"]["pairs"], *trial["pairs"]):
        for side in ("baseline", "candidate"):
            if COUNTED:
                assert 0 <= pair[side]["disturbance"]["delayed"] < 1
                assert 0 <= pair[side]["disturbance"]["others"] <= 1
    assert row["judgement"]["ceiling"]["factor"] > 1
    for pair in trial["control"]["pairs"]:
        assert {pair["baseline"]["scheduler"], pair["candidate"]["scheduler"]} == {"default"}
    for pair in trial["pairs"]:
        assert pair["baseline"]["scheduler"] == "default"
        assert pair["candidate"]["scheduler"] == row["scheduler"] == "fifo_rtc"
    assert page.read_text().count('class="pair"><title>') == len(trial["pairs"])
