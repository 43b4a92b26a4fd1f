"""``verify --explain CODE`` says what a finding means, and touches nothing."""

from __future__ import annotations

import io
import json

import pytest

from schedtui.cli import read_options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.verify.catalogue import entries
from tests.fakes.cli_services import ScriptedServices


def called(*argv: str) -> tuple[int, str, str]:
    out, talk = io.StringIO(), io.StringIO()
    options = read_options(["verify", *argv])
    code = run(options, ScriptedServices(), Output(out, talk, options.json))
    return code, out.getvalue(), talk.getvalue()


def test_readable() -> None:
    code, out, talk = called("--explain", "obj008")
    assert code == 0
    assert out.startswith("OBJ008 (error, rejects)\n")
    assert "signal" in out
    assert talk == ""


def test_every_code_as_a_document() -> None:
    for entry in entries():
        code, out, _ = called("--explain", entry.code, "--json")
        assert code == 0
        body = json.loads(out)
        assert set(body) == {"code", "severity", "sentence", "hint", "explanation"}
        assert (body["code"], body["severity"]) == (entry.code, entry.severity.value)


@pytest.mark.parametrize("wrong", ["OBJ999", "", "\x1b[31m", "SRC"])
def test_no_such_code(wrong: str) -> None:
    code, out, talk = called(f"--explain={wrong}")
    assert code == 2
    assert out == ""
    assert "\x1b" not in talk


@pytest.mark.parametrize("argv", [["verify"], ["verify", "x.bpf.c", "--explain", "OBJ001"]])
def test_either_file_or_code(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        read_options(argv)
    assert stop.value.code == 2
    assert "--explain" in capsys.readouterr().err
