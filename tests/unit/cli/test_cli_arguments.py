from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schedtui.cli import main, read_options
from schedtui.model.battery import Depth


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "--target mars status",
        "lab",
        "lab destroy",
        "policies",
        "policies show",
        "verify",
        "goal",
        "watch --seconds nan",
        "watch --seconds -1",
        "watch --hz 50",
        "goal x --hold inf",
        "status --kernel /x",
        "watch --sec 3",
        "--compiler gcc lab status",
    ],
)
def test_a_wrong_line_is_usage(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(line.split())
    assert stop.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "usage:" in printed.err


def test_later_targets_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--target", "ssh://me@there:22", "watch"])
    assert stop.value.code == 2
    assert "not built yet" in capsys.readouterr().err


def test_options_may_stand_before_or_after_the_verb() -> None:
    before = read_options(["--json", "--target", "local", "status"])
    after = read_options(["status", "--target", "local", "--json"])
    assert before == after
    assert (after.verb, after.target, after.json) == ("status", "local", True)


def test_a_goal_is_read_whole() -> None:
    line = "goal --yes --json --stream --hold 2.5 --load service --kernel /k --compiler clang"
    options = read_options([*line.split(), "cut the p99"])
    assert options.subject == "cut the p99"
    assert options.yes
    assert options.stream
    assert (options.hold_s, options.load) == (2.5, "service")
    assert (options.kernel, options.compiler) == (Path("/k"), "clang")


def test_no_verb_is_the_screen_on_the_sandbox() -> None:
    options = read_options(["--ascii", "--theme", "dusk", "--hz", "2", "--no-mouse"])
    assert (options.verb, options.target) == ("", "sandbox")
    assert (options.ascii, options.theme, options.hz) == (True, "dusk", 2.0)
    assert not options.mouse
    assert read_options([]).mouse


def _modules_after(*argv: str) -> set[str]:
    program = (
        "import sys, json, schedtui.cli\n"
        "try:\n    schedtui.cli.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *argv], capture_output=True, timeout=30, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "argv", [["--help"], ["goal", "--help"], ["sweep", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(argv: list[str]) -> None:
    modules = _modules_after(*argv)
    heavy = {"textual", "rich", "ziglang", "tree_sitter", "asyncio", "zstandard", "subprocess"}
    assert not modules & heavy
    rooms = {name for name in modules if name.startswith("schedtui.")}
    assert rooms == {"schedtui.cli"}


def test_status_imports_no_screen() -> None:
    modules = _modules_after("status")
    assert "schedtui.commands.status" in modules
    assert not modules & {"textual", "rich", "ziglang", "tree_sitter", "zstandard"}


@pytest.mark.parametrize("action", [["list"], ["search", "game"]])
def test_policies_import_no_parser_and_no_compiler(action: list[str]) -> None:
    modules = _modules_after("policies", *action)
    assert "schedtui.policy.own" in modules
    assert not modules & {"textual", "rich", "ziglang", "tree_sitter", "zstandard"}


@pytest.mark.parametrize(
    ("arguments", "depth"),
    [
        (["verify", "x.bpf.c"], Depth.FULL),
        (["verify", "x.bpf.c", "--battery", "none"], Depth.NONE),
        (["goal", "cut the p99"], Depth.QUICK),
        (["goal", "cut the p99", "--battery", "full"], Depth.FULL),
        (["goal", "cut the p99", "--target", "local"], Depth.FULL),
        ([], Depth.QUICK),
    ],
)
def test_depth_of_the_battery(arguments: list[str], depth: Depth) -> None:
    assert read_options(arguments).depth is depth


def test_an_unknown_depth_is_usage() -> None:
    with pytest.raises(SystemExit):
        read_options(["verify", "x.bpf.c", "--battery", "some"])
