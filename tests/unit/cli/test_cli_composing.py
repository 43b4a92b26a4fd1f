"""``policies compose`` and ``verify FILE.toml``: slots in, a source or one sentence out."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.cli import read_options
from schedtui.commands.composing import read_composed, slot_lines
from schedtui.model.verdict import Finding, GateName, GateResult, Severity, Verdict
from schedtui.policy.repository import load_repository
from schedtui.resources import resource_dir
from tests.fakes.cli_services import ScriptedServices, ScriptedVerifier
from tests.unit.cli.test_cli_verbs import Call

TOML = """
name = "mine"
idea = "mine: one more."

[slots]
order = "task->now"
slice = '''
u64 turn = slice_us * NSEC_PER_USEC;

return task->waking ? turn : turn / 2;
'''

[[parameters]]
name = "slice_us"
type = "integer"
default = 4000
minimum = 1000
maximum = 100000
unit = "us"
meaning = "Longest turn."
"""


def compose(file: Path, **options: object) -> Call:
    services = ScriptedServices()
    return Call(services, verb="policies", action="compose", subject=str(file), **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(TOML)
    return tmp_path / "mine.toml"


def test_the_source_is_what_stands_on_standard_output(file: Path) -> None:
    call = compose(file)
    assert (call.code, call.talk) == (0, "")
    assert call.out == read_composed(file).source
    assert "SCHEDTUI_OPS(mine, " in call.out


def test_the_document_has_the_source_and_whose_its_lines_are(file: Path) -> None:
    document = compose(file, json=True).document
    assert (document["name"], document["source"]) == ("mine", read_composed(file).source)
    assert [place["slot"] for place in document["places"]] == ["order", "slice"]
    lines = document["source"].split("\n")
    assert "task->now" in lines[document["places"][0]["first_line"] - 1]


def test_a_shipped_policy_file_is_composed_to_its_source() -> None:
    (policy,) = (p for p in load_repository() if p.name == "fifo_rtc")
    call = compose(resource_dir("policies") / "fifo_rtc.toml")
    assert (call.code, call.out) == (0, policy.source)


def test_a_source_is_written_and_written_anew(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.bpf.c"
    for slice_us in ("4000", "5000"):
        file.write_text(TOML.replace("4000", slice_us))
        call = compose(file, out=out)
        assert call.code == 0
        assert "next: schedtui verify" in call.out
        assert f"slice_us = {slice_us};" in out.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.bpf.c", "mine.toml"]


def test_nothing_of_a_person_is_written_over(file: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.c"
    own.write_text("int mine;\n")
    call = compose(file, out=own)
    assert (call.code, own.read_text()) == (2, "int mine;\n")
    assert "was not composed of mine" in call.talk
    assert compose(file, out=tmp_path / "none" / "x.c").code == 2
    assert compose(file, out=tmp_path).code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "own.c"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"task->now"', '"task->secret"', "Slot order, line 1: task->secret is not among"),
        ("return task", "while (1); return task", "Slot slice, line 3: a loop"),
        ('order = "task->now"', "order = 1", "the slot order is not text"),
        ("order =", "ordre =", "There is no slot called 'ordre'"),
        ("idea =", "ide =", "'ide' is not known"),
        ('idea = "mine: one more."', "", "idea is missing"),
        ("[slots]", "[other]", "'other' is not known"),
        ('name = "mine"', "", "name is missing"),
        ("[slots]", "[slots", "not valid TOML"),
    ],
)
def test_what_cannot_be_composed_is_no_in_a_sentence(
    file: Path, before: str, after: str, words: str
) -> None:
    assert before in TOML
    file.write_text(TOML.replace(before, after, 1))
    call = compose(file)
    assert (call.code, call.talk) == (1, "")
    assert call.out.startswith("not composed: ")
    assert words in call.out
    document = compose(file, json=True).document
    assert document["composed"] is False
    assert words in document["sentence"]


def test_a_policy_without_slots_and_a_missing_file_are_no_as_well(tmp_path: Path) -> None:
    call = compose(resource_dir("policies") / "shortest_first.toml")
    assert call.code == 1
    assert "slots is missing" in call.out
    assert compose(tmp_path / "none.toml").code == 1


def test_show_has_the_slots_of_a_composed_policy() -> None:
    services = ScriptedServices(known_policies=load_repository())
    shown = Call(services, verb="policies", action="show", subject="vtime_fair")
    for text in ("slot order: ", "    task->clock\n", "slot preempt: ", "    return ahead"):
        assert text in shown.out
    whole = Call(services, verb="policies", action="show", subject="vtime_fair", json=True)
    slots = [filling["slot"] for filling in whole.document["fillings"]]
    assert slots == ["order", "slice", "preempt", "credit"]
    plain = Call(services, verb="policies", action="show", subject="shortest_first")
    assert "slot " not in plain.out


def test_the_command_line() -> None:
    options = read_options(["policies", "compose", "a.toml", "--out", "a.c"])
    assert (options.verb, options.action, options.subject) == ("policies", "compose", "a.toml")
    assert options.out == Path("a.c")
    assert read_options(["policies", "compose", "a.toml"]).out is None


def test_a_policy_file_is_verified_as_what_it_is_composed_to(file: Path) -> None:
    checker = ScriptedVerifier()
    call = Call(ScriptedServices(checker=checker), verb="verify", subject=str(file))
    assert call.code == 0
    assert checker.seen == [("mine.toml", read_composed(file).source, "")]
    file.write_text(TOML.replace("task->now", "task->secret"))
    refused = Call(ScriptedServices(), verb="verify", subject=str(file))
    assert refused.code == 1
    assert "Slot order, line 1" in refused.talk


def test_a_finding_leads_back_into_its_slot(file: Path) -> None:
    made = read_composed(file)
    place = made.places[1]
    found = [
        Finding("SRC056", Severity.WARNING, "A sentence.", "", line)
        for line in (1, place.first_line + 2, place.first_line + 2)
    ]
    gate = GateResult(GateName.RULES, passed=True, seconds=0.0, summary="", findings=tuple(found))
    verdict = Verdict("mine", True, (gate,), "", "", "", "", "")
    assert slot_lines(made, verdict) == [f"line {place.first_line + 2} is line 3 of the slot slice"]
