"""Composing: the same source every time, only what the slots need, nothing that cannot be."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from schedtui.model.composition import Composed, Composition
from schedtui.model.policy import Origin, Parameter, ParameterType
from schedtui.model.slots import SlotFilling, SlotName
from schedtui.model.wire import from_json, to_json
from schedtui.objfile.facts import read_object
from schedtui.policy.composing import compose, composed
from schedtui.policy.errors import PolicyError
from schedtui.policy.facts import facts_for
from schedtui.policy.repository import load_repository, policy_of, read_composition
from schedtui.policy.scaffold import template
from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.object_gate import judge_object
from schedtui.verify.rules_gate import judge
from tests.fakes.compositions import EVERY, HINTS, SLICE, TURN, composition, number

COMPOSED = tuple(policy for policy in load_repository() if policy.fillings)
NAMES = [each.name for each in EVERY]


def written(made: Composition) -> list[SlotFilling]:
    """Return what has a function of its own: a place that is the clock itself needs none."""
    return [filling for filling in made.fillings if filling.code != "task->clock"]


def refusal(made: Composition) -> str:
    with pytest.raises(PolicyError) as caught:
        compose(made)
    return str(caught.value)


def test_the_policies_that_fit_are_composed() -> None:
    assert {"fifo_rtc", "vtime_fair", "layers"} <= {policy.name for policy in COMPOSED}


@pytest.mark.parametrize("name", [policy.name for policy in COMPOSED])
def test_a_shipped_source_is_what_its_slots_become_byte_for_byte(name: str) -> None:
    toml = (resource_dir("policies") / f"{name}.toml").read_bytes()
    committed = resource_dir("bpf") / "schedulers" / f"{name}.bpf.c"
    made = compose(read_composition(toml, name))
    again = f"schedtui policies compose policies/{name}.toml --out bpf/schedulers/{name}.bpf.c"
    assert made.encode() == committed.read_bytes(), f"write it anew with: {again}"


@pytest.mark.parametrize("made", EVERY, ids=NAMES)
async def test_whatever_the_slots_need_passes_the_first_three_gates(made: Composition) -> None:
    source = compose(made)
    assert source == compose(made)
    asked, findings = judge(source, made.name)
    assert asked > 40
    assert {found.code for found in findings} <= {"SRC040"}  # cgroup weights are ignored
    built = await compile_bpf(source)
    assert built.object is not None, built.diagnostics
    facts = read_object(built.object)
    assert judge_object(facts, made.name) == ()
    assert facts.ops_name == made.name


def test_the_examples_need_every_part_of_the_scaffold() -> None:
    """Every line of the scaffold that is C stands in one of the sources."""
    sources = [*map(compose, EVERY), *(policy.source for policy in COMPOSED)]
    used = {line for source in sources for line in source.split("\n")}
    lines = {line for line in template() if not line.startswith("//@") and line.strip()}
    assert lines - used == set()


def test_every_slot_and_fact_is_used_by_an_example() -> None:
    texts = [f.code for made in EVERY for f in made.fillings]
    texts += [f.code for policy in COMPOSED for f in policy.fillings]
    filled = {f.slot for made in EVERY for f in made.fillings}
    assert filled == set(SlotName)
    unread = [f.access for f in facts_for([HINTS]) if not any(f.access in text for text in texts)]
    assert unread == []


def test_what_no_slot_reads_is_not_there() -> None:
    plain = compose(composition(slice=TURN))
    for part in ("task_storage", "timeline", "struct turn", "PREEMPT", "named_in", "EXPRESS"):
        assert part not in plain
    assert "task_storage" in compose(composition(slice=f"task->wakes ? 1 : {TURN}"))
    assert "timeline" in compose(composition(order="task->clock", slice=TURN))


def test_an_interrupted_turn_goes_on_where_no_account_of_express_tasks_is_kept() -> None:
    express = compose(composition(classify="task->waking ? EXPRESS : 1", slice=TURN))
    assert "LEAD_CEILING_NS" in express
    assert "resume_turn" not in express
    assert "|| resume_turn(p, waking" in compose(composition(slice=TURN))


def test_places_lead_from_a_line_back_into_the_slot() -> None:
    for made in EVERY:
        done = composed(made)
        lines = done.source.split("\n")
        assert {place.slot for place in done.places} == {f.slot for f in written(made)}
        for filling in written(made):
            place = next(p for p in done.places if p.slot is filling.slot)
            there = [x.removeprefix("\t") for x in lines[place.first_line - 1 : place.last_line]]
            wanted = filling.code.strip("\n")
            assert "\n".join(there) in {wanted, f"return {wanted};"}
            assert done.place_at(place.first_line) == place
            assert done.place_at(place.last_line) == place
        assert done.place_at(1) is None


def test_empty_lines_of_a_slot_lead_nobody_to_another_line() -> None:
    spaced = "if (task->wakes) {\n\n\n\treturn 1000;\n\n}\n\n\nreturn " + TURN + ";"
    made = composed(composition(slice=spaced, order="task->wakes\n\n\n+ 1"))
    lines = ["", *made.source.split("\n")]
    by_slot = {place.slot: lines[place.first_line : place.last_line + 1] for place in made.places}
    assert [line.removeprefix("\t") for line in by_slot[SlotName.SLICE]] == spaced.split("\n")
    assert by_slot[SlotName.ORDER] == ["\treturn task->wakes", "", "", "\t+ 1;"]
    assert not any(line != line.rstrip() for line in lines)


def test_every_answer_is_bounded_by_the_scaffold() -> None:
    """Each slot is asked once, and the next thing with its answer is a limit."""
    limits = {
        SlotName.CLASSIFY: "MIN(task.class, CLASS_MAX)",
        SlotName.ORDER: "time_within(slot_order(task), line",
        SlotName.SLICE: "MAX(MIN(slice, SLICE_CEILING_NS), SLICE_FLOOR_NS)",
        SlotName.CPU: "if (cpu < nr_cpus && bpf_cpumask_test_cpu(cpu, p->cpus_ptr) &&",
        SlotName.PREEMPT: "gain <= most || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr)",
        SlotName.CREDIT: "MIN(asked, CREDIT_CEILING_NS)",
        SlotName.CHARGE: "MIN(cost, CHARGE_CEILING_NS)",
    }
    for made in EVERY:
        source = compose(made)
        for filling in written(made):
            assert len(re.findall(rf"= slot_{filling.slot}\(|\(slot_{filling.slot}\(|return slot_"
                                  rf"{filling.slot}\(", source)) == 1  # fmt: skip
            assert limits[filling.slot] in source


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({}, "fills no slot"),
        ({"slice": "task->class + 1"}, "classify is not filled"),
        ({"classify": "1", "slice": "task->class == EXPRESS ? 1 : 2"}, "classify never says it"),
        ({"slice": TURN, "credit": "1"}, "order that reads task->clock"),
        ({"slice": TURN, "charge": "1"}, "order that reads task->clock"),
        ({"slice": TURN, "preempt": "1"}, "preempt needs an order"),
        ({"slice": TURN, "order": "task->clock + task->now"}, "not both"),
        ({"slice": "1000"}, "No slot reads the parameter slice_us"),
    ],
)
def test_slots_go_together_or_are_refused(slots: dict[str, str], words: str) -> None:
    assert words in refusal(composition("mine", (SLICE,), **slots))


def test_a_slot_is_filled_once() -> None:
    once = composition(slice=TURN)
    assert "fills a slot twice" in refusal(replace(once, fillings=once.fillings * 2))


def test_tables_do_not_take_the_facts_of_each_other() -> None:
    other = replace(HINTS, name="longest_hints")
    made = composition(parameters=(HINTS, other), slice="task->longest_hints_ms")
    assert "facts of two tables" in refusal(made)


def test_a_table_must_be_read_through_its_facts() -> None:
    assert "is a table" in refusal(composition(parameters=(HINTS,), slice="hints"))
    unread = composition(parameters=(SLICE, HINTS), slice=TURN)
    assert "No slot reads the parameter hints" in refusal(unread)


@pytest.mark.parametrize(
    "name", ["", "Mine", "1st", "a b", "x" * 40, "a;b", "\u0430bc", "while", "int", "a\nb"]
)
def test_a_name_is_nothing_but_a_name(name: str) -> None:
    assert "name of a policy" in refusal(composition(name, slice=TURN))


@pytest.mark.parametrize(
    "name", ["timeline", "task", "other", "before", "return", "slice", "P", "a b", "nr_cpus"]
)
def test_a_parameter_takes_no_word_of_the_scaffold(name: str) -> None:
    sentence = refusal(composition(parameters=(number(name, 1),), slice="1"))
    assert "parameter" in sentence


@pytest.mark.parametrize(
    "text",
    ["", "x" * 7000, "a */ int x;", "a /* b", "a \\", "a ??/ b", "\u202eabc", "a\tb", "\x1b"],
)
def test_an_idea_stays_in_its_comment(text: str) -> None:
    made = replace(composition(slice=TURN), idea=text)
    assert refusal(made).startswith("The idea")


@pytest.mark.parametrize("text", ["a */ int x;", "\u00e9", "a ??/ b", "a\nb"])
def test_a_meaning_stays_in_its_comment(text: str) -> None:
    parameter = Parameter("slice_us", ParameterType.INTEGER, 1, "us", text, 0, 10)
    assert "The meaning of slice_us" in refusal(composition(parameters=(parameter,), slice=TURN))


def test_a_default_outside_of_its_range_is_refused() -> None:
    assert "outside" in refusal(composition(parameters=(replace(SLICE, default=1),), slice=TURN))


def test_two_parameters_of_one_name_are_refused() -> None:
    assert "same name" in refusal(composition(parameters=(SLICE, SLICE), slice=TURN))


def test_a_policy_of_the_users_own_is_what_its_slots_become() -> None:
    toml = (resource_dir("policies") / "fifo_rtc.toml").read_bytes().replace(b"fifo_rtc", b"mine")
    source = compose(read_composition(toml, "mine.toml")).encode()
    policy = policy_of("mine", toml, source, Origin.YOURS)
    assert [filling.slot for filling in policy.fillings] == [SlotName.SLICE]
    with pytest.raises(PolicyError, match="not what the slots here are composed to"):
        policy_of("mine", toml, source.replace(b"slice", b"piece", 1), Origin.YOURS)
    spoilt = toml.replace(b"return task->waking", b"return secret")
    with pytest.raises(PolicyError, match="Slot slice, line 4: secret is not known"):
        policy_of("mine", spoilt, source, Origin.YOURS)


@pytest.mark.parametrize("made", EVERY, ids=NAMES)
def test_a_composition_and_what_it_becomes_travel_as_json(made: Composition) -> None:
    assert from_json(Composition, json.loads(json.dumps(to_json(made)))) == made
    done = composed(made)
    assert from_json(Composed, json.loads(json.dumps(to_json(done)))) == done
