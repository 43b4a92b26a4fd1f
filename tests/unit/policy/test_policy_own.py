"""A user's own policies stand beside the program's; a broken one takes nothing else away."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from schedtui.model.policy import Origin
from schedtui.policy.errors import PolicyError
from schedtui.policy.own import own_folder, parcel_of, whole_repository
from schedtui.policy.repository import COUNT_LIMIT, load_repository
from schedtui.policy.search import search
from schedtui.resources import resource_dir
from tests.fakes.own_policies import kept, source, toml

BUILT_IN = load_repository()


def fault(folder: Path) -> str:
    """Return the one fault of a folder whose only other policy is a good one."""
    kept(folder, "good")
    whole = whole_repository(folder)
    names = {policy.name for policy in whole.policies}
    assert names == {"good", *(policy.name for policy in BUILT_IN)}
    (sentence,) = whole.faults
    assert sentence.isprintable()
    assert sentence.startswith(str(folder)[:200])
    assert sentence.endswith(".")
    return sentence


def test_the_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert own_folder() == Path("/data/schedtui/policies")
    usual = Path("/home/me/.local/share/schedtui/policies")
    for value in ("", "relative/path"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert own_folder() == usual
    monkeypatch.delenv("XDG_DATA_HOME")
    assert own_folder() == usual


def test_without_a_folder_there_are_the_programs_own(tmp_path: Path) -> None:
    whole = whole_repository(tmp_path / "none")
    assert (whole.policies, whole.faults) == (BUILT_IN, ())
    assert not (tmp_path / "none").exists()


def test_own_policies_stand_among_the_others_and_are_marked(tmp_path: Path) -> None:
    kept(tmp_path, "mine")
    kept(tmp_path, "aardvark")
    whole = whole_repository(tmp_path)
    assert whole.faults == ()
    names = [policy.name for policy in whole.policies]
    assert names == sorted(names)
    origins = {policy.name: policy.origin for policy in whole.policies}
    assert origins["mine"] is origins["aardvark"] is Origin.YOURS
    assert {origins[policy.name] for policy in BUILT_IN} == {Origin.BUILT_IN}
    mine = next(policy for policy in whole.policies if policy.name == "mine")
    assert mine.source == source().decode()
    assert search(whole.policies, "mine")[0].origin is Origin.YOURS


def test_the_programs_names_cannot_be_taken(tmp_path: Path) -> None:
    kept(tmp_path, "fifo_rtc")
    assert "fifo_rtc: a policy that comes with the program has this name" in fault(tmp_path)
    same = next(
        policy for policy in whole_repository(tmp_path).policies if policy.name == "fifo_rtc"
    )
    assert same.origin is Origin.BUILT_IN


def test_a_broken_description_is_named(tmp_path: Path) -> None:
    place = kept(tmp_path)
    (place / "mine.toml").write_bytes(toml().replace(b"title", b"titel", 1))
    assert fault(tmp_path).endswith("mine/mine.toml: The key 'titel' is not known.")


@pytest.mark.parametrize("name", ["mine.toml", "mine.bpf.c"])
def test_own_files_are_plain_or_left_out(tmp_path: Path, name: str) -> None:
    file = kept(tmp_path) / name
    file.rename(tmp_path / ".elsewhere")
    file.symlink_to(tmp_path / ".elsewhere")
    assert f"{name} is missing or not a plain file." in fault(tmp_path)
    file.unlink()
    os.mkfifo(file)
    assert f"{name} is missing" in whole_repository(tmp_path).faults[0]
    file.unlink()
    with file.open("wb") as stream:
        stream.truncate(1 << 40)
    assert f"{name} is larger than" in whole_repository(tmp_path).faults[0]


@pytest.mark.parametrize("name", ["Mine", "a b", "x" * 33, "\x1b[31m", "b\u202e", "mine.toml"])
def test_a_folder_with_another_name_is_no_policy(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert "small letters, digits and _ only" in fault(tmp_path)


def test_a_file_or_a_link_is_no_folder_of_a_policy(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    assert "notes is not a folder: " in fault(tmp_path)
    (tmp_path / "notes").unlink()
    (tmp_path / "mine").symlink_to(kept(tmp_path / ".elsewhere"))
    assert "mine is not a folder: " in whole_repository(tmp_path).faults[0]


def test_hidden_folders_are_not_meant(tmp_path: Path) -> None:
    (tmp_path / ".new-abc").mkdir()
    assert whole_repository(tmp_path).faults == ()


def test_further_files_beside_the_two_are_the_users_business(tmp_path: Path) -> None:
    (kept(tmp_path) / "mine.bpf.c~").touch()
    whole = whole_repository(tmp_path)
    assert (len(whole.policies), whole.faults) == (len(BUILT_IN) + 1, ())


def test_a_folder_that_cannot_be_read_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    whole = whole_repository(tmp_path / "file")
    assert whole.policies == BUILT_IN
    assert "file cannot be read: Not a directory." in whole.faults[0]


def test_too_many_are_cut_and_said(tmp_path: Path) -> None:
    for number in range(COUNT_LIMIT + 5):
        (tmp_path / f"p{number}").mkdir()
    faults = whole_repository(tmp_path).faults
    assert f"only {COUNT_LIMIT} of the policies in it are read" in faults[0]
    assert len(faults) == COUNT_LIMIT + 1


def test_a_parcel_has_the_bytes_of_the_files(tmp_path: Path) -> None:
    kept(tmp_path)
    mine = next(p for p in whole_repository(tmp_path).policies if p.name == "mine")
    parcel = parcel_of(mine, tmp_path)
    assert (parcel.policy, parcel.toml, parcel.source) == (mine, toml(), source())
    own = next(policy for policy in BUILT_IN if policy.name == "fifo_rtc")
    file = resource_dir("policies") / "fifo_rtc.toml"
    assert parcel_of(own, tmp_path).toml == file.read_bytes()
    with pytest.raises(PolicyError, match=r"gone\.toml is missing"):
        parcel_of(replace(mine, name="gone"), tmp_path)
