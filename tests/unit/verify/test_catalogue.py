"""The catalogue and the rules hold together."""

from __future__ import annotations

import re
import string

import pytest

from schedtui.model.verdict import Severity
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
from schedtui.verify.rules import STAGES


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
    folder = resource_dir("bpf").parent / "schedtui" / "verify"
    text = "".join(
        path.read_text("utf-8") for path in folder.rglob("*.py") if "codes" not in path.parts
    )
    unused = [e.code for e in ALL if f'"{e.code}"' not in text]
    assert unused == []
