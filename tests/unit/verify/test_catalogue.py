"""The catalogue and the rules hold together."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from schedtui.model.verdict import GateName, Severity
from schedtui.resources import resource_dir
from schedtui.verify.catalogue import (
    HINT_WORDS,
    UnknownCodeError,
    entries,
    explain,
    finding,
)
from schedtui.verify.codes import ALL
from schedtui.verify.codes.entry import Entry
from schedtui.verify.gates import OWN_LETTERS, PLACES
from schedtui.verify.page import COMMAND, page
from schedtui.verify.rules import STAGES

ROOM = resource_dir("bpf").parent / "schedtui" / "verify"
THIS = Path(__file__).name


def test_codes_are_unique() -> None:
    codes = [entry.code for entry in ALL]
    assert len(codes) == len(set(codes)) == len(entries())
    assert all(re.fullmatch(r"(SRC|CMP|OBJ|KRN|TRL|VER)\d{3}", code) for code in codes)


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e.code)
def test_texts_are_for_people(entry: Entry) -> None:
    assert entry.sentence.endswith((".", "}"))
    assert len(entry.hint.split()) <= HINT_WORDS
    assert entry.hint
    assert len(entry.explanation) > 40
    assert "{" not in entry.explanation
    shown = explain(entry.code.lower())
    assert entry.explanation in shown
    assert entry.code in shown
    assert ("rejects" in shown) is (entry.severity is Severity.ERROR)


def _words(entry: Entry) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(entry.sentence) if name}


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e.code)
def test_sentence_takes_its_words(entry: Entry) -> None:
    found = finding(entry.code, 7, **dict.fromkeys(_words(entry), "\x1b[31mred"))
    assert found.code == entry.code
    assert found.line == 7
    assert found.sentence.isprintable()
    if _words(entry):
        with pytest.raises(KeyError):
            finding(entry.code)


def test_unknown_code() -> None:
    with pytest.raises(UnknownCodeError):
        explain("SRC999")


def test_rules_and_source_codes_are_the_same_set() -> None:
    of_rules = [code for stage in STAGES for rule in stage for code in rule.codes]
    assert len(of_rules) == len(set(of_rules))
    assert set(of_rules) == {e.code for e in ALL if e.code.startswith("SRC")}


def test_every_code_is_used_in_the_room() -> None:
    text = "".join(
        path.read_text("utf-8") for path in ROOM.rglob("*.py") if "codes" not in path.parts
    )
    assert [e.code for e in ALL if f'"{e.code}"' not in text] == []


def test_every_code_in_the_room_is_in_the_catalogue() -> None:
    known = {entry.code for entry in ALL}
    for path in ROOM.rglob("*.py"):
        assert set(re.findall(r'"([A-Z]{3}\d{3})"', path.read_text("utf-8"))) <= known, path


def test_every_code_is_provoked_by_a_test() -> None:
    """A test or a fault of the corpus names it; this file only names those of the verifier."""
    tests = ROOM.parent.parent / "tests"
    kinds = ("*.py", "*.c", "*.toml", "*.json", "*.md")
    files = [path for kind in kinds for path in tests.rglob(kind) if path.name != THIS]
    text = "".join(path.read_text("utf-8") for path in files)
    assert [entry.code for entry in ALL if entry.code not in text] == []


def test_places_are_the_gates_and_their_letters_those_of_the_codes() -> None:
    letters = {place.letters for place in PLACES} | {OWN_LETTERS}
    assert {entry.code[:3] for entry in ALL} == letters
    assert [place.name for place in PLACES] == list(GateName)


def test_page_is_the_catalogue() -> None:
    written = (ROOM.parent.parent / "docs" / "findings.md").read_text("utf-8")
    assert written == page(), f"docs/findings.md is old; write it anew with: {COMMAND}"


def test_page_has_everything_of_every_finding() -> None:
    text = page()
    for entry in entries():
        _, _, rest = text.partition(f"### {entry.code} ({entry.severity})\n")
        chapter = rest.partition("\n### ")[0].replace("\\", "")
        for part in (entry.sentence, entry.explanation, entry.hint):
            assert part.replace("\\", "") in chapter
    for place in PLACES:
        assert f"gate `{place.name}`: cost {place.costs[0]}" in text
