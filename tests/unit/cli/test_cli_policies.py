"""The repository from the command line: search, and policies of the user's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.cli import read_options
from schedtui.commands.services import Services
from schedtui.commands.wiring import RealServices
from tests.fakes.cli_services import ScriptedServices
from tests.fakes.own_policies import kept, sent, source
from tests.unit.cli.test_cli_verbs import Call


def policies(services: Services, action: str, subject: str = "", **options: object) -> Call:
    return Call(services, verb="policies", action=action, subject=subject, **options)


def test_search_shows_the_score_the_words_and_where_they_stand() -> None:
    call = policies(ScriptedServices(), "search", "a FIFO for my backend")
    assert call.code == 0
    assert "  fifo_rtc: Run to completion (built-in)\n" in call.out
    assert "fifo: name, tags\n" in call.out
    assert "backend (as service): use cases\n" in call.out


def test_search_is_one_document() -> None:
    call = policies(ScriptedServices(), "search", "fifo", json=True)
    (match,) = call.document["matches"]
    assert call.document["words"] == "fifo"
    assert (match["name"], match["origin"]) == ("fifo_rtc", "built-in")
    assert match["words"] == [{"word": "fifo", "term": "fifo", "fields": ["name", "tags"]}]
    assert 0 < match["score"] < 1


def test_no_match_is_no_in_one_sentence() -> None:
    for words in ("xylophone", "the of", ""):
        call = policies(ScriptedServices(), "search", words)
        assert (call.code, call.talk) == (1, "")
        assert call.out == f"none of the policies has any of the words in: {words}\n"
    whole = policies(ScriptedServices(), "search", "xylophone", json=True)
    assert (whole.code, whole.document["matches"]) == (1, [])


def test_a_family_is_a_filter_and_an_unknown_one_is_usage() -> None:
    family = "oversubscribed_service"
    assert policies(ScriptedServices(), "search", "fifo", family=family).code == 0
    other = policies(ScriptedServices(), "search", "fifo", family="idle")
    assert other.code == 1
    assert "of the family idle" in other.out
    unknown = policies(ScriptedServices(), "search", "fifo", family="\x1b[31m")
    assert (unknown.code, unknown.out) == (2, "")
    assert "batch_skewed, batch_uniform" in unknown.talk
    assert "\x1b" not in unknown.talk


def test_words_are_shown_literally_and_bounded() -> None:
    call = policies(ScriptedServices(), "search", "\x1b[2J\udc9b\u202e[bold]x")
    assert call.out.endswith("\\x1b[2J\\u{dc9b}\\u{202e}[bold]x\n")
    assert policies(ScriptedServices(), "search", "fifo " * 201).code == 2


@pytest.mark.parametrize("line", ["game p99 --family idle", "--family idle game p99"])
def test_words_need_no_quotes(line: str) -> None:
    options = read_options(["policies", "search", *line.split()])
    assert (options.subject, options.family) == ("game p99", "idle")


# policies of the user's own ------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user's own policies, where the environment says it is."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "schedtui" / "policies"


def test_origins_are_shown(own: Path) -> None:
    kept(own)
    table = [line.split(maxsplit=2) for line in policies(RealServices(), "list").out.splitlines()]
    assert ["fifo_rtc", "built-in", "Run-to-completion FIFO"] in table
    assert ["mine", "yours", "Longest expected job first"] in table
    listed = policies(RealServices(), "list", json=True).document
    origins = {policy["name"]: policy["origin"] for policy in listed}
    assert (origins["mine"], origins["vtime_fair"]) == ("yours", "built-in")
    page = policies(RealServices(), "show", "mine").out
    assert page.startswith("mine: Longest expected job first (yours)\n")
    assert f"source: {own}/mine/mine.bpf.c\n" in page
    assert policies(RealServices(), "show", "mine", json=True).document["origin"] == "yours"
    assert "(yours)" in policies(RealServices(), "search", "mine").out


def test_a_broken_one_is_told_and_takes_nothing_away(own: Path) -> None:
    (kept(own) / "mine.toml").write_text("x")
    for action, subject in (("list", ""), ("show", "fifo_rtc"), ("search", "fifo")):
        call = policies(RealServices(), action, subject, json=True)
        assert call.code == 0
        assert call.document
        assert call.talk.startswith(f"schedtui: {own}/mine/mine.toml: This is not valid TOML")
        assert call.talk.count("\n") == 1
    assert policies(RealServices(), "show", "mine").code == 2


def test_export_and_import_from_the_command_line(own: Path, tmp_path: Path) -> None:
    place, out = kept(own), tmp_path / "out"
    call = policies(RealServices(), "export", "mine", folder=out)
    assert call.code == 0
    assert call.out.startswith(f"mine is in {out}\n  mine.toml  ")
    again = policies(RealServices(), "export", "mine", folder=out, json=True)
    assert again.code == 1
    assert "nothing is overwritten" in again.document["error"]["sentence"]
    taken = policies(RealServices(), "import", folder=out)
    assert taken.code == 1
    assert taken.out.startswith("not imported: There is a policy called mine already")
    place.rename(tmp_path / "gone")
    done = policies(RealServices(), "import", folder=out)
    assert done.code == 0
    assert done.out.startswith(f"mine is one of your policies now, in {own}/mine\n")
    assert "it must pass every gate and be approved before it is ever deployed" in done.out
    assert policies(RealServices(), "show", "mine").code == 0


def test_import_is_one_document(own: Path, tmp_path: Path) -> None:
    folder = sent(
        tmp_path / "sent", source=source().replace(b"#include", b"int\x0cx;\n#include", 1)
    )
    rejected = policies(RealServices(), "import", folder=folder, json=True)
    assert rejected.code == 1
    assert rejected.document["imported"] is False
    assert rejected.document["findings"][0]["code"].startswith("SRC")
    assert rejected.document["findings"][0]["severity"] == "error"
    readable = policies(RealServices(), "import", folder=folder)
    assert f"{rejected.document['findings'][0]['code']} error: line " in readable.out
    done = policies(RealServices(), "import", folder=sent(tmp_path / "good"), json=True)
    assert (done.code, done.document["imported"]) == (0, True)
    assert (done.document["name"], done.document["folder"]) == ("mine", f"{own}/mine")


def test_hostile_names_are_shown_literally(own: Path, tmp_path: Path) -> None:
    folder = sent(tmp_path / "\x1b[2J\u202e")
    (folder / "\x1b]0;x\x07[@click=a]").touch()
    call = policies(RealServices(), "import", folder=folder)
    assert call.code == 1
    assert "\\x1b]0;x\\x07[@click=a]" in call.out
    os.mkfifo(tmp_path / "\udc9b")
    for name in ("\udc9b", "\x1b[31m"):
        missing = policies(RealServices(), "import", folder=tmp_path / name, json=True)
        assert missing.code == 1
        assert missing.document["sentence"].isprintable()
    unknown = policies(RealServices(), "export", "\x1b[31m", folder=tmp_path / "new")
    assert unknown.code == 2
    assert "\x1b" not in unknown.talk


@pytest.mark.parametrize("line", ["export mine", "import", "import a b", "search", "export"])
def test_an_incomplete_line_is_usage(line: str) -> None:
    with pytest.raises(SystemExit) as stop:
        read_options(["policies", *line.split()])
    assert stop.value.code == 2


def test_folders_are_read_as_paths() -> None:
    options = read_options(["policies", "export", "mine", "out/mine"])
    assert (options.subject, options.folder) == ("mine", Path("out/mine"))
    assert read_options(["policies", "import", "there"]).folder == Path("there")
