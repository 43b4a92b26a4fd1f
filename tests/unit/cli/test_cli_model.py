"""The command line's choice of a model, and that no program that is started sees a key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schedtui.agent.backends.credentials import Credentials, taken
from schedtui.agent.backends.opening import ModelChoice
from schedtui.cli import read_options

SECRET = "sk-very-secret-0815"


def test_a_model_and_its_limits_are_read() -> None:
    options = read_options(
        ["goal", "cut it", "--model", "claude-opus-5-5", "--max-cost", "0.2", "--max-turns", "4"]
    )
    assert (options.model, options.max_cost, options.max_turns) == ("claude-opus-5-5", 0.2, 4)
    assert read_options(["goal", "cut it"]).model == "auto"


@pytest.mark.parametrize(
    "words",
    [["--model", "a b"], ["--model", ""], ["--max-cost", "-1"], ["--max-cost", "nan"],
     ["--max-turns", "0"]],
)  # fmt: skip
def test_what_is_no_model_or_limit_is_a_mistake(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_options(["goal", "cut it", *words])


def test_the_screen_takes_the_same_options() -> None:
    options = read_options(["--model", "offline", "--max-turns", "3"])
    assert (options.verb, options.model, options.max_turns) == ("", "offline", 3)


@pytest.mark.parametrize(
    ("credentials", "fault"),
    [
        (Credentials("sk-1"), ""),
        (Credentials("sk-1", base_url="http://127.0.0.1:8000/x"), ""),
        (Credentials("sk 1"), "ANTHROPIC_API_KEY has characters that no key has"),
        (Credentials(token="sk\n1"), "ANTHROPIC_AUTH_TOKEN has characters that no key has"),
        (Credentials("sk-1", base_url="house"), "ANTHROPIC_BASE_URL is no address"),
        (Credentials("sk-1", base_url="file:///etc/passwd"), "ANTHROPIC_BASE_URL is no address"),
        (Credentials("sk-1", base_url="http://h:99999"), "ANTHROPIC_BASE_URL is no address"),
        (Credentials("sk-1", base_url="http://h\x1b"), "ANTHROPIC_BASE_URL is no address"),
    ],
)
def test_what_cannot_be_asked_is_said_without_the_key(credentials: Credentials, fault: str) -> None:
    lack = ModelChoice("auto", credentials=credentials).lack
    assert lack.startswith(fault)
    assert bool(lack) == bool(fault)
    assert "sk" not in lack


def test_credentials_leave_the_environment_and_show_no_secret() -> None:
    environ = {
        "ANTHROPIC_API_KEY": SECRET,
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
        "ANTHROPIC_CUSTOM_HEADERS": f"x: {SECRET}",
        "PATH": "/bin",
    }
    credentials = taken(environ)
    assert environ == {"PATH": "/bin"}
    assert credentials == Credentials(SECRET, base_url="http://127.0.0.1:1")
    assert SECRET not in repr(credentials)
    assert not taken({"ANTHROPIC_API_KEY": "  "}).there


def test_no_child_inherits_a_key() -> None:
    code = (
        "import subprocess\nfrom schedtui.commands.wiring import RealServices\n"
        "RealServices()\nprint(subprocess.run(['env'], capture_output=True).stdout)"
    )
    environ = {**os.environ, "ANTHROPIC_API_KEY": SECRET, "ANTHROPIC_AUTH_TOKEN": SECRET}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert "PATH=" in done.stdout
    assert "ANTHROPIC" not in done.stdout


def _environments(tmp_path: Path) -> str:
    return "".join(path.read_text() for path in tmp_path.glob("said-*"))


def test_what_a_verb_starts_sees_no_key(tmp_path: Path) -> None:
    spy = tmp_path / "qemu-system-x86_64"
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path}/said-$$\necho QEMU emulator version 9.0.0\n")
    spy.chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "ANTHROPIC_API_KEY": SECRET,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "schedtui", "doctor"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = _environments(tmp_path)
    assert "PATH=" in said
    assert SECRET not in said + done.stdout + done.stderr
