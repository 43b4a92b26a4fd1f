"""What a user exports another one can import; what the rules reject stays outside."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from schedtui.engine.own_policies import OwnPolicies
from schedtui.engine.port import EngineError
from schedtui.model.policy import Origin, Policy
from schedtui.policy.repository import COUNT_LIMIT
from tests.fakes.own_policies import kept, manifest, sent, source, toml


@pytest.fixture
def own(tmp_path: Path) -> OwnPolicies:
    return OwnPolicies(tmp_path / "data" / "schedtui" / "policies")


def named(own: OwnPolicies, name: str) -> Policy:
    return next(policy for policy in own.policies if policy.name == name)


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_an_export_is_whole_and_described(own: OwnPolicies, tmp_path: Path) -> None:
    done = own.export(named(own, "fifo_rtc"), tmp_path / "out")
    assert (done.name, done.folder) == ("fifo_rtc", str(tmp_path / "out"))
    assert entries(tmp_path / "out") == ["fifo_rtc.bpf.c", "fifo_rtc.toml", "manifest.json"]
    assert [file.name for file in done.files] == ["fifo_rtc.toml", "fifo_rtc.bpf.c"]
    for file in done.files:
        content = (tmp_path / "out" / file.name).read_bytes()
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert not own.folder.exists()


def test_an_export_never_overwrites(own: OwnPolicies, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(
        EngineError, match=r"fifo_rtc is not exported: .*nothing is overwritten"
    ) as no:
        own.export(named(own, "fifo_rtc"), tmp_path / "out")
    assert not no.value.missing
    assert entries(tmp_path / "out") == []


async def test_what_was_exported_is_taken_in_by_another_user(
    own: OwnPolicies, tmp_path: Path
) -> None:
    kept(own.folder)
    own.export(named(own, "mine"), tmp_path / "out")
    other = OwnPolicies(tmp_path / "other" / "policies")
    answer = await other.take_in(tmp_path / "out")
    assert (answer.imported, answer.name) == (True, "mine")
    assert "it must pass every gate" in answer.sentence
    place = other.folder / "mine"
    assert answer.folder == str(place)
    assert entries(other.folder) == ["mine"]
    assert (place / "mine.toml").read_bytes() == toml()
    assert (place / "mine.bpf.c").read_bytes() == source()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (other.folder, place)}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    fresh = OwnPolicies(other.folder)
    assert (named(fresh, "mine").origin, fresh.faults) == (Origin.YOURS, ())


async def test_a_built_in_policy_comes_back_under_another_name_only(
    own: OwnPolicies, tmp_path: Path
) -> None:
    own.export(named(own, "fifo_rtc"), tmp_path / "out")
    answer = await own.take_in(tmp_path / "out")
    assert not answer.imported
    assert answer.sentence.startswith("There is a policy called fifo_rtc already")
    assert not own.folder.exists()
    assert (await own.take_in(sent(tmp_path / "renamed", "mine"))).imported


async def test_a_name_is_taken_once(own: OwnPolicies, tmp_path: Path) -> None:
    folder = sent(tmp_path / "sent")
    assert (await OwnPolicies(own.folder).take_in(folder)).imported
    for again in (OwnPolicies(own.folder), own):
        answer = await again.take_in(folder)
        assert (answer.imported, answer.folder) == (False, "")
        assert "already" in answer.sentence
    assert entries(own.folder) == ["mine"]


async def test_a_broken_policy_of_ones_own_keeps_its_name(own: OwnPolicies, tmp_path: Path) -> None:
    (own.folder / "mine").mkdir(parents=True)
    answer = await own.take_in(sent(tmp_path / "sent"))
    assert not answer.imported
    assert "mine exists already; nothing is overwritten." in answer.sentence
    assert entries(own.folder / "mine") == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"#include", b'#include "/etc/passwd"\n#include', "SRC005"),
        (b"OPS(mine", b"OPS(other", "SRC022"),
        (b"Copyright", "\u202eCopyright".encode(), "SRC003"),
    ],
)
async def test_the_source_rules_say_no_by_code(
    own: OwnPolicies, tmp_path: Path, before: bytes, after: bytes, code: str
) -> None:
    text = source() + b"/* Copyright */\n"
    assert before in text
    answer = await own.take_in(sent(tmp_path / "sent", source=text.replace(before, after, 1)))
    assert (answer.imported, answer.name, answer.folder) == (False, "mine", "")
    assert "The source rules reject it" in answer.sentence
    assert code in {finding.code for finding in answer.findings}
    assert not own.folder.exists()


async def test_names_of_other_schedulers_are_not_free(own: OwnPolicies, tmp_path: Path) -> None:
    answer = await own.take_in(sent(tmp_path / "sent", "rusty"))
    assert "SRC027" in {finding.code for finding in answer.findings}


async def test_a_folder_that_is_not_in_order_is_refused(own: OwnPolicies, tmp_path: Path) -> None:
    folder = sent(tmp_path / "sent")
    (folder / "mine.toml").write_bytes(toml() + b"\n")
    answer = await own.take_in(folder)
    assert (answer.imported, answer.name) == (False, "")
    assert answer.sentence == "mine.toml is not the file that manifest.json describes."
    evil = manifest({"../x.toml": b"", "../x.bpf.c": b""}, "../x")
    (folder / "manifest.json").write_text(json.dumps(evil))
    assert "is not a policy's name" in (await own.take_in(folder)).sentence
    assert not own.folder.exists()


async def test_a_full_folder_takes_nothing_more(own: OwnPolicies, tmp_path: Path) -> None:
    for number in range(COUNT_LIMIT):
        (own.folder / f"p{number}").mkdir(parents=True)
    answer = await own.take_in(sent(tmp_path / "sent"))
    assert f"You have {COUNT_LIMIT} policies of your own" in answer.sentence
    assert not (own.folder / "mine").exists()


async def test_a_place_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    own = OwnPolicies(tmp_path / "file" / "policies")
    answer = await own.take_in(sent(tmp_path / "sent"))
    assert not answer.imported
    assert "file" in answer.sentence
