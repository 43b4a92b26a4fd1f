"""What doctor and lab say of a real sandbox, and kernels of one's own."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from schedtui.target.sandbox.lab import LabOptions, newest_image
from tests.e2e.program import Ended, Program

pytestmark = pytest.mark.vm


def document(ended: Ended) -> dict[str, Any]:
    """Return the one JSON document of a call."""
    assert "Traceback" not in ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_doctor_names_what_is_there(program: Program) -> None:
    ended = program.run("doctor", "--json")
    assert ended.code == 0, ended.out
    told = document(ended)
    assert told["ready"] is True
    found = {check["name"]: check["found"] for check in told["checks"]}
    assert re.match(r"7\.0\.\d+", found["sandbox kernel"])
    assert found["accelerator"] in {"tcg", "kvm"}
    assert Path(found["saved guest"]).is_dir()
    needed = [check for check in told["checks"] if check["finding"] == "missing"]
    assert needed == []


def test_lab_status_names_kernel_and_accelerator(program: Program) -> None:
    ended = program.run("lab", "status", "--json")
    assert ended.code == 0, ended.out
    told = document(ended)
    assert told["ready"] is True
    assert re.match(r"7\.0\.\d+", told["kernel"])
    assert "names in its BTF" in told["kernel_checked"]
    assert told["accelerator"] in {"tcg", "kvm"}
    assert told["megabytes"] > 100


def test_a_kernel_of_ones_own_is_used_and_known_by_its_content(
    program: Program, tmp_path: Path
) -> None:
    usual = newest_image(LabOptions())
    assert usual is not None
    mine = tmp_path / "vmlinuz-mine"
    shutil.copy(usual, mine)
    ended = program.run("watch", "--kernel", str(mine), "--json", "--seconds", "1", "--hz", "2")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out.splitlines()[-1])["source"] == "bpf"
    # What is saved belongs to the content of a kernel, wherever it is.
    assert "booting the guest" not in ended.err


def test_a_file_that_is_no_kernel_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "vmlinuz").write_text("no kernel")
    ended = program.run("watch", "--kernel", str(tmp_path / "vmlinuz"), "--json")
    assert ended.code == 3
    assert "not a bootable" in document(ended)["error"]["sentence"]


def test_the_running_kernel_is_taken_or_refused_with_a_reason(program: Program) -> None:
    ended = program.run("lab", "status", "--kernel", "running", "--json")
    told = document(ended)
    release = os.uname().release
    if told["kernel"]:
        assert told["kernel"] == release
        return
    assert ended.code == 3
    assert re.search(
        rf"{re.escape(release)}.*(is not on this machine|without|lacks)", told["problem"]
    )
