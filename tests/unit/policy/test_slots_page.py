"""The page of slots is what the composer knows, and its example is composed."""

from __future__ import annotations

import tomllib
from pathlib import Path

from schedtui.model.slots import SlotName
from schedtui.policy.composing import compose
from schedtui.policy.facts import FACTS
from schedtui.policy.page import COMMAND, page
from schedtui.policy.repository import load_repository, read_composition
from schedtui.policy.slots import CONSTANTS, FUNCTIONS, SLOTS

DOCS = Path(__file__).parents[3] / "docs"
PARAMETER = """
[[parameters]]
name = "slice_us"
type = "integer"
default = 4000
minimum = 1000
maximum = 100000
unit = "us"
meaning = "Longest turn."
"""


def test_the_page_is_what_the_composer_knows() -> None:
    written = (DOCS / "slots.md").read_text("utf-8")
    assert written == page(), f"docs/slots.md is old; write it anew with: {COMMAND}"


def test_the_page_has_every_slot_fact_and_word() -> None:
    text = page()
    for name in SlotName:
        assert f"### {name}\n" in text
    assert {slot.name for slot in SLOTS} == set(SlotName)
    for word in (*(fact.access for fact in FACTS), *FUNCTIONS, *CONSTANTS, "EXPRESS", "ANY_CPU"):
        assert f"`{word}" in text


def test_the_page_lists_the_policies_that_are_composed() -> None:
    text = page()
    for policy in load_repository():
        assert (f"* `{policy.name}`: " in text) is bool(policy.fillings)


def test_the_example_on_the_page_is_composed() -> None:
    example = page().partition("```toml\n")[2].partition("```")[0]
    assert tomllib.loads(example)["slots"].keys() == {"order", "slice"}
    made = compose(read_composition(f'name = "mine"\n{example}{PARAMETER}'.encode(), "mine.toml"))
    assert "slot_order" in made
